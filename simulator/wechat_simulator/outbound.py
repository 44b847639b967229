"""Calls that leave the simulator: where they may go, and WeChat's push with its re-sends."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2

from wechat_simulator.push_messages import PushCall

PUSH_TRIES = 3
PUSH_TIMEOUT_SECONDS = 5.0
BODY_SHOWN = 4096


@dataclass(frozen=True)
class Try:
    """One delivery of a push: what the server answered, or why it did not."""

    status: int | None
    body: str
    error: str | None
    seconds: float

    @property
    def is_taken(self) -> bool:
        """Whether WeChat is content: any 2xx. Everything else is sent again (contract §11.1)."""
        return self.status is not None and 200 <= self.status < 300


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine only."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def deliver_push(
    call: PushCall,
    url: str,
    *,
    timeout_seconds: float = PUSH_TIMEOUT_SECONDS,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> dict[str, Any]:
    """Sends a push up to three times; tells the last answer and each try."""
    tries: list[Try] = []
    async with local_client(transport, timeout_seconds) as client:
        while len(tries) < PUSH_TRIES:
            tries.append(await _try_push(client, call, url, timeout_seconds))
            if tries[-1].is_taken:
                break
    last = tries[-1]
    return {
        "delivered": last.is_taken,
        "status": last.status,
        "body": last.body,
        "error": last.error,
        "mode": call.mode,
        "message": call.message,
        "tries": [asdict(one) for one in tries],
    }


def local_client(
    transport: httpx2.AsyncBaseTransport | None, timeout_seconds: float
) -> httpx2.AsyncClient:
    """A client for calls between programs of one machine; `transport` reaches one in process."""
    # trust_env off: a proxy of the environment must not see calls between two local programs.
    return httpx2.AsyncClient(
        transport=transport, timeout=timeout_seconds, trust_env=False, follow_redirects=False
    )


async def _try_push(
    client: httpx2.AsyncClient, call: PushCall, url: str, timeout_seconds: float
) -> Try:
    started = time.monotonic()
    status, body, reason = None, "", None
    try:
        async with asyncio.timeout(timeout_seconds):
            answer = await client.post(
                url,
                params=call.query,
                content=call.body,
                headers={"content-type": call.content_type},
            )
        status, body = answer.status_code, answer.text[:BODY_SHOWN]
    except (httpx2.HTTPError, TimeoutError) as error:
        reason = type(error).__name__
    return Try(status, body, reason, round(time.monotonic() - started, 3))
