"""What people show of themselves, and what WeChat says of them."""

import asyncio
import base64
import hashlib
import json
import socket

import pytest

from wxlogin.login.content import Shown
from wxlogin.login.errors import RequestInvalid
from wxlogin.login.open_data import OpenDataPolicy, OwnOpenData
from wxlogin.login.profiles import ANONYMOUS, OwnProfile, Pictures
from wxlogin.stores.avatars import SqlAvatarStorage
from wxlogin.wechat import aes_cbc
from wxlogin.wechat.open_data import OpenDataReader

CHECK = "/wxa/checksession"
QLOGO = "https://thirdwx.qlogo.cn/mmopen/vi_32/abc/132"


@pytest.fixture
def people(wechat):
    wechat.settings(profile="real")
    wechat.add_user("ann", name="安安", phone="+8613800006666")
    wechat.add_user("bob", name="波波")


@pytest.fixture
def house(houses, people):
    return houses()


@pytest.fixture
def judged(houses, people):
    """A server that asks WeChat what may be shown."""
    return houses(settings={"content_check": "wechat"})


async def take(house, token, told, **changes):
    body = {
        "raw_data": told["rawData"],
        "signature": told["signature"],
        "encrypted_data": told["encryptedData"],
        "iv": told["iv"],
        **changes,
    }
    body = {name: value for name, value in body.items() if value is not None}
    return await house.ask("POST", "/v1/me/wechat-profile", token, json=body)


async def rename(house, token, nickname):
    return await house.ask("PUT", "/v1/me/profile", token, json={"nickname": nickname})


def signed(house, fields, user="ann"):
    """What WeChat would give, had it these fields."""
    raw = json.dumps(fields)
    key = house.wechat.session_key(user)
    return {
        "rawData": raw,
        "signature": hashlib.sha1((raw + key).encode()).hexdigest(),
        "encryptedData": None,
        "iv": None,
    }


def code_of(answer):
    return answer.status_code, answer.json().get("code")


async def without_limit(house):
    """The server without a limit of failures."""
    flow = await house.wx.flow()
    flow.own_profile = OwnProfile(
        flow.core,
        open_data=OwnOpenData(flow.core, OpenDataReader(), OpenDataPolicy(failures=1000)),
        shown=Shown(flow.core, None),
        pictures=Pictures(SqlAvatarStorage(flow.core.store)),
    )


async def me(house, token):
    return (await house.get("/v1/me", token)).json()


async def test_nickname_and_picture_of_wechat_become_the_accounts(house):
    token = await house.token()
    told = house.wechat.user_info("ann")
    answer = await take(house, token, told)
    assert answer.status_code == 200
    shown = answer.json()
    assert shown["nickname"] == "安安"
    assert shown["avatar_url"] == told["userInfo"]["avatarUrl"]
    assert shown == await me(house, token)


async def test_the_signature_alone_is_enough(house):
    token = await house.token()
    told = house.wechat.user_info("ann")
    answer = await take(house, token, told, encrypted_data=None, iv=None)
    assert answer.json()["nickname"] == "安安"


@pytest.mark.parametrize("half", ["encrypted_data", "iv"])
async def test_half_a_ciphertext_is_invalid(house, half):
    token = await house.token()
    answer = await take(house, token, house.wechat.user_info("ann"), **{half: None})
    assert code_of(answer) == (400, "request_invalid")


async def test_nothing_of_an_anonymous_profile_is_kept(house):
    house.wechat.settings(profile="anonymous")
    token = await house.token()
    await rename(house, token, "自己取的")
    before = await me(house, token)
    answer = await take(house, token, house.wechat.user_info("ann"))
    assert (answer.status_code, answer.json()) == (200, before)
    for fields in (
        {"nickName": "x", "is_demote": True},
        {"nickName": ANONYMOUS, "avatarUrl": QLOGO},
        {},
        {"nickName": 7, "avatarUrl": ["x"]},
        [1],
    ):
        answer = await take(house, token, signed(house, fields))
        assert (answer.status_code, answer.json()) == (200, before), fields


async def test_what_is_not_fit_to_be_shown_is_left_out(house):
    token = await house.token()
    await rename(house, token, "安")
    for nickname in ("", "   ", "a\u202eb", "a\nb", "x" * 33, "\u3164", "\ud800"):
        answer = await take(house, token, signed(house, {"nickName": nickname}))
        assert (answer.status_code, answer.json()["nickname"]) == (200, "安")


