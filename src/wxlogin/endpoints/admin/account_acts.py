"""What an operator does to an account."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from msgspec import Meta

from wxlogin.endpoints.admin.acts import Reason, ReasonForUser, acting
from wxlogin.endpoints.admin.admission import operator_in
from wxlogin.endpoints.admin.shown import OperatorsAccount, whole_account
from wxlogin.endpoints.exchange import Reply, Request, json_reply
from wxlogin.endpoints.times import in_utc
from wxlogin.login import errors
from wxlogin.login.accounts import Account, AccountStatus
from wxlogin.login.flow import Flow
from wxlogin.login.moderation import BANNABLE

Until = Annotated[
    datetime,
    Meta(tz=True, extra_json_schema={"format": "date-time"}, description="RFC 3339, with a zone"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonBody:
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorsDisableBody:
    reason: Reason
    until: Until | None = None
    reason_for_user: ReasonForUser | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSessionsBody:
    """Without `session_id` all of them."""

    reason: Reason
    session_id: Annotated[str, Meta(max_length=64)] | None = None


@dataclass(frozen=True, slots=True)
class RevealedMessage:
    phone: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class EndedMessage:
    ended: int


async def reveal_phone(flow: Flow, request: Request) -> Reply:
    body: ReasonBody = request.body
    phone = await flow.account_desk.reveal_phone(
        await _account(flow, request), actor=operator_in(request), why=body.reason
    )
    return json_reply(RevealedMessage(phone))


async def operator_disables(flow: Flow, request: Request) -> Reply:
    body: OperatorsDisableBody = request.body
    until = None if body.until is None else in_utc(body.until, name="until")
    if until is not None and until <= flow.now():
        raise errors.RequestInvalid(("until", "must be ahead"))
    account = await _account(flow, request)
    if account.status not in BANNABLE:
        raise errors.RequestInvalid(("status", f"is {account.status}"))
    changed = await flow.moderation.disable(
        account,
        until=until,
        reason_for_user=body.reason_for_user,
        actor=operator_in(request),
        why=body.reason,
    )
    return await _shown(flow, changed)


async def operator_enables(flow: Flow, request: Request) -> Reply:
    """Not for one that waits to be approved, or to be erased: those have acts of their own."""
    body: ReasonBody = request.body
    account = await _account(flow, request)
    if account.status not in (AccountStatus.DISABLED, AccountStatus.REJECTED):
        raise errors.RequestInvalid(("status", f"is {account.status}"))
    changed = await flow.moderation.enable(account, actor=operator_in(request), why=body.reason)
    return await _shown(flow, changed)


async def operator_ends_sessions(flow: Flow, request: Request) -> Reply:
    body: EndSessionsBody = request.body
    account, actor = await _account(flow, request), operator_in(request)
    if body.session_id is None:
        ended = await flow.moderation.kick(account, reason="kicked", actor=actor, why=body.reason)
    else:
        ended = await flow.account_desk.end_session(
            account, body.session_id, actor=actor, why=body.reason
        )
    return json_reply(EndedMessage(ended))


async def _account(flow: Flow, request: Request) -> Account:
    return await flow.account_desk.get(request.path_values["account_id"])


async def _shown(flow: Flow, account: Account) -> Reply:
    last = await flow.account_desk.last_login_of(account)
    return json_reply(whole_account(account, last_login_at=last))


_PATH = "/v1/admin/accounts/{account_id}"

ROUTES = (
    acting(
        f"{_PATH}/reveal-phone",
        reveal_phone,
        "查看完整手机号 The whole phone number",
        body=ReasonBody,
        reply=RevealedMessage,
        fails=(errors.NotFound,),
    ),
    acting(
        f"{_PATH}/disable",
        operator_disables,
        "停用账号并结束会话 Disable an account, and end its sessions",
        body=OperatorsDisableBody,
        reply=OperatorsAccount,
        fails=(errors.NotFound,),
    ),
    acting(
        f"{_PATH}/enable",
        operator_enables,
        "启用账号 Enable an account",
        body=ReasonBody,
        reply=OperatorsAccount,
        fails=(errors.NotFound,),
    ),
    acting(
        f"{_PATH}/end-sessions",
        operator_ends_sessions,
        "结束会话 End one session, or all of them",
        body=EndSessionsBody,
        reply=EndedMessage,
        fails=(errors.NotFound,),
    ),
)
