"""A file out of a `multipart/form-data` body, as `wx.uploadFile` sends it (RFC 7578).

The whole body is here already, and small: who calls has seen to that. What the sender
says of the file, its name and its type, is not even read. The limits on parts and on
their headers are what the parser's own advisories are about (CVE-2026-42561: headers
without end kept a processor busy).
"""

from typing import Any

from wxlogin.login import errors

FIELD = "file"
"""The name that a client's `wx.uploadFile({name: "file"})` gives it."""

MAX_PARTS = 16
"""`formData` of the client's own may come along; it has no effect."""
MAX_HEADERS = 8
MAX_HEADER_BYTES = 4096

_MEDIA_TYPE = b"multipart/form-data"


class MultipartMissing(ImportError):
    """Such bodies are parsed by python-multipart, and it is not installed."""

    def __init__(self) -> None:
        super().__init__('uploads need python-multipart: pip install "wxlogin[avatars]"')


def read_file(content_type: bytes | None, body: bytes) -> bytes:
    """The bytes of the one part that is named "file"; other parts have no effect.

    Raises `MediaTypeUnsupported` where the body is of another type; `RequestInvalid` with
    the field "file" and one of the reasons "required", "stands twice", "empty" and "broken";
    `MultipartMissing`.
    """
    reading = _Reading()
    boundary = _boundary(content_type)
    if not _is_read(body, boundary=boundary, reading=reading):
        raise errors.RequestInvalid((FIELD, "broken"))
    if not reading.files:
        raise errors.RequestInvalid((FIELD, "required"))
    if len(reading.files) > 1:
        raise errors.RequestInvalid((FIELD, "stands twice"))
    content = b"".join(reading.files[0])
    if not content:
        raise errors.RequestInvalid((FIELD, "empty"))
    return content


class _Broken(Exception):
    """Not what `wx.uploadFile` sends."""


class _Reading:
    """What the parser has called out so far. Its names are the parser's."""

    def __init__(self) -> None:
        self.files: list[list[bytes]] = []
        self.is_ended = False
        self._parts = 0
        self._field = b""
        self._value = b""
        self._disposition: bytes | None = None
        self._into: list[bytes] | None = None

    def on_part_begin(self) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise _Broken
        self._disposition = None
        self._into = None

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def on_header_end(self) -> None:
        if self._field.lower() == b"content-disposition":
            if self._disposition is not None:
                raise _Broken  # of two, another reader may believe the other
            self._disposition = self._value
        self._field = self._value = b""

    def on_headers_finished(self) -> None:
        if _name(self._disposition) == FIELD.encode():
            self._into = []
            self.files.append(self._into)

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._into is not None:
            self._into.append(data[start:end])

    def on_end(self) -> None:
        self.is_ended = True


def _boundary(content_type: bytes | None) -> bytes:
    media_type, options = _options(content_type)
    if media_type != _MEDIA_TYPE:
        raise errors.MediaTypeUnsupported
    boundary = options.get(b"boundary")
    if not boundary:
        raise errors.RequestInvalid((FIELD, "broken"))
    return boundary


def _name(disposition: bytes | None) -> bytes | None:
    kind, options = _options(disposition)
    return options.get(b"name") if kind == b"form-data" else None


def _is_read(body: bytes, *, boundary: bytes, reading: _Reading) -> bool:
    """Whether the whole body is what it says, to its closing boundary."""
    from python_multipart.exceptions import FormParserError
    from python_multipart.multipart import MultipartParser

    callbacks: Any = {
        name: getattr(reading, name) for name in dir(reading) if name.startswith("on_")
    }
    try:
        parser = MultipartParser(
            boundary,
            callbacks,
            max_header_count=MAX_HEADERS,
            max_header_size=MAX_HEADER_BYTES,
        )
        parser.write(body)
        parser.finalize()
    except (FormParserError, _Broken):
        return False
    return reading.is_ended


def _options(header: bytes | None) -> tuple[bytes, dict[bytes, bytes]]:
    try:
        from python_multipart.multipart import parse_options_header
    except ImportError:
        raise MultipartMissing from None
    return parse_options_header(header)
