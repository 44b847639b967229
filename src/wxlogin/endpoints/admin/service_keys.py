"""Keys of the team's other servers."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from msgspec import Meta

from wxlogin.endpoints.admin.account_acts import ReasonBody
from wxlogin.endpoints.admin.acts import Reason, acting, reading
from wxlogin.endpoints.admin.admission import operator_in
from wxlogin.endpoints.exchange import Reply, Request, json_reply
from wxlogin.endpoints.messages import Time
from wxlogin.login import errors
from wxlogin.login.flow import Flow
from wxlogin.login.operator_sessions import Role
from wxlogin.login.ports import ServiceKey

ScopeText = Literal[
    "introspect",
    "accounts:read",
    "phone:read",
    "accounts:write",
    "sessions:revoke",
    "decrypt",
    "access-token",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewServiceKeyBody:
    name: Annotated[str, Meta(min_length=1, max_length=64)]
    scopes: Annotated[list[ScopeText], Meta(min_length=1, max_length=16)]
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceKeyItem:
    id: str
    name: str
    scopes: list[str]
    created_at: Time
    created_by: str | None
    last_used_at: Time | None
    revoked_at: Time | None


@dataclass(frozen=True, slots=True)
class ServiceKeyList:
    items: list[ServiceKeyItem]
    next: None = None


@dataclass(frozen=True, slots=True)
class MadeServiceKey:
    """`secret` is shown here, and never again."""

    key: ServiceKeyItem
    secret: str = field(repr=False)


async def list_service_keys(flow: Flow, request: Request) -> Reply:
    keys = await flow.service_keys.list_all()
    return json_reply(ServiceKeyList([_shown(key) for key in reversed(keys)]))


async def make_service_key(flow: Flow, request: Request) -> Reply:
    body: NewServiceKeyBody = request.body
    made = await flow.service_keys.make(
        body.name, body.scopes, actor=operator_in(request), why=body.reason
    )
    return json_reply(MadeServiceKey(_shown(made.key), made.secret.reveal()), status=201)


async def revoke_service_key(flow: Flow, request: Request) -> Reply:
    body: ReasonBody = request.body
    revoked = await flow.service_keys.revoke(
        request.path_values["key_id"], actor=operator_in(request), why=body.reason
    )
    return json_reply(_shown(revoked))


def _shown(key: ServiceKey) -> ServiceKeyItem:
    return ServiceKeyItem(
        id=key.id,
        name=key.name,
        scopes=sorted(key.scopes),
        created_at=key.created_at,
        created_by=key.created_by,
        last_used_at=key.last_used_at,
        revoked_at=key.revoked_at,
    )


ROUTES = (
    reading(
        "/v1/admin/service-keys",
        list_service_keys,
        "服务密钥 Keys of the team's servers, newest first",
        reply=ServiceKeyList,
        role=Role.ADMIN,
    ),
    acting(
        "/v1/admin/service-keys",
        make_service_key,
        "创建密钥，只显示一次 Make a key, shown once",
        body=NewServiceKeyBody,
        example='{"name":"orders","scopes":["introspect"],"reason":"订单服务"}',
        reply=MadeServiceKey,
        status=201,
        role=Role.ADMIN,
    ),
    acting(
        "/v1/admin/service-keys/{key_id}/revoke",
        revoke_service_key,
        "吊销密钥 Revoke a key, at once and for good",
        body=ReasonBody,
        reply=ServiceKeyItem,
        role=Role.ADMIN,
        fails=(errors.NotFound,),
    ),
)
