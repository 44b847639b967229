"""Who may act as an operator: the cookie, the header no other site can send, the role."""

from http.cookies import CookieError, SimpleCookie

from wxlogin.endpoints.exchange import Request
from wxlogin.endpoints.route import Route
from wxlogin.login import errors
from wxlogin.login.flow import Flow
from wxlogin.login.operator_sessions import OperatorSession, may_act
from wxlogin.login.operators import actor_of
from wxlogin.login.ports import Actor

COOKIE = "wxlogin_operator"
PATH = "/v1/admin"
CONSOLE_HEADER = b"x-wxlogin-console"


async def admit_operator(flow: Flow, route: Route, request: Request) -> None:
    """Find the operator's session where the route asks for a role.

    Raises a `SessionOver`, `ScopeMissing`; `RequestInvalid` for an act without the header that
    a page of another site cannot send along (CSRF; the cookie is SameSite=Strict besides).
    """
    if route.role is not None:
        request.operator = await flow.operators.check(_cookie_of(request))
    if request.method not in ("GET", "HEAD") and request.headers.get(CONSOLE_HEADER) != b"1":
        raise errors.RequestInvalid(("X-Wxlogin-Console", "must be 1"))
    if route.role is not None and not may_act(session_of(request).operator, route.role):
        raise errors.ScopeMissing


def session_of(request: Request) -> OperatorSession:
    if request.operator is None:
        raise AssertionError("the route has a `role`, so the operator was found before")
    return request.operator


def operator_in(request: Request) -> Actor:
    """Who acts, as the audit log names them."""
    return actor_of(session_of(request).operator)


def cookie_header(value: str, *, max_age: int, request: Request) -> tuple[bytes, bytes]:
    """`Set-Cookie` with the session's token; an empty one takes it away.

    Not readable by scripts, sent along by no other site; over TLS by nothing else, where the
    console's door lets `X-Forwarded-Proto` through: it is trusted there, or taken away.
    """
    parts = [f"{COOKIE}={value}", f"Path={PATH}", f"Max-Age={max_age}", "HttpOnly"]
    parts.append("SameSite=Strict")
    if request.headers.get(b"x-forwarded-proto") == b"https":
        parts.append("Secure")
    return (b"set-cookie", "; ".join(parts).encode())


def _cookie_of(request: Request) -> str | None:
    try:
        cookies = SimpleCookie(request.headers.get(b"cookie", b"").decode("latin-1"))
    except CookieError:
        return None
    found = cookies.get(COOKIE)
    return None if found is None else found.value
