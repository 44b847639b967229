"""What operators look at. Nothing here is asked for by a login."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from wxlogin.login.accounts import AccountStatus
from wxlogin.login.ports import (
    AccountQuery,
    AccountRow,
    AgreementRow,
    ApplicationRow,
    LoginRow,
)
from wxlogin.login.registration import ApplicationStatus
from wxlogin.stores.applications import place_of_contact
from wxlogin.stores.database import Transaction
from wxlogin.stores.records import open_phone, place_of_phone
from wxlogin.stores.schema import Tables
from wxlogin.stores.sealing import KeyRing
from wxlogin.stores.statements import Row, Statement

LAST_ID = "~"
"""Behind every id, in the order of ASCII."""
_AFTER_ALL = "\U0010ffff"

_ACCOUNT = (
    "id",
    "pool",
    "user_id",
    "nickname",
    "avatar_url",
    "phone",
    "phone_proven_at",
    "status",
    "created_at",
)


def search(
    tx: Transaction, query: AccountQuery, *, phone_hash: bytes | None, keys: KeyRing
) -> list[AccountRow]:
    values = {
        "account_id": query.account_id,
        "user_id": query.user_id,
        "openid": query.openid,
        "phone_hash": phone_hash,
    }
    exact = {name: value for name, value in values.items() if value is not None}
    params: dict[str, Any] = {"before": query.before or LAST_ID, "limit": query.limit}
    if query.status is not None:
        params["status"] = query.status.value
    if query.nickname is not None:
        params |= {"first": query.nickname, "last": query.nickname + _AFTER_ALL}
    statement = _search(frozenset(exact), query.nickname is not None, query.status is not None)
    return [_account_row(row, keys=keys) for row in tx.rows(statement, **exact, **params)]


def list_logins(tx: Transaction, account_id: str, *, limit: int) -> list[LoginRow]:
    rows = tx.rows(_logins, account_id=account_id, limit=limit)
    return [
        LoginRow(at, app_id, door, device_name, device_platform, bool(is_new))
        for at, app_id, door, device_name, device_platform, is_new in rows
    ]


def list_agreements(tx: Transaction, account_id: str) -> list[AgreementRow]:
    return [AgreementRow(*row) for row in tx.rows(_agreements, account_id=account_id)]


def list_applications(
    tx: Transaction,
    *,
    status: ApplicationStatus | None,
    account_id: str | None,
    before: tuple[datetime, str] | None,
    limit: int,
    keys: KeyRing,
) -> list[ApplicationRow]:
    params: dict[str, Any] = {"limit": limit}
    if status is not None:
        params["status"] = status.value
    if account_id is not None:
        params["account_id"] = account_id
    if before is not None:
        params |= {"at": before[0], "id": before[1]}
    statement = _applications(status is not None, account_id is not None, before is not None)
    return [_application_row(row, keys=keys) for row in tx.rows(statement, **params)]


def find_application(
    tx: Transaction, application_id: str, *, keys: KeyRing
) -> ApplicationRow | None:
    row = tx.row(_application, id=application_id)
    return None if row is None else _application_row(row, keys=keys)


def count_accounts(tx: Transaction) -> dict[AccountStatus, int]:
    return {AccountStatus(status): count for status, count in tx.rows(_accounts_by_status)}


def count_applications(tx: Transaction, status: ApplicationStatus) -> int:
    row = tx.row(_count_applications, status=status.value)
    return row[0] if row else 0


def count_live_sessions(tx: Transaction, *, now: datetime, idle_before: datetime) -> int:
    row = tx.row(_count_live, now=now, idle_before=idle_before)
    return row[0] if row else 0


def count_logins(tx: Transaction, edges: Sequence[datetime]) -> list[tuple[int, int]]:
    """A span at a time: the index holds what is counted, and no database's calendar is asked."""
    rows = [tx.row(_count_logins, first=one, last=next_) for one, next_ in pairwise(edges)]
    return [(row[0], row[1] or 0) if row else (0, 0) for row in rows]


def _account_row(row: Row, *, keys: KeyRing) -> AccountRow:
    kept = dict(zip(_ACCOUNT, row, strict=False))
    return AccountRow(
        id=kept["id"],
        pool=kept["pool"],
        user_id=kept["user_id"],
        nickname=kept["nickname"],
        avatar_url=kept["avatar_url"],
        phone=_phone(kept["phone"], kept["id"], kept["phone_proven_at"], keys=keys),
        status=AccountStatus(kept["status"]),
        created_at=kept["created_at"],
        last_login_at=row[-1],
    )


def _application_row(row: Row, *, keys: KeyRing) -> ApplicationRow:
    kept: Mapping[str, Any] = dict(zip(_APPLICATION, row, strict=False))
    phone, proven_at, username = row[-3:]
    return ApplicationRow(
        id=kept["id"],
        account_id=kept["account_id"],
        app_id=kept["app_id"],
        company_name=kept["company_name"],
        credit_code=kept["credit_code"],
        contact_name=keys.open(kept["contact_name"], place_of_contact(kept["id"])).decode(),
        phone=_phone(phone, kept["account_id"], proven_at, keys=keys),
        username=username,
        status=ApplicationStatus(kept["status"]),
        reason=kept["reason"],
        submitted_at=kept["submitted_at"],
        decided_at=kept["decided_at"],
        decided_by=kept["decided_by"],
    )


