"""The breaker in front of WeChat: while it does not answer, nobody waits for it.

                    half the calls of 10 s failed (20 at least), or 10 in a row
        closed  ─────────────────────────────────────────────────────────────►  open
          ▲                                                                      │ 5 s
          │  the probe was answered                      the probe failed: open  ▼ again
          └──────────────────────────────────────────────────────────────── half open

The numbers are security.md §5.2's. What an answer says is not its business: an
errcode is an answer, save -1 (`errcodes.is_fault_of_wechat`).
"""

import logging
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

from wxlogin.login.ports import NothingSent
from wxlogin.wechat.transport import NotReached, Unanswered

log = logging.getLogger("wxlogin.wechat")


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """When to stop calling, and when to try again. Times in seconds."""

    window: int = 10
    min_calls: int = 20
    failure_ratio: float = 0.5
    failures_in_a_row: int = 10
    open_for: float = 5.0


class Breaker:
    """One for each upstream host. `clock` is monotonic, in seconds."""

    def __init__(
        self,
        policy: BreakerPolicy | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._policy = policy or BreakerPolicy()
        self._clock = clock
        # Whole seconds, so that a flood of calls does not become a flood of records.
        self._seconds: deque[list[int]] = deque()
        self._in_a_row = 0
        self._opened_at: float | None = None
        self._probe: Permit | None = None

    @property
    def is_open(self) -> bool:
        """Whether calls are turned away, be it all of them or all but the probe."""
        return self._opened_at is not None

    def admit(self) -> "Permit":
        """Let a call through. Raises `NothingSent` where it must not be tried."""
        if self._opened_at is None:
            return Permit(self)
        wait = self._opened_at + self._policy.open_for - self._clock()
        if wait > 0 or self._probe is not None:
            raise NothingSent(from_breaker=True, retry_after=max(1, math.ceil(wait)))
        self._probe = Permit(self)
        return self._probe

    def _finished(self, permit: "Permit", *, failed: bool) -> None:
        if self._opened_at is None:
            self._count(failed=failed)
        elif permit is self._probe:
            self._probe = None
            if failed:
                self._opened_at = self._clock()
            else:
                self._close()
        # Else a call from before the opening ends: what it found is old news.

    def _dropped(self, permit: "Permit") -> None:
        if permit is self._probe:
            self._probe = None

    def _count(self, *, failed: bool) -> None:
        now = int(self._clock())
        if not self._seconds or self._seconds[-1][0] != now:
            self._seconds.append([now, 0, 0])
        while self._seconds[0][0] <= now - self._policy.window:
            self._seconds.popleft()
        self._seconds[-1][1] += 1
        self._seconds[-1][2] += failed
        self._in_a_row = self._in_a_row + 1 if failed else 0
        if failed and self._is_enough():
            self._opened_at = self._clock()
            log.error("the breaker opens: WeChat does not answer; logins get 503 at once")

    def _is_enough(self) -> bool:
        if self._in_a_row >= self._policy.failures_in_a_row:
            return True
        calls = sum(second[1] for second in self._seconds)
        failures = sum(second[2] for second in self._seconds)
        return calls >= self._policy.min_calls and failures >= calls * self._policy.failure_ratio

    def _close(self) -> None:
        self._opened_at = None
        self._in_a_row = 0
        self._seconds.clear()
        log.warning("the breaker closes: WeChat answers again")


class Permit:
    """One admitted call. Entered as a context, it tells the breaker how the call ended.

    A call that was cancelled says nothing about WeChat; it only gives its place back,
    so that a cancelled probe does not leave the breaker half open for ever.
    """

    def __init__(self, breaker: Breaker) -> None:
        self._breaker: Breaker | None = breaker

    def finish(self, *, failed: bool) -> None:
        """Say how the call went; only the first word counts."""
        breaker, self._breaker = self._breaker, None
        if breaker is not None:
            breaker._finished(self, failed=failed)

    def __enter__(self) -> "Permit":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if fault is None:
            self.finish(failed=False)
        elif _tells_of_wechat(fault):
            self.finish(failed=True)
        elif self._breaker is not None:
            self._breaker._dropped(self)
            self._breaker = None


def _tells_of_wechat(fault: BaseException) -> bool:
    """Whether `fault` is WeChat's: a full pool is our own burst, and would else shut us off."""
    if isinstance(fault, NotReached):
        return fault.reason != "pool"
    return isinstance(fault, (NothingSent, Unanswered))
