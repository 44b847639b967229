"""Sessions: made, seen, ended, and counted."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxlogin.login.accounts import AccountStatus
from wxlogin.login.ports import AccountChange, LoginVerdict, Store
from wxlogin.login.sessions import Device, EndCode, Ending
from wxlogin.testing.stores.samples import (
    DAY,
    MINUTE,
    NOW,
    SECOND,
    get_session,
    list_live,
    log_in,
    login,
    many,
    new_id,
    new_openid,
    revoked,
)
from wxlogin.testing.stores.suite import Suite


class Sessions(Suite):
    async def test_every_change_of_a_session_changes_the_version(self, store: Store) -> None:
        """Else somebody who was let in a moment ago stays in."""
        session = await log_in(store, "o-1", device=Device(id="d-1"))
        ending = revoked("why")
        account_id = session.account_id
        changes: list[Callable[[], Awaitable[object]]] = [
            lambda: store.set_claims(account_id, {"role": "staff"}),
            lambda: store.change_account(account_id, AccountChange(user_id="42")),
            lambda: store.change_account(
                account_id, AccountChange(status=AccountStatus.DISABLED, disabled_until=NOW)
            ),
            lambda: store.change_account(account_id, AccountChange(status=AccountStatus.ACTIVE)),
            lambda: store.commit_login(login("o-1", device=Device(id="d-1"))),
            lambda: store.end_sessions(account_id, ending=ending, keep=session.id),
            lambda: store.end_sessions(account_id, ending=ending),
        ]
        for change in changes:
            await log_in(store, "o-1")  # somebody to be touched
            before = store.session_version()
            await change()
            assert before is None or store.session_version() != before

    async def test_what_touches_no_session_leaves_the_version(self, store: Store) -> None:
        """Else a crowd that logs in would have everybody else looked up again."""
        session = await log_in(store, "o-1")
        before = store.session_version()
        await log_in(store, "o-2")
        await store.seen({session.id: NOW + MINUTE})
        await store.change_account(session.account_id, AccountChange(nickname="n"))
        assert await store.claim_code(b"c" * 32, now=NOW, until=NOW + MINUTE)
        assert store.session_version() == before

    async def test_no_session_is_found_under_an_unknown_or_malformed_id(self, store: Store) -> None:
        for session_id in (new_id(), "", "x" * 500, "a\0b", "'; drop table", "\ud800"):
            assert await store.find_session(session_id) is None

    async def test_a_session_shows_its_account_as_it_is_now(self, store: Store) -> None:
        session = await log_in(store)
        await store.change_account(
            session.account_id,
            AccountChange(
                user_id="user-1", status=AccountStatus.DISABLED, disabled_until=NOW + DAY
            ),
        )
        found = await get_session(store, session.id)
        assert (found.user_id, found.account_status) == ("user-1", AccountStatus.DISABLED)
        assert found.account_disabled_until == NOW + DAY

    async def test_a_new_login_of_a_device_ends_its_session_as_replaced(self, store: Store) -> None:
        phone = Device("d1", "old name", "ios")
        first = await log_in(store, "o-1", device=phone)
        other = await log_in(store, "o-1", device=Device("d2"))
        nameless = await log_in(store, "o-1")
        renamed = Device("d1", "new name", "ios")
        await log_in(store, "o-1", device=renamed, at=NOW + MINUTE)
        ended = await get_session(store, first.id)
        assert ended.ending == Ending(NOW + MINUTE, EndCode.REPLACED, None, renamed)
        assert (await get_session(store, other.id)).ending is None
        assert (await get_session(store, nameless.id)).ending is None

    async def test_a_device_in_another_app_or_account_is_another_device(self, store: Store) -> None:
        device = Device("d1")
        first = await log_in(store, app_id="wx-a", unionid="u-1", device=device)
        await log_in(store, app_id="wx-b", unionid="u-1", device=device)
        await log_in(store, app_id="wx-a", device=device)
        assert (await get_session(store, first.id)).ending is None

    async def test_beyond_the_limit_the_sessions_longest_unseen_end(self, store: Store) -> None:
        made = [await log_in(store, "o-1", at=NOW + n * SECOND) for n in range(3)]
        await store.seen({made[0].id: NOW + MINUTE})
        device = Device("d9", "new", "android")
        await log_in(store, "o-1", at=NOW + 2 * MINUTE, max_sessions=2, device=device)
        endings = [(await get_session(store, each.id)).ending for each in made]
        replaced = Ending(NOW + 2 * MINUTE, EndCode.REPLACED, None, device)
        assert endings == [None, replaced, replaced]

    async def test_sessions_that_are_over_do_not_count_towards_the_limit(
        self, store: Store
    ) -> None:
        idle = await log_in(store, "o-1", at=NOW - 8 * DAY)
        ended = await log_in(store, "o-1")
        await store.end_session(ended.id, account_id=ended.account_id, ending=revoked())
        live = await log_in(store, "o-1")
        await log_in(store, "o-1", max_sessions=2)
        assert (await get_session(store, live.id)).ending is None
        assert (await get_session(store, idle.id)).ending is None
        assert (await get_session(store, ended.id)).ending == revoked()

    async def test_live_sessions_are_listed_latest_seen_first(self, store: Store) -> None:
        idle = await log_in(store, "o-1", at=NOW - 8 * DAY)
        made = [await log_in(store, "o-1", at=NOW + n * SECOND) for n in range(3)]
        await store.seen({made[0].id: NOW + MINUTE})
        await store.end_session(made[1].id, account_id=made[1].account_id, ending=revoked())
        await log_in(store, "o-other")
        live = await list_live(store, idle.account_id, NOW + MINUTE)
        assert [each.id for each in live] == [made[0].id, made[2].id]
        assert live[0] == await store.find_session(made[0].id)
        assert await list_live(store, idle.account_id, NOW + 30 * DAY + 2 * SECOND) == []
        assert await list_live(store, new_id()) == []

    async def test_a_session_ends_once_and_keeps_its_reason(self, store: Store) -> None:
        session = await log_in(store)
        account_id = session.account_id
        assert await store.end_session(session.id, account_id=account_id, ending=revoked("first"))
        assert not await store.end_session(
            session.id, account_id=account_id, ending=revoked("second")
        )
        assert await store.end_sessions(account_id, ending=revoked("third")) == 0
        assert (await get_session(store, session.id)).ending == revoked("first")

    async def test_nobody_ends_another_accounts_session(self, store: Store) -> None:
        session, other = await log_in(store), await log_in(store)
        assert not await store.end_session(
            session.id, account_id=other.account_id, ending=revoked()
        )
        assert not await store.end_session(new_id(), account_id=other.account_id, ending=revoked())
        assert (await get_session(store, session.id)).ending is None

    async def test_ending_all_sessions_raises_the_epoch(self, store: Store) -> None:
        made = [await log_in(store, "o-1") for _ in range(3)]
        other = await log_in(store, "o-other")
        assert await store.end_sessions(made[0].account_id, ending=revoked("stolen phone")) == 3
        for session in made:
            found = await get_session(store, session.id)
            assert found.ending == revoked("stolen phone")
            assert found.account_epoch == session.epoch + 1
            assert found.account_epoch_reason == "stolen phone"
        assert (await get_session(store, other.id)) == other
        fresh = await log_in(store, "o-1")
        assert fresh.epoch == fresh.account_epoch == made[0].epoch + 1
        assert [each.id for each in await list_live(store, fresh.account_id)] == [fresh.id]

    async def test_ending_all_sessions_but_one_leaves_the_epoch(self, store: Store) -> None:
        made = [await log_in(store, "o-1") for _ in range(3)]
        account_id = made[0].account_id
        assert await store.end_sessions(account_id, ending=revoked(), keep=made[1].id) == 2
        assert await list_live(store, account_id) == [made[1]]

    async def test_last_seen_moves_forward_and_never_back(self, store: Store) -> None:
        session = await log_in(store)
        await store.seen({session.id: NOW + MINUTE, new_id(): NOW})
        await store.seen({session.id: NOW + SECOND})
        await store.seen({})
        assert (await get_session(store, session.id)).last_seen_at == NOW + MINUTE

    @many
    @given(offsets=st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=6))
    async def test_in_whatever_order_uses_are_told_the_latest_counts(
        self, store: Store, offsets: list[int]
    ) -> None:
        session = await log_in(store)
        times = [NOW + timedelta(microseconds=offset) for offset in offsets]
        for at in times:
            await store.seen({session.id: at})
        assert (await get_session(store, session.id)).last_seen_at == max([NOW, *times])

    async def test_claims_are_given_to_the_sessions_that_have_not_ended(self, store: Store) -> None:
        kept, ended = await log_in(store, "o-1"), await log_in(store, "o-1", claims={"a": 1})
        await store.end_session(ended.id, account_id=ended.account_id, ending=revoked())
        assert await store.set_claims(kept.account_id, {"role": "staff"}) == 1
        assert (await get_session(store, kept.id)).claims == {"role": "staff"}
        assert (await get_session(store, ended.id)).claims == {"a": 1}
        assert await store.set_claims(kept.account_id, {}) == 1
        assert (await get_session(store, kept.id)).claims == {}

    async def test_of_many_ends_at_once_one_counts(self, store: Store) -> None:
        session = await log_in(store)
        ended = await asyncio.gather(
            *(
                store.end_session(
                    session.id, account_id=session.account_id, ending=revoked(f"reason {n}")
                )
                for n in range(16)
            )
        )
        assert ended.count(True) == 1
        ending = (await get_session(store, session.id)).ending
        assert ending == revoked(f"reason {ended.index(True)}")

    async def test_logins_at_once_leave_exactly_as_many_sessions_as_the_limit(
        self, store: Store
    ) -> None:
        first = await log_in(store, "o-1")
        outcomes = await asyncio.gather(
            *(
                store.commit_login(login("o-1", max_sessions=5, at=NOW + n * SECOND))
                for n in range(50)
            )
        )
        assert all(each.verdict is LoginVerdict.DONE for each in outcomes)
        assert len(await list_live(store, first.account_id, NOW + MINUTE)) == 5

    async def test_logins_at_once_of_one_device_leave_one_session(self, store: Store) -> None:
        first = await log_in(store, "o-1")
        await asyncio.gather(
            *(store.commit_login(login("o-1", device=Device("d1"))) for _ in range(16))
        )
        live = await list_live(store, first.account_id)
        assert len([each for each in live if each.device.id == "d1"]) == 1

    async def test_no_login_in_flight_outlives_a_disabling(self, store: Store) -> None:
        """However the two cross: the login is refused, or its session is dead."""
        for _ in range(5):
            openid = new_openid()
            session = await log_in(store, openid)

            async def disable(account_id: str = session.account_id) -> None:
                await store.change_account(account_id, AccountChange(status=AccountStatus.DISABLED))
                await store.end_sessions(account_id, ending=revoked("account_disabled"))

            crossing = [store.commit_login(login(openid)) for _ in range(4)]
            await asyncio.gather(*crossing[:2], disable(), *crossing[2:])
            assert await list_live(store, session.account_id) == []

    async def test_claims_set_at_once_reach_every_session_alike(self, store: Store) -> None:
        session = await log_in(store, "o-1")
        await log_in(store, "o-1")
        await asyncio.gather(*(store.set_claims(session.account_id, {"n": n}) for n in range(8)))
        live = await list_live(store, session.account_id)
        assert len({str(each.claims) for each in live}) == 1

    async def test_a_device_is_known_that_has_or_had_a_session(self, store: Store) -> None:
        session = await log_in(store, device=Device("d1"))
        other = await log_in(store, device=Device("d2"))
        nameless = await log_in(store)
        assert await store.is_known_device(session.account_id, "d1")
        assert not await store.is_known_device(session.account_id, "d2")
        assert not await store.is_known_device(nameless.account_id, "")
        assert not await store.is_known_device("", "d1")
        await store.end_session(session.id, account_id=session.account_id, ending=revoked())
        assert await store.is_known_device(session.account_id, "d1")
        assert not await store.is_known_device(other.account_id, "d1")

    @pytest.mark.parametrize("why", ["password_changed", "password_reset", "credentials_purged"])
    async def test_a_device_is_strange_again_where_distrust_ended_its_session(
        self, store: Store, why: str
    ) -> None:
        first = await log_in(store, "o-1", device=Device("d1"))
        await log_in(store, "o-1", device=Device("d1"))  # in the place of the first
        kept = await log_in(store, "o-1", device=Device("d2"))
        account_id, at = first.account_id, NOW + SECOND
        await store.end_sessions(account_id, ending=revoked(why, at), keep=kept.id)
        assert not await store.is_known_device(account_id, "d1")
        assert await store.is_known_device(account_id, "d2")
        back = await log_in(store, "o-1", at=at + SECOND, device=Device("d1"))
        assert await store.is_known_device(account_id, "d1")
        await store.end_session(back.id, account_id=account_id, ending=revoked("logged_out"))
        assert await store.is_known_device(account_id, "d1")
