"""Phone numbers of accounts: sealed, found by a keyed hash, one account of a pool each."""

from typing import Any

import sqlalchemy as sa

from wxlogin.login.accounts import Phone
from wxlogin.stores.database import Transaction
from wxlogin.stores.records import place_of_phone, seal_phone
from wxlogin.stores.schema import Tables
from wxlogin.stores.sealing import KeyRing


def owner_of(tx: Transaction, phone_hash: bytes, *, pool: str) -> str | None:
    """The account of the pool that has the number."""
    rows = tx.rows(of_phone, phone_hash=phone_hash)
    return next((account_id for account_id, its_pool in rows if its_pool == pool), None)


def is_proven(tx: Transaction, account_id: str) -> bool:
    """Whether the account's number was ever shown to be its person's."""
    row = tx.row(_proven_at, account_id=account_id)
    return row is not None and row[0] is not None


def put(
    tx: Transaction, account_id: str, phone: Phone, *, phone_hash: bytes, keys: KeyRing
) -> None:
    """Raises `UniqueBroken` where another account took it just now."""
    tx.run(
        _put,
        account_id=account_id,
        new_phone=seal_phone(phone, place_of_phone(account_id), keys=keys),
        new_phone_hash=phone_hash,
        proven_at=phone.proven_at,
    )


def leave(tx: Transaction, account_id: str, *, phone_hash: bytes, pool: str) -> bool:
    """Take the number from the account of the pool, if it is still this one; whether it was."""
    return tx.run(_clear, account_id=account_id, its_hash=phone_hash, its_pool=pool) == 1


def of_phone(t: Tables) -> sa.Select[Any]:
    return sa.select(t.account.c.id, t.account.c.pool).where(
        t.account.c.phone_hash == sa.bindparam("phone_hash")
    )


def _proven_at(t: Tables) -> sa.Select[Any]:
    return sa.select(t.account.c.phone_proven_at).where(
        t.account.c.id == sa.bindparam("account_id")
    )


def _clear(t: Tables) -> sa.Update:
    c = t.account.c
    return (
        sa.update(t.account)
        .where(c.id == sa.bindparam("account_id"))
        # A number that the account has got meanwhile stays.
        .where(c.phone_hash == sa.bindparam("its_hash"), c.pool == sa.bindparam("its_pool"))
        .values(phone=None, phone_hash=None, phone_proven_at=None)
    )


def _put(t: Tables) -> sa.Update:
    return (
        sa.update(t.account)
        .where(t.account.c.id == sa.bindparam("account_id"))
        .values(
            phone=sa.bindparam("new_phone"),
            phone_hash=sa.bindparam("new_phone_hash"),
            phone_proven_at=sa.bindparam("proven_at"),
        )
    )
