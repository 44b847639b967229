"""Key rotation: which keys the sealed values are under, and moving them to the newest."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from wxlogin.stores import (
    access_tokens,
    applications,
    apps,
    operators,
    records,
    secret_keys,
    session_keys,
    tickets,
)
from wxlogin.stores.database import Transaction
from wxlogin.stores.schema import Tables
from wxlogin.stores.sealing import HEADER_BYTES, KeyRing, key_id_of
from wxlogin.stores.statements import Row, Statement


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column whose values are sealed: `names` find the row, `place` binds its value."""

    table: str
    column: str
    key: tuple[str, ...]
    names: tuple[str, ...]
    place: Callable[..., tuple[str, ...]]

    def of(self, t: Tables) -> sa.Table:
        table: sa.Table = getattr(t, self.table)
        return table


SEALED = (
    SealedColumn("account", "phone", ("id",), ("id",), records.place_of_phone),
    SealedColumn("account", "password", ("id",), ("id",), records.place_of_password),
    SealedColumn(
        "identity",
        "session_key",
        ("openid", "app_id"),
        ("app_id", "openid", "sequence"),
        session_keys.place,
    ),
    SealedColumn(
        "identity",
        "previous_key",
        ("openid", "app_id"),
        ("app_id", "openid", "previous_sequence"),
        session_keys.place,
    ),
    SealedColumn("ticket", "session_key", ("hash",), ("hash",), tickets.place),
    SealedColumn("ticket", "phone", ("hash",), ("hash",), tickets.place_of_phone),
    *(
        SealedColumn(
            "app", column, ("app_id",), ("app_id",), lambda app_id, c=column: apps.place(c, app_id)
        )
        for column in ("secret", "push_token", "encoding_aes_key", "old_secret")
    ),
    SealedColumn("application", "contact_name", ("id",), ("id",), applications.place_of_contact),
    SealedColumn("access_token", "value", ("app_id",), ("app_id",), access_tokens.place),
    SealedColumn("secret_key", "value", ("name",), ("name",), secret_keys.place),
    *(
        SealedColumn(
            "operator", column, ("id",), ("id",), lambda op_id, c=column: operators.place(c, op_id)
        )
        for column in ("password", "totp_secret")
    ),
)


@dataclass(frozen=True, slots=True)
class Stale:
    """A value under an older key, and what finds it."""

    column: SealedColumn
    sealed: bytes
    key: Row
    names: Row


def sealed_under(tx: Transaction) -> dict[str, int]:
    """How many sealed values there are under each key id."""
    counts: Counter[str] = Counter()
    for column in SEALED:
        for header, count in tx.rows(_COUNTS[column]):
            counts[key_id_of(bytes(header))] += count
    return dict(counts)


def find_stale(tx: Transaction, *, newest_header: bytes, limit: int) -> list[Stale]:
    """Up to `limit` values that are not under the newest key."""
    found: list[Stale] = []
    for column in SEALED:
        room = limit - len(found)
        if room <= 0:
            break
        width = len(column.key)
        for row in tx.rows(_STALE[column], newest=newest_header, limit=room):
            found.append(Stale(column, row[0], row[1 : 1 + width], row[1 + width :]))
    return found


def reseal(tx: Transaction, stale: list[Stale], *, keys: KeyRing) -> int:
    """Seal them anew; how many it was. A value written meanwhile stays as it was written."""
    done = 0
    for each in stale:
        place = each.column.place(*each.names)
        fresh = keys.seal(keys.open(each.sealed, place), place)
        params = {
            f"key_{name}": value for name, value in zip(each.column.key, each.key, strict=True)
        }
        done += tx.run(_RESEAL[each.column], stale=each.sealed, fresh=fresh, **params)
    return done


def _header(column: sa.Column[Any]) -> sa.ColumnElement[bytes]:
    return sa.func.substr(column, 1, HEADER_BYTES, type_=column.type)


def _count(column: SealedColumn) -> Statement:
    def statement(t: Tables) -> sa.Select[bytes, int]:
        value = column.of(t).c[column.column]
        header = _header(value)
        return sa.select(header, sa.func.count()).where(value.is_not(None)).group_by(header)

    return statement


def _stale(column: SealedColumn) -> Statement:
    def statement(t: Tables) -> sa.Select[Any]:
        c = column.of(t).c
        value = c[column.column]
        return (
            sa.select(value, *(c[name] for name in (*column.key, *column.names)))
            .where(value.is_not(None), _header(value) != sa.bindparam("newest", type_=value.type))
            .limit(sa.bindparam("limit", type_=sa.Integer))
        )

    return statement


def _reseal(column: SealedColumn) -> Statement:
    def statement(t: Tables) -> sa.Update:
        table = column.of(t)
        value = table.c[column.column]
        return (
            sa.update(table)
            .where(*(table.c[name] == sa.bindparam(f"key_{name}") for name in column.key))
            .where(value == sa.bindparam("stale"))
            .values({column.column: sa.bindparam("fresh")})
        )

    return statement


_COUNTS = {column: _count(column) for column in SEALED}
_STALE = {column: _stale(column) for column in SEALED}
_RESEAL = {column: _reseal(column) for column in SEALED}
