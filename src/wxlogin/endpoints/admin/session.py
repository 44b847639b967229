"""An operator comes, stays, goes, and changes what is theirs."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from msgspec import Meta

from wxlogin.endpoints.admin.acts import acting, reading
from wxlogin.endpoints.admin.admission import cookie_header, session_of
from wxlogin.endpoints.exchange import Reply, Request, json_reply
from wxlogin.endpoints.route import Plane, Route
from wxlogin.login import errors
from wxlogin.login.flow import Flow
from wxlogin.login.operator_sessions import OperatorSession
from wxlogin.version import VERSION

TotpText = Annotated[
    str, Meta(min_length=1, max_length=16, description="the six digits of the authenticator app")
]
PasswordText = Annotated[str, Meta(min_length=1, max_length=1024)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInBody:
    name: Annotated[str, Meta(min_length=1, max_length=256)]
    password: PasswordText = field(repr=False)
    totp: TotpText = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageBody:
    language: Literal["zh", "en"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPasswordBody:
    current_password: PasswordText = field(repr=False)
    totp: TotpText = field(repr=False)
    new_password: PasswordText = field(repr=False)


@dataclass(frozen=True, slots=True)
class SelfMessage:
    id: str
    name: str
    role: Literal["support", "admin"]
    language: Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class SignedInMessage:
    operator: SelfMessage
    expires_in: int
    idle_expires_in: int


@dataclass(frozen=True, slots=True)
class MeMessage:
    operator: SelfMessage
    expires_in: int
    idle_expires_in: int
    version: str


async def sign_in(flow: Flow, request: Request) -> Reply:
    body: SignInBody = request.body
    signed_in = await flow.operators.sign_in(
        body.name, body.password, body.totp, address=request.address
    )
    left, idle = flow.operators.seconds_left(signed_in.session)
    reply = json_reply(SignedInMessage(_self(signed_in.session), left, idle))
    token = signed_in.token.reveal()
    reply.headers.append(cookie_header(token, max_age=left, request=request))
    return reply


async def get_operator_me(flow: Flow, request: Request) -> Reply:
    session = session_of(request)
    left, idle = flow.operators.seconds_left(session)
    return json_reply(MeMessage(_self(session), left, idle, VERSION))


async def put_operator_me(flow: Flow, request: Request) -> Reply:
    body: LanguageBody = request.body
    session = session_of(request)
    await flow.operators.set_language(session, body.language)
    return json_reply(_self(session, language=body.language))


async def sign_out(flow: Flow, request: Request) -> Reply:
    await flow.operators.sign_out(session_of(request))
    return Reply(204, headers=[cookie_header("", max_age=0, request=request)])


async def change_own_password(flow: Flow, request: Request) -> Reply:
    body: OwnPasswordBody = request.body
    await flow.operators.change_password(
        session_of(request),
        current=body.current_password,
        code=body.totp,
        new=body.new_password,
        address=request.address,
    )
    return Reply(204)


def _self(session: OperatorSession, *, language: str | None = None) -> SelfMessage:
    operator = session.operator
    shown: Literal["zh", "en"] = "en" if (language or operator.language) == "en" else "zh"
    return SelfMessage(operator.id, operator.name, operator.role.value, shown)


ROUTES = (
    Route(
        "POST",
        "/v1/admin/sign-in",
        sign_in,
        "登录控制台 Sign in",
        body=SignInBody,
        example='{"name":"li.lei","password":"…","totp":"123456"}',
        reply=SignedInMessage,
        plane=Plane.OPERATOR,
        fails=(errors.CredentialsInvalid, errors.RateLimited, errors.NotFound),
    ),
    reading("/v1/admin/me", get_operator_me, "我 Who I am here", reply=MeMessage),
    acting(
        "/v1/admin/me",
        put_operator_me,
        "界面语言 My language",
        method="PUT",
        body=LanguageBody,
        example='{"language":"zh"}',
        reply=SelfMessage,
    ),
    acting(
        "/v1/admin/me/password",
        change_own_password,
        "修改自己的密码 Change my password; my other sessions end",
        body=OwnPasswordBody,
        example='{"current_password":"…","totp":"123456","new_password":"…"}',
        status=204,
        fails=(errors.CredentialsInvalid, errors.PasswordWeak, errors.RateLimited),
    ),
    acting("/v1/admin/sign-out", sign_out, "退出控制台 Sign out", body=None, status=204),
)
