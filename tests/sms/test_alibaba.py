"""Alibaba Cloud's SendSms: what goes out, and what its codes mean (its page 101346)."""

import json
import sys
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sms.vendors import CODE, PHONE, WELL, hits, message, saying, sender_to, vendor
from wxlogin.login.accounts import Phone
from wxlogin.login.secret import Secret
from wxlogin.login.sms import SmsMessage, SmsRefused, SmsUnknown
from wxlogin.sms import threads

REFUSED = {
    "isv.AMOUNT_NOT_ENOUGH": "balance",
    "isv.OUT_OF_SERVICE": "balance",
    "InvalidAccessKeyId.NotFound": "credentials",
    "SignatureDoesNotMatch": "credentials",
    "isp.RAM_PERMISSION_DENY": "permission",
    "isv.PRODUCT_UN_SUBSCRIPT": "permission",
    "isv.ACCOUNT_ABNORMAL": "permission",
    "Forbidden.RAM": "permission",
    "isv.SMS_SIGNATURE_ILLEGAL": "sign_name",
    "isv.SIGN_NAME_ILLEGAL": "sign_name",
    "isv.SMS_TEMPLATE_ILLEGAL": "template",
    "isv.TEMPLATE_MISSING_PARAMETERS": "template",
    "isv.SMS_TEST_SIGN_TEMPLATE_LIMIT": "template",
    "isv.BLACK_KEY_CONTROL_LIMIT": "content",
    "isv.MOBILE_NUMBER_ILLEGAL": "phone",
    "isv.BUSINESS_LIMIT_CONTROL": "vendor_limit",
    "isv.DAY_LIMIT_CONTROL": "vendor_limit",
    "isv.INVALID_PARAMETERS": "parameters",
    "isv.PARAM_LENGTH_LIMIT": "parameters",
    "isv.SOMETHING_NEW": "other",
    "Throttling.User": "vendor_limit",
}
UNKNOWN = ["isp.SYSTEM_ERROR", "isp.GATEWAY_ERROR", "isp.UNKNOWN", "ServiceUnavailable", "New"]


def answer(code: str) -> object:
    return {"Code": code, "Message": f"{PHONE} {CODE}", "RequestId": "r"}


async def test_the_call_carries_number_code_template_and_name() -> None:
    async with vendor("alibaba", saying(WELL["alibaba"])) as (sender, server):
        await sender.send(message())
    line, *headers = server.requests[0].decode().split("\r\n")
    method, target, _ = line.split(" ")
    query = {name: value for name, (value,) in parse_qs(urlsplit(target).query).items()}
    assert method == "POST"
    assert "x-acs-action: SendSms" in headers
    assert json.loads(query.pop("TemplateParam")) == {"code": CODE}
    assert query == {
        "PhoneNumbers": PHONE,
        "SignName": "某某科技",
        "TemplateCode": "SMS_154950909",
    }


async def test_a_number_abroad_goes_out_with_its_calling_code() -> None:
    async with vendor("alibaba", saying(WELL["alibaba"])) as (sender, server):
        await sender.send(SmsMessage(Phone("852", "61234567"), Secret(CODE), "login"))
    assert b"PhoneNumbers=85261234567&" in server.requests[0]


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request"])
@pytest.mark.parametrize(("code", "reason"), REFUSED.items())
async def test_a_refusal_has_a_reason_for_the_operator(code: str, reason: str, status: str) -> None:
    async with vendor("alibaba", saying(answer(code), status=status)) as (sender, _):
        with pytest.raises(SmsRefused) as refused:
            await sender.send(message())
    assert refused.value.reason == reason
    assert str(refused.value) == f"{reason} ({code})"


@pytest.mark.parametrize("status", ["200 OK", "503 Service Unavailable"])
@pytest.mark.parametrize("code", UNKNOWN)
async def test_a_code_that_does_not_say_so_is_no_refusal(code: str, status: str) -> None:
    async with vendor("alibaba", saying(answer(code), status=status)) as (sender, _):
        with pytest.raises(SmsUnknown) as unknown:
            await sender.send(message())
    assert str(unknown.value) == f"vendor ({code})"


async def test_the_sdks_own_debug_output_shows_nothing_of_ours(
    monkeypatch: pytest.MonkeyPatch, logged: list[str]
) -> None:
    """`DEBUG=sdk` makes it write each URL, and the URL holds number and code."""
    monkeypatch.setenv("DEBUG", "sdk")

    async def written() -> list[str]:
        async with vendor("alibaba", saying(WELL["alibaba"])) as (sender, _):
            await sender.send(message())
        return logged

    assert hits(await written()) == []
    monkeypatch.setattr(threads.quiet, "mark_thread", lambda: None)
    assert hits(await written())  # the twin


def test_without_its_sdk_the_line_to_type_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "alibabacloud_dysmsapi20170525.client", None)
    with pytest.raises(ImportError, match=r'pip install "wxlogin\[sms-alibaba\]"'):
        sender_to("alibaba", "http://127.0.0.1:1")
