"""SQLAlchemy statements, compiled once and then run on the driver itself.

A statement is written as a function of the tables, and that function is its name:
`tx.row(find_session, id=...)`. Compiled, it costs what hand-written SQL costs;
through SQLAlchemy's own execution a login's statements cost three times as much.
"""

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler

from wxlogin.stores.schema import CHECKED, Tables
from wxlogin.stores.upserts import Upsert

Built = sa.Select[*tuple[Any, ...]] | sa.Insert | sa.Update | sa.Delete | Upsert
Statement = Callable[[Tables], Built]
Row = tuple[Any, ...]


class Compiled:
    """The text of one statement, and how values get in and out of it."""

    __slots__ = ("_fixed", "_inward", "_outward", "changes_sessions", "is_insert", "sql")

    def __init__(self, built: Built, dialect: Dialect) -> None:
        executable = built.render(dialect.name) if isinstance(built, Upsert) else built
        columns = list(built.columns) if isinstance(built, Upsert) else None
        compiled = executable.compile(dialect=dialect, column_keys=columns)
        if not isinstance(compiled, SQLCompiler) or compiled.positiontup is None:
            raise TypeError("a statement needs a dialect with positional parameters")
        self.sql = compiled.string
        self.is_insert = isinstance(executable, sa.Insert)
        self.changes_sessions = _changes_sessions(executable)
        binds = compiled.binds
        self._inward = tuple(
            (name, binds[name].type.dialect_impl(dialect).bind_processor(dialect))
            for name in compiled.positiontup
        )
        self._fixed = {
            name: compiled.params[name] for name in compiled.positiontup if not binds[name].required
        }
        self._outward = _outward(executable, dialect)

    def bind(self, params: Mapping[str, Any]) -> Row:
        """The driver's parameters, in their order; a missing one is a KeyError."""
        if self._fixed:
            params = {**self._fixed, **params}
        return tuple(
            [
                params[name] if process is None else process(params[name])
                for name, process in self._inward
            ]
        )

    def read(self, row: Row) -> Row:
        """The driver's row as values of ours."""
        if not self._outward:
            return row
        values = list(row)
        for place, process in self._outward:
            values[place] = process(values[place])
        return tuple(values)


def _changes_sessions(executable: Any) -> bool:
    """Whether it can change what a session that was read before is worth: asked of the
    statement itself, so that no new one can forget to say so."""
    if not isinstance(executable, sa.Update | sa.Delete):
        return False
    table = executable.table
    if not isinstance(table, sa.Table):
        raise TypeError("a statement changes a table")
    watched: frozenset[str] = table.info.get(CHECKED, frozenset())
    if isinstance(executable, sa.Delete):
        return bool(watched)
    # SQLAlchemy shows what an UPDATE sets nowhere else; a test holds this to every statement.
    return not watched.isdisjoint(
        column if isinstance(column, str) else column.key for column in executable._values or ()
    )


class Statements(dict[Statement, Compiled]):
    """Every statement used so far, compiled for one prefix and one dialect."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        super().__init__()
        self._tables = tables
        self._dialect = dialect

    def __missing__(self, statement: Statement) -> Compiled:
        # Two threads may both compile it: they get the same text.
        compiled = self[statement] = Compiled(statement(self._tables), self._dialect)
        return compiled


def _outward(
    executable: sa.Executable, dialect: Dialect
) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
    if not isinstance(executable, sa.Select):
        return ()
    processors = (
        column.type.dialect_impl(dialect).result_processor(dialect, None)
        for column in executable.selected_columns
    )
    return tuple((place, process) for place, process in enumerate(processors) if process)
