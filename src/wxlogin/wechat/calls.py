"""One call to WeChat: the breaker, the one repeat that is allowed, the reading, the count.

A call is repeated only where not one byte of it left, and then once (security.md
§5.1). After the first byte there is no repeat of anything, whatever the method says:
code2Session is a GET, and spends a code.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from random import random as random_fraction
from typing import Protocol, TypeVar

from wxlogin.login.ports import NothingSent
from wxlogin.wechat.answers import Refused, Shape, read_answer
from wxlogin.wechat.breaker import Breaker
from wxlogin.wechat.errcodes import find_errcode
from wxlogin.wechat.transport import NotReached, Transport, WeChatRequest

T = TypeVar("T")

SHORTEST_TRY = 0.1
"""Seconds that must be left for a repeat to be worth its while."""


class CallObserver(Protocol):
    """Told of every call, for the metrics."""

    def called(self, path: str, outcome: str, seconds: float) -> None:
        """`outcome`: the errcode as text, "ok", "unanswered", "nothing_sent" or "breaker_open"."""
        ...


class _Nobody:
    def called(self, path: str, outcome: str, seconds: float) -> None:
        return None


class Calls:
    """Makes the calls to one host. `random` gives fractions of one, `clock` monotonic seconds."""

    def __init__(
        self,
        transport: Transport,
        *,
        breaker: Breaker | None = None,
        observer: CallObserver | None = None,
        random: Callable[[], float] = random_fraction,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._transport = transport
        self._breaker = breaker or Breaker(clock=clock)
        self._observer = observer or _Nobody()
        self._random = random
        self._clock = clock
        self._sleep = sleep
        self._repeats = _Budget()

    async def ask(self, request: WeChatRequest, shape: Shape[T]) -> T:
        """The answer's value. Raises `NothingSent`, `Unanswered` or `Refused`."""
        ends = self._clock() + request.seconds
        self._repeats.earn()
        try:
            return await self._try(request, shape)
        except NothingSent as fault:
            if not _may_repeat(fault):
                raise
            pause = 0.05 + 0.15 * self._random()
            left = ends - self._clock() - pause
            if left < SHORTEST_TRY or not self._repeats.spend():
                raise
        await self._sleep(pause)
        return await self._try(replace(request, seconds=left), shape)

    async def _try(self, request: WeChatRequest, shape: Shape[T]) -> T:
        started = self._clock()
        outcome = "unanswered"
        try:
            with self._breaker.admit() as permit:
                response = await self._transport.send(request)
                try:
                    value = read_answer(response, shape)
                except Refused as refusal:
                    outcome = str(refusal.errcode)
                    permit.finish(failed=find_errcode(refusal.errcode).is_fault_of_wechat)
                    raise
            outcome = "ok"
            return value
        except NothingSent as fault:
            outcome = "breaker_open" if fault.from_breaker else "nothing_sent"
            raise
        finally:
            self._observer.called(request.path, outcome, self._clock() - started)


def _may_repeat(fault: NothingSent) -> bool:
    """Not past an open breaker, and not into a full pool: that would only add to the crowd."""
    if isinstance(fault, NotReached):
        return fault.reason != "pool"
    return not fault.from_breaker


class _Budget:
    """Repeats are a tenth of the calls at most: more would double a storm (security.md §5.2)."""

    def __init__(self) -> None:
        self._saved = 10.0

    def earn(self) -> None:
        self._saved = min(10.0, self._saved + 0.1)

    def spend(self) -> bool:
        if self._saved < 1:
            return False
        self._saved -= 1
        return True
