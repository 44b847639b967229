"""Tencent Cloud SMS (腾讯云短信), through its SDK: SendSms of version 2021-01-11."""

from functools import partial
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from wxlogin.login.secret import Secret
from wxlogin.login.sms import SmsMessage
from wxlogin.sms.outcomes import Refusals, outcome_of_code, outcome_of_fault
from wxlogin.sms.threads import SECONDS, SILENCE, Outcome, Threads

REGION = "ap-guangzhou"
ENDPOINT = "sms.tencentcloudapi.com"

# InternalError.* is missing on purpose: the message may have been sent.
_REFUSALS: Refusals = (
    ("FailedOperation.InsufficientBalance", "balance"),
    ("UnauthorizedOperation.ServiceSuspendDueToArrears", "balance"),
    ("AuthFailure", "credentials"),
    ("InternalError.Sig", "credentials"),
    ("InternalError.RequestTimeException", "credentials"),
    ("UnauthorizedOperation", "permission"),
    ("FailedOperation.NotEnterpriseCertification", "permission"),
    ("FailedOperation.Signature", "sign_name"),
    ("FailedOperation.MissingSignature", "sign_name"),
    ("FailedOperation.Template", "template"),
    ("FailedOperation.MissingTemplate", "template"),
    ("InvalidParameterValue.Template", "template"),
    ("FailedOperation.ContainSensitiveWord", "content"),
    ("InvalidParameter.DirtyWordFound", "content"),
    ("FailedOperation.PhoneNumber", "phone"),
    ("InvalidParameterValue.IncorrectPhoneNumber", "phone"),
    ("LimitExceeded.AppCountryOrRegionInBlacklist", "country"),
    ("LimitExceeded", "vendor_limit"),
    ("RequestLimitExceeded", "vendor_limit"),
    ("UnsupportedOperation.UnsupportedRegion", "country"),
    ("UnsupportedOperation", "template"),
    ("FailedOperation.MarketingSendTimeConstraint", "template"),
    ("FailedOperation.FailResolvePacket", "parameters"),
    ("FailedOperation.JsonParseFail", "parameters"),
    ("FailedOperation.Parameters", "parameters"),
    ("InvalidParameter", "parameters"),
    ("MissingParameter", "parameters"),
    ("UnknownParameter", "parameters"),
    ("InvalidAction", "parameters"),
    ("UnsupportedRegion", "parameters"),
    ("ActionOffline", "other"),
)


class TencentSender:
    """Sends with a template of one variable, `{1}`, the code.

    `seconds` is the limit of one message. Without a `region` it is REGION. `endpoint`
    and `scheme` are for tests.
    """

    def __init__(
        self,
        *,
        secret_id: str,
        secret_key: Secret,
        sdk_app_id: str,
        sign_name: str,
        template_id: str,
        region: str | None = None,
        endpoint: str = ENDPOINT,
        scheme: str = "https",
        seconds: float = SECONDS,
    ) -> None:
        self._sdk = _open_sdk()
        self._credential = self._sdk.Credential(secret_id, secret_key.reveal())
        http = self._sdk.HttpProfile(protocol=scheme, endpoint=endpoint)
        http.reqTimeout = seconds * SILENCE
        self._profile = self._sdk.ClientProfile(httpProfile=http)
        self._region = region or REGION
        self._fixed = {
            "SmsSdkAppId": sdk_app_id,
            "SignName": sign_name,
            "TemplateId": template_id,
        }
        self._seconds = seconds
        self._threads = Threads()

    async def send(self, message: SmsMessage) -> None:
        outcome = await self._threads.run(partial(self._send, message), seconds=self._seconds)
        if outcome is not None:
            raise outcome

    async def close(self) -> None:
        self._threads.close()

    def _send(self, message: SmsMessage) -> Outcome:
        try:
            # A client for each message: it is not said to be safe in threads, and a line
            # that went stale in its pool would turn a refusal into an unknown.
            client = self._sdk.SmsClient(self._credential, self._region, self._profile)
            (status,) = client.SendSms(self._request(message)).SendStatusSet
        except self._sdk.TencentCloudSDKException as fault:
            # With a context it is the SDK's wrapping of another exception, else an answer.
            if fault.__context__ is not None:
                return outcome_of_fault(fault)
            return outcome_of_code(fault.code, _REFUSALS)
        except Exception as fault:
            return outcome_of_fault(fault)
        return None if status.Code == "Ok" else outcome_of_code(status.Code, _REFUSALS)

    def _request(self, message: SmsMessage) -> Any:
        request = self._sdk.SendSmsRequest()
        for name, value in self._fixed.items():
            setattr(request, name, value)
        request.PhoneNumberSet = [message.phone.e164]
        request.TemplateParamSet = [message.verification_code.reveal()]
        return request


def _open_sdk() -> Any:
    """The names we use of the SDK, which knows no retry unless it is told to."""
    try:
        sms = import_module("tencentcloud.sms.v20210111.sms_client")
        models = import_module("tencentcloud.sms.v20210111.models")
        credential = import_module("tencentcloud.common.credential")
        client_profile = import_module("tencentcloud.common.profile.client_profile")
        http_profile = import_module("tencentcloud.common.profile.http_profile")
        exception = import_module("tencentcloud.common.exception")
    except ImportError:
        raise ImportError(
            'the SDK of Tencent Cloud SMS is not installed: pip install "wxlogin[sms-tencent]"'
        ) from None
    return SimpleNamespace(
        SmsClient=sms.SmsClient,
        SendSmsRequest=models.SendSmsRequest,
        Credential=credential.Credential,
        ClientProfile=client_profile.ClientProfile,
        HttpProfile=http_profile.HttpProfile,
        TencentCloudSDKException=exception.TencentCloudSDKException,
    )
