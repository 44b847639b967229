"""Counters seen from several processes, links and odd places; and a writer that outlives all.

Each promise has a twin with the defence taken away, which must break it.
"""

import asyncio
import os
import signal
import sqlite3
import struct
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

import pytest

from tests.login.test_sessions import START, session
from wxlogin.login import errors
from wxlogin.login.near import NearSessions
from wxlogin.stores import changes, sqlite
from wxlogin.stores.changes import SLOTS, ChangeCounts
from wxlogin.stores.claims import claim_code
from wxlogin.stores.sealing import Key, KeyRing
from wxlogin.stores.sql import SqlStore
from wxlogin.stores.sqlite import SqliteDatabase
from wxlogin.stores.sqlite_writer import Writer
from wxlogin.testing.stores.samples import NOW, get_session, log_in, revoked

KEYRING = KeyRing([Key("k1", b"k" * 32)])

CHURN = """
import struct, sys
from pathlib import Path
from wxlogin.stores.changes import ChangeCounts
counts = ChangeCounts(Path(sys.argv[1]))
if sys.argv[2] == "packed":
    counts._write = lambda slot, count: struct.pack_into("<Q", counts._memory, slot * 8, count)
for _ in range(3):
    counts.begin()
    counts.end()
print("acknowledged", flush=True)
while True:
    counts.begin()
    counts.end()
"""

ENDING = """
import asyncio, sys
from pathlib import Path
from wxlogin.stores.sealing import Key, KeyRing
from wxlogin.stores.sql import SqlStore
from wxlogin.stores.sqlite import SqliteDatabase
from wxlogin.testing.stores.samples import revoked

async def main():
    store = SqlStore(SqliteDatabase(Path(sys.argv[1])), KeyRing([Key("k1", b"k" * 32)]))
    await store.open()
    for line in sys.stdin:
        session_id, account_id = line.split()
        assert await store.end_session(session_id, account_id=account_id, ending=revoked())
        print(session_id, flush=True)
    await store.close()

asyncio.run(main())
"""


