"""The route table: the one source of routing, of validation and of the OpenAPI document."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from wxlogin.endpoints import handlers, messages
from wxlogin.endpoints.exchange import Reply, Request
from wxlogin.login import errors
from wxlogin.login.errors import WxLoginError
from wxlogin.login.flow import Flow

Handler = Callable[[Flow, Request], Awaitable[Reply]]


class Plane(StrEnum):
    """Who may knock: mini programs, and whoever watches the process."""

    PUBLIC = "public"
    WATCH = "watch"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter, with its JSON schema."""

    name: str
    schema: dict[str, Any]
    required: bool = True


@dataclass(frozen=True, slots=True)
class Route:
    """One operation. `path` may hold `{name}` parts; `fails` are the errors it can answer;
    `example` is a body to try it with.

    `with_session`: a live session is found before the handler runs, and 401 says why not.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    reply: type | None = None
    body: type | None = None
    example: str = ""
    status: int = 200
    with_session: bool = False
    fails: Sequence[type[WxLoginError]] = ()
    parameters: Sequence[Parameter] = ()
    plane: Plane = Plane.PUBLIC
    is_logged: bool = True
    """Session checks are counted, not logged one by one: a line costs twice the check."""
    name: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", f"{self.method} {self.path}")


SESSION_OVER: tuple[type[WxLoginError], ...] = (
    errors.SessionMissing,
    errors.SessionInvalid,
    errors.SessionExpired,
    errors.SessionIdle,
    errors.SessionRevoked,
    errors.SessionReplaced,
)
"""What every route `with_session` can answer with 401."""

BODY_FAULTS: tuple[type[WxLoginError], ...] = (
    errors.RequestInvalid,
    errors.BodyTooLarge,
    errors.MediaTypeUnsupported,
)
"""What every route with a body can answer."""

_WECHAT_FAULTS = (errors.RateLimited, errors.AppMisconfigured, errors.WeChatUnavailable)

CHECK = Route(
    "GET",
    "/v1/session",
    handlers.check_session,
    "校验登录态 Check the session",
    reply=messages.SessionMessage,
    with_session=True,
    is_logged=False,
)

ROUTES: tuple[Route, ...] = (
    Route(
        "POST",
        "/v1/login",
        handlers.login,
        "用 wx.login 的 code 登录 Log in with a fresh code of wx.login",
        body=messages.LoginBody,
        example='{"code":"CODE"}',
        reply=messages.LoginMessage,
        fails=(
            errors.AppUnknown,
            errors.CodeInvalid,
            errors.CodeUsed,
            errors.RegistrationRequired,
            errors.RegistrationClosed,
            errors.AccountDisabled,
            errors.AccountPending,
            errors.AccountRejected,
            errors.AccountErasing,
            errors.WeChatBlocked,
            errors.IdentityTaken,
            *_WECHAT_FAULTS,
        ),
    ),
    CHECK,
    Route(
        "DELETE",
        "/v1/session",
        handlers.log_out,
        "退出登录 Log out",
        status=204,
        with_session=True,
    ),
    Route(
        "POST",
        "/v1/session/wechat-check",
        handlers.check_with_wechat,
        "向微信校验 session_key Ask WeChat whether the stored session_key lives",
        reply=messages.WeChatCheckMessage,
        with_session=True,
        fails=(errors.AppUnknown, *_WECHAT_FAULTS),
    ),
    Route(
        "GET",
        "/v1/sessions",
        handlers.list_sessions,
        "我的登录设备 List my devices",
        reply=messages.SessionList,
        with_session=True,
    ),
    Route(
        "DELETE",
        "/v1/sessions",
        handlers.end_other_sessions,
        "退出其他设备 Log out everywhere else",
        status=204,
        with_session=True,
        fails=(errors.RequestInvalid,),
        parameters=(Parameter("keep", {"type": "string", "enum": ["current"]}),),
    ),
    Route(
        "DELETE",
        "/v1/sessions/{session_id}",
        handlers.end_session,
        "退出某台设备 Log out one device",
        status=204,
        with_session=True,
        fails=(errors.NotFound,),
    ),
    Route(
        "GET",
        "/v1/me",
        handlers.get_me,
        "我的账号 My account",
        reply=messages.AccountMessage,
        with_session=True,
    ),
    Route(
        "PUT",
        "/v1/me/profile",
        handlers.put_profile,
        "修改资料 Change my profile",
        body=messages.ProfileBody,
        example='{"nickname":"小明"}',
        reply=messages.AccountMessage,
        with_session=True,
    ),
    Route(
        "GET",
        "/healthz",
        handlers.health,
        "进程存活 The process is up",
        reply=messages.HealthMessage,
        plane=Plane.WATCH,
        is_logged=False,
    ),
    Route(
        "GET",
        "/readyz",
        handlers.ready,
        "依赖就绪 The stores answer",
        reply=messages.ReadyMessage,
        plane=Plane.WATCH,
        is_logged=False,
    ),
)
