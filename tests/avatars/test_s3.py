"""Pictures in a bucket, against a small S3 on this machine that the real SDK speaks to."""

import asyncio
import logging
import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from wxlogin.avatars import opening
from wxlogin.avatars.opening import AvatarSettings, make_avatar_storage
from wxlogin.avatars.s3 import Boto3Missing, S3AvatarStorage, S3Bucket
from wxlogin.login import errors
from wxlogin.login.avatars import MAX_PICTURE, AvatarStorage
from wxlogin.login.secret import Secret

KEY_ID = "AKIDEXAMPLE"
SECRET_KEY = "canary-secret-access-key-9d2c"
JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"


class Bucket(ThreadingHTTPServer):
    """Objects by path; `fault` is a status to answer with, `silence` seconds to wait first."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.objects: dict[str, tuple[bytes, str]] = {}
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.fault: int | None = None
        self.gate: threading.Event | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Bucket

    def _answer(self, status: int, body: bytes = b"", kind: str = "application/xml") -> None:
        with suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def _is_in_trouble(self) -> bool:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append((self.command, self.path, headers))
        if self.server.gate is not None:
            self.server.gate.wait(5)
        if self.server.fault is not None:
            self._answer(self.server.fault, _fault("CANARY-upstream"))
            return True
        if not re.match(
            rf"AWS4-HMAC-SHA256 Credential={KEY_ID}/", headers.get("authorization", "")
        ):
            self._answer(403, _fault("AccessDenied"))
            return True
        return False

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if not self._is_in_trouble():
            self.server.objects[self.path] = (content, self.headers["Content-Type"])
            self._answer(200)

    def do_GET(self) -> None:
        if self._is_in_trouble():
            return
        found = self.server.objects.get(self.path)
        if found is None:
            self._answer(404, _fault("NoSuchKey"))
        else:
            self._answer(200, found[0], found[1])

    def do_DELETE(self) -> None:
        if not self._is_in_trouble():
            self.server.objects.pop(self.path, None)
            self._answer(204)

    def log_message(self, *args: Any) -> None:
        return


def _fault(code: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>CANARY-message</Message></Error>".encode()


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    server = Bucket()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    if server.gate is not None:
        server.gate.set()
    server.shutdown()
    thread.join()
    server.server_close()


def where(bucket: Bucket, **changes: Any) -> S3Bucket:
    options: dict[str, Any] = {
        "endpoint": bucket.url,
        "access_key_id": KEY_ID,
        "secret_access_key": Secret(SECRET_KEY),
        "path_style": True,
    }
    return S3Bucket("faces", **{**options, **changes})


@pytest.fixture
def storage(bucket: Bucket) -> Iterator[S3AvatarStorage]:
    made = S3AvatarStorage(where(bucket), connect_seconds=0.5, read_seconds=0.5, deadline=2.0)
    yield made
    made.close()


async def keep(storage: AvatarStorage, avatar_id: str, at: datetime, content: bytes = JPEG) -> Any:
    return await storage.keep(
        avatar_id, content, media_type="image/jpeg", account_id="account-canary", at=at
    )


async def test_what_was_kept_is_found_until_it_is_dropped(
    storage: S3AvatarStorage, bucket: Bucket, avatar_id: str, at: datetime
) -> None:
    assert await storage.find(avatar_id) is None
    assert await keep(storage, avatar_id, at) is None
    assert bucket.objects == {f"/faces/avatars/{avatar_id}": (JPEG, "image/jpeg")}
    assert await storage.find(avatar_id) == (JPEG, "image/jpeg")
    await storage.drop(avatar_id)
    await storage.drop(avatar_id)
    assert await storage.find(avatar_id) is None


async def test_what_is_sent_is_plain_s3_and_names_nobody(
    storage: S3AvatarStorage, bucket: Bucket, avatar_id: str, at: datetime
) -> None:
    """No checksum trailers that only AWS knows, nor whose picture it is, nor the secret key."""
    await keep(storage, avatar_id, at)
    ((method, path, headers),) = bucket.seen
    assert (method, path) == ("PUT", f"/faces/avatars/{avatar_id}")
    assert headers["content-type"] == "image/jpeg"
    assert headers["content-length"] == str(len(JPEG))
    assert "immutable" in headers["cache-control"]
    assert not {"transfer-encoding", "x-amz-trailer", "x-amz-acl"} & set(headers)
    assert "account-canary" not in str(bucket.seen)
    assert SECRET_KEY not in str(bucket.seen)
    assert SECRET_KEY not in repr(where(bucket))


async def test_a_bucket_that_everybody_reads_gives_a_url(
    bucket: Bucket, avatar_id: str, at: datetime
) -> None:
    storage = S3AvatarStorage(where(bucket, public_url="https://cdn.example.com/f/"))
    try:
        url = await keep(storage, avatar_id, at)
        assert url == f"https://cdn.example.com/f/avatars/{avatar_id}"
    finally:
        storage.close()


def test_the_bucket_stands_in_the_host_unless_told_otherwise() -> None:
    """As COS and OSS want it; the client is only asked where it would go."""
    for path_style, wanted in (
        (False, "https://faces.s3.test/k"),
        (True, "https://s3.test/faces/k"),
    ):
        storage = S3AvatarStorage(
            S3Bucket(
                "faces",
                endpoint="https://s3.test",
                access_key_id=KEY_ID,
                secret_access_key=Secret(SECRET_KEY),
                path_style=path_style,
            )
        )
        params = {"Bucket": "faces", "Key": "k"}
        url: str = storage._client.generate_presigned_url("get_object", Params=params)
        assert url.split("?")[0] == wanted
        storage.close()


@pytest.mark.parametrize(
    "name", ["", "../../secrets", "a/b", "%2e%2e%2f", "x" * 24 + "/", "x" * 23, "x" * 23 + "\n"]
)
async def test_a_path_is_no_id(
    storage: S3AvatarStorage, bucket: Bucket, at: datetime, name: str
) -> None:
    """Else whoever asks for a picture would read the rest of the bucket."""
    bucket.objects["/secrets"] = (JPEG, "image/jpeg")
    assert await storage.find(name) is None
    await storage.drop(name)
    with pytest.raises(ValueError, match="not an avatar id"):
        await keep(storage, name, at)
    assert bucket.seen == []


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"<html><script>CANARY</script>", "text/html"),
        (JPEG, "image/svg+xml"),
        (bytes(MAX_PICTURE + 1), "image/jpeg"),
    ],
)
async def test_what_others_put_into_the_bucket_is_not_given_out(
    storage: S3AvatarStorage, bucket: Bucket, avatar_id: str, content: bytes, kind: str
) -> None:
    bucket.objects[f"/faces/avatars/{avatar_id}"] = (content, kind)
    assert await storage.find(avatar_id) is None


@pytest.mark.parametrize("status", [301, 403, 500, 503])
async def test_a_bucket_in_trouble_is_store_unavailable(
    storage: S3AvatarStorage,
    bucket: Bucket,
    avatar_id: str,
    at: datetime,
    status: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    bucket.fault = status
    with caplog.at_level(logging.INFO, logger="wxlogin.avatars"):
        for call in (
            keep(storage, avatar_id, at),
            storage.find(avatar_id),
            storage.drop(avatar_id),
        ):
            with pytest.raises(errors.StoreUnavailable) as raised:
                await call
            assert raised.value.__cause__ is None
            assert raised.value.__context__ is None
    ours = [record.getMessage() for record in caplog.records if record.name == "wxlogin.avatars"]
    assert [line.split(": ")[1].split()[0] for line in ours] == ["put", "get", "delete"]
    assert "CANARY-message" not in str(ours)
    assert SECRET_KEY not in caplog.text


async def test_a_failing_bucket_is_asked_twice_and_no_more(
    storage: S3AvatarStorage, bucket: Bucket, avatar_id: str
) -> None:
    bucket.fault = 500
    with pytest.raises(errors.StoreUnavailable):
        await storage.find(avatar_id)
    assert len(bucket.seen) == 2


async def test_a_silent_bucket_is_not_waited_for(bucket: Bucket, avatar_id: str) -> None:
    bucket.gate = threading.Event()
    storage = S3AvatarStorage(where(bucket), read_seconds=30, deadline=0.3)
    begun = time.monotonic()
    with pytest.raises(errors.StoreUnavailable):
        await storage.find(avatar_id)
    assert time.monotonic() - begun < 2
    storage.close()
    bucket.gate.set()


async def test_the_twin_without_a_deadline_waits(bucket: Bucket, avatar_id: str) -> None:
    """Red twin: the silent bucket really holds whoever has no deadline."""
    bucket.gate = threading.Event()
    storage = S3AvatarStorage(where(bucket), read_seconds=30, deadline=30)
    waiting = asyncio.create_task(storage.find(avatar_id))
    _, unfinished = await asyncio.wait([waiting], timeout=0.6)
    assert unfinished
    bucket.gate.set()
    assert await waiting is None
    storage.close()


async def test_the_loop_goes_on_while_the_bucket_thinks(
    storage: S3AvatarStorage, bucket: Bucket, avatar_id: str
) -> None:
    bucket.gate = threading.Event()
    waiting = asyncio.create_task(storage.find(avatar_id))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    bucket.gate.set()
    assert await waiting is None


async def test_nobody_listening_is_store_unavailable(avatar_id: str) -> None:
    storage = S3AvatarStorage(
        S3Bucket(
            "faces",
            endpoint="http://127.0.0.1:9",
            access_key_id=KEY_ID,
            secret_access_key=Secret(SECRET_KEY),
            path_style=True,
        )
    )
    with pytest.raises(errors.StoreUnavailable):
        await storage.find(avatar_id)
    storage.close()


# From settings


class Nothing:
    """The database's storage, as far as these tests need one."""

    async def keep(self, avatar_id: str, content: bytes, **of: Any) -> str | None: ...

    async def find(self, avatar_id: str) -> tuple[bytes, str] | None: ...

    async def drop(self, avatar_id: str) -> None: ...


async def test_the_settings_choose_the_storage(
    bucket: Bucket, avatar_id: str, at: datetime
) -> None:
    sql = Nothing()
    assert make_avatar_storage(AvatarSettings(), sql=sql) is sql
    chosen = make_avatar_storage(
        AvatarSettings(
            storage="s3",
            bucket="faces",
            endpoint=bucket.url,
            access_key_id=KEY_ID,
            secret_access_key=Secret(SECRET_KEY),
            path_style=True,
            public_url="https://cdn.example.com",
        ),
        sql=sql,
    )
    assert isinstance(chosen, S3AvatarStorage)
    assert await keep(chosen, avatar_id, at) == f"https://cdn.example.com/avatars/{avatar_id}"
    chosen.close()
    with pytest.raises(ValueError, match="bucket"):
        make_avatar_storage(AvatarSettings(storage="s3"), sql=sql)


def test_without_boto3_the_line_to_type_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(Boto3Missing, match=r'pip install "wxlogin\[s3\]"'):
        opening.make_avatar_storage(AvatarSettings(storage="s3", bucket="faces"), sql=Nothing())
