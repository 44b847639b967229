"""The audit log on a real database: whoever writes into it past us is found out."""

import logging
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from wxlogin.login import errors
from wxlogin.login.audit_log import AnchorTooOld, AuditLog, AuditVerdict
from wxlogin.login.auditing import Broken, ChainBroken, Fault, new_head
from wxlogin.login.ports import (
    HOST,
    AccountChange,
    AuditHead,
    AuditLine,
    AuditQuery,
    LoggedLine,
    Point,
    Told,
)
from wxlogin.stores.sealing import Key, KeyRing
from wxlogin.stores.sql import SqlStore
from wxlogin.stores.sqlite import SqliteDatabase
from wxlogin.testing.stores.samples import DAY, NOW, SECOND, log_in, revoked

KEY = b"c" * 32
MANY = 10_000
FAR = 4 * 365 * DAY

Sql = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def sql(path: Path) -> Sql:
    """The attacker: can do anything to the file, and has no key."""

    def run(statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(path, timeout=10)) as connection, connection:
            return connection.execute(statement, values).fetchall()

    return run


@pytest.fixture
def log(store: SqlStore) -> AuditLog:
    return AuditLog(store, key=KEY)


async def write(store: SqlStore, count: int, *, begin: int = 0) -> None:
    for number in range(begin, begin + count):
        line = AuditLine(NOW + number * SECOND, "sessions_ended", HOST, data={"n": number})
        await store.add_audit(line)


def fill(sql: Sql, count: int) -> None:
    sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
        " INSERT INTO wxlogin_audit (at, kind, actor_kind, data)"
        " SELECT '2026-01-15T12:30:45.123456+00:00', 'account_disabled', 'host', '{}' FROM n",
        count,
    )


@pytest.fixture
async def sealed(store: SqlStore, log: AuditLog, sql: Sql) -> AuditLog:
    """Ten thousand sealed lines."""
    fill(sql, MANY)
    assert await log.seal() == MANY
    return log


async def test_what_was_sealed_is_found_as_it_was(sealed: AuditLog, store: SqlStore) -> None:
    await write(store, 3, begin=100)
    found = await sealed.verify()
    assert found.is_ok
    assert (found.sealed, found.unsealed) == (MANY, 3)
    assert found.first_at == NOW
    assert found.end.position == MANY


ATTACKS: dict[str, tuple[str, tuple[Fault, int, int | None]]] = {
    "altered": (
        "UPDATE wxlogin_audit SET actor_kind = 'system' WHERE id = 4711",
        (Fault.ALTERED, 4711, 4711),
    ),
    "removed": (
        "DELETE FROM wxlogin_audit WHERE id = 4711",
        (Fault.MISSING, 4711, 4712),
    ),
    "removed, first": (
        "DELETE FROM wxlogin_audit WHERE id = 1",
        (Fault.MISSING, 1, 2),
    ),
    "swapped": (
        "UPDATE wxlogin_audit SET data = CASE id WHEN 4711 THEN '{\"n\":2}' ELSE '{\"n\":1}' END"
        " WHERE id IN (4711, 4712)",
        (Fault.ALTERED, 4711, 4711),
    ),
    "cut": (
        "DELETE FROM wxlogin_audit WHERE id > 9990",
        (Fault.CUT, 9991, 9990),
    ),
    "all gone": ("DELETE FROM wxlogin_audit", (Fault.CUT, 1, None)),
    "made to look unsealed": (
        "UPDATE wxlogin_audit SET position = NULL, link = NULL, reason = 'x' WHERE id = 4711",
        (Fault.MISSING, 4711, 4712),
    ),
    "a time that is none": (
        "UPDATE wxlogin_audit SET at = 'long ago' WHERE id = 4711",
        (Fault.ALTERED, 4711, 4711),
    ),
    "a time that is a number": (
        "UPDATE wxlogin_audit SET at = 5 WHERE id = 4711",
        (Fault.ALTERED, 4711, 4711),
    ),
    "the same time in another zone": (
        "UPDATE wxlogin_audit SET at = '2026-01-15T20:30:45.123456+08:00' WHERE id = 4711",
        (Fault.ALTERED, 4711, 4711),
    ),
    "bytes for text": (
        "UPDATE wxlogin_audit SET kind = x'00' WHERE id = 4711",
        (Fault.ALTERED, 4711, 4711),
    ),
    "text for a link": (
        "UPDATE wxlogin_audit SET link = 'x' WHERE id = 4711",
        (Fault.ALTERED, 4711, 4711),
    ),
    "a line before the first": (
        "INSERT INTO wxlogin_audit (at, kind, actor_kind, data, position, link)"
        " VALUES ('2026-01-15T12:30:45.123456+00:00', 'x', 'host', '{}', -3, x'00')",
        (Fault.ADDED, 1, MANY + 1),
    ),
    "a line after the last": (
        "INSERT INTO wxlogin_audit (at, kind, actor_kind, data, position, link)"
        " VALUES ('2026-01-15T12:30:45.123456+00:00', 'x', 'host', '{}', 10001, x'00')",
        (Fault.ALTERED, MANY + 1, MANY + 1),
    ),
    "head moved back": (
        "UPDATE wxlogin_audit_head SET position = 9990",
        (Fault.HEAD, 0, None),
    ),
    "head gone": ("DELETE FROM wxlogin_audit_head", (Fault.HEAD, MANY, MANY)),
}


