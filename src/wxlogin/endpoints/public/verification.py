"""Codes by SMS."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from msgspec import Meta

from wxlogin.endpoints.exchange import Reply, Request, json_reply
from wxlogin.endpoints.messages import AppId, Code, PhoneText
from wxlogin.endpoints.route import CODE_FAULTS, Route
from wxlogin.login import errors
from wxlogin.login.flow import Flow
from wxlogin.login.verification import Purpose

Asker = Annotated[
    Code | None,
    Meta(description="a fresh code of `wx.login`, naming who asks; required in production"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationCodeBody:
    """A code is good for its purpose, its number and its app alone, five minutes, five tries;
    a new one takes its place. Where no SMS is configured the answer is 404."""

    app_id: AppId | None = None
    phone: PhoneText = field(repr=False)
    purpose: Literal["login", "register", "link", "reset", "proof"]
    code: Asker = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class VerificationCodeMessage:
    """The same for every number, whoever has it. A message may still fail to come."""

    resend_in: Annotated[int, Meta(description="seconds until another one may be asked for")]
    expires_in: Annotated[int, Meta(description="seconds the code is good for")]


async def send_verification_code(flow: Flow, request: Request) -> Reply:
    body: VerificationCodeBody = request.body
    await flow.send_verification_code(
        body.phone,
        Purpose(body.purpose),
        app_id=body.app_id,
        code=body.code,
        address=request.address,
    )
    policy = flow.verification.policy
    message = VerificationCodeMessage(
        int(policy.resend_in.total_seconds()), int(policy.ttl.total_seconds())
    )
    return json_reply(message, status=202)


ROUTES = (
    Route(
        "POST",
        "/v1/verification-codes",
        send_verification_code,
        "发送短信验证码 Send a verification code by SMS",
        body=VerificationCodeBody,
        example='{"phone":"13800006666","purpose":"login","code":"CODE"}',
        reply=VerificationCodeMessage,
        status=202,
        fails=(
            errors.AppUnknown,
            *CODE_FAULTS,
            errors.WeChatBlocked,
            errors.ProofRequired,
            errors.NotFound,
            errors.PhoneNumberInvalid,
        ),
    ),
)
EXAMPLES: tuple[object, ...] = (
    VerificationCodeBody(
        app_id="wx4f4bc4dec97d474b", phone="13800006666", purpose="login", code="CODE"
    ),
    VerificationCodeMessage(resend_in=60, expires_in=300),
)
