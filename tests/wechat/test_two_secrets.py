"""Two appsecrets: the new one first, the old one once, and only where WeChat names the secret."""

from dataclasses import replace

import pytest

from wxlogin.login import errors
from wxlogin.login.ports import NothingSent
from wxlogin.login.secret import Secret
from wxlogin.wechat.transport import NotReached, Unanswered

REFUSED = {"errcode": 40125, "errmsg": "invalid appsecret rid: 671b9ddb-6ce940c8-7d5bcaf9"}
TOKEN = {"access_token": "ACCESS", "expires_in": 7200}


@pytest.fixture
def app(app):
    return replace(app, secret=Secret("new-secret"), old_secret=Secret("old-secret"))


def secrets_in(canned):
    """Which secret each request carried, in their order."""
    sent = (request.target() + str(request.body) for request in canned.requests)
    return [next(name for name in ("new-secret", "old-secret") if name in one) for one in sent]


async def test_the_old_secret_is_tried_once_where_the_new_one_is_refused(
    client, canned, app, session
):
    canned.will(REFUSED, session)
    assert (await client.exchange_code(app, "CODE")).openid == session["openid"]
    assert secrets_in(canned) == ["new-secret", "old-secret"]


async def test_where_the_new_secret_is_right_nobody_tries_the_old_one(client, canned, app, session):
    canned.will(session)
    await client.exchange_code(app, "CODE")
    assert secrets_in(canned) == ["new-secret"]


async def test_where_both_are_refused_the_app_is_misconfigured(client, canned, app):
    canned.will(REFUSED)
    with pytest.raises(errors.AppMisconfigured):
        await client.exchange_code(app, "CODE")
    assert secrets_in(canned) == ["new-secret", "old-secret"]


async def test_without_an_old_secret_there_is_one_call(client, canned, app):
    canned.will(REFUSED)
    with pytest.raises(errors.AppMisconfigured):
        await client.exchange_code(replace(app, old_secret=None), "CODE")
    assert secrets_in(canned) == ["new-secret"]


@pytest.mark.parametrize(
    "errcode", [-1, 40013, 40029, 40163, 40164, 40226, 40243, 41002, 41004, 45011, 48001, 99999]
)
async def test_no_other_number_is_a_reason_to_send_a_code_again(client, canned, app, errcode):
    """A10: each of these may have spent it."""
    canned.will({"errcode": errcode, "errmsg": "x"})
    with pytest.raises(errors.WxLoginError):
        await client.exchange_code(app, "CODE")
    assert secrets_in(canned) == ["new-secret"]


@pytest.mark.parametrize("fault", [Unanswered("cut"), b"<html>", b""])
async def test_silence_is_no_reason_either(client, canned, app, fault):
    canned.will(fault)
    with pytest.raises(errors.WeChatUnavailable):
        await client.exchange_code(app, "CODE")
    assert secrets_in(canned) == ["new-secret"]


async def test_after_the_first_call_nobody_says_that_nothing_was_sent(client, canned, app):
    """The claim of the code would be given back, and the code used once more."""
    canned.will(REFUSED, NotReached("refused"), NotReached("refused"))
    with pytest.raises(errors.WeChatUnavailable) as told:
        await client.exchange_code(app, "CODE")
    assert told.value.retry == "new_code"
    canned.will(NotReached("refused"))
    with pytest.raises(NothingSent):
        await client.exchange_code(app, "CODE")


async def test_the_access_token_is_fetched_under_either_secret(client, canned, app):
    canned.will(REFUSED, TOKEN)
    assert (await client.get_access_token(app)).value == Secret("ACCESS")
    assert secrets_in(canned) == ["new-secret", "old-secret"]


async def test_a_check_of_the_app_leaves_the_old_secret_out(client, canned, app):
    canned.will(REFUSED)
    with pytest.raises(errors.AppMisconfigured):
        await client.check_app(app)
    assert secrets_in(canned) == ["new-secret"]


async def test_a_token_is_renewed_only_if_it_is_still_the_same(client, canned, app, time):
    canned.will(TOKEN, {**TOKEN, "access_token": "SECOND"})
    first = await client.get_access_token(app)
    assert first.expires_at.timestamp() == time.now.timestamp() + 7200
    assert await client.renew_access_token(app, Secret("other")) == first
    second = await client.renew_access_token(app, first.value)
    assert second.value == Secret("SECOND")
    assert await client.renew_access_token(app, first.value) == second
    assert len(canned.requests) == 2