@pytest.mark.parametrize(
    "address",
    [
        "http://thirdwx.qlogo.cn/a/132",
        "https://evil.example/thirdwx.qlogo.cn/1",
        "https://qlogo.cn.evil.example/1",
        "https://evil-qlogo.cn/1",
        "https://a@evil.example/.qlogo.cn/1",
        "https://user@thirdwx.qlogo.cn/1",
        "https://thirdwx.qlogo.cn:8443/1",
        "https://thirdwx.qlogo.cn",
        "https://thirdwx.qlogo.cn/a b",
        "https://thirdwx.qlogo.cn/\n",
        "https://thirdwx.qlogo.cn/" + "a" * 2000,
        "javascript:alert(1)//.qlogo.cn/1",
        "",
    ],
)
async def test_only_wechats_own_pictures_are_shown(house, address):
    token = await house.token()
    answer = await take(house, token, signed(house, {"nickName": "a", "avatarUrl": address}))
    assert (answer.status_code, answer.json()["avatar_url"]) == (200, None)


async def test_no_address_that_a_phone_named_is_asked(house):
    """A17: a listener waits where avatarUrl points to, and hears nothing."""
    token = await house.token()
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.settimeout(0)
        address = f"http://127.0.0.1:{canary.getsockname()[1]}/a.png"
        answer = await take(house, token, signed(house, {"nickName": "a", "avatarUrl": address}))
        assert answer.status_code == 200
        await asyncio.sleep(0.05)
        with pytest.raises(BlockingIOError):
            canary.accept()


async def test_a_wrong_signature_is_refused_and_keeps_nothing(house):
    token = await house.token()
    told = house.wechat.user_info("ann")
    bodies = set()
    for changes in (
        {"signature": "0" * 40},
        {"signature": "签名"},
        {"raw_data": told["rawData"] + " "},
        {"raw_data": told["rawData"].replace("安安", "管理员")},
    ):
        answer = await take(house, token, told, **changes)
        assert code_of(answer) == (400, "signature_invalid")
        bodies.add(answer.text.replace(answer.json()["request_id"], ""))
    assert len(bodies) == 1
    assert (await me(house, token))["nickname"] is None


async def test_anothers_profile_is_refused(house):
    await house.token("bob")
    token = await house.token("ann")
    theirs, mine = house.wechat.user_info("bob"), house.wechat.user_info("ann")
    assert code_of(await take(house, token, theirs)) == (400, "signature_invalid")
    mixed = await take(house, token, mine, encrypted_data=theirs["encryptedData"], iv=theirs["iv"])
    assert code_of(mixed) == (400, "ciphertext_invalid")
    assert (await me(house, token))["nickname"] is None


async def test_the_ciphertext_must_say_it_is_the_sessions_own(house):
    """An openId that is there must be right; its block is the one that a changed iv changes."""
    token, told = await house.token(), house.wechat.user_info("ann")
    await without_limit(house)
    iv = base64.b64decode(told["iv"])
    for bit in range(128):
        flipped = (int.from_bytes(iv) ^ 1 << bit).to_bytes(16)
        answer = await take(house, token, told, iv=base64.b64encode(flipped).decode())
        assert code_of(answer) == (400, "ciphertext_invalid")


async def test_the_kind_that_names_nobody_is_taken_too(house):
    """`wx.getUserProfile`: no openId in it, the fields of rawData come first."""
    token, told = await house.token(), house.wechat.user_info("ann")
    key = base64.b64decode(house.wechat.session_key("ann"))
    stamp = int(house.clock.now.timestamp())
    watermark = {"timestamp": stamp, "appid": house.wechat.app_id}
    plain = json.dumps({**json.loads(told["rawData"]), "watermark": watermark}).encode()
    sealed = aes_cbc.encrypt(aes_cbc.pad(plain, block=16), key=key, iv=bytes(16))
    answer = await take(
        house,
        token,
        told,
        encrypted_data=base64.b64encode(sealed).decode(),
        iv=base64.b64encode(bytes(16)).decode(),
    )
    assert (answer.status_code, answer.json()["nickname"]) == (200, "安安")


