"""Rate limits by the generic cell rate algorithm, one conditional statement a take.

A row holds the time at which the bucket will be empty again (GCRA's theoretical
arrival time). Read, decide, write would let sixteen callers through where one is
left; here the statement that tests the row is the one that moves it.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from wxlogin.stores.database import Transaction
from wxlogin.stores.records import to_microseconds
from wxlogin.stores.schema import Tables
from wxlogin.stores.upserts import Upsert

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def take(tx: Transaction, key: str, *, limit: int, window: timedelta, now: datetime) -> timedelta:
    if limit < 1:
        return window
    step, tolerance = pace(limit, window)
    at = to_microseconds(now - _EPOCH)
    key_hash = hash_of(key)
    if tx.run(
        _take, key_hash=key_hash, full_until=at + step, at=at, step=step, until=at + tolerance
    ):
        return timedelta(0)
    row = tx.row(_find, key_hash=key_hash)
    return timedelta(microseconds=max(1, row[0] - tolerance - at) if row else 1)


def pace(limit: int, window: timedelta) -> tuple[int, int]:
    """Microseconds from one take to the next, and how far ahead of that pace one may be."""
    step = -(-to_microseconds(window) // limit)
    return step, step * (limit - 1)


def hash_of(key: str) -> bytes:
    """The key as it is kept: it may hold anything a user typed, of any length."""
    return hashlib.sha256(key.encode(errors="surrogatepass")).digest()


def moment_of(now: datetime) -> int:
    return to_microseconds(now - _EPOCH)


def _take(t: Tables) -> Upsert:
    return Upsert(t.rate, ("key_hash", "full_until"), key=("key_hash",), change=_advance)


def _advance(rate: sa.Table) -> tuple[sa.ColumnElement[bool], Mapping[str, sa.ColumnElement[Any]]]:
    full_until = rate.c.full_until
    at = sa.bindparam("at", type_=sa.BigInteger)
    start = sa.case((full_until > at, full_until), else_=at)
    step = sa.bindparam("step", type_=sa.BigInteger)
    return full_until <= sa.bindparam("until"), {"full_until": start + step}


def _find(t: Tables) -> sa.Select[int]:
    return sa.select(t.rate.c.full_until).where(t.rate.c.key_hash == sa.bindparam("key_hash"))
