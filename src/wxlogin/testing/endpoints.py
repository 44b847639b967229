"""What every door must answer, as one list of exchanges; an adapter is done when all hold.

    scene = Scene(send, code=simulator.login, advance=clock.advance)
    for exchange in EXCHANGES:
        await scene.play(exchange)

A door is reached through one function, `send`, and prepared through it as well: so the
list holds a bare ASGI app, a mount, a framework's router and a real port to the same.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

JSON = "application/json"
LIMIT = 64 * 1024
DAY = 86400


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Names of headers are lower-case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    content: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)

    def json(self) -> Any:
        return json.loads(self.content)


class Send(Protocol):
    """The way to the door under test: one request in, one answer out."""

    def __call__(
        self, method: str, path: str, *, headers: Mapping[str, str], content: bytes
    ) -> Awaitable[Answer]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One promise of http-api.md. `{names}` in path, headers and body are the scene's values.

    `body` goes out as JSON, `content` as it is. `has` are headers of the answer (None:
    there is none), `fields` of its document. `is_hosts`: where a host's framework routes,
    the answer is its own; then the promise is made by doors that have all paths to themselves.
    """

    promise: str
    method: str
    path: str
    status: int
    code: str | None = None
    body: Any = None
    content: bytes | str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    has: Mapping[str, str | None] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    is_hosts: bool = False

    def __str__(self) -> str:
        return self.promise


class Scene:
    """A door, and the people and codes an exchange may name.

    `code` gives a fresh code of wx.login of a user; `advance` moves the clock by seconds.
    """

    def __init__(
        self, send: Send, *, code: Callable[[str], str], advance: Callable[[float], object]
    ) -> None:
        self._send = send
        self._code = code
        self._advance = advance

    async def play(self, exchange: Exchange) -> Answer:
        """Send it and hold the answer to its promise."""
        wanted = str((exchange.path, exchange.headers, exchange.body, exchange.content))
        values = {
            name: await make(self) for name, make in _VALUES.items() if f"{{{name}}}" in wanted
        }
        answer = await self._send(
            exchange.method,
            _filled(exchange.path, values),
            headers=_headers(exchange, values),
            content=_content(exchange, values),
        )
        _hold(exchange, answer)
        return answer

    async def login(self, user: str = "ann", **fields: Any) -> Any:
        answer = await self._ask("POST", "/v1/login", body={"code": self._code(user), **fields})
        assert answer.status == 200, answer.content
        return answer.json()

    async def log_out(self, token: str) -> None:
        answer = await self._ask("DELETE", "/v1/session", token=token)
        assert answer.status == 204, answer.content

    def code(self, user: str = "ann") -> str:
        return self._code(user)

    def advance(self, seconds: float) -> None:
        self._advance(seconds)

    async def _ask(
        self, method: str, path: str, *, token: str | None = None, body: Any = None
    ) -> Answer:
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        if body is None:
            return await self._send(method, path, headers=headers, content=b"")
        headers["content-type"] = JSON
        return await self._send(method, path, headers=headers, content=json.dumps(body).encode())


# What an exchange may name


async def _token(scene: Scene) -> str:
    return str((await scene.login())["token"])


async def _used_code(scene: Scene) -> str:
    code = scene.code()
    answer = await scene._ask("POST", "/v1/login", body={"code": code})
    assert answer.status == 200, answer.content
    return code


async def _fresh_code(scene: Scene) -> str:
    return scene.code()


async def _logged_out(scene: Scene) -> str:
    token = await _token(scene)
    await scene.log_out(token)
    return token


async def _replaced(scene: Scene) -> str:
    old = await scene.login(device={"id": "d1", "name": "old"})
    await scene.login(device={"id": "d1", "name": "Mate 60", "platform": "android"})
    return str(old["token"])


async def _expired(scene: Scene) -> str:
    token = await _token(scene)
    scene.advance(30 * DAY)
    return token


async def _idle(scene: Scene) -> str:
    token = await _token(scene)
    scene.advance(7 * DAY + 61)
    return token


async def _own_session_id(scene: Scene) -> str:
    return str((await scene.login())["session_id"])


