"""How a session ends, and that its phone hears why: at once, and a week later."""

import asyncio
from datetime import timedelta

import pytest

DAY = 86400
IDLE = 7 * DAY
GRACE = 60
"""The idle limit may be judged this late, never early (http-api.md §2)."""


def over(answer):
    """The code of a 401 that is whole: problem document, request id, header for a proxy."""
    assert answer.status_code == 401
    told = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == (
        f'Bearer error="invalid_token", code="{told["code"]}"'
    )
    assert told["request_id"] == answer.headers["x-request-id"]
    assert {"type", "title", "status", "detail", "code", "request_id"} <= set(told)
    return told


# Time


async def test_an_unused_session_is_idle_after_seven_days_never_earlier(house):
    """B04: judged on read; nothing cleans up in this test."""
    token = await house.token()
    house.clock.advance(IDLE - 1)
    early = await house.token("early")  # does not touch ann's
    assert (await house.check(early)).status_code == 200
    assert (await house.check(token)).status_code == 200


async def test_an_unused_session_is_over_once_the_grace_is_too(house):
    token = await house.token()
    house.clock.advance(IDLE + GRACE + 1)
    assert over(await house.check(token))["code"] == "session_idle"


async def test_the_absolute_limit_is_sharp_to_the_second(houses):
    """B04: T-1 good, T+1 over; use does not help."""
    house = houses(settings={"session_idle_ttl": timedelta(days=30)})
    token = await house.token()
    house.clock.advance(30 * DAY - 1)
    good = await house.check(token)
    assert good.status_code == 200
    assert good.json()["expires_in"] == 1
    assert good.json()["idle_expires_in"] == 1
    house.clock.advance(2)
    assert over(await house.check(token))["code"] == "session_expired"


async def test_thirty_one_days_of_use_end_at_the_absolute_limit(house):
    """B05, B06: use moves the idle limit and nothing else."""
    told = (await house.login()).json()
    token, ends = told["token"], house.clock.now + timedelta(days=30)
    flow = await house.wx.flow()
    while house.clock.now < ends - timedelta(days=1):
        house.clock.advance(days=1)
        answer = await house.check(token)
        assert answer.status_code == 200
        left = (ends - house.clock.now).total_seconds()
        assert answer.json()["expires_in"] == left
        assert answer.json()["idle_expires_in"] == min(IDLE, left)
        await flow.checks.write_seen()
    house.clock.advance(days=1, seconds=-1)
    assert (await house.check(token)).status_code == 200
    house.clock.advance(1)
    assert over(await house.check(token))["code"] == "session_expired"


async def test_use_in_one_process_keeps_the_session_alive_in_another(houses):
    one, two = houses(), houses()
    token = await one.token()
    one.clock.advance(6 * DAY)
    assert (await one.check(token)).status_code == 200
    await (await one.wx.flow()).checks.write_seen()
    one.clock.advance(6 * DAY)
    assert (await two.check(token)).status_code == 200


async def test_what_was_seen_is_written_when_the_server_stops(houses):
    first = houses()
    token = await first.token()
    first.clock.advance(6 * DAY)
    assert (await first.check(token)).status_code == 200
    await first.wx.close()
    first.clock.advance(6 * DAY)
    assert (await houses().check(token)).status_code == 200


async def test_cleaning_takes_nothing_that_still_has_an_answer_to_give(house):
    """The reason of an end is kept to the absolute limit: housekeeping may not eat it."""
    kicked, idle = await house.token("ann"), await house.token("bob")
    await house.wx.kick(openid=house.wechat.openid("ann"), reason="cheating")
    house.clock.advance(29 * DAY)
    store = await house.wx.open_store()
    await store.prune(now=house.clock.now, limit=1000)
    assert over(await house.check(kicked))["reason"] == "cheating"
    assert over(await house.check(idle))["code"] == "session_idle"


# Somebody's doing


