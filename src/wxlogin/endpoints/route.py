"""What a route is: the table's row, from which routing, validation and OpenAPI are made."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from wxlogin.endpoints.exchange import BODY_LIMIT, Reply, Request
from wxlogin.login import errors
from wxlogin.login.errors import WxLoginError
from wxlogin.login.flow import Flow
from wxlogin.login.operator_sessions import Role
from wxlogin.login.ports import Scope

Handler = Callable[[Flow, Request], Awaitable[Reply]]


class Plane(StrEnum):
    """Who may knock: mini programs, the team's other servers, WeChat, operators, and whoever
    watches the process. Each is a table of its own (design.md §2)."""

    PUBLIC = "public"
    SERVICE = "service"
    PUSH = "push"
    OPERATOR = "operator"
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
    `scope`: so is a service key that has it; `role`: an operator's. `media_type` is what the
    body must be; only JSON is decoded, into `body`. `body_limit` in bytes.
    `reply_as` is the media type of a reply that is a file: one that never changes and has a tag,
    so whoever shows the tag gets 304.
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
    scope: Scope | None = None
    role: Role | None = None
    media_type: str = "application/json"
    body_limit: int = BODY_LIMIT
    reply_as: str | None = None
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

WECHAT_FAULTS: tuple[type[WxLoginError], ...] = (
    errors.RateLimited,
    errors.AppMisconfigured,
    errors.WeChatUnavailable,
)
"""What every route can answer that asks WeChat."""

LOGIN_REFUSED: tuple[type[WxLoginError], ...] = (
    errors.AppUnknown,
    errors.RegistrationRequired,
    errors.RegistrationClosed,
    errors.AccountDisabled,
    errors.AccountPending,
    errors.AccountRejected,
    errors.AccountErasing,
    errors.WeChatBlocked,
    errors.IdentityTaken,
)
"""What every way in can answer to somebody it knows, or does not."""

CODE_FAULTS: tuple[type[WxLoginError], ...] = (errors.CodeInvalid, errors.CodeUsed, *WECHAT_FAULTS)
"""What every route can answer that takes a code of `wx.login`."""
