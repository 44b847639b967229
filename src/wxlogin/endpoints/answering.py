"""From a request to a reply: route, validate, find the session, call the handler, map errors."""

import json
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import cache
from ipaddress import ip_address
from typing import Any

import msgspec

from wxlogin.endpoints.admin.admission import admit_operator
from wxlogin.endpoints.cors import Cors
from wxlogin.endpoints.exchange import (
    BODY_LIMIT,
    HttpObserver,
    Reply,
    Request,
    RequestIds,
    finish,
)
from wxlogin.endpoints.forms import FORM, read_form
from wxlogin.endpoints.problems import PROBLEMS, problem_body, problem_headers
from wxlogin.endpoints.route import Plane, Route
from wxlogin.endpoints.routes import CHECK
from wxlogin.endpoints.session_answer import InstantAnswers
from wxlogin.login import errors
from wxlogin.login.errors import WxLoginError
from wxlogin.login.flow import Flow
from wxlogin.login.sessions import Session

access_log = logging.getLogger("wxlogin.access")
log = logging.getLogger("wxlogin.endpoints")


class Endpoints:
    """All routes of one process. Every adapter hands its requests to `answer`."""

    def __init__(
        self,
        routes: Iterable[Route],
        *,
        flow: Callable[[], Awaitable[Flow]],
        running_flow: Callable[[], Flow | None],
        observer: HttpObserver,
        set_request_id: Callable[[bytes], object],
        trusted_proxies: int = 0,
        cors_origins: Iterable[str] = (),
    ) -> None:
        """`flow` gives the core, made ready on first use, `running_flow` where it is ready
        already; `set_request_id` tells the logs."""
        self.routes = tuple(routes)
        self._flow = flow
        self._running_flow = running_flow
        self._observer = observer
        self._set_request_id = set_request_id
        self._trusted_proxies = trusted_proxies
        self._cors = Cors(cors_origins)
        self._request_ids = RequestIds()
        self.instant_answers = InstantAnswers(
            running_flow,
            request_ids=self._request_ids,
            observer=observer,
            route_name=CHECK.name,
        )
        self._fixed: dict[str, dict[str, Route]] = {}
        self._shaped: list[tuple[list[str], dict[str, Route]]] = []
        for route in self.routes:
            self._add(route)

    async def answer(self, request: Request) -> Reply:
        """The reply to `request`: always one, whatever happens."""
        if b"origin" not in request.headers:
            return await self._answer(request)
        preflight = self._cors.preflight(request)
        reply = preflight or await self._answer(request)
        self._cors.mark(request, reply)
        return reply

    async def _answer(self, request: Request) -> Reply:
        started = time.perf_counter()
        request_id = self._request_ids.of(request.headers.get(b"x-request-id"))
        self._set_request_id(request_id)
        route: Route | None = None
        try:
            route = self._find(request)
            if isinstance(request.content, WxLoginError):
                raise request.content
            flow = self._running_flow() or await self._flow()
            request.address = self._address_of(request)
            await _admit(flow, route, request)
            if route.body is not None:
                request.body = decode(
                    request.content,
                    request.headers,
                    wanted=route.body,
                    media_type=route.media_type,
                )
            reply = await route.handler(flow, request)
        except WxLoginError as error:
            reply = _refusal(error, request, request_id=request_id)
        except Exception:
            log.exception("unforeseen: answered 500")
            reply = _refusal(errors.InternalError(), request, request_id=request_id)
        finish(reply, request_id)
        if route is None or route.is_logged:
            self._note(route, request, reply, seconds=time.perf_counter() - started)
        else:
            self._observer.answered(route.name, reply.status)
        return reply

    def body_limit_of(self, request: Request) -> int:
        """Bytes that the request's body may have, before anybody reads it."""
        route = self._fixed.get(request.path, {}).get(request.method)
        return BODY_LIMIT if route is None else route.body_limit

    def allow_origins(self, origins: Iterable[str]) -> None:
        """From now on pages of these origins, and of no others, may ask."""
        self._cors = Cors(origins)

    async def session_of(self, request: Request) -> Session:
        """The live session behind `request`, for a host's middleware and dependencies."""
        return await (await self._flow()).checks.check(request.token)

    def refuse(self, error: WxLoginError, request: Request) -> Reply:
        """The problem document of `error`, for a request that is not of our routes."""
        request_id = self._request_ids.of(request.headers.get(b"x-request-id"))
        return finish(_refusal(error, request, request_id=request_id), request_id)

    def _find(self, request: Request) -> Route:
        methods = self._fixed.get(request.path)
        if methods is None:
            methods, request.path_values = self._match(request.path)
        route = methods.get(request.method)
        if route is None:
            raise errors.MethodNotAllowed(sorted(methods))
        return route

    def _match(self, path: str) -> tuple[dict[str, Route], Mapping[str, str]]:
        parts = path.split("/")
        for shape, methods in self._shaped:
            values = _fit(shape, parts)
            if values is not None:
                return methods, values
        raise errors.NotFound

    def _add(self, route: Route) -> None:
        if "{" in route.path:
            shape = route.path.split("/")
            known = next((methods for fit, methods in self._shaped if fit == shape), None)
            if known is None:
                known = {}
                self._shaped.append((shape, known))
        else:
            known = self._fixed.setdefault(route.path, {})
        known[route.method] = route
        if route.method == "GET":
            known["HEAD"] = route

    def _note(self, route: Route | None, request: Request, reply: Reply, *, seconds: float) -> None:
        name = route.name if route else "(no route)"
        self._observer.answered(name, reply.status, seconds=seconds)
        access_log.info(
            "%s %s",
            name if route else f"{request.method} {name}",
            reply.status,
            extra={"milliseconds": round(seconds * 1000, 1), "client": self._address_of(request)},
        )

    def _address_of(self, request: Request) -> str | None:
        return client_address(request.peer, request.headers, trusted=self._trusted_proxies)


