"""Leaving: a copy of everything, and the erasure of everything."""

import asyncio
import base64
import json
import logging
import sqlite3
from datetime import datetime, timedelta

import pytest

from wxlogin.login.accounts import Phone
from wxlogin.login.errors import StoreUnavailable
from wxlogin.login.leaving import BATCH
from wxlogin.login.policy import App
from wxlogin.login.ports import AccountChange, Actor, ActorKind, AvatarChange, PhoneChange
from wxlogin.login.proofs import Proof
from wxlogin.login.secret import Secret
from wxlogin.stores import leaving
from wxlogin.stores.schema import tables
from wxlogin.stores.sql import SqlStore
from wxlogin.stores.sqlite import SqliteDatabase

WEEK = timedelta(days=7)


async def person(house, user, **fields):
    return (await house.login(user, **fields)).json()


async def erase(house, token, user="ann", **body):
    body = body or {"proof_code": house.wechat.login(user)}
    return await house.ask("POST", "/v1/me/erase", token, json=body)


async def export(house, token, user="ann", **body):
    body = body or {"proof_code": house.wechat.login(user)}
    return await house.ask("POST", "/v1/me/export", token, json=body)


async def restore(house, user="ann"):
    return await house.http.post("/v1/me/restore", json={"code": house.wechat.login(user)})


async def sweep(house):
    return await (await house.wx.flow()).leaving.carry_out_due()


def codes(rows):
    return [row[0] for row in rows("SELECT kind FROM wxlogin_audit ORDER BY id")]


# Who may


@pytest.mark.parametrize("act", ["/v1/me/export", "/v1/me/erase"])
async def test_a_session_alone_neither_exports_nor_erases(house, act, rows):
    """E04, ASVS 7.5.1: the session may be in a stranger's hands."""
    me, _ = await person(house, "ann"), await person(house, "bob")
    code = house.wechat.login("ann")
    for body in (
        {},
        {"proof_code": house.wechat.login("bob")},
        {"proof_code": house.wechat.login("nobody yet")},
        {"current_password": "a password nobody has"},
        {"verification_code": "012345"},
        {"account_id": me["account"]["id"], "openid": house.wechat.openid("ann")},
    ):
        answer = await house.ask("POST", act, me["token"], json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "proof_required")
    assert (await house.ask("POST", act, None, json={"proof_code": code})).status_code == 401
    assert (await house.check(me["token"])).status_code == 200
    assert rows("SELECT count(*) FROM wxlogin_audit") == [(0,)]


# Erasing


async def test_an_erasure_ends_every_session_at_once_and_waits_a_week(house, rows):
    first, second = await person(house, "ann"), await person(house, "ann")
    answer = await erase(house, first["token"])
    assert answer.status_code == 202
    assert datetime.fromisoformat(answer.json()["erase_at"]) == house.clock.now + WEEK
    for one in (first, second):
        over = await house.check(one["token"])
        assert (over.status_code, over.json()["code"]) == (401, "session_revoked")
        assert over.json()["reason"] == "account_erasing"
    login = await house.login("ann")
    assert (login.status_code, login.json()["code"]) == (403, "account_erasing")
    assert login.json()["erase_at"] == answer.json()["erase_at"]
    assert codes(rows) == ["erasure_requested"]


async def test_within_the_cooling_off_a_code_takes_it_back(house, rows, audit):
    me = await person(house, "ann")
    await erase(house, me["token"])
    house.clock.advance(days=7, seconds=-1)
    assert await sweep(house) == 0
    back = await restore(house)
    assert back.status_code == 200
    assert back.json()["account"]["id"] == me["account"]["id"]
    assert back.json()["account"]["status"] == "active"
    house.clock.advance(days=30)
    assert await sweep(house) == 0
    assert codes(rows) == ["erasure_requested", "erasure_taken_back"]
    assert audit(people=1) == []


