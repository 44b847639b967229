"""The OpenAPI 3.1 document, made of the route table and the message types alone."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from wxlogin.endpoints.messages import FieldProblem, LoginMessage, ProblemMessage
from wxlogin.endpoints.problems import PROBLEMS
from wxlogin.endpoints.route import BODY_FAULTS, SESSION_OVER, Plane, Route
from wxlogin.endpoints.routes import CHECK, EXAMPLES
from wxlogin.login import errors
from wxlogin.login.errors import WxLoginError

REF = "#/components/schemas/{name}"

_DESCRIPTION = """\
请求和应答都是 UTF-8 的 JSON。凡有 GET 的地址都接受 HEAD，应答头相同，没有正文。\
未列出的地址是 404 `not_found`；地址不接受的方法是 405 `method_not_allowed`，\
应答头 `Allow` 列出可用的方法（见 `components.responses`）。\
错误的文字按 `Accept-Language` 为中文（默认）或英文，程序只看 `code`。

Requests and answers are JSON in UTF-8. Every path with GET takes HEAD too: the same headers, \
no body. A path that is not listed is 404 `not_found`; a method that a path does not take is 405 \
`method_not_allowed` with an `Allow` header (see `components.responses`). Texts of errors follow \
`Accept-Language`, Chinese by default; programs look at `code`.
"""

_COUNT: Mapping[str, Any] = {"type": "integer", "minimum": 0}
_UNAVAILABLE: Mapping[str, Any] = {
    "retry": {
        "description": "there where the code may be spent: try with a fresh one",
        "const": "new_code",
    },
    "retry_after": {"description": "seconds, as in `Retry-After`", **_COUNT},
}
FACTS: Mapping[str, Mapping[str, Any]] = {
    "request_invalid": {
        "errors": {
            "type": "array",
            "items": {"$ref": REF.format(name=FieldProblem.__name__)},
            "minItems": 1,
        }
    },
    "method_not_allowed": {
        "allow": {
            "description": "the methods this path takes, as in `Allow`",
            "type": "array",
            "items": {"type": "string"},
        }
    },
    "body_too_large": {"limit": {"description": "bytes", **_COUNT}},
    "session_revoked": {
        "reason": {
            "description": "why: `logged_out`, `kicked`, or a word of the operator's",
            "type": "string",
            "examples": ["logged_out", "kicked", "account_disabled"],
        }
    },
    "session_replaced": {
        "device": {
            "description": "the phone that logged in instead",
            "type": "object",
            "properties": {name: {"type": ["string", "null"]} for name in ("name", "platform")},
            "required": ["name", "platform"],
        }
    },
    "registration_required": {
        "registration_ticket": {
            "description": "holds the proven identity: no second code is needed",
            "type": "string",
        },
        "ticket_expires_in": {"description": "seconds", **_COUNT},
        "methods": {
            "description": "the ways to register: `mobile`, `enterprise`",
            "type": "array",
            "items": {"type": "string"},
        },
    },
    "account_disabled": {
        "until": {
            "description": "null: until somebody enables it",
            "type": ["string", "null"],
            "format": "date-time",
        },
        "reason_for_user": {"type": ["string", "null"]},
    },
    "account_rejected": {"reason": {"type": ["string", "null"]}},
    "account_erasing": {
        "erase_at": {
            "description": "until then `POST /v1/me/restore` takes it back",
            "type": ["string", "null"],
            "format": "date-time",
        }
    },
    "phone_taken": {
        "can_join": {
            "description": "the account with this number has no WeChat identity in this app: "
            "who logs in to it by SMS or password can link one",
            "type": "boolean",
        }
    },
    "password_weak": {
        "reason": {"enum": ["too_short", "too_long", "common", "contains_name"]},
        "minimum": {"description": "characters", **_COUNT},
    },
    "rate_limited": {"retry_after": _UNAVAILABLE["retry_after"]},
    "wechat_unavailable": _UNAVAILABLE,
    "store_unavailable": _UNAVAILABLE,
}
"""By code, what a problem document holds beside the fields of every one: the error's facts."""

