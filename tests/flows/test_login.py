"""A whole login, from the code to the token and back, and what it must never take or give."""

import json
import re
from datetime import UTC, datetime

import pytest

from wxlogin.login.policy import App
from wxlogin.login.ports import AppChange
from wxlogin.login.secret import Secret

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


async def test_a_first_login_makes_one_account_and_a_token_that_works(house, audit):
    answer = await house.login("ann", device={"id": "d1", "name": "Mate 60", "platform": "android"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert told["is_new_account"] is True
    assert told["token_type"] == "Bearer"
    assert told["expires_in"] == 30 * 86400
    assert told["idle_expires_in"] == 7 * 86400
    assert re.fullmatch(UUID, told["session_id"])
    account = told["account"]
    assert account["status"] == "active"
    assert account["phone"] is None
    assert account["user_id"] is None
    assert account["identities"] == [
        {"app_id": house.wechat.app_id, "linked_at": account["created_at"]}
    ]
    assert datetime.fromisoformat(account["created_at"]) == house.clock.now
    assert account["created_at"].endswith("Z")

    check = await house.check(told["token"])
    assert check.status_code == 200
    assert check.json()["session_id"] == told["session_id"]
    assert check.json()["account_id"] == account["id"]
    assert check.headers["x-wxlogin-account-id"] == account["id"]
    assert check.headers["x-wxlogin-app-id"] == house.wechat.app_id
    assert check.headers["x-wxlogin-session-id"] == told["session_id"]
    assert "x-wxlogin-user-id" not in check.headers
    assert audit(people=1) == []


async def test_the_next_login_of_the_same_person_finds_the_account(house, audit):
    first = (await house.login("ann")).json()
    again = (await house.login("ann")).json()
    other = (await house.login("bob")).json()
    assert again["is_new_account"] is False
    assert again["account"]["id"] == first["account"]["id"]
    assert again["token"] != first["token"]
    assert other["account"]["id"] != first["account"]["id"]
    assert audit(people=2) == []


async def test_nothing_that_belongs_to_wechat_ever_reaches_the_client(house):
    """openid, unionid and session_key are in no answer, in no header (http-api.md §1)."""
    house.wechat.add_app(house.wechat.app_id, union_group="group")
    seen = []
    answer = await house.login("ann", device={"id": "d"})
    token = answer.json()["token"]
    seen.append(answer)
    for path in ("/v1/session", "/v1/sessions", "/v1/me"):
        seen.append(await house.get(path, token))
    seen.append(await house.ask("POST", "/v1/session/wechat-check", token))
    seen.append(await house.ask("PUT", "/v1/me/profile", token, json={"nickname": "Ann"}))
    seen.append(await house.login("ann", code="0bad"))
    secrets = [house.wechat.openid("ann"), house.wechat.unionid("ann")]
    secrets += [house.wechat.session_key("ann"), house.wechat.secret]
    for one in seen:
        text = one.text + repr(one.headers.multi_items())
        for secret in secrets:
            assert secret
            assert secret not in text
        for word in ("openid", "unionid", "session_key"):
            assert f'"{word}"' not in text


async def test_a_code_is_spent_once_and_the_second_time_wechat_is_not_asked(house):
    code = house.wechat.login("ann")
    assert (await house.login(code=code)).status_code == 200
    for _ in range(3):
        again = await house.login(code=code)
        assert again.status_code == 400
        assert again.json()["code"] == "code_used"
    assert house.wechat.exchanges(code) == 1


async def test_a_code_wechat_never_gave_is_code_invalid_and_stays_claimed(house, rows):
    first = await house.login(code="0thisIsNoCode")
    assert (first.status_code, first.json()["code"]) == (400, "code_invalid")
    again = await house.login(code="0thisIsNoCode")
    assert (again.status_code, again.json()["code"]) == (400, "code_used")
    assert house.wechat.exchanges("0thisIsNoCode") == 1
    assert rows("SELECT count(*) FROM wxlogin_account") == [(0,)]


async def test_a_code_older_than_five_minutes_is_invalid(house):
    code = house.wechat.login("ann")
    house.clock.advance(301)
    answer = await house.login(code=code)
    assert (answer.status_code, answer.json()["code"]) == (400, "code_invalid")


async def test_a_request_that_fails_validation_spends_no_code(house):
    code = house.wechat.login("ann")
    bad = await house.login(code=code, device="a phone")
    assert (bad.status_code, bad.json()["code"]) == (400, "request_invalid")
    bad = await house.login(code=code, app_id=None, context={"x": "y" * 1100})
    assert (bad.status_code, bad.json()["code"]) == (400, "request_invalid")
    bad = await house.http.post("/v1/login", json={"code": code, "app_id": "wxunknown"})
    assert (bad.status_code, bad.json()["code"]) == (404, "app_unknown")
    assert (await house.login(code=code)).status_code == 200


async def test_equal_openids_in_two_apps_are_two_accounts(houses, wechat, audit):
    """A12: the identity's key is (app_id, openid), not openid."""
    other = wechat.add_app("wxother", secret="s2")
    apps = (App(wechat.app_id, Secret(wechat.secret)), App("wxother", Secret(other.secret)))
    house = houses(settings={"apps": apps})
    wechat.fail("/sns/jscode2session", patch={"openid": "oSame_openid_in_both"})
    one = (await house.login("ann", app_id=wechat.app_id)).json()
    two = (await house.login("bob", app_id="wxother")).json()
    assert one["account"]["id"] != two["account"]["id"]
    assert one["is_new_account"]
    assert two["is_new_account"]
    assert audit(people=2) == []


async def test_a_code_of_one_app_is_worth_nothing_in_another(houses, wechat, rows):
    other = wechat.add_app("wxother", secret="s2")
    apps = (App(wechat.app_id, Secret(wechat.secret)), App("wxother", Secret(other.secret)))
    house = houses(settings={"apps": apps})
    answer = await house.login(code=wechat.login("ann"), app_id="wxother")
    assert (answer.status_code, answer.json()["code"]) == (400, "code_invalid")
    assert rows("SELECT count(*) FROM wxlogin_account") == [(0,)]


async def test_with_several_apps_the_app_must_be_named(houses, wechat):
    wechat.add_app("wxother", secret="s2")
    apps = (App(wechat.app_id, Secret(wechat.secret)), App("wxother", Secret("s2")))
    house = houses(settings={"apps": apps})
    code = wechat.login("ann")
    answer = await house.login(code=code)
    assert (answer.status_code, answer.json()["code"]) == (400, "request_invalid")
    assert answer.json()["errors"][0]["field"] == "app_id"
    assert wechat.exchanges(code) == 0


# What a client may claim


CLAIMED = ("openid", "unionid", "session_key", "user_id", "account_id", "role", "status", "phone")


@pytest.mark.parametrize("field", CLAIMED)
async def test_an_identity_in_the_body_query_or_header_has_no_effect(house, audit, field):
    """A06: openid comes from WeChat's back channel alone."""
    victim = (await house.login("victim")).json()["account"]["id"]
    value = {"openid": house.wechat.openid("victim"), "account_id": victim}.get(field, "admin")
    code = house.wechat.login("mallory")
    answer = await house.http.post(
        f"/v1/login?{field}={value}",
        json={"code": code, field: value, "device": {field: value}},
        headers={f"X-{field.replace('_', '-')}": value, "Cookie": f"{field}={value}"},
    )
    assert answer.status_code == 200
    assert answer.json()["account"]["id"] != victim
    assert answer.json()["account"]["user_id"] is None
    assert answer.json()["account"]["status"] == "active"
    token = answer.json()["token"]
    mine = await house.http.request(
        "GET", f"/v1/me?{field}={value}", headers={"Authorization": f"Bearer {token}", field: value}
    )
    assert mine.json()["id"] == answer.json()["account"]["id"]
    assert audit(people=2) == []


TRUSTED = (
    {"X-WX-OPENID": "o"},
    {"x-wx-openid": "o", "X-WX-SOURCE": "wx_client"},
    {"X_WX_OPENID": "o"},
    {"X-WX-OPENID": "", "X-WX-UNIONID": "o"},
    {"X-WX-OPENID": "a, o"},
    {"X-WX-FROM-OPENID": "o", "X-WX-FROM-APPID": "wx"},
    {"X-WX-APPID": "wx", "X-WX-ENV": "prod", "X-WX-CALL-ID": "1", "X-WX-OPENID": "o"},
)


@pytest.mark.parametrize("headers", TRUSTED, ids=lambda headers: "+".join(headers))
async def test_cloud_run_headers_have_no_effect(house, headers):
    """A07: outside of Cloud Run anyone can send them."""
    await house.login("victim")
    named = house.wechat.openid("victim")
    sent = [(name, value.replace("o", named)) for name, value in headers.items()]
    for method, path in (("GET", "/v1/session"), ("GET", "/v1/me"), ("DELETE", "/v1/session")):
        answer = await house.http.request(method, path, headers=[*sent, *sent])
        assert (answer.status_code, answer.json()["code"]) == (401, "session_missing")
    code = house.wechat.login("mallory")
    login = await house.http.post("/v1/login", json={"code": code}, headers=sent)
    assert login.json()["is_new_account"] is True


async def test_a_token_in_the_query_or_a_cookie_is_no_token(house):
    """B11: what stands in a URL stands in logs."""
    token = await house.token("ann")
    for answer in (
        await house.http.get(f"/v1/session?token={token}&access_token={token}"),
        await house.http.get("/v1/session", headers={"Cookie": f"token={token}; session={token}"}),
        await house.http.get("/v1/session", headers={"Authorization": token}),
        await house.http.get("/v1/session", headers={"Authorization": f"Basic {token}"}),
        await house.http.get("/v1/session", headers={"X-Token": token, "Token": token}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (401, "session_missing")
        assert "set-cookie" not in answer.headers


async def test_a_token_presented_at_login_is_never_adopted(house, seeded):
    """B01: every login mints; own, other's, dead and made-up tokens are all ignored."""
    own, other = await house.token("ann"), await house.token("bob")
    dead = await house.token("ann")
    await house.ask("DELETE", "/v1/session", dead)
    made_up = "wxl_" + seeded.randbytes(66).hex()[:88]
    seen = {own, other, dead, made_up}
    for presented in (own, other, dead, made_up):
        answer = await house.http.post(
            "/v1/login",
            json={"code": house.wechat.login("ann"), "token": presented, "session_id": presented},
            headers={"Authorization": f"Bearer {presented}"},
        )
        assert answer.status_code == 200
        assert answer.json()["token"] not in seen
        seen.add(answer.json()["token"])
    assert (await house.check(dead)).json()["code"] == "session_revoked"


# unionid


async def test_empty_unionids_bring_nobody_together(house, wechat, audit):
    """A13: "", null, a missing one."""
    accounts = set()
    for user, patch in (
        ("a", {"unionid": ""}),
        ("b", {"unionid": ""}),
        ("c", {"unionid": None}),
        ("d", {"unionid": None}),
    ):
        wechat.fail("/sns/jscode2session", times=1, patch=patch)
        accounts.add((await house.login(user)).json()["account"]["id"])
    assert len(accounts) == 4
    assert audit(people=4) == []


@pytest.mark.parametrize("unionid", ["   ", "\u0000", 0, [], {}, True, "o" * 300])
async def test_a_unionid_that_is_none_lets_nobody_in(house, wechat, rows, unionid):
    wechat.fail("/sns/jscode2session", times=1, patch={"unionid": unionid})
    answer = await house.login("ann")
    if answer.status_code == 200:  # a falsy one may count as none, but then ties nobody
        assert rows("SELECT count(*) FROM wxlogin_unionid") == [(0,)]
    else:
        assert (answer.status_code, answer.json()["retry"]) == (503, "new_code")
        assert rows("SELECT count(*) FROM wxlogin_account") == [(0,)]


async def test_a_unionid_ties_two_apps_of_one_person_together(houses, wechat, audit):
    wechat.add_app(wechat.app_id, union_group="company")
    second = wechat.add_app("wxsecond", secret="s2", union_group="company")
    apps = (App(wechat.app_id, Secret(wechat.secret)), App("wxsecond", Secret(second.secret)))
    house = houses(settings={"apps": apps})
    one = (await house.login("ann", app_id=wechat.app_id)).json()
    two = (await house.login("ann", app_id="wxsecond")).json()
    assert one["account"]["id"] == two["account"]["id"]
    assert two["is_new_account"] is False
    assert {i["app_id"] for i in two["account"]["identities"]} == {wechat.app_id, "wxsecond"}
    assert audit(people=1) == []


async def test_two_pools_are_two_bodies_of_people(houses, wechat, audit):
    """An agency's customers share no person, whatever WeChat's open platform says."""
    wechat.add_app(wechat.app_id, union_group="agency")
    second = wechat.add_app("wxsecond", secret="s2", union_group="agency")
    apps = (
        App(wechat.app_id, Secret(wechat.secret), pool="one"),
        App("wxsecond", Secret(second.secret), pool="two"),
    )
    house = houses(settings={"apps": apps})
    one = (await house.login("ann", app_id=wechat.app_id)).json()
    two = (await house.login("ann", app_id="wxsecond")).json()
    assert one["account"]["id"] != two["account"]["id"]
    assert audit(people=2) == []


async def test_a_unionid_that_appears_later_is_added(house, wechat, rows):
    first = (await house.login("ann")).json()["account"]["id"]
    wechat.add_app(wechat.app_id, union_group="company")
    again = (await house.login("ann")).json()["account"]["id"]
    assert again == first
    assert rows("SELECT account_id FROM wxlogin_unionid") == [(first,)]


async def test_a_changed_unionid_moves_nothing_and_raises_an_alarm(house, wechat, rows, caplog):
    """A13: the account stays with its openid; the unionid kept stays the first one."""
    victim = (await house.login("victim")).json()["account"]["id"]
    wechat.fail("/sns/jscode2session", times=1, patch={"unionid": "oUnion_of_ann"})
    ann = (await house.login("ann")).json()["account"]["id"]
    wechat.fail("/sns/jscode2session", times=1, patch={"unionid": "oUnion_other"})
    with caplog.at_level("WARNING", "wxlogin.security"):
        assert (await house.login("ann")).json()["account"]["id"] == ann
    assert [record.name for record in caplog.records].count("wxlogin.security") == 1
    wechat.fail("/sns/jscode2session", times=1, patch={"unionid": "oUnion_of_ann"})
    caplog.clear()
    assert (await house.login("victim")).json()["account"]["id"] == victim
    assert "unionid" in caplog.text
    assert rows("SELECT unionid, account_id FROM wxlogin_unionid") == [("oUnion_of_ann", ann)]


# Policies


async def test_a_closed_app_takes_nobody_new_and_keeps_those_it_knows(houses, wechat, rows):
    open_house = houses()
    ann = (await open_house.login("ann")).json()["account"]["id"]
    from wxlogin.login.policy import Registration

    app = App(wechat.app_id, Secret(wechat.secret), registration=Registration.CLOSED)
    house = houses(settings={"apps": (app,)})
    refused = await house.login("bob")
    assert (refused.status_code, refused.json()["code"]) == (403, "registration_closed")
    assert rows("SELECT count(*) FROM wxlogin_account") == [(1,)]
    assert (await house.login("ann")).json()["account"]["id"] == ann


async def test_a_ticket_registers_once_without_a_second_code(houses, wechat, audit):
    from wxlogin.login import errors
    from wxlogin.login.policy import Registration

    app = App(wechat.app_id, Secret(wechat.secret), registration=Registration.REQUIRED)
    house = houses(settings={"apps": (app,)})
    code = wechat.login("ann")
    refused = await house.login(code=code)
    assert (refused.status_code, refused.json()["code"]) == (403, "registration_required")
    assert refused.headers["cache-control"] == "no-store"
    told = refused.json()
    assert told["ticket_expires_in"] == 600
    assert isinstance(told["methods"], list)
    made = await house.wx.register(told["registration_ticket"], nickname="Ann")
    assert made.is_new_account
    assert made.account.nickname == "Ann"
    assert (await house.check(made.token)).status_code == 200
    with pytest.raises(errors.TicketInvalid):
        await house.wx.register(told["registration_ticket"])
    assert (await house.login("ann")).json()["account"]["id"] == made.account.id
    assert wechat.exchanges(code) == 1
    assert audit(people=1) == []


async def test_a_ticket_is_over_after_ten_minutes_and_works_until_then(houses, wechat):
    from wxlogin.login import errors
    from wxlogin.login.policy import Registration

    app = App(wechat.app_id, Secret(wechat.secret), registration=Registration.REQUIRED)
    house = houses(settings={"apps": (app,)})
    early = (await house.login("ann")).json()["registration_ticket"]
    late = (await house.login("bob")).json()["registration_ticket"]
    house.clock.advance(599)
    assert (await house.wx.register(early)).is_new_account
    house.clock.advance(2)
    with pytest.raises(errors.TicketInvalid):
        await house.wx.register(late)
    with pytest.raises(errors.TicketInvalid):
        await house.wx.register("a ticket nobody gave")


async def test_one_ticket_used_many_times_at_once_makes_one_account(houses, wechat, audit):
    import asyncio

    from wxlogin.login import errors
    from wxlogin.login.policy import Registration

    app = App(wechat.app_id, Secret(wechat.secret), registration=Registration.REQUIRED)
    house = houses(settings={"apps": (app,)})
    ticket = (await house.login("ann")).json()["registration_ticket"]
    ends = await asyncio.gather(
        *(house.wx.register(ticket) for _ in range(16)), return_exceptions=True
    )
    won = [end for end in ends if not isinstance(end, Exception)]
    assert len(won) == 1
    refused = (errors.TicketInvalid, errors.RateLimited)  # ten tries of one ticket an hour
    assert all(isinstance(end, refused) for end in ends if end is not won[0])
    assert audit(people=1) == []


async def test_a_disabled_person_is_told_until_when_and_why(house):
    told = (await house.login("ann")).json()
    until = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    await house.wx.disable(
        account_id=told["account"]["id"], until=until, reason_for_user="请联系客服"
    )
    refused = await house.login("ann")
    assert (refused.status_code, refused.json()["code"]) == (403, "account_disabled")
    assert refused.json()["until"] == "2026-03-02T08:00:00Z"
    assert refused.json()["reason_for_user"] == "请联系客服"
    over = await house.check(told["token"])
    assert (over.status_code, over.json()["code"]) == (401, "session_revoked")
    house.clock.advance(days=1, seconds=-1)
    assert (await house.login("ann")).status_code == 403
    house.clock.advance(1)
    assert (await house.login("ann")).json()["account"]["id"] == told["account"]["id"]
    assert (await house.check(told["token"])).json()["code"] == "session_revoked"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("pending", "account_pending"),
        ("rejected", "account_rejected"),
        ("erasing", "account_erasing"),
        ("disabled", "account_disabled"),
    ],
)
async def test_the_door_asks_every_state_of_an_account(house, status, code):
    """C06: one decision, asked at every door."""
    from wxlogin.login.accounts import AccountStatus
    from wxlogin.login.ports import AccountChange

    told = (await house.login("ann")).json()
    store = await house.wx.open_store()
    await store.change_account(
        told["account"]["id"], AccountChange(status=AccountStatus(status), reason="no licence")
    )
    refused = await house.login("ann")
    assert (refused.status_code, refused.json()["code"]) == (403, code)
    if status == "rejected":
        assert refused.json()["reason"] == "no licence"
    over = await house.check(told["token"])
    assert (over.status_code, over.json()["code"]) == (401, "session_revoked")


async def test_the_hundred_and_first_login_in_a_minute_is_429(house):
    for _ in range(100):
        assert (await house.login("ann")).status_code == 200
    refused = await house.login("ann")
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert refused.json()["retry_after"] >= 1
    assert refused.headers["retry-after"] == str(refused.json()["retry_after"])
    assert (await house.login("bob")).status_code == 200
    house.clock.advance(60)
    assert (await house.login("ann")).status_code == 200


async def test_agreements_are_kept_with_the_time(house, rows):
    agreed = [{"id": "privacy", "version": "3"}, {"id": "terms", "version": "2026-01"}]
    assert (await house.login("ann", agreements=agreed)).status_code == 200
    house.clock.advance(60)
    assert (await house.login("ann", agreements=agreed)).status_code == 200
    kept = rows("SELECT agreement_id, version, agreed_at FROM wxlogin_agreement ORDER BY 1")
    assert [row[:2] for row in kept] == [("privacy", "3"), ("terms", "2026-01")]
    assert len({row[2] for row in kept}) == 1


async def test_an_app_added_at_run_time_logs_people_in_until_it_is_disabled(house, wechat):
    added = wechat.add_app("wxadded", secret="added-secret")
    store = await house.wx.open_store()
    app = App("wxadded", Secret(added.secret))
    await store.add_app(app)
    assert (await house.login("ann", app_id="wxadded")).status_code == 200
    await store.change_app("wxadded", AppChange(is_disabled=True))
    refused = await house.login("ann", app_id="wxadded")
    assert (refused.status_code, refused.json()["code"]) == (404, "app_unknown")


async def test_no_access_token_is_fetched_for_a_login_but_for_what_needs_one(house, wechat):
    token = await house.token("ann")
    assert [call["path"] for call in wechat.log()] == ["/sns/jscode2session"]
    answer = await house.ask("POST", "/v1/session/wechat-check", token)
    assert answer.json() == {"wechat_session": "valid"}
    assert "/cgi-bin/stable_token" in [call["path"] for call in wechat.log()]
    wechat.rotate_session_key("ann")
    answer = await house.ask("POST", "/v1/session/wechat-check", token)
    assert answer.json() == {"wechat_session": "expired"}


async def test_a_profile_change_is_the_owners_and_is_validated(house):
    ann, bob = await house.token("ann"), await house.token("bob")
    changed = await house.ask(
        "PUT", "/v1/me/profile", ann, json={"nickname": "阿安", "status": "x"}
    )
    assert changed.status_code == 200
    assert (await house.get("/v1/me", ann)).json()["nickname"] == "阿安"
    assert (await house.get("/v1/me", bob)).json()["nickname"] is None
    for nickname in ("", "   ", "a" * 33, "a\nb", "a\u0000", 7, None, ["a"]):
        body = json.dumps({"nickname": nickname})
        bad = await house.ask(
            "PUT", "/v1/me/profile", ann, content=body, headers={"Content-Type": "application/json"}
        )
        assert (bad.status_code, bad.json().get("code")) == (400, "request_invalid"), nickname
    assert (await house.get("/v1/me", ann)).json()["nickname"] == "阿安"