@contextmanager
def another(script: str, *args: object) -> Iterator[subprocess.Popen[str]]:
    """A process of its own, killed at the end whatever it does."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, *map(str, args)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)


def out_of(process: subprocess.Popen[str]) -> IO[str]:
    assert process.stdout
    return process.stdout


@pytest.fixture
def counter_file(path: Path) -> Path:
    return path.with_name(f"{path.name}-changes")


# Torn counters


def falls(path: Path, *, how: str, reads: int) -> int:
    """How often a count went down while another process wrote; it stops at the first few."""
    with another(CHURN, path, how) as writer:
        assert out_of(writer).readline() == "acknowledged\n"
        reader = ChangeCounts(path)
        top = fallen = 0
        for _ in range(reads):
            version = reader.version()
            if version is None:
                continue
            count = int.from_bytes(version[:8], sys.byteorder)
            fallen += count < top
            top = max(top, count)
            if fallen > 2:
                break
        reader.close()
    assert top > 6
    return fallen


def test_a_counter_read_from_another_process_never_falls(counter_file: Path) -> None:
    """100 000 reads beside a writer in a loop: what stood there once stands there no more."""
    assert falls(counter_file, how="whole", reads=100_000) == 0


needs_two_cpus = pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="two must run at once")


@needs_two_cpus
def test_twin_a_count_written_byte_by_byte_falls(counter_file: Path) -> None:
    assert falls(counter_file, how="packed", reads=5_000_000) > 0


def let_in(path: Path, *, how: str, size: int = 20_000, rounds: int = 1) -> int:
    """Of sessions kept near before an acknowledged change: how many are let in after it."""
    reader = ChangeCounts(path)
    alive = 0
    kept = session(expires_at=START + timedelta(days=30))
    before = reader.version()
    assert before is not None
    near = NearSessions(lambda: before)  # not torn while we keep: that is the other's business
    for n in range(size):
        near.keep(f"t{n}", kept, version=before, now=START)
    assert near.find("t0", START) is not None
    entries = dict(near._entries)
    near._version = reader.version
    with another(CHURN, path, how) as writer:
        assert out_of(writer).readline() == "acknowledged\n"
        for _ in range(rounds):
            near._entries = dict(entries)
            alive += sum(near.find(f"t{n}", START) is not None for n in range(size))
            if alive:
                break
    reader.close()
    return alive


def test_nothing_kept_near_comes_back_while_another_process_writes(counter_file: Path) -> None:
    assert let_in(counter_file, how="whole", rounds=5) == 0


@needs_two_cpus
def test_twin_with_counts_written_byte_by_byte_the_dead_come_back(counter_file: Path) -> None:
    """The zero between two bytes is the count that stood there before the first change."""
    assert let_in(counter_file, how="packed", rounds=200) > 0


async def ends(path: Path, *, size: int, version: Callable[[], bytes | None] | None = None) -> int:
    """Another process ends kept sessions one by one; how many were let in after its word."""
    store = SqlStore(SqliteDatabase(path), KEYRING)
    await store.open()
    near = NearSessions(version or store.session_version)
    made = [await log_in(store) for _ in range(size)]
    let = 0
    with another(ENDING, path) as ender:
        assert ender.stdin
        for one in made:
            ender.stdin.write(f"{one.id} {one.account_id}\n")
        ender.stdin.close()
        told: deque[str] = deque()
        listener = threading.Thread(
            target=lambda: told.extend(line.strip() for line in out_of(ender))
        )
        listener.start()
        for one in made:
            is_told = False
            while not is_told:
                is_told = one.id in told  # asked before the check: so the word came first
                found = near.find(one.id, NOW)
                if found is None:
                    before = near.version()
                    read = await get_session(store, one.id)
                    if read.ending is None:
                        near.keep(one.id, read, version=before, now=NOW)
                        found = read
                let += is_told and found is not None
        listener.join()
    assert len(told) == size
    await store.close()
    return let


async def test_no_session_is_let_in_after_another_process_acknowledged_its_end(path: Path) -> None:
    assert await ends(path, size=150) == 0


async def test_twin_a_version_that_never_changes_lets_the_ended_in(path: Path) -> None:
    assert await ends(path, size=10, version=lambda: b"always the same") > 0


# The same file by another name


async def outlives_a_kick(real: Path, link: Path) -> bool:
    """Whether a session kept near through `real` is still let in after its end through `link`."""
    here, there = SqlStore(SqliteDatabase(real), KEYRING), SqlStore(SqliteDatabase(link), KEYRING)
    await here.open()
    os.symlink(real, link)
    await there.open()
    try:
        one = await log_in(here)
        near = NearSessions(here.session_version)
        near.keep("token", one, version=near.version(), now=NOW)
        assert near.find("token", NOW) is not None
        assert await there.end_sessions(one.account_id, ending=revoked()) == 1
        return near.find("token", NOW) is not None
    finally:
        await here.close()
        await there.close()


@pytest.fixture
def link(tmp_path: Path) -> Path:
    (tmp_path / "release").mkdir()
    return tmp_path / "release" / "current.db"


async def test_a_kick_through_a_symbolic_link_ends_the_session_at_once(
    path: Path, link: Path
) -> None:
    assert not await outlives_a_kick(path, link)
    assert not link.with_name(f"{link.name}-changes").exists()


async def test_twin_with_counters_beside_the_link_the_session_lives_on(
    path: Path, link: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def beside(database: SqliteDatabase, file: Path) -> ChangeCounts:
        return ChangeCounts(file.with_name(f"{file.name}-changes"))

    monkeypatch.setattr(SqliteDatabase, "_map_changes", beside)
    assert await outlives_a_kick(path, link)


# Who cannot reach the counters


async def test_a_process_that_cannot_map_the_counters_does_not_write(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would end sessions that others go on letting in."""
    here, other = SqlStore(SqliteDatabase(path), KEYRING), SqlStore(SqliteDatabase(path), KEYRING)
    await here.open()
    one = await log_in(here)

    def refuse(*args: object, **kwargs: object) -> ChangeCounts:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(sqlite, "ChangeCounts", refuse)
    for _ in range(2):
        with pytest.raises(errors.StoreUnavailable):
            await other.open()
        with pytest.raises(errors.StoreUnavailable):
            await other.end_sessions(one.account_id, ending=revoked())
        with pytest.raises(errors.StoreUnavailable):
            await other.find_session(one.id)
    assert (await get_session(here, one.id)).ending is None
    monkeypatch.undo()
    await other.open()
    assert await other.end_sessions(one.account_id, ending=revoked()) == 1
    await here.close()
    await other.close()


async def test_twin_one_that_does_without_counters_is_believed_in_vain(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, other = SqlStore(SqliteDatabase(path), KEYRING), SqlStore(SqliteDatabase(path), KEYRING)
    await here.open()
    monkeypatch.setattr(SqliteDatabase, "_map_changes", lambda database, file: None)
    await other.open()
    one = await log_in(here)
    near = NearSessions(here.session_version)
    near.keep("token", one, version=near.version(), now=NOW)
    assert await other.end_sessions(one.account_id, ending=revoked()) == 1
    assert near.find("token", NOW) is not None
    await here.close()
    await other.close()


@pytest.mark.skipif(os.name == "nt", reason="modes of files")
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o660, 0o666])
async def test_the_counters_are_for_the_same_people_as_the_database(
    path: Path, counter_file: Path, mode: int
) -> None:
    """Also where the file was there before, and the operator changed the database's mode."""
    database = SqliteDatabase(path)
    await database.open()
    await database.close()
    for is_there in (True, False):
        os.chmod(path, mode)
        if is_there:
            os.chmod(counter_file, 0o600)
        else:
            os.unlink(counter_file)
        await database.open()
        assert os.stat(counter_file).st_mode & 0o777 == mode
        await database.close()


