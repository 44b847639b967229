"""The console as an ASGI application: pages for everybody who gets here, acts for operators."""

from wxlogin import logs
from wxlogin.console.pages import File, read_pages
from wxlogin.endpoints import operations
from wxlogin.endpoints.admin.admission import PATH
from wxlogin.endpoints.admin.audit import StreamedReply
from wxlogin.endpoints.admin.documents import with_admin_documents
from wxlogin.endpoints.admin.routes import ADMIN_ROUTES
from wxlogin.endpoints.answering import Endpoints
from wxlogin.endpoints.asgi import App as AsgiApp
from wxlogin.endpoints.asgi import (
    AsgiDoor,
    Receive,
    Scope,
    Send,
    read_body,
    read_head,
    write,
)
from wxlogin.endpoints.exchange import NO_SNIFFING, NO_STORE, Reply, Request
from wxlogin.login import errors
from wxlogin.server import WxLogin
from wxlogin.version import VERSION

CSP = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; "
    b"connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; "
    b"frame-ancestors 'none'"
)
HEADERS = (
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_PROTO = b"x-forwarded-proto"


def console_of(wx: WxLogin, *, behind_tls: bool = False) -> AsgiApp:
    """The console of this `WxLogin`. `behind_tls`: whoever comes, comes through a proxy that
    speaks TLS to them; then the cookie travels over nothing else."""
    routes = with_admin_documents(ADMIN_ROUTES, version=VERSION, is_open=wx.settings.public_docs)
    endpoints = Endpoints(
        (*routes, *operations.ROUTES),
        flow=wx.flow,
        running_flow=lambda: None,
        observer=wx.metrics,
        set_request_id=logs.request_id.set,
        trusted_proxies=wx.settings.trusted_proxies,
    )
    return ConsoleDoor(endpoints, wx, behind_tls=behind_tls)


class ConsoleDoor:
    def __init__(self, endpoints: Endpoints, wx: WxLogin, *, behind_tls: bool) -> None:
        self._endpoints = endpoints
        self._life = AsgiDoor(endpoints, running=wx.lifespan)
        self._behind_tls = behind_tls
        self._trusts_proxies = wx.settings.trusted_proxies > 0
        self._pages = read_pages()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._life(scope, receive, send)
            return
        request = read_head(scope)
        request.headers = self._believed(request, is_tls=scope.get("scheme") == "https")
        page = self._pages.get(request.path)
        if page is not None:
            reply = self._show(page, request)
        else:
            if request.method not in ("GET", "HEAD"):
                limit = self._endpoints.body_limit_of(request)
                request.content = await read_body(request, receive, limit=limit)
            reply = await self._endpoints.answer(request)
        _guard(reply, request)
        if isinstance(reply, StreamedReply) and reply.chunks is not None:
            await _stream(reply, send, is_head=request.method == "HEAD")
        else:
            await write(reply, send, is_head=request.method == "HEAD")

    def _believed(self, request: Request, *, is_tls: bool) -> dict[bytes, bytes]:
        """The headers, with `X-Forwarded-Proto` only as somebody says it whom we trust (D04)."""
        headers = dict(request.headers)
        if self._behind_tls or is_tls:
            headers[_PROTO] = b"https"
        elif not self._trusts_proxies:
            headers.pop(_PROTO, None)
        return headers

    def _show(self, page: File, request: Request) -> Reply:
        if request.method not in ("GET", "HEAD"):
            return self._endpoints.refuse(errors.MethodNotAllowed(["GET", "HEAD"]), request)
        if request.headers.get(b"if-none-match") == page.tag:
            return Reply(304, headers=[*page.headers, NO_SNIFFING])
        return Reply(200, page.content, [*page.headers, NO_SNIFFING])


def _guard(reply: Reply, request: Request) -> None:
    """What keeps a browser from doing more with an answer than show it."""
    named = {name for name, _ in reply.headers}
    if b"content-security-policy" not in named:
        reply.headers.append((b"content-security-policy", CSP))
    if request.path.startswith(PATH) and b"cache-control" not in named:
        reply.headers.append(NO_STORE)
    reply.headers += HEADERS


async def _stream(reply: StreamedReply, send: Send, *, is_head: bool) -> None:
    await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
    if reply.chunks is not None and not is_head:
        async for chunk in reply.chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
