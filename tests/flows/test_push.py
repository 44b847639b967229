"""What WeChat pushes, over the simulator's own push, and what forgers make of it."""

import asyncio
import base64
import hashlib
import json
import socket
import time
from datetime import timedelta

import httpx2
import pytest
import uvicorn

from wxlogin.login.accounts import Phone
from wxlogin.login.errors import StoreUnavailable
from wxlogin.login.policy import App
from wxlogin.login.ports import AccountChange, AvatarChange, PasswordChange, PhoneChange
from wxlogin.login.pushes import WeChatPushes
from wxlogin.login.secret import Secret
from wxlogin.login.sessions import EndCode, Ending
from wxlogin.stores import claims
from wxlogin.stores.sql import SqlStore

TOKEN = "push-token-of-the-test"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OTHER = "wxother"
REVOKE, CANCEL, MODIFIED = (
    "user_authorization_revoke",
    "user_authorization_cancellation",
    "user_info_modified",
)


@pytest.fixture
def pushed(houses, wechat):
    """A server whose app has push keys: `pushed(aes=False)` for plain mode."""

    def make(*, aes=True, other=False, union_group=None, **settings):
        key = AES_KEY if aes else None
        wechat.add_app(
            wechat.app_id, push_token=TOKEN, encoding_aes_key=key, union_group=union_group
        )
        sealed = Secret(AES_KEY) if aes else None
        first = App(
            wechat.app_id, Secret(wechat.secret), push_token=Secret(TOKEN), encoding_aes_key=sealed
        )
        apps = [first]
        if other:
            wechat.add_app(
                OTHER,
                secret="s2",
                push_token=TOKEN,
                encoding_aes_key=key,
                union_group=union_group,
            )
            apps.append(App(OTHER, Secret("s2"), push_token=Secret(TOKEN), encoding_aes_key=sealed))
        return houses(settings={"apps": tuple(apps), **settings})

    return make


async def push(house, event, user="ann", *, app_id=None, to_app=None, **fields):
    app_id = app_id or house.wechat.app_id
    return await house.wechat.push_async(
        event,
        user,
        url=f"http://127.0.0.1/v1/wechat/push/{to_app or app_id}",
        app_id=app_id,
        to=house.wx.asgi,
        **fields,
    )


async def whole(house, user="ann", app_id=None):
    """A person with nickname, picture and phone, all given now."""
    me = (await house.login(user, app_id=app_id)).json()
    store = await house.wx.open_store()
    account_id, now = me["account"]["id"], house.clock.now
    await store.change_account(account_id, AccountChange(nickname="小安", given_at=now))
    picture = AvatarChange(account_id, "https://x.qlogo.cn/a", "a" * 24, given_at=now)
    await store.keep_avatar(
        "a" * 24, b"picture", media_type="image/jpeg", account_id=account_id, at=now
    )
    await store.change_avatar(picture)
    await store.change_phone(PhoneChange(account_id, Phone("86", "13800006666", now)))
    return me


async def seen(house, me):
    account = await house.wx.find(account_id=me["account"]["id"])
    return bool(account.nickname), bool(account.avatar_url), account.phone is not None


def lines(rows):
    return [
        (kind, actor, json.loads(data).get("dropped"))
        for kind, actor, data in rows("SELECT kind, actor_kind, data FROM wxlogin_audit")
    ]


ALL = (True, True, True)


# The address


async def test_the_handshake_is_answered_with_the_echo_and_only_when_signed(pushed):
    house = pushed()
    stamp, nonce = str(int(house.clock.now.timestamp())), "12345"
    signature = hashlib.sha1("".join(sorted([TOKEN, stamp, nonce])).encode()).hexdigest()
    query = {"timestamp": stamp, "nonce": nonce, "echostr": "4375120948345356249"}
    path = f"/v1/wechat/push/{house.wechat.app_id}"
    answer = await house.http.get(path, params={**query, "signature": signature})
    assert (answer.status_code, answer.text) == (200, "4375120948345356249")
    assert answer.headers["content-type"].startswith("text/plain")
    for wrong in (
        {**query, "signature": "0" * 40},
        query,
        {**query, "signature": signature, "echostr": "<script>"},
        {**query, "signature": signature, "timestamp": "1"},
    ):
        refused = await house.http.get(path, params=wrong)
        assert (refused.status_code, refused.json()["code"]) == (403, "push_signature_invalid")


