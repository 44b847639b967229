"""Counters that no parallelism overruns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Quota:
    """At most so many takes in any window of that length, all windows at once.

    `key` may hold user input; it is kept hashed. `windows` are (limit, length) pairs.
    """

    key: str
    windows: tuple[tuple[int, timedelta], ...]

    @property
    def longest(self) -> timedelta:
        return max(length for _, length in self.windows)


class Limits(Protocol):
    """Counters that no parallelism overruns. They need not be durable."""

    async def take(self, key: str, *, limit: int, window: timedelta, now: datetime) -> timedelta:
        """Take one of `limit` per `window` for `key`; zero where granted, else how long to wait.

        The generic cell rate algorithm: up to `limit` at once, then one each `window / limit`.
        A refused take costs nothing. `key` may hold user input; it is kept hashed.
        """
        ...

    async def take_quotas(self, quotas: Sequence[Quota], *, now: datetime) -> timedelta:
        """Take one of every quota, or none at all; zero where granted, else how long to wait.

        Exact, where `take` only paces: in no window of a quota's length are there ever more
        takes than its limit; of a limit of many, one may be refused a little longer than need be.
        For what is rare and dear: SMS, wrong passwords, paid calls.
        """
        ...

    async def give_back(self, quotas: Sequence[Quota], *, taken_at: datetime) -> None:
        """Undo the take of these quotas at `taken_at`: what it stood for did not happen."""
        ...
