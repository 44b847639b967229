"""People: found by what names them, shown without what only they may show, and acted on."""

import json

import pytest

from tests.console.desk import WHY
from wxlogin.login.sessions import Device

PHONE = "13800006666"
OPENID = "oConsoleTestOpenidOfWangFang"


@pytest.fixture
async def wang(people):
    return await people.add("王芳", phone=PHONE, openid=OPENID, user_id="u-42", unionid="union-1")


async def found(desk, q="", **more):
    answer = await desk.post("/accounts/search", {"q": q, **more})
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def person(desk, account_id):
    return (await desk.get(f"/accounts/{account_id}")).json()


@pytest.mark.parametrize(
    "q",
    [OPENID, "u-42", PHONE, f"+86{PHONE}", "0086 138-0000-6666", "王芳", "王", " 王芳 "],
)
async def test_a_person_is_found_by_what_names_them(support, people, wang, q):
    for n in range(3):
        await people.add(f"路人{n}", phone=f"1390000000{n}")
    assert await found(support, q) == [wang.account_id]
    assert await found(support, wang.account_id) == [wang.account_id]
    assert await found(support, wang.account_id.upper()) == [wang.account_id]


@pytest.mark.parametrize(
    "q",
    [
        "芳",
        "%",
        "_",
        "王%",
        OPENID[:-1],
        OPENID.lower(),
        "u-4",
        PHONE[:-1],
        "union-1",
        "a' OR 1=1--",
    ],
)
async def test_and_by_nothing_less(support, wang, q):
    assert await found(support, q) == []


async def test_one_number_in_two_pools_is_two_people(support, people, wang):
    other = await people.add("别家的人", phone=PHONE, pool="agency")
    assert await found(support, PHONE) == [other.account_id, wang.account_id]


async def test_the_list_by_address_and_by_body_are_one(support, wang):
    by_address = await support.get("/accounts", params={"q": "王", "status": "active"})
    by_body = await support.post("/accounts/search", {"q": "王", "status": "active"})
    assert by_address.json() == by_body.json()
    (item,) = by_body.json()["items"]
    assert item == {
        "id": wang.account_id,
        "user_id": "u-42",
        "nickname": "王芳",
        "avatar_url": None,
        "phone": "138****6666",
        "status": "active",
        "created_at": "2026-03-01T08:00:00Z",
        "last_login_at": "2026-03-01T08:00:00Z",
        "pool": "default",
    }


async def test_a_status_leaves_the_others_out(support, people, wang):
    other = await people.add("李雷")
    await support.post(f"/accounts/{other.account_id}/disable", WHY)
    assert await found(support, status="disabled") == [other.account_id]
    assert await found(support, status="active") == [wang.account_id]
    assert await found(support, "u-42", status="disabled") == []
    assert (await support.post("/accounts/search", {"status": "gone"})).status_code == 400


async def test_pages_hold_still_while_people_come(support, people, clock):
    ids = []
    for n in range(25):
        clock.advance(1)
        ids.append((await people.add(f"某人{n}")).account_id)
    seen, cursor = [], None
    while True:
        body = {"limit": 10} | ({"cursor": cursor} if cursor else {})
        page = (await support.post("/accounts/search", body)).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        clock.advance(1)
        await people.add("后来的人")
        if cursor is None:
            break
    assert seen == ids[::-1]


@pytest.mark.parametrize("cursor", ["x", "WyJhIiwiYiJd", "bnVsbA", "W10", "\u00e9", "[" * 9000])
async def test_a_cursor_that_is_none_of_ours(support, cursor):
    answer = await support.post("/accounts/search", {"cursor": cursor})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "cursor"


@pytest.mark.parametrize(
    "limit", ["0", "101", "x", "-1", "1e1", "9" * 30, "0000000501234", "0" * 5000 + "1"]
)
async def test_a_limit_that_is_none(support, limit):
    answer = await support.get("/accounts", params={"limit": limit})
    assert answer.json()["errors"][0]["field"] == "limit"


async def test_all_about_a_person_is_on_one_page(support, people, wang, clock):
    clock.advance(60)
    again = await people.add(openid=OPENID, user_id="u-42")
    shown = await person(support, wang.account_id)
    assert shown["account"]["phone"] == "138****6666"
    assert shown["account"]["phone_proven_at"] == "2026-03-01T08:00:00Z"
    assert shown["account"]["last_login_at"] == "2026-03-01T08:01:00Z"
    assert shown["account"]["has_password"] is False
    assert shown["identities"] == [
        {
            "app_id": "wx-a",
            "openid": OPENID,
            "unionid": "union-1",
            "linked_at": "2026-03-01T08:00:00Z",
        }
    ]
    assert [one["session_id"] for one in shown["sessions"]] == [again.id]
    assert shown["sessions"][0]["device"]["name"] == "Mate 60"
    assert [one["is_new_account"] for one in shown["logins"]] == [False, True]
    assert shown["agreements"][0]["id"] == "terms"
    assert shown["applications"] == []
    assert (await support.get("/accounts/nobody")).status_code == 404


async def test_the_whole_number_is_shown_for_a_reason_alone(support, wang, lines):
    path = f"/accounts/{wang.account_id}/reveal-phone"
    assert (await support.post(path, {})).status_code == 400
    assert await lines("phone_revealed") == []
    answer = await support.post(path, WHY)
    assert answer.json() == {"phone": f"+86{PHONE}"}
    assert answer.headers["cache-control"] == "no-store"
    (line,) = await lines("phone_revealed")
    assert (line.actor_id, line.reason, line.account_id) == (
        "han.meimei",
        "工单 1024",
        wang.account_id,
    )
    assert PHONE not in repr(line)


