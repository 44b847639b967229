"""A model of the store in dictionaries: what SQL is compared with, and what is broken on purpose.

It knows logins by an identity, sessions, the outbox, limits and access tokens; it knows no
phones, no passwords, no verification codes and no audit log.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from wxlogin.login import errors
from wxlogin.login.accounts import (
    Account,
    AccountStatus,
    Agreement,
    Identity,
    ProvenIdentity,
    SessionKey,
    SessionKeys,
)
from wxlogin.login.ports import (
    NOTHING,
    AccessToken,
    AccountChange,
    Event,
    LoginCommit,
    LoginOutcome,
    LoginVerdict,
    NewSession,
    Ticket,
    Told,
)
from wxlogin.login.secret import Secret
from wxlogin.login.sessions import Ending, Session, is_enabled_again
from wxlogin.stores.limits import hash_of, moment_of, pace
from wxlogin.stores.logins import announced, replaced_by
from wxlogin.stores.pruning import MEMORY
from wxlogin.stores.records import plain


@dataclass(slots=True)
class _Link:
    """An identity: whose it is, and its session_keys."""

    account_id: str
    unionid: str | None
    linked_at: datetime
    key: SessionKey
    previous: SessionKey | None = None
    displaced_at: datetime | None = None

    def displace(self, key: SessionKey, *, at: datetime) -> bool:
        if key.sequence <= self.key.sequence:
            return False
        if key.value != self.key.value:
            self.previous, self.displaced_at = self.key, at
        self.key = key
        return True


@dataclass(slots=True)
class _Fetch:
    """What is kept of an app's access_token."""

    token: AccessToken | None = None
    fence: int = 0
    leased_fence: int = 0
    leased_until: datetime | None = None


@dataclass(slots=True)
class _Kept:
    """Everything that is remembered."""

    sequence: int = 0
    claims: dict[bytes, datetime] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    epoch_reasons: dict[str, str | None] = field(default_factory=dict)
    links: dict[tuple[str, str], _Link] = field(default_factory=dict)
    unionids: dict[tuple[str, str], str] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    agreements: dict[tuple[str, Agreement], datetime] = field(default_factory=dict)
    logins: list[tuple[datetime, str, str]] = field(default_factory=list)
    tickets: dict[bytes, Ticket] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    leases: dict[str, datetime] = field(default_factory=dict)
    rates: dict[bytes, int] = field(default_factory=dict)
    fetches: dict[str, _Fetch] = field(default_factory=dict)
    secret_keys: dict[str, bytes] = field(default_factory=dict)


