"""kill -9 at each named point of a login: the next login works, and nothing is left half-made.

F20 in small. The auditor that looks afterwards shares no code with the product.
"""

import signal
import time

import httpx2
import pytest

POINTS = (
    "before claim",
    "after claim",
    "before WeChat",
    "after WeChat's answer",
    "before commit",
    "after account",
    "inside transaction",
    "at COMMIT",
    "after COMMIT",
    "after commit",
    "before reply",
    "inside reply",
)
SPENT = POINTS[3:]
"""From here on WeChat has seen the code."""
KEPT = POINTS[8:]
"""From here on the account is there for ever."""


def crash(server, code):
    """Send the code to a server that will die of it, and reap it."""
    with pytest.raises(httpx2.TransportError):
        server.post("/v1/login", json={"code": code, "device": {"id": "d1"}})
    assert server.wait() == -signal.SIGKILL


@pytest.mark.parametrize(
    ("point", "known"),
    [(point, False) for point in POINTS]
    # A known person's login makes no account, and so has no such point.
    + [(point, True) for point in POINTS if point != "after account"],
)
def test_the_next_login_works_and_nothing_is_half_made(servers, wechat, audit, rows, point, known):
    history = []
    healthy = servers()
    if known:
        history.append(healthy.post("/v1/login", json={"code": wechat.login("ann")}).json())
    code = wechat.login("ann")
    crash(servers(crash=point), code)
    assert audit(history=history) == []
    assert rows("SELECT count(*) FROM wxlogin_account") == [(int(known or point in KEPT),)]

    # The same code: unclaimed it still works, claimed it never does; never two exchanges.
    again = healthy.post("/v1/login", json={"code": code})
    if point == "before claim":
        assert again.status_code == 200
        history.append(again.json())
    else:
        assert (again.status_code, again.json()["code"]) == (400, "code_used")
    assert wechat.exchanges(code) == int(point in SPENT or point == "before claim")

    answer = healthy.post("/v1/login", json={"code": wechat.login("ann")})
    assert answer.status_code == 200
    history.append(answer.json())
    assert audit(people=1, codes=[code], history=history) == []
    token = answer.json()["token"]
    check = healthy.get("/v1/session", headers={"Authorization": f"Bearer {token}"})
    assert check.status_code == 200


def test_an_account_committed_apart_from_its_login_is_found_by_the_auditor(servers, wechat, audit):
    """The twin: two transactions instead of one leave an orphan when killed between them."""
    servers().get("/healthz")
    server = servers(twin="two transactions", crash="between")
    crash(server, wechat.login("ann"))
    assert any(finding.startswith("account that nothing leads to") for finding in audit())


def test_an_event_whose_hook_died_is_told_again_under_its_id(servers, wechat, tmp_path):
    """At least once: the outbox keeps what no hook has returned from."""
    heard = tmp_path / "heard"
    dying = servers(crash="inside hook", heard=str(heard))
    dying.post("/v1/login", json={"code": wechat.login("ann")})
    assert dying.wait() == -signal.SIGKILL
    told = heard.read_text().split()
    assert len(told) == 1
    later = servers(heard=str(heard), later=61)
    later.post("/v1/login", json={"code": wechat.login("bob")})
    ends = time.monotonic() + 10
    while len(heard.read_text().split()) < 3 and time.monotonic() < ends:
        time.sleep(0.01)
    told = heard.read_text().split()
    assert sorted(map(told.count, set(told))) == [1, 2]
    assert told.count(told[0]) == 2


@pytest.mark.chaos
@pytest.mark.parametrize("point", [point for point in POINTS if point != "after account"])
def test_twenty_kills_at_each_point(servers, wechat, audit, point):
    """F20: every person gets in afterwards, each has one account."""
    healthy, codes, history = servers(), [], []
    for number in range(20):
        codes.append(wechat.login(f"p{number}"))
        crash(servers(crash=point), codes[-1])
        assert audit() == []
        answer = healthy.post("/v1/login", json={"code": wechat.login(f"p{number}")})
        history.append(answer.json())
    assert audit(people=20, codes=codes, history=history) == []


async def logins_until(servers, wechat, audit, *, kills, seeded):
    """Kill a server at moments nobody chose, while logins run; the same two people each."""
    import asyncio

    history, codes = [], []
    for _ in range(kills):
        server = servers()
        server.get("/healthz")

        async def one(server, user):
            code = wechat.login(user)
            codes.append(code)
            try:
                async with httpx2.AsyncClient(trust_env=False, timeout=10) as client:
                    answer = await client.post(f"{server.url}/v1/login", json={"code": code})
            except httpx2.TransportError:
                return  # unknown: may go either way
            if answer.status_code == 200:
                history.append(answer.json())

        running = [asyncio.create_task(one(server, f"u{i % 8}")) for i in range(24)]
        await asyncio.sleep(seeded.uniform(0.0, 0.25))
        server.stop()
        await asyncio.gather(*running)
        assert audit(codes=codes, history=history) == []
    healthy = servers()
    for number in range(8):
        answer = healthy.post("/v1/login", json={"code": wechat.login(f"u{number}")})
        assert answer.status_code == 200
        history.append(answer.json())
    assert audit(people=8, codes=codes, history=history) == []


async def test_a_kill_at_any_moment_loses_no_login_that_was_answered(
    servers, wechat, audit, seeded
):
    """I2: what a client saw succeed is there after the kill."""
    await logins_until(servers, wechat, audit, kills=4, seeded=seeded)


@pytest.mark.chaos
async def test_a_hundred_kills_at_any_moment(servers, wechat, audit, seeded):
    await logins_until(servers, wechat, audit, kills=100, seeded=seeded)
