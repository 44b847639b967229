"""One `WxLogin` and several event loops: none takes from another what its logins stand on."""

import asyncio
import gc
import json
import threading
import weakref
from contextlib import asynccontextmanager

import pytest

from wxlogin.login import errors
from wxlogin.server import WxLogin
from wxlogin.testing.pytest_plugin import log_in

SOON = 5
"""Seconds within which what must happen has happened long ago."""


class OnePlace(dict):
    """The twin's: the parts of the latest loop only, in whichever thread it runs."""

    def __setitem__(self, thread, parts):
        self.clear()
        super().__setitem__(thread, parts)


class Gate:
    """WeChat on a port: an exchange waits until `may_go`."""

    def __init__(self):
        self.asked, self.may_go, self.url = asyncio.Event(), asyncio.Event(), ""

    async def answer(self, reader, writer):
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                self.asked.set()
                await self.may_go.wait()
                body = json.dumps({"openid": "o-ann", "session_key": "A" * 22 + "=="}).encode()
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def gated():
    gate = Gate()
    port = await asyncio.start_server(gate.answer, "127.0.0.1", 0)
    gate.url = f"http://127.0.0.1:{port.sockets[0].getsockname()[1]}"
    try:
        yield gate
    finally:
        gate.may_go.set()
        port.close()
        await port.wait_closed()


async def kick_nobody(wx):
    with pytest.raises(errors.NotFound):
        await wx.kick(user_id="nobody")


async def login_during_a_job(house_settings, clock, *, parts):
    """A login held at WeChat while a job in another thread has a loop of its own, and ends it."""
    async with gated() as gate:
        wx = WxLogin(house_settings(wechat_api_base=gate.url), clock=clock)
        wx._running = parts
        async with wx, asyncio.timeout(SOON):
            ann = await log_in(wx, user_id="7")
            login = asyncio.create_task(wx.login("0code"))
            await gate.asked.wait()
            assert await asyncio.to_thread(asyncio.run, wx.kick(user_id="7")) == 1
            with pytest.raises(errors.SessionRevoked):
                await wx.check(ann.token)
            await asyncio.to_thread(asyncio.run, kick_nobody(wx))
            gc.collect()
            for _ in range(3):
                await asyncio.sleep(0)
            gate.may_go.set()
            result = await login
            assert (await wx.check(result.token)).id == result.session.id


async def test_a_job_in_another_thread_leaves_a_login_in_flight_alone(house_settings, clock):
    """A task queue's worker beside the web server, `asyncio.run(wx.kick(...))`."""
    await login_during_a_job(house_settings, clock, parts={})


async def test_twin_with_one_place_for_all_threads_the_login_is_lost(house_settings, clock):
    with pytest.raises((errors.WeChatUnavailable, TimeoutError, asyncio.CancelledError)):
        await login_during_a_job(house_settings, clock, parts=OnePlace())


@pytest.fixture
def wx(house_settings, clock):
    """Used in loops of its own only; each ends by itself."""
    made = WxLogin(house_settings(), clock=clock)
    yield made
    asyncio.run(made.close())


@pytest.mark.parametrize("place", ["one thread", "a thread each"])
def test_what_ended_loops_had_is_forgotten(wx, place):
    loops = weakref.WeakSet()

    async def job():
        loops.add(asyncio.get_running_loop())
        await kick_nobody(wx)
        assert len(wx._running) == 1

    def run():
        asyncio.run(job())

    threads = threading.active_count()
    for number in range(20):
        if place == "one thread":
            run()
        else:
            thread = threading.Thread(target=run)
            thread.start()
            thread.join()
        assert wx._running == {}
        if number == 0:
            threads = threading.active_count()  # the store has its own, for good
    gc.collect()
    assert threading.active_count() == threads
    assert len(loops) <= 1  # the store's writer may still have its latest answer at hand
    assert len(wx._starting) <= 1


def test_two_loops_at_once_have_parts_each(wx):
    """And the second does not end with the first."""
    inside, may_end = threading.Barrier(2, timeout=SOON), threading.Event()
    flows = {}

    async def stay(name):
        flows[name] = await wx.flow()
        await asyncio.to_thread(inside.wait)
        if name == "second":
            await asyncio.to_thread(may_end.wait, SOON)
            assert await wx.flow() is flows[name]
            await kick_nobody(wx)

    threads = [threading.Thread(target=asyncio.run, args=(stay(n),)) for n in ("first", "second")]
    for thread in threads:
        thread.start()
    threads[0].join(SOON)
    may_end.set()
    threads[1].join(SOON)
    assert flows["first"] is not flows["second"]
    assert wx._running == {}


async def test_a_job_that_closes_its_own_takes_nothing_from_the_others(house_settings, clock):
    """`async with wx` in a job's thread, beside a server that goes on serving."""

    async def job():
        async with wx:
            await kick_nobody(wx)

    async with WxLogin(house_settings(), clock=clock) as wx:
        ann = await log_in(wx, user_id="7")
        await asyncio.to_thread(asyncio.run, job())
        assert (await wx.check(ann.token)).user_id == "7"
        await (await wx.flow()).ping()
        with pytest.raises(errors.CredentialsInvalid):  # compared, not refused as busy
            await wx.login_by_password("nobody", "a long enough one, and not common")
