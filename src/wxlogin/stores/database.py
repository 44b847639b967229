"""What the SQL store asks of a database: units of work, run whole or not at all.

A unit is a plain function of a transaction. It is written without `async`, so that
SQLite can run it in its writer's thread, and a driver for PostgreSQL or MySQL behind
greenlets: the very same function.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from wxlogin.login.ports import Verdict
from wxlogin.stores.statements import Row, Statement

T = TypeVar("T")


class UniqueBroken(Exception):
    """A unique constraint refused a row; nothing of the unit was kept."""


class Outraced(Exception):
    """Another transaction won in between; the unit must be run anew, and will see it."""


class Undone(Exception):
    """The unit may not be; raised, so that nothing of it is kept. `verdict` says why."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict)
        self.verdict = verdict


class Transaction(Protocol):
    """One transaction, for as long as a unit runs. The parameters' names are the statement's."""

    def row(self, statement: Statement, /, **params: Any) -> Row | None: ...

    def rows(self, statement: Statement, /, **params: Any) -> list[Row]: ...

    def run(self, statement: Statement, /, **params: Any) -> int:
        """How many rows it touched. Raises `UniqueBroken`."""
        ...

    def run_many(self, statement: Statement, params: Sequence[Mapping[str, Any]], /) -> None: ...


Unit = Callable[[Transaction], T]


class Database(Protocol):
    """A way to one database. Whatever goes wrong in it is `StoreUnavailable`."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def write(self, unit: Unit[T], *, durable: bool = True) -> T:
        """What `unit` returned, once it is committed; what it raised, with nothing kept.

        Not `durable`: a power cut may lose it, a killed process may not.
        """
        ...

    async def read(self, unit: Unit[T], *, long: bool = False) -> T:
        """What `unit` found in one consistent view; `long`: it may read many rows."""
        ...

    async def scrub(self) -> None:
        """Leave of what was deleted as little on the disk as can be done now, beside a copy of
        it that somebody reads at this moment. Never raises."""
        ...

    def version(self) -> bytes | None:
        """See `Sessions.session_version`."""
        ...

    async def row(self, statement: Statement, /, **params: Any) -> Row | None:
        """One row by its key, with every commit of every process in sight."""
        ...
