"""Erasing a person: first the account waits, then everything about it goes at once."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wxlogin.login.accounts import AccountStatus
from wxlogin.login.ports import DueErasure, Erased, ErasureStart, Told, Verdict
from wxlogin.login.sessions import Ending
from wxlogin.stores import accounts, sessions, telling, verification
from wxlogin.stores.database import Transaction, Undone
from wxlogin.stores.schema import Tables
from wxlogin.stores.upserts import Upsert

OF_ACCOUNT = (
    "identity",
    "unionid",
    "session",
    "login_event",
    "agreement",
    "application",
    "avatar",
)
"""Every table with rows of an account, beside the account itself and the outbox."""

WAITING = (str(AccountStatus.ERASING), str(AccountStatus.DISABLED))
"""What an account with a date of its erasure is: one may be disabled while it waits."""


def start(tx: Transaction, wanted: ErasureStart, *, told: Told) -> Verdict:
    """Raises `Undone` with every verdict but DONE."""
    if not verification.spend_all(tx, wanted.spends, at=wanted.ending.at):
        raise Undone(Verdict.CODE_SPENT)
    row = tx.row(_lock, account_id=wanted.account_id)
    if row is None or row[0] != wanted.was:
        raise Undone(Verdict.GONE)
    begin_earlier(tx, wanted.account_id, erase_at=wanted.erase_at, ending=wanted.ending)
    telling.write(tx, told)
    return Verdict.DONE


def begin_earlier(tx: Transaction, account_id: str, *, erase_at: datetime, ending: Ending) -> None:
    """As `begin`; of two dates the earlier holds."""
    row = tx.row(_lock, account_id=account_id)
    waits = None if row is None else row[1]
    begin(tx, account_id, erase_at=_earlier(waits, erase_at), ending=ending)


def begin(tx: Transaction, account_id: str, *, erase_at: datetime, ending: Ending) -> None:
    """Let the account wait for its erasure; nobody is in from now on."""
    tx.run(
        accounts.change_status,
        account_id=account_id,
        new_status=str(AccountStatus.ERASING),
        until=None,
        why=None,
        new_erase_at=erase_at,
    )
    sessions.end_all(tx, account_id, ending=ending)


def stop(tx: Transaction, account_id: str, *, told: Told) -> bool:
    row = tx.row(_lock, account_id=account_id)
    if row is None or row[0] not in WAITING:
        return False
    if row[0] == AccountStatus.DISABLED:
        if row[1] is None:
            return False
        tx.run(_stay_disabled, account_id=account_id)
    else:
        tx.run(
            accounts.change_status,
            account_id=account_id,
            new_status=str(AccountStatus.ACTIVE),
            until=None,
            why=None,
            new_erase_at=None,
        )
    telling.write(tx, told)
    return True


def list_due(
    tx: Transaction, *, now: datetime, limit: int, after: DueErasure | None
) -> list[DueErasure]:
    if after is None:
        rows = tx.rows(_due, now=now, limit=limit)
    else:
        rows = tx.rows(_due_after, now=now, limit=limit, after_at=after.erase_at, after_id=after.id)
    return [DueErasure(*row) for row in rows]


def erase(tx: Transaction, account_id: str, *, now: datetime, told: Told) -> bool:
    """The lock decides between two erasers, and between this and taking it back."""
    row = tx.row(_lock, account_id=account_id)
    if row is None or row[0] not in WAITING or row[1] is None or row[1] > now:
        return False
    tx.run(forget_contexts, account_id=account_id)
    telling.write(tx, told)
    for delete in _DELETES:
        tx.run(delete, account_id=account_id)
    tx.run(drop_account, account_id=account_id)
    for erased_id in (account_id, *(row[2] or "").split()):
        tx.run(_note, account_id=erased_id, erased_at=now)
    return True


def list_erased(tx: Transaction, *, since: datetime) -> list[Erased]:
    return [Erased(*row) for row in tx.rows(_ledger, since=since)]


def _earlier(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else min(one, other)


def _lock(t: Tables) -> sa.Select[Any]:
    c = t.account.c
    return (
        sa.select(c.status, c.erase_at, c.merged_ids)
        .where(c.id == sa.bindparam("account_id"))
        .with_for_update()
    )


def _stay_disabled(t: Tables) -> sa.Update:
    c = t.account.c
    return sa.update(t.account).where(c.id == sa.bindparam("account_id")).values(erase_at=None)


def _due(t: Tables) -> sa.Select[Any]:
    c = t.account.c
    return (
        sa.select(c.id, c.user_id, c.avatar_id, c.erase_at)
        .where(c.erase_at.is_not(None), c.erase_at <= sa.bindparam("now"))
        .where(sa.or_(*(c.status == status for status in WAITING)))
        .order_by(c.erase_at, c.id)
        .limit(sa.bindparam("limit", type_=sa.Integer))
    )


def _due_after(t: Tables) -> sa.Select[Any]:
    c = t.account.c
    at = sa.bindparam("after_at", type_=c.erase_at.type)
    return _due(t).where(
        sa.or_(c.erase_at > at, sa.and_(c.erase_at == at, c.id > sa.bindparam("after_id")))
    )


def forget_contexts(t: Tables) -> sa.Update:
    """Whatever the mini program had sent along; `merged` has ids of ours alone."""
    c = t.outbox.c
    return (
        sa.update(t.outbox)
        .where(c.account_id == sa.bindparam("account_id"), c.kind != "merged")
        .values(data="{}")
    )


def _delete_from(table: str) -> Callable[[Tables], sa.Delete]:
    def statement(t: Tables) -> sa.Delete:
        its: sa.Table = getattr(t, table)
        return sa.delete(its).where(its.c.account_id == sa.bindparam("account_id"))

    return statement


_DELETES = tuple(_delete_from(table) for table in OF_ACCOUNT)


def drop_account(t: Tables) -> sa.Delete:
    return sa.delete(t.account).where(t.account.c.id == sa.bindparam("account_id"))


def _note(t: Tables) -> Upsert:
    return Upsert(t.erased, ("account_id", "erased_at"), key=("account_id",))


def _ledger(t: Tables) -> sa.Select[Any]:
    c = t.erased.c
    return (
        sa.select(c.account_id, c.erased_at)
        .where(c.erased_at >= sa.bindparam("since"))
        .order_by(c.erased_at, c.account_id)
    )
