"""Numbers over time: how many sessions lived, how often WeChat said no."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wxlogin.login.ports import Sample
from wxlogin.stores.database import Transaction
from wxlogin.stores.schema import Tables
from wxlogin.stores.upserts import Upsert


def list_since(tx: Transaction, prefix: str, since: datetime) -> list[Sample]:
    rows = tx.rows(_list, first=prefix, last=prefix + "\x7f", since=since)
    return [Sample(*row) for row in rows]


def has(tx: Transaction, name: str, at: datetime) -> bool:
    return tx.row(_find, name=name, at=at) is not None


def put(tx: Transaction, sample: Sample) -> None:
    tx.run(_put, name=sample.name, at=sample.at, value=sample.value)


def add(tx: Transaction, samples: Sequence[Sample]) -> None:
    for one in samples:
        tx.run(_add, name=one.name, at=one.at, value=one.value, more=one.value)


def _list(t: Tables) -> sa.Select[Any]:
    c = t.sample.c
    return (
        sa.select(c.name, c.at, c.value)
        .where(
            c.name >= sa.bindparam("first"),
            c.name < sa.bindparam("last"),
            c.at >= sa.bindparam("since"),
        )
        .order_by(c.at, c.name)
    )


def _find(t: Tables) -> sa.Select[Any]:
    c = t.sample.c
    return sa.select(c.value).where(c.name == sa.bindparam("name"), c.at == sa.bindparam("at"))


def _put(t: Tables) -> Upsert:
    return Upsert(t.sample, ("name", "at", "value"), key=("name", "at"))


def _add(t: Tables) -> Upsert:
    return Upsert(t.sample, ("name", "at", "value"), key=("name", "at"), change=_raise)


def _raise(sample: sa.Table) -> tuple[sa.ColumnElement[bool], Mapping[str, sa.ColumnElement[Any]]]:
    more = sa.bindparam("more", type_=sa.BigInteger)
    return sa.true(), {"value": sample.c.value + more}
