"""The store in SQL: each port's method hands one unit of work to the database."""

import asyncio
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from wxlogin.login import errors
from wxlogin.login.accounts import Account, AccountStatus, SessionKey, SessionKeys
from wxlogin.login.operator_sessions import Operator, OperatorSession
from wxlogin.login.policy import App
from wxlogin.login.ports import (
    NOTHING,
    AccessToken,
    AccountChange,
    AccountQuery,
    AccountRow,
    AgreementRow,
    AppChange,
    ApplicationRow,
    Arrival,
    AuditHead,
    AuditLine,
    AuditQuery,
    AvatarChange,
    AvatarChanged,
    CodeSpend,
    Credential,
    CredentialChange,
    Decision,
    DecisionVerdict,
    DueErasure,
    Erased,
    ErasureStart,
    Event,
    IdentityLink,
    Kept,
    LoggedLine,
    LoginCommit,
    LoginOutcome,
    LoginRow,
    Merge,
    Newcomer,
    NewOperatorSession,
    OperatorCredential,
    PasswordChange,
    PhoneChange,
    Point,
    PushCommit,
    PushOutcome,
    Quota,
    Sample,
    ServiceKey,
    Ticket,
    Told,
    Verdict,
    VerificationCode,
)
from wxlogin.login.registration import Application, ApplicationStatus
from wxlogin.login.secret import Secret
from wxlogin.login.sessions import Ending, Session
from wxlogin.stores import (
    access_tokens,
    accounts,
    applications,
    apps,
    audit,
    avatars,
    claims,
    credentials,
    identities,
    imports,
    kept,
    leaving,
    limits,
    logins,
    merging,
    operators,
    outbox,
    overview,
    pruning,
    pushes,
    quotas,
    resealing,
    samples,
    secret_keys,
    service_keys,
    session_keys,
    sessions,
    telling,
    tickets,
    verification,
)
from wxlogin.stores.database import Database, Outraced, Transaction, Undone, UniqueBroken
from wxlogin.stores.records import session_from
from wxlogin.stores.sealing import KEY_BYTES, Key, KeyRing, SealBroken, lookup_hash

T = TypeVar("T")

ATTEMPTS = 5
"""Runs of one unit that others outrace; each loser's next run sees the winner's rows."""

log = logging.getLogger("wxlogin.stores")