@pytest.mark.skipif(not hasattr(os.stat_result, "st_blocks"), reason="blocks are not told here")
def test_the_disk_space_of_the_counters_is_taken_at_once(
    counter_file: Path, tmp_path: Path
) -> None:
    """On a full disk a hole would be no error when it is made, and end the process later."""
    ChangeCounts(counter_file).close()
    told = counter_file.stat()
    assert told.st_size == 2 * SLOTS * 8
    assert told.st_blocks * 512 >= told.st_size
    hole = tmp_path / "grown"
    with hole.open("wb") as file:
        file.truncate(told.st_size)
    assert hole.stat().st_blocks == 0  # the twin: what a file grown by ftruncate takes


def test_a_file_that_is_there_keeps_its_counts(counter_file: Path) -> None:
    """Who maps it anew must not count from the beginning: others know these numbers."""
    one = ChangeCounts(counter_file)
    one.begin()
    one.end()
    before = one.version()
    two = ChangeCounts(counter_file)
    assert two.version() == one.version() == before
    two.begin()
    two.end()
    assert one.version() not in (None, before)
    one.close()
    two.close()


def test_a_process_of_another_container_is_not_taken_for_a_dead_one(
    counter_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process id means nothing here: its counter is neither healed nor taken."""
    theirs, ours = ChangeCounts(counter_file), ChangeCounts(counter_file)
    monkeypatch.setattr(changes, "_here", lambda: 77 << 32)
    theirs.begin()
    monkeypatch.setattr(changes, "_here", lambda: 78 << 32)
    ours.heal()
    assert ours.version() is None
    ours.begin()
    ours.end()
    assert (theirs._slot, ours._slot) == (0, 1)
    monkeypatch.setattr(changes, "_here", lambda: 77 << 32)
    theirs.end()
    assert ours.version() is not None
    theirs.close()
    ours.close()


def test_twin_by_the_process_id_alone_it_is_taken_for_a_dead_one(
    counter_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    ours = ChangeCounts(counter_file)
    monkeypatch.setattr(changes, "_here", lambda: 0)
    struct.pack_into("=QQ", ours._memory, 0, 1, 0)
    struct.pack_into("=Q", ours._memory, SLOTS * 8, gone.pid)  # lives, in another container
    ours.heal()
    assert ours.version() is not None
    ours.close()


# The writer's thread


class Odd(sqlite3.Connection):
    """A connection whose next COMMIT fails as nobody foresaw, once told to."""

    fails = 0

    def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
        if sql == "COMMIT" and type(self).fails:
            type(self).fails -= 1
            raise ValueError("nobody foresaw this")
        return super().execute(sql, *args)


def odd(path: Path) -> tuple[SqliteDatabase, type[Odd]]:
    class Here(Odd):
        pass

    def connect(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        return sqlite3.connect(*args, **kwargs, factory=Here)

    return SqliteDatabase(path, connect=connect), Here


def claim(n: int) -> Any:
    return lambda tx: claim_code(tx, n.to_bytes(32, "big"), until=NOW)


async def test_the_writer_outlives_an_unforeseen_fault_and_kept_nothing_of_it(path: Path) -> None:
    database, connection = odd(path)
    store = SqlStore(database, KEYRING)
    await store.open()
    one = await log_in(store)
    assert database._writer is not None
    thread = database._writer._thread
    for _ in range(2):
        connection.fails = 1
        with pytest.raises(errors.StoreUnavailable):
            await asyncio.wait_for(store.end_sessions(one.account_id, ending=revoked()), 5)
        assert (await get_session(store, one.id)).ending is None
        assert store.session_version() is not None  # the change it had begun is over
    assert await asyncio.wait_for(store.end_sessions(one.account_id, ending=revoked()), 5) == 1
    assert thread.is_alive()
    assert database._writer._thread is thread
    await store.close()


async def test_the_writer_outlives_counters_that_fail(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = SqliteDatabase(path)
    await database.open()
    monkeypatch.setattr(ChangeCounts, "heal", lambda counts: 1 // 0)
    with pytest.raises(errors.StoreUnavailable):
        await asyncio.wait_for(database.write(claim(1)), 5)
    monkeypatch.undo()
    assert await asyncio.wait_for(database.write(claim(1)), 5) == 1
    await database.close()


async def test_twin_a_writer_that_gives_up_on_known_faults_only_answers_nobody(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_up(writer: Writer, batch: Any, fault: Exception) -> None:
        raise fault

    ended = threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda args: ended.set())
    monkeypatch.setattr(Writer, "_give_up", give_up)
    database, connection = odd(path)
    await database.open()
    connection.fails = 1
    waiting = asyncio.ensure_future(database.write(claim(1)))
    assert await asyncio.to_thread(ended.wait, 5)
    assert database._writer is not None
    database._writer._thread.join(5)
    assert not database._writer._thread.is_alive()
    assert not waiting.done()
    waiting.cancel()
    if database._writer._connection is not None:
        database._writer._connection.close()
    await database.close()
