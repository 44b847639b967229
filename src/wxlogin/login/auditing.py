"""The chain that makes the audit log tamper-evident (security.md E03): rules, and no storage.

    link of a line = HMAC-SHA256(chain key, link of the line before │ position │ the line)

Whoever can write the database but has not the key can neither change a sealed line, nor take
one out, nor swap two: the links from there on no longer follow. The head is under a MAC
together with its position, so that a cut tail is missed too. What no chain can show is a
whole database put back to an earlier state: for that, each sealing is also logged, and a
logged (position, link) is an anchor that `verify` is held to.
"""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum

from wxlogin.login.ports.audit import AuditHead, LoggedLine, Point

GENESIS = Point(0, bytes(32))
KEY_BYTES = 32


class Fault(StrEnum):
    """What is wrong with a log."""

    ALTERED = "altered"
    """A line, its place or its link is not what was sealed: changed, swapped, or written anew."""
    MISSING = "missing"
    """A line was taken out before this one."""
    ADDED = "added"
    """A line claims a place in the chain that was never given."""
    CUT = "cut"
    """The lines at the end are gone."""
    HEAD = "head"
    """The head is gone, or was changed."""
    ANCHOR = "anchor"
    """A link that was logged earlier is another one now: the log was put back or written anew."""


@dataclass(frozen=True, slots=True)
class Broken:
    """Where the chain does not hold. `line_id`: the first bad line's, which for MISSING is the
    line behind the gap, and for CUT the last one that is still there; None where there is none."""

    fault: Fault
    position: int
    line_id: int | None = None


class ChainBroken(Exception):
    """The chain does not hold, so it is not gone on with."""

    def __init__(self, broken: Broken) -> None:
        super().__init__(f"{broken.fault} at position {broken.position}, line {broken.line_id}")
        self.broken = broken


def canonical(line: LoggedLine) -> bytes:
    """The bytes a line is sealed as: every field with its length, so that no two lines share
    them by moving text from one field to the next."""
    fields = (
        str(line.id),
        line.at.astimezone(UTC).isoformat(timespec="microseconds"),
        line.kind,
        line.actor_kind,
        line.actor_id,
        line.subject,
        line.app_id,
        line.reason,
        line.data,
    )
    return b"".join(map(_part, fields))


def next_point(before: Point, line: LoggedLine, *, key: bytes) -> Point:
    """The place of `line` when it follows `before`."""
    position = before.position + 1
    text = before.link + position.to_bytes(8, "big") + canonical(line)
    return Point(position, hmac.new(key, text, hashlib.sha256).digest())


def seal(before: Point, lines: Sequence[LoggedLine], *, key: bytes) -> list[tuple[int, Point]]:
    """The place of each line, by its id, when all of them follow `before` in this order."""
    places: list[tuple[int, Point]] = []
    for line in lines:
        before = next_point(before, line, key=key)
        places.append((line.id, before))
    return places


def follow(before: Point, lines: Iterable[LoggedLine], *, key: bytes) -> Point | Broken:
    """The point that sealed lines lead to from `before`, or the first of them that does not."""
    for line in lines:
        point = next_point(before, line, key=key)
        if line.position != point.position:
            is_gap = line.position is not None and line.position > point.position
            return Broken(Fault.MISSING if is_gap else Fault.ADDED, point.position, line.id)
        if not hmac.compare_digest(point.link, line.link or b""):
            return Broken(Fault.ALTERED, point.position, line.id)
        before = point
    return before


def new_head(*, end: Point, base: Point, key: bytes) -> AuditHead:
    """A head, and the MAC that vouches for it."""
    text = b"".join(p.position.to_bytes(8, "big") + p.link for p in (end, base))
    return AuditHead(end, base, hmac.new(key, b"head" + text, hashlib.sha256).digest())


def is_genuine(head: AuditHead, *, key: bytes) -> bool:
    """Whether this head was made with the key."""
    try:
        genuine = new_head(end=head.end, base=head.base, key=key)
    except OverflowError:  # a position below nothing
        return False
    return hmac.compare_digest(genuine.mac, head.mac)


def _part(text: str | None) -> bytes:
    if text is None:
        return b"\0"
    # What was tampered with may be no Unicode; it must be found, not stumbled over.
    encoded = text.encode("utf-8", "surrogatepass")
    return b"\1" + len(encoded).to_bytes(8, "big") + encoded
