"""Red twins: each race test of the suite fails on a store that reads, decides, then writes.

A race test that cannot fail proves nothing. Each twin here breaks one promise in the
way people break it, and the suite's own test must see it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.stores.model import ModelStore, identity_of, session_of
from wxlogin.login.accounts import Account, AccountStatus, SessionKey
from wxlogin.login.ports import (
    AccessToken,
    AccountChange,
    CodeSpend,
    Event,
    IdentityLink,
    LoginCommit,
    LoginOutcome,
    LoginVerdict,
    PasswordChange,
    PhoneChange,
    Quota,
    Store,
    Verdict,
)
from wxlogin.login.sessions import EndCode, Ending
from wxlogin.stores import (
    accounts,
    claims,
    credentials,
    identities,
    limits,
    logins,
    outbox,
    phones,
    quotas,
    secret_keys,
    verification,
)
from wxlogin.stores.database import Transaction, UniqueBroken
from wxlogin.stores.sealing import KeyRing
from wxlogin.stores.sql import SqlStore
from wxlogin.stores.sqlite import SqliteDatabase
from wxlogin.testing.stores import StoreConformance
from wxlogin.testing.stores.samples import NOW, new_account


class Suite(StoreConformance):
    __test__ = False

    def make_store(self, tmp_path: Path) -> Store:
        raise AssertionError("each check here is run on a store that is handed to it")


async def others_come_between() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


class ClaimsCheckedThenWritten(ModelStore):
    async def claim_code(self, code_hash: bytes, *, now: datetime, until: datetime) -> int | None:
        is_free = code_hash not in self._all.claims
        await others_come_between()
        if not is_free:
            return None
        self._all.claims[code_hash] = until
        self._all.sequence += 1
        return self._all.sequence


class NumbersReadThenWritten(ModelStore):
    async def claim_code(self, code_hash: bytes, *, now: datetime, until: datetime) -> int | None:
        number = self._all.sequence + 1
        await others_come_between()
        self._all.sequence = number
        return number


class AccountsSelectedThenInserted(ModelStore):
    """Where nobody was found, an account is made, whoever has come meanwhile."""

    async def commit_login(self, commit: LoginCommit) -> LoginOutcome:
        known = await self.find_account_of(
            pool=commit.pool,
            app_id=commit.app_id,
            openid=identity_of(commit).openid,
            unionid=identity_of(commit).unionid,
        )
        await others_come_between()
        if known is None:
            self._all.links.pop((commit.app_id, identity_of(commit).openid), None)
            self._all.unionids.pop((commit.pool, identity_of(commit).unionid or ""), None)
        return await super().commit_login(commit)


class TicketsReadThenSpent(ModelStore):
    async def commit_login(self, commit: LoginCommit) -> LoginOutcome:
        ticket = await self.find_ticket(commit.ticket_hash or b"", now=commit.at)
        await others_come_between()
        if ticket is not None:
            self._all.tickets[ticket.hash] = ticket
        return await super().commit_login(commit)


class SessionsCountedThenMade(ModelStore):
    async def commit_login(self, commit: LoginCommit) -> LoginOutcome:
        account = await self.find_account(openid=identity_of(commit).openid)
        live = []
        if account is not None:
            live = list(
                await self.list_sessions(account.id, now=commit.at, idle_before=commit.idle_before)
            )
        await others_come_between()
        ending = Ending(commit.at, EndCode.REPLACED, None, session_of(commit).device)
        for session in live[commit.max_sessions - 1 :]:
            await self.end_session(session.id, account_id=session.account_id, ending=ending)
        return await super().commit_login(replace(commit, max_sessions=10_000))


class DevicesEndedThenMade(ModelStore):
    async def commit_login(self, commit: LoginCommit) -> LoginOutcome:
        device = session_of(commit).device
        bare = replace(session_of(commit), device=replace(device, id=None))
        outcome = await super().commit_login(replace(commit, session=bare))
        await others_come_between()
        session = self._all.sessions[session_of(commit).id]
        self._all.sessions[session.id] = replace(session, device=device)
        return outcome


class StatusReadThenSessionMade(ModelStore):
    async def commit_login(self, commit: LoginCommit) -> LoginOutcome:
        account = await self.find_account(openid=identity_of(commit).openid)
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


class EndsReadThenWritten(ModelStore):
    async def end_session(self, session_id: str, *, account_id: str, ending: Ending) -> bool:
        session = self._all.sessions[session_id]
        await others_come_between()
        if session.ending is not None:
            return False
        self._all.sessions[session_id] = replace(session, ending=ending)
        return True


class KeysReadThenReplaced(ModelStore):
    async def replace_session_key(self, *, app_id: str, openid: str, key: SessionKey) -> bool:
        link = self._all.links[app_id, openid]
        is_newer = key.sequence > link.key.sequence
        await others_come_between()
        if is_newer:
            link.key = key
        return is_newer


class UserIdsCheckedThenSet(ModelStore):
    async def change_account(self, account_id: str, change: AccountChange) -> Account | None:
        owner = await self.find_account(user_id=change.user_id)
        await others_come_between()
        if owner is not None:
            return None
        account = replace(self._all.accounts[account_id], user_id=change.user_id)
        self._all.accounts[account_id] = account
        return account


class TakesReadThenWritten(ModelStore):
    async def take(self, key: str, *, limit: int, window: timedelta, now: datetime) -> timedelta:
        before = dict(self._all.rates)
        wait = await super().take(key, limit=limit, window=window, now=now)
        after, self._all.rates = self._all.rates, before
        await others_come_between()
        self._all.rates = after
        return wait


class EventsListedThenLeased(ModelStore):
    async def lease_events(self, kinds: frozenset[str], **how: Any) -> list[Event]:
        leases = dict(self._all.leases)
        leased = await super().lease_events(kinds, **how)
        taken, self._all.leases = self._all.leases, leases
        await others_come_between()
        self._all.leases.update(taken)
        return list(leased)


class LeasesReadThenTaken(ModelStore):
    async def lease_access_token(
        self, app_id: str, *, now: datetime, until: datetime
    ) -> int | None:
        is_free = app_id not in self._all.fetches
        await others_come_between()
        if not is_free:
            return None
        return await super().lease_access_token(app_id, now=until, until=until)


class TokensKeptWithoutFence(ModelStore):
    async def keep_access_token(self, app_id: str, token: AccessToken) -> bool:
        await super().keep_access_token(app_id, token)
        self._all.fetches[app_id].token = token
        return True


class SecretsReadThenKept(ModelStore):
    async def secret_key(self, name: str, candidate: bytes) -> bytes:
        kept = self._all.secret_keys.get(name)
        await others_come_between()
        if kept is None:
            kept = self._all.secret_keys[name] = candidate
        return kept


class UsesOverwritten(ModelStore):
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


class SqlCodesReadThenDropped(SqlStore):
    async def drop_verification_code(self, spend: CodeSpend) -> bool:
        found = await self._read(lambda tx: tx.row(verification._match, **spend_values(spend)))
        await others_come_between()
        await super().drop_verification_code(spend)
        return found is not None


class SqlCodesReadThenSpent(SqlStore):
    """Whoever found the code may act, and spends it afterwards."""

    async def commit_login(self, commit: LoginCommit) -> LoginOutcome:
        if not await self._are_live(commit.spends):
            return LoginOutcome(LoginVerdict.CODE_SPENT)
        outcome = await super().commit_login(replace(commit, spends=()))
        await self._write(lambda tx: verification.spend_all(tx, commit.spends, at=commit.at))
        return outcome

    async def _are_live(self, spends: tuple[CodeSpend, ...]) -> bool:
        return all(
            [
                await self._read(lambda tx, s=each: tx.row(verification._match, **spend_values(s)))
                for each in spends
            ]
        )


class SqlTriesReadThenCounted(SqlStore):
    async def try_verification_code(self, spend: CodeSpend, *, limit: int, now: datetime) -> bool:
        row = await self._read(lambda tx: tx.row(verification._match, **spend_values(spend)))
        if row is None or row[0] >= limit:
            return False
        await super().try_verification_code(spend, limit=limit, now=now)
        return True


class SqlPhonesLookedUpThenPut(SqlStore):
    """What the database refuses then is swallowed: nobody foresaw it."""

    async def change_phone(self, change: PhoneChange, **told: Any) -> Verdict:
        owner = await self.find_account(phone=change.phone.e164, pool="default")
        if owner is not None and owner.id != change.account_id:
            return Verdict.PHONE_TAKEN
        phone_hash = await self._hash_phone(change.phone.e164) or b""
        with suppress(UniqueBroken):
            await self._database.write(
                lambda tx: phones.put(
                    tx, change.account_id, change.phone, phone_hash=phone_hash, keys=self._keys
                )
            )
        return Verdict.DONE


class SqlPhonesLookedUpThenRegistered(SqlStore):
    async def commit_login(self, commit: LoginCommit) -> LoginOutcome:
        phone = commit.phone
        if phone is None or await self.find_account(phone=phone.e164, pool=commit.pool):
            return LoginOutcome(LoginVerdict.PHONE_TAKEN)
        outcome = await super().commit_login(replace(commit, phone=None))
        assert outcome.account is not None
        await self.change_phone(PhoneChange(outcome.account.id, phone))
        return outcome


class SqlUsernamesLookedUpThenRegistered(SqlStore):
    async def commit_login(self, commit: LoginCommit) -> LoginOutcome:
        new = commit.registration
        assert new is not None
        values = {"username_key": new.username_key, "pool": commit.pool}
        if await self._read(lambda tx: tx.row(accounts.of_username, **values)):
            return LoginOutcome(LoginVerdict.USERNAME_TAKEN)
        return await super().commit_login(replace(commit, registration=new_account(id=new.id)))


class SqlUnionidsLookedUpThenTied(SqlStore):
    """One person who meets two mini programs at once is two."""

    async def commit_login(self, commit: LoginCommit) -> LoginOutcome:
        identity = identity_of(commit)
        known = await self.find_account_of(
            pool=commit.pool,
            app_id=commit.app_id,
            openid=identity.openid,
            unionid=identity.unionid,
        )
        if known is not None:
            return await super().commit_login(commit)
        outcome = await super().commit_login(
            replace(commit, identity=replace(identity, unionid=None))
        )
        assert outcome.account is not None
        values = {"unionid": identity.unionid, "account_id": outcome.account.id}
        await self._write(
            lambda tx: tx.run(logins._add_unionid, pool=commit.pool, linked_at=commit.at, **values)
        )
        return outcome


class SqlIdentitiesLookedUpThenLinked(SqlStore):
    async def link_identity(self, link: IdentityLink, **told: Any) -> Verdict:
        owner = await self.find_account(openid=link.identity.openid)
        await others_come_between()
        if owner is not None and owner.id != link.account_id:
            return Verdict.IDENTITY_TAKEN
        await super().link_identity(link, **told)
        return Verdict.DONE


class SqlWaysInCountedThenCut(SqlStore):
    async def unlink_identity(self, account_id: str, *, app_id: str, **how: Any) -> Verdict:
        account = await self.find_account(account_id=account_id)
        await others_come_between()
        if account is None or len(account.identities) < 2:
            return Verdict.LAST_METHOD
        openids = [each.openid for each in account.identities if each.app_id == app_id]
        values = {"account_id": account_id, "app_id": app_id}
        for openid in openids:
            await self._write(lambda tx, o=openid: tx.run(identities._cut, openid=o, **values))
        return Verdict.DONE


class SqlQuotasReadThenWritten(SqlStore):
    async def take_quotas(self, wanted: Sequence[Quota], *, now: datetime) -> timedelta:
        at = limits.moment_of(now)
        for quota in wanted:
            _, takes = await self._read(lambda tx, q=quota: quotas._read(tx, q))
            await others_come_between()
            wait = quotas._wait(quota, takes, at=at)
            if wait:
                return timedelta(microseconds=wait)
        roomy = [replace(each, windows=((10**6, timedelta(days=1)),)) for each in wanted]
        return await super().take_quotas(roomy, now=now)


class SqlPasswordsComparedThenOpened(SqlStore):
    """The password was right a moment ago: nobody looks whether it still is."""

    async def commit_login(self, commit: LoginCommit) -> LoginOutcome:
        entry = commit.password
        if entry is None:
            return await super().commit_login(commit)
        credential = await self.find_credential_of(entry.account_id)
        await others_come_between()
        if credential is None or credential.changed_at != entry.changed_at:
            return LoginOutcome(LoginVerdict.NOT_PROVEN)

        def unit(tx: Transaction) -> LoginOutcome:
            row = tx.row(credentials._of_account, account_id=entry.account_id)
            now = replace(entry, changed_at=row[2] if row else entry.changed_at)
            opened = replace(commit, password=now)
            return logins.commit_login(tx, opened, phone_hash=None, keys=self._keys)

        return await self._write(unit)


class SqlPasswordsSetThenSessionsEnded(SqlStore):
    """Sessions of before the change are ended, and who is coming in is forgotten."""

    async def change_password(self, change: PasswordChange, **told: Any) -> Verdict:
        live = await self.list_sessions(
            change.account_id, now=NOW, idle_before=NOW - timedelta(days=7)
        )
        await others_come_between()
        for session in live:
            await self.end_session(session.id, account_id=change.account_id, ending=change.ending)
        values = {"account_id": change.account_id, "new_password": b"", "at": change.at}
        await self._write(lambda tx: tx.run(credentials._set, **values))
        return Verdict.DONE


class SqlFailuresReadThenWritten(SqlStore):
    async def count_failure(self, account_id: str) -> int:
        credential = await self.find_credential_of(account_id)
        await others_come_between()
        await super().count_failure(account_id)
        return credential.failures + 1 if credential else 0


class SqlEventsListedThenLeased(SqlStore):
    async def lease_events(self, kinds: frozenset[str], **how: Any) -> list[Event]:
        free = {"now": how["now"], "limit": how["limit"]}
        rows = await self._read(lambda tx: tx.rows(outbox._free_of(kinds), **free))
        await others_come_between()
        leases = [{"id": row[0], "until": how["until"]} for row in rows]
        await self._write(lambda tx: tx.run_many(outbox._lease, leases))
        return [outbox._event_from(row) for row in rows]


def spend_values(spend: CodeSpend) -> dict[str, Any]:
    return {"slot": spend.slot, "code_hash": spend.code_hash}


Check = Callable[[StoreConformance, Any], Any]
MODELS: list[tuple[type[ModelStore], Check]] = [
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
    (SqlCodesReadThenDropped, Suite.test_a_code_dropped_by_sixteen_at_once_is_spent_once),
    (SqlCodesReadThenSpent, Suite.test_one_code_in_sixteen_acts_at_once_opens_one),
    (SqlTriesReadThenCounted, Suite.test_of_sixty_four_tries_at_once_five_are_compared),
    (
        SqlPhonesLookedUpThenPut,
        Suite.test_of_sixteen_accounts_that_take_one_number_at_once_one_gets_it,
    ),
    (
        SqlPhonesLookedUpThenRegistered,
        Suite.test_of_sixteen_registrations_with_one_number_at_once_one_gets_it,
    ),
    (
        SqlUsernamesLookedUpThenRegistered,
        Suite.test_of_sixteen_registrations_of_one_username_at_once_one_gets_it,
    ),
    (
        SqlUnionidsLookedUpThenTied,
        Suite.test_first_logins_of_one_unionid_in_two_apps_make_one_account,
    ),
    (
        SqlIdentitiesLookedUpThenLinked,
        Suite.test_of_sixteen_links_of_one_identity_at_once_one_is_done,
    ),
    (SqlWaysInCountedThenCut, Suite.test_of_two_last_identities_cut_at_once_one_stays),
    (SqlQuotasReadThenWritten, Suite.test_takes_at_once_never_overrun_a_quota),
    (
        SqlPasswordsComparedThenOpened,
        Suite.test_no_login_with_the_old_password_outlives_its_change,
    ),
    (
        SqlPasswordsSetThenSessionsEnded,
        Suite.test_no_login_with_the_old_password_outlives_its_change,
    ),
    (SqlFailuresReadThenWritten, Suite.test_failures_at_once_are_all_counted),
    (SqlEventsListedThenLeased, Suite.test_no_event_is_leased_to_two_at_once),
]


@pytest.fixture
async def model(request: pytest.FixtureRequest) -> AsyncIterator[ModelStore]:
    store: ModelStore = request.param()
    await store.open()
    yield store
    await store.close()


@pytest.mark.parametrize(
    ("model", "check"),
    MODELS,
    indirect=["model"],
    ids=[f"{twin.__name__}-{check.__name__[5:25]}" for twin, check in MODELS],
)
async def test_the_suite_sees_what_a_broken_model_breaks(model: ModelStore, check: Check) -> None:
    with pytest.raises(AssertionError):
        await check(Suite(), model)


@pytest.mark.parametrize(("twin", "check"), IN_SQL, ids=[twin.__name__ for twin, _ in IN_SQL])
async def test_the_suite_sees_what_a_twin_in_sql_breaks(
    twin: type[SqlStore], check: Check, path: Path, keyring: KeyRing
) -> None:
    store = twin(SqliteDatabase(path), keyring)
    await store.open()
    with pytest.raises(AssertionError):
        await check(Suite(), store)
    await store.close()