_TAGS = {
    Plane.PUBLIC: "login",
    Plane.SERVICE: "service",
    Plane.PUSH: "push",
    Plane.OPERATOR: "operator",
    Plane.WATCH: "operations",
}
FORM_DATA = "multipart/form-data"
_UPLOAD: Mapping[str, Any] = {
    "type": "object",
    "properties": {"file": {"type": "string", "format": "binary"}},
    "required": ["file"],
}

_NOT_ALWAYS = {"retry"}
_EVERYWHERE = ("X-Request-Id", "X-Content-Type-Options")
_OF_SESSION = ("X-Wxlogin-Account-Id", "X-Wxlogin-App-Id", "X-Wxlogin-Session-Id")
_HEADERS: Mapping[str, Mapping[str, Any]] = {
    "X-Request-Id": {
        "description": "the request's own where it is sane, else a new one",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._:-]{1,128}$"},
    },
    "X-Content-Type-Options": {"schema": {"const": "nosniff"}},
    "Cache-Control": {
        "description": "a token, a ticket or somebody's data goes out: keep no copy",
        "schema": {"const": "no-store"},
    },
    "WWW-Authenticate": {
        "description": "the code once more: behind nginx `auth_request` only this survives",
        "schema": {"type": "string"},
        "example": 'Bearer error="invalid_token", code="session_expired"',
    },
    "Retry-After": {"description": "seconds", "schema": _COUNT},
    "ETag": {"schema": {"type": "string"}},
    "Allow": {"schema": {"type": "string"}, "example": "DELETE, GET, HEAD"},
    "X-Wxlogin-User-Id": {
        "description": "percent-encoded; not there where the host gave none",
        "schema": {"type": "string"},
    },
    **{name: {"schema": {"type": "string"}} for name in _OF_SESSION},
}


def document(routes: Iterable[Route], *, version: str) -> dict[str, Any]:
    """The whole document; every status a route can answer is in it."""
    routes = tuple(routes)
    types = [kind for route in routes for kind in (route.body, route.reply) if kind is not None]
    _, components = msgspec.json.schema_components(
        [*types, ProblemMessage, FieldProblem], ref_template=REF
    )
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        path = paths.setdefault(route.path, {})
        path[route.method.lower()] = operation(route)
        if route.method == "GET":
            path["head"] = _head(path["get"])
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "wxlogin",
            "version": version,
            "summary": "微信小程序登录 WeChat Mini Program login",
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": {
                "NotFound": _failure([errors.NotFound]),
                "MethodNotAllowed": _failure([errors.MethodNotAllowed]),
            },
            "securitySchemes": {
                "session": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "the token of a login result 登录返回的 token",
                },
                "serviceKey": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "a key of `wxlogin service-key add` 服务密钥",
                },
            },
        },
    }


def operation(route: Route) -> dict[str, Any]:
    """One operation, with references into `components`."""
    made: dict[str, Any] = {
        "operationId": operation_id(route),
        "summary": route.summary,
        "tags": [_TAGS[route.plane]],
        "responses": {str(route.status): _success(route), **_failures(route)},
    }
    parameters = _parameters(route)
    if parameters:
        made["parameters"] = parameters
    if route.body is not None:
        made["requestBody"] = {
            "required": True,
            "content": _content(route.body, media_type=route.media_type),
        }
    elif route.media_type == FORM_DATA:
        made["requestBody"] = {"required": True, "content": {FORM_DATA: {"schema": _UPLOAD}}}
    if route.reply_as is not None:
        made["responses"]["304"] = {
            "description": "the one that `If-None-Match` names: it has not changed",
            "headers": _headers(*_EVERYWHERE, "ETag"),
        }
    if route.with_session:
        made["security"] = [{"session": []}]
    if route.scope is not None:
        made["description"] = f"scope `{route.scope}`"
        made["security"] = [{"serviceKey": []}]
    return made


