"""What the core asks of WeChat's platform."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from wxlogin.login import errors
from wxlogin.login.accounts import Phone, SessionKeys
from wxlogin.login.policy import App
from wxlogin.login.ports.access_tokens import AccessToken
from wxlogin.login.secret import Secret


@dataclass(frozen=True, slots=True)
class CodeExchange:
    """What code2Session answered."""

    openid: str
    unionid: str | None
    session_key: Secret


class NothingSent(Exception):
    """WeChat was not reached, and not one byte of the request left: the code is unspent.

    `from_breaker`: it was not even tried.
    """

    def __init__(
        self,
        *,
        from_breaker: bool = False,
        retry_after: int = 1,
        refusal: errors.WxLoginError | None = None,
    ) -> None:
        """`refusal` is what the person is told, where it is not that WeChat is unavailable."""
        super().__init__()
        self.from_breaker = from_breaker
        self.retry_after = retry_after
        self.refusal = refusal

    def told(self) -> errors.WxLoginError:
        """The error to answer with."""
        return self.refusal or errors.WeChatUnavailable(retry_after=self.retry_after)


class WeChat(Protocol):
    """The platform, as far as logins and accounts need it."""

    async def exchange_code(self, app: App, code: str) -> CodeExchange:
        """Exchange `code` by code2Session, at most once on the wire (contract §1).

        Raises `NothingSent` where the code is certainly unspent, and then only; else
        `CodeInvalid`, `CodeUsed`, `WeChatBlocked`, `RateLimited`, `AppMisconfigured`, or
        `WeChatUnavailable(retry="new_code")` where the code may be spent.
        """
        ...

    async def get_access_token(self, app: App) -> AccessToken:
        """The app's access_token, the one that all processes and services share.

        Raises `WeChatUnavailable`, `RateLimited`, `AppMisconfigured`.
        """
        ...

    async def renew_access_token(self, app: App, value: Secret) -> AccessToken:
        """The app's access_token; if it is still `value` WeChat is asked for it anew."""
        ...

    async def check_app(self, app: App) -> None:
        """Return if WeChat takes the app's newest appsecret. Raises `AppMisconfigured`,
        `WeChatUnavailable`, `RateLimited`."""
        ...

    async def is_session_key_valid(self, app: App, *, openid: str, session_key: Secret) -> bool:
        """Whether WeChat still holds this session_key valid (`wxa/checksession`, contract §2.1).

        Raises `WeChatUnavailable`, `RateLimited`, `AppMisconfigured`.
        """
        ...

    async def get_phone_number(self, app: App, code: str, *, openid: str) -> Phone:
        """The number behind the phone button's code, which must be `openid`'s (contract §4.1).

        Every success is paid for. Raises `PhoneCodeInvalid`, `WeChatUnavailable`,
        `RateLimited`, `AppMisconfigured`.
        """
        ...


class OpenData(Protocol):
    """What a phone hands over under the session_key (contract §5): read here, WeChat is not
    asked. The current key is tried, then the previous one.

    There is one error for every way a decryption fails, and the same work before it: more
    would let a stranger read without the key (security.md A04). Who asks counts the failures.
    """

    def read(
        self,
        encrypted_data: str,
        iv: str,
        *,
        keys: SessionKeys,
        app_id: str,
        now: datetime,
        max_age: timedelta,
        openid: str | None = None,
    ) -> Mapping[str, Any]:
        """The fields of the blob, whose watermark names `app_id` and is no older than `max_age`.

        `openid`: whose blob it must say it is; None for the kinds that name nobody. Raises
        `CiphertextInvalid`.
        """
        ...

    def read_phone(
        self,
        encrypted_data: str,
        iv: str,
        *,
        keys: SessionKeys,
        app_id: str,
        now: datetime,
        max_age: timedelta,
    ) -> Phone:
        """The phone number in the blob of the phone button, proven when its watermark says
        (contract §4.2). Raises `CiphertextInvalid`."""
        ...

    def is_signed(self, raw_data: str, signature: str, *, keys: SessionKeys) -> bool:
        """Whether WeChat signed `raw_data`, taken as it came, under one of the keys."""
        ...
