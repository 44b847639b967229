import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from wxlogin.stores.sealing import Key, KeyRing
from wxlogin.stores.sql import SqlStore
from wxlogin.stores.sqlite import SqliteDatabase


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def keyring() -> KeyRing:
    return KeyRing([Key("k1", os.urandom(32))])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wxlogin.db"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[SqliteDatabase]:
    database = SqliteDatabase(path)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def store(database: SqliteDatabase, keyring: KeyRing) -> SqlStore:
    return SqlStore(database, keyring)
