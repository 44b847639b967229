"""The way from the phone to the developer's own server, on the phone's own origin.

A browser lets a page call its own origin alone; a mini program may call any server on its list.
So the page calls `/server/…`, and this carries the call on: streaming both ways, nothing kept.
What a browser adds and WeChat does not (Origin, its cookies) stays behind.

    from the browser             to the server            reason
    --------------------------   ----------------------   ---------------------------------
    Cookie                       -                        WeChat has no cookie jar
    X-Phone-Cookie               Cookie                   a page may not set Cookie itself
    X-Phone-Set-Cookie           < Set-Cookie             nor read Set-Cookie; a JSON array
    Origin, Sec-*                -                        WeChat sends none
    Referer                      servicewechat.com/…      the fixed one of WeChat (§10.6)
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import AsyncIterator, Iterable
from urllib.parse import urlsplit

import httpx2

from wechat_simulator.app import Receive, Scope, Send, cut_line, headers_of, send_answer
from wechat_simulator.handling import LineCut
from wechat_simulator.problems import Problem
from wechat_simulator.world import MOCK_CODE, World

CONNECT_SECONDS = 5.0
MOST_REWRITTEN_BYTES = 64 * 1024
"""A login is small: longer bodies pass as they are."""

Header = tuple[bytes, bytes]

_HOP_BY_HOP = {
    *(b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization"),
    *(b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"expect"),
}
_FORWARDED = {b"host", b"forwarded", b"x-forwarded-for", b"x-forwarded-host"} | {
    *(b"x-forwarded-proto", b"x-forwarded-prefix", b"x-real-ip"),
}
_COOKIE, _SET_COOKIE = b"x-phone-cookie", b"x-phone-set-cookie"
_LITERAL = re.compile(rb"(?: |\+|%20)".join(re.escape(w) for w in MOCK_CODE.encode().split()))


def origin_of(url: str) -> str:
    """`https://api.example.com:8443` of an address that names a server and nothing on it.

    As a browser writes it: a port that goes without saying is left out. Raises ValueError for
    any other address: the phone maps origins, so a path would be lost.
    """
    split = urlsplit(url)
    is_bare = split.path in ("", "/") and not (split.query or split.fragment or split.username)
    if split.scheme not in ("http", "https") or not split.hostname or not is_bare:
        raise ValueError(f"not the address of a server: {url!r}")
    host = f"[{split.hostname}]" if ":" in split.hostname else split.hostname
    is_said = split.port not in (None, 443 if split.scheme == "https" else 80)
    return f"{split.scheme}://{host}" + (f":{split.port}" if is_said else "")


class Forwarding:
    """An ASGI application: what lies below `prefix` is asked of `server`.

    Where the world takes foreign codes, the literal of the developer tool's tourist mode becomes
    a code of its own in every call: a server that takes each code once would refuse the second.
    """

    def __init__(self, server: str, *, world: World, app_id: str, prefix: str = "/server") -> None:
        self.server = origin_of(server)
        self.prefix = prefix
        self._world = world
        self._referer = f"https://servicewechat.com/{app_id}/devtools/page-frame.html".encode()
        # No connection is kept: the server is restarted all the time, and a kept one is then dead.
        self._client = httpx2.AsyncClient(
            trust_env=False,
            timeout=httpx2.Timeout(None, connect=CONNECT_SECONDS),
            limits=httpx2.Limits(max_keepalive_connections=0),
        )
        self._client.headers.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Carries one call on, until it is answered or whoever asked has gone."""
        body = _Body(scope, receive)
        work = asyncio.create_task(self._carry(scope, body, send))
        gone = asyncio.create_task(body.until_gone())
        try:
            await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            work.cancel()
            await asyncio.gather(gone, work, return_exceptions=True)
        error = None if work.cancelled() else work.exception()
        if isinstance(error, LineCut):
            await cut_line(error, scope, receive)
        elif error is not None and not isinstance(error, _ClientGone):
            raise error

    async def _carry(self, scope: Scope, body: _Body, send: Send) -> None:
        try:
            answer = await self._client.send(await self._request(scope, body), stream=True)
        except httpx2.TransportError as error:
            await send_answer(send, self._unreached(error).answer())
            return
        try:
            headers = self._answer_headers(answer.headers.raw, is_browser=_is_browser(scope))
            status = answer.status_code
            await send({"type": "http.response.start", "status": status, "headers": headers})
            async for part in answer.aiter_raw():
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        except httpx2.TransportError:
            raise LineCut from None
        finally:
            await answer.aclose()

    async def _request(self, scope: Scope, body: _Body) -> httpx2.Request:
        headers = self.request_headers(scope)
        target = self.target(scope)
        content: AsyncIterator[bytes] | bytes | None = None
        length = _find(headers, b"content-length")
        if body.is_there:
            content = body.parts()
        if self._world.settings.foreign_codes_user is not None:
            target = _with_fresh_codes(target)
            headers = [(name, _with_fresh_codes(value)) for name, value in headers]
            if length is not None and int(length) <= MOST_REWRITTEN_BYTES and _is_text(headers):
                content = _with_fresh_codes(b"".join([part async for part in body.parts()]))
                headers = [pair for pair in headers if pair[0] != b"content-length"]
        return self._client.build_request(
            scope["method"],
            f"{self.server}/",
            content=content,
            headers=headers,
            # Byte for byte what was asked: a URL would be written anew.
            extensions={"target": target, "timeout": self._client.timeout.as_dict()},
        )

    def target(self, scope: Scope) -> bytes:
        """Path and query as the server knows them."""
        path: bytes = scope["raw_path"][len(self.prefix) :]
        query: bytes = scope.get("query_string", b"")
        return (path or b"/") + (b"?" + query if query else b"")

    def request_headers(self, scope: Scope) -> list[Header]:
        """What the server hears."""
        is_browser = _is_browser(scope)
        headers = [
            (name, value)
            for name, value in _end_to_end(scope["headers"])
            if name not in _FORWARDED and not (is_browser and _is_browsers_own(name))
        ]
        if is_browser:
            cookies = [value for name, value in headers if name == _COOKIE]
            headers = [pair for pair in headers if pair[0] != _COOKIE]
            headers += [(b"cookie", b"; ".join(cookies))] if any(cookies) else []
            headers.append((b"referer", self._referer))
        client = (scope.get("client") or ("127.0.0.1", 0))[0]
        return [
            (b"host", urlsplit(self.server).netloc.encode()),
            *headers,
            (b"x-forwarded-for", client.encode()),
            (b"x-forwarded-proto", b"http"),
            (b"x-forwarded-host", headers_of(scope).get("host", "").encode("latin-1")),
            (b"x-forwarded-prefix", self.prefix.encode()),
        ]

    def _answer_headers(self, raw: Iterable[Header], *, is_browser: bool) -> list[Header]:
        headers = []
        for name, value in _end_to_end([(name.lower(), value) for name, value in raw]):
            if name == b"location":
                value = self._relocated(value.decode("latin-1")).encode("latin-1")
            headers.append((name, value))
        cookies = [value.decode("latin-1") for name, value in headers if name == b"set-cookie"]
        if is_browser and cookies:
            headers = [pair for pair in headers if pair[0] != b"set-cookie"]
            # One header, for a page gets several of one name as one text that commas divide.
            headers.append((_SET_COOKIE, json.dumps(cookies).encode()))
        return headers

    def _relocated(self, location: str) -> str:
        """A redirect within the server stays one within `prefix`; one elsewhere is left alone."""
        inside = location.removeprefix(self.server) or "/"
        is_path = inside.startswith("/") and not inside.startswith("//")
        return self.prefix + inside if is_path else location

    def _unreached(self, error: httpx2.TransportError) -> Problem:
        why = type(error).__name__
        return Problem(
            502,
            "server_unreachable",
            f"你的服务器 {self.server} 没有应答（{why}），它启动了吗？ / "
            f"your server does not answer: is it up?",
        )


