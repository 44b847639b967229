"""WeChat's session_key of each identity: the one in force, and the one it displaced.

A key is sealed for its identity and its sequence number, not for one of the two
columns, so that the statement that displaces it can move the ciphertext as it is.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wxlogin.login.accounts import SessionKey, SessionKeys
from wxlogin.stores.database import Outraced, Transaction
from wxlogin.stores.records import open_secret
from wxlogin.stores.schema import Tables
from wxlogin.stores.sealing import KeyRing


def find_keys(
    tx: Transaction, *, app_id: str, openid: str, previous_after: datetime, keys: KeyRing
) -> SessionKeys | None:
    row = tx.row(_find, app_id=app_id, openid=openid)
    if row is None or row[0] is None:
        return None
    current = _key(*row[:3], app_id=app_id, openid=openid, keys=keys)
    displaced_at = row[6]
    if displaced_at is None or displaced_at <= previous_after:
        return SessionKeys(current, None)
    return SessionKeys(current, _key(*row[3:6], app_id=app_id, openid=openid, keys=keys))


def replace_key(
    tx: Transaction, *, app_id: str, openid: str, key: SessionKey, at: datetime, keys: KeyRing
) -> bool:
    """Put `key` in force over a smaller sequence; one statement decides.

    WeChat gives the same key again for minutes: then nothing is displaced, or two quick
    logins would push out the one that the phone may still have encrypted with.
    """
    values = {
        "app_id": app_id,
        "openid": openid,
        "new_key": seal_key(key, app_id=app_id, openid=openid, keys=keys),
        "new_sequence": key.sequence,
        "new_obtained_at": key.obtained_at,
    }
    row = tx.row(_find, app_id=app_id, openid=openid)
    if row is not None and row[0] is None:
        return tx.run(_renew, seen_sequence=row[1], **values) == 1
    if row is not None and row[1] < key.sequence:
        kept = _key(*row[:3], app_id=app_id, openid=openid, keys=keys)
        if kept.value == key.value:
            if not tx.run(_renew, seen_sequence=kept.sequence, **values):
                raise Outraced
            return True
    return tx.run(_replace, at=at, **values) == 1


def seal_key(key: SessionKey, *, app_id: str, openid: str, keys: KeyRing) -> bytes:
    return keys.seal(key.value.reveal().encode(), place(app_id, openid, key.sequence))


def place(app_id: str, openid: str, sequence: int) -> tuple[str, ...]:
    return ("identity", "session_key", app_id, openid, str(sequence))


def _key(
    sealed: bytes,
    sequence: int,
    obtained_at: datetime,
    *,
    app_id: str,
    openid: str,
    keys: KeyRing,
) -> SessionKey:
    value = open_secret(sealed, place(app_id, openid, sequence), keys=keys)
    return SessionKey(value, sequence, obtained_at)


def _find(t: Tables) -> sa.Select[Any]:
    c = t.identity.c
    return sa.select(
        c.session_key,
        c.sequence,
        c.obtained_at,
        c.previous_key,
        c.previous_sequence,
        c.previous_obtained_at,
        c.displaced_at,
    ).where(c.openid == sa.bindparam("openid"), c.app_id == sa.bindparam("app_id"))


def _replace(t: Tables) -> sa.Update:
    c = t.identity.c
    return (
        sa.update(t.identity)
        .where(c.openid == sa.bindparam("openid"), c.app_id == sa.bindparam("app_id"))
        .where(c.sequence < sa.bindparam("new_sequence"))
        .ordered_values(
            (c.previous_key, c.session_key),
            (c.previous_sequence, c.sequence),
            (c.previous_obtained_at, c.obtained_at),
            (c.displaced_at, sa.bindparam("at")),
            (c.session_key, sa.bindparam("new_key")),
            (c.sequence, sa.bindparam("new_sequence")),
            (c.obtained_at, sa.bindparam("new_obtained_at")),
        )
    )


def _renew(t: Tables) -> sa.Update:
    c = t.identity.c
    return (
        sa.update(t.identity)
        .where(c.openid == sa.bindparam("openid"), c.app_id == sa.bindparam("app_id"))
        .where(c.sequence == sa.bindparam("seen_sequence"))
        .values(
            session_key=sa.bindparam("new_key"),
            sequence=sa.bindparam("new_sequence"),
            obtained_at=sa.bindparam("new_obtained_at"),
        )
    )
