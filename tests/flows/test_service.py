"""The team's other servers: who may ask, what a token is worth, and what is left behind."""

import json
import logging

import pytest

from tests.flows.service_calls import (
    ASKED,
    NOBODY,
    OPERATOR,
    PHONE,
    access_token,
    audited,
    introspect,
    new_key,
    send,
)
from wxlogin.login.ports import Scope
from wxlogin.testing.pytest_plugin import log_in

# Who may


def test_every_route_of_the_plane_is_in_the_table():
    from wxlogin.endpoints.route import Plane
    from wxlogin.endpoints.routes import ROUTES

    routes = {r.name.replace("{account_id}", "{id}"): r for r in ROUTES}
    table = {name.split("?")[0]: scope for name, (scope, _) in ASKED.items()}
    assert table == {n: r.scope for n, r in routes.items() if r.plane is Plane.SERVICE}
    assert not [r.name for r in ROUTES if r.scope and r.plane is not Plane.SERVICE]


@pytest.mark.parametrize("name", ASKED)
async def test_a_key_may_what_its_scope_says_and_nothing_else(house, name):
    """The whole matrix: each route with each scope alone, and with all but its own."""
    person = await log_in(house.wx, user_id=42)
    needed = ASKED[name][0]
    for scope in Scope:
        answer = await send(house, name, await new_key(house, scope), account_id=person.account.id)
        if scope is needed:
            assert answer.status_code in (200, 400, 409), answer.text
            assert answer.json().get("code") not in ("scope_missing", "service_key_invalid")
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    others = [scope for scope in Scope if scope is not needed]
    answer = await send(house, name, await new_key(house, *others), account_id=person.account.id)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


@pytest.mark.parametrize("name", ASKED)
async def test_without_a_live_key_every_route_gives_one_answer(house, name):
    """Missing, malformed, made up, another's secret, revoked, a person's token: the same bytes."""
    person = await log_in(house.wx, user_id=42)
    key = await new_key(house, *Scope)
    keys = (await house.wx.flow()).service_keys
    revoked = (await keys.make("old", Scope, actor=OPERATOR)).secret.reveal()
    await keys.revoke(revoked[4:40], actor=OPERATOR)
    bad = (
        None,
        "",
        "wxk_",
        person.token,
        f"wxk_{NOBODY}.{'A' * 43}",
        revoked,
        key[:-1],
        key + "A",
        key[:-1] + ("A" if key[-1] != "A" else "B"),
        key.replace("wxk_", "wxl_"),
        key[:41] + revoked[41:],
        key.upper(),
        "é" * 84,
    )
    seen = set()
    for bearer in bad:
        headers = {"X-Request-Id": "r"}
        if bearer is not None:
            headers["Authorization"] = f"Bearer {bearer}".encode()
        answer = await send(house, name, None, account_id=person.account.id, headers=headers)
        assert answer.status_code == 401, (bearer, answer.text)
        seen.add((answer.content, answer.headers["www-authenticate"]))
    assert len(seen) == 1
    content, challenge = seen.pop()
    assert json.loads(content)["code"] == "service_key_invalid"
    assert challenge == 'Bearer error="invalid_token", code="service_key_invalid"'
    assert (await house.check(person.token)).status_code == 200


async def test_a_key_in_the_url_or_in_basic_credentials_is_no_key(house):
    key = await new_key(house, *Scope)
    for how in ({"params": {"access_token": key, "token": key}}, {"auth": ("key", key)}):
        answer = await house.ask("GET", "/v1/service/access-token", None, **how)
        assert answer.json()["code"] == "service_key_invalid"


async def test_a_service_key_is_nobodys_session(house):
    key = await new_key(house, *Scope)
    for method, path, how in (
        ("GET", "/v1/session", {}),
        ("DELETE", "/v1/session", {}),
        ("GET", "/v1/sessions", {}),
        ("GET", "/v1/me", {}),
        ("PUT", "/v1/me/profile", {"json": {"nickname": "x"}}),
        ("POST", "/v1/session/wechat-check", {}),
    ):
        answer = await house.ask(method, path, key, **how)
        assert (answer.status_code, answer.json()["code"]) == (401, "session_invalid"), path


async def test_a_revoked_key_is_refused_at_the_very_next_request_elsewhere(houses):
    one, two = houses(), houses()
    key = await new_key(one, Scope.INTROSPECT)
    assert (await introspect(two, key, "x")).json() == {"active": False}
    await (await one.wx.flow()).service_keys.revoke(key[4:40], actor=OPERATOR, why="left")
    for house in (two, one):
        answer = await introspect(house, key, "x")
        assert (answer.status_code, answer.json()["code"]) == (401, "service_key_invalid")


async def test_making_and_revoking_a_key_are_in_the_audit_log_without_the_key(house, rows):
    key = await new_key(house, Scope.INTROSPECT)
    keys = (await house.wx.flow()).service_keys
    await keys.revoke(key[4:40], actor=OPERATOR)
    await keys.revoke(key[4:40], actor=OPERATOR)
    assert audited(rows, "service_key_made") == [
        ("operator", "ops", {"key_id": key[4:40], "name": "test", "scopes": ["introspect"]})
    ]
    assert audited(rows, "service_key_revoked") == [("operator", "ops", {"key_id": key[4:40]})]
    assert key[41:] not in str(rows("SELECT * FROM wxlogin_audit"))
    assert key[41:].encode() not in b"".join(
        bytes(str(row), "utf-8") for row in rows("SELECT * FROM wxlogin_service_key")
    )


