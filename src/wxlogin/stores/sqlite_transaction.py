"""A transaction on a SQLite connection, for the one thread that uses it."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from wxlogin.stores.database import UniqueBroken
from wxlogin.stores.statements import Row, Statement, Statements

_UNIQUE = (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)


class SqliteTransaction:
    """Runs compiled statements; the caller begins and ends the transaction itself."""

    __slots__ = ("_connection", "_statements", "changes_sessions")

    def __init__(self, connection: sqlite3.Connection, statements: Statements) -> None:
        self._connection = connection
        self._statements = statements
        self.changes_sessions = False
        """Whether a statement so far changed what a session read before is worth."""

    def row(self, statement: Statement, /, **params: Any) -> Row | None:
        compiled = self._statements[statement]
        try:
            found = self._connection.execute(compiled.sql, compiled.bind(params)).fetchone()
        except UnicodeEncodeError:
            return None  # text that is no Unicode was never stored, so nothing matches it
        return None if found is None else compiled.read(found)

    def rows(self, statement: Statement, /, **params: Any) -> list[Row]:
        compiled = self._statements[statement]
        try:
            found = self._connection.execute(compiled.sql, compiled.bind(params)).fetchall()
        except UnicodeEncodeError:
            return []
        return [compiled.read(row) for row in found]

    def run(self, statement: Statement, /, **params: Any) -> int:
        compiled = self._statements[statement]
        try:
            touched = self._connection.execute(compiled.sql, compiled.bind(params)).rowcount
        except sqlite3.IntegrityError as fault:
            if fault.sqlite_errorcode in _UNIQUE:
                raise UniqueBroken from None
            raise
        except UnicodeEncodeError:
            if compiled.is_insert:
                raise
            return 0
        if touched and compiled.changes_sessions:
            self.changes_sessions = True
        return touched

    def run_many(self, statement: Statement, params: Sequence[Mapping[str, Any]], /) -> None:
        if params:
            compiled = self._statements[statement]
            self._connection.executemany(compiled.sql, [compiled.bind(each) for each in params])
            if compiled.changes_sessions:
                self.changes_sessions = True
