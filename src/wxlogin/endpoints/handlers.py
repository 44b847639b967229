"""What each route does: a thin cover over `login/flow.py`, in the order of the route table."""

from datetime import datetime
from urllib.parse import parse_qs

from wxlogin.endpoints import messages
from wxlogin.endpoints.exchange import Reply, Request, json_reply
from wxlogin.endpoints.session_answer import shown_of
from wxlogin.login import errors
from wxlogin.login.accounts import Account, Agreement
from wxlogin.login.flow import Flow, LoginResult
from wxlogin.login.sessions import Device, Session, expires_in, idle_expires_in


async def login(flow: Flow, request: Request) -> Reply:
    body: messages.LoginBody = request.body
    device = body.device or messages.DeviceBody()
    result = await flow.login(
        body.code,
        app_id=body.app_id,
        device=Device(device.id or None, device.name, device.platform),
        context=body.context,
        agreements=tuple(Agreement(item.id, item.version) for item in body.agreements),
    )
    return json_reply(login_message(result, result.session.created_at), no_store=True)


async def check_session(flow: Flow, request: Request) -> Reply:
    """Who this is also goes into headers, for a proxy's `auth_request`."""
    session = _session(request)
    shown = shown_of(session)
    return Reply(200, shown.content_at(session, flow.now()), shown.headers.copy())


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
    try:
        await flow.ping()
    except errors.StoreUnavailable:
        raise errors.StoreUnavailable(failing=["database"]) from None
    return json_reply(messages.ReadyMessage("ready"))


# What the core's values look like outside


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
