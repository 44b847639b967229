"""What the core asks of those around it. The docstrings are the contract.

For every store port: missing, expired and malformed are answers (`None`, `False`,
0); only a store that cannot answer raises, and then `StoreUnavailable`. A store
keeps records and knows no rules. Each call is atomic and safe under any number of
callers in any number of processes; what it acknowledged survives a crash, unless
its docstring says otherwise. `testing/stores.py` holds any store to all of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from wxlogin.login import errors
from wxlogin.login.accounts import (
    Account,
    AccountStatus,
    Agreement,
    Phone,
    SessionKey,
    SessionKeys,
    Who,
)
from wxlogin.login.policy import App, Door
from wxlogin.login.secret import Secret
from wxlogin.login.sessions import Device, Ending, Session

Clock = Callable[[], datetime]
"""The time now, aware and in UTC."""

Random = Callable[[int], bytes]
"""That many bytes from the operating system's generator."""


# WeChat


@dataclass(frozen=True, slots=True)
class CodeExchange:
    """What code2Session answered."""

    openid: str
    unionid: str | None
    session_key: Secret


class NothingSent(Exception):
    """WeChat was not reached, and not one byte of the request left: the code is unspent.

    `from_breaker`: it was not even tried.
    """

    def __init__(
        self,
        *,
        from_breaker: bool = False,
        retry_after: int = 1,
        refusal: errors.WxLoginError | None = None,
    ) -> None:
        """`refusal` is what the person is told, where it is not that WeChat is unavailable."""
        super().__init__()
        self.from_breaker = from_breaker
        self.retry_after = retry_after
        self.refusal = refusal

    def told(self) -> errors.WxLoginError:
        """The error to answer with."""
        return self.refusal or errors.WeChatUnavailable(retry_after=self.retry_after)


class WeChat(Protocol):
    """The platform, as far as a login needs it."""

    async def exchange_code(self, app: App, code: str) -> CodeExchange:
        """Exchange `code` by code2Session, at most once on the wire (contract §1).

        Raises `NothingSent` where the code is certainly unspent, and then only; else
        `CodeInvalid`, `CodeUsed`, `WeChatBlocked`, `RateLimited`, `AppMisconfigured`, or
        `WeChatUnavailable(retry="new_code")` where the code may be spent.
        """
        ...

    async def is_session_key_valid(self, app: App, *, openid: str, session_key: Secret) -> bool:
        """Whether WeChat still holds this session_key valid (`wxa/checksession`, contract §2.1).

        Raises `WeChatUnavailable`, `RateLimited`, `AppMisconfigured`.
        """
        ...


# Codes


class CodeClaims(Protocol):
    """Who may exchange a code. A claim must be exclusive; it need not be durable."""

    async def claim_code(self, code_hash: bytes, *, now: datetime, until: datetime) -> int | None:
        """Claim the code; the first caller gets a sequence number, every other one None.

        Sequence numbers are positive and rise with the order of claims over all processes
        and restarts. A claim may be forgotten after `until`, never before.
        """
        ...

    async def release_code(self, code_hash: bytes) -> None:
        """Take a claim back: no byte of the exchange left, so the code is unspent."""
        ...


# Accounts


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an account begins with, should the login make one."""

    id: str
    status: AccountStatus = AccountStatus.ACTIVE
    nickname: str | None = None
    phone: Phone | None = None


@dataclass(frozen=True, slots=True)
class NewSession:
    """The session a login asks for. Its epoch is the account's, read in the same transaction."""

    id: str
    secret_hash: bytes = field(repr=False)
    claims: Mapping[str, Any]
    device: Device
    created_at: datetime
    expires_at: datetime
    idle_ttl: timedelta


@dataclass(frozen=True, slots=True)
class LoginCommit:
    """Everything one login writes. It becomes true as a whole or not at all.

    The account is found by (app_id, openid); else by (pool, unionid), where there is
    a unionid; else by `user_id`, where the host named one and that account has no
    identity in this app yet; else it is `registration`, where that is given. The
    identity, and the unionid where nobody has it yet, are tied to it.

    `user_id` is set on an account that has none. `session_key` is written only over a
    smaller sequence number, and what it displaces becomes the previous key, unless it is
    the same key again.
    The session of the same account, app and `device.id` ends as replaced by this
    device; so do the sessions longest unseen, beyond `max_sessions` live ones
    (live: not ended, epoch right, `expires_at` ahead, last seen after `idle_before`).
    `ticket_hash` is spent. `announce` are the kinds of event ("registered", "login") to put
    into the outbox under `event_ids`, "registered" only if an account was made; each
    carries `context`. The agreements are kept with the time, and one login event is written.
    """

    at: datetime
    door: Door
    pool: str
    app_id: str
    openid: str
    unionid: str | None
    session_key: SessionKey
    session: NewSession
    max_sessions: int
    idle_before: datetime
    registration: NewAccount | None = None
    user_id: str | None = None
    ticket_hash: bytes | None = None
    agreements: tuple[Agreement, ...] = ()
    announce: tuple[str, ...] = ()
    event_ids: tuple[str, ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict)


