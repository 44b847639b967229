"""The ways in."""

from dataclasses import dataclass, field

from wxlogin.endpoints.exchange import Reply, Request
from wxlogin.endpoints.messages import (
    AgreementBody,
    Code,
    DeviceBody,
    Entrance,
    LoginMessage,
    Password,
    PhoneCode,
    PhoneText,
    Username,
    VerificationCodeText,
)
from wxlogin.endpoints.route import CODE_FAULTS, LOGIN_REFUSED, Route
from wxlogin.endpoints.shown import login_reply, origin_of
from wxlogin.login import errors
from wxlogin.login.flow import Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginBody(Entrance):
    code: Code = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneLoginBody(Entrance):
    code: Code = field(repr=False)
    phone_code: PhoneCode = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordLoginBody(Entrance):
    username: Username
    password: Password = field(repr=False)
    code: Code | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsLoginBody(Entrance):
    phone: PhoneText = field(repr=False)
    verification_code: VerificationCodeText = field(repr=False)
    code: Code | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreBody(Entrance):
    """One of the three: a code, a name and its password, a phone and a code by SMS."""

    code: Code | None = field(default=None, repr=False)
    username: Username | None = None
    password: Password | None = field(default=None, repr=False)
    phone: PhoneText | None = field(default=None, repr=False)
    verification_code: VerificationCodeText | None = field(default=None, repr=False)


async def login(flow: Flow, request: Request) -> Reply:
    body: LoginBody = request.body
    return login_reply(await flow.login(body.code, app_id=body.app_id, origin=origin_of(body)))


async def login_by_phone(flow: Flow, request: Request) -> Reply:
    body: PhoneLoginBody = request.body
    return login_reply(
        await flow.login_by_phone(
            body.code, body.phone_code, app_id=body.app_id, origin=origin_of(body)
        )
    )


async def login_by_password(flow: Flow, request: Request) -> Reply:
    body: PasswordLoginBody = request.body
    return login_reply(
        await flow.login_by_password(
            body.username,
            body.password,
            app_id=body.app_id,
            code=body.code,
            address=request.address,
            origin=origin_of(body),
        )
    )


async def login_by_sms(flow: Flow, request: Request) -> Reply:
    body: SmsLoginBody = request.body
    return login_reply(
        await flow.login_by_sms(
            body.phone,
            body.verification_code,
            app_id=body.app_id,
            code=body.code,
            origin=origin_of(body),
        )
    )


async def restore(flow: Flow, request: Request) -> Reply:
    body: RestoreBody = request.body
    return login_reply(
        await flow.restore(
            body.code,
            username=body.username,
            password=body.password,
            phone=body.phone,
            verification_code=body.verification_code,
            app_id=body.app_id,
            address=request.address,
            origin=origin_of(body),
        )
    )


ROUTES = (
    Route(
        "POST",
        "/v1/login",
        login,
        "用 wx.login 的 code 登录 Log in with a fresh code of wx.login",
        body=LoginBody,
        example='{"code":"CODE"}',
        reply=LoginMessage,
        fails=(*LOGIN_REFUSED, *CODE_FAULTS),
    ),
    Route(
        "POST",
        "/v1/login/phone",
        login_by_phone,
        "一键登录：同时带上手机号 Log in and bring the phone number, in one tap",
        body=PhoneLoginBody,
        example='{"code":"CODE","phone_code":"PHONE_CODE"}',
        reply=LoginMessage,
        fails=(
            *LOGIN_REFUSED,
            *CODE_FAULTS,
            errors.PhoneCodeInvalid,
            errors.WrongCodeKind,
            errors.PhoneTaken,
        ),
    ),
    Route(
        "POST",
        "/v1/login/password",
        login_by_password,
        "账号密码登录 Log in with a name and a password",
        body=PasswordLoginBody,
        example='{"username":"xiaoming","password":"PASSWORD"}',
        reply=LoginMessage,
        fails=(*LOGIN_REFUSED, *CODE_FAULTS, errors.CredentialsInvalid, errors.NotFound),
    ),
    Route(
        "POST",
        "/v1/login/sms",
        login_by_sms,
        "短信验证码登录 Log in with a code by SMS",
        body=SmsLoginBody,
        example='{"phone":"13800006666","verification_code":"012345"}',
        reply=LoginMessage,
        fails=(
            *LOGIN_REFUSED,
            *CODE_FAULTS,
            errors.VerificationCodeInvalid,
            errors.PhoneNumberInvalid,
            errors.PhoneTaken,
            errors.NotFound,
        ),
    ),
    Route(
        "POST",
        "/v1/me/restore",
        restore,
        "撤销注销 Take an erasure back",
        body=RestoreBody,
        example='{"code":"CODE"}',
        reply=LoginMessage,
        fails=(
            *LOGIN_REFUSED,
            *CODE_FAULTS,
            errors.NotFound,
            errors.CredentialsInvalid,
            errors.VerificationCodeInvalid,
            errors.PhoneNumberInvalid,
            errors.PhoneTaken,
        ),
    ),
)
EXAMPLES: tuple[object, ...] = (
    LoginBody(
        code="CODE",
        app_id="wx4f4bc4dec97d474b",
        device=DeviceBody(id="d-1f3a", name="Mate 60", platform="android"),
        context={"scene": 1001},
        agreements=[AgreementBody(id="privacy", version="2026-01")],
    ),
    PhoneLoginBody(code="CODE", phone_code="PHONE_CODE"),
    PasswordLoginBody(username="xiaoming", password="PASSWORD"),  # noqa: S106
    SmsLoginBody(phone="13800006666", verification_code="012345"),
    RestoreBody(code="CODE"),
)
