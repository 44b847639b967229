"""Registration tickets, kept under the hash of their text."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wxlogin.login.accounts import SessionKey
from wxlogin.login.ports import Ticket
from wxlogin.stores.database import Transaction
from wxlogin.stores.records import open_secret
from wxlogin.stores.schema import Tables
from wxlogin.stores.sealing import KeyRing
from wxlogin.stores.upserts import Upsert


def keep(tx: Transaction, ticket: Ticket, *, keys: KeyRing) -> None:
    key = ticket.session_key
    tx.run(
        _keep,
        hash=ticket.hash,
        app_id=ticket.app_id,
        openid=ticket.openid,
        unionid=ticket.unionid,
        session_key=keys.seal(key.value.reveal().encode(), place(ticket.hash)),
        sequence=key.sequence,
        obtained_at=key.obtained_at,
        expires_at=ticket.expires_at,
    )


def find(tx: Transaction, ticket_hash: bytes, *, now: datetime, keys: KeyRing) -> Ticket | None:
    row = tx.row(_find, hash=ticket_hash, now=now)
    if row is None:
        return None
    app_id, openid, unionid, sealed, sequence, obtained_at, expires_at = row
    value = open_secret(sealed, place(ticket_hash), keys=keys)
    return Ticket(
        hash=ticket_hash,
        app_id=app_id,
        openid=openid,
        unionid=unionid,
        session_key=SessionKey(value, sequence, obtained_at),
        expires_at=expires_at,
    )


def spend(tx: Transaction, ticket_hash: bytes, *, at: datetime) -> bool:
    """Whether this call spent it: the delete is what decides between two."""
    return tx.run(_spend, hash=ticket_hash, now=at) == 1


def place(ticket_hash: bytes) -> tuple[str, ...]:
    return ("ticket", "session_key", ticket_hash.hex())


def _keep(t: Tables) -> Upsert:
    columns = tuple(t.ticket.c.keys())
    return Upsert(t.ticket, columns, key=("hash",))


def _find(t: Tables) -> sa.Select[Any]:
    c = t.ticket.c
    return sa.select(
        c.app_id, c.openid, c.unionid, c.session_key, c.sequence, c.obtained_at, c.expires_at
    ).where(c.hash == sa.bindparam("hash"), c.expires_at > sa.bindparam("now"))


def _spend(t: Tables) -> sa.Delete:
    c = t.ticket.c
    return sa.delete(t.ticket).where(
        c.hash == sa.bindparam("hash"), c.expires_at > sa.bindparam("now")
    )