class SqlStore:
    """The `Store` of `login/ports.py`, and key rotation beside it."""

    def __init__(self, database: Database, keyring: KeyRing | None) -> None:
        """Without a `keyring`, for development, one is made and kept in the database itself."""
        self._database = database
        self._keyring = keyring
        self._pepper: bytes | None = None

    async def open(self) -> None:
        await self._database.open()
        if self._keyring is None:
            log.warning("no key ring: a key for development is kept in the database itself")
            candidate = os.urandom(KEY_BYTES)
            key = await self._write(lambda tx: secret_keys.keep_development_key(tx, candidate))
            self._keyring = KeyRing([Key("development", key)])

    @property
    def _keys(self) -> KeyRing:
        if self._keyring is None:
            raise errors.StoreUnavailable
        return self._keyring

    async def close(self) -> None:
        await self._database.close()

    async def ping(self) -> None:
        await self._read(pruning.ask)
        await self._write(pruning.touch, durable=False)

    # Codes

    async def claim_code(self, code_hash: bytes, *, now: datetime, until: datetime) -> int | None:
        return await self._write(
            lambda tx: claims.claim_code(tx, code_hash, until=until), durable=False
        )

    async def is_code_claimed(self, code_hash: bytes) -> bool:
        return await self._read(lambda tx: claims.is_claimed(tx, code_hash))

    async def release_code(self, code_hash: bytes) -> None:
        await self._write(lambda tx: claims.release_code(tx, code_hash), durable=False)

    # Accounts

    async def find_account_of(
        self, *, pool: str, app_id: str, openid: str, unionid: str | None
    ) -> Account | None:
        return await self._read(
            lambda tx: accounts.find_of(
                tx, pool=pool, app_id=app_id, openid=openid, unionid=unionid, keys=self._keys
            )
        )

    async def find_account(
        self,
        *,
        account_id: str | None = None,
        user_id: str | None = None,
        openid: str | None = None,
        phone: str | None = None,
        pool: str | None = None,
    ) -> Account | None:
        keys = self._keys
        if [account_id, user_id, openid, phone].count(None) != 3:
            raise ValueError("an account is found by exactly one of id, user_id, openid, phone")
        if account_id is not None:
            return await self._read(lambda tx: accounts.load(tx, account_id, keys=keys))
        if user_id is not None:
            return await self._read(lambda tx: accounts.find_by_user_id(tx, user_id, keys=keys))
        if openid is not None:
            return await self._read(
                lambda tx: accounts.find_by_openid(tx, openid, pool=pool, keys=keys)
            )
        phone_hash = await self._hash_phone(phone)
        return await self._read(
            lambda tx: accounts.find_by_phone(tx, phone_hash or b"", pool=pool, keys=keys)
        )

    async def commit_login(self, commit: LoginCommit) -> LoginOutcome:
        phone_hash = await self._hash_phone(commit.phone.e164 if commit.phone else None)
        try:
            return await self._write(
                lambda tx: logins.commit_login(tx, commit, phone_hash=phone_hash, keys=self._keys)
            )
        except logins.LoginUndone as undone:
            return undone.outcome

    async def change_account(
        self, account_id: str, change: AccountChange, *, told: Told = NOTHING
    ) -> Account | None:
        def unit(tx: Transaction) -> Account | None:
            return accounts.change(tx, account_id, change, told=told, keys=self._keys)

        try:
            return await self._guarded(self._database.write, unit)
        except UniqueBroken:
            return None

    async def change_phone(self, change: PhoneChange, *, told: Told = NOTHING) -> Verdict:
        phone_hash = await self._hash_phone(change.phone.e164) or b""
        return await self._judged(
            lambda tx: accounts.change_phone(
                tx, change, phone_hash=phone_hash, told=told, keys=self._keys
            )
        )

    async def change_avatar(
        self, change: AvatarChange, *, told: Told = NOTHING
    ) -> AvatarChanged | None:
        return await self._write(
            lambda tx: accounts.change_avatar(tx, change, told=told, keys=self._keys)
        )

    async def find_credential(
        self, *, pool: str, username_key: str, phone: str | None
    ) -> Credential | None:
        phone_hash = await self._hash_phone(phone) or b""
        return await self._read(
            lambda tx: credentials.find(
                tx, pool=pool, username_key=username_key, phone_hash=phone_hash, keys=self._keys
            )
        )

    async def find_credential_of(self, account_id: str) -> Credential | None:
        return await self._read(lambda tx: credentials.find_of(tx, account_id, keys=self._keys))

    async def count_failure(self, account_id: str) -> int:
        return await self._write(lambda tx: credentials.count_failure(tx, account_id))

    async def take_back_failure(self, account_id: str) -> None:
        await self._write(lambda tx: credentials.take_back_failure(tx, account_id))

    async def clear_failures(self, account_id: str) -> None:
        await self._write(lambda tx: credentials.clear_failures(tx, account_id))

    async def change_password(self, change: PasswordChange, *, told: Told = NOTHING) -> Verdict:
        phone_hash = await self._hash_phone(change.phone)
        return await self._judged(
            lambda tx: credentials.change(
                tx, change, phone_hash=phone_hash, told=told, keys=self._keys
            )
        )

    async def link_identity(self, link: IdentityLink, *, told: Told = NOTHING) -> Verdict:
        return await self._judged(lambda tx: identities.link(tx, link, told=told, keys=self._keys))

    async def unlink_identity(
        self,
        account_id: str,
        *,
        app_id: str,
        ending: Ending,
        phone_opens: bool,
        told: Told = NOTHING,
    ) -> Verdict:
        return await self._judged(
            lambda tx: identities.unlink(
                tx, account_id, app_id=app_id, ending=ending, phone_opens=phone_opens, told=told
            )
        )

    async def find_session_keys(
        self, *, app_id: str, openid: str, previous_after: datetime
    ) -> SessionKeys | None:
        return await self._read(
            lambda tx: session_keys.find_keys(
                tx, app_id=app_id, openid=openid, previous_after=previous_after, keys=self._keys
            )
        )

    async def replace_session_key(self, *, app_id: str, openid: str, key: SessionKey) -> bool:
        return await self._write(
            lambda tx: session_keys.replace_key(
                tx, app_id=app_id, openid=openid, key=key, at=key.obtained_at, keys=self._keys
            )
        )

    # Pictures

    async def keep_avatar(
        self,
        avatar_id: str,
        content: bytes,
        *,
        media_type: str,
        account_id: str,
        at: datetime,
    ) -> None:
        await self._write(
            lambda tx: avatars.keep(
                tx,
                avatar_id,
                account_id=account_id,
                content=content,
                media_type=media_type,
                at=at,
            )
        )

    async def find_avatar(self, avatar_id: str) -> tuple[bytes, str] | None:
        return await self._read(lambda tx: avatars.find(tx, avatar_id), long=True)

    async def drop_avatar(self, avatar_id: str) -> None:
        await self._write(lambda tx: avatars.drop(tx, avatar_id))

    # Sessions

    async def find_session(self, session_id: str) -> Session | None:
        row = await self._database.row(sessions.find_session, id=session_id)
        return None if row is None else session_from(row)

    def session_version(self) -> bytes | None:
        return self._database.version()

    async def list_sessions(
        self, account_id: str, *, now: datetime, idle_before: datetime
    ) -> Sequence[Session]:
        return await self._read(
            lambda tx: sessions.list_sessions(tx, account_id, now=now, idle_before=idle_before),
            long=True,
        )

    async def end_session(
        self, session_id: str, *, account_id: str, ending: Ending, told: Told = NOTHING
    ) -> bool:
        return await self._write(
            lambda tx: sessions.end_session(
                tx, session_id, account_id=account_id, ending=ending, told=told
            )
        )

    async def end_sessions(
        self,
        account_id: str,
        *,
        ending: Ending,
        keep: str | None = None,
        told: Told = NOTHING,
    ) -> int:
        return await self._write(
            lambda tx: sessions.end_sessions(tx, account_id, ending=ending, keep=keep, told=told)
        )

    async def seen(self, sessions_seen: Mapping[str, datetime]) -> None:
        await self._write(lambda tx: sessions.seen(tx, sessions_seen), durable=False)

    async def set_claims(self, account_id: str, claims: Mapping[str, Any]) -> int:
        return await self._write(lambda tx: sessions.set_claims(tx, account_id, claims))

    async def is_known_device(self, account_id: str, device_id: str) -> bool:
        return await self._read(lambda tx: sessions.is_known_device(tx, account_id, device_id))

    # Tickets, verification codes

    async def keep_ticket(self, ticket: Ticket) -> None:
        await self._write(lambda tx: tickets.keep(tx, ticket, keys=self._keys))

    async def find_ticket(self, ticket_hash: bytes, *, now: datetime) -> Ticket | None:
        return await self._read(lambda tx: tickets.find(tx, ticket_hash, now=now, keys=self._keys))

    async def keep_verification_code(self, code: VerificationCode) -> None:
        await self._write(lambda tx: verification.keep(tx, code))

    async def try_verification_code(self, spend: CodeSpend, *, limit: int, now: datetime) -> bool:
        return await self._write(lambda tx: verification.try_once(tx, spend, limit=limit, now=now))

    async def drop_verification_code(self, spend: CodeSpend) -> bool:
        return await self._write(lambda tx: verification.drop(tx, spend))

    # Applications

    async def find_application(self, application_id: str) -> Application | None:
        return await self._read(lambda tx: applications.find(tx, application_id, keys=self._keys))

    async def decide_application(
        self, decision: Decision, *, told: Told = NOTHING
    ) -> DecisionVerdict:
        return await self._write(lambda tx: applications.decide(tx, decision, told=told))

    # Apps

    async def list_apps(self) -> Sequence[App]:
        return await self._read(lambda tx: apps.list_all(tx, keys=self._keys))

    async def find_app(self, app_id: str) -> App | None:
        return await self._read(lambda tx: apps.find(tx, app_id, keys=self._keys))

    async def add_app(self, app: App, *, told: Told = NOTHING) -> bool:
        return await self._write(lambda tx: apps.add(tx, app, told=told, keys=self._keys))

    async def change_app(
        self, app_id: str, change: AppChange, *, told: Told = NOTHING
    ) -> App | None:
        return await self._write(
            lambda tx: apps.change(tx, app_id, change, told=told, keys=self._keys)
        )

    # Service keys

    async def add_service_key(self, key: ServiceKey, *, told: Told = NOTHING) -> None:
        await self._write(lambda tx: service_keys.add(tx, key, told=told))

    async def find_service_key(self, key_id: str) -> ServiceKey | None:
        row = await self._database.row(service_keys.find, id=key_id)
        return None if row is None else service_keys.key_from(row)

    async def list_service_keys(self) -> Sequence[ServiceKey]:
        return await self._read(service_keys.list_all)

    async def revoke_service_key(
        self, key_id: str, *, at: datetime, told: Told = NOTHING
    ) -> ServiceKey | None:
        return await self._write(lambda tx: service_keys.revoke(tx, key_id, at=at, told=told))

    async def use_service_keys(self, used: Mapping[str, datetime]) -> None:
        await self._write(lambda tx: service_keys.use(tx, used), durable=False)

    # Events and audit

    async def add_audit(self, line: AuditLine) -> None:
        await self._write(lambda tx: telling.write_line(tx, line))

    async def add_event(self, event: Event) -> None:
        await self._write(lambda tx: outbox.add(tx, event))

    async def lease_events(
        self, kinds: frozenset[str], *, now: datetime, until: datetime, limit: int
    ) -> Sequence[Event]:
        return await self._write(
            lambda tx: outbox.lease(tx, kinds, now=now, until=until, limit=limit)
        )

    async def drop_event(self, event_id: str) -> None:
        await self._write(lambda tx: outbox.drop(tx, event_id))

    # The audit log

    async def search_audit(self, query: AuditQuery, *, limit: int) -> Sequence[LoggedLine]:
        return await self._read(lambda tx: audit.search(tx, query, limit=limit), long=True)

    async def list_audit(
        self, *, after: int, since: datetime | None, until: datetime | None, limit: int
    ) -> Sequence[LoggedLine]:
        return await self._read(
            lambda tx: audit.list_by_id(tx, after=after, since=since, until=until, limit=limit),
            long=True,
        )

    async def list_audit_kinds(self) -> Sequence[str]:
        return await self._read(audit.list_kinds, long=True)

    async def count_unsealed(self) -> int:
        return await self._read(audit.count_unsealed, long=True)

    async def list_unsealed(self, *, limit: int) -> Sequence[LoggedLine]:
        return await self._read(lambda tx: audit.list_unsealed(tx, limit=limit), long=True)

    async def list_sealed(self, *, after: int | None, limit: int) -> Sequence[LoggedLine]:
        return await self._read(
            lambda tx: audit.list_sealed(tx, after=after, limit=limit), long=True
        )

    async def find_audit_head(self) -> AuditHead | None:
        return await self._read(audit.find_head)

    async def keep_sealed(
        self, links: Sequence[tuple[int, Point]], *, head: AuditHead, before: AuditHead | None
    ) -> bool:
        return await self._write(lambda tx: audit.keep_sealed(tx, links, head=head, before=before))

    async def drop_sealed(self, *, head: AuditHead, before: AuditHead) -> bool:
        return await self._write(lambda tx: audit.drop_sealed(tx, head=head, before=before))

    # People brought along

    async def import_people(
        self, people: Sequence[Newcomer], *, at: datetime, is_trial: bool = False
    ) -> Sequence[Arrival]:
        with_hashes = [
            (each, await self._hash_phone(each.phone.e164 if each.phone else None))
            for each in people
        ]
        run = self._read if is_trial else self._write
        return await run(
            lambda tx: imports.import_people(
                tx, with_hashes, at=at, is_trial=is_trial, keys=self._keys
            )
        )

    # Limits

    async def take(self, key: str, *, limit: int, window: timedelta, now: datetime) -> timedelta:
        return await self._write(
            lambda tx: limits.take(tx, key, limit=limit, window=window, now=now), durable=False
        )

    async def take_quotas(self, quotas_wanted: Sequence[Quota], *, now: datetime) -> timedelta:
        return await self._write(lambda tx: quotas.take(tx, quotas_wanted, now=now))

    async def give_back(self, quotas_taken: Sequence[Quota], *, taken_at: datetime) -> None:
        await self._write(
            lambda tx: quotas.give_back(tx, quotas_taken, taken_at=taken_at), durable=False
        )

    # WeChat's client

    async def find_access_token(self, app_id: str) -> AccessToken | None:
        return await self._read(lambda tx: access_tokens.find(tx, app_id, keys=self._keys))

    async def lease_access_token(
        self, app_id: str, *, now: datetime, until: datetime
    ) -> int | None:
        return await self._write(
            lambda tx: access_tokens.lease(tx, app_id, now=now, until=until), durable=False
        )

    async def keep_access_token(self, app_id: str, token: AccessToken) -> bool:
        return await self._write(lambda tx: access_tokens.keep(tx, app_id, token, keys=self._keys))

    async def end_lease(self, app_id: str, *, fence: int) -> None:
        await self._write(
            lambda tx: access_tokens.end_lease(tx, app_id, fence=fence), durable=False
        )

    async def drop_access_token(self, app_id: str, value: Secret) -> bool:
        return await self._write(lambda tx: access_tokens.drop(tx, app_id, value, keys=self._keys))

    # Operators

    async def add_operator(
        self, credential: OperatorCredential, *, name_key: str, told: Told = NOTHING
    ) -> bool:
        return await self._write(
            lambda tx: operators.add(tx, credential, name_key=name_key, told=told, keys=self._keys)
        )

    async def list_operators(self) -> Sequence[Operator]:
        return await self._read(operators.list_all)

    async def find_operator(self, operator_id: str) -> Operator | None:
        return await self._read(lambda tx: operators.find(tx, operator_id))

    async def find_operator_credential(self, name_key: str) -> OperatorCredential | None:
        return await self._read(lambda tx: operators.find_credential(tx, name_key, keys=self._keys))

    async def set_operator_disabled(
        self, operator_id: str, *, is_disabled: bool, told: Told = NOTHING
    ) -> Operator | None:
        return await self._write(
            lambda tx: operators.set_disabled(tx, operator_id, is_disabled=is_disabled, told=told)
        )

    async def set_operator_language(self, operator_id: str, language: str) -> None:
        await self._write(lambda tx: operators.set_language(tx, operator_id, language))

    async def change_operator_credential(
        self, change: CredentialChange, *, told: Told = NOTHING
    ) -> bool:
        return await self._write(
            lambda tx: operators.change_credential(tx, change, told=told, keys=self._keys)
        )

    async def begin_operator_session(
        self, session: NewOperatorSession, *, told: Told = NOTHING
    ) -> bool:
        return await self._write(lambda tx: operators.begin_session(tx, session, told=told))

    async def find_operator_session(self, session_id: str) -> OperatorSession | None:
        return await self._read(lambda tx: operators.find_session(tx, session_id))

    async def operator_seen(self, session_id: str, at: datetime) -> None:
        await self._write(lambda tx: operators.seen(tx, session_id, at), durable=False)

    async def end_operator_session(
        self, session_id: str, *, at: datetime, told: Told = NOTHING
    ) -> bool:
        return await self._write(lambda tx: operators.end_session(tx, session_id, at=at, told=told))

    # What operators look at

    async def search_accounts(self, query: AccountQuery) -> Sequence[AccountRow]:
        phone_hash = await self._hash_phone(query.phone)
        return await self._read(
            lambda tx: overview.search(tx, query, phone_hash=phone_hash, keys=self._keys),
            long=True,
        )

    async def list_logins(self, account_id: str, *, limit: int) -> Sequence[LoginRow]:
        return await self._read(
            lambda tx: overview.list_logins(tx, account_id, limit=limit), long=True
        )

    async def list_agreements(self, account_id: str) -> Sequence[AgreementRow]:
        return await self._read(lambda tx: overview.list_agreements(tx, account_id), long=True)

    async def list_applications(
        self,
        *,
        status: ApplicationStatus | None = None,
        account_id: str | None = None,
        before: tuple[datetime, str] | None = None,
        limit: int = 50,
    ) -> Sequence[ApplicationRow]:
        return await self._read(
            lambda tx: overview.list_applications(
                tx,
                status=status,
                account_id=account_id,
                before=before,
                limit=limit,
                keys=self._keys,
            ),
            long=True,
        )

    async def find_application_row(self, application_id: str) -> ApplicationRow | None:
        return await self._read(
            lambda tx: overview.find_application(tx, application_id, keys=self._keys)
        )

    async def count_accounts(self) -> Mapping[AccountStatus, int]:
        return await self._read(overview.count_accounts, long=True)

    async def count_applications(self, status: ApplicationStatus) -> int:
        return await self._read(lambda tx: overview.count_applications(tx, status), long=True)

    async def count_live_sessions(self, *, now: datetime, idle_before: datetime) -> int:
        return await self._read(
            lambda tx: overview.count_live_sessions(tx, now=now, idle_before=idle_before),
            long=True,
        )

    async def count_logins(self, edges: Sequence[datetime]) -> Sequence[tuple[int, int]]:
        return await self._read(lambda tx: overview.count_logins(tx, edges), long=True)

    async def list_samples(self, prefix: str, *, since: datetime) -> Sequence[Sample]:
        return await self._read(lambda tx: samples.list_since(tx, prefix, since), long=True)

    async def has_sample(self, name: str, at: datetime) -> bool:
        return await self._read(lambda tx: samples.has(tx, name, at))

    async def set_sample(self, sample: Sample) -> None:
        await self._write(lambda tx: samples.put(tx, sample), durable=False)

    async def add_samples(self, counted: Sequence[Sample]) -> None:
        await self._write(lambda tx: samples.add(tx, counted), durable=False)

    # Leaving, merging, what WeChat says

    async def start_erasure(self, start: ErasureStart, *, told: Told = NOTHING) -> Verdict:
        return await self._judged(lambda tx: leaving.start(tx, start, told=told))

    async def stop_erasure(self, account_id: str, *, told: Told = NOTHING) -> bool:
        return await self._write(lambda tx: leaving.stop(tx, account_id, told=told))

    async def list_due_erasures(
        self, *, now: datetime, limit: int, after: DueErasure | None = None
    ) -> Sequence[DueErasure]:
        return await self._read(
            lambda tx: leaving.list_due(tx, now=now, limit=limit, after=after), long=True
        )

    async def erase_account(self, account_id: str, *, now: datetime, told: Told = NOTHING) -> bool:
        erased = await self._write(lambda tx: leaving.erase(tx, account_id, now=now, told=told))
        if erased:
            await self._database.scrub()
        return erased

    async def list_erased(self, *, since: datetime) -> Sequence[Erased]:
        return await self._read(lambda tx: leaving.list_erased(tx, since=since), long=True)

    async def find_kept(self, account_id: str) -> Kept | None:
        return await self._read(lambda tx: kept.find(tx, account_id, keys=self._keys), long=True)

    async def merge_accounts(self, merge: Merge, *, told: Told) -> Verdict:
        return await self._judged(lambda tx: merging.merge(tx, merge, told=told, keys=self._keys))

    async def commit_push(self, commit: PushCommit) -> PushOutcome:
        return await self._write(lambda tx: pushes.commit(tx, commit))

    # Keys and housekeeping

    async def secret_key(self, name: str, candidate: bytes) -> bytes:
        kept = await self._read(lambda tx: secret_keys.find(tx, name, keys=self._keys))
        if kept is not None:
            return kept
        return await self._write(lambda tx: secret_keys.keep(tx, name, candidate, keys=self._keys))

    async def prune(self, *, now: datetime, limit: int) -> int:
        return await self._write(lambda tx: pruning.prune(tx, now=now, limit=limit), durable=False)

    async def sealed_under(self) -> dict[str, int]:
        """How many sealed values stand under each key id: at none, the key can go."""
        return await self._read(resealing.sealed_under, long=True)

    async def reseal(self, limit: int) -> int:
        """Seal up to `limit` values of older keys under the newest; 0 when all are.

        Every process must have the newest key before: else one still writes under the old.
        """
        header = self._keys.newest_header
        stale = await self._read(
            lambda tx: resealing.find_stale(tx, newest_header=header, limit=limit), long=True
        )
        if not stale:
            return 0
        await self._write(lambda tx: resealing.reseal(tx, stale, keys=self._keys))
        return len(stale)

    async def _hash_phone(self, phone: str | None) -> bytes | None:
        if phone is None:
            return None
        if self._pepper is None:
            # Kept among the secret keys, so that rotating the key ring does not change the hashes.
            self._pepper = await self.secret_key("phone_pepper", os.urandom(32))
        return lookup_hash(phone, self._pepper)

    async def _read(self, unit: Callable[[Transaction], T], *, long: bool = False) -> T:
        return await self._guarded(self._database.read, unit, long=long)

    async def _write(self, unit: Callable[[Transaction], T], *, durable: bool = True) -> T:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._guarded(self._database.write, unit, durable=durable)
            except (Outraced, UniqueBroken):
                if attempt < ATTEMPTS:
                    await asyncio.sleep(0.001 * attempt)
        log.error("a unit was outraced %d times", ATTEMPTS)
        raise errors.StoreUnavailable

    async def _judged(self, unit: Callable[[Transaction], Verdict]) -> Verdict:
        try:
            return await self._write(unit)
        except Undone as undone:
            return undone.verdict

    async def _guarded(
        self, run: Callable[..., Any], unit: Callable[[Transaction], T], **how: bool
    ) -> T:
        try:
            done: T = await run(unit, **how)
        except SealBroken as broken:
            if broken.key_id is not None:
                log.error(  # noqa: TRY400 - the trace would say no more
                    "a value is sealed under the key %r, which is not here", broken.key_id
                )
            else:
                log.error("a sealed value was changed, or moved")  # noqa: TRY400
            raise errors.StoreUnavailable from None
        return done