async def _other_session_id(scene: Scene) -> str:
    return str((await scene.login("bob"))["session_id"])


_VALUES: Mapping[str, Callable[[Scene], Awaitable[str]]] = {
    "token": _token,
    "code": _fresh_code,
    "used_code": _used_code,
    "logged_out": _logged_out,
    "replaced": _replaced,
    "idle": _idle,
    "expired": _expired,
    "own_session_id": _own_session_id,
    "other_session_id": _other_session_id,
}
"""By name, in the order they are made."""


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _headers(exchange: Exchange, values: Mapping[str, str]) -> dict[str, str]:
    headers = {name: _filled(value, values) for name, value in exchange.headers.items()}
    if exchange.body is not None:
        headers.setdefault("content-type", JSON)
    return headers


def _content(exchange: Exchange, values: Mapping[str, str]) -> bytes:
    if isinstance(exchange.content, bytes):
        return exchange.content
    if exchange.content is not None:
        return _filled(exchange.content, values).encode()
    return b"" if exchange.body is None else _filled(json.dumps(exchange.body), values).encode()


def _hold(exchange: Exchange, answer: Answer) -> None:
    said = f"{exchange.promise}: {answer.status} {answer.content[:300]!r}"
    assert answer.status == exchange.status, said
    for name, wanted in exchange.has.items():
        assert answer.header(name) == wanted, f"{said}: {name}: {answer.header(name)}"
    assert answer.header("set-cookie") is None, said
    request_id = answer.header("x-request-id")
    assert request_id, said
    if exchange.code is not None:
        _hold_problem(exchange.code, answer, request_id=request_id, said=said)
    if exchange.method == "HEAD" or exchange.status == 204:
        assert answer.content == b"", said
    if exchange.fields:
        document = answer.json()
        for name, wanted in exchange.fields.items():
            assert name in document, f"{said}: no {name}"
            assert wanted is ... or document[name] == wanted, f"{said}: {name}"


def _hold_problem(code: str, answer: Answer, *, request_id: str, said: str) -> None:
    assert answer.header("content-type") == "application/problem+json", said
    document = answer.json()
    for name in ("type", "title", "status", "detail", "code", "request_id"):
        assert name in document, f"{said}: no {name}"
    assert document["code"] == code, said
    assert document["status"] == answer.status, said
    assert document["request_id"] == request_id, said
    challenge = answer.header("www-authenticate")
    if answer.status == 401:
        assert challenge == f'Bearer error="invalid_token", code="{code}"', said
    else:
        assert challenge is None, said
    if answer.status in (429, 503):
        assert answer.header("retry-after"), said


# The list


def _bearer(name: str) -> dict[str, str]:
    return {"authorization": f"Bearer {{{name}}}"}


_LIVE = _bearer("token")


def _refused_body(promise: str, body: Any) -> Exchange:
    return Exchange(
        promise=f"login: {promise} is request_invalid",
        method="POST",
        path="/v1/login",
        body=body,
        status=400,
        code="request_invalid",
        fields={"errors": ...},
    )


def _refused_text(promise: str, content: bytes | str) -> Exchange:
    return Exchange(
        promise=f"login: {promise} is request_invalid",
        method="POST",
        path="/v1/login",
        headers={"content-type": JSON},
        content=content,
        status=400,
        code="request_invalid",
        fields={"errors": ...},
    )


def _refused_type(promise: str, headers: Mapping[str, str]) -> Exchange:
    return Exchange(
        promise=f"login: {promise} is media_type_unsupported",
        method="POST",
        path="/v1/login",
        headers=headers,
        content='{"code":"{code}"}',
        status=415,
        code="media_type_unsupported",
    )


def _over(state: str, code: str, **fields: Any) -> Exchange:
    return Exchange(
        promise=f"session: a token that is {state} hears {code}",
        method="GET",
        path="/v1/session",
        headers=_bearer(state),
        status=401,
        code=code,
        fields=fields,
    )


def _missing(promise: str, *, path: str = "/v1/session", **headers: str) -> Exchange:
    return Exchange(
        promise=f"session: {promise} is session_missing",
        method="GET",
        path=path,
        headers=headers,
        status=401,
        code="session_missing",
    )


