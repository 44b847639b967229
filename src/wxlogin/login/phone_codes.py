"""The phone button's code: exchanged once, paid for, and never in place of another kind."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from wxlogin.login import errors, tokens
from wxlogin.login.accounts import Account, Phone
from wxlogin.login.core import Core
from wxlogin.login.limits import check_code
from wxlogin.login.phone_numbers import normal_phone
from wxlogin.login.policy import App, is_recycled
from wxlogin.login.ports import Quota

DAY = timedelta(days=1)

_LOGIN_CODE = re.compile(r"[A-Za-z0-9]{32}")
"""What a code of `wx.login` looks like (contract §1); a phone code has 64 characters (§4.1)."""


@dataclass(frozen=True, slots=True)
class PhoneCodePolicy:
    """A success costs 0.03 CNY (contract §4.4): per account and day, and per app and day."""

    per_account: int = 10
    per_app: int = 10_000


class PhoneCodes:
    """Phone codes against phone numbers."""

    def __init__(self, core: Core, policy: PhoneCodePolicy | None = None) -> None:
        self._core = core
        self._policy = policy or PhoneCodePolicy()

    def check(self, code: object, *, login_code: object = None) -> None:
        """Return if it may be a phone code. Raises `RequestInvalid`, and `WrongCodeKind` where
        the code of `wx.login` was sent as both; nothing is spent."""
        check_code(code, field="phone_code")
        if code == login_code:
            raise errors.WrongCodeKind

    def is_needless(self, account: Account) -> bool:
        """Whether the account has a number that is proven and not old: a login pays for none."""
        phone = account.phone
        return (
            phone is not None
            and phone.proven_at is not None
            and not is_recycled(phone.proven_at, now=self._core.now(), policy=self._core.policy)
        )

    async def exchange(self, app: App, code: str, *, openid: str, account_id: str | None) -> Phone:
        """The number behind `code`, which must be `openid`'s (security.md A16).

        Raises `PhoneCodeInvalid` (also for a code that came before), `WrongCodeKind` for one
        of `wx.login`, `RateLimited` over the budget, `WeChatUnavailable`, `AppMisconfigured`.
        """
        observer = self._core.observer
        try:
            phone = await self._exchange(app, code, openid=openid, account_id=account_id)
        except errors.WxLoginError as refusal:
            observer.phone_exchanged(refusal.code)
            raise
        observer.phone_exchanged("ok")
        return phone

    async def _exchange(self, app: App, code: str, *, openid: str, account_id: str | None) -> Phone:
        core = self._core
        if await core.store.is_code_claimed(tokens.code_hash(app.app_id, code)):
            raise errors.WrongCodeKind
        quotas = self._quotas(app, account_id or f"{app.app_id}:{openid}")
        taken_at = await core.take_quotas(*quotas)
        try:
            await self._claim(app, code)
            phone = await core.wechat.get_phone_number(app, code, openid=openid)
            return as_normal(phone)
        except errors.PhoneCodeInvalid:
            await core.give_back(quotas, taken_at=taken_at)
            if _LOGIN_CODE.fullmatch(code):
                raise errors.WrongCodeKind from None
            raise
        except (errors.RateLimited, errors.AppMisconfigured):
            await core.give_back(quotas, taken_at=taken_at)
            raise

    async def _claim(self, app: App, code: str) -> None:
        """Two requests with one code: the second pays nothing, wherever it arrives."""
        now = self._core.now()
        claimed = await self._core.store.claim_code(
            self._core.keyed("phone code", app.app_id, code),
            now=now,
            until=now + self._core.policy.claim_ttl,
        )
        if claimed is None:
            raise errors.PhoneCodeInvalid

    def _quotas(self, app: App, who: str) -> list[Quota]:
        return [
            Quota(f"phone:{who}", ((self._policy.per_account, DAY),)),
            Quota(f"phone:app:{app.app_id}", ((self._policy.per_app, DAY),)),
        ]


def as_normal(phone: Phone) -> Phone:
    """WeChat's number in the one form in which numbers are compared (security.md C10)."""
    return replace(normal_phone(phone.e164), proven_at=phone.proven_at)
