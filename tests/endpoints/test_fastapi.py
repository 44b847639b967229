"""The FastAPI door beside a host's own routes: dependencies, docs, overrides, loops."""

import gc
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

from wxlogin.fastapi import CurrentAccount, CurrentSession, WxLogin, current_account

USERS = {"42": {"id": 42, "name": "Ann"}}


class Host:
    """A host application with an order book."""

    def __init__(self, settings, clock, *, prefix="", with_lifespan=True):
        self.wx = WxLogin(settings, clock=clock)
        self.wx.user_for(lambda who: "42")
        self.wx.claims_for(lambda user: {"role": "staff"})
        self.app = FastAPI(lifespan=self.wx.lifespan if with_lifespan else None)
        self.app.include_router(self.wx.router, prefix=prefix)
        user = Annotated[Any, Depends(self.wx.user())]
        optional = Annotated[Any, Depends(self.wx.user(optional=True))]
        staff = Annotated[Any, Depends(self.wx.user(claims={"role": "staff"}))]
        boss = Annotated[Any, Depends(self.wx.user(claims={"role": "boss"}))]
        phone = Annotated[Any, Depends(self.wx.user(phone=True))]

        @self.app.get("/orders")
        async def orders(me: CurrentAccount):
            return {"account": me.id, "user": me.user_id}

        @self.app.get("/pay")
        def pay(session: CurrentSession):
            return {"openid": session.openid, "app_id": session.app_id}

        @self.app.get("/both")
        async def both(me: CurrentAccount, session: CurrentSession, who: user):
            return {"same": me.id == session.account_id, "user": str(who)}

        @self.app.get("/user")
        async def of_user(me: user):
            return {"me": me if isinstance(me, dict) else me.id}

        @self.app.get("/optional")
        async def of_optional(me: optional):
            return {"me": me is not None}

        @self.app.get("/staff")
        async def of_staff(me: staff):
            return {}

        @self.app.get("/boss")
        async def of_boss(me: boss):
            return {}

        @self.app.get("/phone")
        async def of_phone(me: phone):
            return {}


@pytest.fixture
def host(house_settings, clock):
    return Host(house_settings(), clock)


@pytest.fixture
def wx(host):
    """For the plugin's `wx_account`."""
    return host.wx


@pytest.fixture
def client(host):
    with TestClient(host.app) as client:
        yield client


@pytest.fixture
def ann(client, wechat):
    answer = client.post("/v1/login", json={"code": wechat.login("ann")})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def problem(answer, status, code):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["code"] == code
    assert told["status"] == status
    assert told["request_id"] == answer.headers["x-request-id"]
    challenge = f'Bearer error="invalid_token", code="{code}"' if status == 401 else None
    assert answer.headers.get("www-authenticate") == challenge
    return told


HOST_ROUTES = ("/orders", "/pay", "/both", "/user", "/staff", "/boss", "/phone")


@pytest.mark.parametrize("path", HOST_ROUTES)
def test_a_hosts_route_refuses_with_our_problem_document(client, wechat, ann, path):
    problem(client.get(path), 401, "session_missing")
    problem(client.get(path, headers={"Authorization": "Bearer x"}), 401, "session_invalid")
    problem(client.get(f"{path}?token=x", headers={"Cookie": "token=x"}), 401, "session_missing")
    spoofed = {"X-WX-OPENID": wechat.openid("ann"), "X-WX-SOURCE": "wx_client"}
    problem(client.get(path, headers=spoofed), 401, "session_missing")
    told = problem(client.get(path, headers={"Accept-Language": "en"}), 401, "session_missing")
    assert told["title"].isascii()
    client.delete("/v1/session", headers=ann)
    told = problem(client.get(path, headers=ann), 401, "session_revoked")
    assert told["reason"] == "logged_out"


def test_a_host_route_keeps_the_request_id(client):
    answer = client.get("/orders", headers={"X-Request-Id": "proxy-7"})
    assert answer.headers["x-request-id"] == "proxy-7"
    assert answer.json()["request_id"] == "proxy-7"


def test_account_and_session_are_given_to_a_host_route(client, ann, wechat):
    me = client.get("/v1/me", headers=ann).json()
    assert client.get("/orders", headers=ann).json() == {"account": me["id"], "user": "42"}
    paid = client.get("/pay", headers=ann).json()
    assert paid == {"openid": wechat.openid("ann"), "app_id": wechat.app_id}
    assert client.get("/both", headers=ann).json()["same"] is True


def test_user_gives_the_account_without_load_user_and_the_hosts_user_with_it(host, client, ann):
    me = client.get("/v1/me", headers=ann).json()
    assert client.get("/user", headers=ann).json() == {"me": me["id"]}
    host.wx.load_user(lambda user_id: USERS.get(user_id))
    assert client.get("/user", headers=ann).json() == {"me": {"id": 42, "name": "Ann"}}
    host.wx.load_user(lambda user_id: None)
    problem(client.get("/user", headers=ann), 401, "session_invalid")


def test_optional_lets_strangers_in_as_nobody(client, ann):
    assert client.get("/optional").json() == {"me": False}
    assert client.get("/optional", headers={"Authorization": "Bearer x"}).json() == {"me": False}
    assert client.get("/optional", headers=ann).json() == {"me": True}


def test_optional_is_no_way_around_a_store_that_is_down(client, ann, host):
    from wxlogin.login.errors import StoreUnavailable

    async def gone(request):
        raise StoreUnavailable

    host.wx.endpoints.session_of = gone
    problem(client.get("/optional", headers=ann), 503, "store_unavailable")