def _junk(promise: str, token: str) -> Exchange:
    return Exchange(
        promise=f"session: {promise} is session_invalid",
        method="GET",
        path="/v1/session",
        headers={"authorization": f"Bearer {token}"},
        status=401,
        code="session_invalid",
    )


def _wrong_method(method: str, path: str, allow: str) -> Exchange:
    return Exchange(
        promise=f"{method} {path} is 405 with Allow",
        method=method,
        path=path,
        status=405,
        code=None if method == "HEAD" else "method_not_allowed",
        has={"allow": allow},
    )


def _needs_session(method: str, path: str) -> Exchange:
    return Exchange(
        promise=f"{method} {path} without a session is session_missing",
        method=method,
        path=path,
        status=401,
        code="session_missing",
    )


def _request_id(promise: str, given: str, kept: bool) -> Exchange:
    return Exchange(
        promise=f"request id: {promise}",
        method="GET",
        path="/v1/session",
        headers={"x-request-id": given},
        status=401,
        code="session_missing",
        has={"x-request-id": given} if kept else {},
    )


def _language(accept: str, title: str) -> Exchange:
    return Exchange(
        promise=f"language: {accept or 'none'} reads {title}",
        method="GET",
        path="/v1/session",
        headers={"accept-language": accept} if accept else {},
        status=401,
        code="session_missing",
        fields={"title": title},
    )


_ZH, _EN = "未登录", "Not logged in"

