"""Accounts and sessions, as the team's other servers see, change and end them."""

import asyncio

import pytest

from tests.flows.service_calls import ASKED, NOBODY, PHONE, audited, introspect, new_key, send
from wxlogin.login.accounts import AccountStatus, Phone
from wxlogin.login.policy import App
from wxlogin.login.ports import AccountChange, PhoneChange, Scope
from wxlogin.login.secret import Secret
from wxlogin.testing.pytest_plugin import log_in

# Accounts


async def test_an_account_is_found_by_each_of_its_names(house, wechat):
    key = await new_key(house, Scope.ACCOUNTS_READ)
    person = await log_in(house.wx, user_id="u 1&x", openid="oOne", unionid="uOne", phone=PHONE)
    by_id = await house.get(f"/v1/service/accounts/{person.account.id}", key)
    assert by_id.headers["cache-control"] == "no-store"
    shown = by_id.json()
    assert shown["identities"] == [
        {
            "app_id": wechat.app_id,
            "openid": "oOne",
            "unionid": "uOne",
            "linked_at": "2026-03-01T08:00:00Z",
        }
    ]
    assert (shown["id"], shown["user_id"]) == (person.account.id, "u 1&x")
    for params in (
        {"user_id": "u 1&x"},
        {"openid": "oOne"},
        *({"phone": text} for text in ("13800006666", "+86 138-0000-6666", "008613800006666")),
        {"phone": "13800006666", "pool": "default"},
    ):
        answer = await house.ask("GET", "/v1/service/accounts", key, params=params)
        assert answer.json() == shown, params


async def test_the_whole_number_needs_a_scope_of_its_own(house):
    person = await log_in(house.wx, phone=PHONE)
    path = f"/v1/service/accounts/{person.account.id}"
    masked = await house.get(path, await new_key(house, Scope.ACCOUNTS_READ))
    whole = await house.get(path, await new_key(house, Scope.ACCOUNTS_READ, Scope.PHONE_READ))
    assert masked.json()["phone"] == "138****6666"
    assert whole.json()["phone"] == "+8613800006666"
    assert "00006666" not in masked.text
    changed = await house.ask(
        "PUT", path, await new_key(house, Scope.ACCOUNTS_WRITE), json={"claims": {"a": 1}}
    )
    assert changed.json()["phone"] == "138****6666"


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("", 400, "request_invalid"),
        ("?user_id=1&openid=o", 400, "request_invalid"),
        ("?pool=default", 400, "request_invalid"),
        ("?user_id=1&user_id=2", 400, "request_invalid"),
        ("?account_id=1", 400, "request_invalid"),
        ("?user_id=%ff", 400, "request_invalid"),
        ("?phone=12", 422, "phone_number_invalid"),
        ("?user_id=nobody", 404, "not_found"),
        ("?openid=oNobody", 404, "not_found"),
        ("?phone=13900000000", 404, "not_found"),
        ("?user_id=%00", 404, "not_found"),
        ("?user_id=%27%20OR%201=1", 404, "not_found"),
        ("?openid=%25", 404, "not_found"),
    ],
)
async def test_a_search_names_exactly_one_thing_and_nobody_is_404(house, query, status, code):
    await log_in(house.wx, user_id=1)
    key = await new_key(house, Scope.ACCOUNTS_READ)
    answer = await house.get(f"/v1/service/accounts{query}", key)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("account_id", [NOBODY, "x", "%00", "..", "%27", "é", "0" * 300])
@pytest.mark.parametrize("name", [name for name in ASKED if "{id}" in name])
async def test_an_account_that_is_not_there_is_404_everywhere(house, name, account_id):
    answer = await send(house, name, await new_key(house, *Scope), account_id=account_id)
    assert answer.status_code == 404, answer.text


async def test_a_number_that_two_pools_know_is_nobodys_until_the_pool_is_named(houses, wechat):
    apps = tuple(
        App(wechat.add_app(name).app_id, Secret(wechat.add_app(name).secret), pool=name)
        for name in ("north", "south")
    )
    house = houses(settings={"apps": apps})
    store = await house.wx.open_store()
    ids = {}
    for app in apps:
        told = (await house.login("ann", app_id=app.app_id)).json()
        ids[app.pool] = told["account"]["id"]
        proven = Phone("86", "13800006666", house.clock.now)
        await store.change_phone(PhoneChange(ids[app.pool], proven))
    key = await new_key(house, Scope.ACCOUNTS_READ)

    async def find(**params):
        params = {"phone": "13800006666", **params}
        return await house.ask("GET", "/v1/service/accounts", key, params=params)

    assert (await find()).status_code == 404
    assert {(await find(pool=pool)).json()["id"] for pool in ids} == set(ids.values())