@pytest.mark.parametrize("attack", ATTACKS)
async def test_one_bad_line_of_ten_thousand_is_found(
    sealed: AuditLog, sql: Sql, attack: str
) -> None:
    """E03: altered, removed, swapped or cut, the first bad line is named."""
    statement, expected = ATTACKS[attack]
    sql(statement)
    assert (await sealed.verify()).broken == Broken(*expected)


@pytest.mark.parametrize("attack", ATTACKS)
async def test_a_bad_log_stays_bad_however_long_we_go_on_with_it(
    sealed: AuditLog, sql: Sql, store: SqlStore, attack: str
) -> None:
    """Neither sealing nor ageing out vouches for what was done to the log."""
    sql(ATTACKS[attack][0])
    await write(store, 3)
    for _ in range(2):
        await sealed.keep(retired_before=NOW - DAY)
    assert not (await sealed.verify()).is_ok


# Twins


class Headless(SqlStore):
    """A verifier that believes any head: the lines there are say where the end is."""

    async def find_audit_head(self) -> AuditHead | None:
        lines = await self.list_sealed(after=None, limit=MANY + 1)
        if not lines:
            return None
        last = lines[-1]
        end = Point(last.position or 0, last.link or b"")
        return new_head(end=end, base=Point(0, bytes(32)), key=KEY)


async def test_without_a_head_a_cut_log_would_pass(
    sealed: AuditLog, sql: Sql, database: SqliteDatabase, keyring: KeyRing
) -> None:
    sql(ATTACKS["cut"][0])
    twin = AuditLog(Headless(database, keyring), key=KEY)
    assert (await twin.verify()).is_ok
    assert not (await sealed.verify()).is_ok


class TrustingLog(AuditLog):
    """Goes on from whatever head there is."""

    async def _trusted_head(self) -> AuditHead | None:
        return await self._store.find_audit_head()


async def test_a_cut_hidden_by_a_forged_head_is_not_sealed_over(
    sealed: AuditLog, sql: Sql, store: SqlStore
) -> None:
    """The attacker cuts the tail and moves the head back; our own sealer would sign that."""
    sql("DELETE FROM wxlogin_audit WHERE id > 9990")
    (last,) = sql("SELECT link FROM wxlogin_audit WHERE position = 9990")
    sql("UPDATE wxlogin_audit_head SET position = 9990, link = ?", *last)
    await write(store, 1)
    with pytest.raises(ChainBroken):
        await sealed.seal()
    assert not (await sealed.verify()).is_ok
    await TrustingLog(store, key=KEY).seal()
    assert (await sealed.verify()).is_ok, "the twin signs what the attacker did"


class ForgetfulLog(AuditLog):
    """Ages lines out without following them first."""

    async def retire(self, *, before: Any) -> int:
        head = await self._store.find_audit_head()
        assert head is not None
        old = [
            each for each in await self._store.list_sealed(after=None, limit=10) if each.at < before
        ]
        base = Point(old[-1].position or 0, old[-1].link or b"")
        await self._store.drop_sealed(head=new_head(end=head.end, base=base, key=KEY), before=head)
        return len(old)


async def test_ageing_out_hides_no_alteration(log: AuditLog, sql: Sql, store: SqlStore) -> None:
    """A line made to look old would be deleted by ourselves, and be gone without a trace."""
    await write(store, 5)
    await log.seal()
    sql("UPDATE wxlogin_audit SET at = '2000-01-01T00:00:00.000000+00:00' WHERE id = 1")
    with pytest.raises(ChainBroken):
        await log.retire(before=NOW - DAY)
    assert (await log.verify()).broken == Broken(Fault.ALTERED, 1, 1)
    await ForgetfulLog(store, key=KEY).retire(before=NOW - DAY)
    assert (await log.verify()).is_ok, "the twin loses the line for the attacker"


