"""The one writer of a process: a thread that commits everything queued as one transaction.

A durable commit costs a sync of the disk, however much is in it. So all units of
the moment share one: each stands in a SAVEPOINT of its own and fails alone, and
nobody is answered before the COMMIT. A lone unit waits for nobody.
"""

import asyncio
import logging
import queue
import random
import sqlite3
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from wxlogin.login import errors
from wxlogin.stores.changes import ChangeCounts
from wxlogin.stores.database import Unit
from wxlogin.stores.sqlite_transaction import SqliteTransaction

QUEUE_LIMIT = 10_000
BATCH_LIMIT = 256
"""So that a crowd does not keep other processes from the file for longer than some 20 ms."""

log = logging.getLogger("wxlogin.stores")


@dataclass(slots=True)
class _Job:
    unit: Unit[Any]
    durable: bool
    future: "asyncio.Future[Any]"
    loop: asyncio.AbstractEventLoop
    result: Any = None
    fault: BaseException | None = field(default=None)


class _BatchLost(Exception):
    """SQLite rolled the whole transaction back by itself (disk full, I/O error)."""


class Writer:
    """Runs units of work one after the other on a connection of its own."""

    def __init__(
        self,
        connect: Callable[[], sqlite3.Connection],
        transaction: Callable[[sqlite3.Connection], SqliteTransaction],
        *,
        patience: timedelta,
        changes: ChangeCounts | None = None,
    ) -> None:
        """`patience`: how long another process may hold the file before we give up."""
        self._changes = changes
        self._connect = connect
        self._transaction = transaction
        self._patience = patience.total_seconds()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._connection: sqlite3.Connection | None = None
        self._synchronous = ""
        self._gate = threading.Lock()
        self._is_stopped = False
        self._thread = threading.Thread(target=self._work, name="wxlogin-writer", daemon=True)
        self._thread.start()

    async def run(self, unit: Unit[Any], *, durable: bool) -> Any:
        """What `unit` returned, after its commit; what it raised, after its rollback."""
        if self._jobs.qsize() >= QUEUE_LIMIT:
            raise errors.StoreUnavailable
        loop = asyncio.get_running_loop()
        job = _Job(unit, durable, loop.create_future(), loop)
        with self._gate:  # nothing is put behind the stop, where nobody would answer it
            if self._is_stopped:
                raise errors.StoreUnavailable
            self._jobs.put(job)
        return await job.future

    def stop(self) -> None:
        """Finish what is queued, and end. Blocks."""
        with self._gate:
            self._is_stopped = True
            self._jobs.put(None)
        self._thread.join()

    def _work(self) -> None:
        is_last = False
        while not is_last:
            batch, is_last = self._gather()
            if batch:
                self._serve(batch)
                _answer(batch)
        if self._connection is not None:
            self._connection.close()

    def _gather(self) -> tuple[list[_Job], bool]:
        """All that is queued now; it waits only where there is nothing."""
        batch: list[_Job] = []
        job = self._jobs.get()
        while job is not None:
            # Whoever gave up waiting (a login past its deadline) wants it no more.
            if not job.future.cancelled():
                batch.append(job)
            if len(batch) >= BATCH_LIMIT:
                return batch, False
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _serve(self, batch: list[_Job]) -> None:
        is_change_begun = False
        try:
            connection = self._begin(durable=any(job.durable for job in batch))
            tx = self._transaction(connection)
            if self._changes is not None:
                self._changes.heal()
            if len(batch) == 1:
                _run_alone(connection, tx, batch[0])
            else:
                for job in batch:
                    _run_apart(connection, tx, job)
            if connection.in_transaction:
                if self._changes is not None and tx.changes_sessions:
                    is_change_begun = True
                    self._changes.begin()
                connection.execute("COMMIT")
        except Exception as fault:  # this thread must outlive it: nobody else answers
            self._give_up(batch, fault)
        finally:
            if self._changes is not None and is_change_begun:
                self._changes.end()

    def _begin(self, *, durable: bool) -> sqlite3.Connection:
        """A connection that holds the file's write lock, within our patience."""
        give_up_at = time.monotonic() + self._patience
        while True:
            try:
                connection = self._connection or self._open()
                self._set_synchronous(connection, "FULL" if durable else "NORMAL")
                connection.execute("BEGIN IMMEDIATE")
                return connection
            except sqlite3.OperationalError as fault:
                if not is_busy(fault) or time.monotonic() >= give_up_at:
                    raise
            # Not SQLite's own waiting: its steps of up to 100 ms starve one of several writers.
            time.sleep(random.uniform(0.0002, 0.002))  # noqa: S311 - no secret is made of it

    def _open(self) -> sqlite3.Connection:
        self._synchronous = ""
        self._connection = self._connect()
        return self._connection

    def _set_synchronous(self, connection: sqlite3.Connection, level: str) -> None:
        # The log is written in order: a later FULL commit makes the earlier ones durable too,
        # so what is durable never refers to a sequence number that was lost.
        if level != self._synchronous:
            connection.execute(f"PRAGMA synchronous={level}")
            self._synchronous = level

    def _give_up(self, batch: list[_Job], fault: Exception) -> None:
        log.error("SQLite kept nothing of %d units: %s", len(batch), describe(fault))
        for job in batch:
            job.result, job.fault = None, errors.StoreUnavailable()
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()  # closing rolls back; the next batch begins afresh


def is_busy(fault: sqlite3.Error) -> bool:
    return (getattr(fault, "sqlite_errorcode", 0) & 0xFF) in (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
    )


def describe(fault: BaseException) -> str:
    """What SQLite calls it. Its text may quote values, so it stays here."""
    return str(getattr(fault, "sqlite_errorname", None) or type(fault).__name__)


def _run_alone(connection: sqlite3.Connection, tx: SqliteTransaction, job: _Job) -> None:
    try:
        job.result = job.unit(tx)
    except Exception as fault:
        _note(job, fault)
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _run_apart(connection: sqlite3.Connection, tx: SqliteTransaction, job: _Job) -> None:
    connection.execute("SAVEPOINT unit")
    try:
        job.result = job.unit(tx)
    except Exception as fault:
        _note(job, fault)
        if not connection.in_transaction:
            raise _BatchLost from None
        connection.execute("ROLLBACK TO unit")
    connection.execute("RELEASE unit")


def _note(job: _Job, fault: Exception) -> None:
    if isinstance(fault, sqlite3.Error):
        log.error("SQLite refused a unit: %s", describe(fault))
        fault = errors.StoreUnavailable()
    job.fault = fault


def _answer(batch: list[_Job]) -> None:
    by_loop: defaultdict[asyncio.AbstractEventLoop, list[_Job]] = defaultdict(list)
    for job in batch:
        by_loop[job.loop].append(job)
    for loop, jobs in by_loop.items():
        try:
            loop.call_soon_threadsafe(_settle, jobs)
        except RuntimeError:
            log.warning("%d answers found their event loop closed", len(jobs))


def _settle(jobs: list[_Job]) -> None:
    for job in jobs:
        if job.future.done():  # cancelled while it was being committed
            continue
        if job.fault is None:
            job.future.set_result(job.result)
        else:
            job.future.set_exception(job.fault)
