"""A file out of a form: the one part named "file", to the byte, or an answer that says why not."""

import contextlib
import io
import sys
import time
from collections.abc import Sequence

import httpx2
import pytest
from python_multipart.multipart import MultipartParser

from wxlogin.endpoints import multipart
from wxlogin.endpoints.multipart import MultipartMissing, read_file
from wxlogin.login import errors

BOUNDARY = b"----WebKitFormBoundary7MA4YWxkTrZu0gW"
TYPE = b"multipart/form-data; boundary=" + BOUNDARY
JPEG = b"\xff\xd8\xff\xe0\r\n--\r\n\x00\r\n\r\n--" + BOUNDARY[:-1] + b"\xff\xd9"


def part(
    content: bytes = JPEG,
    *,
    name: str = "file",
    headers: Sequence[bytes] = (b"Content-Type: image/jpeg",),
) -> bytes:
    told = f'Content-Disposition: form-data; name="{name}"; filename="wx4f.o6zAJ.jpg"'.encode()
    return b"\r\n".join((told, *headers, b"", content))


def form(*parts: bytes, end: bytes = b"--\r\n") -> bytes:
    return b"".join(b"--" + BOUNDARY + b"\r\n" + one + b"\r\n" for one in parts) + (
        b"--" + BOUNDARY + end
    )


def reason(body: bytes, content_type: bytes = TYPE) -> str:
    with pytest.raises(errors.RequestInvalid) as refused:
        read_file(content_type, body)
    (error,) = refused.value.errors
    assert error["field"] == "file"
    return error["reason"]


def test_the_file_comes_out_to_the_byte() -> None:
    """Also where it holds line ends, dashes, and nearly the boundary."""
    assert read_file(TYPE, form(part())) == JPEG
    every = bytes(range(256)) * 4096
    assert read_file(TYPE, form(part(every))) == every


@pytest.mark.parametrize(
    "content_type",
    [
        b'Multipart/Form-Data; charset=utf-8; BOUNDARY="' + BOUNDARY + b'"',
        b"multipart/form-data;boundary=" + BOUNDARY,
    ],
)
def test_the_boundary_is_read_as_clients_write_it(content_type: bytes) -> None:
    assert read_file(content_type, form(part())) == JPEG


def test_what_ordinary_clients_send_is_read() -> None:
    request = httpx2.Request(
        "POST",
        "http://server.test/v1/me/avatar",
        files={"file": ("a.png", io.BytesIO(JPEG), "image/png")},
        data={"user": "formData of wx.uploadFile"},
    )
    assert read_file(request.headers["content-type"].encode(), request.read()) == JPEG


def test_other_fields_have_no_effect() -> None:
    others = [part(b"x" * 1000, name=f"other{number}") for number in range(10)]
    assert read_file(TYPE, form(*others, part(), part(b"y", name="FILE"))) == JPEG
    assert reason(form(*others)) == "required"


def test_name_and_type_that_the_sender_gives_are_not_read() -> None:
    lies = (b"Content-Type: text/html", b"X-Any: thing", b"Content-Transfer-Encoding: base64")
    assert read_file(TYPE, form(part(headers=lies))) == JPEG
    bare = b'Content-Disposition: form-data; name="file"\r\n\r\n' + JPEG
    assert read_file(TYPE, form(bare)) == JPEG
    path = b'Content-Disposition: form-data; name=file; filename="../../etc/passwd"\r\n\r\n' + JPEG
    assert read_file(TYPE, form(path)) == JPEG


