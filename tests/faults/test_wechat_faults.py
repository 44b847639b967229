"""WeChat slow, busy, broken, redirecting or gone: one exchange, the right word, no half account."""

import asyncio
import contextlib
import json
import socket
import sqlite3
import time

import pytest

from wxlogin.login.errors import WxLoginError

EXCHANGE = "/sns/jscode2session"
TABLES = ("account", "identity", "session", "unionid", "login_event", "outbox", "agreement")


@pytest.fixture
def made(rows):
    """How many rows a login leaves behind, by table."""
    return lambda: {table: rows(f"SELECT count(*) FROM wxlogin_{table}")[0][0] for table in TABLES}


async def refused(house, made, *, status, code, retry=None, user="victim", exchanges=1):
    """One login under the fault in force: its answer, the one exchange, the untouched rest."""
    bystander = await house.check(house.bystander)
    assert bystander.status_code == 200
    before = made()
    wx_code = house.wechat.login(user)
    answer = await house.login(code=wx_code)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json().get("retry") == retry
    assert ("retry-after" in answer.headers) == (status in (429, 503))
    assert house.wechat.exchanges(wx_code) == exchanges
    assert made() == before
    assert (await house.check(house.bystander)).status_code == 200
    if exchanges:
        again = await house.login(code=wx_code)
        assert (again.status_code, again.json()["code"]) == (400, "code_used")
        assert house.wechat.exchanges(wx_code) == exchanges
    return answer


@pytest.fixture
async def inhabited(house):
    """A house with one person in it who must not notice anything."""
    house.bystander = await house.token("bystander")
    return house


# What the line does


@pytest.mark.parametrize("reset", [False, True], ids=["end", "reset"])
@pytest.mark.parametrize("drop", ["before", "after"])
async def test_a_cut_line_costs_a_new_code_and_never_a_second_exchange(
    inhabited, made, audit, drop, reset
):
    """F04: request read, code consumed or not, line cut. Libraries would repeat the GET."""
    house = inhabited
    for number in range(5):
        house.wechat.fail(EXCHANGE, drop=drop, reset=reset, times=1)
        await refused(
            house, made, status=503, code="wechat_unavailable", retry="new_code", user=f"u{number}"
        )
        assert (await house.login(f"u{number}")).json()["is_new_account"] is True
    assert audit(people=6) == []


async def test_a_library_that_repeats_a_get_is_seen_by_the_same_count(wechat):
    """The twin: urllib3 as it comes spends the code several times over."""
    import urllib3

    wechat.fail(EXCHANGE, drop="after")
    code = wechat.login("ann")
    with urllib3.PoolManager() as pool, contextlib.suppress(urllib3.exceptions.HTTPError):
        await asyncio.to_thread(
            pool.request,
            "GET",
            f"{wechat.url}{EXCHANGE}?appid={wechat.app_id}&secret={wechat.secret}"
            f"&js_code={code}&grant_type=authorization_code",
            retries=urllib3.Retry(3, backoff_factor=0),
        )
    assert wechat.exchanges(code) > 1


async def test_a_wechat_that_is_not_there_leaves_the_code_unspent(inhabited, made, wechat):
    """No byte left, so the claim is released, and the very same code works afterwards."""
    house = inhabited
    port = int(wechat.url.rsplit(":", 1)[1])
    wechat.close()
    code = wechat.login("ann")
    answer = await house.login(code=code)
    assert (answer.status_code, answer.json()["code"]) == (503, "wechat_unavailable")
    assert "retry" not in answer.json()
    assert answer.headers["retry-after"]
    assert (await house.check(house.bystander)).status_code == 200
    wechat.start(port=port)
    assert (await house.login(code=code)).status_code == 200
    assert wechat.exchanges(code) == 1


