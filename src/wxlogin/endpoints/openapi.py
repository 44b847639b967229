"""The OpenAPI 3.1 document, made of the route table and the message types alone."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from wxlogin.endpoints.messages import FieldProblem, ProblemMessage
from wxlogin.endpoints.problems import PROBLEMS
from wxlogin.endpoints.routes import BODY_FAULTS, SESSION_OVER, Plane, Route
from wxlogin.login import errors
from wxlogin.login.errors import WxLoginError

REF = "#/components/schemas/{name}"
_ALWAYS: tuple[type[WxLoginError], ...] = (errors.BodyTooLarge, errors.InternalError)
_SESSION_HEADERS = ("Account-Id", "User-Id", "App-Id", "Session-Id")


def document(routes: Iterable[Route], *, version: str) -> dict[str, Any]:
    """The whole document; every status a route can answer is in it."""
    routes = tuple(routes)
    types = [kind for route in routes for kind in (route.body, route.reply) if kind is not None]
    _, components = msgspec.json.schema_components(
        [*types, ProblemMessage, FieldProblem], ref_template=REF
    )
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "wxlogin",
            "version": version,
            "summary": "微信小程序登录 WeChat Mini Program login",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "session": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "the token of a login result 登录返回的 token",
                }
            },
        },
    }


def operation(route: Route) -> dict[str, Any]:
    """One operation, with references into `components`."""
    made: dict[str, Any] = {
        "operationId": operation_id(route),
        "summary": route.summary,
        "tags": ["login" if route.plane is Plane.PUBLIC else "operations"],
        "responses": {str(route.status): _success(route), **_failures(route)},
    }
    parameters = _parameters(route)
    if parameters:
        made["parameters"] = parameters
    if route.body is not None:
        made["requestBody"] = {"required": True, "content": _json(route.body)}
    if route.with_session:
        made["security"] = [{"session": []}]
    return made


def operation_id(route: Route) -> str:
    return route.handler.__name__


def inlined(schema: Any, components: Mapping[str, Any]) -> Any:
    """`schema` with every reference replaced by what it names: for another document."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            return inlined(components[schema["$ref"].rsplit("/", 1)[1]], components)
        return {name: inlined(part, components) for name, part in schema.items()}
    if isinstance(schema, list):
        return [inlined(part, components) for part in schema]
    return schema


def _parameters(route: Route) -> list[dict[str, Any]]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", route.path)
    ]
    in_query = [
        {"name": one.name, "in": "query", "required": one.required, "schema": one.schema}
        for one in route.parameters
    ]
    return in_path + in_query


def _success(route: Route) -> dict[str, Any]:
    made: dict[str, Any] = {"description": route.summary, "headers": _headers("X-Request-Id")}
    if route.reply is not None:
        made["content"] = _json(route.reply)
    if route.path == "/v1/session" and route.method == "GET":
        made["headers"].update(_headers(*(f"X-Wxlogin-{name}" for name in _SESSION_HEADERS)))
    return made


def _failures(route: Route) -> dict[str, Any]:
    """One response a status; its codes, each with what the client does about it."""
    by_status: dict[int, list[str]] = {}
    for error in failures(route):
        codes = by_status.setdefault(PROBLEMS[error.code].status, [])
        if error.code not in codes:
            codes.append(error.code)
    return {str(status): _failure(codes) for status, codes in sorted(by_status.items())}


def failures(route: Route) -> Sequence[type[WxLoginError]]:
    """Every error this route can answer, those of its shape included."""
    return (
        *route.fails,
        *(BODY_FAULTS if route.body is not None else ()),
        *(SESSION_OVER if route.with_session else ()),
        *((errors.StoreUnavailable,) if route.path != "/healthz" else ()),
        *_ALWAYS,
    )


def _failure(codes: list[str]) -> dict[str, Any]:
    lines = [
        f"`{code}` {PROBLEMS[code].zh[0]} {PROBLEMS[code].en[0]} (client: {PROBLEMS[code].client})"
        for code in codes
    ]
    schema = {
        "allOf": [{"$ref": REF.format(name="ProblemMessage")}],
        "properties": {"code": {"enum": codes}},
    }
    return {
        "description": "\n\n".join(lines),
        "headers": _headers("X-Request-Id"),
        "content": {"application/problem+json": {"schema": schema}},
    }


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"schema": {"type": "string"}} for name in names}


def _json(message: type) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": REF.format(name=message.__name__)}}}
