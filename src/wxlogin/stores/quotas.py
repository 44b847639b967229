"""Quotas: every take of a key's longest window is kept, so no window ever holds too many.

For what is rare: a row is read, judged and written back, under the database's write
lock or by a statement that finds the row as it was read.
"""

from bisect import bisect_right, insort
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from wxlogin.login.ports import Quota
from wxlogin.stores.database import Outraced, Transaction
from wxlogin.stores.limits import hash_of, moment_of
from wxlogin.stores.records import from_json, to_json, to_microseconds
from wxlogin.stores.schema import Tables
from wxlogin.stores.upserts import Upsert


def take(tx: Transaction, quotas: Sequence[Quota], *, now: datetime) -> timedelta:
    """All or none; how long to wait where it is none."""
    at = moment_of(now)
    kept = [(quota, *_read(tx, quota)) for quota in sorted(quotas, key=lambda quota: quota.key)]
    wait = max((_wait(quota, takes, at=at) for quota, _, takes in kept), default=0)
    if wait:
        return timedelta(microseconds=wait)
    for quota, text, takes in kept:
        fresh = takes[bisect_right(takes, at - to_microseconds(quota.longest)) :]
        insort(fresh, at)  # another host's clock may be a little ahead
        _write(tx, hash_of(quota.key), before=text, takes=fresh, until=now + quota.longest)
    return timedelta(0)


def give_back(tx: Transaction, keys: Sequence[str], *, taken_at: datetime) -> None:
    at = moment_of(taken_at)
    for key_hash in sorted(hash_of(key) for key in keys):
        row = tx.row(_find, key_hash=key_hash)
        takes = from_json(row[0]) if row else []
        if row and at in takes:
            takes.remove(at)
            _write(tx, key_hash, before=row[0], takes=takes, until=row[1])


def _read(tx: Transaction, quota: Quota) -> tuple[str | None, list[int]]:
    row = tx.row(_find, key_hash=hash_of(quota.key))
    return (None, []) if row is None else (row[0], from_json(row[0]))


def _wait(quota: Quota, takes: list[int], *, at: int) -> int:
    """Microseconds until every window has room."""
    longest = 0
    for limit, length in quota.windows:
        width = to_microseconds(length)
        inside = takes[bisect_right(takes, at - width) :]
        if len(inside) >= limit:
            longest = max(longest, inside[-limit] + width - at if limit else width)
    return longest


def _write(
    tx: Transaction, key_hash: bytes, *, before: str | None, takes: list[int], until: datetime
) -> None:
    values = {"key_hash": key_hash, "new_takes": to_json(takes), "new_until": until}
    if before is None:
        won = tx.run(_add, key_hash=key_hash, takes=values["new_takes"], until=until)
    else:
        won = tx.run(_replace, before=before, **values)
    if not won:
        raise Outraced


def _find(t: Tables) -> sa.Select[Any]:
    return sa.select(t.quota.c.takes, t.quota.c.until).where(
        t.quota.c.key_hash == sa.bindparam("key_hash")
    )


def _add(t: Tables) -> Upsert:
    return Upsert(t.quota, ("key_hash", "takes", "until"), key=("key_hash",))


def _replace(t: Tables) -> sa.Update:
    c = t.quota.c
    return (
        sa.update(t.quota)
        .where(c.key_hash == sa.bindparam("key_hash"), c.takes == sa.bindparam("before"))
        .values(takes=sa.bindparam("new_takes"), until=sa.bindparam("new_until"))
    )
