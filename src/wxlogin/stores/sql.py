"""The store in SQL: each port's method hands one unit of work to the database."""

import asyncio
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from wxlogin.login import errors
from wxlogin.login.accounts import Account, SessionKey, SessionKeys
from wxlogin.login.policy import App
from wxlogin.login.ports import (
    AccessToken,
    AccountChange,
    Event,
    LoginCommit,
    LoginOutcome,
    Ticket,
)
from wxlogin.login.secret import Secret
from wxlogin.login.sessions import Ending, Session
from wxlogin.stores import (
    access_tokens,
    accounts,
    apps,
    claims,
    limits,
    logins,
    outbox,
    pruning,
    resealing,
    secret_keys,
    session_keys,
    sessions,
    tickets,
)
from wxlogin.stores.database import Database, Outraced, Transaction, UniqueBroken
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
        phone = commit.registration.phone if commit.registration else None
        phone_hash = await self._hash_phone(phone.e164 if phone else None)
        try:
            return await self._write(
                lambda tx: logins.commit_login(tx, commit, phone_hash=phone_hash, keys=self._keys)
            )
        except logins.LoginUndone as undone:
            return undone.outcome

    async def change_account(self, account_id: str, change: AccountChange) -> Account | None:
        phone_hash = await self._hash_phone(change.phone.e164 if change.phone else None)

        def unit(tx: Transaction) -> Account | None:
            return accounts.change(tx, account_id, change, phone_hash=phone_hash, keys=self._keys)

        try:
            return await self._guarded(self._database.write, unit)
        except UniqueBroken:
            return None

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
        self, session_id: str, *, account_id: str, ending: Ending, event: Event | None = None
    ) -> bool:
        return await self._write(
            lambda tx: sessions.end_session(
                tx, session_id, account_id=account_id, ending=ending, event=event
            )
        )

    async def end_sessions(
        self,
        account_id: str,
        *,
        ending: Ending,
        keep: str | None = None,
        event: Event | None = None,
    ) -> int:
        return await self._write(
            lambda tx: sessions.end_sessions(tx, account_id, ending=ending, keep=keep, event=event)
        )

    async def seen(self, sessions_seen: Mapping[str, datetime]) -> None:
        await self._write(lambda tx: sessions.seen(tx, sessions_seen), durable=False)

    async def set_claims(self, account_id: str, claims: Mapping[str, Any]) -> int:
        return await self._write(lambda tx: sessions.set_claims(tx, account_id, claims))

    # Tickets

    async def keep_ticket(self, ticket: Ticket) -> None:
        await self._write(lambda tx: tickets.keep(tx, ticket, keys=self._keys))

    async def find_ticket(self, ticket_hash: bytes, *, now: datetime) -> Ticket | None:
        return await self._read(lambda tx: tickets.find(tx, ticket_hash, now=now, keys=self._keys))

    # Apps

    async def list_apps(self) -> Sequence[App]:
        return await self._read(lambda tx: apps.list_all(tx, keys=self._keys))

    async def find_app(self, app_id: str) -> App | None:
        return await self._read(lambda tx: apps.find(tx, app_id, keys=self._keys))

    async def keep_app(self, app: App) -> None:
        await self._write(lambda tx: apps.keep(tx, app, keys=self._keys))

    # Events

    async def add_event(self, event: Event) -> None:
        await self._write(lambda tx: outbox.add(tx, event))

    async def lease_events(self, *, now: datetime, until: datetime, limit: int) -> Sequence[Event]:
        return await self._write(lambda tx: outbox.lease(tx, now=now, until=until, limit=limit))

    async def drop_event(self, event_id: str) -> None:
        await self._write(lambda tx: outbox.drop(tx, event_id))

    # Limits

    async def take(self, key: str, *, limit: int, window: timedelta, now: datetime) -> timedelta:
        return await self._write(
            lambda tx: limits.take(tx, key, limit=limit, window=window, now=now), durable=False
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
