"""The shared access_token: one fetch per expiry, whoever asks, and the newest one stays."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from wxlogin.login import errors
from wxlogin.login.policy import App
from wxlogin.login.ports import AccessToken
from wxlogin.login.secret import Secret
from wxlogin.wechat.access_token import SharedAccessTokens
from wxlogin.wechat.answers import FetchedToken


class Source:
    """WeChat as a giver of tokens; `gate`, where set, holds an answer back."""

    def __init__(self) -> None:
        self.fetches = 0
        self.asked = asyncio.Event()
        self.gate: asyncio.Event | None = None
        self.error: errors.WxLoginError | None = None

    async def fetch(self, app: App) -> FetchedToken:
        self.fetches += 1
        mine, gate = self.fetches, self.gate
        self.asked.set()
        await asyncio.sleep(0)
        if gate is not None:
            await gate.wait()
        if self.error is not None:
            raise self.error
        return FetchedToken(Secret(f"T{mine}"), 7200)


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def process(source: Source, time: Any) -> Callable[[Any], SharedAccessTokens]:
    """One more process, on a shelf that it shares with the others."""

    def make(shelf: Any, *, random: float = 0.0) -> SharedAccessTokens:
        return SharedAccessTokens(
            shelf, source.fetch, clock=time.clock, random=lambda: random, sleep=time.sleep
        )

    return make


async def _four_by_fifty(shelf: Any, process: Any, app: App) -> list[Secret]:
    processes = [process(shelf) for _ in range(4)]
    return await asyncio.gather(*(one.get(app) for one in processes for _ in range(50)))


async def test_four_processes_with_fifty_tasks_each_fetch_once(
    shelf: Any, process: Any, source: Source, app: App
) -> None:
    """F07: 1 fetch."""
    values = await _four_by_fifty(shelf, process, app)
    assert source.fetches == 1
    assert set(values) == {Secret("T1")}


class Overtaken:
    """A shelf on which another process is served between this one's look and its lease."""

    def __init__(self, shelf: Any, other: SharedAccessTokens, app: App) -> None:
        self._shelf, self._other, self._app = shelf, other, app
        self.is_overtaken = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shelf, name)

    async def lease_access_token(self, app_id: str, **when: Any) -> int | None:
        if not self.is_overtaken:
            self.is_overtaken = True
            await self._other.get(self._app)
        lease: int | None = await self._shelf.lease_access_token(app_id, **when)
        return lease


async def test_who_gets_the_lease_just_after_a_fetch_does_not_fetch_again(
    shelf: Any, process: Any, source: Source, app: App
) -> None:
    late = process(Overtaken(shelf, process(shelf), app))
    assert await late.get(app) == Secret("T1")
    assert source.fetches == 1
    assert await process(shelf).get(app) == Secret("T1")


