"""The session and its siblings."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs

from wxlogin.endpoints.exchange import Reply, Request, json_reply
from wxlogin.endpoints.messages import ACCOUNT, SESSION_ID, SessionMessage, Time
from wxlogin.endpoints.route import WECHAT_FAULTS, Parameter, Route
from wxlogin.endpoints.session_answer import shown_of
from wxlogin.endpoints.shown import session_of
from wxlogin.login import errors
from wxlogin.login.flow import Flow


@dataclass(frozen=True, slots=True)
class DeviceMessage:
    id: str | None
    name: str | None
    platform: str | None


@dataclass(frozen=True, slots=True)
class SessionItem:
    session_id: str
    device: DeviceMessage
    created_at: Time
    last_seen_at: Time
    current: bool


@dataclass(frozen=True, slots=True)
class SessionList:
    items: list[SessionItem]


@dataclass(frozen=True, slots=True)
class WeChatCheckMessage:
    wechat_session: Literal["valid", "expired"]


async def check_session(flow: Flow, request: Request) -> Reply:
    """Who this is also goes into headers, for a proxy's `auth_request`."""
    session = session_of(request)
    shown = shown_of(session)
    return Reply(200, shown.content_at(session, flow.now()), shown.headers.copy())


async def log_out(flow: Flow, request: Request) -> Reply:
    session = session_of(request)
    await flow.own_sessions.end(session, session.id)
    return Reply(204)


async def check_with_wechat(flow: Flow, request: Request) -> Reply:
    is_valid = await flow.own_sessions.is_wechat_session_valid(session_of(request))
    return json_reply(WeChatCheckMessage("valid" if is_valid else "expired"))


async def list_sessions(flow: Flow, request: Request) -> Reply:
    own = session_of(request)
    items = [
        SessionItem(
            session_id=session.id,
            device=DeviceMessage(session.device.id, session.device.name, session.device.platform),
            created_at=session.created_at,
            last_seen_at=session.last_seen_at,
            current=session.id == own.id,
        )
        for session in await flow.own_sessions.list_all(own)
    ]
    return json_reply(SessionList(items))


async def end_other_sessions(flow: Flow, request: Request) -> Reply:
    """`keep=current` must be said: a forgotten parameter ends nobody's session."""
    if parse_qs(request.query.decode("latin-1")).get("keep") != ["current"]:
        raise errors.RequestInvalid(("keep", "must be `current`"))
    await flow.own_sessions.end_others(session_of(request))
    return Reply(204)


async def end_session(flow: Flow, request: Request) -> Reply:
    await flow.own_sessions.end(session_of(request), request.path_values["session_id"])
    return Reply(204)


CHECK = Route(
    "GET",
    "/v1/session",
    check_session,
    "校验登录态 Check the session",
    reply=SessionMessage,
    with_session=True,
    is_logged=False,
)

ROUTES = (
    CHECK,
    Route(
        "DELETE",
        "/v1/session",
        log_out,
        "退出登录 Log out",
        status=204,
        with_session=True,
    ),
    Route(
        "POST",
        "/v1/session/wechat-check",
        check_with_wechat,
        "向微信校验 session_key Ask WeChat whether the stored session_key lives",
        reply=WeChatCheckMessage,
        with_session=True,
        fails=(errors.AppUnknown, *WECHAT_FAULTS),
    ),
    Route(
        "GET",
        "/v1/sessions",
        list_sessions,
        "我的登录设备 List my devices",
        reply=SessionList,
        with_session=True,
    ),
    Route(
        "DELETE",
        "/v1/sessions",
        end_other_sessions,
        "退出其他设备 Log out everywhere else",
        status=204,
        with_session=True,
        fails=(errors.RequestInvalid,),
        parameters=(Parameter("keep", {"type": "string", "enum": ["current"]}),),
    ),
    Route(
        "DELETE",
        "/v1/sessions/{session_id}",
        end_session,
        "退出某台设备 Log out one device",
        status=204,
        with_session=True,
        fails=(errors.NotFound,),
    ),
)
EXAMPLES: tuple[object, ...] = (
    SessionMessage(
        session_id=SESSION_ID,
        account_id=ACCOUNT.id,
        user_id=None,
        app_id="wx4f4bc4dec97d474b",
        expires_in=2591400,
        idle_expires_in=604800,
        created_at=ACCOUNT.created_at,
        last_seen_at=ACCOUNT.created_at,
        claims={},
    ),
    SessionList(
        [
            SessionItem(
                session_id=SESSION_ID,
                device=DeviceMessage("d-1f3a", "Mate 60", "android"),
                created_at=ACCOUNT.created_at,
                last_seen_at=ACCOUNT.created_at,
                current=True,
            )
        ]
    ),
    WeChatCheckMessage("valid"),
)
