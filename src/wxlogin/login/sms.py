"""What the core asks of whoever sends text messages, and the two ways it can fail.

What a sender raises decides whether the message is counted (security.md F36), so it is
two things and never a third. Neither is for the person: `str` of it is for the operator's
log, and holds neither a number nor a code.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

from wxlogin.login.accounts import Phone
from wxlogin.login.secret import Secret

RefusedReason = Literal[
    "balance",
    "credentials",
    "permission",
    "sign_name",
    "template",
    "content",
    "parameters",
    "phone",
    "country",
    "vendor_limit",
    "unreachable",
    "busy",
    "other",
]
UnknownReason = Literal["deadline", "cut", "broken", "vendor", "host"]


@dataclass(frozen=True, slots=True)
class SmsMessage:
    """One verification code for one phone.

    `purpose` is one of http-api.md §4's; `language` is `zh` or `en`; `minutes` is how long
    the code holds, as the text may say.
    """

    phone: Phone
    verification_code: Secret
    purpose: str
    language: str = "zh"
    minutes: int = 5


class SmsRefused(Exception):
    """Nothing was sent, for certain: the provider said no, or was never reached.

    `vendor_code` is the provider's own name for the reason.
    """

    def __init__(self, reason: RefusedReason, *, vendor_code: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.vendor_code = vendor_code

    def __str__(self) -> str:
        return f"{self.reason} ({self.vendor_code})" if self.vendor_code else self.reason


class SmsUnknown(Exception):
    """The message may be on its way: it counts as sent, and is never sent again.

    `detail` is the provider's own name for what went wrong, or an exception's.
    """

    def __init__(self, reason: UnknownReason, *, detail: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.reason} ({self.detail})" if self.detail else self.reason


class SmsSender(Protocol):
    """Sends one message, at most once."""

    async def send(self, message: SmsMessage) -> None:
        """Return when the provider has accepted `message`, within five seconds or so.

        Raises `SmsRefused` where nothing was sent, for certain, and `SmsUnknown` where that
        is not known, and nothing else; neither has a cause or context that holds the number
        or the code. Never tries twice.
        """
        ...