async def _admit(flow: Flow, route: Route, request: Request) -> None:
    """Find the session, or the service key, that the route asks for. Neither stands in for the
    other: a person's token opens nothing of the service plane."""
    if route.with_session:
        request.session = await flow.checks.check(request.token)
    if route.scope is not None:
        request.service_key = await flow.service_keys.authenticate(request.token)
        if route.scope not in request.service_key.scopes:
            raise errors.ScopeMissing
    if route.plane is Plane.OPERATOR:
        await admit_operator(flow, route, request)


def _refusal(error: WxLoginError, request: Request, *, request_id: bytes) -> Reply:
    status = PROBLEMS[error.code].status
    if status >= 500:
        log.warning("refused: %s", error)
    content = problem_body(error, language=request.language, request_id=request_id)
    return Reply(status, content, problem_headers(error))


def client_address(peer: str | None, headers: Mapping[bytes, bytes], *, trusted: int) -> str | None:
    """The socket's address, or `X-Forwarded-For` counted back over `trusted` proxies.

    What stands left of the trusted entries was written by the client: it is not read (D04).
    """
    if not trusted:
        return peer
    named = headers.get(b"x-forwarded-for", b"").decode("latin-1")
    hops = [hop.strip() for hop in named.split(",")]
    if len(hops) < trusted:
        return peer
    try:
        return str(ip_address(hops[-trusted]))
    except ValueError:
        return peer  # a proxy that writes anything else there is not read either


def decode(
    content: bytes,
    headers: Mapping[bytes, bytes],
    *,
    wanted: type,
    media_type: str = "application/json",
) -> Any:
    """The body, which must be of `media_type`, as `wanted`."""
    sent_as = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
    if sent_as != media_type.encode():
        raise errors.MediaTypeUnsupported
    document = read_form(content) if media_type == FORM else _read_json(content)
    try:
        return msgspec.convert(document, wanted)
    except msgspec.ValidationError as fault:
        raise errors.RequestInvalid(_said(str(fault), wanted)) from None


def _read_json(content: bytes) -> dict[str, Any]:
    """A JSON object in UTF-8 that every parser reads alike (security.md D06).

    So no key twice, no NaN, no number beyond 64 bits, no half of a surrogate pair.
    """
    try:
        document = json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_no_key_twice,
            parse_constant=_no_constant,
            parse_int=_bounded(int),
            parse_float=_bounded(float),
        )
        if b"\\u" in content:
            json.dumps(document, ensure_ascii=False).encode()  # what is no Unicode raises here
    except (ValueError, RecursionError):
        raise errors.RequestInvalid(("body", "not a JSON document in UTF-8")) from None
    if not isinstance(document, dict):
        raise errors.RequestInvalid(("body", "must be a JSON object"))
    return document


def _said(message: str, wanted: type) -> tuple[str, str]:
    """msgspec's text as (field, reason): "Expected `str`, got `int` - at `$.code`"."""
    reason, _, place = message.partition(" - at `$")
    if " missing required field " in message:
        inner = message.split("`")[1] if "`" in message else ""
        return (f"{place.rstrip('`').lstrip('.')}.{inner}".lstrip("."), "required")
    field = place.rstrip("`").lstrip(".") or "body"
    if " matching regex " in reason:
        reason = _forms(wanted).get(field, "not of the form that is asked for")
    return (field, reason)


@cache
def _forms(wanted: type) -> Mapping[str, str]:
    """The description of each field that has one: a person reads it, and no expression."""
    _, components = msgspec.json.schema_components([wanted])
    return {
        name: option["description"]
        for name, part in components[wanted.__name__]["properties"].items()
        for option in (part, *part.get("anyOf", ()))
        if "description" in option
    }


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a key stands twice")
    return document


def _no_constant(name: str) -> float:
    raise ValueError(name)


def _bounded(kind: Callable[[str], float]) -> Callable[[str], float]:
    def parse(text: str) -> float:
        number = kind(text)
        if not -(2**63) <= number < 2**63:
            raise ValueError("beyond 64 bits")
        return number

    return parse


def _fit(shape: list[str], parts: list[str]) -> Mapping[str, str] | None:
    if len(shape) != len(parts):
        return None
    values: dict[str, str] = {}
    for wanted, part in zip(shape, parts, strict=True):
        if wanted.startswith("{"):
            if not part:
                return None
            values[wanted[1:-1]] = part
        elif wanted != part:
            return None
    return values