async def test_an_app_without_keys_believes_nobody_and_an_unknown_one_is_unknown(house):
    for method in ("GET", "POST"):
        known = await house.http.request(method, f"/v1/wechat/push/{house.wechat.app_id}?a=1")
        assert (known.status_code, known.json()["code"]) == (403, "push_signature_invalid")
        unknown = await house.http.request(method, "/v1/wechat/push/wxnobody")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "app_unknown")


# What each event leads to


@pytest.mark.parametrize("format_", ["json", "xml"])
@pytest.mark.parametrize("aes", [True, False], ids=["aes", "plain"])
@pytest.mark.parametrize(
    ("revoked", "left", "dropped"),
    [
        ("6", (False, False, True), ["nickname", "avatar"]),
        ("8", (True, True, False), ["phone"]),
        ("19", (False, True, True), ["nickname"]),
        ("20", (True, False, True), ["avatar"]),
        ("13", ALL, []),
    ],
)
async def test_what_is_revoked_is_dropped_and_nothing_else(
    pushed, rows, aes, format_, revoked, left, dropped
):
    house = pushed(aes=aes)
    me, bob = await whole(house), (await house.login("bob")).json()
    house.clock.advance(60)
    told = await push(house, REVOKE, fields={"RevokeInfo": revoked}, format=format_)
    assert (told["status"], told["body"], len(told["tries"])) == (200, "success", 1)
    assert await seen(house, me) == left
    assert lines(rows) == [("wechat_authorization_revoked", "wechat", dropped)]
    kept = rows("SELECT count(*) FROM wxlogin_avatar")
    assert kept == [(1 if left[1] else 0,)]
    assert (await house.check(me["token"])).status_code == 200
    assert (await house.check(bob["token"])).status_code == 200


async def test_several_numbers_and_a_number_as_a_number_are_read(pushed):
    house = pushed()
    me = await whole(house)
    house.clock.advance(60)
    await push(house, REVOKE, fields={"RevokeInfo": "8,19"})
    assert await seen(house, me) == (False, True, False)
    house.clock.advance(60)
    await push(house, REVOKE, fields={"RevokeInfo": 20})
    assert await seen(house, me) == (False, False, False)


async def test_a_profile_that_wechat_cleaned_goes(pushed, rows):
    house = pushed()
    me = await whole(house)
    house.clock.advance(60)
    await push(house, MODIFIED)
    assert await seen(house, me) == (False, False, True)
    assert lines(rows) == [("wechat_info_modified", "wechat", ["nickname", "avatar"])]


async def test_a_phone_that_went_is_told_to_the_host(pushed, rows):
    house = pushed()
    house.wx.on_phone_changed(lambda event: (_ for _ in ()).throw(RuntimeError("later")))
    me = await whole(house)
    house.clock.advance(60)
    await push(house, REVOKE, fields={"RevokeInfo": "19"})
    assert rows("SELECT count(*) FROM wxlogin_outbox") == [(0,)]
    house.clock.advance(60)
    await push(house, REVOKE, fields={"RevokeInfo": "8"})
    assert rows("SELECT kind, account_id FROM wxlogin_outbox") == [
        ("phone_changed", me["account"]["id"])
    ]


async def test_a_closed_wechat_account_without_another_way_in_is_erased_at_once(pushed, rows):
    house = pushed()
    me = await whole(house)
    house.clock.advance(60)
    told = await push(house, CANCEL)
    assert (told["status"], told["body"]) == (200, "success")
    assert rows("SELECT count(*) FROM wxlogin_account") == [(0,)]
    assert rows("SELECT count(*) FROM wxlogin_avatar") == [(0,)]
    assert rows("SELECT account_id FROM wxlogin_erased") == [(me["account"]["id"],)]
    assert [line[0] for line in lines(rows)] == ["wechat_account_cancelled", "account_erased"]
    assert (await house.check(me["token"])).status_code == 401