class ModelStore:
    """What it knows of `login/ports/`, one lock around each call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_open = False
        self._all = _Kept()

    async def open(self) -> None:
        self._is_open = True

    async def close(self) -> None:
        self._is_open = False

    async def ping(self) -> None:
        with self._kept():
            pass

    # Codes

    async def claim_code(self, code_hash: bytes, *, now: datetime, until: datetime) -> int | None:
        with self._kept() as kept:
            if code_hash in kept.claims:
                return None
            kept.claims[code_hash] = until
            kept.sequence += 1
            return kept.sequence

    async def release_code(self, code_hash: bytes) -> None:
        with self._kept() as kept:
            kept.claims.pop(code_hash, None)

    # Accounts

    async def find_account_of(
        self, *, pool: str, app_id: str, openid: str, unionid: str | None
    ) -> Account | None:
        with self._kept() as kept:
            link = kept.links.get((app_id, openid))
            found = link.account_id if link else None
            if found is None and unionid:
                found = kept.unionids.get((pool, unionid))
            return None if found is None else _account(kept, found)

    async def find_account(
        self,
        *,
        account_id: str | None = None,
        user_id: str | None = None,
        openid: str | None = None,
        pool: str | None = None,
    ) -> Account | None:
        with self._kept() as kept:
            if account_id is not None:
                found = {account_id} & kept.accounts.keys()
            elif user_id is not None:
                found = _by_user_id(kept, user_id)
            else:
                linked = {link.account_id for key, link in kept.links.items() if key[1] == openid}
                found = {each for each in linked if pool in (None, kept.accounts[each].pool)}
            return _account(kept, found.pop()) if len(found) == 1 else None

    async def commit_login(self, commit: LoginCommit) -> LoginOutcome:
        with self._kept() as kept:
            return _Login(kept, commit).run()

    async def change_account(
        self, account_id: str, change: AccountChange, *, told: Told = NOTHING
    ) -> Account | None:
        with self._kept() as kept:
            account = kept.accounts.get(account_id)
            if account is None or _by_user_id(kept, change.user_id) - {account.id}:
                return None
            if change.status is not None and account.status not in change.status_from:
                return None
            _announce(kept, told.event)
            fields = ("nickname", "avatar_url", "user_id")
            changed = {name: getattr(change, name) for name in fields}
            changed = {name: value for name, value in changed.items() if value is not None}
            if change.claims is not None:
                changed["claims"] = plain(change.claims)
            if change.status is not None:
                changed["status"] = change.status
                changed["disabled_until"], changed["reason"] = change.disabled_until, change.reason
            kept.accounts[account_id] = replace(account, **changed)
            return _account(kept, account_id)

    async def find_session_keys(
        self, *, app_id: str, openid: str, previous_after: datetime
    ) -> SessionKeys | None:
        with self._kept() as kept:
            link = kept.links.get((app_id, openid))
            if link is None:
                return None
            is_fresh = link.displaced_at is not None and link.displaced_at > previous_after
            return SessionKeys(link.key, link.previous if is_fresh else None)

    async def replace_session_key(self, *, app_id: str, openid: str, key: SessionKey) -> bool:
        with self._kept() as kept:
            link = kept.links.get((app_id, openid))
            return link is not None and link.displace(key, at=key.obtained_at)

    # Sessions

    async def find_session(self, session_id: str) -> Session | None:
        with self._kept() as kept:
            session = kept.sessions.get(session_id)
            return None if session is None else _whole(kept, session)

    def session_version(self) -> bytes | None:
        return None  # a read costs no more than asking would

    async def list_sessions(
        self, account_id: str, *, now: datetime, idle_before: datetime
    ) -> Sequence[Session]:
        with self._kept() as kept:
            live = _live(kept, account_id, now=now, idle_before=idle_before)
            return [_whole(kept, session) for session in live]

    async def end_session(
        self, session_id: str, *, account_id: str, ending: Ending, told: Told = NOTHING
    ) -> bool:
        with self._kept() as kept:
            session = kept.sessions.get(session_id)
            if session is None or session.account_id != account_id:
                return False
            if _end(kept, [session], ending) == 0:
                return False
            _announce(kept, told.event)
            return True

    async def end_sessions(
        self,
        account_id: str,
        *,
        ending: Ending,
        keep: str | None = None,
        told: Told = NOTHING,
    ) -> int:
        with self._kept() as kept:
            _announce(kept, told.event)
            account = kept.accounts.get(account_id)
            if keep is None and account is not None:
                kept.accounts[account_id] = replace(account, epoch=account.epoch + 1)
                kept.epoch_reasons[account_id] = ending.reason
            return _end(kept, [each for each in _of(kept, account_id) if each.id != keep], ending)

    async def seen(self, sessions: Mapping[str, datetime]) -> None:
        with self._kept() as kept:
            for session_id, at in sessions.items():
                session = kept.sessions.get(session_id)
                if session is not None and session.last_seen_at < at:
                    kept.sessions[session_id] = replace(session, last_seen_at=at)

    async def set_claims(self, account_id: str, claims: Mapping[str, Any]) -> int:
        with self._kept() as kept:
            live = [each for each in _of(kept, account_id) if each.ending is None]
            for session in live:
                kept.sessions[session.id] = replace(session, claims=plain(claims))
            return len(live)

    # Tickets

    async def keep_ticket(self, ticket: Ticket) -> None:
        with self._kept() as kept:
            kept.tickets.setdefault(ticket.hash, ticket)

    async def find_ticket(self, ticket_hash: bytes, *, now: datetime) -> Ticket | None:
        with self._kept() as kept:
            ticket = kept.tickets.get(ticket_hash)
            return ticket if ticket is not None and now < ticket.expires_at else None

    # Events

    async def add_event(self, event: Event) -> None:
        with self._kept() as kept:
            _announce(kept, event)

    async def lease_events(
        self, kinds: frozenset[str], *, now: datetime, until: datetime, limit: int
    ) -> Sequence[Event]:
        with self._kept() as kept:
            free = [
                event
                for event in kept.events.values()
                if event.kind in kinds
                and (event.id not in kept.leases or kept.leases[event.id] <= now)
            ]
            leased = sorted(
                free,
                key=lambda event: (
                    (kept.leases.get(event.id, event.at), event.at, event.id)
                    if event.id in kept.leases
                    else (datetime.min.replace(tzinfo=UTC), event.at, event.id)
                ),
            )[:limit]
            kept.leases.update({event.id: until for event in leased})
            return leased

    async def drop_event(self, event_id: str) -> None:
        with self._kept() as kept:
            kept.events.pop(event_id, None)
            kept.leases.pop(event_id, None)

    # Limits

    async def take(self, key: str, *, limit: int, window: timedelta, now: datetime) -> timedelta:
        if limit < 1:
            return window
        step, tolerance = pace(limit, window)
        at, key_hash = moment_of(now), hash_of(key)
        with self._kept() as kept:
            full_until = kept.rates.get(key_hash, at)
            if full_until > at + tolerance:
                return timedelta(microseconds=full_until - tolerance - at)
            kept.rates[key_hash] = max(full_until, at) + step
            return timedelta(0)

    # WeChat's client

    async def find_access_token(self, app_id: str) -> AccessToken | None:
        with self._kept() as kept:
            fetch = kept.fetches.get(app_id)
            return fetch.token if fetch else None

    async def lease_access_token(
        self, app_id: str, *, now: datetime, until: datetime
    ) -> int | None:
        with self._kept() as kept:
            fetch = kept.fetches.setdefault(app_id, _Fetch())
            if fetch.leased_until is not None and now < fetch.leased_until:
                return None
            fetch.leased_fence, fetch.leased_until = fetch.leased_fence + 1, until
            return fetch.leased_fence

    async def keep_access_token(self, app_id: str, token: AccessToken) -> bool:
        with self._kept() as kept:
            fetch = kept.fetches.setdefault(app_id, _Fetch())
            if token.fence <= fetch.fence:
                return False
            fetch.token, fetch.fence = token, token.fence
            if fetch.leased_fence <= token.fence:
                fetch.leased_fence, fetch.leased_until = token.fence, None
            return True

    async def end_lease(self, app_id: str, *, fence: int) -> None:
        with self._kept() as kept:
            fetch = kept.fetches.get(app_id)
            if fetch is not None and fetch.leased_fence == fence:
                fetch.leased_until = None

    async def drop_access_token(self, app_id: str, value: Secret) -> bool:
        with self._kept() as kept:
            fetch = kept.fetches.get(app_id)
            if fetch is None or fetch.token is None or fetch.token.value != value:
                return False
            fetch.token = None
            return True

    # Keys and housekeeping

    async def secret_key(self, name: str, candidate: bytes) -> bytes:
        with self._kept() as kept:
            return kept.secret_keys.setdefault(name, candidate)

    async def prune(self, *, now: datetime, limit: int) -> int:
        with self._kept() as kept:
            return sum(
                (
                    _drop(kept.claims, [k for k, v in kept.claims.items() if v < now], limit),
                    _drop(
                        kept.tickets,
                        [k for k, v in kept.tickets.items() if v.expires_at < now],
                        limit,
                    ),
                    _drop(
                        kept.sessions,
                        [k for k, v in kept.sessions.items() if v.expires_at < now - MEMORY],
                        limit,
                    ),
                    _drop(
                        kept.events,
                        [k for k, v in kept.events.items() if v.at < now - MEMORY],
                        limit,
                    ),
                    _drop(
                        kept.rates, [k for k, v in kept.rates.items() if v < moment_of(now)], limit
                    ),
                )
            )

    @contextmanager
    def _kept(self) -> Iterator[_Kept]:
        if not self._is_open:
            raise errors.StoreUnavailable
        with self._lock:
            yield self._all


class _Login:
    """One commit: first every question that may refuse it, then every write."""

    def __init__(self, kept: _Kept, commit: LoginCommit) -> None:
        self._kept = kept
        self._commit = commit
        self._identity = identity_of(commit)
        self._link = kept.links.get((commit.app_id, self._identity.openid))

    def run(self) -> LoginOutcome:
        kept, commit = self._kept, self._commit
        if commit.ticket_hash is not None:
            ticket = kept.tickets.get(commit.ticket_hash)
            if ticket is None or ticket.expires_at <= commit.at:
                return LoginOutcome(LoginVerdict.TICKET_SPENT)
        found = self._find()
        if isinstance(found, LoginVerdict):
            return LoginOutcome(found)
        is_new = found.id not in kept.accounts
        refusal = self._judge(found)
        if refusal is not None:
            account = None if is_new else _account(kept, found.id)
            return LoginOutcome(refusal, account=account)
        return self._write(found, is_new=is_new)

    def _find(self) -> Account | LoginVerdict:
        kept, commit, unionid = self._kept, self._commit, self._identity.unionid
        if self._link is not None:
            return kept.accounts[self._link.account_id]
        if unionid and (commit.pool, unionid) in kept.unionids:
            return kept.accounts[kept.unionids[commit.pool, unionid]]
        owner = _by_user_id(kept, commit.user_id)
        if owner:
            account = kept.accounts[owner.pop()]
            is_here = any(
                app_id == commit.app_id and link.account_id == account.id
                for (app_id, _), link in kept.links.items()
            )
            is_taken = is_here or account.pool != commit.pool
            return LoginVerdict.USER_ID_TAKEN if is_taken else account
        return self._newcomer()

    def _newcomer(self) -> Account | LoginVerdict:
        new = self._commit.registration
        if new is None:
            return LoginVerdict.UNKNOWN
        return Account(
            id=new.id,
            pool=self._commit.pool,
            user_id=self._commit.user_id,
            status=new.status,
            epoch=0,
            created_at=self._commit.at,
            nickname=new.nickname,
            pseudonym=new.pseudonym,
        )

    def _judge(self, account: Account) -> LoginVerdict | None:
        at = self._commit.at
        if account.status is not AccountStatus.ACTIVE and not is_enabled_again(
            account.status, account.disabled_until, at
        ):
            return LoginVerdict.NOT_ACTIVE
        user_id = self._commit.user_id
        if account.user_id is None and _by_user_id(self._kept, user_id):
            return LoginVerdict.USER_ID_TAKEN
        return None

    def _write(self, account: Account, *, is_new: bool) -> LoginOutcome:
        kept, commit = self._kept, self._commit
        if commit.ticket_hash is not None:
            del kept.tickets[commit.ticket_hash]
        if account.status is not AccountStatus.ACTIVE:
            account = replace(
                account, status=AccountStatus.ACTIVE, disabled_until=None, reason=None
            )
        account = replace(
            account, user_id=commit.user_id if account.user_id is None else account.user_id
        )
        kept.accounts[account.id] = account
        link = self._tie_identity(account.id)
        is_clash = self._tie_unionid(link)
        self._make_room(account)
        session = self._add_session(account, unionid=link.unionid)
        self._note(account, is_new=is_new)
        return LoginOutcome(
            LoginVerdict.DONE,
            account=_account(kept, account.id),
            session=_whole(kept, session),
            is_new_account=is_new,
            unionid_clash=is_clash,
        )

    def _tie_identity(self, account_id: str) -> _Link:
        commit = self._commit
        if self._link is not None:
            self._link.displace(self._identity.session_key, at=commit.at)
            return self._link
        link = _Link(account_id, None, commit.at, self._identity.session_key)
        self._kept.links[commit.app_id, self._identity.openid] = link
        return link

    def _tie_unionid(self, link: _Link) -> bool:
        """Whether WeChat's unionid does not fit; then nothing moves."""
        unionid = self._identity.unionid or None
        if unionid is None:
            return False
        if link.unionid not in (None, unionid):
            return True
        owner = self._kept.unionids.setdefault((self._commit.pool, unionid), link.account_id)
        if owner != link.account_id:
            return True
        link.unionid = unionid
        return False

    def _make_room(self, account: Account) -> None:
        kept, commit = self._kept, self._commit
        device = session_of(commit).device
        if device.id is not None:
            same = [
                each
                for each in _of(kept, account.id)
                if each.app_id == commit.app_id and each.device.id == device.id
            ]
            _end(kept, same, replaced_by(commit))
        live = _live(kept, account.id, now=commit.at, idle_before=commit.idle_before)
        _end(kept, live[max(0, commit.max_sessions - 1) :], replaced_by(commit))

    def _add_session(self, account: Account, *, unionid: str | None) -> Session:
        new = session_of(self._commit)
        session = Session(
            id=new.id,
            secret_hash=new.secret_hash,
            account_id=account.id,
            user_id=account.user_id,
            app_id=self._commit.app_id,
            openid=self._identity.openid,
            unionid=unionid,
            epoch=account.epoch,
            claims=plain(new.claims),
            device=new.device,
            created_at=new.created_at,
            last_seen_at=new.created_at,
            expires_at=new.expires_at,
            idle_ttl=new.idle_ttl,
            ending=None,
            account_status=account.status,
            account_disabled_until=None,
            account_epoch=account.epoch,
            account_epoch_reason=None,
        )
        self._kept.sessions[session.id] = session
        return session

    def _note(self, account: Account, *, is_new: bool) -> None:
        kept, commit = self._kept, self._commit
        for agreement in commit.agreements:
            kept.agreements.setdefault((account.id, agreement), commit.at)
        kept.logins.append((commit.at, account.id, session_of(commit).id))
        happened = {"registered": is_new, "login": True}
        for event in announced(
            commit, account_id=account.id, user_id=account.user_id, happened=happened
        ):
            kept.events.setdefault(event.id, replace(event, data=plain(event.data)))


