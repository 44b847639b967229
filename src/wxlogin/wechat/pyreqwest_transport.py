"""The transport on pyreqwest: the extra `[fast]`, a tenth of httpx2's CPU per call.

Its exceptions carry the whole URL in their text, the appsecret included; so not one
of them leaves this file. It writes no log unless asked to (`connection_verbose`).
"""

import asyncio
from datetime import timedelta
from typing import Any

from pyreqwest import exceptions
from pyreqwest.client import Client, ClientBuilder

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

CONNECTING = "client error (Connect)"
"""How hyper says that it had no connection yet. The class of the exception says nothing:
pyreqwest raises its `ConnectError` also for a line that was cut after the request."""


class PyreqwestTransport:
    """A keep-alive pool of HTTP/1.1 connections to one host, on pyreqwest's own thread."""

    def __init__(
        self,
        base_url: str = WECHAT,
        *,
        ca_pem: bytes | None = None,
        max_connections: int = MAX_CONNECTIONS,
    ) -> None:
        self._origin = origin_of(base_url)
        self._client = _build(ca_pem, max_connections=max_connections)

    async def send(self, request: WeChatRequest) -> WeChatResponse:
        # Raised outside of every `except`: see httpx2_transport.
        outcome = await self._outcome(request)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def close(self) -> None:
        await self._client.close()

    async def _outcome(self, request: WeChatRequest) -> WeChatResponse | NotReached | Unanswered:
        try:
            async with asyncio.timeout(request.seconds):
                return await self._exchange(request)
        except exceptions.PoolTimeoutError:
            return NotReached("pool")
        except Exception as fault:
            causes = _causes(fault)
            if CONNECTING in causes:
                return NotReached(_why_not_reached(" ".join(causes)))
            # Also a deadline that passed while connecting: it cannot be told apart here,
            # and calling an unspent code spent costs the person nothing but a new one.
            return Unanswered(_why_unanswered(fault))

    async def _exchange(self, request: WeChatRequest) -> WeChatResponse | Unanswered:
        building = self._client.request(request.method, self._origin + request.target())
        building = building.headers(request.headers()).streamed_read_buffer_limit(MAX_ANSWER)
        if request.method == "POST":
            building = building.body_bytes(request.body)
        async with building.build_streamed() as response:
            if (response.get_header("content-encoding") or "identity").lower() != "identity":
                return Unanswered("encoding")
            body = bytearray()
            while (part := await response.body_reader.read_chunk()) is not None:
                body += part
                if len(body) > MAX_ANSWER:
                    return Unanswered("too_large")
            return WeChatResponse(response.status, bytes(body))


def _build(ca_pem: bytes | None, *, max_connections: int) -> Client:
    """The client. hyper takes a request back from a dead pooled connection, and sends it on
    another one, only while it has not begun to write it; reqwest repeats nothing else here.
    """
    builder = (
        ClientBuilder()
        .no_proxy()
        .follow_redirects(False)
        .referer(False)
        .gzip(False)
        .brotli(False)
        .zstd(False)
        .deflate(False)
        .http1_only()
        .min_tls_version("TLSv1.2")
        .connect_timeout(timedelta(seconds=CONNECT_SECONDS))
        .pool_timeout(timedelta(seconds=POOL_SECONDS))
        .max_connections(max_connections)
        .pool_max_idle_per_host(MAX_IDLE_CONNECTIONS)
        .pool_idle_timeout(timedelta(seconds=IDLE_SECONDS))
        .user_agent("wxlogin")
    )
    if ca_pem is not None:
        builder = builder.add_root_certificate_pem(ca_pem)
    return builder.build()


def _causes(fault: Exception) -> list[str]:
    if not isinstance(fault, exceptions.RequestError):
        return []
    return [cause["message"] for cause in fault.details["causes"] or []]


def _why_not_reached(causes: str) -> Any:
    if "certificate" in causes or "tls" in causes.lower():
        return "tls"
    if "dns error" in causes:
        return "address"
    return "connect_timeout" if "timed out" in causes else "refused"


def _why_unanswered(fault: Exception) -> Any:
    if isinstance(fault, TimeoutError):
        return "deadline"
    if isinstance(fault, (exceptions.ReadError, exceptions.WriteError, exceptions.NetworkError)):
        return "cut"
    return "protocol"
