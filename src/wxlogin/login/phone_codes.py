"""The phone button's code: exchanged once, paid for, and never in place of another kind."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from wxlogin.login import errors, tokens
from wxlogin.login.accounts import Phone
from wxlogin.login.core import Core
from wxlogin.login.limits import check_code
from wxlogin.login.phone_numbers import normal_phone
from wxlogin.login.policy import App
from wxlogin.login.ports import Quota

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

_LOGIN_CODE = re.compile(r"[A-Za-z0-9]{32}")
"""What a code of `wx.login` looks like (contract §1); a phone code has 64 characters (§4.1)."""


@dataclass(frozen=True, slots=True)
class PhoneCodePolicy:
    """A success costs 0.03 CNY (contract §4.4): per account and day, and per app and day.

    `failures`: codes that are none, per account or openid and hour; each asks WeChat.
    """

    per_account: int = 10
    per_app: int = 10_000
    failures: int = 10


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

    async def is_paid_for(self, app: App, code: str, *, openid: str) -> bool:
        """Whether this very code gave this person's number a moment ago: the answer was lost,
        and is not paid for again (http-api.md §4)."""
        return await self._core.store.is_code_claimed(self._paid(app, code, openid))

    async def exchange(self, app: App, code: str, *, openid: str, account_id: str | None) -> Phone:
        """The number behind `code`, which must be `openid`'s (security.md A16).

        Raises `PhoneCodeInvalid` (also for a code that came before), `WrongCodeKind` for one
        of `wx.login`, `RateLimited` over the budget or after too many that were none,
        `WeChatUnavailable`, `AppMisconfigured`.
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
        who = account_id or f"{app.app_id}:{openid}"
        paid, tried = self._quotas(app, who), self._tries(who)
        taken_at = await core.take_quotas(*paid, *tried)
        try:
            if not await self._claim(core.keyed("phone code", app.app_id, code)):
                raise errors.PhoneCodeInvalid
            phone = as_normal(await core.wechat.get_phone_number(app, code, openid=openid))
        except errors.PhoneCodeInvalid:
            await core.give_back(paid, taken_at=taken_at)
            if _LOGIN_CODE.fullmatch(code):
                raise errors.WrongCodeKind from None
            raise
        except (errors.RateLimited, errors.AppMisconfigured):
            await core.give_back([*paid, *tried], taken_at=taken_at)
            raise
        except errors.WxLoginError:
            await core.give_back(tried, taken_at=taken_at)  # it may have been paid for
            raise
        await core.give_back(tried, taken_at=taken_at)
        await self._claim(self._paid(app, code, openid))
        return phone

    async def _claim(self, name: bytes) -> bool:
        """Two requests with one code: the second pays nothing, wherever it arrives."""
        now = self._core.now()
        until = now + self._core.policy.claim_ttl
        return await self._core.store.claim_code(name, now=now, until=until) is not None

    def _paid(self, app: App, code: str, openid: str) -> bytes:
        return self._core.keyed("phone code paid for", app.app_id, openid, code)

    def _quotas(self, app: App, who: str) -> list[Quota]:
        return [
            Quota(f"phone:{who}", ((self._policy.per_account, DAY),)),
            Quota(f"phone:app:{app.app_id}", ((self._policy.per_app, DAY),)),
        ]

    def _tries(self, who: str) -> list[Quota]:
        return [Quota(f"phone:tries:{who}", ((self._policy.failures, HOUR),))]


def as_normal(phone: Phone) -> Phone:
    """WeChat's number in the one form in which numbers are compared (security.md C10)."""
    return replace(normal_phone(phone.e164), proven_at=phone.proven_at)