# Anchors


async def test_a_database_put_back_is_found_by_an_anchor(
    log: AuditLog, store: SqlStore, sql: Sql, path: Path
) -> None:
    await write(store, 5)
    await log.seal()
    backup = sql("SELECT * FROM wxlogin_audit"), sql("SELECT * FROM wxlogin_audit_head")
    await write(store, 5)
    await log.seal()
    anchor = (await log.verify()).end
    assert (await log.verify(anchor=anchor)).is_ok
    sql("DELETE FROM wxlogin_audit")
    sql("DELETE FROM wxlogin_audit_head")
    for table, rows in zip(("audit", "audit_head"), backup, strict=True):
        for row in rows:
            sql(f"INSERT INTO wxlogin_{table} VALUES ({','.join('?' * len(row))})", *row)
    assert (await log.verify()).is_ok, "what was sealed then is still a chain"
    assert (await log.verify(anchor=anchor)).broken == Broken(Fault.ANCHOR, 10)
    await write(store, 5, begin=100)
    await log.seal()
    assert (await log.verify(anchor=anchor)).broken == Broken(Fault.ANCHOR, 10, 15)


async def test_each_sealing_is_logged_as_an_anchor(
    log: AuditLog, store: SqlStore, caplog: pytest.LogCaptureFixture
) -> None:
    await write(store, 3)
    with caplog.at_level(logging.INFO, logger="wxlogin.audit"):
        await log.seal()
        await log.seal()
    end = (await log.verify()).end
    assert [r.getMessage() for r in caplog.records] == [
        f"audit sealed position=3 link={end.link.hex()}"
    ]


async def test_an_anchor_in_the_middle_holds(log: AuditLog, store: SqlStore) -> None:
    for begin in (0, 3, 6):
        await write(store, 3, begin=begin)
        await log.seal()
    (third,) = await store.list_sealed(after=2, limit=1)
    assert (await log.verify(anchor=Point(3, third.link or b""))).is_ok
    assert (await log.verify(anchor=Point(3, bytes(32)))).broken == Broken(Fault.ANCHOR, 3, 3)


# Ageing out


async def test_old_lines_go_and_what_is_left_still_verifies(
    log: AuditLog, store: SqlStore, sql: Sql
) -> None:
    fill(sql, 1200)
    await write(store, 10, begin=3 * 86400)
    await log.seal()
    anchor = (await log.verify()).end
    assert await log.retire(before=NOW + DAY) == 1200
    found = await log.verify(anchor=anchor)
    assert found.is_ok
    assert (found.sealed, found.first_at) == (10, NOW + 3 * DAY)
    assert await log.retire(before=NOW + DAY) == 0
    sql("DELETE FROM wxlogin_audit WHERE id = 1201")
    assert (await log.verify()).broken == Broken(Fault.MISSING, 1201, 1202)


async def test_a_log_of_which_all_has_aged_out_goes_on(log: AuditLog, store: SqlStore) -> None:
    await write(store, 3)
    await log.seal()
    old = (await log.verify()).end
    await log.retire(before=NOW + DAY)
    assert (await log.verify(anchor=old)).is_ok
    await write(store, 2)
    await log.seal()
    found = await log.verify(anchor=old)
    assert found.is_ok
    assert (found.sealed, found.end.position) == (2, 5)
    with pytest.raises(AnchorTooOld):
        await log.verify(anchor=Point(2, bytes(32)))


async def test_a_line_that_is_not_sealed_does_not_age_out(log: AuditLog, store: SqlStore) -> None:
    await write(store, 3)
    assert await log.retire(before=NOW + FAR) == 0
    assert await store.count_unsealed() == 3


async def test_a_log_may_age_out_while_it_is_verified(
    log: AuditLog, store: SqlStore, sql: Sql
) -> None:
    fill(sql, 1200)
    await write(store, 10, begin=3 * 86400)
    await log.seal()

    class Slow(SqlStore):
        pages = 0

        async def list_sealed(self, *, after: int | None, limit: int) -> Sequence[LoggedLine]:
            self.pages += 1
            if self.pages == 2:
                await log.retire(before=NOW + DAY)
                await write(store, 1, begin=9 * 86400)
                await log.seal()
            return await super().list_sealed(after=after, limit=limit)

    slow = Slow(store._database, store._keyring)
    found = await AuditLog(slow, key=KEY).verify()
    assert found.is_ok
    assert found.sealed == 11