class LoginVerdict(StrEnum):
    """How a commit went. After all but DONE nothing at all was written."""

    DONE = "done"
    NOT_ACTIVE = "not_active"
    """The account's status at this moment is not `active`, nor a disabling whose end `at` has
    reached: that one the commit lifts."""
    UNKNOWN = "unknown"
    """No account leads from this identity, and none was to be made."""
    TICKET_SPENT = "ticket_spent"
    """The ticket is unknown, past its time, or spent already."""
    USER_ID_TAKEN = "user_id_taken"
    """`user_id` is another account's, and this identity cannot join it."""


@dataclass(frozen=True, slots=True)
class LoginOutcome:
    """`account` as it now is (None where there is none); `session` only when DONE.

    `unionid_clash`: WeChat named a unionid that belongs to another account, or not the
    one this identity had. Nothing was moved (security.md A13).
    """

    verdict: LoginVerdict
    account: Account | None = None
    session: Session | None = None
    is_new_account: bool = False
    unionid_clash: bool = False


@dataclass(frozen=True, slots=True)
class AccountChange:
    """Fields to set on an account; None leaves a field as it is.

    `status` comes with `disabled_until` and `reason`, all three are set together.
    """

    nickname: str | None = None
    avatar_url: str | None = None
    user_id: str | None = None
    phone: Phone | None = None
    claims: Mapping[str, Any] | None = None
    status: AccountStatus | None = None
    disabled_until: datetime | None = None
    reason: str | None = None


class Accounts(Protocol):
    """The people."""

    async def find_account_of(
        self, *, pool: str, app_id: str, openid: str, unionid: str | None
    ) -> Account | None:
        """The account of this identity: by (app_id, openid), else by (pool, unionid).

        An empty or missing unionid matches nobody.
        """
        ...

    async def find_account(
        self,
        *,
        account_id: str | None = None,
        user_id: str | None = None,
        openid: str | None = None,
        phone: str | None = None,
        pool: str | None = None,
    ) -> Account | None:
        """The account named by exactly one of `account_id`, `user_id`, `openid`, `phone` (E.164).

        `pool` narrows the search by openid or phone; where several accounts fit, None.
        """
        ...

    async def commit_login(self, commit: LoginCommit) -> LoginOutcome:
        """Make the login true, in one durable transaction, and say how it went."""
        ...

    async def change_account(self, account_id: str, change: AccountChange) -> Account | None:
        """The changed account; None if there is none, or if its `user_id` or `phone` is
        another account's (and then nothing was changed)."""
        ...

    async def find_session_keys(
        self, *, app_id: str, openid: str, previous_after: datetime
    ) -> SessionKeys | None:
        """The identity's session_key and its predecessor, that one only if it was
        displaced after `previous_after`."""
        ...

    async def replace_session_key(self, *, app_id: str, openid: str, key: SessionKey) -> bool:
        """Put `key` in force if its sequence is larger; say whether it was. The key before
        it becomes the previous one, unless it is the same."""
        ...


# Sessions


class Sessions(Protocol):
    """The sessions. Every read sees every acknowledged write of every process."""

    async def find_session(self, session_id: str) -> Session | None:
        """The session with its account's status and epoch, ended or not: the hot path."""
        ...

    def session_version(self) -> bytes | None:
        """Bytes that change before any write is acknowledged, in any process, that changes
        what `find_session` answers for a session that was there; None while it cannot tell,
        and while such a write is under way. `seen` changes nothing in this sense.
        """
        ...

    async def list_sessions(
        self, account_id: str, *, now: datetime, idle_before: datetime
    ) -> Sequence[Session]:
        """The account's live sessions, latest seen first."""
        ...

    async def end_session(
        self, session_id: str, *, account_id: str, ending: Ending, event: "Event | None" = None
    ) -> bool:
        """End one session if it is the account's and has not ended; say whether this call did.
        Then, and in the same transaction, `event` goes into the outbox.

        The reason of an end is never overwritten.
        """
        ...

    async def end_sessions(
        self,
        account_id: str,
        *,
        ending: Ending,
        keep: str | None = None,
        event: "Event | None" = None,
    ) -> int:
        """End all of the account's sessions that have not ended, but `keep`; return how many.
        In the same transaction `event` goes into the outbox.

        Without `keep` the account's epoch rises in the same transaction, so that a
        session being made at this moment is caught too (security.md B07, B10).
        """
        ...

    async def seen(self, sessions: Mapping[str, datetime]) -> None:
        """Move `last_seen_at` of these sessions forward, never back. It need not be durable."""
        ...

    async def set_claims(self, account_id: str, claims: Mapping[str, Any]) -> int:
        """Give all sessions of the account that have not ended these claims; return how many."""
        ...


# Tickets


@dataclass(frozen=True, slots=True)
class Ticket:
    """A proven identity on its way to a registration. Kept under the hash of its text."""

    hash: bytes = field(repr=False)
    app_id: str
    openid: str
    unionid: str | None
    session_key: SessionKey
    expires_at: datetime