async def test_with_another_way_in_only_the_identity_goes(pushed, rows):
    """A password with a name to it: the account is still somebody's."""
    house = pushed()
    me = await whole(house)
    store, now = await house.wx.open_store(), house.clock.now
    await store.change_password(
        PasswordChange(
            me["account"]["id"],
            at=now,
            password_hash=Secret("hash"),
            ending=Ending(now, EndCode.REVOKED, "x"),
            username="ann",
            username_key="ann",
            keep_session=me["session_id"],
        )
    )
    house.clock.advance(60)
    await push(house, CANCEL)
    account = await house.wx.find(account_id=me["account"]["id"])
    assert account.status == "active"
    assert account.identities == ()
    over = await house.check(me["token"])
    assert over.json()["reason"] == "wechat_account_cancelled"
    assert [line[0] for line in lines(rows)] == ["wechat_account_cancelled"]


async def test_of_one_person_in_two_apps_the_second_event_erases(pushed, rows):
    house = pushed(other=True, union_group="company")
    me = (await house.login("ann", app_id=house.wechat.app_id)).json()
    there = (await house.login("ann", app_id=OTHER)).json()
    assert me["account"]["id"] == there["account"]["id"]
    await push(house, CANCEL)
    assert (await house.check(there["token"])).status_code == 200
    assert (await house.check(me["token"])).status_code == 401
    await push(house, CANCEL, app_id=OTHER)
    assert rows("SELECT count(*) FROM wxlogin_account") == [(0,)]


async def test_a_cancellation_ends_a_cooling_off(pushed, rows):
    """Nobody can take it back through WeChat any more."""
    house = pushed()
    me = (await house.login("ann")).json()
    await house.ask(
        "POST", "/v1/me/erase", me["token"], json={"proof_code": house.wechat.login("ann")}
    )
    await push(house, CANCEL)
    assert rows("SELECT count(*) FROM wxlogin_account") == [(0,)]


async def test_the_app_of_an_event_may_be_disabled_by_now(pushed, houses, wechat, rows):
    """Who stops an app still owes its people what the law says."""
    house = pushed()
    me = await whole(house)
    stopped = App(
        wechat.app_id,
        Secret(wechat.secret),
        push_token=Secret(TOKEN),
        encoding_aes_key=Secret(AES_KEY),
        is_disabled=True,
    )
    later = houses(settings={"apps": (stopped,)})
    house.clock.advance(60)
    await push(later, REVOKE, fields={"RevokeInfo": "8"})
    assert await seen(house, me) == (True, True, False)


async def test_what_concerns_nobody_here_is_taken_and_leads_to_nothing(pushed, rows):
    house = pushed()
    me = await whole(house)
    house.clock.advance(60)
    for event, fields in (
        (REVOKE, {"RevokeInfo": "8", "OpenID": "o" * 28}),
        (MODIFIED, {"OpenID": None}),
        (CANCEL, {"OpenID": ""}),
        (CANCEL, {"OpenID": ["x"]}),
        (REVOKE, {"RevokeInfo": {"a": 8}}),
        (REVOKE, {"RevokeInfo": None}),
        ("wxa_punish_event", {}),
        ("debug_demo", {}),
    ):
        told = await push(house, event, fields=fields)
        assert (told["status"], told["body"]) == (200, "success"), event
    assert await seen(house, me) == ALL
    assert (await house.check(me["token"])).status_code == 200


# Once


async def test_an_event_that_is_sent_again_happens_once(pushed, rows):
    """Sealed anew with a new nonce, or the very same delivery."""
    house = pushed()
    me = await whole(house)
    house.clock.advance(60)
    await push(house, REVOKE, fields={"RevokeInfo": "19"})
    store = await house.wx.open_store()
    await store.change_account(me["account"]["id"], AccountChange(nickname="新名字"))
    again = await push(house, REVOKE, fields={"RevokeInfo": "19"})
    assert again["body"] == "success"
    assert await seen(house, me) == ALL
    assert len(lines(rows)) == 1


async def test_sixteen_deliveries_of_one_event_at_once_are_one(pushed, rows):
    house = pushed()
    await whole(house)
    house.clock.advance(60)
    told = await asyncio.gather(
        *(push(house, REVOKE, fields={"RevokeInfo": "8"}) for _ in range(16))
    )
    assert {one["body"] for one in told} == {"success"}
    assert len(lines(rows)) == 1


