"""Verification codes by SMS: six digits that prove a phone number, for one purpose, once.

Five minutes, five tries that are counted before they are compared, a keyed hash at rest,
bound to app, number and purpose; a new code takes the old one's place (security.md C03,
C04, C09; NIST SP 800-63B-4 §3.1.3.2). Who asks hears the same whether anybody has the number
(C01), and every quota of http-api.md §9 counts over all purposes (C08).
"""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from wxlogin.login import errors
from wxlogin.login.accounts import Phone
from wxlogin.login.core import Core
from wxlogin.login.phone_numbers import is_allowed
from wxlogin.login.policy import App
from wxlogin.login.ports import CodeSpend, Quota, VerificationCode
from wxlogin.login.secret import Secret
from wxlogin.login.sms import SmsMessage, SmsRefused, SmsSender, SmsUnknown
from wxlogin.login.sources import source_of

log = logging.getLogger("wxlogin.sms")

DIGITS = 6
_CODE = re.compile(r"[0-9]{6}")

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

ABOUT_THE_NUMBER = ("phone", "country", "vendor_limit")
"""Refusals that the next message to this number meets again: asking counts, or one bad number
would be a way to have the provider asked without end."""


class Purpose(StrEnum):
    """What a code is good for, and nothing else."""

    LOGIN = "login"
    REGISTER = "register"
    LINK = "link"
    RESET = "reset"
    PROOF = "proof"


@dataclass(frozen=True, slots=True)
class VerificationPolicy:
    """`resend_in`: what Chinese carriers' gateways allow per number anyway. The quotas are
    http-api.md §9's; `hourly_budget` is the whole deployment's, against pumping.
    `needs_caller`: in production whoever asks names themself by a fresh code of `wx.login`.
    """

    ttl: timedelta = timedelta(minutes=5)
    tries: int = 5
    resend_in: timedelta = MINUTE
    per_phone_hour: int = 5
    per_phone_day: int = 10
    per_openid_day: int = 5
    per_address_hour: int = 20
    hourly_budget: int = 1000
    countries: Sequence[str] = ("86",)
    needs_caller: bool = True


class Verification:
    """Sends codes and tries them. Without a `sender` there are none."""

    def __init__(
        self, core: Core, sender: SmsSender | None, policy: VerificationPolicy | None = None
    ) -> None:
        self._core = core
        self._sender = sender
        self.policy = policy or VerificationPolicy()

    @property
    def is_on(self) -> bool:
        """Whether codes can be sent at all."""
        return self._sender is not None

    def check_is_on(self) -> None:
        """Return where codes can be sent. Raises `NotFound`: without them the routes that need
        one are not there."""
        if self._sender is None:
            raise errors.NotFound

    def check_may_ask(self, phone: Phone, *, has_caller: bool) -> None:
        """Return where a code may be asked for; nothing is spent before. `has_caller`: somebody
        says who asks.

        Raises `NotFound`, `PhoneNumberInvalid` for a country that is not served,
        `ProofRequired` where nobody says who asks and somebody must.
        """
        self.check_is_on()
        if not is_allowed(phone, self.policy.countries):
            raise errors.PhoneNumberInvalid
        if self.policy.needs_caller and not has_caller:
            raise errors.ProofRequired

    async def send(
        self,
        *,
        app: App,
        phone: Phone,
        purpose: Purpose,
        openid: str | None,
        address: str | None,
    ) -> None:
        """Send a code. `openid` is who asks, proven; `address` the client's.

        Raises `RateLimited`, and as `check_may_ask`. A provider's fault is told to nobody but
        the log: who hears of it would hear which numbers get through.
        """
        self.check_may_ask(phone, has_caller=openid is not None)
        quotas = self._quotas(app, phone, openid=openid, address=address)
        taken_at = await self._core.take_quotas(*quotas)
        digits = self._new_digits()
        spend = self._spend(app, phone, purpose=purpose, digits=digits)
        await self._core.store.keep_verification_code(
            VerificationCode(spend.slot, spend.code_hash, self._core.now() + self.policy.ttl)
        )
        message = SmsMessage(phone, Secret(digits), str(purpose), minutes=self.policy.ttl // MINUTE)
        if not await self._is_sent(message):
            await self._core.give_back(quotas, taken_at=taken_at)

    async def try_code(self, digits: str, *, app: App, phone: Phone, purpose: Purpose) -> CodeSpend:
        """What spends the code in the commit of the act it is for, if it is the right one.

        The try is counted before it is compared. Raises `VerificationCodeInvalid`, and
        `NotFound` where no code was ever sent.
        """
        if not self.is_on:
            raise errors.NotFound
        spend = self._spend(app, phone, purpose=purpose, digits=digits)
        if not _CODE.fullmatch(digits):
            raise errors.VerificationCodeInvalid
        if not await self._core.store.try_verification_code(
            spend, limit=self.policy.tries, now=self._core.now()
        ):
            raise errors.VerificationCodeInvalid
        return spend

    async def _is_sent(self, message: SmsMessage) -> bool:
        """Whether it counts: a message that may be on its way does (security.md F36)."""
        if self._sender is None:
            raise AssertionError("`check_may_ask` lets nobody through without a sender")
        try:
            await self._sender.send(message)
        except SmsRefused as refused:
            log.error("no SMS was sent: %s", refused)  # noqa: TRY400 - a trace says no more
            return refused.reason in ABOUT_THE_NUMBER
        except SmsUnknown as unknown:
            log.warning("an SMS may have been sent, or not: %s", unknown)
        return True

    def _quotas(
        self, app: App, phone: Phone, *, openid: str | None, address: str | None
    ) -> list[Quota]:
        policy = self.policy
        per_phone = (
            (1, policy.resend_in),
            (policy.per_phone_hour, HOUR),
            (policy.per_phone_day, DAY),
        )
        quotas = [
            # Keyed: eleven digits are guessed in no time under a plain hash.
            Quota(f"sms:{self._core.keyed('sms quota', phone.e164).hex()}", per_phone),
            Quota("sms:all", ((policy.hourly_budget, HOUR),)),
        ]
        if openid is not None:
            quotas.append(Quota(f"sms:{app.app_id}:{openid}", ((policy.per_openid_day, DAY),)))
        if address is not None:
            source = f"sms:from:{source_of(address)}"
            quotas.append(Quota(source, ((policy.per_address_hour, HOUR),)))
        return quotas

    def _new_digits(self) -> str:
        """Evenly drawn: what does not divide evenly is thrown back, no remainder favours 0."""
        space = 10**DIGITS
        ceiling = (1 << 32) // space * space
        while True:
            drawn = int.from_bytes(self._core.random(4), "big")
            if drawn < ceiling:
                return f"{drawn % space:0{DIGITS}}"

    def _spend(self, app: App, phone: Phone, *, purpose: Purpose, digits: str) -> CodeSpend:
        slot = self._core.keyed("sms slot", app.app_id, phone.e164, str(purpose))
        return CodeSpend(slot, self._core.keyed("sms code", slot.hex(), digits))