LOGIN: tuple[Exchange, ...] = (
    Exchange(
        promise="login: a fresh code gives a token that no cache keeps",
        method="POST",
        path="/v1/login",
        body={"code": "{code}"},
        status=200,
        has={"cache-control": "no-store", "content-type": JSON},
        fields={
            "token": ...,
            "token_type": "Bearer",
            "expires_in": 30 * DAY,
            "idle_expires_in": 7 * DAY,
            "session_id": ...,
            "is_new_account": True,
            "account": ...,
        },
    ),
    Exchange(
        promise="login: a charset beside the media type is fine",
        method="POST",
        path="/v1/login",
        headers={"content-type": "Application/JSON; charset=utf-8"},
        content='{"code":"{code}"}',
        status=200,
    ),
    Exchange(
        promise="login: fields nobody knows have no effect",
        method="POST",
        path="/v1/login?openid=o&token=t",
        body={"code": "{code}", "openid": "o", "session_key": "k", "user_id": 1, "x": [{}]},
        status=200,
        fields={"is_new_account": True},
    ),
    Exchange(
        promise="login: a presented token is ignored, and so are headers of Cloud Run",
        method="POST",
        path="/v1/login",
        headers={"authorization": "Bearer {token}", "x-wx-openid": "o", "x-wx-source": "x"},
        body={"code": "{code}"},
        status=200,
    ),
    Exchange(
        promise="login: everything a client may say is accepted",
        method="POST",
        path="/v1/login",
        body={
            "code": "{code}",
            "device": {"id": "d", "name": "手机", "platform": "ios"},
            "context": {"inviter": 7, "scene": "海报"},
            "agreements": [{"id": "privacy", "version": "3"}],
        },
        status=200,
    ),
    Exchange(
        promise="login: nulls stand for what is left out",
        method="POST",
        path="/v1/login",
        body={"code": "{code}", "app_id": None, "device": {"id": None, "name": None}},
        status=200,
    ),
    Exchange(
        promise="login: a code is spent once",
        method="POST",
        path="/v1/login",
        body={"code": "{used_code}"},
        status=400,
        code="code_used",
        has={"retry-after": None},
    ),
    Exchange(
        promise="login: a code WeChat never gave is code_invalid",
        method="POST",
        path="/v1/login",
        body={"code": "0neverGiven"},
        status=400,
        code="code_invalid",
    ),
    Exchange(
        promise="login: an app nobody knows is app_unknown",
        method="POST",
        path="/v1/login",
        body={"code": "{code}", "app_id": "wxunknown"},
        status=404,
        code="app_unknown",
    ),
    _refused_body("no code", {}),
    _refused_body("a code that is null", {"code": None}),
    _refused_body("a code that is a number", {"code": 7}),
    _refused_body("an empty code", {"code": ""}),
    _refused_body("a code of 257 characters", {"code": "x" * 257}),
    _refused_body("a code with a space", {"code": "a b"}),
    _refused_body("a code with a newline at its end", {"code": "abc\n"}),
    _refused_body("a code beyond ASCII", {"code": "码"}),
    _refused_body("a code with NUL", {"code": "a\u0000"}),
    _refused_body("an app_id with a slash", {"code": "{code}", "app_id": "../x"}),
    _refused_body("an app_id that is a list", {"code": "{code}", "app_id": ["wx"]}),
    _refused_body("a device that is a text", {"code": "{code}", "device": "phone"}),
    _refused_body("a device id that is a number", {"code": "{code}", "device": {"id": 7}}),
    _refused_body("a device id of 65 letters", {"code": "{code}", "device": {"id": "x" * 65}}),
    _refused_body("a context that is a list", {"code": "{code}", "context": []}),
    _refused_body("a context over 1 KiB", {"code": "{code}", "context": {"x": "y" * 1024}}),
    _refused_body("an agreement without version", {"code": "{code}", "agreements": [{"id": "p"}]}),
    _refused_body("21 agreements", {"code": "c", "agreements": [{"id": "p", "version": "1"}] * 21}),
    _refused_body("a list", [1]),
    _refused_body("a text", "code"),
    _refused_text("an empty body", ""),
    _refused_text("broken JSON", '{"code":'),
    _refused_text("JSON and more", '{"code":"{code}"}x'),
    _refused_text("a code that stands twice", '{"code":"a","code":"{code}"}'),
    _refused_text("a key twice further in", '{"code":"{code}","context":{"a":1,"a":2}}'),
    _refused_text("NaN", '{"code":"{code}","context":{"a":NaN}}'),
    _refused_text("Infinity", '{"code":"{code}","context":{"a":-Infinity}}'),
    _refused_text("a number beyond all bounds", '{"code":"{code}","context":{"a":1e999}}'),
    _refused_text("an integer of 5000 digits", '{"code":"c","context":{"a":1%s}}' % ("0" * 5000)),
    _refused_text("deep nesting", "[" * 30_000),
    _refused_text(
        "deep nesting inside", '{"code":"c","context":{"a":%s}}' % ("[" * 9000 + "]" * 9000)
    ),
    _refused_text("half a surrogate pair", '{"code":"{code}","context":{"a":"\\ud800"}}'),
    _refused_text(
        "half a surrogate pair in a name", '{"code":"{code}","device":{"name":"\\udfff"}}'
    ),
    _refused_text("invalid UTF-8", b'{"code":"\xff\xfe"}'),
    _refused_text("UTF-16", '{"code":"c"}'.encode("utf-16")),
    _refused_text("a byte order mark", '\ufeff{"code":"c"}'),
    _refused_text("single quotes", "{'code':'c'}"),
    _refused_type("no content type", {}),
    _refused_type("text/plain", {"content-type": "text/plain"}),
    _refused_type("a form", {"content-type": "application/x-www-form-urlencoded"}),
    _refused_type("a list of types", {"content-type": "application/json, text/plain"}),
    _refused_type("a type that only begins so", {"content-type": "application/jsonx"}),
    Exchange(
        promise="login: a body of exactly 64 KiB is read",
        method="POST",
        path="/v1/login",
        headers={"content-type": JSON},
        content=b'{"code":"0neverGivenAsWell"}'.ljust(LIMIT),
        status=400,
        code="code_invalid",
    ),
    Exchange(
        promise="login: a body one byte larger is body_too_large",
        method="POST",
        path="/v1/login",
        headers={"content-type": JSON},
        content=b'{"code":"0neverGiven"}'.ljust(LIMIT + 1),
        status=413,
        code="body_too_large",
    ),
)

