"""WeChat's access_token of an app: one for all the owner's services."""

from dataclasses import dataclass, field
from typing import Annotated

import msgspec
from msgspec import Meta

from wxlogin.endpoints.exchange import Reply, Request, json_reply
from wxlogin.endpoints.forms import read_query
from wxlogin.endpoints.messages import AppId
from wxlogin.endpoints.route import WECHAT_FAULTS, Parameter, Plane, Route
from wxlogin.login import errors
from wxlogin.login.flow import Flow
from wxlogin.login.ports import AccessToken, Scope
from wxlogin.login.secret import Secret
from wxlogin.login.sessions import SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidationBody:
    access_token: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=2048,
            description="the one that WeChat refused; where it is not the kept one any more, "
            "the newer one is the answer",
        ),
    ] = field(repr=False)
    app_id: AppId | None = None


@dataclass(frozen=True, slots=True)
class AccessTokenMessage:
    access_token: str = field(repr=False)
    expires_in: Annotated[
        int, Meta(description="seconds it is good for at most; WeChat may end it earlier", ge=0)
    ]


@dataclass(frozen=True, slots=True)
class _AppIdQuery:
    app_id: AppId | None = None


async def get_access_token(flow: Flow, request: Request) -> Reply:
    try:
        query = msgspec.convert(read_query(request.query), _AppIdQuery)
    except msgspec.ValidationError:
        raise errors.AppUnknown from None
    return _shown(flow, await flow.service.get_access_token(query.app_id))


async def invalidate_access_token(flow: Flow, request: Request) -> Reply:
    body: InvalidationBody = request.body
    refused = Secret(body.access_token)
    return _shown(flow, await flow.service.renew_access_token(body.app_id, refused))


def _shown(flow: Flow, token: AccessToken) -> Reply:
    left = max(0, (token.expires_at - flow.now()) // SECOND)
    return json_reply(AccessTokenMessage(token.value.reveal(), left), no_store=True)


ROUTES = (
    Route(
        "GET",
        "/v1/service/access-token",
        get_access_token,
        "取共用的 access_token Get the shared access_token",
        reply=AccessTokenMessage,
        plane=Plane.SERVICE,
        scope=Scope.ACCESS_TOKEN,
        fails=(errors.RequestInvalid, errors.AppUnknown, *WECHAT_FAULTS),
        parameters=(
            Parameter(
                "app_id",
                {
                    "type": "string",
                    "pattern": "^[A-Za-z0-9_-]{1,64}$",
                    "description": "may be left out where one app is configured",
                    "examples": ["wx4f4bc4dec97d474b"],
                },
                required=False,
            ),
        ),
    ),
    Route(
        "POST",
        "/v1/service/access-token/invalidate",
        invalidate_access_token,
        "上报失效的 access_token Say that the access_token is dead",
        body=InvalidationBody,
        example='{"access_token":"ACCESS_TOKEN"}',
        reply=AccessTokenMessage,
        plane=Plane.SERVICE,
        scope=Scope.ACCESS_TOKEN,
        fails=(errors.AppUnknown, *WECHAT_FAULTS),
    ),
)
EXAMPLES: tuple[object, ...] = (
    InvalidationBody(access_token="ACCESS_TOKEN"),  # noqa: S106
    AccessTokenMessage("ACCESS_TOKEN", 7100),
)