async def test_a_slow_wechat_ends_in_503_within_five_seconds_and_holds_up_no_check(inhabited, made):
    """F01: all the slow ways at once; checks go on at their own speed meanwhile."""
    house = inhabited
    house.wechat.fail(EXCHANGE, delay_seconds=8)
    codes = [house.wechat.login(f"u{i}") for i in range(6)]
    before = made()
    started = time.perf_counter()
    logins = [asyncio.create_task(house.login(code=code)) for code in codes]
    slowest = 0.0
    while not all(task.done() for task in logins):
        asked = time.perf_counter()
        assert (await house.check(house.bystander)).status_code == 200
        slowest = max(slowest, time.perf_counter() - asked)
        await asyncio.sleep(0.05)
    assert time.perf_counter() - started < 5
    for code, task in zip(codes, logins, strict=True):
        answer = await task
        assert (answer.status_code, answer.json()["code"]) == (503, "wechat_unavailable")
        assert answer.json()["retry"] == "new_code"
        assert house.wechat.exchanges(code) == 1
    assert made() == before
    assert slowest < 0.5
    house.wechat.clear_faults()
    assert (await house.login("u0")).status_code == 200


async def test_an_open_breaker_answers_at_once_and_spends_nothing(inhabited, made):
    """After 10 faults in a row nobody waits for WeChat; sessions go on."""
    house = inhabited
    house.wechat.fail(EXCHANGE, drop="after")
    for number in range(10):
        await house.login(f"u{number}")
    code, took = house.wechat.login("ann"), []
    for _ in range(20):
        started = time.perf_counter()
        answer = await house.login(code=code)
        took.append(time.perf_counter() - started)
        assert (answer.status_code, answer.json()["code"]) == (503, "wechat_unavailable")
        assert "retry" not in answer.json()  # the code is unspent: it may be sent again
        assert 1 <= int(answer.headers["retry-after"]) <= 6
    assert sorted(took)[10] < 0.05
    assert house.wechat.exchanges(code) == 0
    assert (await house.check(house.bystander)).status_code == 200


@pytest.mark.chaos
async def test_the_breaker_closes_again_by_itself_and_the_same_code_works(inhabited):
    house = inhabited
    house.wechat.fail(EXCHANGE, drop="after", times=10)
    for number in range(10):
        await house.login(f"u{number}")
    code = house.wechat.login("ann")
    answer = await house.login(code=code)
    assert answer.status_code == 503
    await asyncio.sleep(int(answer.headers["retry-after"]))
    assert (await house.login(code=code)).status_code == 200
    assert house.wechat.exchanges(code) == 1


async def test_business_errcodes_never_open_the_breaker(inhabited, made):
    house = inhabited
    for errcode in (40029, 40163, 40226, 40013, 45011):
        house.wechat.fail(EXCHANGE, errcode=errcode, times=12)
        for number in range(12):
            await house.login(f"u{number}")
        house.clock.advance(120)  # 45011 is waited for; its minute passes
    house.wechat.clear_faults()
    assert (await house.login("ann")).status_code == 200


async def test_the_fast_transport_keeps_the_same_promises(houses, made, wechat):
    """pyreqwest in the place of httpx2: one exchange, the same words."""
    pytest.importorskip("pyreqwest")
    house = houses(settings={"http_client": "pyreqwest"})
    house.bystander = await house.token("bystander")
    for number, fault in enumerate(
        (
            {"drop": "before"},
            {"drop": "after"},
            {"drop": "after", "reset": True},
            {"status": 502},
            {"status": 302, "headers": {"Location": "http://127.0.0.1:9/"}},
            {"body": "{"},
            {"body": {**GOOD, "openid": 7}},
            {"body": json.dumps({**GOOD, "x": "y" * 1_000_000})},
            {"errcode": -1},
        )
    ):
        wechat.fail(EXCHANGE, times=1, **fault)
        await refused(
            house, made, status=503, code="wechat_unavailable", retry="new_code", user=f"u{number}"
        )
        assert (await house.login(f"u{number}")).json()["is_new_account"] is True
        assert (await house.login(f"u{number}")).json()["is_new_account"] is False
    port = int(wechat.url.rsplit(":", 1)[1])
    wechat.close()
    code = wechat.login("ann")
    answer = await house.login(code=code)
    assert (answer.status_code, answer.json().get("retry")) == (503, None)
    wechat.start(port=port)
    assert (await house.login(code=code)).status_code == 200
    assert wechat.exchanges(code) == 1


# What the answer says


