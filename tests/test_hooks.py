"""Events reach the host's hooks at least once, whatever a hook, the outbox or a crash does.

Each promise has a twin with the defence taken away, which must break it.
"""

import asyncio
import logging
import sqlite3
import threading
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from wxlogin import hooks, server
from wxlogin.hooks import Delivery, HostHooks
from wxlogin.login import errors
from wxlogin.login.own_sessions import OwnSessions
from wxlogin.stores.sql import SqlStore
from wxlogin.stores.sqlite import SqliteDatabase
from wxlogin.testing.pytest_plugin import log_in
from wxlogin.testing.stores.samples import new_event

SOON = 5
"""Seconds within which what must happen has happened long ago."""


class ListedOutbox:
    """An outbox in a dictionary: what failed before stands behind what nobody has heard."""

    def __init__(self):
        self.events, self.leases = {}, {}

    async def open(self): ...

    async def close(self): ...

    async def add_event(self, event):
        self.events.setdefault(event.id, event)

    async def lease_events(self, kinds, *, now, until, limit):
        free = [
            event
            for event in self.events.values()
            if event.kind in kinds and self.leases.get(event.id, now) <= now
        ]
        leased = sorted(free, key=self._turn)[:limit]
        self.leases.update({event.id: until for event in leased})
        return leased

    def _turn(self, event):
        leased = self.leases.get(event.id)
        return (leased is not None, leased or event.at, event.at, event.id)

    async def drop_event(self, event_id):
        self.events.pop(event_id, None)


@pytest.fixture
async def outbox():
    return ListedOutbox()


@pytest.fixture(params=["memory", "sqlite"])
async def any_outbox(request, database, keys):
    """Every store keeps the order of the outbox by itself."""
    listed, sql = ListedOutbox(), SqlStore(SqliteDatabase(database), keys)
    store = listed if request.param == "memory" else sql
    await store.open()
    yield store
    await store.close()


def listening(**of_kind):
    made = HostHooks()
    made.listeners = {kind: [hook] for kind, hook in of_kind.items()}
    return made


class running:
    """A delivery at work on an outbox; `task` is its run."""

    def __init__(self, delivery, outbox):
        self.delivery, self._outbox = delivery, outbox

    async def __aenter__(self):
        self.task = asyncio.create_task(self.delivery.run(self._outbox, every=0.001))
        self.delivery.wake()
        return self

    async def __aexit__(self, *exc):
        self.task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await self.task


# Faults that must not end the delivery


class BrokenOnce(ListedOutbox):
    """An outbox whose every method fails once, as nobody foresaw."""

    def __init__(self):
        super().__init__()
        self.fails = {"lease", "drop"}

    def _fail(self, name):
        if name in self.fails:
            self.fails.discard(name)
            raise RuntimeError(f"{name}: nobody foresaw this")

    async def lease_events(self, kinds, **how):
        self._fail("lease")
        return await super().lease_events(kinds, **how)

    async def drop_event(self, event_id):
        self._fail("drop")
        await super().drop_event(event_id)


class KnownFaultsOnly(Delivery):
    """The twin's: it goes on after a store that does not answer, and after nothing else."""

    async def run(self, outbox, *, every):
        while True:
            with suppress(errors.StoreUnavailable):
                await self.deliver(outbox)
            await asyncio.sleep(every)


class ExceptionsOnly(Delivery):
    """The twin's: a hook's own CancelledError passes for the end of the delivery."""

    async def _tell(self, event):
        try:
            for hook in self._hooks.listeners[event.kind]:
                await hook(event)
        except Exception:
            return False
        return True


async def test_an_outbox_that_fails_as_nobody_foresaw_does_not_end_the_delivery(clock, caplog):
    store, told = BrokenOnce(), asyncio.Event()
    await store.open()
    await store.add_event(new_event(clock()))

    async def hook(event):
        told.set()
        clock.advance(61)

    async with running(Delivery(listening(kicked=hook), clock=clock), store) as delivery:
        async with asyncio.timeout(SOON):
            await told.wait()
            while store.fails or store.events:
                await asyncio.sleep(0)
                clock.advance(61)  # past the lease of the one that was told and not dropped
        assert not delivery.task.done()
    assert "the next turn tries again" in caplog.text


async def test_twin_one_that_foresees_only_known_faults_is_over_at_the_first(clock):
    store = BrokenOnce()
    await store.open()
    delivery = KnownFaultsOnly(listening(kicked=print), clock=clock)
    with pytest.raises(RuntimeError):
        await asyncio.wait_for(delivery.run(store, every=0.001), SOON)


