"""What operators look at: people in lists, one person's past, and numbers over time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from wxlogin.login.accounts import AccountStatus, Phone
from wxlogin.login.registration import ApplicationStatus


@dataclass(frozen=True, slots=True)
class AccountQuery:
    """Accounts, newest first, `limit` of those whose id is below `before`.

    `account_id`, `user_id`, `openid`, `phone` (E.164) name what must fit exactly, in any app
    and pool, and one that fits is enough; `nickname` is how it must begin. None of them: all.
    """

    account_id: str | None = None
    user_id: str | None = None
    openid: str | None = None
    phone: str | None = field(default=None, repr=False)
    nickname: str | None = None
    status: AccountStatus | None = None
    before: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account as a list shows it."""

    id: str
    pool: str
    user_id: str | None
    nickname: str | None
    avatar_url: str | None
    phone: Phone | None
    status: AccountStatus
    created_at: datetime
    last_login_at: datetime | None


@dataclass(frozen=True, slots=True)
class LoginRow:
    at: datetime
    app_id: str
    door: str
    device_name: str | None
    device_platform: str | None
    is_new_account: bool


@dataclass(frozen=True, slots=True)
class AgreementRow:
    id: str
    version: str
    agreed_at: datetime


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """An enterprise's application, with what its account says of itself."""

    id: str
    account_id: str
    app_id: str
    company_name: str
    credit_code: str
    contact_name: str = field(repr=False)
    phone: Phone | None
    username: str | None
    status: ApplicationStatus
    reason: str | None
    submitted_at: datetime
    decided_at: datetime | None
    decided_by: str | None


@dataclass(frozen=True, slots=True)
class Sample:
    """A number under a name, at a time: how it stood then, or what came in until then."""

    name: str
    at: datetime
    value: int


class Overview(Protocol):
    """For people's eyes: read now and then, a moment behind if need be."""

    async def search_accounts(self, query: AccountQuery) -> Sequence[AccountRow]: ...

    async def list_logins(self, account_id: str, *, limit: int) -> Sequence[LoginRow]:
        """The account's last logins, latest first."""
        ...

    async def list_agreements(self, account_id: str) -> Sequence[AgreementRow]:
        """All that the person agreed to, oldest first."""
        ...

    async def list_applications(
        self,
        *,
        status: ApplicationStatus | None = None,
        account_id: str | None = None,
        before: tuple[datetime, str] | None = None,
        limit: int = 50,
    ) -> Sequence[ApplicationRow]:
        """Applications, latest first, of those submitted before (time, id)."""
        ...

    async def find_application_row(self, application_id: str) -> ApplicationRow | None: ...

    async def count_accounts(self) -> Mapping[AccountStatus, int]: ...

    async def count_applications(self, status: ApplicationStatus) -> int: ...

    async def count_live_sessions(self, *, now: datetime, idle_before: datetime) -> int:
        """Sessions that have not ended or run out."""
        ...

    async def count_logins(self, edges: Sequence[datetime]) -> Sequence[tuple[int, int]]:
        """For each span from one of `edges` to the next: logins, and new accounts among them."""
        ...

    async def list_samples(self, prefix: str, *, since: datetime) -> Sequence[Sample]:
        """The samples whose name begins with `prefix`, oldest first."""
        ...

    async def has_sample(self, name: str, at: datetime) -> bool: ...

    async def set_sample(self, sample: Sample) -> None:
        """Keep it, if there is none of this name and time."""
        ...

    async def add_samples(self, samples: Sequence[Sample]) -> None:
        """Add each value to what is kept under its name and time."""
        ...
