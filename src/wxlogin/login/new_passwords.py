"""New passwords and usernames: checked before anything is spent, hashed, then written.

What is checked is a value of its own, so that an act can refuse a weak password while its
code, its ticket and its proof are still good (http-api.md §1).
"""

from dataclasses import dataclass, field

from wxlogin.login import errors
from wxlogin.login.accounts import Account
from wxlogin.login.core import Core
from wxlogin.login.credentials import PasswordPolicy
from wxlogin.login.entering import Profile
from wxlogin.login.nicknames import check_nickname
from wxlogin.login.passwords import (
    MIN_ALONE,
    MIN_BESIDE_WECHAT,
    PasswordHasher,
    check_new_password,
    check_new_username,
    normal_username,
)
from wxlogin.login.ports import PERSON, CodeSpend, PasswordChange, Verdict
from wxlogin.login.secret import Secret
from wxlogin.login.sessions import EndCode, Ending


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wishes to be called and to log in with, as they typed it."""

    nickname: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Checked:
    """The same, fit to be set: the username as it is shown, the password's normal form."""

    nickname: str | None = None
    username: str | None = None
    password: Secret | None = None


class NewPasswords:
    """Sets passwords. Without a `hasher` there are none."""

    def __init__(
        self,
        core: Core,
        hasher: PasswordHasher | None,
        policy: PasswordPolicy | None = None,
    ) -> None:
        self._core = core
        self._hasher = hasher
        self._policy = policy or PasswordPolicy()

    def check_is_on(self) -> None:
        """Return where there are passwords. Raises `NotFound`: without them the routes that
        need one are not there."""
        if self._hasher is None:
            raise errors.NotFound

    def check_registration(self, wanted: Wanted, *, about: tuple[str, ...] = ()) -> Checked:
        """What a new account may begin with. It proves a phone or an identity, so eight
        characters are enough; `about` is what else others know of it, which no password may be.

        A password without a username goes with the phone that is proven beside it. Raises
        `RequestInvalid` for a username without a password, `NotFound` where there are no
        passwords, `PasswordWeak`.
        """
        if wanted.nickname is not None:
            check_nickname(wanted.nickname)
        if wanted.username is None and wanted.password is None:
            return Checked(wanted.nickname)
        if wanted.password is None:
            raise errors.RequestInvalid(("password", "required beside a username"))
        self.check_is_on()
        shown = None if wanted.username is None else check_new_username(wanted.username)
        context = (shown or "", wanted.nickname or "", *about)
        normal = self._check(wanted.password, minimum=MIN_BESIDE_WECHAT, context=context)
        return Checked(wanted.nickname, shown, Secret(normal))

    async def hash_registration(self, checked: Checked) -> Profile:
        """Raises `RateLimited` where too many passwords wait to be hashed."""
        if checked.password is None:
            return Profile(checked.nickname)
        hashed = await self._hash(checked.password)
        key = None if checked.username is None else normal_username(checked.username)
        return Profile(checked.nickname, checked.username, key, hashed)

    def check_reset(self, password: str) -> None:
        """Return where a forgotten password may give way to this one, as far as can be said
        before the account is known. Raises `PasswordWeak`, `NotFound`, `RequestInvalid`."""
        self.check_is_on()
        self._check(password, minimum=MIN_BESIDE_WECHAT, context=(), field="new_password")

    def check_change(self, account: Account, *, username: str | None, new_password: str) -> Checked:
        """What `account` may log in with from now on.

        A first password needs a name to go with it: a username, or the proven phone. Raises
        `PasswordWeak`, `NotFound`, `RequestInvalid`.
        """
        self.check_is_on()
        shown = None if username is None else check_new_username(username)
        has_phone = account.phone is not None and account.phone.proven_at is not None
        if shown is None and account.username is None and not has_phone:
            raise errors.RequestInvalid(("username", "required: the account has no name yet"))
        is_second_proof = bool(account.identities) or has_phone
        normal = self._check(
            new_password,
            minimum=MIN_BESIDE_WECHAT if is_second_proof else MIN_ALONE,
            context=(
                shown or account.username or "",
                account.nickname or "",
                account.phone.national if account.phone else "",
            ),
            field="new_password",
        )
        return Checked(username=shown, password=Secret(normal))

    async def change(
        self,
        account: Account,
        checked: Checked,
        *,
        keep_session: str | None,
        spends: tuple[CodeSpend, ...],
        phone: str | None = None,
    ) -> None:
        """Set it; every session but `keep_session` ends. The proof is the caller's; `phone`
        (E.164) where it is that number, which must be the account's still.

        Raises `UsernameTaken`, `VerificationCodeInvalid`, `RateLimited`.
        """
        if checked.password is None:
            raise AssertionError("`check_change` checks no change without a password")
        core = self._core
        kind = "password_reset" if keep_session is None else "password_changed"
        shown = checked.username
        change = PasswordChange(
            account_id=account.id,
            at=core.now(),
            password_hash=await self._hash(checked.password),
            ending=Ending(core.now(), EndCode.REVOKED, kind),
            username=shown,
            username_key=None if shown is None else normal_username(shown),
            keep_session=keep_session,
            spends=spends,
            phone=phone,
        )
        told = core.told(kind, actor=PERSON, account_id=account.id)
        _admit(await core.store.change_password(change, told=told))

    def _check(
        self, password: str, *, minimum: int, context: tuple[str, ...], field: str = "password"
    ) -> str:
        return check_new_password(
            password,
            minimum=minimum,
            is_common=self._policy.is_common,
            context=[word for word in context if word],
            field=field,
        )

    async def _hash(self, password: Secret) -> Secret:
        if self._hasher is None:
            raise errors.NotFound
        return Secret(await self._hasher.hash(password.reveal()))


def _admit(verdict: Verdict) -> None:
    if verdict is Verdict.USERNAME_TAKEN:
        raise errors.UsernameTaken
    if verdict is Verdict.CODE_SPENT:
        raise errors.VerificationCodeInvalid
    if verdict is not Verdict.DONE:
        raise errors.SessionInvalid