async def test_claims_reach_live_sessions_and_later_ones(house, rows):
    key = await new_key(house, Scope.ACCOUNTS_WRITE, Scope.INTROSPECT)
    told = (await house.login()).json()
    path = f"/v1/service/accounts/{told['account']['id']}"
    body = {"user_id": "42", "claims": {"role": "staff"}}
    changed = await house.ask("PUT", path, key, json=body)
    assert changed.status_code == 200
    assert {n: changed.json()[n] for n in body} == body
    for token in (told["token"], await house.token()):
        check = (await house.check(token)).json()
        assert (check["user_id"], check["claims"]) == ("42", {"role": "staff"})
        assert (await introspect(house, key, token)).json()["claims"] == {"role": "staff"}
    replaced = await house.ask("PUT", path, key, json={"claims": {}})
    assert replaced.json()["user_id"] == "42"
    assert (await house.check(told["token"])).json()["claims"] == {}
    assert audited(rows, "account_changed") == [
        ("service", key[4:40], {"fields": ["user_id", "claims"]}),
        ("service", key[4:40], {"fields": ["claims"]}),
    ]


async def test_the_hosts_own_claims_stand_above_those_of_another_server(house):
    house.wx.user_for(lambda who: "42")
    house.wx.claims_for(lambda user: {"role": "guest"})
    key = await new_key(house, Scope.ACCOUNTS_WRITE)
    told = (await house.login()).json()
    path = f"/v1/service/accounts/{told['account']['id']}"
    await house.ask("PUT", path, key, json={"claims": {"role": "staff", "shop": 7}})
    check = await house.check(told["token"])
    assert check.json()["claims"] == {"role": "guest", "shop": 7}


@pytest.mark.parametrize(
    "body",
    [
        {"user_id": ""},
        {"user_id": "x" * 65},
        {"user_id": "a\nb"},
        {"user_id": 42},
        {"claims": []},
        {"claims": {"a": "x" * 1024}},
        {"claims": {"a": "名" * 342}},
    ],
)
async def test_what_no_account_may_hold_is_refused_and_changes_nothing(house, body):
    person = await log_in(house.wx, user_id=1, claims={})
    key = await new_key(house, Scope.ACCOUNTS_WRITE, Scope.ACCOUNTS_READ)
    path = f"/v1/service/accounts/{person.account.id}"
    before = (await house.get(path, key)).json()
    answer = await house.ask("PUT", path, key, json={"claims": {"b": 1}, **body})
    assert (answer.status_code, answer.json()["code"]) == (400, "request_invalid")
    assert answer.json()["errors"][0]["field"] in body
    assert (await house.get(path, key)).json() == before


async def test_a_user_id_of_somebody_else_is_taken_and_nothing_is_changed(house, rows):
    await log_in(house.wx, user_id="mine")
    other = await log_in(house.wx, openid="oOther")
    key = await new_key(house, *Scope)
    path = f"/v1/service/accounts/{other.account.id}"
    answer = await house.ask("PUT", path, key, json={"user_id": "mine", "claims": {"a": 1}})
    assert (answer.status_code, answer.json()["code"]) == (409, "identity_taken")
    shown = (await house.get(path, key)).json()
    assert (shown["user_id"], shown["claims"]) == (None, {})
    assert audited(rows, "account_changed") == []
    again = await house.ask("PUT", path, key, json={})
    assert again.json() == shown


COLUMNS = {
    "id": NOBODY,
    "pool": "other",
    "status": "disabled",
    "epoch": 99,
    "nickname": "taken over",
    "avatar_url": "https://evil.example",
    "phone": "13900000000",
    "phone_proven_at": "2020-01-01T00:00:00Z",
    "openid": "oEvil",
    "unionid": "uEvil",
    "username": "root",
    "password": "x",
    "app_id": "wxevil",
    "erase_at": "2020-01-01T00:00:00Z",
    "disabled_until": "2030-01-01T00:00:00Z",
    "created_at": "2020-01-01T00:00:00Z",
    "identities": [],
    "scopes": ["introspect"],
}