async def test_log_out_ends_this_session_and_no_other(house):
    mine, phone = await house.token("ann"), await house.token("ann")
    assert (await house.ask("DELETE", "/v1/session", mine)).status_code == 204
    told = over(await house.check(mine))
    assert (told["code"], told["reason"]) == ("session_revoked", "logged_out")
    assert over(await house.ask("DELETE", "/v1/session", mine))["code"] == "session_revoked"
    assert (await house.check(phone)).status_code == 200


async def test_a_kicked_person_hears_it_at_once_and_next_week(house):
    tokens = [await house.token("ann") for _ in range(3)]
    bob = await house.token("bob")
    ended = await house.wx.kick(openid=house.wechat.openid("ann"), reason="cheating")
    assert ended == 3
    for _ in range(2):
        for token in tokens:
            told = over(await house.check(token))
            assert (told["code"], told["reason"]) == ("session_revoked", "cheating")
        assert (await house.check(bob)).status_code == 200
        house.clock.advance(7 * DAY - 60)
    for token in tokens:
        assert over(await house.check(token))["reason"] == "cheating"
    assert (await house.login("ann")).status_code == 200


async def test_a_kick_in_one_process_is_seen_by_every_other_at_once(houses):
    one, two = houses(), houses()
    tokens = [await one.token("ann") for _ in range(5)]
    for token in tokens:
        assert (await two.check(token)).status_code == 200
    await one.wx.kick(openid=one.wechat.openid("ann"), reason="kicked")
    for token in tokens:
        assert over(await two.check(token))["code"] == "session_revoked"


async def _kick(house, person):
    await house.wx.kick(account_id=person["account"]["id"], reason="kicked")


async def _disable(house, person):
    await house.wx.disable(account_id=person["account"]["id"])


async def _log_out(house, person):
    assert (await house.ask("DELETE", "/v1/session", person["token"])).status_code == 204


async def _log_out_elsewhere(house, person):
    path, other = "/v1/sessions?keep=current", await house.token("ann")
    assert (await house.ask("DELETE", path, other)).status_code == 204


async def _log_in_on_the_same_device(house, person):
    await house.token("ann", device={"id": "d1"})


async def _log_in_beyond_the_limit(house, person):
    for _ in range(3):
        house.clock.advance(1)
        await house.token("ann")


async def _begin_to_erase(house, person):
    await house.wx.erase(account_id=person["account"]["id"])


ENDS = (
    _kick,
    _disable,
    _log_out,
    _log_out_elsewhere,
    _log_in_on_the_same_device,
    _log_in_beyond_the_limit,
    _begin_to_erase,
)


async def outlived(one, two, act, *, acting, rounds):
    """How many checks were answered 200 after `act` was acknowledged."""
    count = 0
    for _ in range(rounds):
        person = (await one.login("ann", device={"id": "d1"})).json()
        for house in (one, two, one, two):
            assert (await house.check(person["token"])).status_code == 200
        await act(acting, person)
        for house in (one, two):
            answer = await house.check(person["token"])
            if answer.status_code == 200:
                count += 1
            else:
                assert over(answer)["code"] in ("session_revoked", "session_replaced")
        if act is _disable:
            await acting.wx.enable(account_id=person["account"]["id"])
        if act is _begin_to_erase:
            await acting.wx.restore_account(account_id=person["account"]["id"])
    return count


@pytest.mark.parametrize("act", ENDS)
@pytest.mark.parametrize("where", ["here", "in another process"])
async def test_every_end_is_heard_at_once_by_whoever_checked_a_moment_ago(houses, act, where):
    """B07, B16: what is kept near may never outlive an acknowledged end, by no millisecond."""
    one = houses(settings={"max_sessions": 3})
    two = houses(settings={"max_sessions": 3})
    acting = one if where == "here" else two
    assert await outlived(one, two, act, acting=acting, rounds=5) == 0


async def test_without_the_stores_version_the_same_check_is_red(houses, house):
    """The twin: a store that says nothing ever changes, as a cache with a lifetime does."""
    store = await house.wx.open_store()

    class NothingChanges(CountedStore):
        def session_version(self):
            return b"always the same"

    one, two = houses(store=NothingChanges(store)), houses(store=NothingChanges(store))
    assert await outlived(one, two, _kick, acting=two, rounds=2) > 0


