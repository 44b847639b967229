"""Alibaba Cloud SMS (阿里云短信服务), through its SDK: SendSms of version 2017-05-25."""

import json
from functools import partial
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from wxlogin.login.accounts import Phone
from wxlogin.login.phone_numbers import CHINA
from wxlogin.login.secret import Secret
from wxlogin.login.sms import SmsMessage
from wxlogin.sms.outcomes import Refusals, outcome_of_code, outcome_of_fault
from wxlogin.sms.threads import SECONDS, SILENCE, Outcome, Threads

REGION = "cn-hangzhou"

# The other isp.* are missing on purpose, SYSTEM_ERROR foremost: it may have been sent.
_REFUSALS: Refusals = (
    ("isv.AMOUNT_NOT_ENOUGH", "balance"),
    ("isv.OUT_OF_SERVICE", "balance"),
    ("InvalidAccessKey", "credentials"),
    ("SignatureDoesNotMatch", "credentials"),
    ("SignatureNonceUsed", "credentials"),
    ("InvalidTimeStamp", "credentials"),
    ("IncompleteSignature", "credentials"),
    ("MissingSecurityToken", "credentials"),
    ("isp.RAM_PERMISSION_DENY", "permission"),
    ("isv.ACCOUNT", "permission"),
    ("isv.PRODUCT_UN", "permission"),
    ("isv.DENY_IP_RANGE", "permission"),
    ("isv.SECURITY_FROZEN_ACCOUNT", "permission"),
    ("Forbidden", "permission"),
    ("NoPermission", "permission"),
    ("NotAuthorized", "permission"),
    ("isv.SMS_SIGN", "sign_name"),
    ("isv.SIGN", "sign_name"),
    ("isv.SMS_TEST", "template"),
    ("isv.SMS_TEMPLATE", "template"),
    ("isv.TEMPLATE", "template"),
    ("isv.SMS_CONTENT", "content"),
    ("isv.BLACK_KEY_CONTROL_LIMIT", "content"),
    ("isv.PARAM_NOT_SUPPORT_URL", "content"),
    ("isv.MOBILE", "phone"),
    ("isv.PHONE", "phone"),
    ("isv.BLACKLIST", "phone"),
    ("MOBILE_NOT_ON_SERVICE", "phone"),
    ("isv.NOT_SUPPORTED_COUNTRY", "country"),
    ("isv.COUNTRY", "country"),
    ("isv.BUSINESS_LIMIT", "vendor_limit"),
    ("BUSINESS_LIMIT_CONTROL", "vendor_limit"),
    ("isv.DAY_LIMIT_CONTROL", "vendor_limit"),
    ("isv.MONTH_LIMIT_CONTROL", "vendor_limit"),
    ("Throttling", "vendor_limit"),
    ("isv.INVALID", "parameters"),
    ("isv.PARAM", "parameters"),
    ("InvalidParameter", "parameters"),
    ("InvalidVersion", "parameters"),
    ("InvalidAction", "parameters"),
    ("Missing", "parameters"),
    ("isv.", "other"),
)


class AlibabaSender:
    """Sends with a template of one variable, `${code}`.

    `seconds` is the limit of one message. Without a `region` it is REGION, without an
    `endpoint` the region's. `endpoint` and `scheme` are for tests.
    """

    def __init__(
        self,
        *,
        access_key_id: str,
        access_key_secret: Secret,
        sign_name: str,
        template_code: str,
        region: str | None = None,
        endpoint: str | None = None,
        scheme: str = "https",
        seconds: float = SECONDS,
    ) -> None:
        self._sdk = _open_sdk()
        config = self._sdk.Config(
            access_key_id=access_key_id,
            access_key_secret=access_key_secret.reveal(),
            region_id=region or REGION,
            endpoint=endpoint,
            protocol=scheme,
            # Milliseconds.
            connect_timeout=int(seconds * (1 - SILENCE) * 1000),
            read_timeout=int(seconds * SILENCE * 1000),
        )
        self._client = self._sdk.Client(config)
        self._fixed = {"sign_name": sign_name, "template_code": template_code}
        self._seconds = seconds
        self._threads = Threads()

    async def send(self, message: SmsMessage) -> None:
        outcome = await self._threads.run(partial(self._send, message), seconds=self._seconds)
        if outcome is not None:
            raise outcome

    async def close(self) -> None:
        self._threads.close()

    def _send(self, message: SmsMessage) -> Outcome:
        request = self._sdk.SendSmsRequest(
            phone_numbers=_number(message.phone),
            template_param=json.dumps({"code": message.verification_code.reveal()}),
            **self._fixed,
        )
        options = self._sdk.RuntimeOptions(autoretry=False, max_attempts=1)
        try:
            answer = self._client.send_sms_with_options(request, options)
            code = answer.body.code
        except self._sdk.AlibabaCloudException as fault:
            return outcome_of_code(fault.code, _REFUSALS)
        except Exception as fault:
            return outcome_of_fault(fault)
        return None if code == "OK" else outcome_of_code(code, _REFUSALS)


def _number(phone: Phone) -> str:
    """As SendSms wants it: bare within China, else with the calling code and no plus."""
    if phone.country_code == CHINA:
        return phone.national
    return phone.country_code + phone.national


def _open_sdk() -> Any:
    """The names we use of the SDK."""
    try:
        client = import_module("alibabacloud_dysmsapi20170525.client")
        models = import_module("alibabacloud_dysmsapi20170525.models")
        config = import_module("alibabacloud_tea_openapi.utils_models")
        exceptions = import_module("alibabacloud_tea_openapi.exceptions")
        runtime = import_module("darabonba.runtime")
    except ImportError:
        raise ImportError(
            'the SDK of Alibaba Cloud SMS is not installed: pip install "wxlogin[sms-alibaba]"'
        ) from None
    return SimpleNamespace(
        Client=client.Client,
        SendSmsRequest=models.SendSmsRequest,
        Config=config.Config,
        AlibabaCloudException=exceptions.AlibabaCloudException,
        RuntimeOptions=runtime.RuntimeOptions,
    )