SESSION: tuple[Exchange, ...] = (
    Exchange(
        promise="session: a live one is told to client and proxy",
        method="GET",
        path="/v1/session",
        headers=_LIVE,
        status=200,
        has={"content-type": JSON, "x-wxlogin-user-id": None, "www-authenticate": None},
        fields={
            "session_id": ...,
            "account_id": ...,
            "user_id": None,
            "app_id": ...,
            "expires_in": 30 * DAY,
            "idle_expires_in": 7 * DAY,
            "created_at": ...,
            "last_seen_at": ...,
            "claims": {},
        },
    ),
    Exchange(
        promise="session: HEAD works too and has no body",
        method="HEAD",
        path="/v1/session",
        headers=_LIVE,
        status=200,
        has={"content-type": JSON},
    ),
    Exchange(
        promise="session: HEAD without one is 401 with the reason in its header",
        method="HEAD",
        path="/v1/session",
        status=401,
        has={"www-authenticate": 'Bearer error="invalid_token", code="session_missing"'},
    ),
    Exchange(
        promise="session: the scheme's letters may be small",
        method="GET",
        path="/v1/session",
        headers={"authorization": "bearer {token}"},
        status=200,
    ),
    _over("logged_out", "session_revoked", reason="logged_out"),
    _over("replaced", "session_replaced", device={"name": "Mate 60", "platform": "android"}),
    _over("idle", "session_idle"),
    _over("expired", "session_expired"),
    _missing("nothing"),
    _missing("a token in the query", path="/v1/session?token={token}&access_token={token}"),
    _missing("a token in a cookie", cookie="token={token}; session={token}"),
    _missing("a token without a scheme", authorization="{token}"),
    _missing("another scheme", authorization="Basic {token}"),
    _missing("a header of Cloud Run", **{"x-wx-openid": "o", "x-wx-source": "wx_client"}),
    _junk("a word", "x"),
    _junk("a token cut short", "wxl_01a202e1-065f-71d2-9980-e38327330d65.abc"),
    _junk("a token with something behind", "{token}x"),
    _junk("a token with a wrong checksum", "wxl_" + "0" * 36 + "." + "A" * 51),
    _junk("a token of 7000 letters", "a" * 7000),
    Exchange(
        promise="session: log out",
        method="DELETE",
        path="/v1/session",
        headers=_LIVE,
        status=204,
    ),
    Exchange(
        promise="session: log out twice is 401",
        method="DELETE",
        path="/v1/session",
        headers=_bearer("logged_out"),
        status=401,
        code="session_revoked",
    ),
    Exchange(
        promise="session: WeChat is asked whether the session_key lives",
        method="POST",
        path="/v1/session/wechat-check",
        headers=_LIVE,
        status=200,
        fields={"wechat_session": "valid"},
    ),
    Exchange(
        promise="sessions: own ones are listed",
        method="GET",
        path="/v1/sessions",
        headers=_LIVE,
        status=200,
        fields={"items": ...},
    ),
    Exchange(
        promise="sessions: keep=current ends the others",
        method="DELETE",
        path="/v1/sessions?keep=current",
        headers=_LIVE,
        status=204,
    ),
    Exchange(
        promise="sessions: without keep nothing ends",
        method="DELETE",
        path="/v1/sessions",
        headers=_LIVE,
        status=400,
        code="request_invalid",
        fields={"errors": ...},
    ),
    Exchange(
        promise="sessions: an own one ends by its id",
        method="DELETE",
        path="/v1/sessions/{own_session_id}",
        headers=_LIVE,
        status=204,
    ),
    Exchange(
        promise="sessions: another person's is not found",
        method="DELETE",
        path="/v1/sessions/{other_session_id}",
        headers=_LIVE,
        status=404,
        code="not_found",
    ),
    Exchange(
        promise="sessions: one that never was is not found",
        method="DELETE",
        path="/v1/sessions/nothing",
        headers=_LIVE,
        status=404,
        code="not_found",
    ),
)