def _head(got: Mapping[str, Any]) -> dict[str, Any]:
    """HEAD beside a GET: the same statuses and headers, no content."""
    return {
        **got,
        "operationId": f"{got['operationId']}_head",
        "responses": {
            status: {name: part for name, part in response.items() if name != "content"}
            for status, response in got["responses"].items()
        },
    }


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
    made: dict[str, Any] = {"description": route.summary, "headers": _headers(*_EVERYWHERE)}
    if route.reply is str:
        made["content"] = {"text/plain": {"schema": {"type": "string"}}}
    elif route.reply is not None:
        made["content"] = _json(route.reply)
    if route.reply_as is not None:
        made["content"] = {route.reply_as: {"schema": {"type": "string", "format": "binary"}}}
        made["headers"] |= _headers("ETag")
    if route.reply is LoginMessage or route.plane is Plane.SERVICE:
        made["headers"] |= _headers("Cache-Control")
    if route.name == CHECK.name:
        made["headers"] |= _headers(*_OF_SESSION)
        made["headers"] |= _headers("X-Wxlogin-User-Id", always=False)
    return made


def _failures(route: Route) -> dict[str, Any]:
    """One response a status; its codes, each with what the client does about it."""
    by_status: dict[int, list[type[WxLoginError]]] = {}
    for error in dict.fromkeys(failures(route)):
        by_status.setdefault(PROBLEMS[error.code].status, []).append(error)
    return {str(status): _failure(kinds) for status, kinds in sorted(by_status.items())}


def failures(route: Route) -> Sequence[type[WxLoginError]]:
    """Every error this route can answer, those of its shape included."""
    return (
        *route.fails,
        *(BODY_FAULTS if route.body is not None else ()),
        *(SESSION_OVER if route.with_session else ()),
        *((errors.ServiceKeyInvalid, errors.ScopeMissing) if route.scope is not None else ()),
        *((errors.StoreUnavailable,) if route.path != "/healthz" else ()),
        *((errors.BodyTooLarge,) if route.method != "GET" else ()),  # of GET no body is read
        errors.InternalError,
    )


def _failure(kinds: Sequence[type[WxLoginError]]) -> dict[str, Any]:
    codes = [kind.code for kind in kinds]
    lines = [
        f"`{code}` {PROBLEMS[code].zh[0]} {PROBLEMS[code].en[0]} (client: {PROBLEMS[code].client})"
        for code in codes
    ]
    facts = {name: shape for code in codes for name, shape in FACTS.get(code, {}).items()}
    schema = {
        "allOf": [{"$ref": REF.format(name=ProblemMessage.__name__)}, *_demands(codes)],
        "properties": {"code": {"enum": codes}, **facts},
    }
    return {
        "description": "\n\n".join(lines),
        "headers": _headers(*_EVERYWHERE) | _headers_of(kinds),
        "content": {"application/problem+json": {"schema": schema}},
    }


def _demands(codes: Sequence[str]) -> list[dict[str, Any]]:
    """Which of the facts a document of each code must have."""
    return [
        {
            "if": {"properties": {"code": {"const": code}}},
            "then": {"required": [name for name in FACTS[code] if name not in _NOT_ALWAYS]},
        }
        for code in codes
        if code in FACTS
    ]


def _headers_of(kinds: Sequence[type[WxLoginError]]) -> dict[str, Any]:
    """What `problem_headers` adds; all of a status have a header, or it is not required."""
    bringers: Mapping[str, tuple[type[WxLoginError], ...]] = {
        "WWW-Authenticate": (errors.SessionOver, errors.CredentialsRefused),
        "Retry-After": (errors.RateLimited, errors.Unavailable),
        "Allow": (errors.MethodNotAllowed,),
        "Cache-Control": (errors.RegistrationRequired,),
    }
    made: dict[str, Any] = {}
    for name, bringing in bringers.items():
        having = [issubclass(kind, bringing) for kind in kinds]
        if any(having):
            made |= _headers(name, always=all(having))
    return made


def _headers(*names: str, always: bool = True) -> dict[str, Any]:
    return {name: {**_HEADERS[name], **({"required": True} if always else {})} for name in names}


def _json(message: type) -> dict[str, Any]:
    return _content(message, media_type="application/json")


def _content(message: type, *, media_type: str) -> dict[str, Any]:
    shown: dict[str, Any] = {"schema": {"$ref": REF.format(name=message.__name__)}}
    if message in EXAMPLES:
        shown["example"] = EXAMPLES[message]
    return {media_type: shown}
