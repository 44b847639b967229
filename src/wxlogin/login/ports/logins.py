"""The one transaction of a login or a registration, as a store makes it true."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from wxlogin.login.accounts import Account, Agreement, Phone, ProvenIdentity
from wxlogin.login.policy import Door
from wxlogin.login.ports.accounts import NewAccount
from wxlogin.login.ports.codes import CodeSpend
from wxlogin.login.registration import NewApplication
from wxlogin.login.secret import Secret
from wxlogin.login.sessions import Device, Session


@dataclass(frozen=True, slots=True)
class NewSession:
    """The session a login asks for. `claims` are the host's: the account's own lie under them,
    where both together are within `CLAIMS_LIMIT`. Those and its epoch are read in the same
    transaction."""

    id: str
    secret_hash: bytes = field(repr=False)
    claims: Mapping[str, Any]
    device: Device
    created_at: datetime
    expires_at: datetime
    idle_ttl: timedelta


@dataclass(frozen=True, slots=True)
class PasswordEntry:
    """A password was right for this account, when it was the one of `changed_at`.

    `rehashed`: the same password under today's parameters, put in the old hash's place.
    """

    account_id: str
    changed_at: datetime
    rehashed: Secret | None = None


@dataclass(frozen=True, slots=True)
class LoginCommit:
    """Everything one login or registration writes. It becomes true as a whole or not at all.

    **Whose it is.** The first of these that holds: the account of `password`; that of
    `identity` by (app_id, openid), else by (pool, unionid); that of `phone` (pool), if it is
    `joins` and has no other identity in this app; that of `user_id`, where the host named one
    and that account is of `pool` and has no identity in this app yet; else it is `registration`,
    where that is given. A phone that leads to another account than the one found so far ends the
    commit, unless that account is `phone_leaves`: it loses the number.

    **What is tied to it.** The identity, and its unionid where nobody has it yet; for
    `password` only if it is free, else the login goes on without it. The phone. `user_id` on
    an account that has none. `session_key` only over a smaller sequence number; what it
    displaces becomes the previous key, unless it is the same key again. An account whose own
    phone nobody had proven before loses its password, its sessions, its identities that never
    logged in and those linked after it was made, but `identity` (pre-hijacking, security.md A14).

    **The session**, where one is asked for. The session of the same account, app and
    `device.id` ends as replaced by this device; so do the sessions longest unseen, beyond
    `max_sessions` live ones (live: not ended, epoch right, `expires_at` ahead, last seen
    after `idle_before`). `restores` lifts an erasure that waits.

    **What is spent and told.** `ticket_hash`, `spends`. `announce` are the kinds of event to
    put into the outbox under `event_ids`, each with `context`: "login" with a session,
    "registered" only if an account was made, "phone_changed" only if an account that was
    there got a number it did not have. The agreements are kept with the time, `application`
    with the account's id, and with a session one login event is written. The audit log gets
    a line for each of `AUDITED` that happened to an account that was there.
    """

    at: datetime
    door: Door
    pool: str
    app_id: str
    max_sessions: int
    idle_before: datetime
    session: NewSession | None = None
    identity: ProvenIdentity | None = None
    phone: Phone | None = None
    password: PasswordEntry | None = None
    joins: str | None = None
    phone_leaves: str | None = None
    registration: NewAccount | None = None
    application: NewApplication | None = None
    user_id: str | None = None
    restores: bool = False
    ticket_hash: bytes | None = field(default=None, repr=False)
    spends: tuple[CodeSpend, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    announce: tuple[str, ...] = ()
    event_ids: tuple[str, ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict)


AUDITED = (
    "phone_changed",
    "phone_left",
    "identity_linked",
    "credentials_purged",
    "erasure_taken_back",
)
"""What a login can do to an account beside opening it: a number it did not have, a number that
another account took along, an identity that joined, what pre-hijacking would have left, and
an erasure that waited."""


class LoginVerdict(StrEnum):
    """How a commit went. After all but DONE nothing at all was written."""

    DONE = "done"
    NOT_ACTIVE = "not_active"
    """The account's status at this moment is not `active`, nor a disabling whose end `at` has
    reached, nor an erasure that `restores` lifts before its `erase_at`."""
    UNKNOWN = "unknown"
    """No account leads from here, and none was to be made."""
    TICKET_SPENT = "ticket_spent"
    """The ticket is unknown, past its time, or spent already."""
    CODE_SPENT = "code_spent"
    """The verification code was spent, replaced or had expired meanwhile."""
    NOT_PROVEN = "not_proven"
    """The password was changed since it was compared."""
    USER_ID_TAKEN = "user_id_taken"
    """`user_id` is another account's, perhaps of another pool, and this identity cannot join it."""
    PHONE_TAKEN = "phone_taken"
    """The phone is another account's than the one this leads to."""
    USERNAME_TAKEN = "username_taken"
    KNOWN = "known"
    """`application` is given, and the person has an account."""


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


class Logins(Protocol):
    async def commit_login(self, commit: LoginCommit) -> LoginOutcome:
        """Make the login true, in one durable transaction, and say how it went."""
        ...
