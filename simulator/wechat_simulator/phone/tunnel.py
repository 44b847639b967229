"""WebSockets from the phone to the developer's server: the handshake carried on, then raw bytes.

A browser lets no page set headers of a WebSocket, and a mini program does. The phone offers them
as a subprotocol: `wechat-simulator-header.` and JSON in base64url. They become headers again
here; and as a browser wants one of its subprotocols chosen, that one is, where the server has
chosen none.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import ssl
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from wechat_simulator.app import Scope, headers_of
from wechat_simulator.phone.forwarding import CONNECT_SECONDS, Forwarding, Header
from wechat_simulator.problems import Problem

if TYPE_CHECKING:
    from wechat_simulator.phone.gateway import Gateway

PACKED = "wechat-simulator-header."

_CHUNK = 65536
_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n]*?)[ \t]*")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e]*")
_KEPT_OUT = re.compile(r"(sec-.*|connection|upgrade|host|content-length|transfer-encoding)\Z")
_HANDSHAKE = ("sec-websocket-key", "sec-websocket-version", "sec-websocket-extensions")


class Tunnel(asyncio.StreamReaderProtocol):
    """One WebSocket, in the place where uvicorn puts a protocol of WebSockets."""

    def __init__(self, config: Any, server_state: Any, app_state: Any) -> None:
        super().__init__(asyncio.StreamReader(), self._serve)
        self._gateway: Gateway = config.app
        self._connections = server_state.connections
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        """Takes the line over."""
        self.transport = transport
        self._connections.add(self)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """The line is gone."""
        self._connections.discard(self)
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """The server stops."""
        self.transport.close()

    async def _serve(self, phone: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        try:
            scope = _scope(await phone.readuntil(b"\r\n\r\n"), self.transport)
            await self._carry(scope, phone, back)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            back.write(_refusal(502))
        except Problem as problem:
            back.write(_refusal(problem.status))
        finally:
            back.close()

    async def _carry(
        self, scope: Scope, phone: asyncio.StreamReader, back: asyncio.StreamWriter
    ) -> None:
        forwarding = self._gateway.forwarding_of(scope)
        packed, plain = _offered(scope)
        async with asyncio.timeout(CONNECT_SECONDS):
            server, onward = await _connect(forwarding.server)
        try:
            onward.write(_head(scope, forwarding, packed, plain))
            answer = await server.readuntil(b"\r\n\r\n")
            chosen = b"\r\nsec-websocket-protocol:" in answer.lower()
            if packed is not None and answer.startswith(b"HTTP/1.1 101") and not chosen:
                answer = answer[:-2] + f"Sec-WebSocket-Protocol: {packed}\r\n\r\n".encode()
            back.write(answer)
            pipes = [
                asyncio.create_task(_pipe(phone, onward)),
                asyncio.create_task(_pipe(server, back)),
            ]
            await asyncio.wait(pipes, return_when=asyncio.FIRST_COMPLETED)
            for pipe in pipes:
                pipe.cancel()
            await asyncio.gather(*pipes, return_exceptions=True)
        finally:
            onward.close()


def _scope(head: bytes, transport: Any) -> Scope:
    first, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    _, target, _ = first.split(b" ", 2)
    path, _, query = target.partition(b"?")
    found = [match.groups() for match in map(_LINE.fullmatch, lines) if match]
    return {
        "path": path.decode("latin-1"),
        "raw_path": path,
        "query_string": query,
        # By this the forwarding knows a browser, whose own headers stay behind.
        "headers": [*((name.lower(), value) for name, value in found), (b"sec-fetch-mode", b"")],
        "client": transport.get_extra_info("peername"),
    }


def _offered(scope: Scope) -> tuple[str | None, list[str]]:
    """The subprotocol with the headers, and the others that the phone offers."""
    text = headers_of(scope).get("sec-websocket-protocol", "")
    offered = [name.strip() for name in text.split(",") if name.strip()]
    packed = next((name for name in offered if name.startswith(PACKED)), None)
    return packed, [name for name in offered if not name.startswith(PACKED)]


def _head(scope: Scope, forwarding: Forwarding, packed: str | None, plain: list[str]) -> bytes:
    told, own = headers_of(scope), _unpacked(packed)
    handshake = {name: told[name] for name in _HANDSHAKE if name in told}
    if plain:
        handshake["sec-websocket-protocol"] = ", ".join(plain)
    added = {**own, **handshake, "connection": "Upgrade", "upgrade": "websocket"}
    headers: list[Header] = [
        *(
            (name, value)
            for name, value in forwarding.request_headers(scope)
            if name.decode() not in own
        ),
        *((name.encode(), value.encode("latin-1")) for name, value in added.items()),
    ]
    lines = [b"GET " + forwarding.target(scope) + b" HTTP/1.1"]
    return b"\r\n".join([*lines, *(name + b": " + value for name, value in headers), b"", b""])


def _unpacked(packed: str | None) -> dict[str, str]:
    """The mini program's headers; raises Problem where they are none."""
    text = (packed or "").removeprefix(PACKED)
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) or "{}")
        found = {str(name).lower(): str(value) for name, value in values.items()}
    except (ValueError, AttributeError):
        found = {"": ""}
    # A line break in a value would begin a header, or a request, of its own.
    if not all(_NAME.fullmatch(name) and _VALUE.fullmatch(value) for name, value in found.items()):
        raise Problem(400, "request_invalid", "header 无法解析 / the headers cannot be read")
    return {name: value for name, value in found.items() if _KEPT_OUT.match(name) is None}


async def _connect(server: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    split = urlsplit(server)
    assert split.hostname is not None, "an origin has a host"
    is_secure = split.scheme == "https"
    context = ssl.create_default_context() if is_secure else None
    return await asyncio.open_connection(
        split.hostname, split.port or (443 if is_secure else 80), ssl=context
    )


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while part := await reader.read(_CHUNK):
        writer.write(part)
        await writer.drain()


def _refusal(status: int) -> bytes:
    return f"HTTP/1.1 {status} Refused\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode()
