import os
import sqlite3
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from wxlogin.login import errors
from wxlogin.login.ports import Store
from wxlogin.stores.opening import open_store
from wxlogin.stores.sealing import Key, KeyRing
from wxlogin.stores.sql import SqlStore
from wxlogin.stores.sqlite import SqliteDatabase
from wxlogin.testing.stores import StoreConformance
from wxlogin.testing.stores.samples import log_in, revoked


class TestSqliteStore(StoreConformance):
    def make_store(self, tmp_path: Path) -> Store:
        keyring = KeyRing([Key("k1", os.urandom(32))])
        return open_store(f"sqlite:///{tmp_path}/wxlogin.db", keyring=keyring)


class FailsOnce(sqlite3.Connection):
    """A reader whose first COMMIT does not go through."""

    has_failed = False

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        if sql == "COMMIT" and not FailsOnce.has_failed and self.in_transaction:
            reads_only = super().execute("PRAGMA query_only").fetchone()[0]
            if reads_only:
                FailsOnce.has_failed = True
                raise sqlite3.OperationalError("disk I/O error")
        return super().execute(sql, *parameters)


async def test_a_reader_that_a_fault_left_behind_does_not_answer_for_ever(tmp_path: Path) -> None:
    """Inside its old snapshot an ended session would read as alive."""
    FailsOnce.has_failed = False
    database = SqliteDatabase(
        tmp_path / "w.db", connect=partial(sqlite3.connect, factory=FailsOnce)
    )
    store = SqlStore(database, KeyRing([Key("k1", b"k" * 32)]))
    await store.open()
    session = await log_in(store, "o-1")
    with pytest.raises(errors.StoreUnavailable):
        await store.find_account(account_id=session.account_id)
    assert FailsOnce.has_failed
    assert await store.find_account(account_id=session.account_id) is not None
    await store.end_sessions(session.account_id, ending=revoked())
    found = await store.find_session(session.id)
    assert found is not None
    assert found.ending is not None
    await store.close()
