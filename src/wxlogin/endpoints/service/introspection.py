"""Whether a token that a client showed to another server is one of ours (RFC 7662)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from msgspec import Meta

from wxlogin.endpoints.exchange import Reply, Request, json_reply
from wxlogin.endpoints.forms import FORM
from wxlogin.endpoints.messages import ACCOUNT, SESSION_ID
from wxlogin.endpoints.route import Plane, Route
from wxlogin.login.flow import Flow
from wxlogin.login.ports import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class IntrospectionBody:
    """`token_type_hint` of RFC 7662 has no effect: there is one type."""

    token: Annotated[str, Meta(description="what the client sent as its bearer token")] = field(
        repr=False
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class IntrospectionMessage:
    """Where `active` is false, there is nothing beside it: no other field says why."""

    active: bool
    sub: Annotated[str | None, Meta(description="our account id")] = None
    user_id: str | None = None
    client_id: Annotated[str | None, Meta(description="AppID of the mini program")] = None
    openid: str | None = None
    unionid: str | None = None
    sid: Annotated[str | None, Meta(description="the session's id")] = None
    token_type: Literal["Bearer"] | None = None
    exp: Annotated[
        int | None,
        Meta(description="Unix time of the absolute limit; it may be over earlier: ask again"),
    ] = None
    iat: Annotated[int | None, Meta(description="Unix time of the login")] = None
    claims: Mapping[str, Any] | None = None


_INACTIVE = {"active": False}


async def introspect(flow: Flow, request: Request) -> Reply:
    """Counts as use of the session, as its check does: the idle limit moves."""
    body: IntrospectionBody = request.body
    session = await flow.service.introspect(body.token)
    if session is None:
        return json_reply(_INACTIVE, no_store=True)
    message = IntrospectionMessage(
        active=True,
        sub=session.account_id,
        user_id=session.user_id,
        client_id=session.app_id,
        openid=session.openid,
        unionid=session.unionid,
        sid=session.id,
        token_type="Bearer",  # noqa: S106
        exp=int(session.expires_at.timestamp()),
        iat=int(session.created_at.timestamp()),
        claims=session.claims,
    )
    return json_reply(message, no_store=True)


ROUTES = (
    Route(
        "POST",
        "/v1/introspect",
        introspect,
        "校验用户 token（RFC 7662）Introspect a person's token",
        body=IntrospectionBody,
        media_type=FORM,
        example="token=TOKEN",
        reply=IntrospectionMessage,
        plane=Plane.SERVICE,
        scope=Scope.INTROSPECT,
        is_logged=False,
    ),
)
EXAMPLES: tuple[object, ...] = (
    IntrospectionBody(token="TOKEN"),  # noqa: S106
    IntrospectionMessage(
        active=True,
        sub=ACCOUNT.id,
        user_id="42",
        client_id="wx4f4bc4dec97d474b",
        openid="oVBkZ0aYgDMDIywRdgPW8-joxXc4",
        unionid=None,
        sid=SESSION_ID,
        token_type="Bearer",  # noqa: S106
        exp=1774944000,
        iat=1772352000,
        claims={"role": "staff"},
    ),
)