class _ClientGone(Exception):
    """Whoever asked hung up before the whole body was here."""


class _Body:
    """The body of a request as it comes, and afterwards the news that the other side hung up."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        headers = scope["headers"]
        length = _find(headers, b"content-length")
        self.is_there = length is not None or _find(headers, b"transfer-encoding") is not None
        self._receive = receive
        self._is_read = asyncio.Event()
        if not self.is_there:
            self._is_read.set()

    async def parts(self) -> AsyncIterator[bytes]:
        """The body, part by part."""
        more = True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise _ClientGone
            more = message.get("more_body", False)
            yield message.get("body", b"")
        self._is_read.set()

    async def until_gone(self) -> None:
        """Returns when the other side hung up."""
        await self._is_read.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass


def _end_to_end(headers: Iterable[Header]) -> list[Header]:
    """Without the headers that belong to one connection (RFC 9110 §7.6.1)."""
    pairs = list(headers)
    named = b",".join(value for name, value in pairs if name == b"connection").lower().split(b",")
    dropped = _HOP_BY_HOP | {name.strip() for name in named}
    return [pair for pair in pairs if pair[0] not in dropped]


def _is_browser(scope: Scope) -> bool:
    # No page can leave this header out, and nothing but a browser sends it.
    return _find(scope["headers"], b"sec-fetch-mode") is not None


def _is_browsers_own(name: bytes) -> bool:
    return name in (b"origin", b"referer", b"cookie") or name.startswith(b"sec-")


def _find(headers: Iterable[Header], wanted: bytes) -> bytes | None:
    return next((value for name, value in headers if name == wanted), None)


def _is_text(headers: Iterable[Header]) -> bool:
    kind = _find(headers, b"content-type") or b""
    return b"json" in kind or b"urlencoded" in kind or kind.startswith(b"text/")


def _with_fresh_codes(text: bytes) -> bytes:
    return _LITERAL.sub(lambda _: b"mock" + secrets.token_hex(16).encode(), text)
