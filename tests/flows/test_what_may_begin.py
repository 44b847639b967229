"""What a login may begin with, also where no HTTP door stands before it; and a call that is shed.

What may not begin spends nothing: no claim, no question to WeChat.
"""

import json

import pytest

from wxlogin.login import errors
from wxlogin.login.limits import CONTEXT_LIMIT, check_code, check_origin, json_size
from wxlogin.login.sessions import Device

EXCHANGE = "/sns/jscode2session"

CODES = ["a b", "", "x" * 257, "a\n", "a\x7f", "é", "代码", "\ud800", None, 5, b"abc", ["a"]]

CONTEXTS = {
    "over 1 KiB": {"a": "x" * 1024},
    "over 1 KiB of UTF-8": {"a": "码" * 400},
    "a set": {"a": {1}},
    "bytes": {"a": b"x"},
    "not a number": {"a": float("nan")},
    "endless": {"a": float("inf")},
    "half a character": {"a": "\ud800"},
    "an object": {"a": object()},
}

DEVICES = {
    "id": Device(id="x" * 65),
    "name": Device(name="x" * 65),
    "platform": Device(platform="x" * 65),
    "name that is a number": Device(name=5),
}


@pytest.fixture
def claims(rows):
    return lambda: rows("SELECT count(*) FROM wxlogin_code_claim")[0][0]


async def refused(house, code, **how):
    with pytest.raises(errors.RequestInvalid) as raised:
        await house.wx.login(code, **how)
    return [each["field"] for each in raised.value.errors]


def asked(house):
    return [each for each in house.wechat.log() if each["path"] == EXCHANGE]


@pytest.mark.parametrize("code", CODES, ids=repr)
async def test_what_is_no_code_is_refused_before_anything_is_spent(house, claims, code):
    assert await refused(house, code) == ["code"]
    assert claims() == 0
    assert asked(house) == []


@pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS)
async def test_a_context_that_may_not_be_leaves_the_code_good(house, claims, context):
    code = house.wechat.login("ann")
    assert await refused(house, code, context=context) == ["context"]
    assert claims() == 0
    assert asked(house) == []
    assert (await house.wx.login(code)).is_new_account


@pytest.mark.parametrize("device", DEVICES.values(), ids=DEVICES)
async def test_a_device_that_may_not_be_leaves_the_code_good(house, claims, device):
    code = house.wechat.login("ann")
    [field] = await refused(house, code, device=device)
    assert field.startswith("device.")
    assert claims() == 0
    assert asked(house) == []
    assert (await house.wx.login(code)).is_new_account


async def test_everything_a_phone_says_wrong_is_told_at_once(house):
    told = await refused(
        house, "0code", device=Device(id="x" * 65, name="x" * 65), context={"a": b"x"}
    )
    assert told == ["device.id", "device.name", "context"]


@pytest.mark.parametrize("size", [836, CONTEXT_LIMIT])
async def test_a_context_up_to_the_limit_is_handed_on_whole(house, size):
    """Counted without blanks: how a program prints its JSON is no reason to refuse it."""
    context = {"numbers": [1] * 100, "text": ""}
    context["text"] = "x" * (size - json_size(context))
    assert json_size(context) == size
    assert len(json.dumps(context, indent=4)) > size + 100
    seen = []
    house.wx.user_for(lambda who: seen.append(who.context))
    await house.wx.login(house.wechat.login("ann"), context=context)
    assert seen == [context]
    answer = await house.login("ben", context=context)
    assert answer.status_code == 200, answer.text


async def test_a_registration_may_begin_with_no_more_than_a_login(house):
    for how in ({"context": {"a": "x" * 1024}}, {"device": Device(id="x" * 65)}):
        with pytest.raises(errors.RequestInvalid):
            await house.wx.register("a-ticket", **how)
    with pytest.raises(errors.TicketInvalid):
        await house.wx.register("a-ticket", context={"a": "x" * 1000})


async def test_the_longest_code_and_device_may_begin():
    check_code("x" * 256)
    check_code("!~")
    check_origin(device=Device("x" * 64, "名" * 64, "x" * 64), context={})


async def test_twin_without_the_check_a_claim_is_made_for_what_is_no_code(
    house, claims, monkeypatch
):
    monkeypatch.setattr("wxlogin.login.exchanging.check_code", lambda code: None)
    with pytest.raises(errors.WxLoginError):
        await house.wx.login("a b")
    assert claims() == 1


# Shed for the app's quota


async def shed_and_again(house, clock):
    """WeChat says that the app's quota is spent; then a fresh code, at once and a minute later."""
    house.wechat.fail(EXCHANGE, errcode=45009, times=1)
    assert (await house.login("ann")).status_code == 429
    code = house.wechat.login("ben")
    for _ in range(3):
        answer = await house.login(code=code)
        if answer.status_code != 429:
            return answer
        assert "retry-after" in answer.headers
        assert house.wechat.exchanges(code) == 0
    clock.advance(int(answer.headers["retry-after"]))
    return await house.login(code=code)


async def test_a_code_that_came_while_calls_were_shed_is_not_spent(house, clock):
    """It was never sent: after the minute it logs in, once."""
    answer = await shed_and_again(house, clock)
    assert answer.status_code == 200, answer.text
    assert answer.json()["is_new_account"] is True


async def test_twin_where_the_claim_is_kept_the_code_is_lost(house, clock, monkeypatch):
    async def kept(store, code_hash):
        pass

    monkeypatch.setattr("wxlogin.stores.sql.SqlStore.release_code", kept)
    answer = await shed_and_again(house, clock)
    assert (answer.status_code, answer.json()["code"]) == (400, "code_used")


async def test_the_retry_after_of_a_shed_call_is_never_too_early(house, clock):
    """Rounded up: who comes back on the dot is let through."""
    clock.advance(0.6)
    house.wechat.fail(EXCHANGE, errcode=45009, times=1)
    await house.login("ann")
    clock.advance(15)
    answer = await house.login("ben")
    clock.advance(int(answer.headers["retry-after"]))
    assert (await house.login("ben")).status_code == 200