async def test_new_claims_are_seen_by_every_process_at_once(houses):
    one, two = houses(), houses()
    role = ["staff"]
    for house in (one, two):
        house.wx.user_for(lambda who: "u1")
        house.wx.claims_for(lambda user: {"role": role[0]})
    token = await one.token("ann")
    for turn in range(10):
        for house in (one, two, one, two):
            assert (await house.check(token)).json()["claims"]["role"] == role[0]
        role[0] = f"role-{turn}"
        await (one, two)[turn % 2].wx.refresh_claims(user_id="u1")


async def test_an_operators_own_sql_is_heard_within_seconds(house, database):
    """A hand in the database that is not ours: no version tells of it, so entries age."""
    import sqlite3
    from contextlib import closing

    token = await house.token("ann")
    assert (await house.check(token)).status_code == 200
    with closing(sqlite3.connect(database, timeout=10)) as connection, connection:
        connection.execute("UPDATE wxlogin_account SET epoch = epoch + 1")
    house.clock.advance(30)
    assert over(await house.check(token))["code"] == "session_revoked"


async def test_a_kick_while_checks_run_is_never_outlived(house):
    """B16: fill and revoke at once; after the kick returned, every new check is refused."""
    flow = await house.wx.flow()
    for _ in range(100):
        token = await house.token("ann")
        checks = [asyncio.create_task(house.check(token)) for _ in range(8)]
        await asyncio.sleep(0)
        kick = asyncio.create_task(
            house.wx.kick(openid=house.wechat.openid("ann"), reason="kicked")
        )
        checks += [asyncio.create_task(house.check(token)) for _ in range(8)]
        await kick
        assert over(await house.check(token))["code"] == "session_revoked"
        await asyncio.gather(*checks)
        assert over(await house.check(token))["code"] == "session_revoked"
        await flow.checks.write_seen()
        house.clock.advance(1)


async def test_the_same_device_again_replaces_its_former_session(house):
    old = await house.token("ann", device={"id": "d1", "name": "old", "platform": "ios"})
    other = await house.token("ann", device={"id": "d2"})
    new = await house.token("ann", device={"id": "d1", "name": "Mate 60", "platform": "android"})
    told = over(await house.check(old))
    assert told["code"] == "session_replaced"
    assert told["device"]["name"] == "Mate 60"
    assert told["device"]["platform"] == "android"
    assert (await house.check(other)).status_code == 200
    assert (await house.check(new)).status_code == 200
    house.clock.advance(7 * DAY)
    told = over(await house.check(old))
    assert (told["code"], told["device"]["name"]) == ("session_replaced", "Mate 60")


async def test_the_same_device_id_of_another_person_replaces_nothing(house):
    ann = await house.token("ann", device={"id": "d1"})
    await house.token("bob", device={"id": "d1"})
    assert (await house.check(ann)).status_code == 200


async def test_an_empty_device_id_is_no_device(house):
    """A phone that could not make an id may not put out another one that could not either."""
    first = await house.login("ann", device={"id": ""})
    second = await house.login("ann", device={"id": ""})
    if first.status_code == 200:
        for answer in (first, second):
            assert (await house.check(answer.json()["token"])).status_code == 200
    else:
        assert (first.status_code, first.json()["code"]) == (400, "request_invalid")


async def test_beyond_the_limit_the_longest_unseen_session_gives_way(houses):
    house = houses(settings={"max_sessions": 3})
    tokens = []
    for _ in range(3):
        tokens.append(await house.token("ann"))
        house.clock.advance(600)
    assert (await house.check(tokens[0])).status_code == 200  # seen last now
    await (await house.wx.flow()).checks.write_seen()
    new = await house.token("ann", device={"name": "the fourth"})
    told = over(await house.check(tokens[1]))
    assert (told["code"], told["device"]["name"]) == ("session_replaced", "the fourth")
    for alive in (tokens[0], tokens[2], new):
        assert (await house.check(alive)).status_code == 200
    house.clock.advance(6 * DAY)
    assert over(await house.check(tokens[1]))["code"] == "session_replaced"


