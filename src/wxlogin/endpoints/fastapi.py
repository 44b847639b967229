"""The FastAPI door: our routes as an `APIRouter`, a session as a dependency.

It converts and decides nothing: every answer is made by `Endpoints`.
"""

from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import Request as StarletteRequest
from starlette.responses import Response

from wxlogin.endpoints import openapi
from wxlogin.endpoints.answering import Endpoints
from wxlogin.endpoints.asgi import read_body, read_head
from wxlogin.endpoints.exchange import Reply
from wxlogin.endpoints.route import Plane, Route
from wxlogin.login.errors import WxLoginError
from wxlogin.login.sessions import Session

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
SESSION_KEY = "wxlogin.session"
"""Where a session found once stays for the rest of the request; the middleware's key too."""

bearer = HTTPBearer(
    auto_error=False,
    scheme_name="session",
    description="the token of a login result 登录返回的 token",
)
service_key = HTTPBearer(
    auto_error=False,
    scheme_name="serviceKey",
    description="a key of `wxlogin service-key add` 服务密钥",
)
Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(bearer)]
"""Only puts the lock into the host's docs: who may pass is decided by our own check."""


class Refused(HTTPException):
    """An error of ours on its way out of a host's route."""

    def __init__(self, reply: Reply) -> None:
        headers = {name.decode(): value.decode() for name, value in reply.headers}
        super().__init__(reply.status, reply.content.decode(), headers)
        self.reply = reply


def make_router(endpoints: Endpoints, planes: Collection[Plane]) -> APIRouter:
    """All routes of these planes, documented in the host's OpenAPI; 405 and HEAD are ours too."""
    router = APIRouter()
    routes = [route for route in endpoints.routes if route.plane in planes]
    components = openapi.document(routes, version="")["components"]["schemas"]
    for route in routes:
        _add(router, route, endpoints, components=components)
    for path in dict.fromkeys(route.path for route in routes):
        taken = {route.method for route in routes if route.path == path}
        router.add_api_route(
            path,
            _endpoint(path, endpoints),
            methods=[method for method in METHODS if method not in taken],
            include_in_schema=False,
        )
    return router


async def find_session(request: StarletteRequest, endpoints: Endpoints) -> Session:
    """The live session of the request, found once; raises a `SessionOver`."""
    found: Session | None = request.scope.get(SESSION_KEY)
    if found is None:
        found = await endpoints.session_of(read_head(request.scope))
        request.scope[SESSION_KEY] = found
    return found


@contextmanager
def refusing(request: StarletteRequest, endpoints: Endpoints) -> Iterator[None]:
    """Errors of ours, raised inside, leave as our problem documents.

    Starlette keeps an app's exception handlers in the scope; ours is put among them here,
    because a router that is included has no other way to bring one. Should that place be
    gone some day, the answer still has its status and headers, and the document as `detail`.
    """
    try:
        yield
    except WxLoginError as error:
        handlers = request.scope.get("starlette.exception_handlers")
        if handlers:
            handlers[0].setdefault(Refused, _answer_refused)
        raise Refused(endpoints.refuse(error, read_head(request.scope))) from None


def _add(
    router: APIRouter,
    route: Route,
    endpoints: Endpoints,
    *,
    components: dict[str, Any],
) -> None:
    described = openapi.inlined(openapi.operation(route), components)
    router.add_api_route(
        route.path,
        _endpoint(route.path, endpoints),
        methods=[route.method],
        summary=route.summary,
        operation_id=f"wxlogin_{openapi.operation_id(route)}",
        tags=["wxlogin"],
        status_code=route.status,
        response_model=None,
        responses={int(status): made for status, made in described["responses"].items()},
        openapi_extra={
            name: described[name] for name in ("requestBody", "parameters") if name in described
        },
        dependencies=_locks(route),
    )


def _locks(route: Route) -> list[Any]:
    if route.scope is not None:
        return [Security(service_key)]
    return [Security(bearer)] if route.with_session else []


def _endpoint(path: str, endpoints: Endpoints) -> Callable[[StarletteRequest], Awaitable[Response]]:
    async def endpoint(request: StarletteRequest) -> Response:
        ours = read_head(request.scope)
        ours.path = path.format(**request.path_params)  # what a prefix of the host left of it
        if ours.method not in ("GET", "HEAD"):
            limit = endpoints.body_limit_of(ours)
            ours.content = await read_body(ours, request.receive, limit=limit)
        return _response(await endpoints.answer(ours))

    return endpoint


async def _answer_refused(request: StarletteRequest, refused: Exception) -> Response:
    assert isinstance(refused, Refused)
    return _response(refused.reply)


def _response(reply: Reply) -> Response:
    response = Response(reply.content, reply.status)
    response.raw_headers[:] = [*response.raw_headers, *reply.headers]
    return response
