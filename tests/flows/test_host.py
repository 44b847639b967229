"""The host's functions: what can refuse a login, and what never can."""

import asyncio
import logging
import threading

import pytest

from wxlogin.login import errors
from wxlogin.login.ports import AccountChange


def everything(rows):
    return [
        rows(f"SELECT count(*) FROM wxlogin_{table}")[0][0]
        for table in ("account", "identity", "session", "unionid", "login_event")
    ]


async def test_user_for_names_whose_user_a_new_person_is_and_is_asked_once(house):
    asked = []

    @house.wx.user_for
    async def user_for(who):
        asked.append(who)
        return 42

    told = (await house.login("ann", context={"inviter": 7})).json()
    assert told["account"]["user_id"] == "42"
    assert asked[0].openid == house.wechat.openid("ann")
    assert asked[0].app_id == house.wechat.app_id
    assert asked[0].context == {"inviter": 7}
    assert asked[0].phone is None
    check = await house.check(told["token"])
    assert check.json()["user_id"] == "42"
    assert check.headers["x-wxlogin-user-id"] == "42"
    await house.login("ann")
    assert len(asked) == 1


@pytest.mark.parametrize("kind", ["sync", "async", "lambda", "callable"])
async def test_user_for_may_be_sync_or_async(house, kind):
    threads = []

    def sync(who):
        threads.append(threading.get_ident())
        return f"user-{who.openid[:4]}"

    async def asynchronous(who):
        return sync(who)

    class Callable:
        def __call__(self, who):
            return sync(who)

    house.wx.user_for(
        {"sync": sync, "async": asynchronous, "lambda": lambda w: sync(w), "callable": Callable()}[
            kind
        ]
    )
    assert (await house.login("ann")).json()["account"]["user_id"].startswith("user-")
    if kind != "async":
        assert threads[0] != threading.get_ident()  # a sync one may block: never the loop


async def test_a_user_for_that_raises_makes_nothing_and_the_next_login_works(house, rows, audit):
    fails = [RuntimeError("db down"), ValueError("bad"), KeyError("x")]

    @house.wx.user_for
    def user_for(who):
        if fails:
            raise fails.pop()
        return "u1"

    for _ in range(3):
        code = house.wechat.login("ann")
        answer = await house.login(code=code)
        assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
        assert answer.json()["retry"] == "new_code"
        assert answer.headers["retry-after"]
        assert "db down" not in answer.text
        assert everything(rows) == [0, 0, 0, 0, 0]
        assert house.wechat.exchanges(code) == 1
    assert (await house.login("ann")).json()["account"]["user_id"] == "u1"
    assert audit(people=1) == []


@pytest.mark.parametrize("given", ["", "x" * 65, "a\nb", "a\u0000b", object(), [], b"\xff"])
async def test_a_key_that_is_none_is_refused_whole(house, rows, given):
    house.wx.user_for(lambda who: given)
    answer = await house.login("ann")
    if answer.status_code == 200:  # the text of anything short and printable is a key
        assert answer.json()["account"]["user_id"] == str(given)
    else:
        assert (answer.status_code, answer.json()["retry"]) == (503, "new_code")
        assert everything(rows) == [0, 0, 0, 0, 0]


async def test_a_key_of_64_characters_is_fine_and_none_means_no_key(house):
    house.wx.user_for(lambda who: "x" * 64)
    assert (await house.login("ann")).json()["account"]["user_id"] == "x" * 64
    house.wx.user_for(lambda who: None)
    assert (await house.login("bob")).json()["account"]["user_id"] is None


async def test_a_key_with_letters_beyond_ascii_goes_through_a_header(house):
    house.wx.user_for(lambda who: "用户 7")
    token = await house.token("ann")
    check = await house.check(token)
    assert check.json()["user_id"] == "用户 7"
    assert check.headers["x-wxlogin-user-id"].isascii()


async def test_two_people_are_never_one_user(house, rows):
    house.wx.user_for(lambda who: "the same")
    assert (await house.login("ann")).status_code == 200
    answer = await house.login("bob")
    assert (answer.status_code, answer.json()["code"]) == (409, "identity_taken")
    assert everything(rows)[:2] == [1, 1]