async def test_twin_that_does_not_look_again_fetches_twice(
    shelf: Any, process: Any, source: Source, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(self: Any, app: App, *, fence: int, seen: Any) -> AccessToken:
        kept: AccessToken = await self._fetch_and_keep(app, fence=fence)
        return kept

    monkeypatch.setattr(SharedAccessTokens, "_fetch_unless_kept", at_once)
    await process(Overtaken(shelf, process(shelf), app)).get(app)
    assert source.fetches == 2


async def test_twin_without_a_lease_they_fetch_more_often(
    weak_shelf: Any, process: Any, source: Source, app: App
) -> None:
    await _four_by_fifty(weak_shelf(has_lease=False), process, app)
    assert source.fetches > 1


async def test_a_token_is_used_until_five_minutes_before_its_end(
    shelf: Any, process: Any, source: Source, app: App, time: Any
) -> None:
    tokens = process(shelf)
    assert await tokens.get(app) == Secret("T1")
    time.pass_(7200 - 301)
    assert await tokens.get(app) == Secret("T1")
    time.pass_(2)
    assert await tokens.get(app) == Secret("T2")
    assert source.fetches == 2


async def test_the_moment_of_a_refresh_is_jittered(
    shelf: Any, process: Any, source: Source, app: App, time: Any
) -> None:
    early, late = process(shelf, random=0.0), process(shelf, random=0.99)
    await early.get(app)
    time.pass_(7200 - 299)
    assert await late.get(app) == Secret("T1")
    assert await early.get(app) == Secret("T2")


async def test_while_one_refreshes_the_others_go_on_with_the_old_token(
    shelf: Any, process: Any, source: Source, app: App, time: Any
) -> None:
    first, second = process(shelf), process(shelf)
    await first.get(app)
    time.pass_(7200 - 200)
    source.gate = asyncio.Event()
    refreshing = asyncio.create_task(first.get(app))
    for _ in range(5):
        await asyncio.sleep(0)
    assert await second.get(app) == Secret("T1")
    assert await first.get(app) == Secret("T1")
    source.gate.set()
    assert await refreshing == Secret("T2")
    assert await second.get(app) == Secret("T2")
    assert source.fetches == 2


async def test_where_a_refresh_fails_the_old_token_goes_on_while_it_lives(
    shelf: Any, process: Any, source: Source, app: App, time: Any
) -> None:
    tokens = process(shelf)
    await tokens.get(app)
    time.pass_(7200 - 200)
    source.error = errors.WeChatUnavailable()
    assert await tokens.get(app) == Secret("T1")
    time.pass_(195)
    with pytest.raises(errors.WeChatUnavailable):
        await tokens.get(app)


async def _pause_the_holder(
    shelf: Any, process: Any, source: Source, app: App, time: Any
) -> tuple[Secret, Secret]:
    """The first process fetches and is then stopped; its lease ends; the second one fetches;
    the first goes on. What each of them has in the end."""
    first, second = process(shelf), process(shelf)
    source.gate = held = asyncio.Event()
    paused = asyncio.create_task(first.get(app))
    await source.asked.wait()
    time.pass_(60)
    source.gate = None
    newer = await second.get(app)
    held.set()
    return await paused, newer


async def test_a_holder_paused_beyond_its_lease_does_not_overwrite_the_newer_token(
    shelf: Any, process: Any, source: Source, app: App, time: Any
) -> None:
    """F07: 2 fetches at most, and the newest stays."""
    older, newer = await _pause_the_holder(shelf, process, source, app, time)
    assert source.fetches == 2
    assert older == newer == shelf.kept[app.app_id].value == Secret("T2")


async def test_twin_without_a_fence_it_does(
    weak_shelf: Any, process: Any, source: Source, app: App, time: Any
) -> None:
    shelf = weak_shelf(has_fence=False)
    await _pause_the_holder(shelf, process, source, app, time)
    assert shelf.kept[app.app_id].value == Secret("T1")


async def test_a_pause_in_a_fetch_does_not_make_the_token_live_longer(
    shelf: Any, process: Any, source: Source, app: App, time: Any
) -> None:
    source.gate = asyncio.Event()
    began = time.now
    waiting = asyncio.create_task(process(shelf).get(app))
    await source.asked.wait()
    time.pass_(60)
    source.gate.set()
    await waiting
    assert shelf.kept[app.app_id].expires_at == began + timedelta(seconds=7200)


async def test_only_the_token_that_failed_is_thrown_away(
    shelf: Any, process: Any, source: Source, app: App
) -> None:
    tokens = process(shelf)
    old = await tokens.get(app)
    await tokens.discard(app, old)
    new = await tokens.get(app)
    await tokens.discard(app, old)  # a slow call that was sent with the old one
    assert await tokens.get(app) == new == Secret("T2")
    assert source.fetches == 2


async def test_a_cancelled_waiter_does_not_stop_the_fetch_of_the_others(
    shelf: Any, process: Any, source: Source, app: App
) -> None:
    tokens = process(shelf)
    source.gate = asyncio.Event()
    first, second = (asyncio.create_task(tokens.get(app)) for _ in range(2))
    await source.asked.wait()
    first.cancel()
    source.gate.set()
    assert await second == Secret("T1")
    with pytest.raises(asyncio.CancelledError):
        await first
    assert source.fetches == 1


async def test_a_failed_fetch_is_told_at_once_to_all_and_not_tried_again_in_its_lease(
    shelf: Any, process: Any, source: Source, app: App, time: Any
) -> None:
    tokens = process(shelf)
    source.error = errors.AppMisconfigured(40125)
    for _ in range(20):
        with pytest.raises(errors.AppMisconfigured):
            await tokens.get(app)
    assert (source.fetches, time.slept) == (1, [])
    time.pass_(5)
    source.error = None
    assert await tokens.get(app) == Secret("T2")


async def test_a_process_waits_for_the_one_that_holds_the_lease_and_not_for_ever(
    shelf: Any, process: Any, source: Source, app: App, time: Any
) -> None:
    await shelf.lease_access_token(
        app.app_id, now=time.now, until=time.now + timedelta(seconds=3600)
    )
    began = time.now
    with pytest.raises(errors.WeChatUnavailable):
        await process(shelf).get(app)
    assert source.fetches == 0
    assert 4 <= (time.now - began).total_seconds() < 5


async def test_a_process_that_died_with_the_lease_is_replaced_when_it_ends(
    shelf: Any, process: Any, source: Source, app: App, time: Any
) -> None:
    await shelf.lease_access_token(app.app_id, now=time.now, until=time.now + timedelta(seconds=3))
    assert await process(shelf).get(app) == Secret("T1")


async def test_apps_do_not_share_tokens(shelf: Any, process: Any, source: Source, app: App) -> None:
    tokens = process(shelf)
    other = App("wx0000000000000002", Secret("s"))
    assert await tokens.get(app) != await tokens.get(other)
    assert await tokens.get(app) == Secret("T1")


async def test_a_token_about_to_end_is_not_sent_on_its_way(
    shelf: Any, process: Any, source: Source, app: App, time: Any
) -> None:
    shelf.kept[app.app_id] = AccessToken(Secret("old"), time.now + timedelta(seconds=9), 0)
    assert await process(shelf).get(app) == Secret("T1")
