"""Accounts, as the team's other servers see and change them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from msgspec import Meta

from wxlogin.endpoints.exchange import Reply, Request, json_reply
from wxlogin.endpoints.forms import read_query
from wxlogin.endpoints.messages import ACCOUNT, Time
from wxlogin.endpoints.route import Parameter, Plane, Route
from wxlogin.endpoints.service.keys import key_of
from wxlogin.endpoints.times import in_utc
from wxlogin.login import errors
from wxlogin.login.accounts import Account
from wxlogin.login.flow import Flow
from wxlogin.login.ports import Scope, ServiceKey
from wxlogin.login.service import Naming

UserId = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        description="the host's own key for this person, unique; 1 to 64 printable characters",
    ),
]
Reason = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=r"^[^\u0000-\u001f\u007f-\u009f\u2028-\u2029]+(?![\s\S])",
        description="one line of at most 200 characters; the person may read it",
    ),
]

Until = Annotated[
    datetime,
    Meta(
        tz=True,
        extra_json_schema={"format": "date-time"},
        description="RFC 3339; without it, until somebody enables the account",
    ),
]


@dataclass(frozen=True, slots=True)
class ServiceIdentityMessage:
    app_id: str
    openid: str
    unionid: str | None
    linked_at: Time


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAccountMessage:
    id: str
    user_id: str | None
    nickname: str | None
    avatar_url: str | None
    phone: Annotated[
        str | None,
        Meta(description="E.164 with scope `phone:read`, else masked", examples=["138****6666"]),
    ] = field(repr=False)
    phone_proven_at: Time | None
    status: Literal["active", "pending", "rejected", "disabled", "erasing"]
    disabled_until: Time | None
    reason_for_user: str | None
    pool: str
    created_at: Time
    claims: Mapping[str, Any]
    identities: list[ServiceIdentityMessage]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChangeBody:
    """What is left out stays as it is."""

    user_id: UserId | None = None
    claims: Annotated[
        dict[str, Any] | None,
        Meta(description="at most 1 KiB of JSON, in place of those before; live sessions too"),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisableBody:
    until: Until | None = None
    reason_for_user: Reason | None = None


async def get_service_account(flow: Flow, request: Request) -> Reply:
    naming = Naming(account_id=request.path_values["account_id"])
    return _shown(await flow.service.get_account(naming), key_of(request))


async def find_service_account(flow: Flow, request: Request) -> Reply:
    given = read_query(request.query)
    names = {name: given[name] for name in ("user_id", "openid", "phone", "pool") if name in given}
    return _shown(await flow.service.get_account(Naming(**names)), key_of(request))


async def change_service_account(flow: Flow, request: Request) -> Reply:
    body: AccountChangeBody = request.body
    account = await flow.service.change_account(
        request.path_values["account_id"],
        user_id=body.user_id,
        claims=body.claims,
        by=key_of(request),
    )
    return _shown(account, key_of(request))


async def disable_service_account(flow: Flow, request: Request) -> Reply:
    body: DisableBody = request.body
    account = await flow.service.disable(
        request.path_values["account_id"],
        until=None if body.until is None else in_utc(body.until, name="until"),
        reason_for_user=body.reason_for_user,
        by=key_of(request),
    )
    return _shown(account, key_of(request))


async def enable_service_account(flow: Flow, request: Request) -> Reply:
    account = await flow.service.enable(request.path_values["account_id"], by=key_of(request))
    return _shown(account, key_of(request))


def _shown(account: Account, key: ServiceKey) -> Reply:
    """Another server may know the openid; the whole number it needs a scope for."""
    phone = account.phone
    number = None
    if phone is not None:
        number = phone.e164 if Scope.PHONE_READ in key.scopes else phone.masked
    message = ServiceAccountMessage(
        id=account.id,
        user_id=account.user_id,
        nickname=account.nickname,
        avatar_url=account.avatar_url,
        phone=number,
        phone_proven_at=phone.proven_at if phone else None,
        status=account.status.value,
        disabled_until=account.disabled_until,
        reason_for_user=account.reason,
        pool=account.pool,
        created_at=account.created_at,
        claims=account.claims,
        identities=[
            ServiceIdentityMessage(one.app_id, one.openid, one.unionid, one.linked_at)
            for one in account.identities
        ],
    )
    return json_reply(message, no_store=True)


_PATH = "/v1/service/accounts/{account_id}"
_TEXT = {"type": "string", "minLength": 1}

ROUTES = (
    Route(
        "GET",
        "/v1/service/accounts",
        find_service_account,
        "按业务用户 ID、openid 或手机号查找账号 Find an account by exactly one of these",
        reply=ServiceAccountMessage,
        plane=Plane.SERVICE,
        scope=Scope.ACCOUNTS_READ,
        fails=(errors.RequestInvalid, errors.NotFound, errors.PhoneNumberInvalid),
        parameters=(
            Parameter("user_id", {**_TEXT, "examples": ["42"]}, required=False),
            Parameter("openid", _TEXT, required=False),
            Parameter("phone", _TEXT, required=False),
            Parameter("pool", _TEXT, required=False),
        ),
    ),
    Route(
        "GET",
        _PATH,
        get_service_account,
        "查看账号 Show an account",
        reply=ServiceAccountMessage,
        plane=Plane.SERVICE,
        scope=Scope.ACCOUNTS_READ,
        fails=(errors.NotFound,),
    ),
    Route(
        "PUT",
        _PATH,
        change_service_account,
        "设置业务用户 ID 与 claims Set the host's key and the claims",
        body=AccountChangeBody,
        example='{"user_id":"42","claims":{"role":"staff"}}',
        reply=ServiceAccountMessage,
        plane=Plane.SERVICE,
        scope=Scope.ACCOUNTS_WRITE,
        fails=(errors.NotFound, errors.IdentityTaken),
    ),
    Route(
        "POST",
        f"{_PATH}/disable",
        disable_service_account,
        "停用账号并结束其会话 Disable an account, and end its sessions",
        body=DisableBody,
        example='{"reason_for_user":"违规"}',
        reply=ServiceAccountMessage,
        plane=Plane.SERVICE,
        scope=Scope.ACCOUNTS_WRITE,
        fails=(errors.NotFound,),
    ),
    Route(
        "POST",
        f"{_PATH}/enable",
        enable_service_account,
        "启用账号 Enable an account",
        reply=ServiceAccountMessage,
        plane=Plane.SERVICE,
        scope=Scope.ACCOUNTS_WRITE,
        fails=(errors.RequestInvalid, errors.NotFound),
    ),
)
EXAMPLES: tuple[object, ...] = (
    ServiceAccountMessage(
        id=ACCOUNT.id,
        user_id="42",
        nickname="小明",
        avatar_url=None,
        phone="138****6666",
        phone_proven_at=ACCOUNT.created_at,
        status="active",
        disabled_until=None,
        reason_for_user=None,
        pool="default",
        created_at=ACCOUNT.created_at,
        claims={"role": "staff"},
        identities=[
            ServiceIdentityMessage(
                "wx4f4bc4dec97d474b", "oVBkZ0aYgDMDIywRdgPW8-joxXc4", None, ACCOUNT.created_at
            )
        ],
    ),
    AccountChangeBody(user_id="42", claims={"role": "staff"}),
    DisableBody(until=datetime(2026, 4, 1, tzinfo=UTC), reason_for_user="违规"),
)