async def test_user_for_running_twice_for_one_person_is_harmless(houses, audit):
    """Two processes ask the host at the same moment; one account comes of it."""
    one, two = houses(), houses()
    met = asyncio.Barrier(2)
    asked = []

    async def user_for(who):
        asked.append(who.openid)
        await met.wait()
        return "u-" + who.openid

    one.wx.user_for(user_for)
    two.wx.user_for(user_for)
    answers = await asyncio.gather(one.login("ann"), two.login("ann"))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert len(asked) == 2
    assert len({answer.json()["account"]["id"] for answer in answers}) == 1
    assert sorted(answer.json()["is_new_account"] for answer in answers) == [False, True]
    assert audit(people=1) == []


async def test_a_slow_user_for_ends_in_503_within_the_logins_deadline(house, rows):
    @house.wx.user_for
    async def user_for(who):
        await asyncio.Event().wait()

    started = asyncio.get_running_loop().time()
    answer = await house.login("ann")
    assert (answer.status_code, answer.json()["retry"]) == (503, "new_code")
    assert asyncio.get_running_loop().time() - started < 5
    assert everything(rows) == [0, 0, 0, 0, 0]


async def test_user_for_may_refuse_with_an_error_of_ours(house, rows):
    @house.wx.user_for
    def user_for(who):
        raise errors.RegistrationClosed

    answer = await house.login("ann")
    assert (answer.status_code, answer.json()["code"]) == (403, "registration_closed")
    assert everything(rows) == [0, 0, 0, 0, 0]


# Claims


async def test_claims_are_kept_in_the_session_and_refreshed_on_demand(house):
    role = ["staff"]
    house.wx.user_for(lambda who: "u1")
    house.wx.load_user(lambda user_id: {"id": user_id})
    house.wx.claims_for(lambda user: {"role": role[0], "of": user["id"]})
    token = await house.token("ann")
    assert (await house.check(token)).json()["claims"] == {"role": "staff", "of": "u1"}
    role[0] = "guest"
    assert (await house.check(token)).json()["claims"]["role"] == "staff"
    assert await house.wx.refresh_claims(user_id="u1") == 1
    assert (await house.check(token)).json()["claims"]["role"] == "guest"


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"x": "y" * 1024}, id="over 1 KiB"),
        pytest.param({"x": object()}, id="no JSON"),
        pytest.param({"x": float("nan")}, id="NaN"),
        pytest.param({"x": "\ud800"}, id="half a surrogate pair"),
        pytest.param([1, 2], id="no mapping"),
        pytest.param("text", id="text"),
        pytest.param({1: 2}, id="a key that is no text"),
    ],
)
async def test_claims_that_cannot_be_kept_refuse_the_login_whole(house, rows, given):
    house.wx.user_for(lambda who: "u1")
    house.wx.claims_for(lambda user: given)
    answer = await house.login("ann")
    if answer.status_code == 200:
        assert (await house.check(answer.json()["token"])).status_code == 200
    else:
        assert (answer.status_code, answer.json()["retry"]) == (503, "new_code")
        assert everything(rows) == [0, 0, 0, 0, 0]


async def test_claims_of_exactly_a_kibibyte_are_kept(house):
    claims = {"x": "y" * (1024 - len('{"x": ""}'))}
    house.wx.user_for(lambda who: "u1")
    house.wx.claims_for(lambda user: claims)
    assert (await house.check(await house.token("ann"))).json()["claims"] == claims


# Events


async def until(condition, *, turns=2000):
    """Give the delivery its turns; it is woken, not slept for."""
    for _ in range(turns):
        if condition():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("it did not come")


async def test_hooks_hear_of_registration_login_logout_and_kick(house):
    heard = []
    house.wx.on_registered(lambda event: heard.append(event))

    @house.wx.on_login
    async def on_login(event):
        heard.append(event)

    house.wx.on_logout(lambda event: heard.append(event))
    house.wx.on_kicked(lambda event: heard.append(event))
    told = (await house.login("ann", context={"channel": "poster"})).json()
    await until(lambda: len(heard) == 2)
    assert {event.kind for event in heard} == {"registered", "login"}
    assert len({event.id for event in heard}) == 2
    for event in heard:
        assert event.account_id == told["account"]["id"]
        assert event.session_id == told["session_id"]
        assert event.app_id == house.wechat.app_id
        assert event.data == {"channel": "poster"}
    heard.clear()
    await house.login("ann")
    await until(lambda: len(heard) == 1)
    assert heard[0].kind == "login"
    await house.ask("DELETE", "/v1/session", told["token"])
    await until(lambda: len(heard) == 2)
    assert (heard[1].kind, heard[1].session_id) == ("logout", told["session_id"])
    await house.wx.kick(account_id=told["account"]["id"])
    await until(lambda: len(heard) == 3)
    assert heard[2].kind == "kicked"