@pytest.mark.parametrize(
    ("errcode", "status", "code", "retry"),
    [
        (-1, 503, "wechat_unavailable", "new_code"),
        ("-1", 503, "wechat_unavailable", "new_code"),
        (40029, 400, "code_invalid", None),
        (40163, 400, "code_used", None),
        (40226, 403, "wechat_blocked", None),
        (45011, 429, "rate_limited", None),
        (45009, 429, "rate_limited", None),
        (40013, 500, "app_misconfigured", None),
        (40125, 500, "app_misconfigured", None),
        (40164, 500, "app_misconfigured", None),
        (40243, 500, "app_misconfigured", None),
        (41002, 500, "app_misconfigured", None),
        (41004, 500, "app_misconfigured", None),
        (48001, 500, "app_misconfigured", None),
        (99999, 503, "wechat_unavailable", "new_code"),
    ],
)
async def test_every_errcode_has_its_word(inhabited, made, errcode, status, code, retry):
    house = inhabited
    house.wechat.fail(EXCHANGE, errcode=errcode, times=1)
    answer = await refused(house, made, status=status, code=code, retry=retry)
    for word in ("errcode", "errmsg", "rid", str(errcode).strip("-") * (errcode not in (-1, "-1"))):
        assert not word or word not in answer.text
    house.clock.advance(120)
    assert (await house.login("victim")).status_code == 200


async def test_after_45011_wechat_is_left_alone_until_the_minute_is_over(inhabited):
    """F05: no call is repeated inside the minute; the code is unspent meanwhile."""
    house = inhabited
    house.wechat.fail(EXCHANGE, errcode=45011, times=1)
    assert (await house.login("ann")).status_code == 429
    code = house.wechat.login("bob")
    for _ in range(10):
        answer = await house.login(code=code)
        if answer.status_code == 200:
            break  # the limit is the person's, and this is another person
        assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
        assert house.wechat.exchanges(code) == 0
        assert 1 <= int(answer.headers["retry-after"]) <= 60
    house.clock.advance(61)
    if answer.status_code != 200:
        assert (await house.login(code=house.wechat.login("bob"))).status_code == 200


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 403, 404, 429, 500, 502, 503, 504])
async def test_any_other_status_is_no_answer(inhabited, made, status):
    """A17: a redirect is not followed, wherever it points."""
    house = inhabited
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.setblocking(False)
        address = f"http://127.0.0.1:{canary.getsockname()[1]}/"
        house.wechat.fail(
            EXCHANGE,
            status=status,
            headers={"Location": address},
            body={"openid": "oForged", "session_key": "a" * 22 + "=="},
            times=1,
        )
        await refused(house, made, status=503, code="wechat_unavailable", retry="new_code")
        with pytest.raises(BlockingIOError):
            canary.accept()
    assert (await house.login("victim")).status_code == 200


KEY = "nzoqhc3OnwHzeTxJs+inbQ=="
WITH_KEY = f'"session_key":"{KEY}"'
GOOD = {"openid": "oGood_openid", "session_key": KEY}

