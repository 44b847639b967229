"""One list of exchanges against every door; and that the doors agree byte by byte."""

import asyncio
import hashlib
import itertools
import threading
from contextlib import asynccontextmanager

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount

from wxlogin import fastapi, server
from wxlogin.testing.endpoints import EXCHANGES, Answer, Exchange, Scene

DOORS = ("asgi", "mounted", "fastapi", "fastapi prefix", "port")
VOLATILE = {"date", "server", "connection", "transfer-encoding"}


def counted_random():
    """Bytes that look random and are the same in every run."""
    numbers = itertools.count()
    return lambda size: hashlib.shake_256(str(next(numbers)).encode()).digest(size)


@asynccontextmanager
async def door(name, settings, clock):
    """`send` of that door on a database of its own."""
    kind = fastapi.WxLogin if name.startswith("fastapi") else server.WxLogin
    wx = kind(settings, clock=clock, random=counted_random())
    prefix, app = "", wx.asgi
    if name == "mounted":
        prefix = "/api/wx"
        app = Starlette(routes=[Mount(prefix, app=app)], lifespan=wx.lifespan)
    elif name == "fastapi":
        app = FastAPI(lifespan=wx.lifespan)
        app.include_router(wx.router)
    elif name == "fastapi prefix":
        prefix = "/host/api"
        app = FastAPI(lifespan=wx.lifespan)
        app.include_router(wx.router, prefix=prefix)
    if name == "port":
        with served(app) as url:
            async with httpx2.AsyncClient(base_url=url, trust_env=False, verify=False) as http:
                yield sender(http, prefix)
        return
    transport = httpx2.ASGITransport(app=app, client=("127.0.0.1", 1))
    async with wx, httpx2.AsyncClient(transport=transport, base_url="http://wx") as http:
        yield sender(http, prefix)


def sender(http, prefix):
    async def send(method, path, *, headers, content):
        request = http.build_request(method, prefix + path, content=content or None)
        request.headers = httpx2.Headers(
            {
                "host": "wx",
                **({"content-length": str(len(content))} if content else {}),
                **{name: value.encode() for name, value in headers.items()},
            }
        )
        answer = await http.send(request)
        told = tuple((name.lower(), value) for name, value in answer.headers.multi_items())
        return Answer(answer.status_code, told, answer.content)

    return send


class served:
    """A real uvicorn, on a port of its own, in a thread of this process."""

    def __init__(self, app):
        config = uvicorn.Config(
            app, port=0, log_config=None, access_log=False, lifespan="on", ws="none"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)

    def __enter__(self):
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive()
            threading.Event().wait(0.005)
        return f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"

    def __exit__(self, *exc):
        self._server.should_exit = True
        self._thread.join()


def is_for(exchange, name):
    return not (exchange.is_hosts and name.startswith("fastapi"))


@pytest.mark.parametrize("name", DOORS)
async def test_every_exchange_of_the_list_holds(name, house_settings, wechat, clock):
    """Each on the same door, one after the other, as in life; all failures are told."""
    broken = []
    async with door(name, house_settings(), clock) as send:
        for number, exchange in enumerate(EXCHANGES):
            if not is_for(exchange, name):
                continue
            # People of its own, so that no exchange stands in another's way.
            scene = Scene(
                send,
                code=lambda user, number=number: wechat.login(f"{user}-{number}"),
                advance=clock.advance,
            )
            try:
                await scene.play(exchange)
            except AssertionError as fault:
                broken.append(str(fault).splitlines()[0][:200])
    assert not broken, "\n".join(broken)


async def test_all_doors_answer_the_same_bytes(house_settings, wechat, clock, tmp_path):
    """Same clock, same randomness, same requests: bodies and headers agree to the letter."""
    told = {}
    start = clock.now
    for name in DOORS:
        clock.now = start
        wechat.reset()
        settings = house_settings(database_url=f"sqlite:///{tmp_path}/{name.replace(' ', '')}.db")
        async with door(name, settings, clock) as send:
            for number, exchange in enumerate(EXCHANGES):
                if exchange.is_hosts or exchange.promise.startswith("request id: "):
                    continue
                scene = Scene(
                    pinned(send),
                    code=lambda user, number=number: wechat.login(f"{user}-{number}"),
                    advance=clock.advance,
                )
                try:
                    answer = await scene.play(exchange)
                except AssertionError:
                    continue  # told by the test above
                headers = {item for item in answer.headers if item[0] not in VOLATILE}
                told.setdefault(exchange.promise, {})[name] = (
                    answer.status,
                    tuple(sorted(headers)),
                    answer.content,
                )
    assert len(told) > 90
    for promise, answers in told.items():
        first = answers["asgi"]
        for name, answer in answers.items():
            assert answer == first, f"{promise}: {name}"


def pinned(send):
    async def send_pinned(method, path, *, headers, content):
        return await send(
            method, path, headers={"x-request-id": "pinned", **headers}, content=content
        )

    return send_pinned


async def test_the_list_finds_a_door_that_lies(house_settings, wechat, clock):
    """The twin: a door that drops one header, and one that answers 200 for everything."""
    found = []
    async with door("asgi", house_settings(), clock) as send:

        async def without_challenge(method, path, **how):
            answer = await send(method, path, **how)
            kept = tuple(item for item in answer.headers if item[0] != "www-authenticate")
            return Answer(answer.status, kept, answer.content)

        async def always_fine(method, path, **how):
            answer = await send(method, path, **how)
            return Answer(200, answer.headers, answer.content)

        for lying in (without_challenge, always_fine):
            scene = Scene(lying, code=wechat.login, advance=clock.advance)
            missing = next(
                e for e in EXCHANGES if e.promise == "session: nothing is session_missing"
            )
            try:
                await scene.play(missing)
            except AssertionError as fault:
                found.append(fault)
    assert len(found) == 2


def test_no_two_exchanges_promise_the_same():
    promises = [exchange.promise for exchange in EXCHANGES]
    assert len(promises) == len(set(promises))
    assert all(isinstance(exchange, Exchange) for exchange in EXCHANGES)


async def test_a_request_sent_in_pieces_is_one_request(house_settings, wechat, clock):
    """Chunked, and without a length: the limit counts what comes, not what is announced."""
    async with door("port", house_settings(), clock) as send:
        del send

    wx = server.WxLogin(house_settings(), clock=clock)
    with served(wx.asgi) as url:
        host, _, port = url.removeprefix("http://").partition(":")

        async def say(*parts):
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(
                b"POST /v1/login HTTP/1.1\r\nHost: wx\r\nConnection: close\r\n"
                b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            )
            for part in parts:
                writer.write(b"%x\r\n%s\r\n" % (len(part), part))
                try:
                    await writer.drain()
                except ConnectionError:
                    break
            writer.write(b"0\r\n\r\n")
            async with asyncio.timeout(10):
                raw = await reader.readuntil(b"\r\n")
            writer.close()
            return int(raw.split(b" ", 2)[1])

        code = wechat.login("ann").encode()
        assert await say(b'{"code":', b'"' + code + b'"}') == 200
        assert await say(b'{"code":"', b"x" * 40_000, b"x" * 40_000, b'"}') == 413
