"""The developer's own server in the demo, which can be started anew with other settings."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from wxlogin.endpoints.asgi import Receive, Scope, Send
from wxlogin.server import WxLogin


@dataclass(frozen=True, slots=True)
class Rules:
    """What the levers change of the settings."""

    registration: str = "auto"
    phone_conflict: str = "reject"
    max_sessions: int = 10


class BackEnd:
    """`wxlogin` behind one ASGI callable that stays, whatever is started behind it.

    A restart lets no request down: those under way end first, those that come wait. Sessions
    outlive it, for they are in the database. `loop` is where it runs, once started.
    """

    loop: asyncio.AbstractEventLoop

    def __init__(self, make: Callable[[Rules], WxLogin]) -> None:
        self._make = make
        self.rules = Rules()
        self.wx = make(self.rules)
        self._asgi = self.wx.asgi
        self._is_open = asyncio.Event()
        self._is_quiet = asyncio.Event()
        self._restarting = asyncio.Lock()
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while not self._is_open.is_set():
            await self._is_open.wait()  # and again: two restarts may follow on one another
        self._under_way += 1
        self._is_quiet.clear()
        try:
            await self._asgi(scope, receive, send)
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._is_quiet.set()

    async def start(self) -> None:
        self.loop = asyncio.get_running_loop()
        await self.wx.__aenter__()
        self._is_quiet.set()
        self._is_open.set()

    async def stop(self) -> None:
        self._is_open.clear()
        await self.wx.close()

    async def restart(self, rules: Rules, *, meanwhile: Callable[[], None] = lambda: None) -> None:
        """`meanwhile` is done while nothing runs."""
        async with self._restarting:
            self._is_open.clear()
            await self._is_quiet.wait()
            await self.wx.close()
            meanwhile()
            self.rules = rules
            self.wx = self._make(rules)
            self._asgi = self.wx.asgi
            await self.start()
