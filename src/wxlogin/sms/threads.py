"""Threads for the vendors' blocking SDKs: few, silent, and waited for only so long."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from wxlogin.login.sms import SmsRefused, SmsUnknown
from wxlogin.sms import quiet

THREADS = 8
WAITING = 64
"""Messages that may wait for a thread; more are refused at once, and cost no memory."""

SECONDS = 5.0
"""For one message, all in all: a person looks at a button for no longer."""

SILENCE = 0.6
"""The part of it in which an SDK must have connected, and again have heard something. So a
thread is free soon after nobody waits for it any more."""

Outcome = SmsRefused | SmsUnknown | None
"""How a call ended; None is well. A value and not an exception, for what an SDK raises
holds the number and the code, and would come along as its context."""


class Threads:
    """Runs calls off the loop. Bound to no loop."""

    def __init__(self, *, threads: int = THREADS, waiting: int = WAITING) -> None:
        quiet.hush()
        self._executor = ThreadPoolExecutor(
            threads, thread_name_prefix="wxlogin-sms", initializer=quiet.mark_thread
        )
        self._room = threading.BoundedSemaphore(threads + waiting)

    async def run(self, call: Callable[[], Outcome], *, seconds: float) -> Outcome:
        """What `call` returns. One that has not begun within `seconds` never begins."""
        if not self._room.acquire(blocking=False):
            return SmsRefused("busy")
        try:
            future = self._executor.submit(call)
        except RuntimeError:  # closed meanwhile, or the system has no thread left
            self._room.release()
            return SmsRefused("busy")
        future.add_done_callback(lambda _: self._room.release())
        waiter = asyncio.wrap_future(future)
        try:
            await asyncio.wait({waiter}, timeout=seconds)
        finally:
            never_began = future.cancel()
            waiter.cancel()
        if never_began:
            return SmsRefused("busy")
        return future.result() if future.done() else SmsUnknown("deadline")

    def close(self) -> None:
        """Let the threads go when their calls end; the SDK's own time limits end them."""
        self._executor.shutdown(wait=False, cancel_futures=True)
