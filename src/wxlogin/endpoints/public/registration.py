"""Ways to become somebody."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from wxlogin.endpoints.exchange import Reply, Request, json_reply
from wxlogin.endpoints.messages import (
    Entrance,
    LoginMessage,
    Nickname,
    Password,
    PhoneText,
    Username,
    VerificationCodeText,
)
from wxlogin.endpoints.route import LOGIN_REFUSED, WECHAT_FAULTS, Route
from wxlogin.endpoints.shown import login_reply, origin_of
from wxlogin.login import errors
from wxlogin.login.flow import Flow
from wxlogin.login.new_passwords import Wanted
from wxlogin.login.registering import Company, PhoneProof

RegistrationTicket = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=128,
        description="`registration_ticket` of a 403 `registration_required`; ten minutes, one use",
    ),
]
Line = Annotated[str, Meta(min_length=1, max_length=128, description="one line of text")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration(Entrance):
    """A ticket that holds a proven phone needs neither `phone` nor `verification_code`; else both
    are needed, the code of purpose `register`."""

    registration_ticket: RegistrationTicket | None = field(default=None, repr=False)
    phone: PhoneText | None = field(default=None, repr=False)
    verification_code: VerificationCodeText | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MobileRegistrationBody(Registration):
    username: Username | None = None
    password: Password | None = field(default=None, repr=False)
    nickname: Nickname | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterpriseRegistrationBody(Registration):
    """`credit_code`: 统一社会信用代码, whose check character must hold."""

    company_name: Line
    credit_code: Annotated[str, Meta(min_length=1, max_length=64, examples=["91350100M000100Y43"])]
    contact_name: Line = field(repr=False)
    username: Username
    password: Password = field(repr=False)


@dataclass(frozen=True, slots=True)
class ApplicationMessage:
    application_id: Annotated[
        str, Meta(description="ask by it what became of the application; tell it to nobody")
    ] = field(repr=False)
    status: Literal["pending"]


@dataclass(frozen=True, slots=True)
class ApplicationStatusMessage:
    status: Literal["pending", "approved", "rejected"]
    reason: Annotated[
        str | UnsetType, Meta(description="what the operator tells the applicant of a rejection")
    ] = UNSET


async def register_mobile(flow: Flow, request: Request) -> Reply:
    body: MobileRegistrationBody = request.body
    result = await flow.registering.mobile(
        _proof_of(body),
        Wanted(body.nickname, body.username, body.password),
        app_id=body.app_id,
        origin=origin_of(body),
    )
    return login_reply(result, status=201)


async def register_enterprise(flow: Flow, request: Request) -> Reply:
    body: EnterpriseRegistrationBody = request.body
    application = await flow.registering.enterprise(
        Company(body.company_name, body.credit_code, body.contact_name),
        _proof_of(body),
        Wanted(None, body.username, body.password),
        app_id=body.app_id,
        origin=origin_of(body),
    )
    return json_reply(ApplicationMessage(application.id, "pending"), status=202, no_store=True)


async def get_application(flow: Flow, request: Request) -> Reply:
    application = await flow.applications.get(request.path_values["application_id"])
    message = ApplicationStatusMessage(application.status.value, application.reason or UNSET)
    return json_reply(message, no_store=True)


def _proof_of(body: Registration) -> PhoneProof:
    return PhoneProof(body.registration_ticket, body.phone, body.verification_code)


REGISTRATION_FAULTS: tuple[type[errors.WxLoginError], ...] = (
    *(kind for kind in LOGIN_REFUSED if kind is not errors.RegistrationRequired),
    *WECHAT_FAULTS,
    errors.TicketInvalid,
    errors.VerificationCodeInvalid,
    errors.PhoneNumberInvalid,
    errors.PhoneTaken,
    errors.UsernameTaken,
    errors.PasswordWeak,
    errors.NotFound,
)

ROUTES = (
    Route(
        "POST",
        "/v1/register/mobile",
        register_mobile,
        "手机号注册 Register with a phone number",
        body=MobileRegistrationBody,
        example='{"registration_ticket":"TICKET","phone":"13800006666",'
        '"verification_code":"012345"}',
        reply=LoginMessage,
        status=201,
        fails=(*REGISTRATION_FAULTS, errors.ContentRejected),
    ),
    Route(
        "POST",
        "/v1/register/enterprise",
        register_enterprise,
        "企业注册申请 Apply for an enterprise's account",
        body=EnterpriseRegistrationBody,
        example='{"company_name":"示例公司","credit_code":"91350100M000100Y43",'
        '"contact_name":"张三","phone":"13800006666","verification_code":"012345",'
        '"username":"example","password":"PASSWORD"}',
        reply=ApplicationMessage,
        status=202,
        fails=(*REGISTRATION_FAULTS, errors.CreditCodeInvalid),
    ),
    Route(
        "GET",
        "/v1/register/enterprise/{application_id}",
        get_application,
        "查询企业申请 What became of an application",
        reply=ApplicationStatusMessage,
        fails=(errors.NotFound,),
    ),
)
EXAMPLES: tuple[object, ...] = (
    MobileRegistrationBody(
        registration_ticket="TICKET",
        phone="13800006666",
        verification_code="012345",
        nickname="小明",
    ),
    EnterpriseRegistrationBody(
        company_name="示例公司",
        credit_code="91350100M000100Y43",
        contact_name="张三",
        phone="13800006666",
        verification_code="012345",
        username="example",
        password="PASSWORD",  # noqa: S106
    ),
    ApplicationMessage("APPLICATION", "pending"),
    ApplicationStatusMessage("rejected", "营业执照已过期"),
)
