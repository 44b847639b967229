"""Erasing a person, and everything that is kept of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from wxlogin.login.accounts import Account, AccountStatus
from wxlogin.login.ports.accounts import Verdict
from wxlogin.login.ports.codes import CodeSpend
from wxlogin.login.ports.events import NOTHING, AuditLine, Event, Told
from wxlogin.login.sessions import Device, Ending


@dataclass(frozen=True, slots=True)
class ErasureStart:
    """Makes the account one that waits to be erased, if its status is still `was`.

    All its sessions end and its epoch rises. One that waits already keeps the earlier
    `erase_at`.
    """

    account_id: str
    was: AccountStatus
    erase_at: datetime
    ending: Ending
    spends: tuple[CodeSpend, ...] = ()


@dataclass(frozen=True, slots=True)
class DueErasure:
    """An account that waits to be erased: no more of it than erasing needs."""

    id: str
    user_id: str | None
    avatar_id: str | None
    erase_at: datetime


@dataclass(frozen=True, slots=True)
class Erased:
    """A line of the ledger: what a restored backup has to erase again."""

    account_id: str
    erased_at: datetime


@dataclass(frozen=True, slots=True)
class KeptAgreement:
    id: str
    version: str
    agreed_at: datetime


@dataclass(frozen=True, slots=True)
class KeptSession:
    """A session's record, live or ended, without what its token is compared with."""

    id: str
    app_id: str
    device: Device
    claims: Mapping[str, Any]
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    end_reason: str | None


@dataclass(frozen=True, slots=True)
class KeptLogin:
    at: datetime
    app_id: str
    session_id: str
    door: str
    is_new_account: bool
    device_name: str | None
    device_platform: str | None


@dataclass(frozen=True, slots=True)
class KeptApplication:
    id: str = field(repr=False)
    app_id: str
    company_name: str
    credit_code: str
    contact_name: str = field(repr=False)
    status: str
    reason: str | None
    submitted_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class KeptAvatar:
    """A picture that the store itself keeps."""

    id: str
    media_type: str
    content: bytes = field(repr=False)
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """Everything about one person; nothing of anybody else, and no secret.

    `history` are the audit lines of the account's pseudonym and of those merged into it,
    `unionids` those that lead here, `events` what the host has not heard of yet.
    """

    account: Account
    password_changed_at: datetime | None
    unionids: tuple[str, ...]
    agreements: tuple[KeptAgreement, ...]
    sessions: tuple[KeptSession, ...]
    logins: tuple[KeptLogin, ...]
    applications: tuple[KeptApplication, ...]
    avatars: tuple[KeptAvatar, ...]
    history: tuple[AuditLine, ...]
    events: tuple[Event, ...]


class Leaving(Protocol):
    async def start_erasure(self, start: ErasureStart, *, told: Told = NOTHING) -> Verdict:
        """DONE, CODE_SPENT, or GONE (no such account, or its status is another by now)."""
        ...

    async def stop_erasure(self, account_id: str, *, told: Told = NOTHING) -> bool:
        """Make an account that waits to be erased active again, or leave it disabled if it is;
        whether it was waiting."""
        ...

    async def list_due_erasures(
        self, *, now: datetime, limit: int, after: DueErasure | None = None
    ) -> Sequence[DueErasure]:
        """Up to `limit` erasures that are due, the longest overdue first, from `after` on.

        Nothing is unsealed: an account that cannot be read is erased as any other.
        """
        ...

    async def erase_account(self, account_id: str, *, now: datetime, told: Told = NOTHING) -> bool:
        """Erase everything about the person, in one transaction; whether this call did it.

        Only an account whose erasure is due. What stays: the ledger's line, and one for each
        account that was merged into it, audit lines under
        a pseudonym that leads nowhere any more, and `told`. Events that wait keep their ids
        and lose what the client had sent along.
        """
        ...

    async def list_erased(self, *, since: datetime) -> Sequence[Erased]:
        """The ledger from this moment on, oldest first."""
        ...

    async def find_kept(self, account_id: str) -> Kept | None:
        """Everything about the person, at one moment."""
        ...
