"""The counters in shared memory: who reads them equal may believe what it read before."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from wxlogin.stores import accounts, logins, sessions
from wxlogin.stores.changes import SLOTS, ChangeCounts
from wxlogin.stores.schema import tables
from wxlogin.stores.statements import Compiled

DIALECT = SQLiteDialect_pysqlite(paramstyle="qmark")

CHANGES = {
    "_end_one",
    "_end_others",
    "_end_all",
    "_raise_epoch",
    "_set_claims",
    "_end_device",
    "_end_by_id",
    "set_user_id",
    "change_status",
}
"""Every statement that changes what a session read before is worth."""

QUIET = {"_seen", "_change", "_change_phone"}
PARTS = {"_end", "end"}
"""No statements: what some are made of."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wxlogin.db-changes"


def updates() -> dict[str, bool]:
    """Every UPDATE of the session and account tables, and whether it counts as a change."""
    t = tables("wxlogin_")
    found: dict[str, bool] = {}
    for module in (sessions, accounts, logins):
        for name, statement in vars(module).items():
            if getattr(statement, "__annotations__", {}).get("return") is not sa.Update:
                continue
            built = statement(t)
            if built.table.name in ("wxlogin_session", "wxlogin_account") and name not in PARTS:
                found[name] = Compiled(built, DIALECT).changes_sessions
    return found


def test_every_statement_is_known_for_what_it_changes() -> None:
    """A new one must be put into one of the two lists, by somebody who has thought about it."""
    assert updates() == {name: name in CHANGES for name in CHANGES | QUIET}


def test_a_deleted_session_is_a_changed_one() -> None:
    assert Compiled(sa.delete(tables("wxlogin_").session), DIALECT).changes_sessions


def test_nothing_is_believed_while_a_change_is_under_way(path: Path) -> None:
    writer, reader = ChangeCounts(path), ChangeCounts(path)
    before = reader.version()
    assert before is not None
    writer.begin()
    assert reader.version() is None
    writer.end()
    assert reader.version() not in (None, before)
    writer.close()
    reader.close()


def test_two_writers_do_not_end_each_others_changes(path: Path) -> None:
    one, two = ChangeCounts(path), ChangeCounts(path)
    one.begin()
    two.begin()
    one.end()
    assert one.version() is None
    two.end()
    assert one.version() is not None
    one.close()
    two.close()


KILLED = """
import os, signal, sys
from pathlib import Path
from wxlogin.stores.changes import ChangeCounts
counts = ChangeCounts(Path(sys.argv[1]))
counts.begin()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_writer_left_is_healed_by_the_next_one(path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    counts = ChangeCounts(path)
    assert counts.version() is None
    counts.heal()
    assert counts.version() is not None
    counts.close()


def test_a_writer_that_lives_is_not_healed(path: Path) -> None:
    writer, other = ChangeCounts(path), ChangeCounts(path)
    writer.begin()
    other.heal()
    assert other.version() is None
    writer.close()
    other.close()


def test_more_writers_than_counters_switch_the_belief_off(path: Path) -> None:
    crowd = [ChangeCounts(path) for _ in range(SLOTS)]
    for one in crowd:
        one.begin()
        one.end()
    assert crowd[0].version() is None
    for one in crowd:
        one.close()


def test_the_file_is_its_owners_alone(path: Path) -> None:
    ChangeCounts(path).close()
    assert os.stat(path).st_mode & 0o077 == 0