# Several sealers, and sealers that die

SEALER = """
import asyncio, os, signal, sqlite3, sys
from pathlib import Path
from wxlogin.login.audit_log import AuditLog
from wxlogin.stores.sealing import Key, KeyRing
from wxlogin.stores.sql import SqlStore
from wxlogin.stores.sqlite import SqliteDatabase

def die():
    os.kill(os.getpid(), signal.SIGKILL)

class Connection(sqlite3.Connection):
    moves = False
    def execute(self, sql, *values):
        head = "wxlogin_audit_head" in sql and not sql.startswith("SELECT")
        if point == "before head" and head:
            die()
        if point == "at COMMIT" and sql == "COMMIT" and self.moves:
            die()
        cursor = super().execute(sql, *values)
        self.moves = self.moves or head
        if point == "after head" and head:
            die()
        if point == "after COMMIT" and sql == "COMMIT" and self.moves:
            die()
        return cursor
    def executemany(self, sql, many):
        if point == "between lines" and "wxlogin_audit" in sql:
            super().executemany(sql, many[: len(many) // 2])
            die()
        cursor = super().executemany(sql, many)
        if point == "after lines" and "wxlogin_audit" in sql:
            die()
        return cursor

async def main(path):
    database = SqliteDatabase(
        Path(path), connect=lambda *a, **k: sqlite3.connect(*a, factory=Connection, **k)
    )
    store = SqlStore(database, KeyRing([Key("k1", b"k" * 32)]))
    await store.open()
    log = AuditLog(store, key=b"c" * 32)
    for _ in range(int(sys.argv[3])):
        await log.seal()
    await store.close()

point = sys.argv[2]
asyncio.run(main(sys.argv[1]))
"""


def sealer(path: Path, *, point: str = "", turns: int = 1) -> "subprocess.Popen[bytes]":
    words = [sys.executable, "-c", SEALER, str(path), point, str(turns)]
    return subprocess.Popen(words, stderr=subprocess.PIPE)


POINTS = ("before head", "after head", "between lines", "after lines", "at COMMIT", "after COMMIT")


@pytest.mark.parametrize("begun", [False, True], ids=["the first sealing", "a later one"])
@pytest.mark.parametrize("point", POINTS)
async def test_a_sealer_killed_anywhere_leaves_a_chain_that_goes_on(
    log: AuditLog, store: SqlStore, path: Path, point: str, begun: bool
) -> None:
    await write(store, 4)
    if begun:
        await log.seal()
    await write(store, 6, begin=4)
    dead = sealer(path, point=point)
    dead.communicate(timeout=60)
    assert dead.returncode == -signal.SIGKILL
    found = await log.verify()
    assert found.is_ok
    assert found.unsealed == (0 if point == "after COMMIT" else 6 if begun else 10)
    await log.seal()
    found = await log.verify()
    assert found.is_ok
    assert (found.sealed, found.unsealed) == (10, 0)


class TwoTransactions(SqlStore):
    """Commits the head, and dies before the lines."""

    async def keep_sealed(self, links: Any, *, head: AuditHead, before: AuditHead | None) -> bool:
        await super().keep_sealed([], head=head, before=before)
        raise errors.StoreUnavailable


async def test_without_one_transaction_a_dying_sealer_would_leave_a_gap(
    log: AuditLog, store: SqlStore, database: SqliteDatabase, keyring: KeyRing
) -> None:
    await write(store, 4)
    with pytest.raises(errors.StoreUnavailable):
        await AuditLog(TwoTransactions(database, keyring), key=KEY).seal()
    await log.seal()
    assert not (await log.verify()).is_ok


async def test_sealers_of_several_processes_never_make_a_fork(
    log: AuditLog, store: SqlStore, path: Path
) -> None:
    sealers = [sealer(path, turns=300) for _ in range(3)]
    begin = 0
    while any(each.poll() is None for each in sealers):
        await write(store, 5, begin=begin)
        await log.seal()
        begin += 5
    for each in sealers:
        _, err = each.communicate(timeout=60)
        assert each.returncode == 0, err.decode()
    await log.seal()
    found = await log.verify()
    assert found.is_ok
    assert (found.sealed, found.unsealed) == (begin, 0)


class Headstrong(SqlStore):
    """Writes the places it thought of, whoever has moved the head meanwhile."""

    async def keep_sealed(self, links: Any, *, head: AuditHead, before: AuditHead | None) -> bool:
        return await super().keep_sealed(links, head=head, before=await self.find_audit_head())


