"""Ending people's sessions from another server."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from wxlogin.endpoints.exchange import Reply, Request, json_reply
from wxlogin.endpoints.messages import ACCOUNT
from wxlogin.endpoints.route import Plane, Route
from wxlogin.endpoints.service.accounts import Reason
from wxlogin.endpoints.service.keys import key_of
from wxlogin.login import errors
from wxlogin.login.flow import Flow
from wxlogin.login.ports import Scope
from wxlogin.login.service import Naming

Id = Annotated[str, Meta(min_length=1, max_length=64)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationBody:
    """Exactly one of the ids: all sessions of an account, or one session."""

    account_id: Id | None = None
    user_id: Id | None = None
    session_id: Id | None = None
    reason: Reason = "kicked"


@dataclass(frozen=True, slots=True)
class RevocationMessage:
    revoked: Annotated[int, Meta(description="how many sessions this request ended", ge=0)]


async def revoke_sessions(flow: Flow, request: Request) -> Reply:
    body: RevocationBody = request.body
    if [body.account_id, body.user_id, body.session_id].count(None) != 2:
        raise errors.RequestInvalid(
            ("account_id", "exactly one of account_id, user_id, session_id")
        )
    by = key_of(request)
    if body.session_id is not None:
        revoked = await flow.service.revoke_one(body.session_id, reason=body.reason, by=by)
    else:
        naming = Naming(account_id=body.account_id, user_id=body.user_id)
        revoked = await flow.service.revoke_all(naming, reason=body.reason, by=by)
    return json_reply(RevocationMessage(revoked), no_store=True)


ROUTES = (
    Route(
        "POST",
        "/v1/service/sessions/revoke",
        revoke_sessions,
        "结束会话 End sessions",
        body=RevocationBody,
        example='{"user_id":"42","reason":"kicked"}',
        reply=RevocationMessage,
        plane=Plane.SERVICE,
        scope=Scope.SESSIONS_REVOKE,
        fails=(errors.NotFound,),
    ),
)
EXAMPLES: tuple[object, ...] = (
    RevocationBody(account_id=ACCOUNT.id, reason="kicked"),
    RevocationMessage(2),
)
