"""Threads for heavy work, few and in the background, with a bounded queue before them."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from wxlogin.login import errors

T = TypeVar("T")

NICENESS = 10
"""About a tenth of the share of the event loop's thread where both want the same core."""

RETRY_AFTER = 1
"""Seconds: a full queue of the default length is hashed in about that."""


class WorkPool:
    """`threads` work at once and `waiting` more wait; who comes then is refused at once.

    One pool serves any number of event loops. No thread starts before the first work.
    """

    def __init__(self, *, threads: int, waiting: int) -> None:
        self._places = threading.Semaphore(threads + waiting)
        self._threads = ThreadPoolExecutor(
            threads, thread_name_prefix="wxlogin-passwords", initializer=_step_back
        )

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises, in a thread of the pool.

        Raises `RateLimited` where no place is free, or the pool is closed. A caller cancelled
        while it waits gives its place back at once, and nothing is done for it; work under
        way is not stopped, and keeps its place.
        """
        if not self._places.acquire(blocking=False):
            raise errors.RateLimited(RETRY_AFTER)
        try:
            done: Future[T] = self._threads.submit(work)
        except RuntimeError:  # closed: whoever asks again may find another process
            self._places.release()
            raise errors.RateLimited(RETRY_AFTER) from None
        # Given back by the work, not by who waits: giving up and asking again must not
        # have two of them done for one place.
        done.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(done)

    def close(self) -> None:
        """Finish what is queued, and end the threads. Blocks."""
        self._threads.shutdown()


def spare_cores() -> int:
    """The cores this process may use, less the event loop's; at least one."""
    if sys.platform == "linux":
        return max(1, len(os.sched_getaffinity(0)) - 1)
    return max(1, (os.cpu_count() or 1) - 1)


def _step_back() -> None:
    """Give way to the event loop: a WeChat login must not wait for somebody's password."""
    if sys.platform == "linux":  # elsewhere a priority is the whole process's
        thread = threading.get_native_id()
        with suppress(OSError):
            now = os.getpriority(os.PRIO_PROCESS, thread)
            os.setpriority(os.PRIO_PROCESS, thread, now + NICENESS)
