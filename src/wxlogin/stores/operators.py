"""Operators and their sessions. A code is spent by the statement that finds it unspent."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wxlogin.login.operator_sessions import Operator, OperatorSession, Role
from wxlogin.login.ports import CredentialChange, NewOperatorSession, OperatorCredential, Told
from wxlogin.stores import telling
from wxlogin.stores.database import Transaction, UniqueBroken
from wxlogin.stores.records import open_secret, seal_secret
from wxlogin.stores.schema import Tables
from wxlogin.stores.sealing import KeyRing
from wxlogin.stores.statements import Row

COLUMNS = (
    "id",
    "name",
    "role",
    "created_at",
    "language",
    "last_sign_in_at",
    "is_disabled",
    "epoch",
)
_SESSION = ("id", "secret_hash", "epoch", "created_at", "last_seen_at", "expires_at", "ended_at")


def add(
    tx: Transaction, credential: OperatorCredential, *, name_key: str, told: Told, keys: KeyRing
) -> bool:
    new = credential.operator
    try:
        tx.run(
            _add,
            id=new.id,
            name=new.name,
            name_key=name_key,
            role=new.role.value,
            created_at=new.created_at,
            language=new.language,
            is_disabled=new.is_disabled,
            epoch=new.epoch,
            password=_sealed(credential.password_hash, "password", new.id, keys=keys),
            totp_secret=_sealed(credential.totp_secret, "totp_secret", new.id, keys=keys),
        )
    except UniqueBroken:
        return False
    telling.write(tx, told)
    return True


def list_all(tx: Transaction) -> list[Operator]:
    return [_operator(row) for row in tx.rows(_list)]


def find(tx: Transaction, operator_id: str) -> Operator | None:
    row = tx.row(_find, id=operator_id)
    return None if row is None else _operator(row)


def find_credential(tx: Transaction, name_key: str, *, keys: KeyRing) -> OperatorCredential | None:
    row = tx.row(_find_credential, name_key=name_key)
    if row is None:
        return None
    operator = _operator(row[2:])
    return OperatorCredential(
        operator,
        open_secret(row[0], place("password", operator.id), keys=keys),
        open_secret(row[1], place("totp_secret", operator.id), keys=keys),
    )


def set_disabled(
    tx: Transaction, operator_id: str, *, is_disabled: bool, told: Told
) -> Operator | None:
    if not tx.run(_set_disabled, operator_id=operator_id, disabled=is_disabled):
        return None
    if is_disabled:
        tx.run(_raise_epoch, operator_id=operator_id)
    telling.write(tx, told)
    return find(tx, operator_id)


def set_language(tx: Transaction, operator_id: str, language: str) -> None:
    tx.run(_set_language, operator_id=operator_id, new_language=language)


def change_credential(
    tx: Transaction, change: CredentialChange, *, told: Told, keys: KeyRing
) -> bool:
    operator_id = change.operator_id
    if change.totp_step is not None and not _spend(tx, operator_id, change.totp_step):
        return False
    password = _sealed(change.password_hash, "password", operator_id, keys=keys)
    if not tx.run(_set_password, operator_id=operator_id, new_password=password):
        return False
    if change.totp_secret is not None:
        secret = _sealed(change.totp_secret, "totp_secret", operator_id, keys=keys)
        tx.run(_set_totp_secret, operator_id=operator_id, new_secret=secret)
    tx.run(_raise_epoch, operator_id=operator_id)
    changed = find(tx, operator_id)
    if change.keep_session is not None and changed is not None:
        tx.run(_keep_session, session_id=change.keep_session, new_epoch=changed.epoch)
    telling.write(tx, told)
    return True


def begin_session(tx: Transaction, session: NewOperatorSession, *, told: Told) -> bool:
    operator = find(tx, session.operator_id)
    if operator is None or operator.is_disabled or operator.epoch != session.epoch:
        return False
    if not _spend(tx, session.operator_id, session.totp_step):
        return False
    tx.run(
        _add_session,
        id=session.id,
        secret_hash=session.secret_hash,
        operator_id=session.operator_id,
        epoch=session.epoch,
        created_at=session.at,
        last_seen_at=session.at,
        expires_at=session.expires_at,
    )
    tx.run(_note_sign_in, operator_id=session.operator_id, at=session.at)
    telling.write(tx, told)
    return True


def find_session(tx: Transaction, session_id: str) -> OperatorSession | None:
    row = tx.row(_find_session, id=session_id)
    if row is None:
        return None
    session_id, secret_hash, *rest = row[: len(_SESSION)]
    return OperatorSession(session_id, secret_hash, _operator(row[len(_SESSION) :]), *rest)


def seen(tx: Transaction, session_id: str, at: datetime) -> None:
    tx.run(_seen, session_id=session_id, at=at)


def end_session(tx: Transaction, session_id: str, *, at: datetime, told: Told) -> bool:
    if not tx.run(_end_session, session_id=session_id, at=at):
        return False
    telling.write(tx, told)
    return True


def place(column: str, operator_id: str) -> tuple[str, ...]:
    return ("operator", column, operator_id)


def _sealed(secret: Any, column: str, operator_id: str, *, keys: KeyRing) -> bytes | None:
    return seal_secret(secret, place(column, operator_id), keys=keys)


def _spend(tx: Transaction, operator_id: str, step: int) -> bool:
    """A code works once, and none before it works any more (ASVS 6.5.1)."""
    return tx.run(_spend_step, operator_id=operator_id, step=step) > 0


def _operator(row: Row) -> Operator:
    operator_id, name, role, *rest = row
    return Operator(operator_id, name, Role(role), *rest)


def _columns(t: Tables) -> list[sa.Column[Any]]:
    return [t.operator.c[name] for name in COLUMNS]


def _add(t: Tables) -> sa.Insert:
    names = (*COLUMNS, "name_key", "password", "totp_secret")
    return sa.insert(t.operator).values(
        {name: sa.bindparam(name) for name in names if name != "last_sign_in_at"}
    )


def _list(t: Tables) -> sa.Select[Any]:
    return sa.select(*_columns(t)).order_by(t.operator.c.id)


def _find(t: Tables) -> sa.Select[Any]:
    return sa.select(*_columns(t)).where(t.operator.c.id == sa.bindparam("id"))


def _find_credential(t: Tables) -> sa.Select[Any]:
    c = t.operator.c
    return sa.select(c.password, c.totp_secret, *_columns(t)).where(
        c.name_key == sa.bindparam("name_key")
    )


def _update(t: Tables) -> sa.Update:
    return sa.update(t.operator).where(t.operator.c.id == sa.bindparam("operator_id"))


def _set_disabled(t: Tables) -> sa.Update:
    return _update(t).values(is_disabled=sa.bindparam("disabled"))


def _set_language(t: Tables) -> sa.Update:
    return _update(t).values(language=sa.bindparam("new_language"))


def _set_password(t: Tables) -> sa.Update:
    return _update(t).values(password=sa.bindparam("new_password"))


def _set_totp_secret(t: Tables) -> sa.Update:
    return _update(t).values(totp_secret=sa.bindparam("new_secret"), totp_step=None)


def _raise_epoch(t: Tables) -> sa.Update:
    return _update(t).values(epoch=t.operator.c.epoch + 1)


def _note_sign_in(t: Tables) -> sa.Update:
    return _update(t).values(last_sign_in_at=sa.bindparam("at"))


def _spend_step(t: Tables) -> sa.Update:
    spent = t.operator.c.totp_step
    step = sa.bindparam("step", type_=sa.BigInteger)
    return _update(t).where(sa.or_(spent.is_(None), spent < step)).values(totp_step=step)


def _add_session(t: Tables) -> sa.Insert:
    names = (*(name for name in _SESSION if name != "ended_at"), "operator_id")
    return sa.insert(t.operator_session).values({name: sa.bindparam(name) for name in names})


def _find_session(t: Tables) -> sa.Select[Any]:
    c = t.operator_session.c
    return (
        sa.select(*(c[name] for name in _SESSION), *_columns(t))
        .join_from(t.operator_session, t.operator, t.operator.c.id == c.operator_id)
        .where(c.id == sa.bindparam("id"))
    )


def _seen(t: Tables) -> sa.Update:
    c = t.operator_session.c
    at = sa.bindparam("at", type_=c.last_seen_at.type)
    return (
        sa.update(t.operator_session)
        .where(c.id == sa.bindparam("session_id"), c.last_seen_at < at)
        .values(last_seen_at=at)
    )


def _keep_session(t: Tables) -> sa.Update:
    return (
        sa.update(t.operator_session)
        .where(t.operator_session.c.id == sa.bindparam("session_id"))
        .values(epoch=sa.bindparam("new_epoch"))
    )


def _end_session(t: Tables) -> sa.Update:
    c = t.operator_session.c
    return (
        sa.update(t.operator_session)
        .where(c.id == sa.bindparam("session_id"), c.ended_at.is_(None))
        .values(ended_at=sa.bindparam("at"))
    )