async def test_a_ciphertext_is_good_for_five_minutes(house):
    token, told = await house.token(), house.wechat.user_info("ann")
    house.clock.advance(301)
    assert code_of(await take(house, token, told)) == (400, "ciphertext_invalid")


@pytest.mark.parametrize("rotation", ["exchange", "mint"])
async def test_a_login_in_between_does_no_harm_and_a_dead_key_asks_for_a_login(house, rotation):
    house.wechat.settings(rotation=rotation, rotation_min_seconds=0)
    token = await house.token()
    told = house.wechat.user_info("ann")
    house.clock.advance(1)
    newer = await house.token()
    assert (await take(house, token, told)).status_code == 200
    house.wechat.rotate_session_key("ann")
    stale = await take(house, newer, house.wechat.user_info("ann"))
    assert code_of(stale) == (409, "session_key_stale")
    newest = await house.token()
    assert (await take(house, newest, house.wechat.user_info("ann"))).status_code == 200


async def test_failures_are_counted_together_with_those_of_the_phone(house):
    token, told = await house.token(), house.wechat.user_info("ann")
    for _ in range(OpenDataPolicy().failures):
        assert (await take(house, token, told, signature="0")).status_code == 400
    asked = [item for item in house.wechat.log(1000) if item["path"] == CHECK]
    assert len(asked) == OpenDataPolicy().failures
    assert code_of(await take(house, token, told)) == (429, "rate_limited")
    event = house.wechat.phone("ann")
    phone = {"encrypted_data": event["encryptedData"], "iv": event["iv"]}
    answer = await house.ask("POST", "/v1/me/phone", token, json=phone)
    assert code_of(answer) == (429, "rate_limited")


async def test_what_a_client_says_beside_the_point_has_no_effect(house, rows):
    """D01, A06."""
    token = await house.token()
    columns = "id, pool, user_id, status, epoch, claims, username, phone, avatar_url, avatar_id"
    before = rows(f"SELECT {columns} FROM wxlogin_account")
    extra = {
        "phone": "13900007777",
        "status": "disabled",
        "openid": house.wechat.openid("bob"),
        "user_id": "42",
        "avatar_url": "https://evil.example/a.png",
        "avatar_id": "x",
        "claims": {"role": "staff"},
        "epoch": 9,
    }
    named = {"nickname": "安", **extra}
    assert (await house.ask("PUT", "/v1/me/profile", token, json=named)).status_code == 200
    told = signed(house, {"nickName": "安安", "openId": "x", "phone": "1", "status": "disabled"})
    assert (await take(house, token, told, **extra)).status_code == 200
    assert rows(f"SELECT {columns} FROM wxlogin_account") == before


# Where content is checked


async def test_a_refused_nickname_is_not_kept(judged):
    token = await judged.token()
    assert (await rename(judged, token, "好名字")).status_code == 200
    assert code_of(await rename(judged, token, "违规的名字")) == (422, "content_rejected")
    told = signed(judged, {"nickName": "违规", "avatarUrl": QLOGO})
    assert code_of(await take(judged, token, told)) == (422, "content_rejected")
    shown = await me(judged, token)
    assert (shown["nickname"], shown["avatar_url"]) == ("好名字", None)


async def test_where_it_is_off_nobody_is_asked(house):
    token = await house.token()
    assert (await rename(house, token, "违规的名字")).status_code == 200
    assert not [item for item in house.wechat.log(100) if "sec_check" in item["path"]]


async def test_while_wechat_does_not_answer_nothing_is_kept(judged):
    token = await judged.token()
    judged.wechat.fail("/wxa/msg_sec_check", status=500, times=10)
    assert code_of(await rename(judged, token, "名字")) == (503, "wechat_unavailable")
    assert (await me(judged, token))["nickname"] is None


async def test_one_person_does_not_use_up_wechats_checks(judged):
    token = await judged.token()
    for number in range(30):
        assert (await rename(judged, token, f"n{number}")).status_code == 200
    assert code_of(await rename(judged, token, "one more")) == (429, "rate_limited")


@pytest.mark.parametrize("nickname", ["", " ", "a\u202e", "x" * 33, "\u3164", "a\n", 7, None])
async def test_a_host_is_held_to_the_same_form(house, nickname):
    session = await house.wx.check(await house.token())
    with pytest.raises(RequestInvalid):
        await house.wx.change_nickname(session, nickname)