@pytest.mark.parametrize(
    ("method", "tail"), [("PUT", ""), ("POST", "/enable"), ("POST", "/disable")]
)
async def test_a_field_that_is_not_offered_has_no_effect(house, rows, method, tail):
    """D01: every column, on every route that writes an account."""
    person = await log_in(house.wx, user_id=1, nickname="Ann", phone=PHONE)
    key = await new_key(house, *Scope)
    path = f"/v1/service/accounts/{person.account.id}"
    before = (await house.get(path, key)).json()
    keys_before = rows("SELECT id, scopes FROM wxlogin_service_key")
    answer = await house.ask(method, path + tail, key, json=COLUMNS)
    assert answer.status_code == 200, answer.text
    after = (await house.get(path, key)).json()
    if tail == "/disable":
        assert after.pop("status") == "disabled"
        before.pop("status")
    assert after == before
    assert rows("SELECT id, scopes FROM wxlogin_service_key") == keys_before


async def test_a_disabled_person_is_out_at_once_and_hears_why(house, wechat, rows):
    key = await new_key(house, Scope.ACCOUNTS_WRITE)
    told = (await house.login()).json()
    path = f"/v1/service/accounts/{told['account']['id']}"
    until = "2026-03-08T08:00:00Z"
    body = {"until": until, "reason_for_user": "广告"}
    disabled = await house.ask("POST", f"{path}/disable", key, json=body)
    assert disabled.json()["status"] == "disabled"
    assert (disabled.json()["disabled_until"], disabled.json()["reason_for_user"]) == (
        until,
        "广告",
    )
    over = (await house.check(told["token"])).json()
    assert (over["code"], over["reason"]) == ("session_revoked", "account_disabled")
    refused = (await house.login()).json()
    assert (refused["code"], refused["until"], refused["reason_for_user"]) == (
        "account_disabled",
        until,
        "广告",
    )
    enabled = await house.ask("POST", f"{path}/enable", key)
    assert (enabled.json()["status"], enabled.json()["disabled_until"]) == ("active", None)
    assert (await house.login()).status_code == 200
    assert (await house.ask("POST", f"{path}/enable", key)).status_code == 200
    for kind in ("account_disabled", "account_enabled"):
        assert [row[:2] for row in audited(rows, kind)] == [("service", key[4:40])]


@pytest.mark.parametrize(
    "body",
    [
        {"until": "2026-03-01T08:00:00Z"},
        {"until": "2026-04-01T08:00:00"},
        {"until": "tomorrow"},
        {"until": 1772352000},
        {"reason_for_user": ""},
        {"reason_for_user": "a\nb"},
        {"reason_for_user": "x" * 201},
    ],
)
async def test_a_disabling_that_makes_no_sense_is_refused(house, body):
    person = await log_in(house.wx)
    key = await new_key(house, Scope.ACCOUNTS_WRITE)
    path = f"/v1/service/accounts/{person.account.id}/disable"
    answer = await house.ask("POST", path, key, json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "request_invalid")
    assert (await house.check(person.token)).status_code == 200


@pytest.mark.parametrize(
    ("status", "act"),
    [
        ("pending", "enable"),
        ("pending", "disable"),
        ("rejected", "enable"),
        ("rejected", "disable"),
        ("erasing", "enable"),
    ],
)
async def test_what_waits_for_somebody_else_is_not_decided_here(house, status, act):
    """Enabling would approve an application, or take an erasure back."""
    person = await log_in(house.wx)
    store = await house.wx.open_store()
    await store.change_account(person.account.id, AccountChange(status=AccountStatus(status)))
    key = await new_key(house, Scope.ACCOUNTS_WRITE)
    path = f"/v1/service/accounts/{person.account.id}/{act}"
    answer = await house.ask("POST", path, key, json={})
    assert (answer.status_code, answer.json()["code"]) == (400, "request_invalid")
    assert (await house.wx.find(account_id=person.account.id)).status == status


# Sessions