async def told_after_a_cancelled_hook(kind, outbox, clock):
    """Whether an event is told although the hook of the one before raised CancelledError."""
    first, second = new_event(clock()), new_event(clock() + timedelta(microseconds=1))
    told = asyncio.Event()

    async def hook(event):
        if event == first:
            raise asyncio.CancelledError
        told.set()

    await outbox.add_event(first)
    await outbox.add_event(second)
    async with running(kind(listening(kicked=hook), clock=clock), outbox) as delivery:
        waiting = asyncio.create_task(told.wait())
        async with asyncio.timeout(SOON):
            await asyncio.wait({waiting, delivery.task}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
    return told.is_set()


async def test_a_hook_whose_own_work_is_cancelled_ends_nothing(outbox, clock):
    """A time limit of the host's HTTP client, a TaskGroup of its own."""
    assert await told_after_a_cancelled_hook(Delivery, outbox, clock)
    assert len(outbox.events) == 1  # and that event is told again


async def test_twin_where_it_passes_for_a_stop_nobody_is_told_any_more(outbox, clock):
    assert not await told_after_a_cancelled_hook(ExceptionsOnly, outbox, clock)


# Fifty that always fail


class InOrderOfTime(ListedOutbox):
    """The twin's: what failed before stands in front again, as the oldest."""

    def _turn(self, event):
        return (event.at, event.id)


async def tries_before_the_last_is_told(store, clock, *, how, patience):
    """Fifty logins whose hook always fails, then a kick: how often was tried before it was told.

    None where it was not told after `patience` tries.
    """
    tries, before = 0, None
    over, never = asyncio.Event(), asyncio.Event()

    async def failing(event):
        nonlocal tries
        tries += 1
        clock.advance(10)  # each takes the whole of its time limit
        if tries >= patience:
            over.set()
        if how == "hangs":
            await never.wait()
        await asyncio.sleep(0)
        raise ValueError("the host's own database is down")

    async def kicked(event):
        nonlocal before
        before = tries
        over.set()

    for n in range(50):
        await store.add_event(new_event(clock(), kind="login", id=f"l{n:03}"))
    await store.add_event(new_event(clock() + timedelta(seconds=1), kind="kicked"))
    delivery = Delivery(listening(login=failing, kicked=kicked), clock=clock)
    async with running(delivery, store), asyncio.timeout(SOON):
        await over.wait()
    return before


@pytest.fixture
def short_deadline(monkeypatch):
    monkeypatch.setattr(hooks, "HOOK_DEADLINE", timedelta(milliseconds=1))
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("how", ["fails", "hangs"])
async def test_fifty_events_whose_hook_never_ends_well_do_not_starve_a_later_one(
    any_outbox, clock, short_deadline, how
):
    """Each is tried once, at most, before the one nobody has heard of."""
    tries = await tries_before_the_last_is_told(any_outbox, clock, how=how, patience=300)
    assert tries is not None
    assert tries <= 50


async def test_twin_in_order_of_time_the_later_one_is_never_told(clock, short_deadline):
    store = InOrderOfTime()
    await store.open()
    assert await tries_before_the_last_is_told(store, clock, how="fails", patience=300) is None


def test_a_batch_whose_every_hook_hangs_ends_within_its_lease():
    """Else another process would tell an event whose turn here is still to come."""
    assert hooks.BATCH >= 1
    assert hooks.BATCH * hooks.HOOK_DEADLINE < hooks.LEASE


# Stopping


@pytest.mark.parametrize("kind", ["async", "sync"])
async def test_a_stop_does_not_wait_for_a_hook_that_hangs(outbox, clock, kind):
    """And the event is told again: it was not dropped."""
    entered, may_go = threading.Event(), threading.Event()

    async def hanging(event):
        entered.set()
        await asyncio.Event().wait()

    def blocking(event):
        entered.set()
        may_go.wait(30)

    hook = hanging if kind == "async" else blocking
    await outbox.add_event(new_event(clock()))
    delivery = running(Delivery(listening(kicked=hook), clock=clock), outbox)
    try:
        async with delivery:
            assert await asyncio.to_thread(entered.wait, SOON)
            delivery.task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asyncio.wait_for(asyncio.shield(delivery.task), 1)
    finally:
        may_go.set()
    assert len(outbox.events) == 1


async def test_a_server_stops_although_a_hook_hangs(houses, monkeypatch):
    monkeypatch.setattr(server, "OUTBOX_INTERVAL", 0.001)
    house, entered = houses(), asyncio.Event()

    @house.wx.on_kicked
    async def hanging(event):
        entered.set()
        await asyncio.Event().wait()

    await house.wx.flow()
    await log_in(house.wx, user_id="1")
    await house.wx.kick(user_id="1")
    async with asyncio.timeout(SOON):
        await entered.wait()
        await house.wx.close()


# The act and its event are one


class Refusing(sqlite3.Connection):
    """A connection whose writes fail on statements that begin so; "" for none."""

    on = ""

    def execute(self, sql, *args):
        is_write = threading.current_thread().name == "wxlogin-writer"
        if is_write and type(self).on and sql.startswith(type(self).on):
            raise sqlite3.OperationalError("disk I/O error")
        return super().execute(sql, *args)


@pytest.fixture
async def refusing(database, keys, houses):
    """A house whose store fails where its connection is told to; somebody hears everything."""

    class Here(Refusing):
        pass

    def connect(*args, **kwargs):
        return sqlite3.connect(*args, **kwargs, factory=Here)

    store = SqlStore(SqliteDatabase(database, connect=connect), keys)
    house = houses(store=store)
    for listen in (house.wx.on_logout, house.wx.on_kicked):
        listen(lambda event: None)
    house.connection = Here
    yield house
    Here.on = ""


ACTS = {
    "log out": lambda wx, flow, mine: flow.own_sessions.end(mine, mine.id),
    "end others": lambda wx, flow, mine: flow.own_sessions.end_others(mine),
    "kick": lambda wx, flow, mine: wx.kick(account_id=mine.account_id),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("on", ["INSERT INTO wxlogin_outbox", "UPDATE wxlogin_session", "COMMIT"])
async def test_an_act_that_fails_anywhere_leaves_neither_an_end_nor_an_event(
    refusing, rows, monkeypatch, act, on
):
    monkeypatch.setattr(server, "OUTBOX_INTERVAL", 3600)  # nobody empties the outbox meanwhile
    refusing.wx.hooks.listeners["logout"] = refusing.wx.hooks.listeners["kicked"] = []
    mine = await log_in(refusing.wx, user_id="1")
    await log_in(refusing.wx, user_id="1")
    flow = await refusing.wx.flow()
    monkeypatch.setattr(Delivery, "wake", lambda delivery: None)

    async def done():
        await ACTS[act](refusing.wx, flow, mine.session)

    refusing.connection.on = on
    with pytest.raises(errors.StoreUnavailable):
        await done()
    assert rows("SELECT count(*) FROM wxlogin_session WHERE ended_at IS NOT NULL") == [(0,)]
    assert rows("SELECT count(*) FROM wxlogin_account WHERE epoch > 0") == [(0,)]
    assert rows("SELECT count(*) FROM wxlogin_outbox") == [(0,)]
    refusing.connection.on = ""
    await done()
    assert rows("SELECT count(*) FROM wxlogin_session WHERE ended_at IS NOT NULL")[0][0] > 0
    [(kind, account)] = rows("SELECT kind, account_id FROM wxlogin_outbox")
    assert (kind, account) == ("kicked" if act == "kick" else "logout", mine.account.id)


async def test_twin_as_two_transactions_the_end_stays_and_the_event_is_lost(
    refusing, rows, monkeypatch
):
    class Apart:
        """A store as it was: the event is put into the outbox after the act."""

        def __init__(self, store):
            self._store = store

        async def end_session(self, session_id, *, told, **how):
            ended = await self._store.end_session(session_id, **how)
            if ended:
                await self._store.add_event(told.event)
            return ended

    mine = await log_in(refusing.wx, user_id="1")
    flow = await refusing.wx.flow()
    apart = OwnSessions(replace(flow.core, store=Apart(flow.core.store)))
    refusing.connection.on = "INSERT INTO wxlogin_outbox"
    for refusal in (errors.StoreUnavailable, errors.NotFound):
        with pytest.raises(refusal):
            await apart.end(mine.session, mine.session.id)
    assert rows("SELECT count(*) FROM wxlogin_session WHERE ended_at IS NOT NULL") == [(1,)]
    assert rows("SELECT count(*) FROM wxlogin_outbox") == [(0,)]


async def heard_of(houses, monkeypatch, *, by):
    """What the host's `on_kicked` hears of a kick done in another process, without hooks."""
    monkeypatch.setattr(server, "OUTBOX_INTERVAL", 0.001)
    host, cli = houses(), houses()
    heard = asyncio.Queue()
    host.wx.on_kicked(heard.put_nowait)
    await host.wx.flow()
    ann = await log_in(host.wx, user_id="7")
    await by(cli.wx)
    with suppress(TimeoutError):
        async with asyncio.timeout(SOON):
            return (await heard.get()), ann
    return None, ann


@pytest.mark.parametrize("act", ["kick", "disable"])
async def test_a_kick_by_a_process_without_hooks_is_told_to_the_hosts(houses, monkeypatch, act):
    """`wxlogin account kick` knows none of the host's functions."""
    event, ann = await heard_of(houses, monkeypatch, by=lambda wx: getattr(wx, act)(user_id="7"))
    assert (event.kind, event.account_id, event.user_id) == ("kicked", ann.account.id, "7")


async def test_twin_announced_only_where_somebody_here_listens_it_is_lost(
    houses, rows, monkeypatch
):
    monkeypatch.setattr("wxlogin.login.announcing.BY_OTHERS", frozenset())
    cli = houses()
    await log_in(cli.wx, user_id="7")
    await cli.wx.kick(user_id="7")
    assert rows("SELECT count(*) FROM wxlogin_outbox") == [(0,)]


async def test_ending_all_other_sessions_announces_a_log_out(house):
    heard = asyncio.Queue()
    house.wx.on_logout(heard.put_nowait)
    await house.wx.flow()
    mine, other = [await log_in(house.wx, user_id="7") for _ in range(2)]
    answer = await house.ask("DELETE", "/v1/sessions?keep=current", mine.token)
    assert answer.status_code == 204
    async with asyncio.timeout(SOON):
        event = await heard.get()
    assert (event.kind, event.account_id, event.user_id) == ("logout", mine.account.id, "7")
    assert event.session_id is None  # of several
    assert (await house.check(other.token)).status_code == 401
    assert (await house.check(mine.token)).status_code == 200