MUTANTS = {
    "empty": "",
    "null": "null",
    "an empty object": "{}",
    "an empty list": "[]",
    "a list of one": json.dumps([GOOD]),
    "a number": "7",
    "a text": '"openid"',
    "cut in the middle": json.dumps(GOOD)[:-9],
    "something behind it": json.dumps(GOOD) + "}",
    "two documents": json.dumps(GOOD) * 2,
    "HTML": "<html><body>502 Bad Gateway</body></html>",
    "a byte order mark": "\ufeff" + json.dumps(GOOD),
    "single quotes": str(GOOD),
    "the openid twice": f'{{"openid":"oA","openid":"oB",{WITH_KEY}}}',
    "the session_key twice": f'{{"openid":"oA","session_key":"x",{WITH_KEY}}}',
    "NaN beside it": f'{{"openid":"oA",{WITH_KEY},"x":NaN}}',
    "deep nesting": "[" * 100_000,
    "deep nesting inside": f'{{"openid":"oA",{WITH_KEY},"x":' + "[" * 100_000,
    "a megabyte": json.dumps({**GOOD, "x": "y" * 1_000_000}),
    "no openid": {"session_key": KEY},
    "openid null": {**GOOD, "openid": None},
    "openid empty": {**GOOD, "openid": ""},
    "openid blank": {**GOOD, "openid": "   "},
    "openid a number": {**GOOD, "openid": 7},
    "openid a list": {**GOOD, "openid": ["oA"]},
    "openid an object": {**GOOD, "openid": {"$ne": ""}},
    "openid true": {**GOOD, "openid": True},
    "openid with NUL": {**GOOD, "openid": "oA\u0000"},
    "openid with a newline": {**GOOD, "openid": "oA\n"},
    "openid with a quote": {**GOOD, "openid": "oA' OR 1=1 --"},
    "openid beyond ASCII": {**GOOD, "openid": "oА"},  # a Cyrillic letter
    "openid of 10 KB": {**GOOD, "openid": "o" * 10_000},
    "OpenID in capitals": {"OpenID": "oA", "session_key": KEY},
    "no session_key": {"openid": "oA"},
    "session_key null": {**GOOD, "session_key": None},
    "session_key empty": {**GOOD, "session_key": ""},
    "session_key a number": {**GOOD, "session_key": 7},
    "session_key too short": {**GOOD, "session_key": "AAAA"},
    "session_key of 15 bytes": {**GOOD, "session_key": "A" * 20},
    "session_key no base64": {**GOOD, "session_key": "!" * 22 + "=="},
    "session_key with a newline": {**GOOD, "session_key": KEY + "\n"},
    "errcode true": {**GOOD, "errcode": True},
    "errcode an object": {**GOOD, "errcode": {}},
    "errcode a word": {**GOOD, "errcode": "none"},
    "errcode huge": f'{{"openid":"oA",{WITH_KEY},"errcode":1' + "0" * 5000 + "}",
    "errcode -1 beside an openid": {**GOOD, "errcode": -1},
    "a unionid that is a list": {**GOOD, "unionid": ["u"]},
    "a unionid of 10 KB": {**GOOD, "unionid": "u" * 10_000},
}
HARMLESS = {
    "errcode 0": {**GOOD, "errcode": 0, "errmsg": "ok"},
    "errcode 0 as text": {**GOOD, "errcode": "0"},
    "more fields": {**GOOD, "expires_in": 7200, "level": 9, "new": {"x": [1]}},
    "unionid empty": {**GOOD, "unionid": ""},
    "unionid null": {**GOOD, "unionid": None},
    "spaces around": "  " + json.dumps(GOOD, indent=4) + "\r\n",
}


@pytest.mark.parametrize("name", MUTANTS)
async def test_a_mutant_of_the_answer_lets_nobody_in(inhabited, made, name):
    """D07: fail closed; the code counts as spent."""
    house = inhabited
    house.wechat.fail(EXCHANGE, body=MUTANTS[name], times=1)
    await refused(house, made, status=503, code="wechat_unavailable", retry="new_code")
    assert (await house.login("victim")).json()["is_new_account"] is True


@pytest.mark.parametrize("name", HARMLESS)
async def test_what_an_answer_may_have_besides_is_harmless(inhabited, audit, name):
    house = inhabited
    house.wechat.fail(EXCHANGE, body=HARMLESS[name], times=1)
    assert (await house.login("ann")).json()["is_new_account"] is True
    assert audit(people=2) == []


@pytest.mark.parametrize(
    "kind", ["text/html", "application/octet-stream", "text/plain; charset=gbk", ""]
)
async def test_a_content_type_says_nothing(inhabited, kind):
    """WeChat itself sends its JSON as text/plain (contract §0)."""
    inhabited.wechat.fail(EXCHANGE, content_type=kind or "x", patch={}, times=1)
    assert (await inhabited.login("ann")).status_code == 200


# Our own store in the middle of a login


@pytest.mark.parametrize("point", ["claim_code", "take", "find_account_of", "commit_login"])
async def test_a_store_that_fails_mid_login_makes_nothing(houses, house, made, audit, point):
    """After the exchange the code is spent, and the phone is told so; before it, it is not."""
    from wxlogin.login.errors import StoreUnavailable

    await house.token("bystander")
    store, broken = await house.wx.open_store(), [True]

    class Failing:
        def __getattr__(self, name):
            if name == point and broken:

                async def fail(*args, **named):
                    raise StoreUnavailable

                return fail
            return getattr(store, name)

    sick = houses(store=Failing())
    before, code = made(), house.wechat.login("ann")
    answer = await sick.login(code=code)
    assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
    spent = point != "claim_code"
    assert answer.json().get("retry") == ("new_code" if spent else None)
    assert house.wechat.exchanges(code) == int(spent)
    assert made() == before
    broken.clear()
    assert (await sick.login("ann")).json()["is_new_account"] is True
    assert audit(people=2) == []


