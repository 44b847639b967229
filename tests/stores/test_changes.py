"""The counters in shared memory: who reads them equal may believe what it read before."""

import importlib
import os
import pkgutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from wxlogin import stores
from wxlogin.stores import resealing
from wxlogin.stores.changes import SLOTS, ChangeCounts
from wxlogin.stores.schema import CHECKED, tables
from wxlogin.stores.statements import Compiled

DIALECT = SQLiteDialect_pysqlite(paramstyle="qmark")

CHANGES = {
    "accounts.change_status",
    "accounts.set_user_id",
    "applications._settle",
    "leaving.drop_account",
    "logins._end_by_id",
    "logins._end_device",
    "merging._complete",
    "pruning._drop_session",
    "sessions._end_all",
    "sessions._end_of_identity",
    "sessions._end_one",
    "sessions._end_others",
    "sessions._raise_epoch",
    "sessions._set_claims",
}
"""Every statement that changes what a session read before is worth."""

QUIET = {
    "accounts._change",
    "accounts._drop_password",
    "accounts._put_avatar",
    "credentials._clear",
    "credentials._count",
    "credentials._name",
    "credentials._set",
    "credentials._take_back",
    "leaving._stay_disabled",
    "logins._rehash",
    "merging._note_merged",
    "phones._clear",
    "phones._put",
    "pushes._clear_avatar",
    "pushes._clear_nickname",
    "pushes._clear_phone",
    "sessions._seen",
}
PARTS = {"sessions._end", "sessions.end"}
"""No statements: what some are made of."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wxlogin.db-changes"


def written() -> dict[str, bool]:
    """Every UPDATE and DELETE of what the check reads, and whether it counts as a change."""
    t = tables("wxlogin_")
    found: dict[str, bool] = {}
    for info in pkgutil.iter_modules(stores.__path__, "wxlogin.stores."):
        module = importlib.import_module(info.name)
        for name, statement in vars(module).items():
            made_of = getattr(statement, "__annotations__", {})
            is_own = getattr(statement, "__module__", "") == info.name
            if not is_own or made_of.get("return") not in (sa.Update, sa.Delete):
                continue
            if list(made_of) != ["t", "return"]:
                continue
            built, named = statement(t), f"{info.name.rpartition('.')[2]}.{name}"
            if built.table.info.get(CHECKED) and named not in PARTS:
                found[named] = Compiled(built, DIALECT).changes_sessions
    return found


def test_every_statement_is_known_for_what_it_changes() -> None:
    """A new one must be put into one of the two lists, by somebody who has thought about it."""
    assert written() == {name: name in CHANGES for name in CHANGES | QUIET}


def test_what_an_update_sets_in_order_counts_too() -> None:
    session = tables("wxlogin_").session
    ordered = sa.update(session).ordered_values((session.c.claims, sa.bindparam("new")))
    assert Compiled(ordered, DIALECT).changes_sessions


def test_key_rotation_changes_no_session() -> None:
    t = tables("wxlogin_")
    for statement in resealing._RESEAL.values():
        assert not Compiled(statement(t), DIALECT).changes_sessions


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
