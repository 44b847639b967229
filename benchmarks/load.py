"""A load generator: keep-alive connections, one request in flight on each.

It costs less than what it measures and runs in a process of its own; only the server's
CPU time is read, so its own does not matter.
"""

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go, and whole requests as bytes to take in turn."""

    port: int
    requests: Sequence[bytes]


class Connection(asyncio.Protocol):
    """Sends the next request when an answer is whole; counts the statuses."""

    def __init__(self, requests: Iterator[bytes], *, share: list[int], done: asyncio.Event):
        self._requests = requests
        self._share = share
        self._done = done
        self._buffer = b""
        self.statuses: dict[bytes, int] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = self._buffer[:head_end].lower()
        place = head.find(b"content-length: ")
        length = int(head[place + 16 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
        if len(self._buffer) < head_end + 4 + length:
            return
        status = self._buffer[9:12]
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self._buffer = b""
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        self._done.set()

    def _next(self) -> None:
        if self._share[0] <= 0:
            self._transport.close()
            return
        self._share[0] -= 1
        self._transport.write(next(self._requests))


async def send(target: Target, *, count: int, connections: int = 16) -> dict[str, int]:
    """Send `count` requests; how many answers of each status came."""
    loop = asyncio.get_running_loop()
    share = [count]
    requests = itertools.cycle(target.requests)
    made: list[Connection] = []
    ends: list[asyncio.Event] = []
    for _ in range(connections):
        done = asyncio.Event()
        connection = Connection(requests, share=share, done=done)
        await loop.create_connection(lambda c=connection: c, "127.0.0.1", target.port)
        made.append(connection)
        ends.append(done)
    for done in ends:
        await done.wait()
    total: dict[str, int] = {}
    for connection in made:
        for status, number in connection.statuses.items():
            total[status.decode()] = total.get(status.decode(), 0) + number
    return total


def get(path: str, token: str | None = None) -> bytes:
    """A GET request as bytes, with the headers a mini program sends."""
    lines = [
        f"GET {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        "User-Agent: Mozilla/5.0 (iPhone) MicroMessenger/8.0.50 MiniProgramEnv/iOS",
        "Referer: https://servicewechat.com/wx0000000000000000/12/page-frame.html",
        "Accept: */*",
        "Accept-Encoding: gzip,compress,br,deflate",
    ]
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
