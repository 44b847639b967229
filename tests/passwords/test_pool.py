"""The pool: bounded, in the background, and nothing is done for who has given up."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import pytest

from wxlogin.login import errors
from wxlogin.passwords.pool import NICENESS, WorkPool, spare_cores

T = TypeVar("T")


class Gate:
    """Work that a test lets through: each piece says it began, and waits for the gate."""

    def __init__(self) -> None:
        self.done: list[int] = []
        self.begun = threading.Semaphore(0)
        self._open = threading.Event()

    def open(self) -> None:
        self._open.set()

    def work(self, number: int) -> Callable[[], int]:
        def piece() -> int:
            self.begun.release()
            assert self._open.wait(10)
            self.done.append(number)
            return number

        return piece

    async def wait_begun(self) -> None:
        assert await asyncio.to_thread(self.begun.acquire, timeout=10)


async def _refused_of_64(pool: WorkPool) -> int:
    """How many of 64 at once are refused before a single piece is done."""
    gate = Gate()
    asked = [asyncio.ensure_future(pool.run(gate.work(n))) for n in range(64)]
    try:
        await asyncio.sleep(0)
        await gate.wait_begun()
        assert gate.done == []
        refused = [task for task in asked if task.done()]
        for task in refused:
            fault = task.exception()
            assert isinstance(fault, errors.RateLimited)
            assert fault.retry_after >= 1
    finally:
        gate.open()
        answers = await asyncio.gather(*asked, return_exceptions=True)
        pool.close()
    assert sum(isinstance(answer, int) for answer in answers) == 64 - len(refused)
    return len(refused)


async def test_of_64_at_once_those_beyond_the_queue_are_refused_at_once() -> None:
    assert await _refused_of_64(WorkPool(threads=1, waiting=8)) == 64 - 9
    assert await _refused_of_64(WorkPool(threads=3, waiting=0)) == 64 - 3


async def test_twin_without_a_bound_none_is() -> None:
    assert await _refused_of_64(WorkPool(threads=1, waiting=10_000)) == 0


async def test_a_place_is_free_again_after_work_and_after_a_fault() -> None:
    pool = WorkPool(threads=1, waiting=0)

    def fail() -> None:
        raise ZeroDivisionError

    for _ in range(20):
        assert await pool.run(lambda: 7) == 7
        with pytest.raises(ZeroDivisionError):
            await pool.run(fail)
    pool.close()


async def _done_for_nobody(pool: WorkPool) -> list[int]:
    """What is done of 20 pieces whose callers give up while they wait."""
    gate = Gate()
    first = asyncio.ensure_future(pool.run(gate.work(-1)))
    await gate.wait_begun()
    waiting = [asyncio.ensure_future(pool.run(gate.work(n))) for n in range(20)]
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    gate.open()
    await first
    pool.close()
    gate.done.remove(-1)
    return gate.done


async def test_nothing_is_done_for_a_caller_that_gave_up_while_it_waited() -> None:
    assert await _done_for_nobody(WorkPool(threads=1, waiting=20)) == []


class Unforgetting(WorkPool):
    """The defence removed: what was asked for is done, whoever still waits."""

    async def run(self, work: Callable[[], T]) -> T:
        return await asyncio.shield(super().run(work))


async def test_twin_that_forgets_nobody_does_it_all() -> None:
    assert len(await _done_for_nobody(Unforgetting(threads=1, waiting=20))) == 20


async def test_giving_up_while_waiting_gives_the_place_back_at_once() -> None:
    pool, gate = WorkPool(threads=1, waiting=1), Gate()
    first = asyncio.ensure_future(pool.run(gate.work(1)))
    await gate.wait_begun()
    for n in range(2, 30):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(pool.run(gate.work(n)), 0.001)
    gate.open()
    assert await first == 1
    pool.close()
    assert gate.done == [1]


async def test_giving_up_on_work_under_way_keeps_its_place_until_it_is_done() -> None:
    """Else asking and hanging up at once would have more done than there are places."""
    pool, gate = WorkPool(threads=1, waiting=0), Gate()
    first = asyncio.ensure_future(pool.run(gate.work(1)))
    await gate.wait_begun()
    first.cancel()
    with suppress(asyncio.CancelledError):
        await first
    with pytest.raises(errors.RateLimited):
        await pool.run(gate.work(2))
    gate.open()
    pool.close()
    assert gate.done == [1]


def test_one_pool_serves_many_loops() -> None:
    pool, answers = WorkPool(threads=2, waiting=100), list[list[int]]()

    async def ask(start: int) -> list[int]:
        return await asyncio.gather(
            *(pool.run(lambda n=n: n) for n in range(start, start + 20))  # type: ignore[misc]
        )

    loops = [
        threading.Thread(target=lambda n=n: answers.append(asyncio.run(ask(n))))
        for n in range(0, 80, 20)
    ]
    for loop in loops:
        loop.start()
    for loop in loops:
        loop.join()
    pool.close()
    assert sorted(number for own in answers for number in own) == list(range(80))


def test_a_loop_that_ended_early_harms_no_other() -> None:
    pool, gate = WorkPool(threads=1, waiting=10), Gate()

    async def leave() -> None:
        task = asyncio.ensure_future(pool.run(gate.work(1)))
        await gate.wait_begun()
        task.cancel()

    asyncio.run(leave())
    gate.open()
    assert asyncio.run(pool.run(lambda: 2)) == 2
    pool.close()


async def test_closing_finishes_what_is_queued_and_refuses_what_comes() -> None:
    pool, gate = WorkPool(threads=1, waiting=5), Gate()
    asked = [asyncio.ensure_future(pool.run(gate.work(n))) for n in range(4)]
    await gate.wait_begun()
    closing = asyncio.ensure_future(asyncio.to_thread(pool.close))
    gate.open()
    await closing
    assert await asyncio.gather(*asked) == [0, 1, 2, 3]
    for _ in range(10):
        with pytest.raises(errors.RateLimited):
            await pool.run(gate.work(9))
    pool.close()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a priority is the whole process's")
async def test_its_threads_give_way_to_the_event_loop() -> None:
    pool = WorkPool(threads=1, waiting=0)
    loops = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    pools = await pool.run(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
    pool.close()
    assert pools == min(loops + NICENESS, 19)
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == loops


def test_a_core_is_left_to_the_event_loop_where_there_are_two() -> None:
    assert 1 <= spare_cores() <= max(1, (os.cpu_count() or 1) - 1)
