"""The middleware and the odd ends of the doors: sockets, blanks, proxies, half a body."""

import json
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

from wxlogin import fastapi, server
from wxlogin.endpoints import answering
from wxlogin.endpoints.answering import client_address
from wxlogin.endpoints.asgi import read_head
from wxlogin.testing.pytest_plugin import _run, log_in


class Host:
    """The application behind the middleware: it notes who reached it."""

    def __init__(self):
        self.reached = []

    async def __call__(self, scope, receive, send):
        self.reached.append(scope.get("wxlogin.session", "not set"))
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
        elif scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"the host's"})


async def ask(app, *incoming, type_="http", method="GET", path="/orders", headers=()):
    """What `app` sends to a scope of that kind, told `incoming`."""
    waiting, sent = list(incoming), []

    async def receive():
        return waiting.pop(0)

    async def send(message):
        sent.append(message)

    scope = {"type": type_, "path": path, "headers": list(headers), "query_string": b""}
    scope["client"] = ("10.0.0.1", 1)
    if type_ == "http":
        scope["method"] = method
    await app(scope, receive, send)
    return sent


CONNECT = {"type": "websocket.connect"}


@pytest.fixture
def host():
    return Host()


@pytest.fixture
async def ann(house):
    return await log_in(house.wx, user_id="7")


def bearing(token):
    return [(b"authorization", f"Bearer {token}".encode())]


# WebSockets


@pytest.mark.parametrize("headers", [[], bearing("made-up"), [(b"cookie", b"token=x")]])
async def test_a_websocket_without_a_session_is_closed_before_the_host(house, host, headers):
    guarded = house.wx.middleware(host, required=True)
    sent = await ask(guarded, CONNECT, type_="websocket", headers=headers)
    assert [(each["type"], each.get("code")) for each in sent] == [("websocket.close", 1008)]
    assert host.reached == []


async def test_a_websocket_with_a_session_reaches_the_host_with_it(house, host, ann):
    guarded = house.wx.middleware(host, required=True)
    sent = await ask(guarded, CONNECT, type_="websocket", headers=bearing(ann.token))
    assert sent == [{"type": "websocket.accept"}]
    assert [session.id for session in host.reached] == [ann.session.id]


async def test_a_websocket_of_an_ended_session_is_closed(house, host, ann):
    guarded = house.wx.middleware(host, required=True)
    await house.wx.kick(user_id="7")
    [closed] = await ask(guarded, CONNECT, type_="websocket", headers=bearing(ann.token))
    assert closed["type"] == "websocket.close"
    assert host.reached == []


@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_where_none_is_required_a_stranger_is_nobody(house, host, ann, kind):
    open_to_all = house.wx.middleware(host)
    for headers in ([], bearing("made-up"), bearing(ann.token)):
        await ask(open_to_all, CONNECT, type_=kind, headers=headers)
    nobody, stranger, known = host.reached
    assert (nobody, stranger, known.id) == (None, None, ann.session.id)


@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_a_store_that_is_down_lets_nobody_in_as_nobody(
    house, host, ann, monkeypatch, kind, required
):
    await house.wx.flow()
    await (await house.wx.open_store()).close()
    sent = await ask(
        house.wx.middleware(host, required=required),
        CONNECT,
        type_=kind,
        headers=bearing(ann.token),
    )
    assert host.reached == []
    assert (sent[0].get("status"), sent[0].get("code")) in ((503, None), (None, 1008))


async def test_http_without_a_session_is_our_401(house, host, ann):
    guarded = house.wx.middleware(host, required=True)
    for headers, code in (([], "session_missing"), (bearing("made-up"), "session_invalid")):
        start, body = await ask(guarded, headers=headers)
        assert start["status"] == 401
        assert json.loads(body["body"])["code"] == code
    assert host.reached == []
    start, body = await ask(guarded, headers=bearing(ann.token))
    assert (start["status"], body["body"]) == (200, b"the host's")
    assert host.reached[0].id == ann.session.id


async def test_a_lifespan_passes_the_middleware_untouched(house, host):
    assert await ask(house.wx.middleware(host, required=True), type_="lifespan") == []
    assert host.reached == ["not set"]


# The one way and the short way of a check


VALUES = {
    "usual": b"Bearer %s",
    "two blanks": b"Bearer  %s",
    "a blank behind": b"Bearer %s ",
    "a tab behind": b"Bearer %s\t",
    "a tab before": b"Bearer \t%s",
    "lower case": b"bearer %s",
    "capitals": b"BEARER %s",
    "a tab for the blank": b"Bearer\t%s",
    "another scheme": b"Basic %s",
    "no blank": b"Bearer%s",
    "two words": b"Bearer %s %s",
}
EMPTY = [b"", b"Bearer", b"Bearer ", b"Bearer  ", b"Bearer \t", b"bearer "]


async def answers_to(house, authorization):
    """What the ways to one session say, by way: the status and, where there is one, the code."""
    told = {}
    for method, path in (("GET", "/v1/session"), ("HEAD", "/v1/session"), ("GET", "/v1/me")):
        start, body = await ask(
            house.wx.asgi, method=method, path=path, headers=[(b"authorization", authorization)]
        )
        code = json.loads(body["body"]).get("code") if body["body"] else None
        told[method, path] = start["status"], code
    return told