def test_claims_and_phone_are_asked_for(client, ann):
    assert client.get("/staff", headers=ann).status_code == 200
    problem(client.get("/boss", headers=ann), 403, "scope_missing")
    problem(client.get("/phone", headers=ann), 403, "phone_required")


def test_a_proven_phone_opens_the_route(client, wx_account):
    from wxlogin.login.accounts import Phone

    me = wx_account(phone=Phone("86", "13800006666"))
    assert client.get("/phone", headers=me.headers).status_code == 200


def test_the_plugin_logs_test_users_in(client, wx_account):
    staff = wx_account(user_id="7", claims={"role": "boss"})
    again = wx_account(user_id="7")
    assert client.get("/boss", headers=staff.headers).status_code == 200
    assert client.get("/orders", headers=staff.headers).json()["user"] == "7"
    assert again.account.id == staff.account.id
    assert again.token != staff.token
    assert staff.token not in repr(staff)
    stranger = wx_account()
    assert stranger.account.id != staff.account.id
    assert client.get("/orders", headers=stranger.headers).json()["user"] is None


def test_a_host_overrides_the_dependencies_in_its_own_tests(host, client):
    host.app.dependency_overrides[current_account] = lambda: type(
        "Account", (), {"id": "fake", "user_id": "1"}
    )()
    assert client.get("/orders").json() == {"account": "fake", "user": "1"}
    host.app.dependency_overrides.clear()
    problem(client.get("/orders"), 401, "session_missing")


def test_the_hosts_document_shows_locks_our_routes_and_our_schemes_once(host):
    document = host.app.openapi()
    assert document["components"]["securitySchemes"]["session"]["scheme"] == "bearer"
    for path in (*HOST_ROUTES, "/optional"):
        assert document["paths"][path]["get"]["security"] == [{"session": []}], path
    assert "security" not in document["paths"]["/v1/login"]["post"]
    assert document["paths"]["/v1/session"]["get"]["security"] == [{"session": []}]
    login = document["paths"]["/v1/login"]["post"]
    assert "code" in str(login["requestBody"])
    assert {"200", "400", "403", "404", "413", "415", "429", "500", "503"} <= set(
        login["responses"]
    )
    assert "/healthz" not in document["paths"]
    ids = [
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
    ]
    assert len(ids) == len(set(ids))
    assert not [
        reference
        for reference in str(document).split("#/components/schemas/")[1:]
        if reference.split("'")[0] not in document.get("components", {}).get("schemas", {})
    ]


def test_a_prefix_moves_all_our_routes_and_nothing_else(house_settings, clock, wechat):
    host = Host(house_settings(), clock, prefix="/api/wx")
    with TestClient(host.app) as client:
        answer = client.post("/api/wx/v1/login", json={"code": wechat.login("ann")})
        headers = {"Authorization": f"Bearer {answer.json()['token']}"}
        assert client.get("/api/wx/v1/session", headers=headers).status_code == 200
        assert client.get("/orders", headers=headers).json()["user"] == "42"
        assert client.get("/v1/session", headers=headers).status_code == 404
        gone = answer.json()["session_id"]
        assert client.delete(f"/api/wx/v1/sessions/{gone}", headers=headers).status_code == 204
        refused = client.request("PATCH", "/api/wx/v1/session", headers=headers)
        assert (refused.status_code, refused.headers["allow"]) == (405, "DELETE, GET, HEAD")


# A loop that ends without a lifespan takes its idle connections with it, unclosed.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_without_lifespan_each_request_may_bring_a_loop_of_its_own(house_settings, clock, wechat):
    """TestClient outside of `with` runs every request on a new event loop."""
    host = Host(house_settings(), clock, with_lifespan=False)
    client = TestClient(host.app)
    for _ in range(4):
        answer = client.post("/v1/login", json={"code": wechat.login("ann")})
        assert answer.status_code == 200, answer.text
        headers = {"Authorization": f"Bearer {answer.json()['token']}"}
        assert client.get("/orders", headers=headers).json()["user"] == "42"
        assert client.delete("/v1/session", headers=headers).status_code == 204
    gc.collect()


def test_a_host_may_stop_and_start_again(host, wechat):
    tokens = []
    for _ in range(2):
        with TestClient(host.app) as client:
            answer = client.post("/v1/login", json={"code": wechat.login("ann")})
            tokens.append(answer.json()["token"])
            for token in tokens:
                headers = {"Authorization": f"Bearer {token}"}
                assert client.get("/v1/session", headers=headers).status_code == 200


def test_a_path_value_with_braces_is_just_a_path_value(client, ann):
    """The adapter rebuilds the path: what a client put in must not be read as a format."""
    for value in ("{x}", "{0}", "{session_id}", "%7Bx%7D", "{", "a{b}c", "{x.__class__}"):
        answer = client.delete(f"/v1/sessions/{value}", headers=ann)
        problem(answer, 404, "not_found")


async def test_the_middleware_puts_the_session_into_the_scope(house):
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    async def page(request):
        session = request.scope["wxlogin.session"]
        return JSONResponse({"account": session and session.account_id})

    import httpx2

    app = Starlette(routes=[Route("/", page)])
    token = await house.token("ann")
    for required in (False, True):
        wrapped = house.wx.middleware(app, required=required)
        transport = httpx2.ASGITransport(app=wrapped)
        async with httpx2.AsyncClient(transport=transport, base_url="http://h") as http:
            answer = await http.get("/", headers={"Authorization": f"Bearer {token}"})
            assert answer.json()["account"]
            answer = await http.get("/")
            if required:
                problem(answer, 401, "session_missing")
            else:
                assert answer.json() == {"account": None}
