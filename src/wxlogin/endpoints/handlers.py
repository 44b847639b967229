"""What each route does: a thin cover over `login/flow.py`, in the order of the route table."""

import json
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, quote

import msgspec

from wxlogin.endpoints import messages
from wxlogin.endpoints.exchange import JSON, Reply, Request, json_reply
from wxlogin.endpoints.messages import encode
from wxlogin.login import errors
from wxlogin.login.accounts import Account, Agreement
from wxlogin.login.flow import Flow, LoginResult
from wxlogin.login.sessions import Device, Session, expires_in, idle_expires_in

CONTEXT_LIMIT = 1024


async def login(flow: Flow, request: Request) -> Reply:
    body: messages.LoginBody = request.body
    if len(json.dumps(body.context, ensure_ascii=False).encode()) > CONTEXT_LIMIT:
        raise errors.RequestInvalid(("context", f"over {CONTEXT_LIMIT} bytes of JSON"))
    device = body.device or messages.DeviceBody()
    result = await flow.login(
        body.code,
        app_id=body.app_id,
        device=Device(device.id, device.name, device.platform),
        context=body.context,
        agreements=tuple(Agreement(item.id, item.version) for item in body.agreements),
    )
    return json_reply(login_message(result, result.session.created_at), no_store=True)


async def check_session(flow: Flow, request: Request) -> Reply:
    """The hot path: who this is also goes into headers, for a proxy's `auth_request`."""
    session = _session(request)
    shown: ShownSession = session.shown or show(session)
    left = expires_in(session, flow.now())
    content = shown.content % (left, min(shown.idle_seconds, left))
    return Reply(200, content, shown.headers.copy())


async def log_out(flow: Flow, request: Request) -> Reply:
    await flow.log_out(_session(request))
    return Reply(204)


async def check_with_wechat(flow: Flow, request: Request) -> Reply:
    is_valid = await flow.is_wechat_session_valid(_session(request))
    return json_reply(messages.WeChatCheckMessage("valid" if is_valid else "expired"))


async def list_sessions(flow: Flow, request: Request) -> Reply:
    own = _session(request)
    items = [
        messages.SessionItem(
            session_id=session.id,
            device=messages.DeviceMessage(
                session.device.id, session.device.name, session.device.platform
            ),
            created_at=session.created_at,
            last_seen_at=session.last_seen_at,
            current=session.id == own.id,
        )
        for session in await flow.list_own_sessions(own)
    ]
    return json_reply(messages.SessionList(items))


async def end_other_sessions(flow: Flow, request: Request) -> Reply:
    """`keep=current` must be said: a forgotten parameter ends nobody's session."""
    if parse_qs(request.query.decode("latin-1")).get("keep") != ["current"]:
        raise errors.RequestInvalid(("keep", "must be `current`"))
    await flow.end_other_sessions(_session(request))
    return Reply(204)


async def end_session(flow: Flow, request: Request) -> Reply:
    await flow.end_own_session(_session(request), request.path_values["session_id"])
    return Reply(204)


async def get_me(flow: Flow, request: Request) -> Reply:
    return json_reply(account_message(await flow.get_own_account(_session(request))))


async def put_profile(flow: Flow, request: Request) -> Reply:
    body: messages.ProfileBody = request.body
    account = await flow.change_profile(_session(request), nickname=body.nickname)
    return json_reply(account_message(account))


async def health(flow: Flow, request: Request) -> Reply:
    return json_reply(messages.HealthMessage("ok"))


async def ready(flow: Flow, request: Request) -> Reply:
    await flow.ping()
    return json_reply(messages.ReadyMessage("ready"))


# What the core's values look like outside


@dataclass(slots=True)
class ShownSession:
    """What of an answer to `GET /v1/session` does not change from one to the next: made once
    for as long as the session is kept near. `content` has gaps for expires_in and
    idle_expires_in."""

    content: bytes
    headers: list[tuple[bytes, bytes]]
    idle_seconds: int


def show(session: Session) -> ShownSession:
    """Make it, and leave it with the session."""
    message = messages.SessionMessage(
        session_id=session.id,
        account_id=session.account_id,
        user_id=session.user_id,
        app_id=session.app_id,
        expires_in=0,
        idle_expires_in=0,
        created_at=session.created_at,
        last_seen_at=session.last_seen_at,
        claims=session.claims,
    )
    fixed = msgspec.to_builtins(message)
    del fixed["expires_in"], fixed["idle_expires_in"]
    content = encode(fixed).replace(b"%", b"%%")[:-1] + b',"expires_in":%d,"idle_expires_in":%d}'
    headers = [
        JSON,
        (b"x-wxlogin-account-id", session.account_id.encode()),
        (b"x-wxlogin-app-id", session.app_id.encode()),
        (b"x-wxlogin-session-id", session.id.encode()),
    ]
    if session.user_id is not None:
        headers.append((b"x-wxlogin-user-id", quote(session.user_id).encode()))
    shown = ShownSession(content, headers, int(session.idle_ttl.total_seconds()))
    session.shown = shown
    return shown


def login_message(result: LoginResult, at: datetime) -> messages.LoginMessage:
    return messages.LoginMessage(
        token=result.token,
        token_type="Bearer",  # noqa: S106
        expires_in=expires_in(result.session, at),
        idle_expires_in=idle_expires_in(result.session, at),
        session_id=result.session.id,
        is_new_account=result.is_new_account,
        account=account_message(result.account),
    )


def account_message(account: Account) -> messages.AccountMessage:
    """The account as its own person may see it: no openid, no unionid, a masked phone."""
    return messages.AccountMessage(
        id=account.id,
        user_id=account.user_id,
        nickname=account.nickname,
        avatar_url=account.avatar_url,
        phone=account.phone.masked if account.phone else None,
        status=account.status.value,
        created_at=account.created_at,
        identities=[
            messages.IdentityMessage(identity.app_id, identity.linked_at)
            for identity in account.identities
        ],
    )


def _session(request: Request) -> Session:
    if request.session is None:
        raise AssertionError("the route has `with_session`, so the session was found before")
    return request.session
