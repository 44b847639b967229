"""Who may do what: every route, every kind of visitor."""

import re

import pytest

from tests.console.desk import MARK, WHY
from wxlogin.endpoints.admin.routes import ADMIN_ROUTES
from wxlogin.endpoints.routes import ROUTES
from wxlogin.login.ports import SYSTEM, Scope

OPEN = {"POST /v1/admin/sign-in"}
ADMINS = {
    "POST /v1/admin/accounts/{account_id}/erase",
    "POST /v1/admin/accounts/{account_id}/restore",
    "POST /v1/admin/apps",
    "PUT /v1/admin/apps/{app_id}",
    "POST /v1/admin/apps/{app_id}/rotate-secret",
    "POST /v1/admin/apps/{app_id}/drop-old-secret",
    "POST /v1/admin/apps/{app_id}/disable",
    "POST /v1/admin/apps/{app_id}/enable",
    "GET /v1/admin/service-keys",
    "POST /v1/admin/service-keys",
    "POST /v1/admin/service-keys/{key_id}/revoke",
    "GET /v1/admin/operators",
    "POST /v1/admin/operators",
    "POST /v1/admin/operators/{operator_id}/disable",
    "POST /v1/admin/operators/{operator_id}/enable",
    "POST /v1/admin/operators/{operator_id}/reset",
    "GET /v1/admin/audit/export",
}
SUPPORTS = {
    "GET /v1/admin/me",
    "PUT /v1/admin/me",
    "POST /v1/admin/me/password",
    "POST /v1/admin/sign-out",
    "GET /v1/admin/overview",
    "GET /v1/admin/accounts",
    "POST /v1/admin/accounts/search",
    "GET /v1/admin/accounts/{account_id}",
    "POST /v1/admin/accounts/{account_id}/reveal-phone",
    "POST /v1/admin/accounts/{account_id}/disable",
    "POST /v1/admin/accounts/{account_id}/enable",
    "POST /v1/admin/accounts/{account_id}/end-sessions",
    "POST /v1/admin/merges",
    "POST /v1/admin/merges/preview",
    "GET /v1/admin/applications",
    "POST /v1/admin/applications/{application_id}/approve",
    "POST /v1/admin/applications/{application_id}/reject",
    "GET /v1/admin/apps",
    "POST /v1/admin/apps/{app_id}/check",
    "GET /v1/admin/audit",
    "GET /v1/admin/audit/kinds",
    "GET /v1/admin/audit/verify",
}
CLOSED = sorted(ADMINS | SUPPORTS)
READS = {
    "POST /v1/admin/sign-in",
    "POST /v1/admin/sign-out",
    "PUT /v1/admin/me",
    "POST /v1/admin/me/password",
    "POST /v1/admin/accounts/search",
    "POST /v1/admin/merges/preview",
    "POST /v1/admin/apps/{app_id}/check",
}
"""No acts on anybody else: they ask for no reason."""
DOCUMENTS = ("GET /v1/admin/openapi.json", "GET /v1/admin/docs")


def place_of(name):
    method, path = name.split()
    return method, re.sub(r"{\w+}", "0", path)


async def ask(browser, name, *, headers=None, **how):
    method, path = place_of(name)
    if method != "GET":
        how = {"json": {}, **how}
    return await browser.request(method, path, headers={**MARK, **(headers or {})}, **how)


def test_every_route_is_in_one_of_the_lists_and_in_no_public_table():
    names = {route.name for route in ADMIN_ROUTES}
    assert names == OPEN | ADMINS | SUPPORTS
    assert names.isdisjoint(route.name for route in ROUTES)
    assert not any(route.path.startswith("/v1/admin") for route in ROUTES)


@pytest.fixture
async def strangers(house, wechat):
    """A person's token and another server's key, both alive; and where each may be put."""
    token = await house.token("ann")
    made = await (await house.wx.flow()).service_keys.make(
        "orders", [scope.value for scope in Scope], actor=SYSTEM
    )
    return [
        {"Authorization": f"Bearer {token}"},
        {"Authorization": f"Bearer {made.secret.reveal()}"},
        {"Cookie": f"wxlogin_operator={token}"},
        {"Cookie": f"wxlogin_operator={made.secret.reveal()}"},
        {},
    ]


