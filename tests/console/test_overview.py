"""The numbers of the first page, and where they come from."""

from datetime import timedelta
from itertools import pairwise

import pytest

from wxlogin.login.figures import STEPS, Range, edges_of, slot_of
from wxlogin.sampling import Sampling

HOUR = 3600


async def overview(desk, **params):
    answer = await desk.get("/overview", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("wanted", list(Range))
def test_steps_are_whole_and_the_last_is_under_way(clock, wanted):
    step, count = STEPS[wanted]
    for seconds in range(0, 86400, 4999):
        now = clock() + timedelta(seconds=seconds)
        edges = edges_of(now, step=step, count=count)
        assert len(edges) == count + 1
        assert edges[-2] <= now < edges[-1]
        assert {b - a for a, b in pairwise(edges)} == {step}
    if wanted is not Range.DAY:
        assert any((edge.hour, edge.minute) == (16, 0) for edge in edges)  # midnight in Beijing


async def test_people_and_logins_are_counted_where_they_belong(support, people, clock):
    await people.add("甲", openid="o-a-1234567")
    clock.advance(2 * HOUR)
    await people.add(openid="o-a-1234567")
    other = await people.add("乙")
    await support.sign_in()
    shown = await overview(support)
    assert shown["step_seconds"] == HOUR
    assert shown["totals"] == {
        "accounts": 2,
        "accounts_active": 2,
        "accounts_disabled": 0,
        "accounts_erasing": 0,
        "live_sessions": 2,
        "applications_pending": 0,
    }
    by_hour = {point["at"]: point["value"] for point in shown["series"]["logins"]}
    assert by_hour["2026-03-01T08:00:00Z"] == 1
    assert by_hour["2026-03-01T09:00:00Z"] == 0
    assert by_hour["2026-03-01T10:00:00Z"] == 2
    assert len(by_hour) == 24
    assert sum(point["value"] for point in shown["series"]["new_accounts"]) == 2
    await support.post(f"/accounts/{other.account_id}/disable", {"reason": "r"})
    totals = (await overview(support, range="30d"))["totals"]
    assert (totals["accounts_disabled"], totals["live_sessions"]) == (1, 1)
    assert (await support.get("/overview", params={"range": "1y"})).status_code == 400


async def test_live_sessions_are_sampled_by_one_and_unknown_is_not_none(
    support, people, house, clock, rows
):
    await people.add("甲")
    figures = (await house.wx.flow()).figures
    await figures.take_sample()
    await people.add("乙")
    await figures.take_sample()  # another process, the same five minutes
    assert rows("SELECT name, value FROM wxlogin_sample") == [("live_sessions", 1)]
    clock.advance(3 * HOUR)
    await support.sign_in()
    live = (await overview(support))["series"]["live_sessions"]
    assert live == [
        {"at": "2026-03-01T08:00:00Z", "value": 1},
        {"at": "2026-03-01T11:00:00Z", "value": 2},
    ]


async def test_wechats_refusals_are_shown_by_errcode(support, house, wechat, clock):
    flow = await house.wx.flow()
    sampling = Sampling(house.wx.metrics)
    for n in range(3):
        assert (await house.login(code=f"made-up-{n}")).json()["code"] == "code_invalid"
    wechat.fail("/sns/jscode2session", errcode=45011)
    assert (await house.login("ann")).status_code == 429
    await sampling.flush(flow.figures)
    await sampling.flush(flow.figures)
    failures = (await overview(support))["failures"]
    assert [(one["errcode"], one["count"]) for one in failures] == [(40029, 3), (45011, 1)]
    assert all(one["meaning"] for one in failures)
    assert len(failures[0]["series"]) == 24
    assert sum(point["value"] for point in failures[0]["series"]) == 3
    wechat.clear_faults()
    clock.advance(61)
    await house.login(code="made-up-again")
    await sampling.flush(flow.figures)
    assert (await overview(support))["failures"][0]["count"] == 4


async def test_what_two_processes_met_is_added_up(house, clock, rows):
    figures = (await house.wx.flow()).figures
    await figures.add_failures({40029: 2})
    await figures.add_failures({40029: 3, -1: 1})
    assert rows("SELECT name, value FROM wxlogin_sample ORDER BY name") == [
        ("errcode:-1", 1),
        ("errcode:40029", 5),
    ]
    assert slot_of(clock()).minute % 5 == 0


async def test_samples_and_old_sessions_are_pruned(support, house, clock, rows):
    flow = await house.wx.flow()
    await flow.figures.add_failures({40029: 2})
    clock.advance(days=39)
    store = await house.wx.open_store()
    await store.prune(now=clock(), limit=100)
    assert rows("SELECT count(*) FROM wxlogin_sample") == [(1,)]
    clock.advance(days=2)
    await store.prune(now=clock(), limit=100)
    assert rows("SELECT count(*) FROM wxlogin_sample") == [(0,)]
    assert rows("SELECT count(*) FROM wxlogin_operator_session") == [(0,)]
