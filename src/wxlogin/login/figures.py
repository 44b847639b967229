"""The console's first page: how many, how often, since when.

Logins are counted from their records. Of live sessions and of WeChat's refusals nothing is
kept that could be counted later, so the serving processes take samples: one of them counts
the sessions, each of them adds the refusals it met.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from wxlogin.login.accounts import AccountStatus
from wxlogin.login.core import Core
from wxlogin.login.ports import Sample
from wxlogin.login.registration import ApplicationStatus

SAMPLE_EVERY = timedelta(minutes=5)
LIVE_SESSIONS = "live_sessions"
ERRCODE = "errcode:"

BEIJING = timedelta(hours=8)
"""A day of the plots begins at midnight there, where the people of a mini program are."""


class Range(StrEnum):
    """How far back the plots go."""

    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"


STEPS: Mapping[Range, tuple[timedelta, int]] = {
    Range.DAY: (timedelta(hours=1), 24),
    Range.WEEK: (timedelta(hours=6), 28),
    Range.MONTH: (timedelta(days=1), 30),
}
"""The length of a step, and how many there are; the last one is under way."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number for the step that begins `at`."""

    at: datetime
    value: int


@dataclass(frozen=True, slots=True)
class Failure:
    """An errcode that WeChat answered with; `meaning` is for people."""

    errcode: int
    meaning: str
    series: tuple[Figure, ...]

    @property
    def count(self) -> int:
        return sum(figure.value for figure in self.series)


@dataclass(frozen=True, slots=True)
class Totals:
    accounts: Mapping[AccountStatus, int]
    live_sessions: int
    applications_pending: int


@dataclass(frozen=True, slots=True)
class Page:
    now: datetime
    step: timedelta
    totals: Totals
    logins: tuple[Figure, ...]
    new_accounts: tuple[Figure, ...]
    live_sessions: tuple[Figure, ...]
    failures: tuple[Failure, ...]


class Figures:
    """`meaning_of` says what an errcode means."""

    def __init__(self, core: Core, *, meaning_of: Callable[[int], str]) -> None:
        self._core = core
        self._meaning_of = meaning_of

    async def look(self, wanted: Range) -> Page:
        """The page for this range."""
        core, now = self._core, self._core.now()
        step, count = STEPS[wanted]
        edges = edges_of(now, step=step, count=count)
        totals = await self._totals(now)
        logins = await core.store.count_logins(edges)
        samples = await core.store.list_samples(LIVE_SESSIONS, since=edges[0])
        refused = await core.store.list_samples(ERRCODE, since=edges[0])
        starts = edges[:-1]
        return Page(
            now=now,
            step=step,
            totals=totals,
            logins=_figures(starts, [one for one, _ in logins]),
            new_accounts=_figures(starts, [new for _, new in logins]),
            live_sessions=_latest(starts, samples, now_live=totals.live_sessions),
            failures=self._failures(starts, refused),
        )

    async def take_sample(self) -> None:
        """Count the live sessions, if nobody has in these five minutes."""
        now = self._core.now()
        at = slot_of(now)
        if not await self._core.store.has_sample(LIVE_SESSIONS, at):
            live = await self._count_live(now)
            await self._core.store.set_sample(Sample(LIVE_SESSIONS, at, live))

    async def add_failures(self, counts: Mapping[int, int]) -> None:
        """Add what one process met since the last time, by errcode."""
        at = slot_of(self._core.now())
        met = [Sample(f"{ERRCODE}{errcode}", at, count) for errcode, count in counts.items()]
        if met:
            await self._core.store.add_samples(met)

    async def _totals(self, now: datetime) -> Totals:
        store = self._core.store
        return Totals(
            accounts=await store.count_accounts(),
            live_sessions=await self._count_live(now),
            applications_pending=await store.count_applications(ApplicationStatus.PENDING),
        )

    async def _count_live(self, now: datetime) -> int:
        return await self._core.store.count_live_sessions(
            now=now, idle_before=self._core.idle_before(now)
        )

    def _failures(
        self, starts: Sequence[datetime], samples: Sequence[Sample]
    ) -> tuple[Failure, ...]:
        by_code: dict[int, list[int]] = {}
        for sample in samples:
            errcode = int(sample.name.removeprefix(ERRCODE))
            values = by_code.setdefault(errcode, [0] * len(starts))
            values[_place(starts, sample.at)] += sample.value
        failures = [
            Failure(errcode, self._meaning_of(errcode), _figures(starts, values))
            for errcode, values in by_code.items()
        ]
        return tuple(sorted(failures, key=lambda failure: (-failure.count, failure.errcode)))


def edges_of(now: datetime, *, step: timedelta, count: int) -> list[datetime]:
    """Where `count` steps begin, and where the last of them, which `now` is in, ends."""
    last = _floor(now + BEIJING, step) - BEIJING
    return [last - step * back for back in range(count - 1, -2, -1)]


def slot_of(now: datetime) -> datetime:
    """The beginning of the five minutes that `now` is in."""
    return _floor(now, SAMPLE_EVERY)


def _floor(moment: datetime, step: timedelta) -> datetime:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return moment - (moment - epoch) % step


def _place(starts: Sequence[datetime], at: datetime) -> int:
    """Which step it falls into; what is ahead of our clock falls into the last."""
    return min(len(starts) - 1, (at - starts[0]) // (starts[1] - starts[0]))


def _figures(starts: Sequence[datetime], values: Sequence[int]) -> tuple[Figure, ...]:
    return tuple(Figure(at, value) for at, value in zip(starts, values, strict=True))


def _latest(
    starts: Sequence[datetime], samples: Sequence[Sample], *, now_live: int
) -> tuple[Figure, ...]:
    """The last sample of each step, and now; a step without one is left out: unknown is not 0."""
    found = {_place(starts, sample.at): sample.value for sample in samples}
    found[len(starts) - 1] = now_live
    return tuple(Figure(starts[place], found[place]) for place in sorted(found))
