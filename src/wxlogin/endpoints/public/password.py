"""The own password: changed with a proof, or reset by SMS."""

from dataclasses import dataclass, field

from wxlogin.endpoints.exchange import Reply, Request
from wxlogin.endpoints.messages import (
    AppId,
    Password,
    PhoneText,
    Username,
    VerificationCodeText,
)
from wxlogin.endpoints.public.proof import ProofBody, proof_of
from wxlogin.endpoints.route import CODE_FAULTS, Route
from wxlogin.endpoints.shown import session_of
from wxlogin.login import errors
from wxlogin.login.flow import Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordBody(ProofBody):
    """With a proof of who asks. Without passwords installed the answer is 404."""

    username: Username | None = None
    new_password: Password = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordResetBody:
    """`verification_code` came by SMS for the purpose `reset`. A phone that opens no account
    answers as a wrong code does. Without passwords installed, or SMS, the answer is 404."""

    app_id: AppId | None = None
    phone: PhoneText = field(repr=False)
    verification_code: VerificationCodeText = field(repr=False)
    new_password: Password = field(repr=False)


async def change_password(flow: Flow, request: Request) -> Reply:
    body: PasswordBody = request.body
    await flow.own_password.change(
        session_of(request),
        new_password=body.new_password,
        proof=proof_of(body, request),
        username=body.username,
    )
    return Reply(204)


async def reset_password(flow: Flow, request: Request) -> Reply:
    body: PasswordResetBody = request.body
    await flow.own_password.reset(
        body.phone, body.verification_code, body.new_password, app_id=body.app_id
    )
    return Reply(204)


ROUTES = (
    Route(
        "POST",
        "/v1/me/password",
        change_password,
        "设置或修改密码 Set or change my password",
        body=PasswordBody,
        example='{"username":"xiaoming","new_password":"PASSWORD","proof_code":"CODE"}',
        status=204,
        with_session=True,
        fails=(
            errors.AppUnknown,
            *CODE_FAULTS,
            errors.WeChatBlocked,
            errors.ProofRequired,
            errors.VerificationCodeInvalid,
            errors.PasswordWeak,
            errors.UsernameTaken,
            errors.NotFound,
        ),
    ),
    Route(
        "POST",
        "/v1/password/reset",
        reset_password,
        "用短信重设密码 Reset a forgotten password by SMS",
        body=PasswordResetBody,
        example='{"phone":"13800006666","verification_code":"012345","new_password":"PASSWORD"}',
        status=204,
        fails=(
            errors.AppUnknown,
            errors.VerificationCodeInvalid,
            errors.PasswordWeak,
            errors.PhoneNumberInvalid,
            errors.AccountDisabled,
            errors.AccountPending,
            errors.AccountRejected,
            errors.AccountErasing,
            errors.RateLimited,
            errors.NotFound,
        ),
    ),
)
EXAMPLES: tuple[object, ...] = (
    PasswordBody(username="xiaoming", new_password="PASSWORD", proof_code="CODE"),  # noqa: S106
    PasswordResetBody(
        phone="13800006666",
        verification_code="012345",
        new_password="PASSWORD",  # noqa: S106
    ),
)
