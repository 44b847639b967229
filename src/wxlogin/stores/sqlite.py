"""SQLite with the standard library's driver: one writer, and readers beside it.

WAL lets readers read while the writer writes, in this process and in others. A read
by primary key takes some microseconds and sees the last commit of every process, so
it is made on the event loop itself: handing it to a thread would cost ten times as
much. Long reads go to a thread.
"""

import asyncio
import logging
import os
import shutil
import sqlite3
import tempfile
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from wxlogin.login import errors
from wxlogin.stores.changes import ChangeCounts
from wxlogin.stores.database import T, Unit
from wxlogin.stores.migrate import SchemaMismatch, prepare_sqlite
from wxlogin.stores.schema import PREFIX, tables
from wxlogin.stores.sqlite_transaction import SqliteTransaction
from wxlogin.stores.sqlite_writer import Writer, describe
from wxlogin.stores.statements import Row, Statement, Statements

READ_PATIENCE = 0.05
"""Seconds that a read may stop the event loop for; WAL makes readers wait only around recovery."""

log = logging.getLogger("wxlogin.stores")
_inherited: list[object] = []


class SqliteDatabase:
    """One database file; without a path, a private one that goes when it is closed."""

    def __init__(
        self,
        path: Path | None,
        *,
        prefix: str = PREFIX,
        auto_migrate: bool = True,
        patience: timedelta = timedelta(seconds=2),
        connect: Callable[..., sqlite3.Connection] = sqlite3.connect,
    ) -> None:
        """`patience`: how long to wait for another process that writes."""
        self._path = path
        self._prefix = prefix
        self._auto_migrate = auto_migrate
        self._patience = patience
        self._connect_driver = connect
        self._statements = Statements(tables(prefix), SQLiteDialect_pysqlite(paramstyle="qmark"))
        self._folder: weakref.finalize[..., SqliteDatabase] | None = None
        self._is_open = False
        self._changes: ChangeCounts | None = None
        self._guard = threading.Lock()
        self._writer: Writer | None = None
        self._lister: ThreadPoolExecutor | None = None
        self._connections: list[sqlite3.Connection] = []
        self._local = threading.local()
        _forget_after_fork(self)

    async def open(self) -> None:
        """Make the file and its tables, where that is allowed. Raises `SchemaMismatch`."""
        if self._is_open:
            return
        if self._path is None:
            folder = tempfile.mkdtemp(prefix="wxlogin-")
            self._folder = weakref.finalize(self, _remove, folder, os.getpid())
            self._path = Path(folder) / "wxlogin.db"
        try:
            await asyncio.to_thread(
                prepare_sqlite, self._path, prefix=self._prefix, allowed=self._auto_migrate
            )
        except SchemaMismatch:
            raise
        except Exception as fault:
            log.error("SQLite does not open %s: %s", self._path, describe(fault))  # noqa: TRY400
            raise errors.StoreUnavailable from None
        self._changes = self._map_changes(self._path)
        self._is_open = True

    def version(self) -> bytes | None:
        """What changes with every commit, of any process, that changes a session."""
        return None if self._changes is None else self._changes.version()

    async def close(self) -> None:
        self._is_open = False
        with self._guard:
            writer, self._writer = self._writer, None
            lister, self._lister = self._lister, None
            connections, self._connections = self._connections, []
            self._local = threading.local()
        if writer is not None:
            await asyncio.to_thread(writer.stop)
        if lister is not None:
            await asyncio.to_thread(lister.shutdown)
        for connection in connections:
            connection.close()
        if self._changes is not None:
            self._changes.close()
            self._changes = None
        if self._folder is not None:
            self._folder()
            self._folder, self._path = None, None

    async def write(self, unit: Unit[T], *, durable: bool = True) -> T:
        writer = self._writer or self._start_writer()
        done: T = await writer.run(unit, durable=durable)
        return done

    async def read(self, unit: Unit[T], *, long: bool = False) -> T:
        if not long:
            return self._read(unit)
        if not self._is_open:
            raise errors.StoreUnavailable
        lister = self._lister or self._start_lister()
        return await asyncio.get_running_loop().run_in_executor(lister, self._read, unit)

    async def scrub(self) -> None:
        """Empties the log: its old pages hold what the file itself has overwritten."""
        with suppress(errors.StoreUnavailable, sqlite3.Error):
            await asyncio.to_thread(self._empty_log)

    def _empty_log(self) -> None:
        connection = self._connect(READ_PATIENCE)
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            connection.close()

    async def row(self, statement: Statement, /, **params: Any) -> Row | None:
        compiled = self._statements[statement]
        try:
            found = self._reader().execute(compiled.sql, compiled.bind(params)).fetchone()
        except UnicodeEncodeError:
            return None
        except sqlite3.Error as fault:
            raise _unavailable(fault) from None
        return None if found is None else compiled.read(found)

    def _read(self, unit: Unit[T]) -> T:
        """In one transaction, so that an account and its identities are of one moment."""
        try:
            connection = self._reader()
            connection.execute("BEGIN")
            try:
                return unit(SqliteTransaction(connection, self._statements))
            finally:
                connection.execute("COMMIT")
        except sqlite3.Error as fault:
            self._drop_reader()
            raise _unavailable(fault) from None

    def _drop_reader(self) -> None:
        """Let go of a reader that a fault left inside a transaction: it would answer from that
        moment for ever, and an ended session would read as alive."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None or not connection.in_transaction:
            return
        del self._local.connection
        with self._guard, suppress(ValueError):
            self._connections.remove(connection)
        with suppress(sqlite3.Error):
            connection.close()

    def _reader(self) -> sqlite3.Connection:
        """This thread's connection: two threads on one would take each other's statements."""
        try:
            connection: sqlite3.Connection = self._local.connection
        except AttributeError:
            connection = self._open_reader()
        return connection

    def _open_reader(self) -> sqlite3.Connection:
        with self._guard:
            if not self._is_open:
                raise errors.StoreUnavailable
            connection = self._connect(READ_PATIENCE)
            connection.execute("PRAGMA query_only=ON")
            self._connections.append(connection)
            self._local.connection = connection
            return connection

    def _map_changes(self, path: Path) -> ChangeCounts:
        """Beside the file itself, as SQLite has its own companions: a symbolic link has none.

        Whoever cannot map it must not write either: others believe what they keep near
        until the counters say otherwise.
        """
        file = path.resolve()
        try:
            return ChangeCounts(file.with_name(f"{file.name}-changes"), like=file)
        except OSError as fault:
            log.error("no shared memory beside %s: %s", path, fault.strerror)  # noqa: TRY400
            raise errors.StoreUnavailable from None

    def _start_writer(self) -> Writer:
        with self._guard:
            if not self._is_open:
                raise errors.StoreUnavailable
            if self._writer is None:
                self._writer = Writer(
                    lambda: self._connect(0),
                    lambda connection: SqliteTransaction(connection, self._statements),
                    patience=self._patience,
                    changes=self._changes,
                )
            return self._writer

    def _start_lister(self) -> ThreadPoolExecutor:
        with self._guard:
            if self._lister is None:
                self._lister = ThreadPoolExecutor(1, thread_name_prefix="wxlogin-reader")
            return self._lister

    def _connect(self, timeout: float) -> sqlite3.Connection:
        connection = self._connect_driver(
            self._path,
            timeout=timeout,
            isolation_level=None,
            check_same_thread=False,  # closed by whoever closes the store
            cached_statements=256,
        )
        connection.execute("PRAGMA cache_size=-16384")
        # What is erased is overwritten with zeros, in whichever build of SQLite: else an openid
        # stands in a free page of the file, and of every copy of it, until chance writes there.
        connection.execute("PRAGMA secure_delete=ON")
        return connection

    def _leave_to_parent(self) -> None:
        # A connection used or closed on both sides of a fork corrupts the file: kept, untouched.
        _inherited.append((self._writer, self._lister, self._connections, self._local))
        self._guard = threading.Lock()
        self._writer, self._lister, self._connections = None, None, []
        self._local = threading.local()


def _forget_after_fork(database: SqliteDatabase) -> None:
    if not hasattr(os, "register_at_fork"):
        return  # Windows
    reference = weakref.ref(database)

    def forget() -> None:
        inherited = reference()
        if inherited is not None:
            inherited._leave_to_parent()

    os.register_at_fork(after_in_child=forget)


def _remove(folder: str, owner: int) -> None:
    if os.getpid() == owner:  # a forked child ends too, and must not take it along
        shutil.rmtree(folder, ignore_errors=True)


def _unavailable(fault: sqlite3.Error) -> errors.StoreUnavailable:
    log.error("SQLite does not answer: %s", describe(fault))
    return errors.StoreUnavailable()
