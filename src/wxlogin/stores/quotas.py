"""Quotas: the takes of a key's longest window are kept, so no window ever holds too many.

For what is rare: a row is read, judged and written back, under the database's write
lock or by a statement that finds the row as it was read. Of a small limit every take is
kept. Of a large one those of a moment are kept together, as if they came at its end: a
window may then hold them a little longer, and never more of them.
"""

from bisect import bisect_right
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

EXACT = 200
"""Limits up to this keep every take apart."""

MOMENTS = 240
"""Parts of the longest window of a larger limit: its row stays within some kilobytes."""

Takes = list[list[int]]
"""[moment, how many], in order of the moments, which are microseconds since 1970."""


def take(tx: Transaction, quotas: Sequence[Quota], *, now: datetime) -> timedelta:
    """All or none; how long to wait where it is none."""
    at = moment_of(now)
    kept = [(quota, *_read(tx, quota)) for quota in sorted(quotas, key=lambda quota: quota.key)]
    wait = max((_wait(quota, takes, at=at) for quota, _, takes in kept), default=0)
    if wait:
        return timedelta(microseconds=wait)
    for quota, text, takes in kept:
        fresh = _after(takes, at - to_microseconds(quota.longest))
        _change(fresh, _moment(quota, at), by=1)
        _write(tx, quota, before=text, takes=fresh, until=_until(quota, now))
    return timedelta(0)


def give_back(tx: Transaction, quotas: Sequence[Quota], *, taken_at: datetime) -> None:
    at = moment_of(taken_at)
    for quota in sorted(quotas, key=lambda quota: quota.key):
        text, takes = _read(tx, quota)
        moment = _moment(quota, at)
        if any(each == moment for each, _ in takes):
            _change(takes, moment, by=-1)
            _write(tx, quota, before=text, takes=takes, until=_until(quota, taken_at))


def _moment(quota: Quota, at: int) -> int:
    """When a take at `at` counts: never before it was."""
    if max(limit for limit, _ in quota.windows) <= EXACT:
        return at
    grain = max(1, to_microseconds(quota.longest) // MOMENTS)
    return -(-at // grain) * grain


def _until(quota: Quota, now: datetime) -> datetime:
    """When no window holds a take of now any more."""
    at = moment_of(now)
    return now + quota.longest + timedelta(microseconds=_moment(quota, at) - at)


def _change(takes: Takes, moment: int, *, by: int) -> None:
    """Another host's clock may be a little ahead: the place is looked for."""
    place = bisect_right(takes, moment, key=lambda each: each[0])
    if place and takes[place - 1][0] == moment:
        takes[place - 1][1] += by
        if not takes[place - 1][1]:
            del takes[place - 1]
    else:
        takes.insert(place, [moment, by])


def _after(takes: Takes, at: int) -> Takes:
    return takes[bisect_right(takes, at, key=lambda each: each[0]) :]


def _read(tx: Transaction, quota: Quota) -> tuple[str | None, Takes]:
    row = tx.row(_find, key_hash=hash_of(quota.key))
    return (None, []) if row is None else (row[0], from_json(row[0]))


def _wait(quota: Quota, takes: Takes, *, at: int) -> int:
    """Microseconds until every window has room."""
    return max(_wait_for(limit, length, takes, at=at) for limit, length in quota.windows)


def _wait_for(limit: int, length: timedelta, takes: Takes, *, at: int) -> int:
    width = to_microseconds(length)
    inside = _after(takes, at - width)
    too_many = sum(count for _, count in inside) - limit + 1
    if too_many <= 0:
        return 0
    for moment, count in inside:
        too_many -= count
        if too_many <= 0:
            return moment + width - at
    return width  # a limit of none


def _write(
    tx: Transaction, quota: Quota, *, before: str | None, takes: Takes, until: datetime
) -> None:
    key_hash = hash_of(quota.key)
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
