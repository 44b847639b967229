"""Keys that all processes share, made by whichever asks first."""

import hashlib
from typing import Any

import sqlalchemy as sa

from wxlogin.stores.database import Outraced, Transaction
from wxlogin.stores.schema import Tables
from wxlogin.stores.sealing import Key, KeyRing
from wxlogin.stores.upserts import Upsert


def find(tx: Transaction, name: str, *, keys: KeyRing) -> bytes | None:
    row = tx.row(_find, name=name)
    return None if row is None else keys.open(row[0], place(name))


def keep(tx: Transaction, name: str, candidate: bytes, *, keys: KeyRing) -> bytes:
    """The key under `name`; `candidate`, if it is the first."""
    tx.run(_keep, name=name, value=keys.seal(candidate, place(name)))
    kept = find(tx, name, keys=keys)
    if kept is None:
        raise Outraced
    return kept


def keep_development_key(tx: Transaction, candidate: bytes) -> bytes:
    """The key of a database whose settings have none, beside what it seals: it hides nothing
    from whoever has the file. Sealed under a key that everybody knows, for its form alone."""
    public = KeyRing([Key("public", hashlib.sha256(b"wxlogin development").digest())])
    return keep(tx, "development", candidate, keys=public)


def place(name: str) -> tuple[str, ...]:
    return ("secret_key", "value", name)


def _keep(t: Tables) -> Upsert:
    return Upsert(t.secret_key, ("name", "value"), key=("name",))


def _find(t: Tables) -> sa.Select[Any]:
    return sa.select(t.secret_key.c.value).where(t.secret_key.c.name == sa.bindparam("name"))
