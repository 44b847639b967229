"""Verification codes: one a slot, tried a few times, spent once."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wxlogin.login.ports import CodeSpend, VerificationCode
from wxlogin.stores.database import Outraced, Transaction
from wxlogin.stores.schema import Tables
from wxlogin.stores.upserts import Upsert


def keep(tx: Transaction, code: VerificationCode) -> None:
    """In the place of whatever was in the slot: an old code is good for nothing any more."""
    tx.run(_forget, slot=code.slot)
    if not tx.run(
        _keep, slot=code.slot, code_hash=code.code_hash, tries=0, expires_at=code.expires_at
    ):
        raise Outraced


def try_once(tx: Transaction, spend: CodeSpend, *, limit: int, now: datetime) -> bool:
    """The statement that counts is the one that decides whether there is a try left."""
    if not tx.run(_count, slot=spend.slot, limit=limit, now=now):
        return False
    return tx.row(_match, slot=spend.slot, code_hash=spend.code_hash) is not None


def drop(tx: Transaction, spent: CodeSpend) -> bool:
    """Whether this call spent it: the delete decides between two."""
    return tx.run(_drop, slot=spent.slot, code_hash=spent.code_hash) == 1


def spend_all(tx: Transaction, spends: tuple[CodeSpend, ...], *, at: datetime | None) -> bool:
    """Whether this call spent every one of them, each before its time was over at `at`."""
    if at is None:
        return all(drop(tx, each) for each in spends)
    return all(
        tx.run(_spend, slot=each.slot, code_hash=each.code_hash, now=at) == 1 for each in spends
    )


def _keep(t: Tables) -> Upsert:
    return Upsert(t.verification_code, ("slot", "code_hash", "tries", "expires_at"), key=("slot",))


def _forget(t: Tables) -> sa.Delete:
    return sa.delete(t.verification_code).where(t.verification_code.c.slot == sa.bindparam("slot"))


def _count(t: Tables) -> sa.Update:
    c = t.verification_code.c
    return (
        sa.update(t.verification_code)
        .where(c.slot == sa.bindparam("slot"))
        .where(c.tries < sa.bindparam("limit", type_=sa.Integer))
        .where(c.expires_at > sa.bindparam("now"))
        .values(tries=c.tries + 1)
    )


def _match(t: Tables) -> sa.Select[Any]:
    c = t.verification_code.c
    return sa.select(c.tries).where(
        c.slot == sa.bindparam("slot"), c.code_hash == sa.bindparam("code_hash")
    )


def _drop(t: Tables) -> sa.Delete:
    c = t.verification_code.c
    return sa.delete(t.verification_code).where(
        c.slot == sa.bindparam("slot"), c.code_hash == sa.bindparam("code_hash")
    )


def _spend(t: Tables) -> sa.Delete:
    return _drop(t).where(t.verification_code.c.expires_at > sa.bindparam("now"))