async def test_an_old_revocation_takes_nothing_that_was_given_after_it(pushed, rows):
    """Reordered: the person has given all of it again meanwhile."""
    house = pushed()
    created = int(house.clock.now.timestamp())
    house.clock.advance(60)
    me = await whole(house)
    for number in ("6", "8"):
        await push(house, REVOKE, fields={"RevokeInfo": number, "CreateTime": created})
    assert await seen(house, me) == ALL
    assert [line[2] for line in lines(rows)] == [[], []]
    later = created + 60
    for number in ("6", "8"):
        await push(house, REVOKE, fields={"RevokeInfo": number, "CreateTime": later})
    assert await seen(house, me) == (False, False, False)


async def test_a_cancellation_from_before_the_last_login_ends_nobody(pushed, rows):
    """Whoever has come in by WeChat since is there: an old event has lost its way."""
    house = pushed()
    before = int(house.clock().timestamp())
    house.clock.advance(30)
    me = await whole(house)
    for age in (0, -3600):
        await push(house, CANCEL, fields={"CreateTime": before + age})
    assert (await house.check(me["token"])).status_code == 200
    assert rows("SELECT count(*) FROM wxlogin_account") == [(1,)]


async def test_what_was_given_in_the_very_second_goes(pushed):
    """WeChat tells whole seconds: in doubt the person's wish counts."""
    house = pushed()
    house.clock.advance(0.7)
    me = await whole(house)
    await push(house, REVOKE, fields={"RevokeInfo": "8"})
    assert await seen(house, me) == (True, True, False)


async def test_a_time_in_the_future_takes_nothing_that_is_given_later(pushed):
    house = pushed()
    future = int((house.clock.now + timedelta(days=9)).timestamp())
    me = (await house.login("ann")).json()
    await push(house, REVOKE, fields={"RevokeInfo": "8", "CreateTime": future})
    house.clock.advance(60)
    await whole(house)
    await push(house, REVOKE, fields={"RevokeInfo": "8", "CreateTime": future})
    assert await seen(house, me) == ALL


# Forgers (A18)


async def test_a_signature_that_one_app_saw_is_worth_nothing_at_another(pushed, rows):
    """Two apps with the same token: a message that names no app, at the address of the other."""
    house = pushed(aes=False, other=True)
    me = await whole(house, app_id=house.wechat.app_id)
    house.clock.advance(60)
    query, body = plain_call(house, cancellation(house, "nobody", AppID=OTHER))
    assert (await post(house, query, body, app_id=OTHER)).text == "success"
    forged = cancellation(house)
    del forged["AppID"]
    assert (await post(house, query, forged)).text == "success"
    assert (await house.check(me["token"])).status_code == 200


def plain_call(house, message, *, token=TOKEN, nonce="n"):
    """A call in plain mode, signed as somebody with `token` would."""
    stamp = str(int(house.clock.now.timestamp()))
    signature = hashlib.sha1("".join(sorted([token, stamp, nonce])).encode()).hexdigest()
    return {"signature": signature, "timestamp": stamp, "nonce": nonce}, message


def cancellation(house, user="ann", **fields):
    return {
        "ToUserName": "gh_1",
        "FromUserName": "oPlatform",
        "CreateTime": int(house.clock.now.timestamp()),
        "MsgType": "event",
        "Event": CANCEL,
        "OpenID": house.wechat.openid(user),
        "AppID": house.wechat.app_id,
    } | fields


async def post(house, query, body, app_id=None):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await house.http.post(
        f"/v1/wechat/push/{app_id or house.wechat.app_id}", params=query, content=content
    )


async def unharmed(house, me, rows):
    assert (await house.check(me["token"])).status_code == 200
    assert await seen(house, me) == ALL
    assert lines(rows) == []


async def test_a_forged_cancellation_deletes_nobody(pushed, rows):
    house = pushed(aes=False)
    me = await whole(house)
    message = cancellation(house)
    query, body = plain_call(house, message)
    wrong_token, _ = plain_call(house, message, token="guessed")
    for forged in (
        {},
        wrong_token,
        {**query, "signature": query["signature"][:-1] + "x"},
        {**query, "nonce": "other"},
        {**query, "timestamp": str(int(query["timestamp"]) + 1)},
        {**query, "signature": [query["signature"], query["signature"]]},
    ):
        answer = await post(house, forged, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "push_signature_invalid")
    await unharmed(house, me, rows)