def test_a_missing_double_or_empty_file_says_so() -> None:
    assert reason(form(part(name="picture"))) == "required"
    assert reason(form(part(), part(b"other"))) == "stands twice"
    assert reason(form(part(b""))) == "empty"
    assert reason(form(end=b"--\r\n")) in ("required", "broken")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{}", id="json"),
        pytest.param(form(part())[:-4], id="no closing boundary"),
        pytest.param(form(part())[:-40], id="cut in the boundary"),
        pytest.param(form(part())[:150], id="cut in the file"),
        pytest.param(form(part())[:60], id="cut in the headers"),
        pytest.param(form(part(), end=b"\r\n"), id="another part announced"),
        pytest.param(b"preamble" + form(part()), id="something before"),
        pytest.param(form(b"no header\r\n\r\nx"), id="a header without colon"),
        pytest.param(form(part(headers=(b"A: b\r\nContent-Dispo",))), id="half a header"),
        pytest.param(
            form(part(headers=(b'Content-Disposition: form-data; name="other"',))),
            id="two names for one part",
        ),
        pytest.param(form(*[part(name="x")] * 16, part()), id="too many parts"),
        pytest.param(form(part(headers=[b"A: b"] * 20)), id="too many headers"),
        pytest.param(form(part(headers=(b"A: " + b"b" * 5000,))), id="a header too long"),
        pytest.param(form(part(headers=(b"A" * 5000 + b": b",))), id="a header name too long"),
    ],
)
def test_a_broken_body_is_broken(body: bytes) -> None:
    assert reason(body) == "broken"


@pytest.mark.parametrize("length", range(len(form(part(b"abc")))))
def test_a_body_cut_off_anywhere_is_no_file(length: int) -> None:
    whole = form(part(b"abc"), end=b"--")
    with pytest.raises(errors.RequestInvalid):
        read_file(TYPE, whole[: min(length, len(whole) - 1)])


@pytest.mark.parametrize(
    "content_type",
    [
        b"multipart/form-data",
        b"multipart/form-data; boundary=",
        b'multipart/form-data; boundary=""',
        b"multipart/form-data; boundary=" + b"b" * 5000,
        b"multipart/form-data; boundary*=utf-8''b",
        b"multipart/form-data; boundary=another",
        b"multipart/form-data; boundary=\xff\xfe",
    ],
)
def test_a_boundary_that_is_none_is_broken(content_type: bytes) -> None:
    assert reason(form(part()), content_type) == "broken"


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        b"",
        b"application/json",
        b"application/x-www-form-urlencoded",
        b"image/jpeg",
        b"multipart/mixed; boundary=" + BOUNDARY,
        b"text/plain; multipart/form-data; boundary=" + BOUNDARY,
    ],
)
def test_another_media_type_is_unsupported(content_type: bytes | None) -> None:
    with pytest.raises(errors.MediaTypeUnsupported):
        read_file(content_type, form(part()))


# What the parser's advisories are about, at the size the caller lets through: 2 MiB


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"\r\n" * 1_000_000 + form(part()), id="line ends before (2024-53981)"),
        pytest.param(form(part()) + b"\r\n" * 1_000_000, id="line ends after (2026-40347)"),
        pytest.param(form(part(headers=[b"A: b"] * 300_000)), id="headers (2026-42561)"),
        pytest.param(form(part(headers=(b"A: " + b"b" * 2_000_000,))), id="one header"),
        pytest.param(form(part(b"\r\n" * 1_000_000)), id="line ends inside"),
        pytest.param(form(part(b"\r\n--" * 500_000)), id="near boundaries inside"),
        pytest.param(form(*[b"A: b\r\n\r\n"] * 40_000), id="parts"),
        pytest.param(b"-" * 2_000_000, id="dashes"),
    ],
)
def test_no_body_keeps_a_processor_busy(body: bytes) -> None:
    begun = time.process_time()
    with contextlib.suppress(errors.RequestInvalid):
        read_file(TYPE, body)
    assert time.process_time() - begun < 0.5


def test_the_twin_without_limits_reads_every_header(monkeypatch: pytest.MonkeyPatch) -> None:
    """Red twin: without the limits the same body is taken, after all of it was parsed."""
    body = form(part(headers=[b"A: b"] * 20_000))
    assert reason(body) == "broken"
    monkeypatch.setattr(multipart, "MAX_HEADERS", 1 << 62)
    monkeypatch.setattr(multipart, "MAX_HEADER_BYTES", 1 << 62)
    assert read_file(TYPE, body) == JPEG


def test_the_parser_alone_takes_a_body_without_an_end() -> None:
    """Red twin: python-multipart finds nothing wrong with half a form; the check is ours."""
    parser = MultipartParser(BOUNDARY)
    parser.write(form(part())[:150])
    parser.finalize()


def test_without_the_library_the_line_to_type_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "python_multipart.multipart", None)
    with pytest.raises(MultipartMissing, match=r'pip install "wxlogin\[avatars\]"'):
        read_file(TYPE, form(part()))