@pytest.mark.parametrize("is_near", [True, False])
async def test_every_way_to_a_session_reads_the_token_alike(house, is_near):
    """Else a proxy that asks the one and a host that asks the other would not agree."""
    ann = await log_in(house.wx, user_id="7")
    await house.wx.flow()
    token = ann.token.encode()
    values = [form.replace(b"%s", token) for form in VALUES.values()] + EMPTY
    for value in values:
        if is_near:
            await house.wx.check(ann.token)
        else:
            (await house.wx.flow()).checks._near._entries.clear()
        told = await answers_to(house, value)
        assert told["GET", "/v1/session"] == told["GET", "/v1/me"], value
        assert told["GET", "/v1/session"][0] == told["HEAD", "/v1/session"][0], value


async def test_a_token_with_blanks_around_it_is_that_token(house, ann):
    for name in ("usual", "two blanks", "a blank behind", "a tab behind", "a tab before"):
        value = VALUES[name].replace(b"%s", ann.token.encode())
        told = await answers_to(house, value)
        assert {status for status, _ in told.values()} == {200}, name


async def test_an_empty_token_is_none(house):
    for value in EMPTY:
        told = await answers_to(house, value)
        assert told["GET", "/v1/session"] == (401, "session_missing"), value


# Proxies


FORWARDED = b"x-forwarded-for"


def address_of(*lines, trusted):
    headers = [(b"host", b"wx"), *((FORWARDED, line) for line in lines)]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": headers}
    request = read_head({**scope, "query_string": b"", "client": ("10.0.0.1", 1)})
    return client_address(request.peer, request.headers, trusted=trusted)


def test_proxies_may_each_add_a_line_of_their_own():
    """RFC 9110 §5.3: several lines of one name are one list, in their order."""
    assert address_of(b"203.0.113.9", b"10.0.0.2", trusted=2) == "203.0.113.9"
    assert address_of(b"203.0.113.9, 10.0.0.2", trusted=2) == "203.0.113.9"
    assert address_of(b"6.6.6.6", b"203.0.113.9", b"10.0.0.2", trusted=2) == "203.0.113.9"
    assert address_of(b"6.6.6.6, 203.0.113.9", b"10.0.0.2", trusted=2) == "203.0.113.9"
    assert address_of(b"203.0.113.9", b"10.0.0.2", trusted=1) == "10.0.0.2"
    assert address_of(b"203.0.113.9", b"10.0.0.2", trusted=3) == "10.0.0.1"


def test_twin_read_as_one_line_it_is_not_the_clients_address():
    lines = [(FORWARDED, b"203.0.113.9"), (FORWARDED, b"10.0.0.2")]
    assert client_address("10.0.0.1", dict(lines), trusted=2) != "203.0.113.9"


async def test_the_access_log_names_the_client_behind_two_proxies(houses, monkeypatch):
    told = []
    monkeypatch.setattr(
        answering.access_log, "info", lambda *args, extra: told.append(extra["client"])
    )
    house = houses(settings={"trusted_proxies": 2})
    await house.wx.flow()
    lines = [(FORWARDED, b"6.6.6.6, 203.0.113.9"), (FORWARDED, b"10.0.0.2")]
    await ask(house.wx.asgi, path="/v1/me", headers=lines)
    assert told == ["203.0.113.9"]


# Half a body


JSON = (b"content-type", b"application/json")


def pieces(code):
    """Two pieces of a login; the first is a whole document by itself."""
    first = json.dumps({"code": code}).encode()
    return {"type": "http.request", "body": first, "more_body": True}, b" "


@pytest.mark.parametrize("door", ["asgi", "fastapi"])
async def test_a_line_that_ends_in_the_middle_of_a_body_spends_nothing(
    house_settings, wechat, clock, rows, door
):
    kind = server.WxLogin if door == "asgi" else fastapi.WxLogin
    wx = kind(house_settings(), clock=clock)
    app: Any = wx.asgi
    if door == "fastapi":
        app = FastAPI()
        app.include_router(wx.router)
    async with wx:
        code = wechat.login("ann")
        begun, rest = pieces(code)
        how = {"method": "POST", "path": "/v1/login", "headers": [JSON]}
        sent = await ask(app, begun, {"type": "http.disconnect"}, **how)
        assert all(each.get("status", 400) >= 400 for each in sent)
        assert wechat.exchanges(code) == 0
        assert rows("SELECT count(*) FROM wxlogin_code_claim") == [(0,)]
        sent = await ask(app, begun, {"type": "http.request", "body": rest}, **how)
        assert sent[0]["status"] == 200
        assert wechat.exchanges(code) == 1


# The host's user


def test_a_user_the_host_no_longer_knows_is_nobody_where_that_is_allowed(house_settings, clock):
    wx = fastapi.WxLogin(house_settings(), clock=clock)
    users: dict[str, Any] = {"7": {"name": "Ann"}}
    wx.load_user(users.get)
    app = FastAPI(lifespan=wx.lifespan)
    app.include_router(wx.router)

    @app.get("/maybe")
    async def maybe(me: Annotated[Any, Depends(wx.user(optional=True))]):
        return {"me": me}

    @app.get("/known")
    async def known(me: Annotated[Any, Depends(wx.user())]):
        return {"me": me}

    @app.get("/boss")
    async def boss(me: Annotated[Any, Depends(wx.user(optional=True, claims={"role": "boss"}))]):
        return {"me": me}

    with TestClient(app) as client:
        ann = _run(log_in(wx, user_id="7"))
        assert client.get("/maybe", headers=ann.headers).json() == {"me": {"name": "Ann"}}
        users.clear()
        maybe_answer = client.get("/maybe", headers=ann.headers)
        assert (maybe_answer.status_code, maybe_answer.json()) == (200, {"me": None})
        assert client.get("/known", headers=ann.headers).status_code == 401
        # Optional is who, not what: who is known and may not is still told so.
        assert client.get("/boss", headers=ann.headers).status_code == 403