async def test_fifty_logins_at_once_leave_exactly_the_limit(houses):
    """B17."""
    house = houses(settings={"max_sessions": 5})
    tokens = await asyncio.gather(*(house.token("ann") for _ in range(50)))
    good = [(await house.check(token)).status_code for token in tokens].count(200)
    assert good == 5


async def test_end_codes_win_over_the_clock(house):
    """A kicked phone hears of the kick also when the session would be over by time now."""
    token = await house.token("ann")
    await house.wx.kick(openid=house.wechat.openid("ann"), reason="kicked")
    house.clock.advance(IDLE + GRACE + 10)
    assert over(await house.check(token))["code"] == "session_revoked"


# Own sessions, and other people's


async def test_the_list_shows_own_live_sessions_and_which_is_this_one(house):
    one = (await house.login("ann", device={"id": "d1", "name": "Phone"})).json()
    two = (await house.login("ann")).json()
    gone = (await house.login("ann")).json()
    await house.login("bob")
    await house.ask("DELETE", "/v1/session", gone["token"])
    items = (await house.get("/v1/sessions", two["token"])).json()["items"]
    assert {item["session_id"] for item in items} == {one["session_id"], two["session_id"]}
    by_id = {item["session_id"]: item for item in items}
    assert by_id[one["session_id"]]["device"]["name"] == "Phone"
    assert [item["current"] for item in items].count(True) == 1
    assert by_id[two["session_id"]]["current"]
    for item in items:
        assert item["created_at"].endswith("Z")
        assert item["last_seen_at"].endswith("Z")


async def test_nobody_ends_another_persons_session(house):
    """D02: the owner is in the query; what is another's is not there."""
    ann = (await house.login("ann")).json()
    bob = (await house.login("bob")).json()
    for path in (ann["session_id"], "00000000-0000-7000-8000-000000000000", "x", "%00", "a%20b"):
        answer = await house.ask("DELETE", f"/v1/sessions/{path}", bob["token"])
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await house.check(ann["token"])).status_code == 200


async def test_one_own_session_is_ended_by_its_id(house):
    ann, phone = (await house.login("ann")).json(), (await house.login("ann")).json()
    path = f"/v1/sessions/{ann['session_id']}"
    assert (await house.ask("DELETE", path, phone["token"])).status_code == 204
    assert over(await house.check(ann["token"]))["code"] == "session_revoked"
    assert (await house.ask("DELETE", path, phone["token"])).status_code == 404
    assert (await house.check(phone["token"])).status_code == 200


async def test_log_out_everywhere_else_keeps_this_one(house):
    tokens = [await house.token("ann") for _ in range(4)]
    bob = await house.token("bob")
    answer = await house.ask("DELETE", "/v1/sessions?keep=current", tokens[2])
    assert answer.status_code == 204
    for token in tokens:
        if token != tokens[2]:
            assert over(await house.check(token))["code"] == "session_revoked"
    assert (await house.check(tokens[2])).status_code == 200
    assert (await house.check(bob)).status_code == 200


@pytest.mark.parametrize("query", ["", "?keep=", "?keep=all", "?keep=current&keep=all", "?Keep=x"])
async def test_a_forgotten_keep_ends_nobodys_session(house, query):
    tokens = [await house.token("ann") for _ in range(2)]
    answer = await house.ask("DELETE", f"/v1/sessions{query}", tokens[0])
    assert (answer.status_code, answer.json()["code"]) == (400, "request_invalid")
    assert [(await house.check(token)).status_code for token in tokens] == [200, 200]


async def test_log_out_during_use_leaves_no_valid_token(house):
    """B10 in small: log-out, slide and check at once, many rounds."""
    flow = await house.wx.flow()
    for _ in range(50):
        token = await house.token("ann")
        house.clock.advance(31)
        await asyncio.gather(
            house.ask("DELETE", "/v1/session", token),
            house.check(token),
            flow.checks.write_seen(),
            house.check(token),
        )
        await flow.checks.write_seen()
        assert over(await house.check(token))["code"] == "session_revoked"


