"""What comes before a request is bounded too (security.md D08)."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from wxlogin.cli import protocol
from wxlogin.cli.protocol import HEAD_LIMIT, BoundedProtocol

HEAD = b"GET / HTTP/1.1\r\nHost: wx\r\n"


async def ok(scope, receive, send):
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-length", b"2")],
        }
    )
    await send({"type": "http.response.body", "body": b"ok"})


def serving(kind: type[HttpToolsProtocol]) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(ok, http=kind, log_level="warning", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture
def port(monkeypatch) -> Iterator[int]:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.3)
    yield from serving(BoundedProtocol)


@pytest.fixture
def unbounded() -> Iterator[int]:
    """The twin: uvicorn as it comes."""
    yield from serving(HttpToolsProtocol)


def say(port: int, *parts: bytes, patience: float = 3.0) -> bytes:
    """The first line of what comes back; empty where nothing does."""
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.settimeout(patience)
        try:
            for part in parts:
                line.sendall(part)
            return line.recv(4096).split(b"\r\n")[0]
        except OSError:
            return b""


def test_an_ordinary_head_passes_in_one_piece_or_in_many(port):
    assert b"200" in say(port, HEAD + b"\r\n")
    assert b"200" in say(port, *(HEAD[i : i + 1] for i in range(len(HEAD))), b"\r\n")
    assert b"200" in say(port, HEAD + b"A: " + b"a" * (HEAD_LIMIT // 2) + b"\r\n\r\n")


def huge() -> list[bytes]:
    return [HEAD + b"A: ", *[b"a" * 4096] * (HEAD_LIMIT // 4096)]


def test_a_head_without_end_is_refused(port):
    assert b"431" in say(port, *huge())


def test_a_head_that_never_ends_is_given_up(port):
    assert b"408" in say(port, HEAD)


def test_the_time_of_a_head_is_over_when_it_is_whole(port):
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.settimeout(3)
        for _ in range(3):
            line.sendall(HEAD + b"\r\n")
            assert b"200" in line.recv(4096)
            time.sleep(0.15)  # together longer than one head may take


def test_without_the_bounds_the_same_checks_fail(unbounded):
    assert b"431" not in say(unbounded, *huge(), patience=0.5)
    assert b"408" not in say(unbounded, HEAD, patience=0.5)
