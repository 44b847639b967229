"""The mini programs that may log in here."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from msgspec import Meta

from wxlogin.endpoints.admin.account_acts import ReasonBody
from wxlogin.endpoints.admin.acts import Reason, acting, reading
from wxlogin.endpoints.admin.admission import operator_in
from wxlogin.endpoints.exchange import Reply, Request, json_reply
from wxlogin.endpoints.messages import AppId
from wxlogin.endpoints.route import WECHAT_FAULTS
from wxlogin.login import errors
from wxlogin.login.flow import Flow
from wxlogin.login.operator_sessions import Role
from wxlogin.login.policy import App, Registration
from wxlogin.login.ports import AppChange
from wxlogin.login.secret import Secret

Kind = Literal["mini_program", "mini_game"]
RegistrationText = Literal["auto", "required", "closed"]
PhoneConflict = Literal["reject", "join"]
AppSecret = Annotated[str, Meta(min_length=1, max_length=128, pattern=r"^[!-~]+(?![\s\S])")]
Pool = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}(?![\s\S])")]
PushToken = Annotated[
    str, Meta(pattern=r"^([A-Za-z0-9]{3,32})?(?![\s\S])", description="empty: taken away")
]
AesKey = Annotated[
    str, Meta(pattern=r"^([A-Za-z0-9]{43})?(?![\s\S])", description="43 characters; empty: away")
]
Origin = Annotated[
    str,
    Meta(max_length=255, pattern=r"^https?://[A-Za-z0-9.:\[\]-]+(?![\s\S])"),
]
Origins = Annotated[list[Origin], Meta(max_length=20)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppPolicyBody:
    """What is left out stays as it is."""

    reason: Reason
    registration: RegistrationText | None = None
    phone_conflict: PhoneConflict | None = None
    push_token: PushToken | None = field(default=None, repr=False)
    encoding_aes_key: AesKey | None = field(default=None, repr=False)
    cors_origins: Origins | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAppBody(AppPolicyBody):
    app_id: AppId
    secret: AppSecret = field(repr=False)
    kind: Kind = "mini_program"
    pool: Pool = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSecretBody:
    reason: Reason
    secret: AppSecret = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppMessage:
    """Never a secret of it. `has_next_secret`: two are live, a rotation is under way."""

    app_id: str
    kind: str
    registration: str
    phone_conflict: str
    pool: str
    is_disabled: bool
    is_read_only: bool
    has_push_token: bool
    has_encoding_aes_key: bool
    has_next_secret: bool
    cors_origins: list[str]
    created_at: None = None


@dataclass(frozen=True, slots=True)
class AppList:
    items: list[AppMessage]
    next: None = None


@dataclass(frozen=True, slots=True)
class AppCheckMessage:
    """`code`: why WeChat does not take the secret, or could not be asked."""

    ok: bool
    code: str | None = None


async def list_operators_apps(flow: Flow, request: Request) -> Reply:
    apps = sorted(await flow.core.apps.list_all(), key=lambda app: app.app_id)
    return json_reply(AppList([_shown(app, flow) for app in apps]))


async def add_app(flow: Flow, request: Request) -> Reply:
    body: NewAppBody = request.body
    new = App(
        app_id=body.app_id,
        secret=Secret(body.secret),
        kind=body.kind,
        registration=Registration(body.registration or Registration.AUTO),
        phone_conflict=body.phone_conflict or "reject",
        pool=body.pool,
        push_token=_secret(body.push_token) or None,
        encoding_aes_key=_secret(body.encoding_aes_key) or None,
        cors_origins=tuple(body.cors_origins or ()),
    )
    added = await flow.running_apps.add(new, actor=operator_in(request), why=body.reason)
    return json_reply(_shown(added, flow), status=201)


async def change_app(flow: Flow, request: Request) -> Reply:
    body: AppPolicyBody = request.body
    change = AppChange(
        registration=None if body.registration is None else Registration(body.registration),
        phone_conflict=body.phone_conflict,
        push_token=_secret(body.push_token),
        encoding_aes_key=_secret(body.encoding_aes_key),
        cors_origins=None if body.cors_origins is None else tuple(body.cors_origins),
    )
    changed = await flow.running_apps.change(
        request.path_values["app_id"], change, actor=operator_in(request), why=body.reason
    )
    return json_reply(_shown(changed, flow))


async def rotate_app_secret(flow: Flow, request: Request) -> Reply:
    body: AppSecretBody = request.body
    changed = await flow.running_apps.rotate_secret(
        request.path_values["app_id"],
        Secret(body.secret),
        actor=operator_in(request),
        why=body.reason,
    )
    return json_reply(_shown(changed, flow))


async def drop_old_app_secret(flow: Flow, request: Request) -> Reply:
    body: ReasonBody = request.body
    changed = await flow.running_apps.drop_old_secret(
        request.path_values["app_id"], actor=operator_in(request), why=body.reason
    )
    return json_reply(_shown(changed, flow))


async def disable_app(flow: Flow, request: Request) -> Reply:
    body: ReasonBody = request.body
    changed = await flow.running_apps.disable(
        request.path_values["app_id"], actor=operator_in(request), why=body.reason
    )
    return json_reply(_shown(changed, flow))


async def enable_app(flow: Flow, request: Request) -> Reply:
    body: ReasonBody = request.body
    changed = await flow.running_apps.enable(
        request.path_values["app_id"], actor=operator_in(request), why=body.reason
    )
    return json_reply(_shown(changed, flow))


async def check_app(flow: Flow, request: Request) -> Reply:
    """Also of one that is disabled: it may wait for a secret that works."""
    app = await flow.core.apps.find(request.path_values["app_id"])
    if app is None:
        raise errors.AppUnknown
    try:
        await flow.core.wechat.check_app(app)
    except WECHAT_FAULTS as fault:
        return json_reply(AppCheckMessage(False, fault.code))
    return json_reply(AppCheckMessage(True))


def _secret(text: str | None) -> Secret | None:
    return None if text is None else Secret(text)


def _shown(app: App, flow: Flow) -> AppMessage:
    return AppMessage(
        app_id=app.app_id,
        kind=app.kind,
        registration=app.registration.value,
        phone_conflict=app.phone_conflict,
        pool=app.pool,
        is_disabled=app.is_disabled,
        is_read_only=flow.core.apps.is_fixed(app.app_id),
        has_push_token=app.push_token is not None,
        has_encoding_aes_key=app.encoding_aes_key is not None,
        has_next_secret=app.old_secret is not None,
        cors_origins=list(app.cors_origins),
    )


_PATH = "/v1/admin/apps/{app_id}"

ROUTES = (
    reading("/v1/admin/apps", list_operators_apps, "小程序 The mini programs", reply=AppList),
    acting(
        "/v1/admin/apps",
        add_app,
        "添加小程序 Add a mini program",
        body=NewAppBody,
        example='{"app_id":"wx4f4bc4dec97d474b","secret":"…","reason":"上线"}',
        reply=AppMessage,
        status=201,
        role=Role.ADMIN,
    ),
    acting(
        _PATH,
        change_app,
        "修改策略 Change what it allows; at once",
        method="PUT",
        body=AppPolicyBody,
        example='{"registration":"closed","reason":"工单 1024"}',
        reply=AppMessage,
        role=Role.ADMIN,
        fails=(errors.AppUnknown,),
    ),
    acting(
        f"{_PATH}/rotate-secret",
        rotate_app_secret,
        "轮换 AppSecret Rotate its secret: both live from now on",
        body=AppSecretBody,
        example='{"secret":"…","reason":"定期轮换"}',
        reply=AppMessage,
        role=Role.ADMIN,
        fails=(errors.AppUnknown,),
    ),
    *(
        acting(
            f"{_PATH}/{verb}",
            handler,
            summary,
            body=ReasonBody,
            reply=AppMessage,
            role=Role.ADMIN,
            fails=(errors.AppUnknown,),
        )
        for verb, handler, summary in (
            ("drop-old-secret", drop_old_app_secret, "停用旧 AppSecret End a rotation"),
            ("disable", disable_app, "停用小程序 Let nobody log in through it"),
            ("enable", enable_app, "启用小程序 Let people log in through it again"),
        )
    ),
    acting(
        f"{_PATH}/check",
        check_app,
        "向微信校验 AppSecret Ask WeChat whether its secret works",
        body=None,
        reply=AppCheckMessage,
        fails=(errors.AppUnknown,),
    ),
)
