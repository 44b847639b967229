"""The bare ASGI door: the stand-alone server's, a mount in any ASGI host, and a middleware."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from wxlogin.endpoints.answering import Endpoints
from wxlogin.endpoints.exchange import Reply, Request
from wxlogin.endpoints.routes import CHECK
from wxlogin.login import errors
from wxlogin.login.errors import WxLoginError

FORWARDED = b"x-forwarded-for"
BODY_SECONDS = 10.0
"""A body that takes longer is none: what does not arrive holds up a stop (security.md D08)."""
PATIENCE = 1024 * 1024
"""Bytes of a body over the limit that are still read."""

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class AsgiDoor:
    """`Endpoints` as an ASGI 3 application."""

    def __init__(
        self,
        endpoints: Endpoints,
        *,
        running: Callable[[], AbstractAsyncContextManager[object]],
    ) -> None:
        """`running` opens what stands behind, and closes it, for the server's lifespan."""
        self._endpoints = endpoints
        self._running = running

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if scope["path"] == CHECK.path and scope["method"] == CHECK.method:
                reply = self._endpoints.instant_answers.find(scope["headers"])
                if reply is not None:
                    await write(reply, send)
                    return
            request = read_head(scope)
            if request.method not in ("GET", "HEAD"):
                limit = self._endpoints.body_limit_of(request)
                request.content = await read_body(request, receive, limit=limit)
            reply = await self._endpoints.answer(request)
            await write(reply, send, is_head=request.method == "HEAD")
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1000})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        manager = self._running()
        try:
            await manager.__aenter__()
        except Exception as fault:
            await send({"type": "lifespan.startup.failed", "message": str(fault)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await manager.__aexit__(None, None, None)
        await send({"type": "lifespan.shutdown.complete"})


class SessionMiddleware:
    """Puts the live session of each HTTP request into `scope["wxlogin.session"]`, else None.

    With `required`, a request without one is answered with our 401 and goes no further; a
    WebSocket's opening request is one too, and is refused by closing it.
    """

    def __init__(self, app: App, *, endpoints: Endpoints, required: bool = False) -> None:
        self._app = app
        self._endpoints = endpoints
        self._required = required

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            request = read_head(scope)
            try:
                scope["wxlogin.session"] = await self._endpoints.session_of(request)
            except WxLoginError as error:
                if self._required or not isinstance(error, errors.SessionOver):
                    if scope["type"] == "websocket":
                        await receive()
                        await send({"type": "websocket.close", "code": 1008})
                        return
                    await write(self._endpoints.refuse(error, request), send)
                    return
                scope["wxlogin.session"] = None
        await self._app(scope, receive, send)


def read_head(scope: Scope) -> Request:
    """The request of `scope` without its body; the path is what a mount left of it."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    if root and path.startswith(root):
        path = path[len(root) :]
    client = scope.get("client")
    headers = dict(scope["headers"])
    if len(headers) < len(scope["headers"]):
        # Proxies may each add a line of their own; the list is all of them (RFC 9110 §5.3).
        hops = [value for name, value in scope["headers"] if name == FORWARDED]
        headers |= {FORWARDED: b", ".join(hops)} if hops else {}
    return Request(
        scope.get("method", "GET"),  # a WebSocket is opened by a GET
        path,
        headers,
        scope["query_string"],
        peer=client[0] if client else None,
    )


async def read_body(request: Request, receive: Receive, *, limit: int) -> bytes | WxLoginError:
    """The body, or why there is none. What is over the limit is read and thrown away up to
    PATIENCE more: a client that is cut off while it sends never reads why."""
    length = request.headers.get(b"content-length", b"0")
    if length.isdigit() and int(length) > limit + PATIENCE:
        return errors.BodyTooLarge(limit)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _read(receive, limit=limit)
    except TimeoutError:
        return errors.RequestInvalid(("body", f"not whole within {BODY_SECONDS:.0f} seconds"))


async def _read(receive: Receive, *, limit: int) -> bytes | WxLoginError:
    chunks: list[bytes] = []
    size = 0
    while size <= limit + PATIENCE:
        message = await receive()
        if message["type"] == "http.disconnect":
            return errors.RequestInvalid(("body", "cut off"))
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= limit:
            chunks.append(chunk)
        if not message.get("more_body"):
            break
    return b"".join(chunks) if size <= limit else errors.BodyTooLarge(limit)


async def write(reply: Reply, send: Send, *, is_head: bool = False) -> None:
    """Send `reply`; to HEAD only what GET's headers would be."""
    if reply.status not in (204, 304):
        reply.headers.append((b"content-length", b"%d" % len(reply.content)))
    await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
    await send({"type": "http.response.body", "body": b"" if is_head else reply.content})
