"""The column types, each saying how it lies in SQLite, PostgreSQL and MySQL."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

MYSQL = ("mysql", "mariadb")


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware time, kept in UTC to the microsecond.

    MySQL drops microseconds without `fsp=6`. SQLite has no such type: fixed-width
    ISO text sorts as time does, and `datetime.fromisoformat` reads it in 60 ns, where
    a count of microseconds takes 460 (exactly) or 210 (rounded through a float). A
    session check reads three or four of them.
    """

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name in MYSQL:
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.String(32))
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        if dialect.name == "sqlite":
            return _to_text
        return _to_naive if dialect.name in MYSQL else _to_utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        if dialect.name == "sqlite":
            return _from_text
        return _from_naive if dialect.name in MYSQL else _to_utc


def key(length: int = 64) -> sa.String:
    """Text of ASCII that two callers must spell alike: openids, unionids, ids.

    MySQL's default collation takes `OABC` for `oAbC` and opens one person's
    account to another.
    """
    return sa.String(length).with_variant(sa.String(length, collation="ascii_bin"), *MYSQL)


def name(length: int = 191) -> sa.String:
    """Text of any script that is compared exactly: the host's user ids, devices' ids."""
    return sa.String(length).with_variant(sa.String(length, collation="utf8mb4_bin"), *MYSQL)


def digest() -> sa.LargeBinary:
    """32 bytes of a hash; MySQL cannot index a blob, and can index these."""
    return sa.LargeBinary(32).with_variant(mysql.VARBINARY(32), *MYSQL)


def sealed() -> sa.LargeBinary:
    """A ciphertext of `sealing.py`."""
    return sa.LargeBinary().with_variant(mysql.VARBINARY(4096), *MYSQL)


def picture() -> sa.LargeBinary:
    """Some hundred KiB of a picture; MySQL's BLOB ends at 64."""
    return sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), *MYSQL)


def where_there_is(column: str) -> dict[str, Any]:
    """Of an index: rows that have nothing in `column` are not in it (MySQL has no such thing)."""
    condition = sa.text(f"{column} IS NOT NULL")
    return {"sqlite_where": condition, "postgresql_where": condition}


def counter() -> sa.types.TypeEngine[int]:
    """A number that the database counts up; SQLite counts up an INTEGER alone."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _to_utc(value: datetime | None) -> datetime | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("a time without its zone cannot be kept")
    return value.astimezone(UTC)


def _to_naive(value: datetime | None) -> datetime | None:
    utc = _to_utc(value)
    return None if utc is None else utc.replace(tzinfo=None)


def _from_naive(value: datetime | None) -> datetime | None:
    return None if value is None else value.replace(tzinfo=UTC)


def _to_text(value: datetime | None) -> str | None:
    utc = _to_utc(value)
    return None if utc is None else utc.isoformat(timespec="microseconds")


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
