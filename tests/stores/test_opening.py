"""From a URL to a store."""

import sqlite3
from pathlib import Path

import pytest

from wxlogin.stores.opening import UnsupportedDatabase, open_store
from wxlogin.stores.sealing import KeyRing
from wxlogin.testing.stores.samples import log_in


async def test_a_relative_path_is_of_the_working_directory(
    tmp_path: Path, keyring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = open_store("sqlite:///here.db", keyring=keyring)
    await store.open()
    await store.close()
    assert (tmp_path / "here.db").exists()


@pytest.mark.parametrize("scheme", ["sqlite", "sqlite+pysqlite", "sqlite+aiosqlite"])
async def test_a_hosts_url_opens_the_hosts_file(path: Path, keyring: KeyRing, scheme: str) -> None:
    store = open_store(f"{scheme}:///{path}", keyring=keyring, prefix="login_")
    await store.open()
    await log_in(store)
    await store.close()
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM login_session").fetchone() == (1,)
    connection.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
async def test_private_stores_know_nothing_of_each_other(url: str, keyring: KeyRing) -> None:
    first, second = (open_store(url, keyring=keyring) for _ in range(2))
    await first.open()
    await second.open()
    session = await log_in(first)
    assert await first.find_session(session.id) == session
    assert await second.find_session(session.id) is None
    await first.close()
    await second.close()


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("postgresql://user:hunter2@host/db", "PostgreSQL"),
        ("postgresql+asyncpg://user:hunter2@host/db", "PostgreSQL"),
        ("mysql+aiomysql://user:hunter2@host/db", "MySQL"),
        ("mariadb://user:hunter2@host/db", "MySQL"),
    ],
)
def test_databases_of_later_versions_are_named_as_such(url: str, name: str) -> None:
    with pytest.raises(UnsupportedDatabase, match=f"{name} comes with a later version") as refusal:
        open_store(url)
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize(
    "url", ["", "nonsense", "memory://", "oracle://user:hunter2@host/db", "sqlite:///a.db?mode=ro"]
)
def test_other_urls_are_refused_without_their_text(url: str, keyring: KeyRing) -> None:
    with pytest.raises(UnsupportedDatabase) as refusal:
        open_store(url, keyring=keyring)
    assert "hunter2" not in str(refusal.value)


async def test_without_keys_one_for_development_is_kept_in_the_database(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"sqlite:///{tmp_path}/dev.db"
    first, second = open_store(url), open_store(url)
    await first.open()
    await second.open()
    assert "a key for development" in caplog.text
    kept = await first.secret_key("pepper", b"a" * 32)
    assert await second.secret_key("pepper", b"b" * 32) == kept == b"a" * 32
    await first.close()
    await second.close()
