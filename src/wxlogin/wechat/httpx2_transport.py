"""The transport on httpx2: the default.

It stands on httpx2's own transport, one floor below its client: there are no
redirects, no cookies, no environment, no decompression and no request log there.
"""

import asyncio
import socket
import ssl
from typing import Any

import httpx2

from wxlogin.wechat import quiet
from wxlogin.wechat.transport import (
    CONNECT_SECONDS,
    IDLE_SECONDS,
    MAX_ANSWER,
    MAX_CONNECTIONS,
    MAX_IDLE_CONNECTIONS,
    POOL_SECONDS,
    WECHAT,
    NotReached,
    Unanswered,
    WeChatRequest,
    WeChatResponse,
    origin_of,
)

BEFORE_SENDING = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


class Httpx2Transport:
    """A keep-alive pool of HTTP/1.1 connections to one host, for one event loop."""

    def __init__(
        self,
        base_url: str = WECHAT,
        *,
        ca_pem: bytes | None = None,
        max_connections: int = MAX_CONNECTIONS,
    ) -> None:
        self._origin = origin_of(base_url)
        quiet.hush()
        self._transport = httpx2.AsyncHTTPTransport(
            verify=_trust(ca_pem),
            trust_env=False,
            http2=False,
            # Even a repeated connect is the client's to decide: it knows the deadline.
            retries=0,
            limits=httpx2.Limits(
                max_connections=max_connections,
                max_keepalive_connections=MAX_IDLE_CONNECTIONS,
                keepalive_expiry=IDLE_SECONDS,
            ),
        )

    async def send(self, request: WeChatRequest) -> WeChatResponse:
        # Raised here, outside of every `except`: so the library's exception, which may
        # hold the URL, is neither the cause nor the context of ours.
        outcome = await self._outcome(request)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def close(self) -> None:
        await self._transport.aclose()

    async def _outcome(self, request: WeChatRequest) -> WeChatResponse | NotReached | Unanswered:
        left = _Departure()
        try:
            with quiet.our_call():
                async with asyncio.timeout(request.seconds):
                    return await self._exchange(request, left)
        except BEFORE_SENDING as fault:
            # Believed only together: a later httpx2 may tell the one or raise the other anew.
            if not left.began:
                return NotReached(_why_not_reached(fault))
            return Unanswered("cut")
        except Exception as fault:
            return Unanswered(_why_unanswered(fault))

    async def _exchange(
        self, request: WeChatRequest, left: "_Departure"
    ) -> WeChatResponse | Unanswered:
        response = await self._transport.handle_async_request(
            httpx2.Request(
                request.method,
                self._origin + request.target(),
                headers=request.headers(),
                content=request.body if request.method == "POST" else None,
                extensions={
                    # TCP and TLS take "connect" each. Together below the deadline, so
                    # that what is late says itself that nothing was sent.
                    "timeout": {
                        "connect": min(CONNECT_SECONDS, request.seconds / 3),
                        "pool": min(POOL_SECONDS, request.seconds / 6),
                    },
                    "trace": left.trace,
                },
            )
        )
        try:
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                return Unanswered("encoding")
            body = bytearray()
            stream = response.stream
            assert isinstance(stream, httpx2.AsyncByteStream)
            async for part in stream:
                body += part
                if len(body) > MAX_ANSWER:
                    return Unanswered("too_large")
            if _has_surplus(response):
                await response.extensions["network_stream"].aclose()
        finally:
            # A body that was not read to its end closes the connection with it.
            await response.aclose()
        return WeChatResponse(response.status_code, bytes(body))


class _Departure:
    """Whether the first byte of a request may have left.

    httpcore2 tells its trace hook before it writes the request line; until then it only
    waits for, makes and secures a connection. What fails later is unknown, also on a
    pooled connection that the peer has closed: a broken write may have been read in part.
    """

    def __init__(self) -> None:
        self.began = False
        self._unsecured: Any = None

    async def trace(self, event: str, info: dict[str, Any]) -> None:
        if event == "http11.send_request_headers.started":
            self.began = True
        elif event == "connection.connect_tcp.complete":
            self._unsecured = info["return_value"]
        elif event == "connection.start_tls.failed":
            # Cancelled in the handshake, httpcore2 leaves the socket to the garbage collector.
            await self._unsecured.aclose()


def _has_surplus(response: httpx2.Response) -> bool:
    """Whether more came over the line than this answer, be it the line's end.

    httpcore2 keeps what it has read too much, and gives it to the next request on that
    line as its answer: one person would be logged in as another. It has no public name
    for it; if the private one is gone, every line is closed after one answer, which is
    slow and right. What TLS has not opened yet is asked of TLS itself.
    """
    try:
        held: Any = response.stream
        trailing, _ = held._httpcore_stream._stream._connection._h11_state.trailing_data
    except AttributeError:
        return True
    line = response.extensions["network_stream"].get_extra_info("ssl_object")
    if trailing or line is None:
        return bool(trailing)
    try:
        line.read(1)
    except ssl.SSLWantReadError:
        return False
    except ssl.SSLError:
        return True
    return True  # a byte, or b"": the peer has closed, and the next code would be lost on it


def _why_not_reached(fault: Exception) -> Any:
    if isinstance(fault, httpx2.PoolTimeout):
        return "pool"
    if isinstance(fault, httpx2.ConnectTimeout):
        return "connect_timeout"
    while cause := fault.__cause__ or fault.__context__:
        if not isinstance(cause, Exception):
            break
        fault = cause
        if isinstance(fault, ssl.SSLError):
            return "tls"
        if isinstance(fault, socket.gaierror):
            return "address"
    return "refused"


def _why_unanswered(fault: Exception) -> Any:
    if isinstance(fault, (TimeoutError, httpx2.TimeoutException)):
        return "deadline"
    if isinstance(fault, httpx2.ProtocolError):
        return "protocol"
    return "cut"


def _trust(ca_pem: bytes | None) -> ssl.SSLContext:
    if ca_pem is None:
        context = httpx2.create_ssl_context(trust_env=False)
    else:
        context = ssl.create_default_context(cadata=ca_pem.decode("ascii"))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