async def test_two_sealers_that_read_one_head_agree(
    log: AuditLog, store: SqlStore, database: SqliteDatabase, keyring: KeyRing
) -> None:
    """The second to write finds the head moved and writes nothing; its twin spoils the chain."""
    await write(store, 4)
    await log.seal()
    for made, is_ok in ((SqlStore, True), (Headstrong, False)):
        await write(store, 3)

        class Late(made):  # type: ignore[valid-type,misc]
            is_asked = False

            async def keep_sealed(self, links: Any, **heads: Any) -> bool:
                if not self.is_asked:
                    self.is_asked = True
                    await write(store, 1)
                    await log.seal()
                done: bool = await super().keep_sealed(links, **heads)
                return done

        await AuditLog(Late(database, keyring), key=KEY).seal()
        try:
            await log.seal()
        except (ChainBroken, errors.StoreUnavailable):
            assert not is_ok
        assert (await log.verify()).is_ok == is_ok


# The act and its line are one


async def test_an_act_whose_line_cannot_be_written_does_not_happen(
    store: SqlStore, sql: Sql
) -> None:
    """F37: the audit log is full or gone, so nothing is done that it should have told."""
    session = await log_in(store)
    account_id = session.account_id
    told = Told(audit=AuditLine(NOW, "sessions_ended", HOST, account_id))
    sql(
        "CREATE TRIGGER full BEFORE INSERT ON wxlogin_audit"
        " BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    )
    with pytest.raises(errors.StoreUnavailable):
        await store.end_sessions(account_id, ending=revoked(), told=told)
    with pytest.raises(errors.StoreUnavailable):
        await store.change_account(account_id, AccountChange(nickname="x"), told=told)
    found = await store.find_session(session.id)
    assert found is not None
    assert found.ending is None
    account = await store.find_account(account_id=account_id)
    assert account is not None
    assert account.nickname is None
    sql("DROP TRIGGER full")
    assert await store.end_sessions(account_id, ending=revoked(), told=told) == 1


async def test_in_two_transactions_an_act_would_happen_without_its_line(
    store: SqlStore, sql: Sql
) -> None:
    session = await log_in(store)
    sql(
        "CREATE TRIGGER full BEFORE INSERT ON wxlogin_audit"
        " BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    )
    await store.end_sessions(session.account_id, ending=revoked())
    with pytest.raises(errors.StoreUnavailable):
        await store.add_audit(AuditLine(NOW, "sessions_ended", HOST, session.account_id))
    found = await store.find_session(session.id)
    assert found is not None
    assert found.ending is not None


async def test_a_line_names_nobody_once_the_account_is_gone(
    store: SqlStore, log: AuditLog, sql: Sql
) -> None:
    session = await log_in(store)
    account_id = session.account_id
    await store.add_audit(AuditLine(NOW, "sessions_ended", HOST, account_id))
    await log.seal()
    (line,) = await log.search(AuditQuery(account_id=account_id))
    assert line.account_id == account_id
    assert account_id not in (line.subject, line.data)
    sql("DELETE FROM wxlogin_account")
    (line,) = await log.search(AuditQuery())
    assert line.account_id is None
    assert await log.search(AuditQuery(account_id=account_id)) == []
    pseudonyms = sql("SELECT count(*) FROM wxlogin_account WHERE pseudonym = ?", line.subject)
    assert pseudonyms == [(0,)]
    assert (await log.verify()).is_ok


async def test_the_key_of_the_chain_lies_in_no_clear_bytes_in_the_file(
    store: SqlStore, path: Path
) -> None:
    key = await store.secret_key("audit_chain", KEY)
    await store.close()
    for file in path.parent.iterdir():
        assert key not in file.read_bytes()


async def test_a_database_under_another_key_ring_says_so(
    database: SqliteDatabase, store: SqlStore
) -> None:
    await store.secret_key("audit_chain", KEY)
    stranger = SqlStore(database, KeyRing([Key("k2", b"x" * 32)]))
    with pytest.raises(errors.StoreUnavailable):
        await stranger.secret_key("audit_chain", bytes(32))


async def test_ten_thousand_lines_are_verified_in_seconds(sealed: AuditLog) -> None:
    began = time.perf_counter()
    found: AuditVerdict = await sealed.verify()
    assert found.sealed == MANY
    assert time.perf_counter() - began < timedelta(seconds=20).total_seconds()
