"""Quotas: exact in every window, all or none, and whoever waits as told is let in."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from wxlogin.login.ports import Quota, Store
from wxlogin.testing.stores.samples import MICROSECOND, MINUTE, NOW, SECOND, many, new_number
from wxlogin.testing.stores.suite import Suite

ZERO = timedelta(0)
TWO = ((2, MINUTE), (3, 60 * MINUTE))

windows = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 40).map(lambda n: n * SECOND)),
    min_size=1,
    max_size=3,
).map(tuple)
steps = st.lists(
    st.tuples(
        st.integers(0, 30_000_000).map(lambda n: n * MICROSECOND),
        st.sampled_from([("a",), ("b",), ("a", "b"), ("b", "a")]),
        st.sampled_from(["take", "take", "take", "give back"]),
    ),
    min_size=1,
    max_size=25,
)


def key() -> str:
    return f"quota-{new_number()}"


class Naive:
    """Every take there ever was, counted anew each time."""

    def __init__(self) -> None:
        self._takes: dict[str, list[datetime]] = {}

    def take(self, quotas: Sequence[Quota], *, now: datetime) -> bool:
        for quota in quotas:
            takes = self._takes.get(quota.key, [])
            for limit, length in quota.windows:
                if len([at for at in takes if now - length < at <= now]) >= limit:
                    return False
        for quota in quotas:
            self._takes.setdefault(quota.key, []).append(now)
        return True

    def give_back(self, keys: Sequence[str], *, taken_at: datetime) -> None:
        for each in keys:
            if taken_at in self._takes.get(each, []):
                self._takes[each].remove(taken_at)


class Quotas(Suite):
    async def test_a_quota_grants_its_number_in_every_window(self, store: Store) -> None:
        quota = Quota(key(), TWO)

        async def take(at: datetime) -> timedelta:
            return await store.take_quotas([quota], now=at)

        assert [await take(NOW) for _ in range(3)] == [ZERO, ZERO, MINUTE]
        assert await take(NOW + MINUTE - SECOND) == SECOND
        assert await take(NOW + MINUTE) == ZERO
        assert await take(NOW + MINUTE) == 59 * MINUTE
        assert await take(NOW + 60 * MINUTE) == ZERO
        assert await take(NOW + 60 * MINUTE) == ZERO
        assert await take(NOW + 60 * MINUTE) == MINUTE

    async def test_of_several_quotas_all_are_taken_or_none(self, store: Store) -> None:
        wide, narrow = Quota(key(), ((5, MINUTE),)), Quota(key(), ((1, 2 * MINUTE),))
        assert await store.take_quotas([wide, narrow], now=NOW) == ZERO
        for _ in range(9):
            assert await store.take_quotas([wide, narrow], now=NOW) == 2 * MINUTE
        taken = [await store.take_quotas([wide], now=NOW) for _ in range(5)]
        assert taken == [ZERO] * 4 + [MINUTE]
        assert await store.take_quotas([], now=NOW) == ZERO

    async def test_what_is_given_back_can_be_taken_again(self, store: Store) -> None:
        one, other = (Quota(key(), ((2, MINUTE),)) for _ in range(2))
        assert await store.take_quotas([one, other], now=NOW) == ZERO
        assert await store.take_quotas([one], now=NOW + SECOND) == ZERO
        await store.give_back([one, other], taken_at=NOW)
        assert await store.take_quotas([one], now=NOW + SECOND) == ZERO
        assert await store.take_quotas([one], now=NOW + SECOND) == MINUTE
        assert await store.take_quotas([other], now=NOW + SECOND) == ZERO

    async def test_what_was_not_taken_is_not_given_back(self, store: Store) -> None:
        quota = Quota(key(), ((1, MINUTE),))
        assert await store.take_quotas([quota], now=NOW) == ZERO
        for _ in range(2):
            await store.give_back([quota, replace(quota, key=key())], taken_at=NOW + SECOND)
        assert await store.take_quotas([quota], now=NOW) == MINUTE
        for _ in range(2):
            await store.give_back([quota], taken_at=NOW)
        assert await store.take_quotas([quota], now=NOW) == ZERO
        assert await store.take_quotas([quota], now=NOW) == MINUTE

    async def test_a_quota_of_nothing_grants_nothing(self, store: Store) -> None:
        quota = Quota(key(), ((0, MINUTE),))
        assert await store.take_quotas([quota], now=NOW) == MINUTE

    async def test_a_key_may_be_anything(self, store: Store) -> None:
        for text in ("", "a\0", "\n", "x" * 10_000, "中文", "\ud800"):
            quota = Quota(text, ((1, MINUTE),))
            assert await store.take_quotas([quota], now=NOW) == ZERO
            assert await store.take_quotas([quota], now=NOW) == MINUTE

    async def test_a_clock_that_lags_behind_gives_nobody_more(self, store: Store) -> None:
        quota = Quota(key(), ((2, MINUTE),))
        for at in (NOW, NOW - SECOND):
            assert await store.take_quotas([quota], now=at) == ZERO
        for at in (NOW - SECOND, NOW, NOW - SECOND + MINUTE - MICROSECOND):
            assert await store.take_quotas([quota], now=at) > ZERO
        assert await store.take_quotas([quota], now=NOW - SECOND + MINUTE) == ZERO
        assert await store.take_quotas([quota], now=NOW - SECOND + MINUTE) == SECOND

    async def test_a_limit_that_was_lowered_counts_what_was_taken_before(
        self, store: Store
    ) -> None:
        quota = Quota(key(), ((3, MINUTE),))
        for n in range(3):
            assert await store.take_quotas([quota], now=NOW + n * SECOND) == ZERO
        lower = replace(quota, windows=((2, MINUTE),))
        assert await store.take_quotas([lower], now=NOW + 2 * SECOND) == MINUTE - SECOND
        assert await store.take_quotas([lower], now=NOW + MINUTE + SECOND) == ZERO

    @many
    @given(of_a=windows, of_b=windows, steps=steps)
    async def test_takes_are_granted_as_if_every_one_were_counted(
        self, store: Store, of_a: Any, of_b: Any, steps: Any
    ) -> None:
        quotas = {"a": Quota(key(), of_a), "b": Quota(key(), of_b)}
        naive, now, last = Naive(), NOW, NOW
        for gap, names, act in steps:
            now += gap
            wanted = [quotas[name] for name in names]
            if act == "give back":
                await store.give_back(wanted, taken_at=last)
                naive.give_back([quota.key for quota in wanted], taken_at=last)
                continue
            wait = await store.take_quotas(wanted, now=now)
            assert (wait == ZERO) is naive.take(wanted, now=now)
            last = last if wait else now

    @many
    @given(of_a=windows, of_b=windows, gaps=st.lists(st.integers(0, 10_000_000), max_size=12))
    async def test_the_wait_that_is_told_is_exactly_the_wait_that_is_needed(
        self, store: Store, of_a: Any, of_b: Any, gaps: list[int]
    ) -> None:
        quotas, now = [Quota(key(), of_a), Quota(key(), of_b)], NOW
        for gap in gaps:
            now += gap * MICROSECOND
            await store.take_quotas(quotas[: 1 + gap % 2], now=now)
        wait = await store.take_quotas(quotas, now=now)
        while not wait:
            wait = await store.take_quotas(quotas, now=now)
        early = await store.take_quotas(quotas, now=now + wait - MICROSECOND)
        assert early == MICROSECOND
        assert await store.take_quotas(quotas, now=now + wait) == ZERO

    @many
    @given(gaps=st.lists(st.integers(0, 2_000_000), min_size=450, max_size=450))
    async def test_a_large_limit_is_never_overrun_either(
        self, store: Store, gaps: list[int]
    ) -> None:
        """Its takes are kept together, as of the end of their moment: never as of before."""
        quota, now, granted = Quota(key(), ((201, MINUTE),)), NOW, list[datetime]()
        for gap in gaps:
            now += gap // 10 * MICROSECOND
            wait = await store.take_quotas([quota], now=now)
            inside = [at for at in granted if at > now - MINUTE]
            if wait == ZERO:
                assert len(inside) < 201
                granted.append(now)
            else:
                assert len([at for at in granted if at > now - MINUTE - SECOND]) >= 201
        await store.give_back([quota], taken_at=granted[-1])
        assert await store.take_quotas([quota], now=granted[-1]) == ZERO

    async def test_takes_at_once_never_overrun_a_quota(self, store: Store) -> None:
        quota, beside = Quota(key(), ((5, MINUTE),)), Quota(key(), ((100, MINUTE),))
        waits = await asyncio.gather(
            *(store.take_quotas([quota, beside], now=NOW) for _ in range(64))
        )
        assert waits.count(ZERO) == 5
        taken = [await store.take_quotas([beside], now=NOW) for _ in range(96)]
        assert taken.count(ZERO) == 95
