"""Identities outside of a login: linked with a proof, cut where something else is left."""

from typing import Any

import sqlalchemy as sa

from wxlogin.login.ports import IdentityLink, Told, Verdict
from wxlogin.login.sessions import Ending
from wxlogin.stores import accounts, logins, session_keys, sessions, telling, verification
from wxlogin.stores.database import Transaction, Undone
from wxlogin.stores.schema import Tables
from wxlogin.stores.sealing import KeyRing


def link(tx: Transaction, wanted: IdentityLink, *, told: Told, keys: KeyRing) -> Verdict:
    """Raises `Undone` with every verdict but DONE."""
    identity, account_id = wanted.identity, wanted.account_id
    if not verification.spend_all(tx, wanted.spends, at=wanted.at):
        raise Undone(Verdict.CODE_SPENT)
    if tx.row(_lock, account_id=account_id) is None:
        raise Undone(Verdict.GONE)
    row = tx.row(accounts.of_identity, app_id=wanted.app_id, openid=identity.openid)
    if row is not None:
        if row[0] != account_id:
            raise Undone(Verdict.IDENTITY_TAKEN)
        session_keys.replace_key(
            tx,
            app_id=wanted.app_id,
            openid=identity.openid,
            key=identity.session_key,
            at=wanted.at,
            keys=keys,
        )
        return Verdict.DONE
    if not logins.is_free(
        tx, identity, account_id=account_id, pool=wanted.pool, app_id=wanted.app_id
    ):
        raise Undone(Verdict.IDENTITY_TAKEN)
    logins.add_identity(
        tx, identity, account_id=account_id, app_id=wanted.app_id, at=wanted.at, keys=keys
    )
    logins.tie_unionid(
        tx,
        identity,
        account_id=account_id,
        had=None,
        pool=wanted.pool,
        app_id=wanted.app_id,
        at=wanted.at,
        must_win=True,
    )
    telling.write(tx, told)
    return Verdict.DONE


def unlink(
    tx: Transaction,
    account_id: str,
    *,
    app_id: str,
    ending: Ending,
    phone_opens: bool,
    told: Told,
) -> Verdict:
    """Raises `Undone` with every verdict but DONE."""
    tx.row(_lock, account_id=account_id)
    found = tx.rows(logins.in_app, account_id=account_id, app_id=app_id)
    if not found:
        raise Undone(Verdict.GONE)
    if not opens_otherwise(tx, account_id, app_id=app_id, phone_opens=phone_opens):
        raise Undone(Verdict.LAST_METHOD)
    for (openid,) in found:
        cut(tx, account_id, app_id=app_id, openid=openid, ending=ending)
    telling.write(tx, told)
    return Verdict.DONE


def opens_otherwise(tx: Transaction, account_id: str, *, app_id: str, phone_opens: bool) -> bool:
    """Whether somebody could log in as this account without an identity in this app."""
    account = tx.row(_lock, account_id=account_id)
    if account is None:
        return False
    phone_proven_at, username, has_password = account
    has_name = username is not None or phone_proven_at is not None
    others = tx.row(_others, account_id=account_id, app_id=app_id)
    return bool(
        (others is not None and others[0])
        or (has_password and has_name)
        or (phone_opens and phone_proven_at is not None)
    )


def cut(tx: Transaction, account_id: str, *, app_id: str, openid: str, ending: Ending) -> None:
    """Forget the identity, and end the sessions that came by it."""
    tx.run(_cut, account_id=account_id, app_id=app_id, openid=openid)
    drop_idle_unionids(tx, account_id)
    sessions.end_of_identity(tx, account_id, app_id=app_id, openid=openid, ending=ending)


def drop_idle_unionids(tx: Transaction, account_id: str) -> None:
    """Forget the unionids of the account that none of its identities has any more."""
    kept = {row[0] for row in tx.rows(_unionids_in_use, account_id=account_id)}
    for (unionid,) in tx.rows(_unionids, account_id=account_id):
        if unionid not in kept:
            tx.run(_drop_unionid, account_id=account_id, unionid=unionid)


def _lock(t: Tables) -> sa.Select[Any]:
    c = t.account.c
    return (
        sa.select(c.phone_proven_at, c.username_key, c.password.is_not(None).label("has_password"))
        .where(c.id == sa.bindparam("account_id"))
        .with_for_update()
    )


def _others(t: Tables) -> sa.Select[Any]:
    c = t.identity.c
    return sa.select(sa.func.count()).where(
        c.account_id == sa.bindparam("account_id"), c.app_id != sa.bindparam("app_id")
    )


def _cut(t: Tables) -> sa.Delete:
    c = t.identity.c
    return sa.delete(t.identity).where(
        c.openid == sa.bindparam("openid"),
        c.app_id == sa.bindparam("app_id"),
        c.account_id == sa.bindparam("account_id"),
    )


def _unionids_in_use(t: Tables) -> sa.Select[Any]:
    c = t.identity.c
    return sa.select(c.unionid).where(
        c.account_id == sa.bindparam("account_id"), c.unionid.is_not(None)
    )


def _unionids(t: Tables) -> sa.Select[Any]:
    return sa.select(t.unionid.c.unionid).where(
        t.unionid.c.account_id == sa.bindparam("account_id")
    )


def _drop_unionid(t: Tables) -> sa.Delete:
    c = t.unionid.c
    return sa.delete(t.unionid).where(
        c.account_id == sa.bindparam("account_id"), c.unionid == sa.bindparam("unionid")
    )
