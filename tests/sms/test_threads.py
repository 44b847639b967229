"""Threads for blocking SDKs: few, and what did not begin in time never begins."""

import asyncio
import queue
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from wxlogin.login.sms import SmsRefused, SmsUnknown
from wxlogin.sms.threads import Outcome, Threads


@pytest.fixture
def gate() -> threading.Event:
    return threading.Event()


def blocking(gate: threading.Event, *, began: queue.Queue[str], name: str = "x") -> Outcome:
    began.put(name)
    gate.wait(10)
    return None


async def begun(began: queue.Queue[str], count: int) -> list[str]:
    """The names of the next `count` calls that begin."""
    return [await asyncio.to_thread(began.get, timeout=5) for _ in range(count)]


async def test_one_that_waits_too_long_is_refused_and_never_begins(gate: threading.Event) -> None:
    threads, began = Threads(threads=1), queue.Queue()
    first = asyncio.create_task(threads.run(lambda: blocking(gate, began=began), seconds=5))
    await begun(began, 1)
    late = await threads.run(lambda: blocking(gate, began=began, name="late"), seconds=0.05)
    assert isinstance(late, SmsRefused)
    assert late.reason == "busy"
    gate.set()
    assert await first is None
    assert await threads.run(lambda: None, seconds=5) is None
    assert began.empty()
    threads.close()


async def test_one_that_has_begun_and_does_not_end_is_unknown(gate: threading.Event) -> None:
    threads, began = Threads(threads=1), queue.Queue()
    outcome = await threads.run(lambda: blocking(gate, began=began), seconds=0.1)
    assert isinstance(outcome, SmsUnknown)
    assert outcome.reason == "deadline"
    gate.set()
    threads.close()


async def test_beyond_its_room_it_refuses_at_once_and_has_room_again(
    gate: threading.Event,
) -> None:
    threads, began = Threads(threads=2, waiting=1), queue.Queue()
    running = [
        asyncio.create_task(threads.run(lambda: blocking(gate, began=began), seconds=5))
        for _ in range(3)
    ]
    await begun(began, 2)
    assert str(await threads.run(lambda: None, seconds=5)) == "busy"
    gate.set()
    assert await asyncio.gather(*running) == [None] * 3
    for _ in range(10):
        assert await threads.run(lambda: None, seconds=5) is None
    threads.close()


async def test_whoever_stops_waiting_takes_back_what_has_not_begun(gate: threading.Event) -> None:
    threads, began = Threads(threads=1), queue.Queue()
    first = asyncio.create_task(threads.run(lambda: blocking(gate, began=began), seconds=5))
    await begun(began, 1)
    second = asyncio.create_task(
        threads.run(lambda: blocking(gate, began=began, name="second"), seconds=5)
    )
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    gate.set()
    assert await first is None
    assert await threads.run(lambda: None, seconds=5) is None
    assert began.empty()
    threads.close()


async def test_twin_a_plain_thread_pool_sends_what_nobody_waits_for_any_more(
    gate: threading.Event,
) -> None:
    """The usual way: the wait ends, the call does not, and goes out after it was given up."""
    executor, began = ThreadPoolExecutor(1), queue.Queue()
    first = executor.submit(lambda: blocking(gate, began=began))
    await begun(began, 1)
    late = executor.submit(lambda: blocking(gate, began=began, name="late"))
    await asyncio.wait({asyncio.wrap_future(late)}, timeout=0.05)
    gate.set()
    assert await begun(began, 1) == ["late"]
    await asyncio.to_thread(executor.shutdown)
    assert first.done()


async def test_once_closed_it_refuses() -> None:
    threads = Threads(threads=1, waiting=0)
    threads.close()
    for _ in range(3):
        assert str(await threads.run(lambda: None, seconds=5)) == "busy"


def test_a_call_that_outlives_its_loop_harms_nobody(
    gate: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    threads, began = Threads(threads=1), queue.Queue()
    outcome = asyncio.run(threads.run(lambda: blocking(gate, began=began), seconds=0.1))
    assert isinstance(outcome, SmsUnknown)
    gate.set()
    assert asyncio.run(threads.run(lambda: None, seconds=5)) is None
    threads.close()
    assert caplog.records == []
