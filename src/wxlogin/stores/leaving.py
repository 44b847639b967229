"""Erasing a person: first the account waits, then everything about it goes at once."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wxlogin.login.accounts import Account, AccountStatus
from wxlogin.login.ports import Erased, ErasureStart, Told, Verdict
from wxlogin.login.sessions import Ending
from wxlogin.stores import accounts, sessions, telling, verification
from wxlogin.stores.database import Transaction, Undone
from wxlogin.stores.schema import Tables
from wxlogin.stores.sealing import KeyRing
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


def start(tx: Transaction, wanted: ErasureStart, *, told: Told) -> Verdict:
    """Raises `Undone` with every verdict but DONE."""
    if not verification.spend_all(tx, wanted.spends, at=wanted.ending.at):
        raise Undone(Verdict.CODE_SPENT)
    row = tx.row(_lock, account_id=wanted.account_id)
    if row is None or row[0] != wanted.was:
        raise Undone(Verdict.GONE)
    begin(tx, wanted.account_id, erase_at=_earlier(row[1], wanted.erase_at), ending=wanted.ending)
    telling.write(tx, told)
    return Verdict.DONE


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
    if row is None or row[0] != AccountStatus.ERASING:
        return False
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


def list_due(tx: Transaction, *, now: datetime, limit: int, keys: KeyRing) -> list[Account]:
    found = [accounts.load(tx, row[0], keys=keys) for row in tx.rows(_due, now=now, limit=limit)]
    return [account for account in found if account is not None]


def erase(tx: Transaction, account_id: str, *, now: datetime, told: Told) -> bool:
    """The lock decides between two erasers, and between this and taking it back."""
    row = tx.row(_lock, account_id=account_id)
    if row is None or row[0] != AccountStatus.ERASING or row[1] is None or row[1] > now:
        return False
    tx.run(_forget_contexts, account_id=account_id)
    telling.write(tx, told)
    for delete in _DELETES:
        tx.run(delete, account_id=account_id)
    tx.run(drop_account, account_id=account_id)
    tx.run(_note, account_id=account_id, erased_at=now)
    return True


def list_erased(tx: Transaction, *, since: datetime) -> list[Erased]:
    return [Erased(*row) for row in tx.rows(_ledger, since=since)]


def _earlier(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else min(one, other)


def _lock(t: Tables) -> sa.Select[Any]:
    c = t.account.c
    return (
        sa.select(c.status, c.erase_at).where(c.id == sa.bindparam("account_id")).with_for_update()
    )


def _due(t: Tables) -> sa.Select[Any]:
    c = t.account.c
    return (
        sa.select(c.id)
        .where(c.erase_at.is_not(None), c.erase_at <= sa.bindparam("now"))
        .where(c.status == str(AccountStatus.ERASING))
        .order_by(c.erase_at, c.id)
        .limit(sa.bindparam("limit", type_=sa.Integer))
    )


def _forget_contexts(t: Tables) -> sa.Update:
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
