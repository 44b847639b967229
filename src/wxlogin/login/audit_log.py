"""The audit log at work: lines are sealed, looked for, verified, carried out, and aged out."""

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from wxlogin.login.auditing import (
    GENESIS,
    Broken,
    ChainBroken,
    Fault,
    follow,
    is_genuine,
    new_head,
    seal,
)
from wxlogin.login.errors import RateLimited
from wxlogin.login.ports.audit import AuditHead, AuditLines, AuditQuery, LoggedLine, Point

BATCH = 500
"""Lines sealed, dropped or read at once: some 10 ms of a database's writer."""

VERIFYING_RETRY = 10
"""Seconds after which to ask again, where somebody else's verification is under way."""

MINIMUM_TTL = timedelta(days=180)
"""Network logs are kept six months at least (Cybersecurity Law, art. 23 (3))."""

log = logging.getLogger("wxlogin.audit")


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """How the log was found. The counts are of the lines looked at: up to the first bad one.

    `end` is the last good point: an anchor for the next time.
    """

    sealed: int
    unsealed: int
    first_at: datetime | None
    last_at: datetime | None
    end: Point
    broken: Broken | None = None

    @property
    def is_ok(self) -> bool:
        return self.broken is None


@dataclass(slots=True)
class _Walk:
    """A verification on its way."""

    point: Point
    sealed: int = 0
    last_id: int | None = None
    first_at: datetime | None = None
    last_at: datetime | None = None


class AnchorTooOld(ValueError):
    """The lines up to the anchor have been aged out: nothing is left to hold it to."""


