"""The breaker: when it opens, when it tries again, and that it never gets stuck."""

import asyncio
from collections import deque
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxlogin.login.ports import NothingSent
from wxlogin.wechat.breaker import Breaker, BreakerPolicy, Permit
from wxlogin.wechat.transport import NotReached, Unanswered


@dataclass
class Seconds:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def _end(breaker: Breaker, *, failed: bool) -> None:
    breaker.admit().finish(failed=failed)


def _opened(clock: Seconds) -> Breaker:
    breaker = Breaker(clock=clock)
    for _ in range(10):
        _end(breaker, failed=True)
    assert breaker.is_open
    return breaker


def test_ten_failures_in_a_row_open_it() -> None:
    breaker = Breaker(clock=Seconds())
    for _ in range(9):
        _end(breaker, failed=True)
    assert not breaker.is_open
    _end(breaker, failed=True)
    assert breaker.is_open


def test_half_of_twenty_failing_in_ten_seconds_opens_it() -> None:
    breaker = Breaker(clock=Seconds())
    for _ in range(9):
        _end(breaker, failed=False)
        _end(breaker, failed=True)
    _end(breaker, failed=False)
    assert not breaker.is_open
    _end(breaker, failed=True)
    assert breaker.is_open


def test_what_is_older_than_ten_seconds_is_forgotten() -> None:
    clock = Seconds()
    breaker = Breaker(clock=clock)
    for n in range(200):
        clock.now += 1
        _end(breaker, failed=n % 2 == 0)
    assert not breaker.is_open


def test_while_open_nobody_passes_and_everybody_hears_how_long() -> None:
    clock = Seconds()
    breaker = _opened(clock)
    for wait in (5, 4, 3, 2, 1):
        with pytest.raises(NothingSent) as raised:
            breaker.admit()
        assert (raised.value.from_breaker, raised.value.retry_after) == (True, wait)
        clock.now += 1


def test_after_five_seconds_one_probe_passes_and_decides() -> None:
    clock = Seconds()
    breaker = _opened(clock)
    clock.now += 5
    probe = breaker.admit()
    with pytest.raises(NothingSent):
        breaker.admit()
    probe.finish(failed=True)
    clock.now += 4.9
    with pytest.raises(NothingSent):
        breaker.admit()
    clock.now += 0.1
    breaker.admit().finish(failed=False)
    assert not breaker.is_open
    for _ in range(9):
        _end(breaker, failed=True)
    assert not breaker.is_open  # what was before the opening is forgotten


def test_a_call_from_before_the_opening_decides_nothing() -> None:
    clock = Seconds()
    breaker = Breaker(clock=clock)
    slow = breaker.admit()
    for _ in range(10):
        _end(breaker, failed=True)
    slow.finish(failed=False)
    assert breaker.is_open
    clock.now += 5
    probe = breaker.admit()
    slow.finish(failed=False)
    assert breaker.is_open
    probe.finish(failed=False)
    assert not breaker.is_open


async def _cancelled_probe(breaker: Breaker) -> None:
    async def call() -> None:
        with breaker.admit():
            await asyncio.sleep(3600)

    probe = asyncio.create_task(call())
    await asyncio.sleep(0)
    probe.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe


async def test_a_cancelled_probe_makes_room_for_the_next() -> None:
    clock = Seconds()
    breaker = _opened(clock)
    clock.now += 5
    await _cancelled_probe(breaker)
    _end(breaker, failed=False)
    assert not breaker.is_open


async def test_twin_a_breaker_that_hears_of_answers_only_gets_stuck(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Breaker, "_dropped", lambda self, permit: None)
    with pytest.raises(NothingSent):
        await test_a_cancelled_probe_makes_room_for_the_next()


def test_a_full_pool_is_our_own_burst_and_opens_nothing() -> None:
    breaker = Breaker(clock=Seconds())
    for _ in range(50):
        with pytest.raises(NotReached), breaker.admit():
            raise NotReached("pool")
    assert not breaker.is_open


@pytest.mark.parametrize("fault", [NotReached("refused"), Unanswered("cut"), NothingSent()])
def test_what_wechat_did_not_answer_counts(fault: Exception) -> None:
    breaker = Breaker(clock=Seconds())
    for _ in range(10):
        with pytest.raises(type(fault)), breaker.admit():
            raise fault
    assert breaker.is_open


def test_a_flood_of_calls_is_not_a_flood_of_records() -> None:
    clock = Seconds()
    breaker = Breaker(clock=clock)
    for n in range(20_000):
        clock.now += 0.001
        _end(breaker, failed=n % 3 == 0)
    assert len(breaker._seconds) <= BreakerPolicy().window + 1


STEPS = st.lists(
    st.tuples(st.sampled_from(["ok", "fail", "drop", "late"]), st.floats(0, 3)), max_size=120
)


@given(STEPS)
def test_it_opens_exactly_when_the_rule_says(steps: list[tuple[str, float]]) -> None:
    """Against the rule as it is written, over whole seconds, for as long as it stays closed."""
    clock = Seconds()
    breaker = Breaker(clock=clock)
    ended: deque[tuple[int, bool]] = deque()
    for kind, pause in steps:
        clock.now += pause
        permit = breaker.admit()
        if kind in ("drop", "late"):
            with pytest.raises(KeyError), permit:
                raise KeyError
        else:
            permit.finish(failed=kind == "fail")
            ended.append((int(clock.now), kind == "fail"))
        recent = [failed for second, failed in ended if second > int(clock.now) - 10]
        last_ten = [failed for _, failed in list(ended)[-10:]]
        is_bad = len(last_ten) == 10 and all(last_ten)
        is_bad |= len(recent) >= 20 and sum(recent) * 2 >= len(recent)
        if is_bad and kind == "fail":
            assert breaker.is_open
        if breaker.is_open:
            assert is_bad
            return


@given(STEPS)
def test_it_is_never_stuck_and_never_lets_two_probes_through(
    steps: list[tuple[str, float]],
) -> None:
    clock = Seconds()
    breaker = _opened(clock)
    held: list[Permit] = []
    for kind, pause in steps:
        clock.now += pause
        was_open = breaker.is_open
        try:
            permit = breaker.admit()
        except NothingSent:
            assert was_open
            if kind != "late" and held:
                held.pop().finish(failed=kind == "fail")
            continue
        if was_open:
            held = [permit]
            with pytest.raises(NothingSent):
                breaker.admit()
        if kind == "late":
            continue
        permit.finish(failed=kind == "fail")
        held = [one for one in held if one is not permit]
    for permit in held:
        permit.finish(failed=True)
    clock.now += 5
    _end(breaker, failed=False)
    assert not breaker.is_open