def identity_of(commit: LoginCommit) -> ProvenIdentity:
    assert commit.identity is not None
    return commit.identity


def session_of(commit: LoginCommit) -> NewSession:
    assert commit.session is not None
    return commit.session


def _account(kept: _Kept, account_id: str) -> Account | None:
    account = kept.accounts.get(account_id)
    if account is None:
        return None
    identities = [
        Identity(app_id, openid, link.unionid, link.linked_at)
        for (app_id, openid), link in kept.links.items()
        if link.account_id == account_id
    ]
    identities.sort(key=lambda each: (each.linked_at, each.app_id, each.openid))
    return replace(account, claims=plain(account.claims), identities=tuple(identities))


def _whole(kept: _Kept, session: Session) -> Session:
    """The session with what its account is at this moment."""
    account = kept.accounts[session.account_id]
    return replace(
        session,
        claims=plain(session.claims),
        user_id=account.user_id,
        account_status=account.status,
        account_disabled_until=account.disabled_until,
        account_epoch=account.epoch,
        account_epoch_reason=kept.epoch_reasons.get(account.id),
    )


def _of(kept: _Kept, account_id: str) -> list[Session]:
    return [session for session in kept.sessions.values() if session.account_id == account_id]


def _live(kept: _Kept, account_id: str, *, now: datetime, idle_before: datetime) -> list[Session]:
    """The account's live sessions, latest seen first."""
    account = kept.accounts.get(account_id)
    live = [
        session
        for session in _of(kept, account_id)
        if session.ending is None
        and account is not None
        and session.epoch == account.epoch
        and session.expires_at > now
        and session.last_seen_at > idle_before
    ]
    return sorted(
        live, key=lambda each: (each.last_seen_at, each.created_at, each.id), reverse=True
    )


def _end(kept: _Kept, sessions: list[Session], ending: Ending) -> int:
    running = [session for session in sessions if session.ending is None]
    for session in running:
        kept.sessions[session.id] = replace(session, ending=ending)
    return len(running)


def _announce(kept: _Kept, event: Event | None) -> None:
    if event is not None:
        kept.events.setdefault(event.id, replace(event, data=plain(event.data)))


def _by_user_id(kept: _Kept, user_id: str | None) -> set[str]:
    if user_id is None:
        return set()
    return {account.id for account in kept.accounts.values() if account.user_id == user_id}


def _drop(kept: dict[Any, Any], overdue: list[Any], limit: int) -> int:
    for key in overdue[:limit]:
        del kept[key]
    return len(overdue[:limit])