async def test_what_is_due_cannot_be_taken_back_though_nobody_swept_yet(house):
    """Expiry is judged on read; housekeeping only follows (security.md §1.8)."""
    me = await person(house, "ann")
    await erase(house, me["token"])
    house.clock.advance(days=7)
    late = await restore(house)
    assert (late.status_code, late.json()["code"]) == (403, "account_erasing")
    assert await sweep(house) == 1
    assert (await restore(house)).json()["code"] == "not_found"
    again = await person(house, "ann")
    assert again["is_new_account"] is True
    assert again["account"]["id"] != me["account"]["id"]


async def test_without_a_cooling_off_it_is_erased_with_the_answer(houses, rows):
    house = houses(settings={"erasure_cooling_off": timedelta(0)})
    me = await person(house, "ann")
    answer = await erase(house, me["token"])
    assert answer.status_code == 202
    assert rows("SELECT count(*) FROM wxlogin_account") == [(0,)]
    assert codes(rows) == ["erasure_requested", "account_erased"]
    assert rows("SELECT account_id FROM wxlogin_erased") == [(me["account"]["id"],)]
    over = await house.check(me["token"])
    assert (over.status_code, over.json()["code"]) == (401, "session_invalid")


async def test_many_sweepers_erase_each_account_once(houses, rows):
    """Two processes' housekeeping, as far as one process can show; see tests/faults for more."""
    one, other = houses(), houses()
    for number in range(10):
        me = await person(one, f"p{number}")
        await erase(one, me["token"], f"p{number}")
    one.clock.advance(days=7)
    swept = await asyncio.gather(*(sweep(house) for house in (one, other, one, other)))
    assert sum(swept) == 10
    assert codes(rows).count("account_erased") == 10
    assert rows("SELECT count(*) FROM wxlogin_account") == [(0,)]


async def test_restoring_and_erasing_at_once_leaves_one_of_the_two(house, rows):
    me = await person(house, "ann")
    await erase(house, me["token"])
    house.clock.advance(days=7, seconds=-1)
    account = await house.wx.find(account_id=me["account"]["id"])
    flow = await house.wx.flow()

    async def late():
        return await flow.core.store.erase_account(account.id, now=house.clock.now + WEEK)

    back, done = await asyncio.gather(restore(house), late())
    left = rows("SELECT status FROM wxlogin_account")
    assert left == ([] if done else [("active",)])
    assert (back.status_code == 200) is not done or back.json().get("is_new_account") is False


async def test_an_operator_erases_now_or_later_and_takes_it_back(house, rows):
    me = await person(house, "ann")
    flow = await house.wx.flow()
    account = await house.wx.find(account_id=me["account"]["id"])
    assert await flow.leaving.erase(account) == house.clock.now + WEEK
    assert (await house.check(me["token"])).status_code == 401
    waiting = await house.wx.find(account_id=account.id)
    assert (await flow.leaving.restore(waiting)).status == "active"
    with pytest.raises(Exception, match="not_found"):
        await flow.leaving.restore(waiting)
    assert await house.wx.erase(now=True, account_id=account.id) == house.clock.now
    assert rows("SELECT count(*) FROM wxlogin_account") == [(0,)]
    assert codes(rows) == [
        "erasure_requested",
        "erasure_taken_back",
        "erasure_requested",
        "account_erased",
    ]


async def test_who_is_kept_out_cannot_come_back_by_being_erased(house, rows):
    """A ban is not lifted by an erasure that is taken back: such an account does not wait."""
    me = await person(house, "ann")
    account = await house.wx.disable(account_id=me["account"]["id"])
    assert await house.wx.erase(account_id=account.id) == house.clock.now
    assert rows("SELECT count(*) FROM wxlogin_account") == [(0,)]


async def test_an_account_that_waits_to_be_erased_is_not_forgotten_by_an_operator(house, rows):
    """Else its data would stay: a status written over the other takes the date along."""
    me = await person(house, "ann")
    await erase(house, me["token"])
    with pytest.raises(Exception, match="account_erasing"):
        await house.wx.enable(account_id=me["account"]["id"])
    change = AccountChange(status="disabled")
    assert await (await house.wx.open_store()).change_account(me["account"]["id"], change) is None
    house.clock.advance(days=7)
    assert await sweep(house) == 1


