"""What the core's values look like outside."""

from wxlogin.endpoints import messages
from wxlogin.endpoints.exchange import Reply, Request, json_reply
from wxlogin.login.accounts import Account, Agreement
from wxlogin.login.entering import LoginResult, Origin
from wxlogin.login.sessions import Device, Session, expires_in, idle_expires_in


def login_reply(result: LoginResult, *, status: int = 200) -> Reply:
    """The login result, which nobody on the way may keep."""
    session, at = result.session, result.session.created_at
    message = messages.LoginMessage(
        token=result.token,
        token_type="Bearer",  # noqa: S106
        expires_in=expires_in(session, at),
        idle_expires_in=idle_expires_in(session, at),
        session_id=session.id,
        is_new_account=result.is_new_account,
        account=account_message(result.account),
    )
    return json_reply(message, status=status, no_store=True)


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


def origin_of(body: messages.Entrance) -> Origin:
    """Where the body says it comes from."""
    device = body.device or messages.DeviceBody()
    return Origin(
        Device(device.id or None, device.name, device.platform),
        body.context or {},
        tuple(Agreement(item.id, item.version) for item in body.agreements or ()),
    )


def session_of(request: Request) -> Session:
    if request.session is None:
        raise AssertionError("the route has `with_session`, so the session was found before")
    return request.session