async def test_a_hook_that_raises_breaks_no_login_and_is_told_again(house, rows):
    heard = []

    @house.wx.on_login
    def on_login(event):
        heard.append(event.id)
        if len(heard) == 1:
            raise RuntimeError("the host's mail server")

    assert (await house.login("ann")).status_code == 200
    await until(lambda: len(heard) == 1)
    assert rows("SELECT count(*) FROM wxlogin_outbox") == [(1,)]
    house.clock.advance(61)
    assert (await house.login("ann")).status_code == 200
    await until(lambda: len(heard) == 3)
    assert heard.count(heard[0]) == 2  # the same id at every telling
    await until(lambda: rows("SELECT count(*) FROM wxlogin_outbox") == [(0,)])


async def test_a_hook_that_hangs_holds_up_no_login(house):
    held = asyncio.Event()

    @house.wx.on_login
    async def on_login(event):
        await held.wait()

    for _ in range(3):
        assert (await house.login("ann")).status_code == 200
    held.set()


async def test_events_survive_a_crash_and_are_told_by_the_next_process(houses, rows):
    first, second = houses(), houses()
    heard = []

    @first.wx.on_login
    async def dies(event):
        raise asyncio.CancelledError  # the process ends in the middle of the hook

    assert (await first.login("ann")).status_code == 200
    await first.wx.close()
    kept = rows("SELECT id FROM wxlogin_outbox")
    assert len(kept) == 1
    second.wx.on_login(lambda event: heard.append(event.id))
    second.clock.advance(61)
    assert (await second.login("bob")).status_code == 200
    await until(lambda: len(heard) == 2)
    assert kept[0][0] in heard


async def test_without_a_listener_nothing_is_put_into_the_outbox(house, rows):
    await house.login("ann")
    assert rows("SELECT count(*) FROM wxlogin_outbox") == [(0,)]


async def test_every_route_is_also_a_call(house, wechat):
    result = await house.wx.login(wechat.login("ann"), context={"inviter": 7})
    session = await house.wx.check(result.token)
    assert session.openid == wechat.openid("ann")
    assert (await house.wx.find(openid=session.openid)).id == session.account_id
    code = wechat.login("ann")
    await house.wx.login(code)
    with pytest.raises(errors.CodeUsed):
        await house.wx.login(code)
    with pytest.raises(errors.SessionMissing):
        await house.wx.check(None)
    with pytest.raises(errors.NotFound):
        await house.wx.kick(user_id="nobody")
    assert await house.wx.find(user_id="nobody") is None


@pytest.mark.parametrize("act", ["kick", "disable", "enable", "refresh_claims"])
async def test_an_act_on_nobody_is_not_found(house, act):
    with pytest.raises(errors.NotFound):
        await getattr(house.wx, act)(user_id="nobody")


async def test_claims_that_are_too_much_only_together_lock_nobody_out(house, caplog):
    """The host's are kept, the account's own are left out of the session, and the log says so."""
    house.wx.user_for(lambda who: "u1")
    first = await house.login("ann")
    account_id = first.json()["account"]["id"]
    store = await house.wx.open_store()
    await store.change_account(account_id, AccountChange(claims={"own": "x" * 700}))
    house.wx.load_user(lambda user_id: {"id": user_id})
    house.wx.claims_for(lambda user: {"role": "y" * 700})
    with caplog.at_level(logging.ERROR, "wxlogin.login"):
        token = await house.token("ann")
    assert (await house.check(token)).json()["claims"] == {"role": "y" * 700}
    assert len([r for r in caplog.records if "together" in r.message]) == 1
    assert await house.wx.refresh_claims(user_id="u1") == 2
    assert (await house.check(token)).json()["claims"] == {"role": "y" * 700}
