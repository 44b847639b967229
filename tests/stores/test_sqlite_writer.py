"""The writer's own promises: what shares a commit, and what becomes of a unit that fails."""

import asyncio
import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from wxlogin.login import errors
from wxlogin.stores.claims import claim_code
from wxlogin.stores.database import Transaction
from wxlogin.stores.sqlite import SqliteDatabase

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def claim(n: int) -> Any:
    return lambda tx: claim_code(tx, n.to_bytes(32, "big"), until=NOW)


class Recording(sqlite3.Connection):
    """A connection that notes its commits, and fails them when told to."""

    commits: list[str]
    fails_on = ""

    def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
        if sql == type(self).fails_on:
            raise sqlite3.OperationalError("disk I/O error")
        if sql in ("COMMIT", "SAVEPOINT unit"):
            type(self).commits.append(sql)
        return super().execute(sql, *args)


@pytest.fixture
def recording(path: Path) -> tuple[SqliteDatabase, type[Recording]]:
    class Here(Recording):
        commits: list[str] = []  # noqa: RUF012 - each test has a class of its own

    def connect(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        return sqlite3.connect(*args, **kwargs, factory=Here)

    return SqliteDatabase(path, connect=connect), Here


async def queue_behind(database: SqliteDatabase, *units: Any) -> list[Any]:
    """Run the units while the writer is busy with one before them, so that they share a batch."""
    entered, may_go = threading.Event(), threading.Event()

    def blocking(tx: Transaction) -> None:
        entered.set()
        may_go.wait(5)

    first = asyncio.ensure_future(database.write(blocking))
    await asyncio.to_thread(entered.wait, 5)
    waiting = [asyncio.ensure_future(database.write(unit)) for unit in units]
    await asyncio.sleep(0)
    may_go.set()
    await first
    return await asyncio.gather(*waiting, return_exceptions=True)


async def test_units_that_wait_together_share_one_commit(
    recording: tuple[SqliteDatabase, type[Recording]],
) -> None:
    database, connection = recording
    await database.open()
    assert await queue_behind(database, *(claim(n) for n in range(20))) == list(range(1, 21))
    assert connection.commits.count("COMMIT") == 2
    await database.close()


async def test_a_lone_unit_is_committed_at_once_and_without_a_savepoint(
    recording: tuple[SqliteDatabase, type[Recording]],
) -> None:
    database, connection = recording
    await database.open()
    assert await database.write(claim(1)) == 1
    assert connection.commits == ["COMMIT"]
    await database.close()


async def test_a_poisoned_unit_fails_alone(database: SqliteDatabase) -> None:
    def poisoned(tx: Transaction) -> None:
        claim_code(tx, b"p" * 32, until=NOW)
        raise ZeroDivisionError

    def broken(tx: Transaction) -> None:
        claim_code(tx, b"q" * 32, until=NOW)
        raise sqlite3.OperationalError("malformed")

    answers = await queue_behind(database, claim(1), poisoned, claim(2), broken, claim(3))
    assert isinstance(answers[1], ZeroDivisionError)
    assert isinstance(answers[3], errors.StoreUnavailable)
    assert all(isinstance(answers[n], int) for n in (0, 2, 4))
    for code in (b"p" * 32, b"q" * 32):
        again = await database.write(lambda tx, code=code: claim_code(tx, code, until=NOW))
        assert again is not None


async def test_a_poisoned_lone_unit_keeps_nothing(database: SqliteDatabase) -> None:
    def poisoned(tx: Transaction) -> None:
        claim_code(tx, b"p" * 32, until=NOW)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(poisoned)
    assert await database.write(lambda tx: claim_code(tx, b"p" * 32, until=NOW)) is not None


async def test_a_failed_commit_fails_every_unit_and_keeps_nothing(
    recording: tuple[SqliteDatabase, type[Recording]],
) -> None:
    database, connection = recording
    await database.open()
    await database.write(claim(0))
    connection.fails_on = "COMMIT"
    answers = await queue_behind_failing(database, claim(1), claim(2), claim(3))
    assert [type(each) for each in answers] == [errors.StoreUnavailable] * 4
    connection.fails_on = ""
    assert [await database.write(claim(n)) for n in (1, 2, 3)] == [2, 3, 4]
    await database.close()


async def queue_behind_failing(database: SqliteDatabase, *units: Any) -> list[Any]:
    waiting = [database.write(lambda tx: None), *(database.write(unit) for unit in units)]
    return await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_unit_whose_transaction_sqlite_rolled_back_takes_its_batch_along(
    database: SqliteDatabase,
) -> None:
    """As SQLite does by itself when the disk is full: nobody may then be told it is kept."""

    def full(tx: Any) -> None:
        tx._connection.execute("ROLLBACK")
        raise sqlite3.OperationalError("database or disk is full")

    answers = await queue_behind(database, claim(1), full, claim(2))
    assert [type(each) for each in answers] == [errors.StoreUnavailable] * 3
    assert await database.write(claim(1)) is not None


async def test_a_file_that_another_process_holds_too_long_is_unavailable(path: Path) -> None:
    from datetime import timedelta

    database = SqliteDatabase(path, patience=timedelta(milliseconds=50))
    await database.open()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(errors.StoreUnavailable):
        await database.write(claim(1))
    holder.execute("ROLLBACK")
    holder.close()
    assert await database.write(claim(1)) == 1
    await database.close()


async def test_a_caller_that_gave_up_before_its_turn_is_not_served(
    database: SqliteDatabase,
) -> None:
    entered, may_go = threading.Event(), threading.Event()

    def blocking(tx: Transaction) -> None:
        entered.set()
        may_go.wait(5)

    first = asyncio.ensure_future(database.write(blocking))
    await asyncio.to_thread(entered.wait, 5)
    given_up = asyncio.ensure_future(database.write(claim(1)))
    await asyncio.sleep(0)
    given_up.cancel()
    may_go.set()
    await first
    assert await database.write(claim(1)) is not None


async def test_closing_writes_what_waits(path: Path) -> None:
    database = SqliteDatabase(path)
    await database.open()
    waiting = [asyncio.ensure_future(database.write(claim(n))) for n in range(50)]
    await asyncio.sleep(0)
    await database.close()
    assert await asyncio.gather(*waiting) == list(range(1, 51))
    await database.open()
    assert await database.write(claim(3)) is None
    await database.close()


async def test_a_reader_does_not_wait_for_the_writer(database: SqliteDatabase) -> None:
    entered, may_go = threading.Event(), threading.Event()

    def blocking(tx: Transaction) -> None:
        claim_code(tx, b"p" * 32, until=NOW)
        entered.set()
        may_go.wait(5)

    writing = asyncio.ensure_future(database.write(blocking))
    await asyncio.to_thread(entered.wait, 5)
    assert await database.read(lambda tx: "read") == "read"
    may_go.set()
    await writing


async def test_durable_units_sync_and_others_leave_it_to_the_next(
    recording: tuple[SqliteDatabase, type[Recording]],
) -> None:
    database, _ = recording
    await database.open()
    levels = []

    def note(tx: Any) -> None:
        levels.append(tx._connection.execute("PRAGMA synchronous").fetchone()[0])

    for durable in (True, False, True):
        await database.write(note, durable=durable)
    assert levels == [2, 1, 2]
    await database.close()