async def test_sessions_are_ended_by_account_by_user_or_one_by_one(house, rows):
    key = await new_key(house, Scope.SESSIONS_REVOKE)
    mine = [await log_in(house.wx, user_id="42") for _ in range(3)]
    other = await log_in(house.wx, user_id="43")

    async def revoke(**body):
        return await house.ask("POST", "/v1/service/sessions/revoke", key, json=body)

    one = await revoke(session_id=mine[0].session.id, reason="换绑")
    assert one.json() == {"revoked": 1}
    over = (await house.check(mine[0].token)).json()
    assert (over["code"], over["reason"]) == ("session_revoked", "换绑")
    assert (await revoke(session_id=mine[0].session.id)).json() == {"revoked": 0}
    assert (await house.check(mine[1].token)).status_code == 200
    assert (await revoke(user_id="42")).json() == {"revoked": 2}
    assert (await house.check(mine[1].token)).json()["reason"] == "kicked"
    assert (await revoke(account_id=mine[0].account.id)).json() == {"revoked": 0}
    assert (await house.check(other.token)).status_code == 200
    lines = audited(rows, "sessions_ended")
    assert [line[:2] for line in lines] == [("service", key[4:40])] * 2  # of what ended something
    assert lines[0][2] == {"session_id": mine[0].session.id}


async def test_the_hosts_hook_hears_of_a_session_that_another_server_ended(house):
    heard = asyncio.Queue()
    house.wx.on_kicked(heard.put)
    person = await log_in(house.wx, user_id="42")
    key = await new_key(house, Scope.SESSIONS_REVOKE)
    body = {"session_id": person.session.id}
    await house.ask("POST", "/v1/service/sessions/revoke", key, json=body)
    event = await asyncio.wait_for(heard.get(), 5)
    assert (event.session_id, event.user_id) == (person.session.id, "42")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"user_id": "1", "account_id": NOBODY}, 400),
        ({"session_id": ""}, 400),
        ({"user_id": "1", "reason": "a\tb"}, 400),
        ({"user_id": "nobody"}, 404),
        ({"account_id": NOBODY}, 404),
        ({"session_id": NOBODY}, 404),
    ],
)
async def test_a_revocation_names_exactly_one_thing_and_nobody_is_404(house, body, status):
    await log_in(house.wx, user_id=1)
    key = await new_key(house, Scope.SESSIONS_REVOKE)
    answer = await house.ask("POST", "/v1/service/sessions/revoke", key, json=body)
    assert answer.status_code == status, answer.text


async def test_claims_that_are_too_much_with_the_hosts_own_are_not_written(house, rows):
    """Else every login of the person fails from then on."""
    person = await log_in(house.wx, user_id="42")
    house.wx.claims_for(lambda user: {"host": "x" * 600})
    key = await new_key(house, Scope.ACCOUNTS_WRITE)
    path = f"/v1/service/accounts/{person.account.id}"
    answer = await house.ask("PUT", path, key, json={"claims": {"a": "x" * 600}, "user_id": "43"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "claims"
    kept = await house.wx.find(account_id=person.account.id)
    assert (kept.claims, kept.user_id) == ({}, "42")
    fits = await house.ask("PUT", path, key, json={"claims": {"a": "x" * 300}})
    assert fits.status_code == 200


@pytest.mark.parametrize("until", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"])
async def test_a_time_at_the_edge_of_time_is_refused(house, until):
    person = await log_in(house.wx)
    key = await new_key(house, Scope.ACCOUNTS_WRITE)
    path = f"/v1/service/accounts/{person.account.id}/disable"
    answer = await house.ask("POST", path, key, json={"until": until})
    assert (answer.status_code, answer.json()["code"]) == (400, "request_invalid")


async def test_where_no_session_ends_and_nobody_is_let_in_nothing_is_told(house, rows):
    person = await log_in(house.wx)
    events = "SELECT count(*) FROM wxlogin_outbox WHERE kind = 'kicked'"
    house.wx.on_kicked(lambda event: None)
    keys = await new_key(house, Scope.ACCOUNTS_WRITE)
    await house.wx.kick(account_id=person.account.id)
    before = rows("SELECT count(*) FROM wxlogin_audit"), rows(events)
    assert await house.wx.kick(account_id=person.account.id) == 0
    await house.wx.enable(account_id=person.account.id)
    await house.ask("POST", f"/v1/service/accounts/{person.account.id}/enable", keys)
    after = rows("SELECT count(*) FROM wxlogin_audit"), rows(events)
    assert after[0] == before[0]
    assert after[1] <= before[1]