def _phone(
    sealed: bytes | None, account_id: str, proven_at: datetime | None, *, keys: KeyRing
) -> Any:
    if sealed is None:
        return None
    return open_phone(sealed, place_of_phone(account_id), proven_at=proven_at, keys=keys)


def _last_login(t: Tables) -> sa.ScalarSelect[Any]:
    c = t.login_event.c
    return (
        sa.select(sa.func.max(c.at, type_=c.at.type))
        .where(c.account_id == t.account.c.id)
        .scalar_subquery()
    )


_EXACT: Mapping[str, Callable[[Tables], sa.ColumnElement[bool]]] = {
    "account_id": lambda t: t.account.c.id == sa.bindparam("account_id"),
    "user_id": lambda t: t.account.c.user_id == sa.bindparam("user_id"),
    "phone_hash": lambda t: t.account.c.phone_hash == sa.bindparam("phone_hash"),
    "openid": lambda t: t.account.c.id.in_(
        sa.select(t.identity.c.account_id).where(t.identity.c.openid == sa.bindparam("openid"))
    ),
}


@cache
def _search(exact: frozenset[str], by_nickname: bool, by_status: bool) -> Statement:
    def statement(t: Tables) -> sa.Select[Any]:
        c = t.account.c
        found = sa.select(*(c[name] for name in _ACCOUNT), _last_login(t)).where(
            c.id < sa.bindparam("before")
        )
        if exact:
            found = found.where(sa.or_(*(_EXACT[name](t) for name in sorted(exact))))
        if by_nickname:
            # A range and no LIKE: that one folds case, and then no index of SQLite's serves it.
            found = found.where(
                c.nickname >= sa.bindparam("first"), c.nickname < sa.bindparam("last")
            )
        if by_status:
            found = found.where(c.status == sa.bindparam("status"))
        return found.order_by(c.id.desc()).limit(sa.bindparam("limit", type_=sa.Integer))

    return statement


_APPLICATION = (
    "id",
    "account_id",
    "app_id",
    "company_name",
    "credit_code",
    "contact_name",
    "status",
    "reason",
    "submitted_at",
    "decided_at",
    "decided_by",
)


def _of_applications(t: Tables) -> sa.Select[Any]:
    c, a = t.application.c, t.account.c
    return sa.select(
        *(c[name] for name in _APPLICATION), a.phone, a.phone_proven_at, a.username
    ).join_from(t.application, t.account, a.id == c.account_id, isouter=True)


@cache
def _applications(by_status: bool, by_account: bool, has_before: bool) -> Statement:
    def statement(t: Tables) -> sa.Select[Any]:
        c = t.application.c
        found = _of_applications(t)
        if by_status:
            found = found.where(c.status == sa.bindparam("status"))
        if by_account:
            found = found.where(c.account_id == sa.bindparam("account_id"))
        if has_before:
            at = sa.bindparam("at", type_=c.submitted_at.type)
            last: sa.BindParameter[str] = sa.bindparam("id")
            found = found.where(
                sa.or_(c.submitted_at < at, sa.and_(c.submitted_at == at, c.id < last))
            )
        return found.order_by(c.submitted_at.desc(), c.id.desc()).limit(
            sa.bindparam("limit", type_=sa.Integer)
        )

    return statement


def _application(t: Tables) -> sa.Select[Any]:
    return _of_applications(t).where(t.application.c.id == sa.bindparam("id"))


def _logins(t: Tables) -> sa.Select[Any]:
    c = t.login_event.c
    names = ("at", "app_id", "door", "device_name", "device_platform", "is_new_account")
    return (
        sa.select(*(c[name] for name in names))
        .where(c.account_id == sa.bindparam("account_id"))
        .order_by(c.at.desc(), c.id.desc())
        .limit(sa.bindparam("limit", type_=sa.Integer))
    )


def _agreements(t: Tables) -> sa.Select[Any]:
    c = t.agreement.c
    return (
        sa.select(c.agreement_id, c.version, c.agreed_at)
        .where(c.account_id == sa.bindparam("account_id"))
        .order_by(c.agreed_at, c.agreement_id, c.version)
    )


def _accounts_by_status(t: Tables) -> sa.Select[Any]:
    return sa.select(t.account.c.status, sa.func.count()).group_by(t.account.c.status)


def _count_applications(t: Tables) -> sa.Select[Any]:
    return (
        sa.select(sa.func.count())
        .select_from(t.application)
        .where(t.application.c.status == sa.bindparam("status"))
    )


def _count_live(t: Tables) -> sa.Select[Any]:
    # The account is not asked: whatever keeps it out has ended its sessions too.
    c = t.session.c
    return (
        sa.select(sa.func.count())
        .select_from(t.session)
        .where(
            c.ended_at.is_(None),
            c.expires_at > sa.bindparam("now"),
            c.last_seen_at >= sa.bindparam("idle_before"),
        )
    )


def _count_logins(t: Tables) -> sa.Select[Any]:
    c = t.login_event.c
    new: sa.ColumnElement[Any] = sa.func.sum(sa.case((c.is_new_account, 1), else_=0))
    counted: sa.Select[Any] = sa.select(sa.func.count(), new)
    return counted.where(c.at >= sa.bindparam("first"), c.at < sa.bindparam("last"))
