"""Getting the tables into a database, and knowing whether they are there.

Alembic is imported where it works and nowhere else: asking for the state of the
schema, and making it in an empty database, need SQLAlchemy alone.
"""

import io
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from wxlogin.stores.schema import PREFIX, tables

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext

REVISIONS = ("0001",)
"""Every revision, oldest first; the last one is what this version's tables are."""

LOCK_SECONDS = 30.0
MIGRATIONS = Path(__file__).parent / "migrations"

IncludeObject = Callable[[Any, str | None, str, bool, Any], bool]


class SchemaState(StrEnum):
    EMPTY = "empty"
    CURRENT = "current"
    OLDER = "older"
    NEWER = "newer"


_ADVICE = {
    SchemaState.EMPTY: "the database has no tables of wxlogin yet: run `wxlogin migrate`",
    SchemaState.OLDER: "the tables of wxlogin are of an older version: run `wxlogin migrate`",
    SchemaState.NEWER: (
        "the tables of wxlogin are of a newer version than this one, and `wxlogin migrate` does "
        "not go back: install the version that made them"
    ),
}


class SchemaMismatch(Exception):
    """The tables are not those of this version; `state` says in which direction."""

    def __init__(self, state: SchemaState) -> None:
        super().__init__(_ADVICE[state])
        self.state = state


class AlembicMissing(Exception):
    """Migrations need Alembic, which the base install leaves out."""

    def __init__(self) -> None:
        super().__init__('migrations need Alembic: pip install "wxlogin[server]"')


def schema_state(database: str | sa.Connection, *, prefix: str = PREFIX) -> SchemaState:
    """How the tables in the database (a URL or an open connection) compare to this version's."""
    if isinstance(database, str):
        with _connected(database) as connection:
            return schema_state(connection, prefix=prefix)
    version = _version_table(prefix)
    if not sa.inspect(database).has_table(version.name):
        return SchemaState.EMPTY
    found = database.execute(sa.select(version.c.version_num)).scalar_one_or_none()
    if found is None:
        return SchemaState.EMPTY
    if found == REVISIONS[-1]:
        return SchemaState.CURRENT
    return SchemaState.OLDER if found in REVISIONS else SchemaState.NEWER


def migrate(url: str, *, prefix: str = PREFIX) -> None:
    """Bring the tables to this version. Raises `AlembicMissing`, `SchemaMismatch` on newer ones.

    Several processes may call it at once: one works, the others find it done.
    """
    with _connected(url, begin="BEGIN IMMEDIATE") as connection, connection.begin():
        _upgrade(connection, prefix=prefix)


def migrate_sql(url: str, *, prefix: str = PREFIX) -> str:
    """The SQL of all migrations, for the database a URL (or a dialect's bare name) names."""
    dialect = url.partition(":")[0].partition("+")[0]
    output = io.StringIO()
    with _environment(prefix, as_sql=True) as environment:
        environment.configure(
            dialect_name=dialect,
            output_buffer=output,
            version_table=_version_table(prefix).name,
            literal_binds=True,
        )
        with environment.begin_transaction():
            environment.run_migrations()
    return output.getvalue()


def include_object(prefix: str = PREFIX, *, also: IncludeObject | None = None) -> IncludeObject:
    """For the host's Alembic `env.py`: keeps its autogenerate away from our tables.

    `context.configure(..., include_object=include_object())`; `also` is the host's own.
    """

    def include(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
        owner = name if kind == "table" else getattr(getattr(thing, "table", None), "name", None)
        if owner is not None and owner.startswith(prefix):
            return False
        return also is None or also(thing, name, kind, reflected, compare_to)

    return include


def prepare_sqlite(path: Path, *, prefix: str, allowed: bool) -> None:
    """Make the file ready for use; `allowed`: an empty database may be given its tables.

    Raises `SchemaMismatch` where the tables are not this version's: an operator decides when
    a database with people in it changes its shape.
    """
    if not allowed and not path.exists():
        raise SchemaMismatch(SchemaState.EMPTY)
    url = sqlite_url(path)
    _make_private(path)
    _use_wal(path)
    state = schema_state(url, prefix=prefix)
    if state is SchemaState.CURRENT:
        return
    if not allowed or state is not SchemaState.EMPTY:
        raise SchemaMismatch(state)
    with _connected(url, begin="BEGIN IMMEDIATE") as connection, connection.begin():
        if schema_state(connection, prefix=prefix) is SchemaState.EMPTY:  # else somebody was faster
            create(connection, prefix=prefix)


def create(connection: sa.Connection, *, prefix: str = PREFIX) -> None:
    """All tables of this version, in a database that has none of them."""
    tables(prefix).metadata.create_all(connection, checkfirst=False)
    version = _version_table(prefix)
    version.create(connection, checkfirst=False)
    connection.execute(sa.insert(version).values(version_num=REVISIONS[-1]))


def sqlite_url(path: Path) -> str:
    return sa.URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)


def _upgrade(connection: sa.Connection, *, prefix: str) -> None:
    state = schema_state(connection, prefix=prefix)
    if state is SchemaState.NEWER:
        raise SchemaMismatch(state)
    with _environment(prefix) as environment:
        environment.configure(
            connection=connection,
            version_table=_version_table(prefix).name,
            transactional_ddl=True,
        )
        environment.run_migrations()


@contextmanager
def _environment(prefix: str, *, as_sql: bool = False) -> Iterator[Any]:
    try:
        from alembic.config import Config
        from alembic.runtime.environment import EnvironmentContext
        from alembic.script import ScriptDirectory
    except ImportError:
        raise AlembicMissing from None
    config = Config()
    config.attributes["prefix"] = prefix
    script = ScriptDirectory(str(MIGRATIONS))

    def upgrade(revision: Any, context: "MigrationContext") -> Any:
        return script._upgrade_revs("head", revision)

    with EnvironmentContext(
        config, script, fn=upgrade, as_sql=as_sql, destination_rev="head"
    ) as environment:
        yield environment


@contextmanager
def _connected(url: str, *, begin: str = "BEGIN") -> Iterator[sa.Connection]:
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = _sqlite_engine(str(parsed.database), begin=begin)
    else:
        engine = sa.create_engine(parsed, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _sqlite_engine(path: str, *, begin: str) -> sa.Engine:
    """Transactions that begin when we say so: the driver's own begin comes too late for DDL."""
    engine = sa.create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level=None),
        poolclass=NullPool,
    )

    @sa.event.listens_for(engine, "begin")
    def _(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _make_private(path: Path) -> None:
    """A new file is its owner's alone; SQLite gives its companions the same mode."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _use_wal(path: Path) -> None:
    """Readers beside the writer. Switching takes a lock that SQLite itself does not wait for."""
    give_up_at = time.monotonic() + LOCK_SECONDS
    connection = sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level=None)
    try:
        while True:
            try:
                connection.execute("PRAGMA journal_mode=WAL")
                return
            except sqlite3.OperationalError as fault:
                if fault.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                if time.monotonic() >= give_up_at:
                    raise
            time.sleep(0.01)
    finally:
        connection.close()


def _version_table(prefix: str) -> sa.Table:
    """Alembic's own table, under our prefix: the host may have one as well."""
    return sa.Table(
        f"{prefix}alembic_version",
        sa.MetaData(),
        sa.Column("version_num", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("version_num", name=f"{prefix}alembic_version_pkc"),
    )
