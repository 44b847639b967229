"""Accounts: found by what leads to them, changed as a whole or not at all."""

from typing import Any

import sqlalchemy as sa

from wxlogin.login.accounts import Account, Identity
from wxlogin.login.ports import AccountChange
from wxlogin.stores.database import Transaction
from wxlogin.stores.records import account_from, seal_phone, to_json
from wxlogin.stores.schema import Tables
from wxlogin.stores.sealing import KeyRing

ACCOUNT_COLUMNS = (
    "id",
    "pool",
    "user_id",
    "status",
    "epoch",
    "created_at",
    "nickname",
    "avatar_url",
    "phone",
    "phone_proven_at",
    "claims",
    "disabled_until",
    "reason",
)


def load(tx: Transaction, account_id: str, *, keys: KeyRing) -> Account | None:
    """The account with its identities, oldest first."""
    row = tx.row(_by_id, id=account_id)
    if row is None:
        return None
    identities = tuple(Identity(*each) for each in tx.rows(_identities, account_id=account_id))
    return account_from(row, identities, keys=keys)


def find_of(
    tx: Transaction, *, pool: str, app_id: str, openid: str, unionid: str | None, keys: KeyRing
) -> Account | None:
    row = tx.row(of_identity, app_id=app_id, openid=openid)
    if row is None and unionid:
        row = tx.row(of_unionid, pool=pool, unionid=unionid)
    return None if row is None else load(tx, row[0], keys=keys)


def find_by_user_id(tx: Transaction, user_id: str, *, keys: KeyRing) -> Account | None:
    row = tx.row(of_user_id, user_id=user_id)
    return None if row is None else load(tx, row[0], keys=keys)


def find_by_openid(
    tx: Transaction, openid: str, *, pool: str | None, keys: KeyRing
) -> Account | None:
    rows = tx.rows(_of_openid, openid=openid)
    return _only(tx, rows, pool=pool, keys=keys)


def find_by_phone(
    tx: Transaction, phone_hash: bytes, *, pool: str | None, keys: KeyRing
) -> Account | None:
    rows = tx.rows(of_phone, phone_hash=phone_hash)
    return _only(tx, rows, pool=pool, keys=keys)


def change(
    tx: Transaction,
    account_id: str,
    change: AccountChange,
    *,
    phone_hash: bytes | None,
    keys: KeyRing,
) -> Account | None:
    """Raises `UniqueBroken` where the user_id or the phone is another account's."""
    phone = change.phone
    tx.run(
        _change,
        account_id=account_id,
        new_nickname=change.nickname,
        new_avatar_url=change.avatar_url,
        new_claims=None if change.claims is None else to_json(change.claims),
    )
    if change.user_id is not None:
        tx.run(set_user_id, account_id=account_id, new_user_id=change.user_id)
    if phone is not None:
        tx.run(
            _change_phone,
            account_id=account_id,
            new_phone=seal_phone(phone, keys=keys, account_id=account_id),
            new_phone_hash=phone_hash,
            proven_at=phone.proven_at,
        )
    if change.status is not None:
        tx.run(
            change_status,
            account_id=account_id,
            new_status=str(change.status),
            until=change.disabled_until,
            why=change.reason,
        )
    return load(tx, account_id, keys=keys)


def _only(
    tx: Transaction, rows: list[tuple[Any, ...]], *, pool: str | None, keys: KeyRing
) -> Account | None:
    found = {account_id for account_id, its_pool in rows if pool is None or its_pool == pool}
    return load(tx, found.pop(), keys=keys) if len(found) == 1 else None


def _by_id(t: Tables) -> sa.Select[Any]:
    columns = [t.account.c[name] for name in ACCOUNT_COLUMNS]
    return sa.select(*columns).where(t.account.c.id == sa.bindparam("id"))


def _identities(t: Tables) -> sa.Select[Any]:
    c = t.identity.c
    return (
        sa.select(c.app_id, c.openid, c.unionid, c.linked_at)
        .where(c.account_id == sa.bindparam("account_id"))
        .order_by(c.linked_at, c.app_id, c.openid)
    )


def of_identity(t: Tables) -> sa.Select[Any]:
    """Where an identity leads, and the unionid it has."""
    c = t.identity.c
    return sa.select(c.account_id, c.unionid).where(
        c.openid == sa.bindparam("openid"), c.app_id == sa.bindparam("app_id")
    )


def of_unionid(t: Tables) -> sa.Select[Any]:
    c = t.unionid.c
    return sa.select(c.account_id).where(
        c.unionid == sa.bindparam("unionid"), c.pool == sa.bindparam("pool")
    )


def of_user_id(t: Tables) -> sa.Select[Any]:
    return sa.select(t.account.c.id).where(t.account.c.user_id == sa.bindparam("user_id"))


def of_phone(t: Tables) -> sa.Select[Any]:
    return sa.select(t.account.c.id, t.account.c.pool).where(
        t.account.c.phone_hash == sa.bindparam("phone_hash")
    )


def _of_openid(t: Tables) -> sa.Select[Any]:
    return (
        sa.select(t.account.c.id, t.account.c.pool)
        .join_from(t.identity, t.account, t.account.c.id == t.identity.c.account_id)
        .where(t.identity.c.openid == sa.bindparam("openid"))
    )


def _change(t: Tables) -> sa.Update:
    c = t.account.c
    fields = ("nickname", "avatar_url", "claims")
    return (
        sa.update(t.account)
        .where(c.id == sa.bindparam("account_id"))
        .values(
            {
                name: sa.func.coalesce(sa.bindparam(f"new_{name}", type_=c[name].type), c[name])
                for name in fields
            }
        )
    )


def set_user_id(t: Tables) -> sa.Update:
    """Apart from the rest: it changes what a session's check answers."""
    return (
        sa.update(t.account)
        .where(t.account.c.id == sa.bindparam("account_id"))
        .values(user_id=sa.bindparam("new_user_id"))
    )


def _change_phone(t: Tables) -> sa.Update:
    return (
        sa.update(t.account)
        .where(t.account.c.id == sa.bindparam("account_id"))
        .values(
            phone=sa.bindparam("new_phone"),
            phone_hash=sa.bindparam("new_phone_hash"),
            phone_proven_at=sa.bindparam("proven_at"),
        )
    )


def change_status(t: Tables) -> sa.Update:
    return (
        sa.update(t.account)
        .where(t.account.c.id == sa.bindparam("account_id"))
        .values(
            status=sa.bindparam("new_status"),
            disabled_until=sa.bindparam("until"),
            reason=sa.bindparam("why"),
        )
    )
