"""People: found, and looked at."""

from dataclasses import dataclass, field
from typing import Annotated

from msgspec import Meta

from wxlogin.endpoints.admin.acts import PAGING, acting, reading
from wxlogin.endpoints.admin.paging import (
    DEFAULT_LIMIT,
    MOST,
    asked_of,
    choice_in,
    from_cursor,
    limit_in,
    to_cursor,
)
from wxlogin.endpoints.admin.shown import (
    AccountItem,
    ApplicationItem,
    AuditItem,
    OperatorsAccount,
    OperatorsIdentity,
    Status,
    application_item,
    audit_item,
    identities_of,
    row_item,
    whole_account,
)
from wxlogin.endpoints.exchange import Reply, Request, json_reply
from wxlogin.endpoints.messages import Time
from wxlogin.endpoints.route import Parameter
from wxlogin.login import errors
from wxlogin.login.accounts import AccountStatus
from wxlogin.login.flow import Flow
from wxlogin.login.ports import AuditQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSearchBody:
    q: Annotated[
        str,
        Meta(
            max_length=256,
            description="an account id, the host's user_id, an openid or a full phone number, "
            "exactly; else how a nickname begins; empty: all",
        ),
    ] = field(default="", repr=False)
    status: Status | None = None
    cursor: str | None = None
    limit: Annotated[int, Meta(ge=1, le=MOST)] = DEFAULT_LIMIT


@dataclass(frozen=True, slots=True)
class AccountPage:
    items: list[AccountItem]
    next: str | None


@dataclass(frozen=True, slots=True)
class SessionDevice:
    id: str | None
    name: str | None
    platform: str | None


@dataclass(frozen=True, slots=True)
class PersonSession:
    session_id: str
    app_id: str
    device: SessionDevice
    created_at: Time
    last_seen_at: Time
    expires_at: Time


@dataclass(frozen=True, slots=True)
class PersonLogin:
    at: Time
    app_id: str
    door: str
    device_name: str | None
    device_platform: str | None
    is_new_account: bool


@dataclass(frozen=True, slots=True)
class PersonAgreement:
    id: str
    version: str
    agreed_at: Time


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonMessage:
    """Everything about one account; logins and history are the latest 50."""

    account: OperatorsAccount
    identities: list[OperatorsIdentity]
    sessions: list[PersonSession]
    logins: list[PersonLogin]
    history: list[AuditItem]
    agreements: list[PersonAgreement]
    applications: list[ApplicationItem]


async def list_accounts(flow: Flow, request: Request) -> Reply:
    asked = asked_of(request)
    return await _search(
        flow,
        asked.get("q", ""),
        status=choice_in(asked, "status", AccountStatus),
        cursor=asked.get("cursor"),
        limit=limit_in(asked),
    )


async def search_accounts(flow: Flow, request: Request) -> Reply:
    """The same in a body: a phone number belongs into no URL, and into no proxy's log."""
    body: AccountSearchBody = request.body
    status = AccountStatus(body.status) if body.status else None
    return await _search(flow, body.q, status=status, cursor=body.cursor, limit=body.limit)


async def get_person(flow: Flow, request: Request) -> Reply:
    person = await flow.account_desk.look(request.path_values["account_id"])
    history = await flow.audit_log.search(AuditQuery(account_id=person.account.id))
    message = PersonMessage(
        account=whole_account(person.account, last_login_at=person.last_login_at),
        identities=identities_of(person.account),
        sessions=[
            PersonSession(
                one.id,
                one.app_id,
                SessionDevice(one.device.id, one.device.name, one.device.platform),
                one.created_at,
                one.last_seen_at,
                one.expires_at,
            )
            for one in person.sessions
        ],
        logins=[
            PersonLogin(
                one.at,
                one.app_id,
                one.door,
                one.device_name,
                one.device_platform,
                one.is_new_account,
            )
            for one in person.logins
        ],
        history=[audit_item(line) for line in history],
        agreements=[
            PersonAgreement(one.id, one.version, one.agreed_at) for one in person.agreements
        ],
        applications=[application_item(row) for row in person.applications],
    )
    return json_reply(message)


async def _search(
    flow: Flow, text: str, *, status: AccountStatus | None, cursor: str | None, limit: int
) -> Reply:
    before = from_cursor(cursor, parts=1)[0] if cursor else None
    rows = await flow.account_desk.search(text, status=status, before=before, limit=limit + 1)
    more = to_cursor(rows[limit - 1].id) if len(rows) > limit else None
    return json_reply(AccountPage([row_item(row) for row in rows[:limit]], more))


ROUTES = (
    reading(
        "/v1/admin/accounts",
        list_accounts,
        "账号列表 Accounts, newest first",
        reply=AccountPage,
        parameters=(
            Parameter("q", {"type": "string"}, required=False),
            Parameter(
                "status",
                {"type": "string", "enum": [status.value for status in AccountStatus]},
                required=False,
            ),
            *PAGING,
        ),
    ),
    acting(
        "/v1/admin/accounts/search",
        search_accounts,
        "搜索账号 The same; what is searched for stands in no URL",
        body=AccountSearchBody,
        example='{"q":"13800006666"}',
        reply=AccountPage,
    ),
    reading(
        "/v1/admin/accounts/{account_id}",
        get_person,
        "账号详情 Everything about one account",
        reply=PersonMessage,
        fails=(errors.NotFound,),
    ),
)
