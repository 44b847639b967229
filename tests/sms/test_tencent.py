"""Tencent Cloud's SendSms: what goes out, and what its codes mean (its page 382/55981)."""

import json
import sys

import pytest
from tencentcloud.common.retry import StandardRetryer

from tests.sms.vendors import CODE, PHONE, WELL, message, reset, saying, sender_to, vendor
from wxlogin.login.accounts import Phone
from wxlogin.login.secret import Secret
from wxlogin.login.sms import SmsMessage, SmsRefused, SmsUnknown

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcfromtimestamp")

REFUSED = {
    "FailedOperation.InsufficientBalanceInSmsPackage": "balance",
    "UnauthorizedOperation.ServiceSuspendDueToArrears": "balance",
    "AuthFailure.SecretIdNotFound": "credentials",
    "AuthFailure.SignatureFailure": "credentials",
    "AuthFailure.SignatureExpire": "credentials",
    "InternalError.SigVerificationFail": "credentials",
    "InternalError.RequestTimeException": "credentials",
    "UnauthorizedOperation.SmsSdkAppIdVerifyFail": "permission",
    "UnauthorizedOperation.RequestIpNotInWhitelist": "permission",
    "FailedOperation.SignatureIncorrectOrUnapproved": "sign_name",
    "FailedOperation.TemplateIncorrectOrUnapproved": "template",
    "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": "template",
    "InvalidParameterValue.TemplateParameterFormatError": "template",
    "UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone": "template",
    "FailedOperation.ContainSensitiveWord": "content",
    "FailedOperation.PhoneNumberInBlacklist": "phone",
    "InvalidParameterValue.IncorrectPhoneNumber": "phone",
    "UnsupportedOperation.UnsupportedRegion": "country",
    "LimitExceeded.PhoneNumberThirtySecondLimit": "vendor_limit",
    "LimitExceeded.PhoneNumberOneHourLimit": "vendor_limit",
    "LimitExceeded.PhoneNumberDailyLimit": "vendor_limit",
    "LimitExceeded.DeliveryFrequencyLimit": "vendor_limit",
    "RequestLimitExceeded": "vendor_limit",
    "InvalidParameterValue.SdkAppIdNotExist": "parameters",
    "MissingParameter": "parameters",
}
UNKNOWN = [
    "InternalError.Timeout",
    "InternalError.SendAndRecvFail",
    "InternalError.OtherError",
    "InternalError",
    "FailedOperation.OtherError",
    "Something.New",
]


def status(code: str) -> object:
    """SendSms took the call and says this of the one message."""
    told = {"SerialNo": "", "PhoneNumber": f"+86{PHONE}", "Fee": 0, "Code": code, "Message": CODE}
    return {"Response": {"SendStatusSet": [told], "RequestId": "r"}}


def error(code: str) -> object:
    """SendSms did not take the call."""
    return {"Response": {"Error": {"Code": code, "Message": PHONE}, "RequestId": "r"}}


async def test_the_call_carries_number_code_template_and_name() -> None:
    async with vendor("tencent", saying(WELL["tencent"])) as (sender, server):
        await sender.send(message())
    head, _, body = server.requests[0].decode().partition("\r\n\r\n")
    assert head.startswith("POST / HTTP/1.1")
    assert PHONE not in head
    assert "x-tc-action: sendsms" in head.lower()
    assert "x-tc-region: ap-guangzhou" in head.lower()
    assert json.loads(body) == {
        "PhoneNumberSet": [f"+86{PHONE}"],
        "SmsSdkAppId": "1400006666",
        "SignName": "某某科技",
        "TemplateId": "449739",
        "TemplateParamSet": [CODE],
    }


async def test_a_number_abroad_goes_out_in_e164() -> None:
    async with vendor("tencent", saying(WELL["tencent"])) as (sender, server):
        await sender.send(SmsMessage(Phone("852", "61234567"), Secret(CODE), "login"))
    assert b'"+85261234567"' in server.requests[0]


@pytest.mark.parametrize("told", [status, error])
@pytest.mark.parametrize(("code", "reason"), REFUSED.items())
async def test_a_refusal_has_a_reason_for_the_operator(code: str, reason: str, told) -> None:
    async with vendor("tencent", saying(told(code))) as (sender, _):
        with pytest.raises(SmsRefused) as refused:
            await sender.send(message())
    assert refused.value.reason == reason
    assert str(refused.value) == f"{reason} ({code})"


@pytest.mark.parametrize("told", [status, error])
@pytest.mark.parametrize("code", UNKNOWN)
async def test_a_code_that_does_not_say_so_is_no_refusal(code: str, told) -> None:
    async with vendor("tencent", saying(told(code))) as (sender, _):
        with pytest.raises(SmsUnknown) as unknown:
            await sender.send(message())
    assert str(unknown.value) == f"vendor ({code})"


async def test_an_answer_for_two_messages_is_none_of_ours() -> None:
    twice = {"Response": {"SendStatusSet": [{"Code": "Ok"}, {"Code": "Ok"}], "RequestId": "r"}}
    async with vendor("tencent", saying(twice)) as (sender, _):
        with pytest.raises(SmsUnknown):
            await sender.send(message())


async def test_twin_with_a_retry_of_the_sdk_one_message_goes_out_twice() -> None:
    """What test_senders counts: the SDK can retry, and is not told to."""
    async with vendor("tencent", reset) as (sender, server):
        sender._profile.retryer = StandardRetryer(max_attempts=2, backoff_fn=lambda _: 0)
        with pytest.raises(SmsUnknown):
            await sender.send(message())
    assert len(server.requests) == 2


def test_without_its_sdk_the_line_to_type_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tencentcloud.sms.v20210111.sms_client", None)
    with pytest.raises(ImportError, match=r'pip install "wxlogin\[sms-tencent\]"'):
        sender_to("tencent", "http://127.0.0.1:1")
