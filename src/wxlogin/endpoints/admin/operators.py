"""The operators themselves."""

from dataclasses import dataclass, field
from io import BytesIO
from typing import Annotated, Literal

from msgspec import Meta

from wxlogin.endpoints.admin.account_acts import ReasonBody
from wxlogin.endpoints.admin.acts import Reason, acting, reading
from wxlogin.endpoints.admin.admission import operator_in, session_of
from wxlogin.endpoints.exchange import Reply, Request, json_reply
from wxlogin.endpoints.messages import Time
from wxlogin.login import errors
from wxlogin.login.flow import Flow
from wxlogin.login.operator_sessions import Operator, Role
from wxlogin.login.operators import NewSecrets
from wxlogin.login.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOperatorBody:
    name: Annotated[str, Meta(min_length=1, max_length=64)]
    role: Literal["support", "admin"]
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorItem:
    id: str
    name: str
    role: Literal["support", "admin"]
    created_at: Time
    last_sign_in_at: Time | None
    is_disabled: bool


@dataclass(frozen=True, slots=True)
class OperatorList:
    items: list[OperatorItem]
    next: None = None


@dataclass(frozen=True, slots=True)
class OperatorSecretsMessage:
    """Shown here, and never again; the picture is the address, for an authenticator app."""

    operator: OperatorItem
    password: str = field(repr=False)
    otpauth_url: str = field(repr=False)
    totp_qr_svg: str = field(repr=False)


async def list_operators(flow: Flow, request: Request) -> Reply:
    return json_reply(OperatorList([_shown(one) for one in await flow.operators.list_all()]))


async def add_operator(flow: Flow, request: Request) -> Reply:
    body: NewOperatorBody = request.body
    secrets = await flow.operators.add(
        body.name, Role(body.role), actor=operator_in(request), why=body.reason
    )
    return json_reply(_secrets(secrets), status=201)


async def reset_operator(flow: Flow, request: Request) -> Reply:
    body: ReasonBody = request.body
    operator = await flow.operators.get(request.path_values["operator_id"])
    secrets = await flow.operators.reset(operator, actor=operator_in(request), why=body.reason)
    return json_reply(_secrets(secrets))


async def disable_operator(flow: Flow, request: Request) -> Reply:
    """Not oneself: the last admin would lock everybody out."""
    operator = await flow.operators.get(request.path_values["operator_id"])
    if operator.id == session_of(request).operator.id:
        raise errors.RequestInvalid(("id", "is your own"))
    return await _set_disabled(flow, request, operator, is_disabled=True)


async def enable_operator(flow: Flow, request: Request) -> Reply:
    operator = await flow.operators.get(request.path_values["operator_id"])
    return await _set_disabled(flow, request, operator, is_disabled=False)


async def _set_disabled(
    flow: Flow, request: Request, operator: Operator, *, is_disabled: bool
) -> Reply:
    body: ReasonBody = request.body
    changed = await flow.operators.set_disabled(
        operator, is_disabled=is_disabled, actor=operator_in(request), why=body.reason
    )
    return json_reply(_shown(changed))


def _shown(operator: Operator) -> OperatorItem:
    return OperatorItem(
        id=operator.id,
        name=operator.name,
        role=operator.role.value,
        created_at=operator.created_at,
        last_sign_in_at=operator.last_sign_in_at,
        is_disabled=operator.is_disabled,
    )


def _secrets(secrets: NewSecrets) -> OperatorSecretsMessage:
    return OperatorSecretsMessage(
        _shown(secrets.operator),
        secrets.password.reveal(),
        secrets.otpauth_url.reveal(),
        _picture(secrets.otpauth_url),
    )


def _picture(url: Secret) -> str:
    import segno

    drawn = BytesIO()
    segno.make(url.reveal(), error="m").save(
        drawn, kind="svg", xmldecl=False, scale=4, border=2, light="#fff", svgclass=None
    )
    return drawn.getvalue().decode()


_PATH = "/v1/admin/operators/{operator_id}"

ROUTES = (
    reading(
        "/v1/admin/operators",
        list_operators,
        "操作员 The operators, oldest first",
        reply=OperatorList,
        role=Role.ADMIN,
    ),
    acting(
        "/v1/admin/operators",
        add_operator,
        "添加操作员，密码与二维码只显示一次 Add an operator; the secrets are shown once",
        body=NewOperatorBody,
        example='{"name":"han.meimei","role":"support","reason":"新同事"}',
        reply=OperatorSecretsMessage,
        status=201,
        role=Role.ADMIN,
    ),
    *(
        acting(
            f"{_PATH}/{verb}",
            handler,
            summary,
            body=ReasonBody,
            reply=reply,
            role=Role.ADMIN,
            fails=(errors.NotFound,),
        )
        for verb, handler, summary, reply in (
            ("disable", disable_operator, "停用操作员 Keep an operator out", OperatorItem),
            ("enable", enable_operator, "启用操作员 Let an operator in again", OperatorItem),
            (
                "reset",
                reset_operator,
                "重置密码与验证器 A new password and authenticator secret",
                OperatorSecretsMessage,
            ),
        )
    ),
)
