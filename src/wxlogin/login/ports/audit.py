"""The audit log, as a store keeps it: lines that are added, sealed into a chain, and aged out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class LoggedLine:
    """A line as it is kept, word for word: a kept line may have been tampered with, so nothing
    here is believed to be well-formed.

    `subject` is the pseudonym that stands for an account, `data` the JSON that was written.
    `position` and `link` are None until the line is sealed. `account_id` is whose pseudonym
    the subject is, where that account still is: looked up, and no part of the line.
    """

    id: int
    at: datetime
    kind: str
    actor_kind: str
    actor_id: str | None
    subject: str | None
    app_id: str | None
    reason: str | None
    data: str
    position: int | None = None
    link: bytes | None = None
    account_id: str | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the chain: a position, counted from 1, and the link of the line there."""

    position: int
    link: bytes


@dataclass(frozen=True, slots=True)
class AuditHead:
    """Where the chain ends, and after which point the lines that are still kept begin.

    `mac` is over both, under the chain's key: a tail cannot be cut, nor a beginning, by
    whoever can write the database alone.
    """

    end: Point
    base: Point
    mac: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """What to look for, all of it at once; None: whatever. `since` ≤ the line's time < `until`.

    `before` is the id of the last line of the page before this one.
    """

    kind: str | None = None
    actor_kind: str | None = None
    actor_id: str | None = None
    account_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


class AuditLines(Protocol):
    """Nothing here changes a line, but the one act that seals it."""

    async def search_audit(self, query: AuditQuery, *, limit: int) -> Sequence[LoggedLine]:
        """The lines that fit, newest first. Lines of an account that is gone are no account's."""
        ...

    async def list_audit(
        self, *, after: int, since: datetime | None, until: datetime | None, limit: int
    ) -> Sequence[LoggedLine]:
        """Lines with an id above `after`, by id."""
        ...

    async def list_audit_kinds(self) -> Sequence[str]:
        """Every kind that a line is of, in alphabetical order."""
        ...

    async def count_unsealed(self) -> int: ...

    async def list_unsealed(self, *, limit: int) -> Sequence[LoggedLine]:
        """Lines that wait to be sealed, by id."""
        ...

    async def list_sealed(self, *, after: int | None, limit: int) -> Sequence[LoggedLine]:
        """Sealed lines with a position above `after`, by position; None: from the very first."""
        ...

    async def find_audit_head(self) -> AuditHead | None: ...

    async def keep_sealed(
        self, links: Sequence[tuple[int, Point]], *, head: AuditHead, before: AuditHead | None
    ) -> bool:
        """Write each line's place (by line id) and the new head, if the head is still `before`.

        False, and nothing written, where somebody else has moved it: the chain never forks.
        """
        ...

    async def drop_sealed(self, *, head: AuditHead, before: AuditHead) -> bool:
        """Delete the lines up to `head.base` and write the head, if it is still `before`."""
        ...