async def test_a_file_another_process_holds_stops_logins_in_time_and_no_check(
    inhabited, made, database
):
    """F16 in small: no login waits for ever, none half-made; reads go on beside the writer."""
    house = inhabited
    before, code = made(), house.wechat.login("ann")
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        started = time.perf_counter()
        login = asyncio.create_task(house.login(code=code))
        while not login.done():
            assert (await house.check(house.bystander)).status_code == 200
            await asyncio.sleep(0.02)  # the pace of a bystander, who asks again and again
        answer = await login
        assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
        assert "retry" not in answer.json()
        assert time.perf_counter() - started < 5
        assert house.wechat.exchanges(code) == 0
        holder.execute("ROLLBACK")
    assert made() == before
    assert (await house.login(code=code)).status_code == 200
    assert house.wechat.exchanges(code) == 1


@pytest.mark.chaos
async def test_a_login_ends_within_five_seconds_whatever_is_slow(inhabited, made):
    """WeChat just within its own deadline, then a host that hangs: the whole has one too."""
    house = inhabited

    @house.wx.user_for
    async def user_for(who):
        await asyncio.Event().wait()

    house.wechat.fail(EXCHANGE, delay_seconds=2.7)
    before, started = made(), time.perf_counter()
    answer = await house.login("ann")
    assert time.perf_counter() - started < 5.5
    assert (answer.status_code, answer.json()["retry"]) == (503, "new_code")
    assert made() == before


# Whose session_key wins (F28 in small)


async def reordered(houses, house, *, rotation, rounds, seeded, twin=False):
    """How often the kept session_key is not the newest after two logins, answers reordered.

    Each login takes its sequence number before the exchange; what arrives late is old.
    """
    wechat, wrong = house.wechat, 0
    wechat.settings(rotation=rotation, rotation_min_seconds=0)
    store = await house.wx.open_store()

    class Gate:
        """Holds back the first of two answers until the second was committed."""

        def __init__(self):
            self.first = asyncio.Event()
            self.entered = self.written = 0

        def __getattr__(self, name):
            return getattr(store, name)

        async def commit_login(self, commit):
            self.entered += 1
            if self.entered % 2:
                self.first.clear()
                await self.first.wait()
            if twin:  # the defence removed: every key counts as newest
                from dataclasses import replace

                self.written += 1
                key = replace(commit.identity.session_key, sequence=2**40 + self.written)
                commit = replace(commit, identity=replace(commit.identity, session_key=key))
            outcome = await store.commit_login(commit)
            self.first.set()
            return outcome

    gate = Gate()
    slow = houses(store=gate)
    for number in range(rounds):
        user = f"u{number}"
        openid = wechat.openid(user)
        house.clock.advance(1)
        early_code = wechat.login(user)
        early = asyncio.create_task(slow.login(code=early_code))
        while wechat.exchanges(early_code) == 0 or gate.entered % 2 == 0:  # noqa: ASYNC110
            await asyncio.sleep(0)
        house.clock.advance(seeded.randrange(1, 3))
        assert (await slow.login(code=wechat.login(user))).status_code == 200
        assert (await early).status_code == 200
        newest = wechat.session_key(user)
        keys = await store.find_session_keys(
            app_id=wechat.app_id, openid=openid, previous_after=house.clock.now
        )
        wrong += keys.current.value.reveal() != newest
    return wrong


@pytest.mark.parametrize("rotation", ["always", "mint"])
async def test_an_older_session_key_never_overwrites_a_newer_one(houses, house, seeded, rotation):
    """F28 in small: two wx.login of one person, the older answer arrives last."""
    assert await reordered(houses, house, rotation=rotation, rounds=20, seeded=seeded) == 0


async def test_without_sequence_numbers_the_same_check_is_red(houses, house, seeded):
    wrong = await reordered(houses, house, rotation="always", rounds=5, seeded=seeded, twin=True)
    assert wrong > 0


async def test_every_error_that_can_go_out_is_mapped():
    """No leaf of the tree without a row: else it would be a 500 of its own making."""
    from wxlogin.endpoints.problems import PROBLEMS

    def leaves(kind):
        below = kind.__subclasses__()
        return {kind} if not below else set().union(*map(leaves, below))

    for leaf in leaves(WxLoginError):
        assert leaf.code in PROBLEMS, leaf
