"""What happens, told to the page as it does (Server-Sent Events), and again to one that reloads."""

import asyncio
import secrets
import time
from collections import deque
from typing import Any

from wxlogin.endpoints.asgi import Receive, Send
from wxlogin_demo.replies import GUARDED, begin, compact

KEPT = 200
WAITING = 1000
"""A page that is so far behind is let go; it comes back and is told what it missed."""
ALIVE_SECONDS = 15.0

Fact = dict[str, Any]


class Stream:
    """Facts in their order; the last ones are kept. For one event loop, but for `close`.

    An id names the demo and the fact, so that a page left open over a restart of the demo is
    told all of the new one. `world` is another one after each reset: what phones remember of a
    former world is worth nothing.
    """

    def __init__(self) -> None:
        self.demo = secrets.token_hex(4)
        self.world = self.demo
        self._number = 0
        self._kept: deque[Fact] = deque(maxlen=KEPT)
        self._listeners: dict[asyncio.Queue[Fact | None], asyncio.AbstractEventLoop] = {}
        self._is_closed = False

    def add(self, kind: str, **fields: Any) -> None:
        self._number += 1
        fact = {"number": self._number, "at": int(time.time() * 1000), "kind": kind, **fields}
        self._kept.append(fact)
        for queue in list(self._listeners):
            if queue.full():
                self._listeners.pop(queue)
                queue.get_nowait()
                queue.put_nowait(None)
            else:
                queue.put_nowait(fact)

    def begin_world(self) -> None:
        """Forget what was told."""
        self._kept.clear()
        self.world = f"{self.demo}-{self._number}"
        self.add("reset", world=self.world)

    def kept(self) -> list[Fact]:
        return list(self._kept)

    def close(self) -> None:
        """Let every listener go: an open line would hold up the server's end. From any thread."""
        self._is_closed = True
        for queue, loop in list(self._listeners.items()):
            loop.call_soon_threadsafe(queue.put_nowait, None)

    async def tell(self, receive: Receive, send: Send, *, after: str = "") -> None:
        """Answer with all facts after the one named, those to come included, until the line or
        the demo ends."""
        queue: asyncio.Queue[Fact | None] = asyncio.Queue(WAITING)
        self._listeners[queue] = asyncio.get_running_loop()
        missed = self._after(after)
        leaving = asyncio.create_task(_leave(receive, queue))
        headers = {**GUARDED, "content-type": "text/event-stream"}
        try:
            await begin(send, 200, headers)
            await self._send(send, {"kind": "hello", "world": self.world})
            for fact in missed:
                await self._send(send, fact)
            while not self._is_closed and (news := await _next(queue)) is not None:
                await self._send(send, news)
        finally:
            self._listeners.pop(queue, None)
            leaving.cancel()
        await send({"type": "http.response.body", "body": b""})

    def _after(self, named: str) -> list[Fact]:
        demo, _, number = named.partition("-")
        if demo != self.demo or not number.isdecimal():
            return self.kept()
        return [fact for fact in self._kept if fact["number"] > int(number)]

    async def _send(self, send: Send, fact: Fact) -> None:
        if not fact:
            line = b": alive\n\n"
        else:
            name = f"id: {self.demo}-{fact['number']}\n" if "number" in fact else ""
            line = name.encode() + b"data: " + compact(fact) + b"\n\n"
        await send({"type": "http.response.body", "body": line, "more_body": True})


async def _leave(receive: Receive, queue: "asyncio.Queue[Fact | None]") -> None:
    """A page that is gone is told nothing more: sending to it would not fail."""
    while (await receive())["type"] != "http.disconnect":
        pass
    await queue.put(None)


async def _next(queue: "asyncio.Queue[Fact | None]") -> Fact | None:
    """The next fact, an empty one where it is quiet, None at the end."""
    try:
        async with asyncio.timeout(ALIVE_SECONDS):
            return await queue.get()
    except TimeoutError:
        return {}
