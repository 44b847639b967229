"""Who somebody is to us: an account, the identities that lead to it, its phone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from wxlogin.login.secret import Secret


class AccountStatus(StrEnum):
    ACTIVE = "active"
    PENDING = "pending"
    REJECTED = "rejected"
    DISABLED = "disabled"
    ERASING = "erasing"


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone number; it prints itself masked.

    `country_code` without plus ("86"), `national` the number within the country. Without
    `proven_at` nobody has shown that it is theirs: an import brought it.
    """

    country_code: str
    national: str = field(repr=False)
    proven_at: datetime | None = None

    @property
    def e164(self) -> str:
        return f"+{self.country_code}{self.national}"

    @property
    def masked(self) -> str:
        """`138****6666`: three digits, four stars, the last four."""
        return f"{self.national[:3]}****{self.national[-4:]}"


@dataclass(frozen=True, slots=True)
class Identity:
    """One person in one app, as WeChat names them. Equal openids in two apps are two people.

    `is_proven`: WeChat has vouched for them here; before the first login an imported one is
    only what an old database said.
    """

    app_id: str
    openid: str
    unionid: str | None
    linked_at: datetime
    is_proven: bool = True


@dataclass(frozen=True, slots=True)
class Account:
    """One person, ours. `user_id` is the host's own key for them, where it gave one.

    `reason` is what the person may be told of a disabling or a rejection. `epoch`
    rises when all sessions must die at once. `pseudonym` stands for the person in the audit
    log, and goes with the account. `erase_at`: when an account that is `erasing` will be.
    `avatar_id`: of the picture in our storage that `avatar_url` shows, None where it is another's.
    """

    id: str
    pool: str
    user_id: str | None
    status: AccountStatus
    epoch: int
    created_at: datetime
    nickname: str | None = None
    avatar_url: str | None = None
    avatar_id: str | None = None
    phone: Phone | None = None
    claims: Mapping[str, Any] = field(default_factory=dict)
    disabled_until: datetime | None = None
    reason: str | None = None
    erase_at: datetime | None = None
    pseudonym: str = ""
    username: str | None = None
    has_password: bool = False
    identities: tuple[Identity, ...] = ()

    def identity_in(self, app_id: str) -> Identity | None:
        """The account's identity in this app; there is at most one."""
        return next((each for each in self.identities if each.app_id == app_id), None)


@dataclass(frozen=True, slots=True)
class SessionKey:
    """WeChat's session_key of one identity.

    `sequence` was taken before the exchange that brought it: an answer that
    arrives late never overwrites a newer key (security.md §5.4).
    """

    value: Secret
    sequence: int
    obtained_at: datetime


@dataclass(frozen=True, slots=True)
class SessionKeys:
    """The key in force and, for ten minutes, the one before it: what the phone
    encrypted a moment ago may still be under that one."""

    current: SessionKey
    previous: SessionKey | None


@dataclass(frozen=True, slots=True)
class ProvenIdentity:
    """A person WeChat has vouched for in one app, whether we know them or not."""

    openid: str
    unionid: str | None
    session_key: SessionKey


@dataclass(frozen=True, slots=True)
class Agreement:
    """A text the person agreed to, by its id and version."""

    id: str
    version: str


@dataclass(frozen=True, slots=True)
class Who:
    """An identity that WeChat has proven, as the host's `user_for` sees it.

    `openid` is None where somebody came by another door (SMS, a registration page). `phone` is
    set only where this request proved it. `context` is what the mini program sent along
    (inviter, channel, scene): a claim of the client, not a fact.
    """

    app_id: str
    openid: str | None
    unionid: str | None
    phone: Phone | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
