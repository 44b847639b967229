"""Red twins: each race test of the suite fails on a store that reads, decides, then writes.

A race test that cannot fail proves nothing. Each twin here breaks one promise in the
way people break it, and the suite's own test must see it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from wxlogin.login.accounts import Account, AccountStatus, SessionKey
from wxlogin.login.ports import (
    AccessToken,
    AccountChange,
    Event,
    LoginCommit,
    LoginOutcome,
    LoginVerdict,
    Store,
)
from wxlogin.login.sessions import EndCode, Ending
from wxlogin.stores import claims, limits, secret_keys
from wxlogin.stores.memory import MemoryStore
from wxlogin.stores.sealing import KeyRing
from wxlogin.stores.sql import SqlStore
from wxlogin.stores.sqlite import SqliteDatabase
from wxlogin.testing.stores import NOW, StoreConformance


class Suite(StoreConformance):
    __test__ = False

    def make_store(self, tmp_path: Path) -> Store:
        return MemoryStore()


async def others_come_between() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


class ClaimsCheckedThenWritten(MemoryStore):
    async def claim_code(self, code_hash: bytes, *, now: datetime, until: datetime) -> int | None:
        is_free = code_hash not in self._all.claims
        await others_come_between()
        if not is_free:
            return None
        self._all.claims[code_hash] = until
        self._all.sequence += 1
        return self._all.sequence


class NumbersReadThenWritten(MemoryStore):
    async def claim_code(self, code_hash: bytes, *, now: datetime, until: datetime) -> int | None:
        number = self._all.sequence + 1
        await others_come_between()
        self._all.sequence = number
        return number


class AccountsSelectedThenInserted(MemoryStore):
    """Where nobody was found, an account is made, whoever has come meanwhile."""

    async def commit_login(self, commit: LoginCommit) -> LoginOutcome:
        known = await self.find_account_of(
            pool=commit.pool,
            app_id=commit.app_id,
            openid=commit.openid,
            unionid=commit.unionid,
        )
        await others_come_between()
        if known is None:
            self._all.links.pop((commit.app_id, commit.openid), None)
            self._all.unionids.pop((commit.pool, commit.unionid or ""), None)
        return await super().commit_login(commit)


class TicketsReadThenSpent(MemoryStore):
    async def commit_login(self, commit: LoginCommit) -> LoginOutcome:
        ticket = await self.find_ticket(commit.ticket_hash or b"", now=commit.at)
        await others_come_between()
        if ticket is not None:
            self._all.tickets[ticket.hash] = ticket
        return await super().commit_login(commit)


class SessionsCountedThenMade(MemoryStore):
    async def commit_login(self, commit: LoginCommit) -> LoginOutcome:
        account = await self.find_account(openid=commit.openid)
        live = []
        if account is not None:
            live = list(
                await self.list_sessions(account.id, now=commit.at, idle_before=commit.idle_before)
            )
        await others_come_between()
        ending = Ending(commit.at, EndCode.REPLACED, None, commit.session.device)
        for session in live[commit.max_sessions - 1 :]:
            await self.end_session(session.id, account_id=session.account_id, ending=ending)
        return await super().commit_login(replace(commit, max_sessions=10_000))


class DevicesEndedThenMade(MemoryStore):
    async def commit_login(self, commit: LoginCommit) -> LoginOutcome:
        device = commit.session.device
        bare = replace(commit.session, device=replace(device, id=None))
        outcome = await super().commit_login(replace(commit, session=bare))
        await others_come_between()
        session = self._all.sessions[commit.session.id]
        self._all.sessions[session.id] = replace(session, device=device)
        return outcome


class StatusReadThenSessionMade(MemoryStore):
    async def commit_login(self, commit: LoginCommit) -> LoginOutcome:
        account = await self.find_account(openid=commit.openid)
        if account is not None and account.status is not AccountStatus.ACTIVE:
            return LoginOutcome(LoginVerdict.NOT_ACTIVE, account)
        await others_come_between()
        if account is None:
            return await super().commit_login(commit)
        now = self._all.accounts[account.id]
        self._all.accounts[account.id] = replace(now, status=AccountStatus.ACTIVE)
        outcome = await super().commit_login(commit)
        self._all.accounts[account.id] = replace(self._all.accounts[account.id], status=now.status)
        return outcome


class EndsReadThenWritten(MemoryStore):
    async def end_session(self, session_id: str, *, account_id: str, ending: Ending) -> bool:
        session = self._all.sessions[session_id]
        await others_come_between()
        if session.ending is not None:
            return False
        self._all.sessions[session_id] = replace(session, ending=ending)
        return True


class KeysReadThenReplaced(MemoryStore):
    async def replace_session_key(self, *, app_id: str, openid: str, key: SessionKey) -> bool:
        link = self._all.links[app_id, openid]
        is_newer = key.sequence > link.key.sequence
        await others_come_between()
        if is_newer:
            link.key = key
        return is_newer


class UserIdsCheckedThenSet(MemoryStore):
    async def change_account(self, account_id: str, change: AccountChange) -> Account | None:
        owner = await self.find_account(user_id=change.user_id)
        await others_come_between()
        if owner is not None:
            return None
        account = replace(self._all.accounts[account_id], user_id=change.user_id)
        self._all.accounts[account_id] = account
        return account


class TakesReadThenWritten(MemoryStore):
    async def take(self, key: str, *, limit: int, window: timedelta, now: datetime) -> timedelta:
        before = dict(self._all.rates)
        wait = await super().take(key, limit=limit, window=window, now=now)
        after, self._all.rates = self._all.rates, before
        await others_come_between()
        self._all.rates = after
        return wait


class EventsListedThenLeased(MemoryStore):
    async def lease_events(self, *, now: datetime, until: datetime, limit: int) -> list[Event]:
        leases = dict(self._all.leases)
        leased = await super().lease_events(now=now, until=until, limit=limit)
        taken, self._all.leases = self._all.leases, leases
        await others_come_between()
        self._all.leases.update(taken)
        return list(leased)


class LeasesReadThenTaken(MemoryStore):
    async def lease_access_token(
        self, app_id: str, *, now: datetime, until: datetime
    ) -> int | None:
        is_free = app_id not in self._all.fetches
        await others_come_between()
        if not is_free:
            return None
        return await super().lease_access_token(app_id, now=until, until=until)


class TokensKeptWithoutFence(MemoryStore):
    async def keep_access_token(self, app_id: str, token: AccessToken) -> bool:
        await super().keep_access_token(app_id, token)
        self._all.fetches[app_id].token = token
        return True


class SecretsReadThenKept(MemoryStore):
    async def secret_key(self, name: str, candidate: bytes) -> bytes:
        kept = self._all.secret_keys.get(name)
        await others_come_between()
        if kept is None:
            kept = self._all.secret_keys[name] = candidate
        return kept


class UsesOverwritten(MemoryStore):
    """Not a race of callers, but of batches: the later write wins, the later use should."""

    async def seen(self, sessions: Any) -> None:
        for session_id, at in sessions.items():
            if session_id in self._all.sessions:
                session = self._all.sessions[session_id]
                self._all.sessions[session_id] = replace(session, last_seen_at=at)


class SqlClaimsSelectedThenInserted(SqlStore):
    """The same mistake in SQL: two transactions where one statement decides."""

    async def claim_code(self, code_hash: bytes, *, now: datetime, until: datetime) -> int | None:
        found = await self._read(lambda tx: tx.row(claims._find, code_hash=code_hash))
        if found is not None:
            return None
        await self._write(lambda tx: tx.run(claims._claim, code_hash=code_hash, until=until))
        row = await self._read(lambda tx: tx.row(claims._find, code_hash=code_hash))
        return None if row is None else int(row[0])


class SqlTakesReadThenWritten(SqlStore):
    async def take(self, key: str, *, limit: int, window: timedelta, now: datetime) -> timedelta:
        step, tolerance = limits.pace(limit, window)
        at, key_hash = limits.moment_of(now), limits.hash_of(key)
        row = await self._read(lambda tx: tx.row(limits._find, key_hash=key_hash))
        full_until = row[0] if row else at
        if full_until > at + tolerance:
            return timedelta(microseconds=full_until - tolerance - at)
        values = {"key_hash": key_hash, "full_until": max(full_until, at) + step}
        await self._write(lambda tx: tx.run(limits._take, **values, at=at, step=step, until=2**62))
        return timedelta(0)


class SqlSecretsReadThenKept(SqlStore):
    async def secret_key(self, name: str, candidate: bytes) -> bytes:
        kept = await self._read(lambda tx: secret_keys.find(tx, name, keys=self._keys))
        if kept is None:
            await super().secret_key(name, candidate)
            kept = candidate
        return kept


class SqlTicketsReadThenSpent(SqlStore):
    async def commit_login(self, commit: LoginCommit) -> LoginOutcome:
        ticket = await self.find_ticket(commit.ticket_hash or b"", now=NOW)
        if ticket is None:
            return LoginOutcome(LoginVerdict.TICKET_SPENT)
        return await super().commit_login(replace(commit, ticket_hash=None))


Check = Callable[[StoreConformance, Store], Any]
IN_MEMORY: list[tuple[type[MemoryStore], Check]] = [
    (
        ClaimsCheckedThenWritten,
        Suite.test_a_hundred_claims_of_one_code_at_once_give_one_number,
    ),
    (
        NumbersReadThenWritten,
        Suite.test_claims_at_once_of_different_codes_give_different_numbers,
    ),
    (
        AccountsSelectedThenInserted,
        Suite.test_sixteen_first_logins_of_one_openid_at_once_make_one_account,
    ),
    (
        AccountsSelectedThenInserted,
        Suite.test_first_logins_of_one_unionid_in_two_apps_make_one_account,
    ),
    (TicketsReadThenSpent, Suite.test_a_ticket_spent_by_sixteen_at_once_makes_one_session),
    (
        SessionsCountedThenMade,
        Suite.test_logins_at_once_leave_exactly_as_many_sessions_as_the_limit,
    ),
    (DevicesEndedThenMade, Suite.test_logins_at_once_of_one_device_leave_one_session),
    (StatusReadThenSessionMade, Suite.test_no_login_in_flight_outlives_a_disabling),
    (EndsReadThenWritten, Suite.test_of_many_ends_at_once_one_counts),
    (KeysReadThenReplaced, Suite.test_keys_that_arrive_at_once_leave_the_newest_in_force),
    (UserIdsCheckedThenSet, Suite.test_one_user_id_claimed_by_many_at_once_is_one_accounts),
    (TakesReadThenWritten, Suite.test_takes_at_once_never_overrun_the_limit),
    (EventsListedThenLeased, Suite.test_no_event_is_leased_to_two_at_once),
    (LeasesReadThenTaken, Suite.test_of_many_who_want_to_fetch_at_once_one_may),
    (TokensKeptWithoutFence, Suite.test_a_paused_holder_does_not_overwrite_the_newer_token),
    (SecretsReadThenKept, Suite.test_a_secret_key_asked_for_by_many_at_once_is_one),
    (UsesOverwritten, Suite.test_last_seen_moves_forward_and_never_back),
]
IN_SQL: list[tuple[type[SqlStore], Check]] = [
    (
        SqlClaimsSelectedThenInserted,
        Suite.test_a_hundred_claims_of_one_code_at_once_give_one_number,
    ),
    (SqlTakesReadThenWritten, Suite.test_takes_at_once_never_overrun_the_limit),
    (SqlSecretsReadThenKept, Suite.test_a_secret_key_asked_for_by_many_at_once_is_one),
    (SqlTicketsReadThenSpent, Suite.test_a_ticket_spent_by_sixteen_at_once_makes_one_session),
]


@pytest.fixture
async def in_memory(request: pytest.FixtureRequest) -> AsyncIterator[MemoryStore]:
    store: MemoryStore = request.param()
    await store.open()
    yield store
    await store.close()


@pytest.mark.parametrize(
    ("in_memory", "check"),
    IN_MEMORY,
    indirect=["in_memory"],
    ids=[f"{twin.__name__}-{check.__name__[5:25]}" for twin, check in IN_MEMORY],
)
async def test_the_suite_sees_what_a_twin_in_memory_breaks(
    in_memory: MemoryStore, check: Check
) -> None:
    with pytest.raises(AssertionError):
        await check(Suite(), in_memory)


@pytest.mark.parametrize(("twin", "check"), IN_SQL, ids=[twin.__name__ for twin, _ in IN_SQL])
async def test_the_suite_sees_what_a_twin_in_sql_breaks(
    twin: type[SqlStore], check: Check, path: Path, keyring: KeyRing
) -> None:
    store = twin(SqliteDatabase(path), keyring)
    await store.open()
    with pytest.raises(AssertionError):
        await check(Suite(), store)
    await store.close()