async def test_the_use_of_a_key_is_noted_at_most_once_a_minute(house):
    key = await new_key(house, Scope.INTROSPECT)
    flow = await house.wx.flow()
    noted = []
    for _ in range(4):
        await introspect(house, key, "x")
        await flow.service_keys.write_used()
        noted.append((await flow.service_keys.list_all())[0].last_used_at)
        house.clock.advance(30)
    first, third = noted[0], noted[2]
    assert noted == [first, first, third, third]
    assert (third - first).total_seconds() == 60


# Introspection


async def test_introspection_says_whose_token_it_is(house, wechat):
    wechat.add_app(wechat.app_id, union_group="g")
    key = await new_key(house, Scope.INTROSPECT)
    told = (await house.login("ann")).json()
    await house.wx.find(openid=wechat.openid("ann"))
    answer = await introspect(house, key, told["token"])
    assert answer.headers["cache-control"] == "no-store"
    now = int(house.clock.now.timestamp())
    assert answer.json() == {
        "active": True,
        "sub": told["account"]["id"],
        "user_id": None,
        "client_id": wechat.app_id,
        "openid": wechat.openid("ann"),
        "unionid": wechat.unionid("ann"),
        "sid": told["session_id"],
        "token_type": "Bearer",
        "exp": now + told["expires_in"],
        "iat": now,
        "claims": {},
    }


async def test_of_a_token_that_is_over_introspection_says_no_more_than_that(house, wechat):
    key = await new_key(house, Scope.INTROSPECT)
    kicked, expired = await house.token("ann"), await house.token("bob")
    await house.wx.kick(openid=wechat.openid("ann"))
    live = await house.token("cid")
    for token in ("", "x", "é", kicked, key, live[:-1], "Bearer " + live):
        answer = await introspect(house, key, token)
        assert (answer.status_code, answer.content) == (200, b'{"active":false}'), token
        assert answer.headers["cache-control"] == "no-store"
    house.clock.advance(31 * 86400)
    assert (await introspect(house, key, expired)).content == b'{"active":false}'


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ({"data": {}}, 415, "media_type_unsupported"),
        ({"data": {"other": "x"}}, 400, "request_invalid"),
        ({"data": None, "json": {"token": "x"}}, 415, "media_type_unsupported"),
        ({"data": {"token": ["a", "b"]}}, 400, "request_invalid"),
        ({"params": {"token": "x"}, "data": {"a": "b"}}, 400, "request_invalid"),
        ({"data": {"token": "x" * 70_000}}, 413, "body_too_large"),
        ({"data": {f"f{n}": "x" for n in range(40)}}, 400, "request_invalid"),
    ],
)
async def test_introspection_takes_one_token_in_a_form_and_nothing_else(house, how, status, code):
    answer = await introspect(house, await new_key(house, Scope.INTROSPECT), None, **how)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("body", [b"token=%ff", b"token=\xe9", b"token=a&token=b"])
async def test_a_form_that_parsers_read_differently_is_refused(house, body):
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    key = await new_key(house, Scope.INTROSPECT)
    answer = await introspect(house, key, None, data=None, content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "request_invalid")


async def test_introspection_is_use_of_the_session(house):
    key = await new_key(house, Scope.INTROSPECT)
    token = await house.token()
    for _ in range(3):
        house.clock.advance(6 * 86400)
        assert (await introspect(house, key, token)).json()["active"]
        await (await house.wx.flow()).checks.write_seen()
    house.clock.advance(8 * 86400)
    assert not (await introspect(house, key, token)).json()["active"]


# What is left behind


async def test_no_key_phone_or_token_is_in_any_log_or_file(house, caplog, database):
    caplog.set_level(logging.DEBUG)
    person = await log_in(house.wx, user_id="42", phone=PHONE)
    key = await new_key(house, *Scope)
    seen = []
    for query in ("phone=13800006666", "phone=%2B8613800006666&pool=default"):
        seen.append(await house.get(f"/v1/service/accounts?{query}", key))
        assert seen[-1].status_code == 200
    for name in ASKED:
        seen.append(await send(house, name, key, account_id=person.account.id))
        seen.append(await send(house, name, key[:-1] + "!", account_id=person.account.id))
    await introspect(house, key, person.token)
    ours = [vars(record) for record in caplog.records if record.name.startswith("wxlogin")]
    said = str(ours)
    flow = await house.wx.flow()
    said += repr(await flow.service_keys.list_all()) + repr(flow.service_keys)
    files = b"".join(path.read_bytes() for path in database.parent.glob(database.name + "*"))
    given = (await access_token(house, key)).json()["access_token"]
    for secret in (key[41:], "13800006666", "13800006666"[3:], person.token[41:84], given):
        assert secret not in said
        assert secret.encode() not in files
    assert not [a for a in seen if key[41:] in a.text + str(a.headers)]
    assert "/v1/service/accounts" in said  # the log was there
