"""Counters that no parallelism overruns."""

import asyncio
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from wxlogin.login.ports import Store
from wxlogin.testing.stores.samples import MINUTE, NOW, many, new_number
from wxlogin.testing.stores.suite import Suite


class Limits(Suite):
    async def test_a_limit_grants_its_number_at_once_and_then_one_a_step(
        self, store: Store
    ) -> None:
        async def take(at: datetime) -> timedelta:
            return await store.take("login:o-1", limit=3, window=MINUTE, now=at)

        assert [await take(NOW) for _ in range(3)] == [timedelta(0)] * 3
        assert await take(NOW) == timedelta(seconds=20)
        assert await take(NOW + timedelta(seconds=5)) == timedelta(seconds=15)
        assert await take(NOW + timedelta(seconds=20)) == timedelta(0)
        assert await take(NOW + timedelta(seconds=20)) == timedelta(seconds=20)
        assert [await take(NOW + 10 * MINUTE) for _ in range(3)] == [timedelta(0)] * 3

    async def test_limits_of_different_keys_do_not_meet(self, store: Store) -> None:
        for key in ("a", "b", "a:b", "a\0", "\n", "x" * 10_000, "中文", "\ud800"):
            assert await store.take(key, limit=1, window=MINUTE, now=NOW) == timedelta(0)
            assert await store.take(key, limit=1, window=MINUTE, now=NOW) == MINUTE

    @many
    @given(
        limit=st.integers(1, 7),
        window=st.integers(1, 10**8),
        gaps=st.lists(st.integers(0, 10**8), min_size=1, max_size=30),
    )
    async def test_no_window_ever_holds_more_than_the_limit_and_its_refill(
        self, store: Store, limit: int, window: int, gaps: list[int]
    ) -> None:
        key, at, granted = f"key-{new_number()}", NOW, []
        span = timedelta(microseconds=window)
        for gap in gaps:
            at += timedelta(microseconds=gap)
            wait = await store.take(key, limit=limit, window=span, now=at)
            if not wait:
                granted.append(at)
        for first, last in zip(granted, granted[limit:], strict=False):
            assert last - first >= span / limit

    async def test_the_wait_that_is_told_is_the_wait_that_is_needed(self, store: Store) -> None:
        window = timedelta(microseconds=1_000_003)
        for _ in range(7):
            await store.take("key", limit=7, window=window, now=NOW)
        wait = await store.take("key", limit=7, window=window, now=NOW)
        early = NOW + wait - timedelta(microseconds=1)
        assert await store.take("key", limit=7, window=window, now=early) == timedelta(
            microseconds=1
        )
        assert await store.take("key", limit=7, window=window, now=NOW + wait) == timedelta(0)

    async def test_takes_at_once_never_overrun_the_limit(self, store: Store) -> None:
        waits = await asyncio.gather(
            *(store.take("key", limit=5, window=MINUTE, now=NOW) for _ in range(64))
        )
        assert waits.count(timedelta(0)) == 5
