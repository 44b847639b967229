"""The people, as a store keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from wxlogin.login.accounts import (
    Account,
    AccountStatus,
    Phone,
    ProvenIdentity,
    SessionKey,
    SessionKeys,
)
from wxlogin.login.ports.codes import CodeSpend
from wxlogin.login.ports.events import NOTHING, Told
from wxlogin.login.secret import Secret
from wxlogin.login.sessions import Ending


class Verdict(StrEnum):
    """How a change went. After all but DONE nothing at all was written."""

    DONE = "done"
    GONE = "gone"
    """There is no such account."""
    CODE_SPENT = "code_spent"
    """The verification code was spent, replaced or had expired meanwhile; or the number it went
    to is not the account's any more."""
    PHONE_TAKEN = "phone_taken"
    HAS_PHONE = "has_phone"
    """The account has got another number meanwhile."""
    USERNAME_TAKEN = "username_taken"
    IDENTITY_TAKEN = "identity_taken"
    """It leads to another account, by itself or by its unionid; or the account has another
    identity in this app."""
    LAST_METHOD = "last_method"
    """Without it nobody could log in as this account."""


@dataclass(frozen=True, slots=True)
class AccountChange:
    """Fields to set on an account; None leaves a field as it is.

    `status` comes with `disabled_until` and `reason`, all three are set together, and only on
    an account whose status is one of `status_from`: what waits for an operator's decision, or
    for its erasure, is not opened by the way. An account that waits to be erased keeps its date:
    disabled, it is so without an end, and is erased all the same; made active, it waits as
    before (a ban is not lifted by an erasure that is taken back, nor the erasure by a ban).
    `given_at`: when the person gave the nickname or the picture, for what WeChat says of them
    later.
    """

    nickname: str | None = None
    avatar_url: str | None = None
    given_at: datetime | None = None
    user_id: str | None = None
    claims: Mapping[str, Any] | None = None
    status: AccountStatus | None = None
    status_from: tuple[AccountStatus, ...] = (AccountStatus.ACTIVE, AccountStatus.DISABLED)
    disabled_until: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class PhoneChange:
    """Gives the account this proven number, or a newer proof of the one it has. An account that
    had it without a proof loses it.

    `may_replace` False: only where it has none, or this one. `ends_unproven`: where it had this
    one without a proof, what was there before the person goes (security.md A14): the password,
    all sessions but `keep_session`, and identities that nobody logged in with or that were
    linked after the account was made, but that session's own.
    """

    account_id: str
    phone: Phone
    spends: tuple[CodeSpend, ...] = ()
    may_replace: bool = True
    ends_unproven: bool = False
    keep_session: str | None = None


@dataclass(frozen=True, slots=True)
class AvatarChange:
    """Shows this picture for the account, or none. `avatar_id` where it is in our storage;
    `given_at` as in `AccountChange`."""

    account_id: str
    url: str | None
    avatar_id: str | None = None
    given_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AvatarChanged:
    """`former_id`: of the picture that was shown before and is nobody's now."""

    account: Account
    former_id: str | None


@dataclass(frozen=True, slots=True)
class PasswordChange:
    """A new password: its hash is sealed as it is kept. `username` None leaves it as it is.

    All sessions but `keep_session` end; without one the epoch rises. Failures are forgotten.
    `phone` (E.164): only while this proven number is the account's; what was proven by a code
    to it is worth nothing once it has left.
    """

    account_id: str
    at: datetime
    password_hash: Secret
    ending: Ending
    username: str | None = None
    username_key: str | None = None
    keep_session: str | None = None
    spends: tuple[CodeSpend, ...] = ()
    phone: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Credential:
    """What a password is compared with. `changed_at` says which password this was.

    `failures`: wrong ones in a row, over all sources that are not known devices.
    """

    account_id: str
    password_hash: Secret
    changed_at: datetime
    failures: int


@dataclass(frozen=True, slots=True)
class IdentityLink:
    """Ties a proven identity to an account that exists."""

    account_id: str
    pool: str
    app_id: str
    identity: ProvenIdentity
    at: datetime
    spends: tuple[CodeSpend, ...] = ()


class Accounts(Protocol):
    """Finding people, and changing what is kept of them."""

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

    async def change_account(
        self, account_id: str, change: AccountChange, *, told: Told = NOTHING
    ) -> Account | None:
        """The changed account; None if there is none, if its `user_id` is another account's, or
        for a `status` while it waits to be erased (and then nothing was changed)."""
        ...

    async def change_phone(self, change: PhoneChange, *, told: Told = NOTHING) -> Verdict:
        """DONE, GONE, CODE_SPENT, HAS_PHONE, or PHONE_TAKEN: another account of the pool has
        proven it."""
        ...

    async def change_avatar(
        self, change: AvatarChange, *, told: Told = NOTHING
    ) -> AvatarChanged | None:
        """The changed account, and the picture that this change and no other displaced; None
        if there is no such account."""
        ...

    async def find_credential(
        self, *, pool: str, username_key: str, phone: str | None
    ) -> Credential | None:
        """The password of the account with this username, else with this proven phone (E.164).

        Takes the same number of statements whether there is one or not (security.md C02).
        """
        ...

    async def find_credential_of(self, account_id: str) -> Credential | None:
        """The account's own password."""
        ...

    async def count_failure(self, account_id: str) -> int:
        """Count a try before it is compared; how many in a row that makes. A right one, by
        `LoginCommit.password` or `PasswordChange`, sets it back to none."""
        ...

    async def take_back_failure(self, account_id: str) -> None:
        """Undo one `count_failure`: nothing was compared."""
        ...

    async def clear_failures(self, account_id: str) -> None:
        """Set it back: the password was right."""
        ...

    async def change_password(self, change: PasswordChange, *, told: Told = NOTHING) -> Verdict:
        """DONE, GONE, CODE_SPENT or USERNAME_TAKEN (in the account's pool)."""
        ...

    async def link_identity(self, link: IdentityLink, *, told: Told = NOTHING) -> Verdict:
        """DONE (also where it was linked already), GONE, CODE_SPENT or IDENTITY_TAKEN."""
        ...

    async def unlink_identity(
        self,
        account_id: str,
        *,
        app_id: str,
        ending: Ending,
        phone_opens: bool,
        told: Told = NOTHING,
    ) -> Verdict:
        """Cut the account's identity in this app, and end the sessions that came by it.

        GONE where it has none there; LAST_METHOD where no other identity, no password with a
        name to it (username or phone) and, if `phone_opens`, no proven phone would be left.
        """
        ...

    async def find_session_keys(
        self, *, app_id: str, openid: str, previous_after: datetime
    ) -> SessionKeys | None:
        """The identity's session_key and its predecessor, that one only if it was
        displaced after `previous_after`. None for an identity that never logged in."""
        ...

    async def replace_session_key(self, *, app_id: str, openid: str, key: SessionKey) -> bool:
        """Put `key` in force if its sequence is larger; say whether it was. The key before
        it becomes the previous one, unless it is the same."""
        ...


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an account begins with, should a commit make one. Its phone is the commit's."""

    id: str
    pseudonym: str
    status: AccountStatus = AccountStatus.ACTIVE
    nickname: str | None = None
    username: str | None = None
    username_key: str | None = None
    password_hash: Secret | None = field(default=None, repr=False)
