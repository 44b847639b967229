"""Looks into the server's SQLite file from outside, as an operator or a thief would."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Identity:
    """A row of `wxlogin_identity`: whose openid it is, and the session_key as it lies there."""

    account_id: str
    unionid: str | None
    sealed_key: bytes


class Database:
    """The file at `path` and those SQLite keeps beside it (the write-ahead log)."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def count_accounts(self) -> int:
        return int(self._read("SELECT count(*) FROM wxlogin_account")[0][0])

    def find_identity(self, openid: str) -> Identity | None:
        rows = self._read(
            "SELECT account_id, unionid, session_key FROM wxlogin_identity WHERE openid = ?", openid
        )
        return Identity(*rows[0]) if rows else None

    def files(self) -> list[Path]:
        return sorted(self.path.parent.iterdir())

    def size(self) -> int:
        """Bytes of all files together."""
        return sum(len(content) for content in self._contents())

    def holds(self, *values: bytes) -> bool:
        """Whether one of the values stands in any of the files, byte for byte."""
        return any(value in content for content in self._contents() for value in values)

    def _contents(self) -> Iterator[bytes]:
        return (path.read_bytes() for path in self.files())

    def _read(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"{self.path.as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(statement, values).fetchall()
