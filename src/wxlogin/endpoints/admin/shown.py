"""What several of the operators' pages show alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from wxlogin.endpoints.messages import Time
from wxlogin.login.accounts import Account, Identity
from wxlogin.login.ports import AccountRow, ApplicationRow, LoggedLine

Status = Literal["active", "pending", "rejected", "disabled", "erasing"]
Masked = Annotated[str | None, Meta(description="masked", examples=["138****6666"])]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountItem:
    id: str
    user_id: str | None
    nickname: str | None
    avatar_url: str | None
    phone: Masked
    status: Status
    created_at: Time
    last_login_at: Time | None
    pool: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorsAccount(AccountItem):
    """`reason` is what the person is told of a disabling or a rejection."""

    phone_proven_at: Time | None
    disabled_until: Time | None
    reason: str | None
    claims: Mapping[str, Any]
    username: str | None
    has_password: bool
    erase_at: Time | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorsIdentity:
    app_id: str
    openid: str
    unionid: str | None
    linked_at: Time


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationItem:
    id: str
    account_id: str
    company_name: str
    credit_code: str
    contact_name: str = field(repr=False)
    phone: Masked
    username: str | None
    app_id: str
    status: Literal["pending", "approved", "rejected"]
    reason: str | None
    submitted_at: Time
    decided_at: Time | None
    decided_by: str | None


@dataclass(frozen=True, slots=True)
class ActorMessage:
    kind: str
    id: str | None
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditItem:
    """`subject` stands for an account; `account_id` is whose it is, while that account is."""

    id: str
    at: Time
    kind: str
    actor: ActorMessage
    account_id: str | None
    subject: str | None
    app_id: str | None
    reason: str | None
    data: Mapping[str, Any]
    sealed: bool


def row_item(row: AccountRow) -> AccountItem:
    return AccountItem(
        id=row.id,
        user_id=row.user_id,
        nickname=row.nickname,
        avatar_url=row.avatar_url,
        phone=row.phone.masked if row.phone else None,
        status=row.status.value,
        created_at=row.created_at,
        last_login_at=row.last_login_at,
        pool=row.pool,
    )


def whole_account(account: Account, *, last_login_at: Any = None) -> OperatorsAccount:
    return OperatorsAccount(
        id=account.id,
        user_id=account.user_id,
        nickname=account.nickname,
        avatar_url=account.avatar_url,
        phone=account.phone.masked if account.phone else None,
        status=account.status.value,
        created_at=account.created_at,
        last_login_at=last_login_at,
        pool=account.pool,
        phone_proven_at=account.phone.proven_at if account.phone else None,
        disabled_until=account.disabled_until,
        reason=account.reason,
        claims=account.claims,
        username=account.username,
        has_password=account.has_password,
        erase_at=account.erase_at,
    )


def identities_of(account: Account) -> list[OperatorsIdentity]:
    return [identity_item(one) for one in account.identities]


def identity_item(one: Identity) -> OperatorsIdentity:
    return OperatorsIdentity(
        app_id=one.app_id, openid=one.openid, unionid=one.unionid, linked_at=one.linked_at
    )


def application_item(row: ApplicationRow) -> ApplicationItem:
    return ApplicationItem(
        id=row.id,
        account_id=row.account_id,
        company_name=row.company_name,
        credit_code=row.credit_code,
        contact_name=row.contact_name,
        phone=row.phone.masked if row.phone else None,
        username=row.username,
        app_id=row.app_id,
        status=row.status.value,
        reason=row.reason,
        submitted_at=row.submitted_at,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
    )


def audit_item(line: LoggedLine) -> AuditItem:
    return AuditItem(
        id=str(line.id),
        at=line.at,
        kind=line.kind,
        actor=ActorMessage(line.actor_kind, line.actor_id, line.actor_id),
        account_id=line.account_id,
        subject=line.subject,
        app_id=line.app_id,
        reason=line.reason,
        data=data_of(line),
        sealed=line.position is not None,
    )


def data_of(line: LoggedLine) -> Mapping[str, Any]:
    """What the line says beside; where that was tampered with, as text."""
    try:
        found = msgspec.json.decode(line.data)
    except msgspec.DecodeError:
        found = None
    return found if isinstance(found, dict) else {"unreadable": line.data}