async def test_disabling_tells_the_person_and_ends_their_sessions(support, house, lines):
    token = await house.token("ann")
    account = (await house.get("/v1/me", token)).json()
    body = {**WHY, "reason_for_user": "违规发布广告", "until": "2026-03-02T00:00:00+08:00"}
    changed = (await support.post(f"/accounts/{account['id']}/disable", body)).json()
    assert changed["status"] == "disabled"
    assert changed["disabled_until"] == "2026-03-01T16:00:00Z"
    assert (await house.check(token)).json()["code"] == "session_revoked"
    refused = (await house.login("ann")).json()
    assert (refused["code"], refused["reason_for_user"]) == ("account_disabled", "违规发布广告")
    assert "1024" not in json.dumps(refused, ensure_ascii=False)
    (line,) = await lines("account_disabled")
    assert (line.actor_kind, line.actor_id, line.reason) == ("operator", "han.meimei", "工单 1024")
    back = (await support.post(f"/accounts/{account['id']}/enable", WHY)).json()
    assert back["status"] == "active"
    assert (await house.login("ann")).status_code == 200
    history = (await person(support, account["id"]))["history"]
    assert [one["kind"] for one in history][:2] == ["account_enabled", "account_disabled"]
    assert history[0]["actor"] == {"kind": "operator", "id": "han.meimei", "name": "han.meimei"}


@pytest.mark.parametrize("until", ["2020-01-01T00:00:00Z", "2026-03-01T09:00:00", "soon", 7])
async def test_an_end_that_is_none(support, wang, until):
    body = {**WHY, "until": until}
    answer = await support.post(f"/accounts/{wang.account_id}/disable", body)
    assert answer.json()["errors"][0]["field"] == "until"


async def test_one_session_or_all_of_them(support, people, clock, lines):
    first = await people.add("王芳", openid=OPENID)
    for n in range(2):
        clock.advance(1)
        await people.add(openid=OPENID, device=Device(f"d-2{n}", "iPad", "ios"))
    path = f"/accounts/{first.account_id}/end-sessions"
    stranger = await people.add("李雷")
    assert (await support.post(path, {**WHY, "session_id": stranger.id})).json() == {"ended": 0}
    live = (await person(support, first.account_id))["sessions"]
    assert len(live) == 3
    one = {**WHY, "session_id": live[0]["session_id"]}
    assert (await support.post(path, one)).json() == {"ended": 1}
    assert (await support.post(path, one)).json() == {"ended": 0}
    assert len(await lines("sessions_ended")) == 1
    assert (await support.post(path, WHY)).json() == {"ended": len(live) - 1}
    assert (await person(support, first.account_id))["sessions"] == []


async def test_erasing_waits_or_does_not_and_is_taken_back(admin, wang):
    path = f"/accounts/{wang.account_id}"
    answer = await admin.post(f"{path}/erase", WHY)
    assert answer.status_code == 202
    assert answer.json() == {"erase_at": "2026-03-08T08:00:00Z"}
    waiting = (await person(admin, wang.account_id))["account"]
    assert (waiting["status"], waiting["erase_at"]) == ("erasing", "2026-03-08T08:00:00Z")
    # Neither is a way around the cooling-off.
    assert (await admin.post(f"{path}/enable", WHY)).status_code == 400
    banned = (await admin.post(f"{path}/disable", WHY)).json()
    assert (banned["status"], banned["erase_at"]) == ("disabled", "2026-03-08T08:00:00Z")
    assert (await admin.post(f"{path}/enable", WHY)).json()["status"] == "erasing"
    assert (await admin.post(f"{path}/restore", WHY)).json()["status"] == "active"
    assert (await admin.post(f"{path}/restore", WHY)).status_code == 404
    assert (await admin.post(f"{path}/erase", {**WHY, "now": True})).status_code == 202
    assert (await admin.get(path)).status_code == 404


COLUMNS = {
    "id": "x",
    "status": "active",
    "epoch": 99,
    "pool": "other",
    "user_id": "stolen",
    "phone": "+8613900001111",
    "nickname": "别人",
    "claims": {"role": "admin"},
    "role": "admin",
    "is_disabled": True,
    "actor": {"kind": "system"},
    "account_id": "x",
    "password": "p",
    "erase_at": "2020-01-01T00:00:00Z",
}


@pytest.mark.parametrize("act", ["reveal-phone", "disable", "enable", "end-sessions"])
async def test_a_field_that_is_not_asked_for_changes_nothing(support, wang, rows, act, lines):
    if act == "enable":
        await support.post(f"/accounts/{wang.account_id}/disable", WHY)
    before = rows("SELECT id, pool, user_id, phone, nickname, claims FROM wxlogin_account")
    answer = await support.post(f"/accounts/{wang.account_id}/{act}", {**COLUMNS, **WHY})
    assert answer.status_code == 200, answer.text
    after = rows("SELECT id, pool, user_id, phone, nickname, claims FROM wxlogin_account")
    assert after == before
    assert {line.actor_id for line in await lines() if line.actor_kind == "operator"} == {
        "han.meimei"
    }
    assert (await support.get("/me")).json()["operator"]["role"] == "support"
