"""The transport on httpx2 keeps the promise; and what is its own."""

import asyncio
import gc
import socket
import sys
from typing import Any

import httpx2
import pytest

from wxlogin.testing.wechat import (
    Conversation,
    TransportConformance,
    exchange,
    loopback,
)
from wxlogin.wechat import httpx2_transport
from wxlogin.wechat.httpx2_transport import Httpx2Transport
from wxlogin.wechat.opening import make_transport
from wxlogin.wechat.transport import (
    MAX_CONNECTIONS,
    MAX_IDLE_CONNECTIONS,
    NotReached,
    OpenTransport,
    Unanswered,
    WeChatRequest,
    WeChatResponse,
    origin_of,
)


class TestHttpx2Transport(TransportConformance):
    def make(
        self,
        base_url: str,
        *,
        ca_pem: bytes | None = None,
        max_connections: int = MAX_CONNECTIONS,
    ) -> OpenTransport:
        return Httpx2Transport(base_url, ca_pem=ca_pem, max_connections=max_connections)


async def _once(line: Conversation) -> None:
    await line.hear()
    line.reset()


class Repeating:
    """How many a client is written: what failed is sent again."""

    def __init__(self, base_url: str) -> None:
        self._inner = Httpx2Transport(base_url)

    async def send(self, request: WeChatRequest) -> WeChatResponse:
        try:
            return await self._inner.send(request)
        except Unanswered:
            return await self._inner.send(request)

    async def close(self) -> None:
        await self._inner.close()


class _RepeatingConformance(TransportConformance):
    def make(self, base_url: str, **options: Any) -> OpenTransport:
        return Repeating(base_url)


async def test_twin_a_transport_that_repeats_fails_the_conformance() -> None:
    twin = _RepeatingConformance()
    with pytest.raises(AssertionError):
        await twin.test_a_line_cut_after_the_request_is_unanswered_and_not_repeated()


async def test_twin_without_its_check_httpx2_gives_an_answer_to_the_wrong_person(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(httpx2_transport, "_has_surplus", lambda response: False)
    with pytest.raises(AssertionError):
        await TestHttpx2Transport().test_an_answer_nobody_asked_for_is_given_to_nobody()


async def test_where_the_check_is_impossible_every_line_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A later httpx2 may name its parts otherwise: then slow and right."""

    async def script(line: Conversation) -> None:
        while await line.hear():
            await line.answer()

    original = httpx2.AsyncHTTPTransport.handle_async_request

    async def renamed(self: Any, request: httpx2.Request) -> httpx2.Response:
        response = await original(self, request)
        inner: Any = response.stream
        parts: Any = inner._httpcore_stream

        class Stream(httpx2.AsyncByteStream):
            async def __aiter__(self) -> Any:
                async for part in parts:
                    yield part

            async def aclose(self) -> None:
                await parts.aclose()

        response.stream = Stream()
        return response

    monkeypatch.setattr(httpx2.AsyncHTTPTransport, "handle_async_request", renamed)
    async with loopback(script) as server:
        transport = Httpx2Transport(server.url)
        for _ in range(3):
            assert (await transport.send(exchange())).status == 200
        await transport.close()
    assert server.connections == 3


async def test_httpx2_repeats_nothing_and_its_pool_is_bounded() -> None:
    transport = Httpx2Transport("http://127.0.0.1:1")
    pool: Any = transport._transport._pool
    assert pool._retries == 0
    assert pool._max_connections == MAX_CONNECTIONS
    assert pool._max_keepalive_connections == MAX_IDLE_CONNECTIONS
    assert pool._keepalive_expiry == 15.0
    assert pool._proxy is None
    assert not pool._http2
    assert pool._ssl_context.check_hostname
    await transport.close()


async def test_a_name_that_is_not_found_has_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def not_found(*args: Any, **kwargs: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", not_found)
    transport = Httpx2Transport("https://api.example")
    with pytest.raises(NotReached) as raised:
        await transport.send(exchange())
    assert raised.value.reason == "address"
    await transport.close()


async def test_a_deadline_before_the_first_byte_has_sent_nothing() -> None:
    """The other side takes the connection and never ends the handshake."""

    async def script(line: Conversation) -> None:
        await asyncio.sleep(10)

    async with loopback(script) as server:
        transport = Httpx2Transport(server.url.replace("http:", "https:"))
        with pytest.raises(NotReached) as raised:
            await transport.send(exchange(seconds=0.2))
        assert raised.value.reason == "connect_timeout"
        # A cancelled caller leaves no socket behind either: a warning would fail the test.
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await transport.send(exchange())
        gc.collect()
        await transport.close()
    assert server.requests == []


async def test_the_reason_is_told_for_the_log() -> None:
    async with loopback(_once) as server:
        transport = Httpx2Transport(server.url)
        with pytest.raises(Unanswered) as raised:
            await transport.send(exchange())
        await transport.close()
    assert raised.value.reason == "cut"


async def test_without_pyreqwest_fast_is_httpx2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wxlogin.wechat.pyreqwest_transport", None)
    for fast in (False, True):
        transport = make_transport(fast=fast)
        assert type(transport) is Httpx2Transport
        await transport.close()


@pytest.mark.parametrize(
    "url",
    [
        "api.weixin.qq.com",
        "ftp://api.weixin.qq.com",
        "https://",
        "https://u:p@api.weixin.qq.com",
        "https://api.weixin.qq.com/sns",
        "https://api.weixin.qq.com?a=b",
        "https://api.weixin.qq.com#a",
    ],
)
def test_the_base_is_a_host_and_nothing_more(url: str) -> None:
    with pytest.raises(ValueError, match="host"):
        origin_of(url)


def test_the_base_may_end_in_a_slash() -> None:
    assert origin_of("https://api.weixin.qq.com/") == "https://api.weixin.qq.com"


async def test_where_httpx2_no_longer_tells_nothing_is_called_unsent_that_was_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A later httpx2 may rename its trace events: the exception's class stands beside them."""

    async def deaf(self: Any, event: str, info: dict[str, Any]) -> None:
        return None

    monkeypatch.setattr(httpx2_transport._Departure, "trace", deaf)
    async with loopback(_once) as server:
        transport = Httpx2Transport(server.url)
        with pytest.raises(Unanswered):
            await transport.send(exchange())
        await transport.close()
