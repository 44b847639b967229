"""Events on their way to the host's hooks."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from wxlogin.login.ports import Event
from wxlogin.stores.database import Transaction
from wxlogin.stores.records import from_json, to_json
from wxlogin.stores.schema import Tables
from wxlogin.stores.statements import Row, Statement
from wxlogin.stores.upserts import Upsert

COLUMNS = ("id", "kind", "at", "account_id", "user_id", "app_id", "session_id", "data")


def add(tx: Transaction, event: Event) -> None:
    tx.run(
        _add,
        id=event.id,
        kind=event.kind,
        at=event.at,
        account_id=event.account_id,
        user_id=event.user_id,
        app_id=event.app_id,
        session_id=event.session_id,
        data=to_json(event.data),
    )


def lease(
    tx: Transaction, kinds: frozenset[str], *, now: datetime, until: datetime, limit: int
) -> Sequence[Event]:
    rows = tx.rows(_free_of(kinds), now=now, limit=limit)
    tx.run_many(_lease, [{"id": row[0], "until": until} for row in rows])
    return [_event_from(row) for row in rows]


def drop(tx: Transaction, event_id: str) -> None:
    tx.run(_drop, id=event_id)


def _event_from(row: Row) -> Event:
    event_id, kind, at, account_id, user_id, app_id, session_id, data = row
    return Event(event_id, kind, at, account_id, user_id, app_id, session_id, from_json(data))


def _add(t: Tables) -> Upsert:
    return Upsert(t.outbox, COLUMNS, key=("id",))


@lru_cache(maxsize=32)
def _free_of(kinds: frozenset[str]) -> Statement:
    """The statement for one set of kinds: a host's hooks are registered once."""

    def free(t: Tables) -> sa.Select[Any]:
        c = t.outbox.c
        return (
            sa.select(*(c[name] for name in COLUMNS))
            # Not IN: its list is a parameter that SQLAlchemy spreads out at each execution.
            .where(sa.or_(sa.false(), *(c.kind == kind for kind in sorted(kinds))))
            .where(sa.or_(c.leased_until.is_(None), c.leased_until <= sa.bindparam("now")))
            # What failed before stands behind what nobody has heard: fifty events whose hook
            # hangs would else be all that is ever leased.
            .order_by(c.leased_until.is_not(None), c.leased_until, c.at, c.id)
            .limit(sa.bindparam("limit", type_=sa.Integer))
            .with_for_update(skip_locked=True)
        )

    return free


def _lease(t: Tables) -> sa.Update:
    return (
        sa.update(t.outbox)
        .where(t.outbox.c.id == sa.bindparam("id"))
        .values(leased_until=sa.bindparam("until"))
    )


def _drop(t: Tables) -> sa.Delete:
    return sa.delete(t.outbox).where(t.outbox.c.id == sa.bindparam("id"))
