"""From settings to a sender of text messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from wxlogin.login.secret import Secret
from wxlogin.login.sms import SmsSender

PROVIDERS = ("off", "simulator", "tencent", "alibaba")

NEEDED: Mapping[str, tuple[str, ...]] = {
    "tencent": ("sign_name", "template_id", "sdk_app_id", "secret_id", "secret_key"),
    "alibaba": ("sign_name", "template_id", "secret_id", "secret_key"),
}
"""The fields that a provider cannot do without."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SmsSettings:
    """Who sends text messages; defaults and their reasons:

    `provider` off: messages cost money. `countries`: calling codes that messages may go to,
    China alone, for dear countries are what pumping aims at (security.md C08).
    `hourly_budget`: messages an hour of the whole deployment, after which none is sent.
    `template_id`: a template with one variable, the code (at Alibaba named `code`).
    `secret_id`, `secret_key`: Tencent's SecretId and SecretKey, Alibaba's AccessKey.
    `region`: the vendor's own default.
    """

    provider: str = "off"
    countries: tuple[str, ...] = ("86",)
    hourly_budget: int = 1000
    sign_name: str | None = None
    template_id: str | None = None
    sdk_app_id: str | None = None
    secret_id: str | None = None
    secret_key: Secret | None = None
    region: str | None = None

    def missing(self) -> list[str]:
        """The fields that `provider` needs, and that are not set."""
        return [name for name in NEEDED.get(self.provider, ()) if getattr(self, name) is None]


class OpenSmsSender(SmsSender, Protocol):
    """A sender that holds connections or threads."""

    async def close(self) -> None: ...


def make_sender(settings: SmsSettings, *, base_url: str) -> OpenSmsSender | None:
    """The sender that `settings` ask for, for one event loop; None where it is off.

    `base_url` is the simulator's. Raises ValueError where a field is missing, and ImportError
    with the line to type where a vendor's SDK is not installed.
    """
    if settings.provider == "tencent":
        return _tencent(settings)
    if settings.provider == "alibaba":
        return _alibaba(settings)
    if settings.provider == "simulator":
        from wxlogin.sms.simulator import SimulatorSender

        return SimulatorSender(base_url, sign_name=settings.sign_name or "wxlogin")
    return None


def _tencent(settings: SmsSettings) -> OpenSmsSender:
    from wxlogin.sms.tencent import TencentSender

    return TencentSender(
        secret_id=_given(settings.secret_id),
        secret_key=_given(settings.secret_key),
        sdk_app_id=_given(settings.sdk_app_id),
        sign_name=_given(settings.sign_name),
        template_id=_given(settings.template_id),
        region=settings.region,
    )


def _alibaba(settings: SmsSettings) -> OpenSmsSender:
    from wxlogin.sms.alibaba import AlibabaSender

    return AlibabaSender(
        access_key_id=_given(settings.secret_id),
        access_key_secret=_given(settings.secret_key),
        sign_name=_given(settings.sign_name),
        template_code=_given(settings.template_id),
        region=settings.region,
    )


def _given(value: T | None) -> T:
    if value is None:
        raise ValueError("the account of the SMS provider is not complete")
    return value