ACCOUNT: tuple[Exchange, ...] = (
    Exchange(
        promise="me: the own account",
        method="GET",
        path="/v1/me",
        headers=_LIVE,
        status=200,
        fields={"id": ..., "status": "active", "phone": None, "identities": ...},
    ),
    Exchange(
        promise="profile: a nickname is kept",
        method="PUT",
        path="/v1/me/profile",
        headers=_LIVE,
        body={"nickname": "阿安", "status": "disabled"},
        status=200,
        fields={"nickname": "阿安", "status": "active"},
    ),
    Exchange(
        promise="profile: a blank nickname is refused",
        method="PUT",
        path="/v1/me/profile",
        headers=_LIVE,
        body={"nickname": "  "},
        status=400,
        code="request_invalid",
    ),
    Exchange(
        promise="profile: a control character is refused",
        method="PUT",
        path="/v1/me/profile",
        headers=_LIVE,
        body={"nickname": "a\u0000"},
        status=400,
        code="request_invalid",
    ),
    _needs_session("GET", "/v1/me"),
    _needs_session("PUT", "/v1/me/profile"),
    _needs_session("GET", "/v1/sessions"),
    _needs_session("DELETE", "/v1/sessions"),
    _needs_session("DELETE", "/v1/sessions/x"),
    _needs_session("DELETE", "/v1/session"),
    _needs_session("POST", "/v1/session/wechat-check"),
)

RULES: tuple[Exchange, ...] = (
    _wrong_method("GET", "/v1/login", "POST"),
    _wrong_method("HEAD", "/v1/login", "POST"),
    _wrong_method("PUT", "/v1/login", "POST"),
    _wrong_method("PATCH", "/v1/login", "POST"),
    _wrong_method("POST", "/v1/session", "DELETE, GET, HEAD"),
    _wrong_method("POST", "/v1/me", "GET, HEAD"),
    _wrong_method("GET", "/v1/me/profile", "PUT"),
    _wrong_method("GET", "/v1/sessions/x", "DELETE"),
    _request_id("a sane one is kept", "proxy-1_a.b:7", True),
    _request_id("one of 128 letters is kept", "x" * 128, True),
    _request_id("one of 129 letters is not", "x" * 129, False),
    _request_id("one with spaces is not", "a b", False),
    _request_id("one with markup is not", "<script>", False),
    _language("", _ZH),
    _language("en", _EN),
    _language("en-US,en;q=0.9", _EN),
    _language("zh-CN,zh;q=0.9,en;q=0.8", _ZH),
    _language("en;q=0.3, zh;q=0.7", _ZH),
    _language("fr, en;q=0.5", _EN),
    _language("fr", _ZH),
    _language("*", _ZH),
    _language("en;q=x, ,;;", _ZH),
)

OPERATIONS: tuple[Exchange, ...] = (
    Exchange(
        promise="healthz: the process is up",
        method="GET",
        path="/healthz",
        status=200,
        fields={"status": "ok"},
        is_hosts=True,
    ),
    Exchange(
        promise="readyz: the stores answer",
        method="GET",
        path="/readyz",
        status=200,
        is_hosts=True,
    ),
    Exchange(
        promise="healthz: HEAD works too",
        method="HEAD",
        path="/healthz",
        status=200,
        is_hosts=True,
    ),
    Exchange(
        promise="openapi.json: public in development",
        method="GET",
        path="/openapi.json",
        status=200,
        fields={"openapi": "3.1.0", "paths": ...},
        is_hosts=True,
    ),
    Exchange(
        promise="docs: public in development",
        method="GET",
        path="/docs",
        status=200,
        has={"content-type": "text/html; charset=utf-8"},
        is_hosts=True,
    ),
    Exchange(
        promise="a path nobody knows is a problem document",
        method="GET",
        path="/v1/nothing",
        status=404,
        code="not_found",
        is_hosts=True,
    ),
    Exchange(
        promise="a trailing slash is another path",
        method="GET",
        path="/v1/session/",
        status=404,
        code="not_found",
        is_hosts=True,
    ),
    Exchange(
        promise="metrics are not the public's",
        method="GET",
        path="/metrics",
        status=404,
        code="not_found",
        is_hosts=True,
    ),
)

EXCHANGES: tuple[Exchange, ...] = (*LOGIN, *SESSION, *ACCOUNT, *RULES, *OPERATIONS)