async def test_the_host_is_told_of_the_erasure_at_least_once_and_only_by_ids(house, rows):
    heard = []

    @house.wx.user_for
    def user_for(who):
        return "u-42"

    @house.wx.on_erased
    def on_erased(event):
        heard.append(event)
        if len(heard) == 1:
            raise RuntimeError("the host is busy")

    me = await person(house, "ann", context={"inviter": "somebody"})
    await house.wx.erase(now=True, account_id=me["account"]["id"])
    flow = await house.wx.flow()
    async with asyncio.timeout(10):
        while len(heard) < 2:
            house.clock.advance(61)
            flow.core.events.wake()
            await asyncio.sleep(0.01)
    assert heard[0].id == heard[1].id
    assert (heard[1].account_id, heard[1].user_id) == (me["account"]["id"], "u-42")
    assert heard[1].data == {}


# Nothing is left (E02, I11)

CANARIES = {
    "nickname": "CanaryNickname",
    "device": "CanaryDevice",
    "device_name": "CanaryPhoneModel",
    "context": "CanaryInviter",
    "agreement": "CanaryAgreement",
    "user_id": "CanaryUserId",
    "username": "CanaryUsername",
    "claim": "CanaryClaim",
    "phone": "13912345678",
}


async def somebody_whole(house, user="ann", *, mark="OfAnn"):
    """A person with something in every place where something can be kept; their canaries."""
    canaries = {name: value + mark for name, value in CANARIES.items()}
    canaries["phone"] = "13912345678" if user == "ann" else "13987654321"
    me = await person(
        house,
        user,
        device={"id": canaries["device"], "name": canaries["device_name"]},
        context={"inviter": canaries["context"]},
        agreements=[{"id": canaries["agreement"], "version": "1"}],
    )
    account_id = me["account"]["id"]
    store = await house.wx.open_store()
    now = house.clock.now
    for nickname in ("old " + canaries["nickname"], canaries["nickname"]):
        await house.ask("PUT", "/v1/me/profile", me["token"], json={"nickname": nickname})
    await store.change_account(
        account_id,
        AccountChange(user_id=canaries["user_id"], claims={"is": canaries["claim"]}),
    )
    await store.set_claims(account_id, {"is": canaries["claim"]})
    await store.change_phone(PhoneChange(account_id, Phone("86", canaries["phone"], now)))
    picture = f"CanaryPicture{mark}".encode() * 4
    await store.keep_avatar(
        f"CanaryAvatar{mark}",
        picture,
        media_type="image/jpeg",
        account_id=account_id,
        at=now,
    )
    url = f"https://x.qlogo.cn/CanaryUrl{mark}"
    await store.change_avatar(AvatarChange(account_id, url, f"CanaryAvatar{mark}", given_at=now))
    openid = house.wechat.openid(user)
    canaries |= {
        "openid": openid,
        "unionid": house.wechat.unionid(user),
        "avatar_id": f"CanaryAvatar{mark}",
        "avatar_url": url,
        "picture": picture.decode(),
        "account_id": account_id,
        "session_id": me["session_id"],
    }
    del canaries["username"]
    return me, {name: value for name, value in canaries.items() if value}


def busy(event):
    """A host that has not heard of anything yet: its events wait."""
    raise RuntimeError("not yet")