class Tickets(Protocol):
    """Registration tickets; `LoginCommit.ticket_hash` spends one."""

    async def keep_ticket(self, ticket: Ticket) -> None: ...

    async def find_ticket(self, ticket_hash: bytes, *, now: datetime) -> Ticket | None:
        """The unspent ticket, None past its time."""
        ...


# Apps


class Apps(Protocol):
    """Mini programs added at run time; their secrets are sealed."""

    async def list_apps(self) -> Sequence[App]: ...

    async def find_app(self, app_id: str) -> App | None: ...

    async def keep_app(self, app: App) -> None:
        """Add the app, or replace what is kept of it."""
        ...


# Events for the host's hooks


@dataclass(frozen=True, slots=True)
class Event:
    """Something the host's hooks are told at least once. `id` is the same at every telling."""

    id: str
    kind: str
    at: datetime
    account_id: str
    user_id: str | None
    app_id: str | None
    session_id: str | None
    data: Mapping[str, Any] = field(default_factory=dict)


class Outbox(Protocol):
    """Events between the commit that made them and the host that heard of them."""

    async def add_event(self, event: Event) -> None: ...

    async def lease_events(self, *, now: datetime, until: datetime, limit: int) -> Sequence[Event]:
        """Up to `limit` events that nobody leases, oldest first, leased until `until`."""
        ...

    async def drop_event(self, event_id: str) -> None:
        """The host has heard it."""
        ...


# Limits


class Limits(Protocol):
    """Counters that no parallelism overruns. They need not be durable."""

    async def take(self, key: str, *, limit: int, window: timedelta, now: datetime) -> timedelta:
        """Take one of `limit` per `window` for `key`; zero where granted, else how long to wait.

        The generic cell rate algorithm: up to `limit` at once, then one each `window / limit`.
        A refused take costs nothing. `key` may hold user input; it is kept hashed.
        """
        ...


# What WeChat's client keeps


@dataclass(frozen=True, slots=True)
class AccessToken:
    """WeChat's credential of an app. `fence` rises with every fetch."""

    value: Secret
    expires_at: datetime
    fence: int


class AccessTokens(Protocol):
    """The shared access_token of each app, one fetch per expiry over all processes."""

    async def find_access_token(self, app_id: str) -> AccessToken | None: ...

    async def lease_access_token(
        self, app_id: str, *, now: datetime, until: datetime
    ) -> int | None:
        """The right to fetch, as a fence number above all before it; None while another
        holds it. It ends at `until` (its holder may be paused: hence the fence)."""
        ...

    async def keep_access_token(self, app_id: str, token: AccessToken) -> bool:
        """Keep what was fetched if its fence is above the kept one's, and end the lease;
        say whether it was kept. A token without an end to its lease is lost, not wrong."""
        ...

    async def end_lease(self, app_id: str, *, fence: int) -> None:
        """End the lease that gave `fence`, if it is still the one in force: its fetch failed."""
        ...

    async def drop_access_token(self, app_id: str, value: Secret) -> bool:
        """Forget the token if it is still `value`; say whether it was."""
        ...


# The whole


class Store(CodeClaims, Accounts, Sessions, Tickets, Apps, Outbox, Limits, AccessTokens, Protocol):
    """All that is remembered."""

    async def open(self) -> None:
        """Make ready for use; a second call does nothing."""
        ...

    async def close(self) -> None:
        """Write what waits to be written, and let go of every resource."""
        ...

    async def ping(self) -> None:
        """Return if a read and a write would be answered now."""
        ...

    async def secret_key(self, name: str, candidate: bytes) -> bytes:
        """The key kept under `name`; where there is none, `candidate` is kept first.

        All processes get the same bytes, also when they ask for the first time at once.
        """
        ...

    async def prune(self, *, now: datetime, limit: int) -> int:
        """Delete up to `limit` of each kind of record that no rule can need any more;
        return how many went. Housekeeping: nothing depends on it."""
        ...


# The host


class Host(Protocol):
    """The developer's application, whose users these are."""

    async def user_for(self, who: Who) -> str | None:
        """The host's key of this person, or None where it keeps none.

        Asked before the commit, again for the same person if a commit fails: idempotent.
        """
        ...

    async def claims_for(self, user_id: str | None) -> Mapping[str, Any]:
        """What the host wants to find in the session of this user."""
        ...


class Observer(Protocol):
    """Who watches: metrics, the demo's steps."""

    def step(self, number: int, name: str, *, outcome: str, seconds: float) -> None:
        """One of the ten steps was taken; `outcome` is "ok" or an error's code."""
        ...

    def checked(self, outcome: str) -> None:
        """A session was checked (step 10): counted, not timed."""
        ...


class Listener(Protocol):
    """Who hears of events after their commit."""

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of event somebody waits for; no other is put into the outbox."""
        ...

    def wake(self) -> None:
        """There is something in the outbox. Returns at once and never raises."""
        ...
