"""The keys of the team's other servers; what was revoked stays, for the log that names it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wxlogin.login.ports import Scope, ServiceKey, Told
from wxlogin.stores import telling
from wxlogin.stores.database import Transaction
from wxlogin.stores.records import from_json, to_json
from wxlogin.stores.schema import Tables
from wxlogin.stores.statements import Row

COLUMNS = (
    "id",
    "name",
    "scopes",
    "secret_hash",
    "created_at",
    "created_by",
    "last_used_at",
    "revoked_at",
)


def add(tx: Transaction, key: ServiceKey, *, told: Told) -> None:
    tx.run(
        _add,
        id=key.id,
        name=key.name,
        scopes=to_json(sorted(key.scopes)),
        secret_hash=key.secret_hash,
        created_at=key.created_at,
        created_by=key.created_by,
        last_used_at=key.last_used_at,
        revoked_at=key.revoked_at,
    )
    telling.write(tx, told)


def find(t: Tables) -> sa.Select[Any]:
    """One descent by primary key."""
    return _select(t).where(t.service_key.c.id == sa.bindparam("id"))


def list_all(tx: Transaction) -> list[ServiceKey]:
    return [key_from(row) for row in tx.rows(_list)]


def revoke(tx: Transaction, key_id: str, *, at: datetime, told: Told) -> ServiceKey | None:
    if tx.run(_revoke, id=key_id, at=at):
        telling.write(tx, told)
    row = tx.row(find, id=key_id)
    return None if row is None else key_from(row)


def use(tx: Transaction, used: Mapping[str, datetime]) -> None:
    # In one order everywhere, so that two batches cannot wait for each other.
    tx.run_many(_use, [{"id": key_id, "at": at} for key_id, at in sorted(used.items())])


def key_from(row: Row) -> ServiceKey:
    kept = dict(zip(COLUMNS, row, strict=True))
    kept["scopes"] = frozenset(Scope(one) for one in from_json(kept["scopes"]))
    return ServiceKey(**kept)


def _select(t: Tables) -> sa.Select[Any]:
    return sa.select(*(t.service_key.c[name] for name in COLUMNS))


def _list(t: Tables) -> sa.Select[Any]:
    return _select(t).order_by(t.service_key.c.created_at, t.service_key.c.id)


def _add(t: Tables) -> sa.Insert:
    return sa.insert(t.service_key).values({name: sa.bindparam(name) for name in COLUMNS})


def _revoke(t: Tables) -> sa.Update:
    c = t.service_key.c
    return (
        sa.update(t.service_key)
        .where(c.id == sa.bindparam("id"), c.revoked_at.is_(None))
        .values(revoked_at=sa.bindparam("at"))
    )


def _use(t: Tables) -> sa.Update:
    c = t.service_key.c
    at = sa.bindparam("at", type_=c.last_used_at.type)
    return (
        sa.update(t.service_key)
        .where(c.id == sa.bindparam("id"))
        .where(sa.or_(c.last_used_at.is_(None), c.last_used_at < at))
        .values(last_used_at=at)
    )
