"""Passwords of accounts: their hashes sealed, their failures counted."""

from typing import Any

import sqlalchemy as sa

from wxlogin.login.ports import Credential, PasswordChange, Told, Verdict
from wxlogin.stores import accounts, pruning, sessions, telling, verification
from wxlogin.stores.database import Transaction, Undone
from wxlogin.stores.records import open_secret, place_of_password, seal_secret
from wxlogin.stores.schema import Tables
from wxlogin.stores.sealing import KeyRing
from wxlogin.stores.statements import Row


def find(
    tx: Transaction, *, pool: str, username_key: str, phone_hash: bytes, keys: KeyRing
) -> Credential | None:
    """Both questions are always asked, so that the time says nothing about the answer."""
    by_name = tx.row(_of_username, pool=pool, username_key=username_key)
    by_phone = tx.row(_of_phone, pool=pool, phone_hash=phone_hash)
    return _credential(by_name or by_phone, keys=keys)


def find_of(tx: Transaction, account_id: str, *, keys: KeyRing) -> Credential | None:
    return _credential(tx.row(_of_account, account_id=account_id), keys=keys)


def count_failure(tx: Transaction, account_id: str) -> int:
    if not tx.run(_count, account_id=account_id):
        # A commit of nothing is not synced: nobody's name would be told by its speed.
        pruning.touch(tx)
    row = tx.row(_failures, account_id=account_id)
    return 0 if row is None else int(row[0])


def take_back_failure(tx: Transaction, account_id: str) -> None:
    if not tx.run(_take_back, account_id=account_id):
        pruning.touch(tx)  # as in `count_failure`


def clear_failures(tx: Transaction, account_id: str) -> None:
    tx.run(_clear, account_id=account_id)


def change(
    tx: Transaction,
    wanted: PasswordChange,
    *,
    phone_hash: bytes | None,
    told: Told,
    keys: KeyRing,
) -> Verdict:
    """Raises `Undone` with every verdict but DONE."""
    account_id = wanted.account_id
    if not verification.spend_all(tx, wanted.spends, at=wanted.at):
        raise Undone(Verdict.CODE_SPENT)
    row = tx.row(_lock, account_id=account_id)
    if row is None:
        raise Undone(Verdict.GONE)
    pool, its_hash, proven_at = row
    if phone_hash is not None and (its_hash != phone_hash or proven_at is None):
        raise Undone(Verdict.CODE_SPENT)
    if wanted.username_key is not None:
        owner = tx.row(accounts.of_username, username_key=wanted.username_key, pool=pool)
        if owner is not None and owner[0] != account_id:
            raise Undone(Verdict.USERNAME_TAKEN)
        tx.run(
            _name,
            account_id=account_id,
            new_username=wanted.username,
            new_username_key=wanted.username_key,
        )
    tx.run(
        _set,
        account_id=account_id,
        new_password=seal_secret(wanted.password_hash, place_of_password(account_id), keys=keys),
        at=wanted.at,
    )
    if wanted.keep_session is None:
        sessions.end_all(tx, account_id, ending=wanted.ending)
    else:
        sessions.end_others(tx, account_id, keep=wanted.keep_session, ending=wanted.ending)
    telling.write(tx, told)
    return Verdict.DONE


def _credential(row: Row | None, *, keys: KeyRing) -> Credential | None:
    if row is None:
        return None
    account_id, sealed, changed_at, failures = row
    hashed = open_secret(sealed, place_of_password(account_id), keys=keys)
    return Credential(account_id, hashed, changed_at, failures)


def _credentials(t: Tables) -> sa.Select[Any]:
    c = t.account.c
    return sa.select(c.id, c.password, c.password_changed_at, c.password_failures).where(
        c.password.is_not(None)
    )


def _of_account(t: Tables) -> sa.Select[Any]:
    return _credentials(t).where(t.account.c.id == sa.bindparam("account_id"))


def _of_username(t: Tables) -> sa.Select[Any]:
    c = t.account.c
    return _credentials(t).where(
        c.username_key == sa.bindparam("username_key"), c.pool == sa.bindparam("pool")
    )


def _of_phone(t: Tables) -> sa.Select[Any]:
    c = t.account.c
    return (
        _credentials(t)
        .where(c.phone_hash == sa.bindparam("phone_hash"), c.pool == sa.bindparam("pool"))
        .where(c.phone_proven_at.is_not(None))
    )


def _lock(t: Tables) -> sa.Select[Any]:
    c = t.account.c
    return (
        sa.select(c.pool, c.phone_hash, c.phone_proven_at)
        .where(c.id == sa.bindparam("account_id"))
        .with_for_update()
    )


def _count(t: Tables) -> sa.Update:
    c = t.account.c
    return (
        sa.update(t.account)
        .where(c.id == sa.bindparam("account_id"))
        .values(password_failures=c.password_failures + 1)
    )


def _take_back(t: Tables) -> sa.Update:
    c = t.account.c
    return (
        sa.update(t.account)
        .where(c.id == sa.bindparam("account_id"), c.password_failures > 0)
        .values(password_failures=c.password_failures - 1)
    )


def _failures(t: Tables) -> sa.Select[Any]:
    c = t.account.c
    return sa.select(c.password_failures).where(c.id == sa.bindparam("account_id"))


def _clear(t: Tables) -> sa.Update:
    c = t.account.c
    return (
        sa.update(t.account).where(c.id == sa.bindparam("account_id")).values(password_failures=0)
    )


def _name(t: Tables) -> sa.Update:
    return (
        sa.update(t.account)
        .where(t.account.c.id == sa.bindparam("account_id"))
        .values(
            username=sa.bindparam("new_username"), username_key=sa.bindparam("new_username_key")
        )
    )


def _set(t: Tables) -> sa.Update:
    return (
        sa.update(t.account)
        .where(t.account.c.id == sa.bindparam("account_id"))
        .values(
            password=sa.bindparam("new_password"),
            password_changed_at=sa.bindparam("at"),
            password_failures=0,
        )
    )
