"""Getting the tables there, and being a good guest among a host's own."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from wxlogin.stores import migrate as migrating
from wxlogin.stores.migrate import (
    MIGRATIONS,
    REVISIONS,
    AlembicMissing,
    SchemaMismatch,
    SchemaState,
    create,
    include_object,
    migrate,
    migrate_sql,
    schema_state,
)
from wxlogin.stores.schema import tables
from wxlogin.stores.sealing import KeyRing
from wxlogin.stores.sql import SqlStore
from wxlogin.stores.sqlite import SqliteDatabase
from wxlogin.testing.stores.samples import log_in


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


def schema_of(path: Path) -> list[tuple[str, ...]]:
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
    connection.close()
    return sorted(found, key=str)


def set_version(path: Path, version: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute("UPDATE wxlogin_alembic_version SET version_num = ?", (version,))
    connection.commit()
    connection.close()


@pytest.mark.parametrize("prefix", ["wxlogin_", "login_"])
def test_the_migrations_make_exactly_the_tables_of_the_schema(tmp_path: Path, prefix: str) -> None:
    migrated, created = tmp_path / "migrated.db", tmp_path / "created.db"
    migrate(url_of(migrated), prefix=prefix)
    engine = sa.create_engine(url_of(created))
    with engine.begin() as connection:
        create(connection, prefix=prefix)
    engine.dispose()
    assert schema_of(migrated) == schema_of(created)
    engine = sa.create_engine(url_of(migrated))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": f"{prefix}alembic_version", "compare_type": True}
        )
        assert compare_metadata(context, tables(prefix).metadata) == []
    engine.dispose()


def test_the_known_revisions_are_those_of_the_scripts() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS))
    assert [each.revision for each in scripts.walk_revisions()][::-1] == list(REVISIONS)


def test_a_second_migration_does_nothing(path: Path) -> None:
    migrate(url_of(path))
    before = schema_of(path)
    migrate(url_of(path))
    assert schema_of(path) == before
    assert schema_state(url_of(path)) is SchemaState.CURRENT


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql", "mysql", "mysql+aiomysql://host/db"])
def test_the_sql_of_a_migration_can_be_read_before_it_is_run(dialect: str) -> None:
    sql = migrate_sql(dialect, prefix="login_")
    for table in tables("login_").metadata.tables:
        assert f"CREATE TABLE {table} " in sql
    assert "INSERT INTO login_alembic_version" in sql


def test_mysql_tells_openids_of_different_case_apart() -> None:
    sql = migrate_sql("mysql")
    assert "openid VARCHAR(64) COLLATE ascii_bin NOT NULL" in sql
    assert "created_at DATETIME(6) NOT NULL" in sql


def test_the_printed_sql_of_sqlite_makes_the_same_tables(tmp_path: Path) -> None:
    by_hand, migrated = tmp_path / "hand.db", tmp_path / "migrated.db"
    connection = sqlite3.connect(by_hand)
    connection.executescript(migrate_sql("sqlite"))
    connection.close()
    migrate(url_of(migrated))
    assert {row[:3] for row in schema_of(by_hand)} == {row[:3] for row in schema_of(migrated)}
    assert schema_state(url_of(by_hand)) is SchemaState.CURRENT


def test_the_state_of_a_schema_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert schema_state(url_of(path)) is SchemaState.EMPTY
    migrate(url_of(path))
    monkeypatch.setattr(migrating, "REVISIONS", (*REVISIONS, "9999"))
    assert schema_state(url_of(path)) is SchemaState.OLDER
    set_version(path, "from-the-future")
    assert schema_state(url_of(path)) is SchemaState.NEWER


async def test_without_leave_no_table_is_made(path: Path, keyring: KeyRing) -> None:
    store = SqlStore(SqliteDatabase(path, auto_migrate=False), keyring)
    with pytest.raises(SchemaMismatch, match="wxlogin migrate"):
        await store.open()
    assert path.name not in os.listdir(path.parent)
    sqlite3.connect(path).close()
    with pytest.raises(SchemaMismatch, match="wxlogin migrate"):
        await store.open()
    assert schema_of(path) == []
    migrate(url_of(path))
    await store.open()
    await log_in(store)
    await store.close()


async def test_a_newer_schema_is_left_alone(path: Path, keyring: KeyRing) -> None:
    migrate(url_of(path))
    set_version(path, "from-the-future")
    with pytest.raises(SchemaMismatch, match="wxlogin migrate") as mismatch:
        await SqlStore(SqliteDatabase(path), keyring).open()
    assert mismatch.value.state is SchemaState.NEWER
    with pytest.raises(SchemaMismatch):
        migrate(url_of(path))


async def test_an_older_schema_is_refused_without_leave(
    path: Path, keyring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(url_of(path))
    monkeypatch.setattr(migrating, "REVISIONS", (*REVISIONS, "9999"))
    with pytest.raises(SchemaMismatch, match="wxlogin migrate") as mismatch:
        await SqlStore(SqliteDatabase(path, auto_migrate=False), keyring).open()
    assert mismatch.value.state is SchemaState.OLDER


def test_processes_that_migrate_one_empty_file_at_once_do_not_collide(path: Path) -> None:
    code = "import sys; from wxlogin.stores.migrate import migrate; migrate(sys.argv[1])"
    workers = [
        subprocess.Popen([sys.executable, "-c", code, url_of(path)], stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    for worker in workers:
        _, err = worker.communicate(timeout=60)
        assert worker.returncode == 0, err.decode()
    assert schema_state(url_of(path)) is SchemaState.CURRENT


def test_a_missing_alembic_is_told_with_what_to_install(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "alembic.config", None)
    with pytest.raises(AlembicMissing, match=r"wxlogin\[server\]"):
        migrate(url_of(path))


def test_opening_a_store_needs_no_alembic(path: Path) -> None:
    code = (
        "import asyncio, sys; from wxlogin.stores.opening import open_store;"
        "from wxlogin.stores.sealing import Key, KeyRing;"
        "store = open_store(sys.argv[1], keyring=KeyRing([Key('k', b'k' * 32)]));"
        "asyncio.run(store.open()); assert 'alembic' not in sys.modules; asyncio.run(store.close())"
    )
    subprocess.run([sys.executable, "-c", code, url_of(path)], check=True, timeout=60)


async def test_a_hosts_autogenerate_keeps_away_from_our_tables(
    path: Path, keyring: KeyRing
) -> None:
    engine = sa.create_engine(url_of(path))
    host = sa.MetaData()
    sa.Table("users", host, sa.Column("id", sa.Integer, primary_key=True))
    host.create_all(engine)
    store = SqlStore(SqliteDatabase(path), keyring)
    await store.open()
    await store.close()
    with engine.connect() as connection:
        opts = {"include_object": include_object()}
        guarded = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(guarded, host) == []
        assert compare_metadata(MigrationContext.configure(connection), host) != []
    engine.dispose()


def test_the_hosts_own_filter_is_asked_too() -> None:
    include = include_object(also=lambda thing, name, kind, reflected, to: name != "hidden")
    assert not include(None, "hidden", "table", True, None)
    assert not include(None, "wxlogin_session", "table", True, None)
    assert include(None, "users", "table", True, None)
