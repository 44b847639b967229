"""Events: put into the outbox by what happened, leased, and dropped once heard."""

import asyncio
from dataclasses import replace

import pytest

from wxlogin.login.accounts import Agreement, Phone
from wxlogin.login.ports import Event, Store
from wxlogin.testing.stores.samples import (
    DAY,
    MINUTE,
    NOW,
    PHONE,
    SECOND,
    asked,
    lease,
    log_in,
    login,
    new_event,
    new_phone,
)
from wxlogin.testing.stores.suite import Suite


class Events(Suite):
    async def test_a_login_announces_itself_to_the_host(self, store: Store) -> None:
        commit = login(
            user_id="user-1",
            announce=("registered", "login"),
            event_ids=("event-1", "event-2"),
            context={"inviter": 7},
            agreements=(Agreement("privacy", "3"),),
        )
        outcome = await store.commit_login(commit)
        assert outcome.account is not None
        events = await lease(store)
        assert [(each.id, each.kind) for each in events] == [
            ("event-1", "registered"),
            ("event-2", "login"),
        ]
        assert events[0] == Event(
            id="event-1",
            kind="registered",
            at=NOW,
            account_id=outcome.account.id,
            user_id="user-1",
            app_id="wx-a",
            session_id=asked(commit).id,
            data={"inviter": 7},
        )

    async def test_who_was_known_before_is_not_announced_as_registered(self, store: Store) -> None:
        await log_in(store, "o-1")
        agreed = (Agreement("privacy", "3"),)
        for n in range(2):
            await log_in(
                store,
                "o-1",
                announce=("registered", "login"),
                event_ids=(f"{n}-1", f"{n}-2"),
                agreements=agreed,
            )
        events = await lease(store)
        assert [(each.id, each.kind) for each in events] == [("0-2", "login"), ("1-2", "login")]

    @pytest.mark.parametrize(
        ("before", "phone", "told"),
        [
            (None, PHONE, True),
            (new_phone(), PHONE, True),
            (PHONE, replace(PHONE, proven_at=NOW + DAY), False),
            (PHONE, None, False),
        ],
    )
    async def test_a_changed_phone_is_announced_if_it_changed(
        self, store: Store, before: Phone | None, phone: Phone | None, told: bool
    ) -> None:
        await log_in(store, "o-1", phone=before)
        announce = {"announce": ("phone_changed", "login"), "event_ids": ("e-1", "e-2")}
        await log_in(store, "o-1", phone=phone, **announce)
        kinds = [event.kind for event in await lease(store)]
        assert kinds == (["phone_changed", "login"] if told else ["login"])

    async def test_a_new_accounts_phone_has_not_changed(self, store: Store) -> None:
        announce = ("registered", "phone_changed", "login")
        await log_in(store, phone=PHONE, announce=announce, event_ids=("e-1", "e-2", "e-3"))
        assert [event.kind for event in await lease(store)] == ["registered", "login"]

    async def test_without_a_session_no_login_is_announced(self, store: Store) -> None:
        await store.commit_login(
            login(session=None, announce=("registered", "login"), event_ids=("e-1", "e-2"))
        )
        [event] = await lease(store)
        assert (event.kind, event.session_id) == ("registered", None)

    async def test_events_are_leased_oldest_first_to_one_at_a_time(self, store: Store) -> None:
        events = [new_event(NOW + n * SECOND, data={"n": n}) for n in (2, 0, 1)]
        for event in events:
            await store.add_event(event)
        first = await lease(store, limit=2)
        second = await lease(store, limit=2)
        assert (list(first), list(second)) == ([events[1], events[2]], [events[0]])
        assert await lease(store, limit=2) == []

    async def test_an_event_that_nobody_dropped_is_told_again(self, store: Store) -> None:
        events = [new_event(), new_event()]
        for event in events:
            await store.add_event(event)
            await store.add_event(event)
        await lease(store)
        await store.drop_event(events[0].id)
        await store.drop_event("unknown")
        assert await lease(store, now=NOW + MINUTE, until=NOW + 2 * MINUTE) == [events[1]]

    async def test_what_was_told_before_stands_behind_what_nobody_has_heard(
        self, store: Store
    ) -> None:
        old, new = new_event(NOW - MINUTE), new_event()
        await store.add_event(old)
        await lease(store)
        await store.add_event(new)
        assert await lease(store, now=NOW + MINUTE, limit=1) == [new]

    async def test_a_host_leases_the_kinds_it_hears_and_leaves_the_rest(self, store: Store) -> None:
        """Else a host on the same database would drop what another one waits for."""
        events = [new_event(NOW + n * SECOND, kind=k) for n, k in enumerate(("login", "kicked"))]
        for event in events:
            await store.add_event(event)
        assert await lease(store, kinds=frozenset()) == []
        assert await lease(store, kinds=frozenset({"registered", "it's odd"})) == []
        one = await lease(store, kinds=frozenset({"kicked"}), limit=1)
        other = await lease(store, kinds=frozenset({"login", "registered"}), limit=1)
        assert (one, other) == ([events[1]], [events[0]])
        await store.drop_event(one[0].id)
        assert await lease(store, now=NOW + MINUTE, until=NOW + DAY) == [events[0]]

    async def test_no_event_is_leased_to_two_at_once(self, store: Store) -> None:
        events = [new_event() for _ in range(20)]
        for event in events:
            await store.add_event(event)
        leased = await asyncio.gather(*(lease(store, limit=4) for _ in range(8)))
        ids = [event.id for batch in leased for event in batch]
        assert sorted(ids) == sorted(event.id for event in events)