async def test_a_signed_call_is_stale_after_five_minutes(pushed, rows):
    house = pushed(aes=False)
    me = await whole(house)
    query, body = plain_call(house, cancellation(house))
    house.clock.advance(301)
    assert (await post(house, query, body)).status_code == 403
    await unharmed(house, me, rows)


async def test_a_signature_that_was_seen_carries_no_other_message(pushed, rows):
    """In plain mode it does not cover the body: who saw one call could else write another."""
    house = pushed(aes=False)
    await whole(house, "bob")
    me = (await house.login("ann")).json()
    house.clock.advance(60)
    query, body = plain_call(house, cancellation(house, "bob", Event=MODIFIED))
    assert (await post(house, query, body)).text == "success"
    forged = await post(house, query, cancellation(house, "ann"))
    assert forged.text == "success"
    assert (await house.check(me["token"])).status_code == 200
    assert [line[0] for line in lines(rows)] == ["wechat_info_modified"]


async def test_where_a_key_is_set_a_plain_message_is_not_believed(pushed, rows):
    house = pushed()
    me = await whole(house)
    query, body = plain_call(house, cancellation(house))
    assert (await post(house, query, body)).status_code == 403
    told = await push(house, CANCEL, mode="plain")
    assert told["status"] == 403
    assert len(told["tries"]) == 3
    await unharmed(house, me, rows)


@pytest.mark.parametrize("tamper", ["signature", "app_id"])
async def test_a_tampered_or_another_apps_message_is_refused(pushed, rows, tamper):
    house = pushed()
    me = await whole(house)
    told = await push(house, CANCEL, tamper=tamper)
    assert told["status"] == 403
    await unharmed(house, me, rows)


@pytest.mark.parametrize("aes", [True, False])
async def test_a_message_of_one_app_is_nothing_to_another(pushed, rows, aes):
    """Both have the same keys here: the app in the message decides."""
    house = pushed(aes=aes, other=True)
    me = await whole(house, app_id=house.wechat.app_id)
    told = await push(house, CANCEL, app_id=house.wechat.app_id, to_app=OTHER)
    assert told["status"] == 403
    await unharmed(house, me, rows)