def every_value(rows):
    """All values of all tables, as text and as bytes."""
    names = [row[0] for row in rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for name in names:
        for row in rows(f'SELECT * FROM "{name}"'):
            for value in row:
                yield name, value if isinstance(value, bytes) else str(value).encode()


def traces(canaries, rows):
    return [
        (table, name)
        for table, value in every_value(rows)
        for name, canary in canaries.items()
        if canary.encode() in value
    ]


ALLOWED = {("wxlogin_erased", "account_id"), ("wxlogin_outbox", "account_id")}
ALLOWED |= {("wxlogin_outbox", "user_id"), ("wxlogin_outbox", "session_id")}


async def test_after_an_erasure_no_table_knows_the_person(house, rows, caplog):
    """I11. What stays: an id in the ledger, and the event that the host has not heard of yet."""
    caplog.set_level(logging.DEBUG)
    house.wechat.add_app(house.wechat.app_id, union_group="company")
    house.wx.on_login(busy)
    me, canaries = await somebody_whole(house)
    bob, bobs = await somebody_whole(house, "bob", mark="OfBob")
    assert {name for _, name in traces(canaries, rows)} >= set(canaries) - {"phone"}
    bobs_before = sorted(traces(bobs, rows))
    await erase(house, me["token"])
    house.clock.advance(days=7)
    assert await sweep(house) == 1
    assert set(traces(canaries, rows)) <= ALLOWED
    assert sorted(traces(bobs, rows)) == bobs_before
    # Who exports after that gets nothing of the other.
    told = await export(house, bob["token"], "bob")
    assert told.status_code in (200, 401)  # his session idled for a week
    private = {name: canaries[name] for name in ("nickname", "phone", "context", "user_id")}
    private |= {name: canaries[name] for name in ("openid", "picture")}
    for record in caplog.records:
        if record.name.startswith("wxlogin"):
            assert not any(value in record.getMessage() for value in private.values())


async def test_without_one_of_the_deletes_the_same_scan_is_red(house, rows, monkeypatch):
    """The twin: an eraser that forgets the login events leaves the phone's name behind."""
    house.wechat.add_app(house.wechat.app_id, union_group="company")
    me, canaries = await somebody_whole(house)
    kept = tuple(
        leaving._delete_from(table) for table in leaving.OF_ACCOUNT if table != "login_event"
    )
    monkeypatch.setattr(leaving, "_DELETES", kept)
    await erase(house, me["token"])
    house.clock.advance(days=7)
    assert await sweep(house) == 1
    assert ("wxlogin_login_event", "device_name") in traces(canaries, rows)


def test_every_table_with_rows_of_an_account_is_erased():
    """A new table with an `account_id` must be put into the list, by somebody who thought."""
    t = tables("x_")
    having = {
        name.removeprefix("x_")
        for name, table in t.metadata.tables.items()
        if "account_id" in table.c
    }
    assert having - {"outbox", "erased"} == set(leaving.OF_ACCOUNT)


def bytes_of(database):
    """The file and its log, as somebody who copies the disk sees them."""
    found = database.read_bytes()
    wal = database.with_name(database.name + "-wal")
    return found + (wal.read_bytes() if wal.exists() else b"")


async def erased_in_a_crowd(house, database):
    """The canaries whose bytes are in the file after an erasure amid sixty other people."""
    house.wechat.add_app(house.wechat.app_id, union_group="company")
    for number in range(30):
        await person(house, f"before-{number}", device={"name": f"Phone {number}"})
    me, canaries = await somebody_whole(house)
    for number in range(30):
        await person(house, f"after-{number}", device={"name": f"Phone {number}"})
    before = bytes_of(database)
    assert canaries["openid"].encode() in before
    await erase(house, me["token"])
    house.clock.advance(days=7)
    assert await sweep(house) == 1
    after = bytes_of(database)
    ids = {"account_id", "user_id"}  # the ledger's, and the event's for the host
    return {name for name, value in canaries.items() if value.encode() in after} - ids


async def test_after_an_erasure_the_files_own_bytes_do_not_know_the_person(house, database):
    """E02: a deleted row is also gone from the pages that nobody uses, and from the log."""
    assert await erased_in_a_crowd(house, database) == set()


async def test_without_secure_delete_the_same_bytes_are_there(houses, database, keys):
    """The twin: SQLite only forgets where a deleted row was."""

    class Careless(sqlite3.Connection):
        def execute(self, sql, *values):
            return super().execute(sql.replace("secure_delete=ON", "secure_delete=OFF"), *values)

    def connect(*args, **how):
        return sqlite3.connect(*args, factory=Careless, **how)

    store = SqlStore(SqliteDatabase(database, connect=connect), keys)
    assert await erased_in_a_crowd(houses(store=store), database) != set()


async def test_the_ledger_says_what_a_restored_backup_has_to_erase_again(house):
    me = await person(house, "ann")
    started = house.clock.now
    await house.wx.erase(now=True, account_id=me["account"]["id"])
    store = await house.wx.open_store()
    ledger = await store.list_erased(since=started)
    assert [(one.account_id, one.erased_at) for one in ledger] == [
        (me["account"]["id"], house.clock.now)
    ]
    assert await store.list_erased(since=house.clock.now + timedelta(seconds=1)) == []


# The copy to take along (E04)


async def test_an_export_holds_all_of_its_person_and_nothing_of_anybody_else(house, rows):
    house.wechat.add_app(house.wechat.app_id, union_group="company")
    house.wx.on_login(busy)
    me, canaries = await somebody_whole(house)
    _, bobs = await somebody_whole(house, "bob", mark="OfBob")
    answer = await export(house, me["token"])
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    text = json.dumps(told, ensure_ascii=False)
    picture = base64.b64decode(told["avatars"][0]["content"]).decode()
    missing = {name for name, value in canaries.items() if value not in text + picture}
    assert missing == set()
    assert told["account"]["phone"] == "+8613912345678"
    assert told["agreements"] == [
        {"id": canaries["agreement"], "version": "1", "agreed_at": "2026-03-01T08:00:00Z"}
    ]
    assert not [name for name, value in bobs.items() if value in text]
    openid = house.wechat.openid("ann")
    assert told["identities"][0]["openid"] == openid
    secrets = [house.wechat.secret, house.wechat.session_key("ann"), me["token"]]
    assert not [secret for secret in secrets if secret in text]
    for word in ("secret_hash", "session_key", "phone_hash", "password_hash", "pseudonym"):
        assert word not in text
    assert codes(rows) == ["account_exported"]


async def test_an_export_tells_of_acts_and_not_who_the_operator_was(house):
    me = await person(house, "ann")
    flow = await house.wx.flow()
    account = await house.wx.find(account_id=me["account"]["id"])
    operator = Actor(ActorKind.OPERATOR, "CanaryOperator")
    await flow.moderation.kick(account, reason="kicked", actor=operator, why="CanaryNote")
    again = await person(house, "ann")
    told = (await export(house, again["token"])).json()
    assert [(one["kind"], one["actor"]) for one in told["history"]] == [
        ("sessions_ended", "operator")
    ]
    assert "Canary" not in json.dumps(told)


async def test_a_merged_person_exports_the_history_of_both(houses, wechat):
    other = wechat.add_app("wxother", secret="s2")
    apps = (App(wechat.app_id, Secret(wechat.secret)), App("wxother", Secret(other.secret)))
    house = houses(settings={"apps": apps})
    keep = await person(house, "ann", app_id=wechat.app_id)
    drop = await person(house, "ann2", app_id="wxother")
    account = await house.wx.find(account_id=drop["account"]["id"])
    await house.wx.kick(account_id=account.id)
    drop = await person(house, "ann2", app_id="wxother")
    codes_ = [
        await house.wx.make_support_code(await house.wx.check(one["token"])) for one in (keep, drop)
    ]
    await house.wx.merge(
        keep["account"]["id"], account.id, keep_code=codes_[0], drop_code=codes_[1]
    )
    again = await person(house, "ann", app_id=wechat.app_id)
    told = (await export(house, again["token"])).json()
    assert [one["kind"] for one in told["history"]] == ["sessions_ended", "accounts_merged"]
    assert len(told["logins"]) == 4


async def test_all_of_it_are_calls_too(house):
    me = await person(house, "ann")
    session = await house.wx.check(me["token"])
    kept = await house.wx.export(session, proof=Proof(house.wechat.login("ann")))
    assert kept.account.id == me["account"]["id"]
    erase_at = await house.wx.request_erasure(session, proof=Proof(house.wechat.login("ann")))
    assert erase_at == house.clock.now + WEEK


async def test_who_asked_for_erasure_can_be_banned_and_takes_nothing_back(house):
    """Else asking for it and taking it back would be the way around every ban."""
    me = await person(house, "ann")
    await erase(house, me["token"])
    account_id = me["account"]["id"]
    soon = house.clock.now + timedelta(hours=1)
    banned = await house.wx.disable(account_id=account_id, until=soon)
    assert (banned.status, banned.disabled_until) == ("disabled", None)
    assert banned.erase_at == house.clock.now + WEEK
    house.clock.advance(days=1)
    for answer in (await restore(house), await house.login("ann")):
        assert (answer.status_code, answer.json()["code"]) == (403, "account_disabled")
    waiting = await house.wx.enable(account_id=account_id)
    assert (waiting.status, waiting.erase_at) == ("erasing", banned.erase_at)
    assert (await restore(house)).status_code == 200


async def test_a_banned_account_is_erased_at_its_time(house, rows):
    me = await person(house, "ann")
    await erase(house, me["token"])
    await house.wx.disable(account_id=me["account"]["id"])
    house.clock.advance(days=7)
    assert await sweep(house) == 1
    assert rows("SELECT count(*) FROM wxlogin_account") == [(0,)]


async def test_an_erasure_taken_back_by_an_operator_lifts_no_ban(house):
    me = await person(house, "ann")
    await erase(house, me["token"])
    await house.wx.disable(account_id=me["account"]["id"], reason_for_user="spam")
    back = await house.wx.restore_account(account_id=me["account"]["id"])
    assert (back.status, back.reason, back.erase_at) == ("disabled", "spam", None)
    with pytest.raises(Exception, match="not_found"):
        await house.wx.restore_account(account_id=me["account"]["id"])


async def test_one_unreadable_phone_keeps_nobody_elses_data(house, rows, database):
    ids = []
    for name in ("ann", "bob"):
        me = await person(house, name)
        ids.append(me["account"]["id"])
        await erase(house, me["token"], name)
    with sqlite3.connect(database) as other:
        other.execute(
            "UPDATE wxlogin_account SET phone = x'00', phone_hash = x'01' WHERE id = ?", ids[:1]
        )
    house.clock.advance(days=7)
    assert await sweep(house) == 2
    assert rows("SELECT count(*) FROM wxlogin_account") == [(0,)]


class BrokenBucket:
    """Drops no picture whose id begins with `broken`."""

    async def keep(self, avatar_id, content, **how):
        raise AssertionError("nothing is kept in this story")

    async def find(self, avatar_id):
        return None

    async def drop(self, avatar_id):
        if avatar_id.startswith("broken"):
            raise StoreUnavailable


async def test_pictures_that_cannot_be_dropped_block_only_their_owners(houses, rows, caplog):
    """A whole page of them, the longest overdue: whoever comes after is erased all the same."""
    house = houses(avatar_storage=BrokenBucket())
    store = await house.wx.open_store()
    for number in range(BATCH + 1):
        name = f"p{number}"
        me = await person(house, name)
        if number < BATCH:
            url = AvatarChange(
                me["account"]["id"], "https://x/a", f"broken{number:018}", given_at=house.clock.now
            )
            await store.change_avatar(url)
        await erase(house, me["token"], name)
        house.clock.advance(1)
    house.clock.advance(days=8)
    assert await sweep(house) == 1
    assert await sweep(house) == 0
    assert rows("SELECT count(*) FROM wxlogin_account") == [(BATCH,)]
    told = [one for one in caplog.records if "an erasure waits" in one.getMessage()]
    assert len(told) == BATCH