class AuditLog:
    """One a process. `key` is the chain's, the same in all of them."""

    def __init__(self, store: AuditLines, *, key: bytes) -> None:
        self._store = store
        self._key = key
        self._is_trouble_told = False
        self._is_verifying = False

    # Looking

    async def search(self, query: AuditQuery, *, limit: int = 50) -> Sequence[LoggedLine]:
        """The lines that fit, newest first; the next page begins `before` the last one's id."""
        return await self._store.search_audit(query, limit=limit)

    async def kinds(self) -> Sequence[str]:
        """Every kind that a line is of."""
        return await self._store.list_audit_kinds()

    async def lines(
        self, *, since: datetime | None = None, until: datetime | None = None
    ) -> AsyncIterator[LoggedLine]:
        """All lines of a time, oldest first, read a page at a time."""
        after = 0
        while True:
            page = await self._store.list_audit(after=after, since=since, until=until, limit=BATCH)
            if not page:
                return
            for line in page:
                yield line
            after = page[-1].id

    # Keeping

    async def keep(self, *, retired_before: datetime) -> None:
        """Housekeeping: seal what waits, age out what is older. A chain that does not hold is
        left as it is, and the log says so once."""
        try:
            await self.seal()
            await self.retire(before=retired_before)
        except ChainBroken as fault:
            if not self._is_trouble_told:
                log.error("audit chain broken: %s; run `wxlogin audit verify`", fault)  # noqa: TRY400
            self._is_trouble_told = True
        else:
            self._is_trouble_told = False

    async def seal(self) -> int:
        """Seal every line that waits; how many. Of several sealers at once each line is one's.

        Raises `ChainBroken` where the head is not ours: going on from it would vouch for it.
        """
        sealed = 0
        while True:
            before = await self._trusted_head()
            lines = await self._store.list_unsealed(limit=BATCH)
            if not lines:
                return sealed
            await self._refuse_squatters(before)
            places = seal(before.end if before else GENESIS, lines, key=self._key)
            end = places[-1][1]
            head = new_head(end=end, base=before.base if before else GENESIS, key=self._key)
            if not await self._store.keep_sealed(places, head=head, before=before):
                return sealed  # another process seals: what is left is its work
            # Shipped with the logs, it is out of reach of whoever puts the database back.
            log.info("audit sealed position=%d link=%s", end.position, end.link.hex())
            sealed += len(places)

    async def retire(self, *, before: datetime) -> int:
        """Age out the oldest lines, those from before then; how many went.

        Raises `ChainBroken` where one of them does not follow: a line made to look old would
        else be lost without a trace.
        """
        gone = 0
        while (head := await self._trusted_head()) is not None:
            oldest = await self._store.list_sealed(after=None, limit=1)
            if not oldest or oldest[0].at >= before:
                break
            page = await self._store.list_sealed(after=None, limit=BATCH)
            old = list(takewhile(lambda line: line.at < before, page))
            base = follow(head.base, old, key=self._key)
            if isinstance(base, Broken):
                raise ChainBroken(base)
            shorter = new_head(end=head.end, base=base, key=self._key)
            if not await self._store.drop_sealed(head=shorter, before=head):
                break
            gone += len(old)
        return gone

    # Verifying

    async def verify(
        self, *, anchor: Point | None = None, progress: Callable[[int, int], None] | None = None
    ) -> AuditVerdict:
        """Whether the log is what was sealed, and holds the `anchor`, a point logged earlier.

        `progress` is told (lines done, lines there are). Lines that are not sealed yet are
        counted, no more can be said of them. One at a time, for it reads the whole log: raises
        `RateLimited` meanwhile, and `AnchorTooOld`.
        """
        if self._is_verifying:
            raise RateLimited(VERIFYING_RETRY)
        self._is_verifying = True
        try:
            return await self._verify(anchor, progress)
        finally:
            self._is_verifying = False

    async def _verify(
        self, anchor: Point | None, progress: Callable[[int, int], None] | None
    ) -> AuditVerdict:
        while True:
            head = await self._store.find_audit_head()
            walk = _Walk(head.base if head else GENESIS)
            broken = await self._walk(head, walk, anchor=anchor, progress=progress)
            if broken is None or not await self._was_shortened(head):
                break  # else lines were aged out under our eyes
        unsealed = await self._store.count_unsealed()
        return AuditVerdict(walk.sealed, unsealed, walk.first_at, walk.last_at, walk.point, broken)

    async def _walk(
        self,
        head: AuditHead | None,
        walk: _Walk,
        *,
        anchor: Point | None,
        progress: Callable[[int, int], None] | None,
    ) -> Broken | None:
        if head is not None and not is_genuine(head, key=self._key):
            return Broken(Fault.HEAD, 0)
        if anchor is not None and anchor.position < walk.point.position:
            raise AnchorTooOld
        if anchor == walk.point:
            anchor = None
        after: int | None = None
        while True:
            page = await self._store.list_sealed(after=after, limit=BATCH)
            if not page:
                head = await self._store.find_audit_head()
                # Sealed since the last page, or gone: what a page read after the head says.
                page = await self._store.list_sealed(after=after, limit=BATCH)
            if not page:
                return self._end(head, walk, anchor=anchor)
            for line in page:
                point = follow(walk.point, [line], key=self._key)
                if isinstance(point, Broken):
                    return point
                if anchor is not None and anchor.position == point.position:
                    if anchor.link != point.link:
                        return Broken(Fault.ANCHOR, point.position, line.id)
                    anchor = None
                walk.point = point
                walk.sealed += 1
                walk.last_id = line.id
                walk.first_at = walk.first_at or line.at
                walk.last_at = line.at
            after = walk.point.position
            if progress is not None:
                progress(walk.sealed, _length(head, walk))

    def _end(self, head: AuditHead | None, walk: _Walk, *, anchor: Point | None) -> Broken | None:
        """What the end of the lines says of the head, and of an anchor not met by then."""
        last = walk.point
        if head is None:
            if last != GENESIS:
                return Broken(Fault.HEAD, last.position, walk.last_id)
        elif not is_genuine(head, key=self._key):
            return Broken(Fault.HEAD, last.position, walk.last_id)
        elif head.end.position > last.position:
            return Broken(Fault.CUT, last.position + 1, walk.last_id)
        elif head.end != last:
            return Broken(Fault.ADDED, last.position, walk.last_id)
        if anchor is not None:
            return Broken(Fault.ANCHOR, anchor.position)
        return None

    async def _refuse_squatters(self, head: AuditHead | None) -> None:
        """A line in a place yet to be given would stop all sealing, and not say why."""
        end = head.end if head else GENESIS
        beyond = await self._store.list_sealed(after=end.position, limit=1)
        if beyond and await self._store.find_audit_head() == head:
            raise ChainBroken(Broken(Fault.ADDED, end.position + 1, beyond[0].id))

    async def _was_shortened(self, head: AuditHead | None) -> bool:
        now = await self._store.find_audit_head()
        if head is None or now is None or not is_genuine(now, key=self._key):
            return False
        return now.base.position > head.base.position

    async def _trusted_head(self) -> AuditHead | None:
        """The head to go on from; None at the very beginning. Raises `ChainBroken`."""
        head = await self._store.find_audit_head()
        if head is None and (sealed := await self._store.list_sealed(after=None, limit=1)):
            head = await self._store.find_audit_head()  # somebody may have begun just now
            if head is None:
                raise ChainBroken(Broken(Fault.HEAD, 0, sealed[0].id))
        if head is not None and not is_genuine(head, key=self._key):
            raise ChainBroken(Broken(Fault.HEAD, head.end.position))
        return head


def _length(head: AuditHead | None, walk: _Walk) -> int:
    return max(walk.sealed, head.end.position - head.base.position if head else 0)
