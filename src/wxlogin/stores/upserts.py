"""Inserts that say whether they won, in each database's own words.

The rows such a statement reports as touched are the answer: 0 is "somebody was
here before". On MySQL that needs a connection without CLIENT_FOUND_ROWS, which
would report an untouched row as 1.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite

from wxlogin.stores.columns import MYSQL

Change = Callable[[sa.Table], tuple[sa.ColumnElement[bool], Mapping[str, sa.ColumnElement[Any]]]]


@dataclass(frozen=True, slots=True)
class Upsert:
    """Insert `columns`; where the unique `key` exists, do nothing, or `change` it.

    `change` gives a condition and what to set where it holds, in terms of the row kept.
    """

    table: sa.Table
    columns: tuple[str, ...]
    key: tuple[str, ...]
    change: Change | None = None

    def render(self, dialect: str) -> sa.Insert:
        if dialect in MYSQL:
            return self._for_mysql()
        insert: sqlite.Insert | postgresql.Insert = (
            sqlite.insert(self.table) if dialect == "sqlite" else postgresql.insert(self.table)
        )
        if self.change is None:
            return insert.on_conflict_do_nothing(index_elements=self.key)
        condition, values = self.change(self.table)
        return insert.on_conflict_do_update(index_elements=self.key, set_=values, where=condition)

    def _for_mysql(self) -> sa.Insert:
        insert = mysql.insert(self.table)
        if self.change is None:  # INSERT IGNORE would swallow every other mistake too
            untouched = self.table.c[self.key[0]]
            return insert.on_duplicate_key_update({self.key[0]: untouched})
        condition, values = self.change(self.table)
        return insert.on_duplicate_key_update(
            {
                name: sa.case((condition, value), else_=self.table.c[name])
                for name, value in values.items()
            }
        )
