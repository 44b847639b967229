"""Registration tickets, kept under the hash of their text."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wxlogin.login.accounts import ProvenIdentity, SessionKey
from wxlogin.login.ports import Ticket
from wxlogin.stores.database import Transaction
from wxlogin.stores.records import open_phone, open_secret, seal_phone, seal_secret
from wxlogin.stores.schema import Tables
from wxlogin.stores.sealing import KeyRing
from wxlogin.stores.upserts import Upsert


def keep(tx: Transaction, ticket: Ticket, *, keys: KeyRing) -> None:
    identity, phone = ticket.identity, ticket.phone
    key = identity.session_key if identity else None
    tx.run(
        _keep,
        hash=ticket.hash,
        app_id=ticket.app_id,
        openid=identity.openid if identity else None,
        unionid=identity.unionid if identity else None,
        session_key=seal_secret(key.value if key else None, place(ticket.hash), keys=keys),
        sequence=key.sequence if key else None,
        obtained_at=key.obtained_at if key else None,
        phone=None if phone is None else seal_phone(phone, place_of_phone(ticket.hash), keys=keys),
        phone_proven_at=phone.proven_at if phone else None,
        expires_at=ticket.expires_at,
    )


def find(tx: Transaction, ticket_hash: bytes, *, now: datetime, keys: KeyRing) -> Ticket | None:
    row = tx.row(_find, hash=ticket_hash, now=now)
    if row is None:
        return None
    app_id, openid, unionid, sealed, sequence, obtained_at, phone, proven_at, expires_at = row
    identity = None
    if openid is not None:
        value = open_secret(sealed, place(ticket_hash), keys=keys)
        identity = ProvenIdentity(openid, unionid, SessionKey(value, sequence, obtained_at))
    return Ticket(
        hash=ticket_hash,
        app_id=app_id,
        identity=identity,
        phone=None
        if phone is None
        else open_phone(phone, place_of_phone(ticket_hash), proven_at=proven_at, keys=keys),
        expires_at=expires_at,
    )


def spend(tx: Transaction, ticket_hash: bytes, *, at: datetime) -> bool:
    """Whether this call spent it: the delete is what decides between two."""
    return tx.run(_spend, hash=ticket_hash, now=at) == 1


def place(ticket_hash: bytes) -> tuple[str, ...]:
    return ("ticket", "session_key", ticket_hash.hex())


def place_of_phone(ticket_hash: bytes) -> tuple[str, ...]:
    return ("ticket", "phone", ticket_hash.hex())


def _keep(t: Tables) -> Upsert:
    columns = tuple(t.ticket.c.keys())
    return Upsert(t.ticket, columns, key=("hash",))


def _find(t: Tables) -> sa.Select[Any]:
    c = t.ticket.c
    return sa.select(
        c.app_id,
        c.openid,
        c.unionid,
        c.session_key,
        c.sequence,
        c.obtained_at,
        c.phone,
        c.phone_proven_at,
        c.expires_at,
    ).where(c.hash == sa.bindparam("hash"), c.expires_at > sa.bindparam("now"))


def _spend(t: Tables) -> sa.Delete:
    c = t.ticket.c
    return sa.delete(t.ticket).where(
        c.hash == sa.bindparam("hash"), c.expires_at > sa.bindparam("now")
    )