async def test_a_kick_during_a_login_catches_the_session_or_comes_before_it(houses):
    """B07: no session made before the kick was acknowledged outlives it."""
    house = houses()
    await house.token("ann")
    openid = house.wechat.openid("ann")
    for _ in range(20):
        logins = [asyncio.create_task(house.login("ann")) for _ in range(4)]
        await asyncio.sleep(0)
        made = {task: task.done() for task in logins}
        await house.wx.kick(openid=openid, reason="kicked")
        assert not any(made.values())
        for task in logins:
            answer = await task
            assert answer.status_code in (200, 503)
        house.clock.advance(60)


# Junk


def junk(seeded, live):
    yield from ("", " ", "x", "null", "undefined", "wxl_", "wxl_.", "." * 92, "é" * 92, "0" * 92)
    yield live[:-1]
    yield live + "A"
    yield live.swapcase()
    yield live.replace("wxl_", "wxL_")
    yield live[:41] + "A" * 43 + live[84:]
    yield live[:4] + "00000000-0000-7000-8000-000000000000" + live[40:]
    for _ in range(60):
        place = seeded.randrange(len(live))
        letter = "A" if live[place] != "A" else "B"
        yield live[:place] + letter + live[place + 1 :]
    for _ in range(60):
        yield "wxl_" + seeded.randbytes(44).hex()
    yield "a" * 7000


class CountedStore:
    """A store that counts what is asked of it."""

    def __init__(self, store):
        self._store = store
        self.asked = []

    def __getattr__(self, name):
        self.asked.append(name)
        return getattr(self._store, name)


async def test_made_up_tokens_reach_no_store(houses, house, seeded):
    """B14: whoever has no key cannot write a token that is worth a look-up."""
    live = await house.token("ann")
    counted = CountedStore(await house.wx.open_store())
    other = houses(store=counted)
    assert (await other.check(live)).status_code == 200
    assert "find_session" in counted.asked  # the twin: a live token is looked up
    for path in ("/v1/session", "/v1/me", "/v1/sessions"):
        counted.asked.clear()
        for token in junk(seeded, live):
            answer = await other.http.get(
                path, headers=[(b"Authorization", b"Bearer " + token.encode())]
            )
            told = over(answer)
            assert told["code"] in ("session_invalid", "session_missing"), token
        assert counted.asked == []


async def test_a_token_of_another_deployment_is_invalid(houses, tmp_path):
    one = houses()
    two = houses(database=f"sqlite:///{tmp_path}/other.db")
    token = await one.token("ann")
    await two.token("ann")
    assert over(await two.check(token))["code"] == "session_invalid"


async def test_a_row_that_is_anothers_lets_nobody_in(houses, house):
    """B13: a connection out of step hands out somebody else's row; it opens nothing."""
    ann, bob = await house.token("ann"), await house.token("bob")
    store = await house.wx.open_store()

    class OutOfStep(CountedStore):
        async def find_session(self, session_id):
            return await store.find_session(ann[4:40])

    confused = houses(store=OutOfStep(store))
    assert (await confused.check(ann)).status_code == 200
    answer = await confused.check(bob)
    assert answer.status_code in (401, 503)
    assert "session_id" not in answer.json()


async def test_when_the_store_does_not_answer_nobody_is_let_in(houses, house):
    from wxlogin.login.errors import StoreUnavailable

    token = await house.token("ann")
    store = await house.wx.open_store()

    class Gone(CountedStore):
        def __getattr__(self, name):
            if name in ("open", "close", "secret_key", "lease_events", "prune"):
                return getattr(self._store, name)
            if name == "session_version":  # it cannot tell
                return lambda: None

            async def fail(*args, **named):
                raise StoreUnavailable

            return fail

    dark = houses(store=Gone(store))
    answer = await dark.check(token)
    assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
    assert answer.headers["retry-after"]
    assert "www-authenticate" not in answer.headers
    code = house.wechat.login("ann")
    answer = await dark.login(code=code)
    assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
    assert house.wechat.exchanges(code) == 0
    assert (await dark.http.get("/readyz")).status_code == 503
    assert (await dark.http.get("/healthz")).status_code == 200
    assert (await house.login(code=code)).status_code == 200