async def test_no_persons_token_and_no_service_key_opens_any_of_them(strangers, browsers):
    for name in CLOSED:
        for headers in strangers:
            answer = await ask(browsers(), name, headers=headers)
            code = answer.json()["code"]
            assert answer.status_code == 401, name
            assert code in ("session_missing", "session_invalid"), (name, code)


async def test_an_operators_cookie_opens_no_door_of_people_or_servers(admin, house):
    token = admin.http.cookies["wxlogin_operator"]
    assert (await house.check(token)).json()["code"] == "session_invalid"
    answer = await house.get("/v1/service/accounts/0", token)
    assert answer.json()["code"] == "service_key_invalid"


async def test_support_gets_no_further_than_its_role(support):
    for name in CLOSED:
        if name == "POST /v1/admin/sign-out":
            continue
        answer = await ask(support.http, name)
        if name in ADMINS:
            assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing"), name
        else:
            assert answer.status_code not in (401, 403), name


async def test_an_admin_gets_everywhere(admin):
    for name in CLOSED:
        if name == "POST /v1/admin/sign-out":
            continue
        answer = await ask(admin.http, name)
        assert answer.status_code not in (401, 403, 405, 500), name


async def test_no_act_is_taken_without_the_consoles_header(admin):
    for name in CLOSED:
        method, path = place_of(name)
        if method == "GET":
            continue
        for headers in ({}, {"X-Wxlogin-Console": "0"}):
            answer = await admin.http.request(method, path, json={**WHY}, headers=headers)
            assert answer.status_code == 400, name
            assert answer.json()["errors"][0]["field"] == "X-Wxlogin-Console", name


BODIES = {
    "POST /v1/admin/accounts/{account_id}/erase": {"now": True},
    "POST /v1/admin/apps": {"app_id": "wx1", "secret": "s"},
    "POST /v1/admin/apps/{app_id}/rotate-secret": {"secret": "s"},
    "POST /v1/admin/service-keys": {"name": "n", "scopes": ["introspect"]},
    "POST /v1/admin/operators": {"name": "new.one", "role": "admin"},
    "POST /v1/admin/applications/{application_id}/reject": {"reason_for_user": "no"},
    "POST /v1/admin/merges": {
        "keep_account_id": "a",
        "drop_account_id": "b",
        "keep_code": "1",
        "drop_code": "2",
    },
}


@pytest.mark.parametrize("reason", [None, "", "  \n ", 7, "x" * 501])
async def test_no_act_is_taken_without_a_reason(admin, reason, lines):
    before = len(await lines())
    for name in CLOSED:
        if name in READS or name.startswith("GET"):
            continue
        body = dict(BODIES.get(name, {}))
        if reason is not None:
            body["reason"] = reason
        answer = await ask(admin.http, name, json=body)
        assert answer.status_code == 400, name
        assert [one["field"] for one in answer.json()["errors"]] == ["reason"], name
    assert len(await lines()) == before


async def test_the_documents_are_an_operators_where_they_are_not_for_everybody(
    houses, admin, browsers, console
):
    for name in DOCUMENTS:
        assert (await ask(browsers(), name)).status_code == 200  # development
    import httpx2

    from wxlogin.console.door import console_of

    closed = console_of(houses(settings={"public_docs": False}).wx)
    transport = httpx2.ASGITransport(app=closed, client=("127.0.0.1", 5000))
    async with httpx2.AsyncClient(transport=transport, base_url="http://console") as browser:
        for name in DOCUMENTS:
            assert (await ask(browser, name)).status_code == 401
            cookie = {"Cookie": f"wxlogin_operator={admin.http.cookies['wxlogin_operator']}"}
            assert (await ask(browser, name, headers=cookie)).status_code == 200


async def test_the_public_server_has_none_of_it(house):
    for name in CLOSED:
        method, path = place_of(name)
        answer = await house.http.request(method, path, headers=MARK)
        assert answer.status_code == 404, name


async def test_the_console_has_nothing_of_the_public_server(browsers):
    browser = browsers()
    for route in ROUTES:
        if route.path in ("/healthz", "/readyz"):
            continue
        answer = await browser.request(route.method, re.sub(r"{\w+}", "0", route.path))
        assert answer.status_code == 404, route.name