BOMB = b"""<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;">
]><xml><Event>&e;</Event></xml>"""
XXE = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>
<xml><Event>user_info_modified</Event><OpenID>&f;</OpenID></xml>"""


@pytest.mark.parametrize(
    "body",
    [BOMB, XXE, b"", b"<xml>", b"{", b"[]", b"null", b"\xff\xfe", b"{}" * 9, b'{"a":' * 9000],
    ids=["bomb", "xxe", "empty", "cut", "brace", "list", "null", "bytes", "two", "deep"],
)
async def test_hostile_bodies_are_refused_in_no_time(pushed, rows, body):
    house = pushed(aes=False)
    me = await whole(house)
    query, _ = plain_call(house, {})
    started = time.perf_counter()
    answer = await post(house, query, body)
    assert time.perf_counter() - started < 1
    assert answer.status_code == 403
    await unharmed(house, me, rows)


async def test_a_body_over_the_limit_is_413(pushed):
    house = pushed(aes=False)
    query, _ = plain_call(house, {})
    assert (await post(house, query, b" " * 70_000)).status_code == 413


async def test_a_fault_of_the_store_is_sent_again_and_then_done(pushed, rows, monkeypatch):
    """Noted and done are one: a push that failed half-way is not taken for one that was here."""
    house = pushed()
    me = await whole(house)
    house.clock.advance(60)
    real, failures = SqlStore.commit_push, iter([1, 1])

    async def failing(self, commit):
        if next(failures, None):
            raise StoreUnavailable
        return await real(self, commit)

    monkeypatch.setattr(SqlStore, "commit_push", failing)
    told = await push(house, REVOKE, fields={"RevokeInfo": "8"})
    assert [one["status"] for one in told["tries"]] == [503, 503, 200]
    assert await seen(house, me) == (True, True, False)


async def test_a_push_noted_before_it_is_done_would_be_lost(pushed, monkeypatch):
    """The twin: a note in a transaction of its own, and then the fault."""
    house = pushed()
    me = await whole(house)
    house.clock.advance(60)
    real, failures = SqlStore.commit_push, iter([1])

    async def careless(self, commit):
        if next(failures, None):
            for key in commit.keys:
                await self._write(
                    lambda tx, key=key: claims.claim_code(tx, key, until=commit.until)
                )
            raise StoreUnavailable
        return await real(self, commit)

    monkeypatch.setattr(SqlStore, "commit_push", careless)
    told = await push(house, REVOKE, fields={"RevokeInfo": "8"})
    assert [one["status"] for one in told["tries"]] == [503, 200]
    assert await seen(house, me) == ALL  # red: the phone should be gone


async def test_the_simulators_own_call_over_a_real_port(pushed, wechat):
    """`POST /sim/push`, as somebody types it, to a server on a port."""
    house = pushed()
    me = await whole(house)
    house.clock.advance(60)
    with socket.create_server(("127.0.0.1", 0)) as sock:
        config = uvicorn.Config(house.wx.asgi, log_config=None, lifespan="off")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[sock]))
        async with httpx2.AsyncClient(trust_env=False, timeout=20) as client:
            port = sock.getsockname()[1]
            answer = await client.post(
                f"{wechat.url}/sim/push",
                json={
                    "app_id": wechat.app_id,
                    "event": CANCEL,
                    "user_id": "ann",
                    "url": f"http://127.0.0.1:{port}/v1/wechat/push/{wechat.app_id}",
                },
            )
        server.should_exit = True
        await serving
    told = answer.json()
    assert (told["status"], told["body"], told["mode"]) == (200, "success", "aes")
    assert told["tries"][0]["seconds"] < 5
    assert (await house.check(me["token"])).status_code == 401


def test_the_test_key_is_one_of_wechats_kind():
    assert len(base64.b64decode(AES_KEY + "=")) == 32


async def test_a_plain_signature_is_used_up_whatever_it_was_for(pushed, rows):
    """A message that leads to nothing, and the address check, sign for no forgery afterwards."""
    house = pushed(aes=False)
    me = await whole(house)
    house.clock.advance(60)
    harmless = cancellation(house, "bob", Event="debug_demo")
    query, body = plain_call(house, harmless)
    for message in (body, body, cancellation(house)):
        assert (await post(house, query, message)).text == "success"
    check, _ = plain_call(house, {}, nonce="check")
    path = f"/v1/wechat/push/{house.wechat.app_id}"
    for _ in range(2):
        answer = await house.http.get(path, params={**check, "echostr": "123"})
        assert answer.text == "123"
    assert (await post(house, check, cancellation(house))).text == "success"
    await unharmed(house, me, rows)


async def test_without_using_signatures_up_the_forgery_is_believed(pushed, monkeypatch):
    """The twin: red, for the captured call signs for a cancellation."""
    house = pushed(aes=False)
    me = await whole(house)
    house.clock.advance(60)

    async def careless(self, app, signature):
        return None

    monkeypatch.setattr(WeChatPushes, "_use_up", careless)
    query, body = plain_call(house, cancellation(house, Event="debug_demo"))
    await post(house, query, body)
    await post(house, query, cancellation(house))
    assert (await house.check(me["token"])).status_code == 401


async def test_a_plain_cancellation_waits_and_can_be_taken_back(pushed, rows):
    """Its signature covers no message: whoever was forged away comes back."""
    house = pushed(aes=False)
    me = await whole(house)
    house.clock.advance(60)
    assert (await push(house, CANCEL))["body"] == "success"
    assert (await house.check(me["token"])).status_code == 401
    assert rows("SELECT count(*) FROM wxlogin_avatar") == [(1,)]
    code = house.wechat.login("ann")
    back = await house.http.post("/v1/me/restore", json={"code": code})
    assert back.json()["account"]["id"] == me["account"]["id"]
    assert await seen(house, me) == ALL


async def test_a_plain_cancellation_lifts_no_ban(pushed):
    house = pushed(aes=False)
    me = (await house.login("ann")).json()
    await house.wx.disable(account_id=me["account"]["id"])
    await push(house, CANCEL)
    account = await house.wx.find(account_id=me["account"]["id"])
    assert (account.status, account.erase_at) == ("disabled", None)
