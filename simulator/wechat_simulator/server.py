"""Serves an ASGI application on a port, in a thread of its own, and can really cut a line."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
import threading
from collections.abc import Callable
from typing import Any, Literal

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from wechat_simulator.app import CUT

KEEP_ALIVE_SECONDS = 75
"""Longer than clients keep a connection: an idle one must not close just as a request is sent."""


_LINGER_ZERO = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class CuttingProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with a way for the application to cut the line without a byte."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        # The line of jscode2session carries the appsecret: no access log, and no wrapper that
        # prints the scope at TRACE. Config would do the former to the whole process's logger.
        self.access_log = False
        self.app = self.config.app

    def on_message_begin(self) -> None:
        """Hands the application the cut."""
        super().on_message_begin()
        self.scope["extensions"] = {CUT: {"end": self.transport.abort, "reset": self._reset}}

    def _reset(self) -> None:
        # Closing with a linger of zero seconds makes the kernel send RST instead of FIN.
        line = self.transport.get_extra_info("socket")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        self.transport.abort()


class Listener:
    """One port and the thread that serves it."""

    def __init__(
        self,
        app: Any,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        ws: type[asyncio.Protocol] | Literal["none"] = "none",
    ) -> None:
        self._config = uvicorn.Config(
            app,
            interface="asgi3",
            http=CuttingProtocol,
            ws=ws,
            lifespan="off",
            log_config=None,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
        self._socket = socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=2048
        )
        self._host = host
        self._started = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="wechat-simulator", daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        shown = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{shown}:{self._socket.getsockname()[1]}"

    def start(self) -> None:
        """Listens; returns once calls are answered."""
        self._thread.start()
        self._started.wait()

    def stop(self) -> None:
        """Closes the port and every connection; running requests get a moment to end."""
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                runner.run(self._serve())
        finally:
            self._started.set()

    async def _serve(self) -> None:
        self._config.load()
        state = ServerState()
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: CuttingProtocol(config=self._config, server_state=state, app_state={}),
            sock=self._socket,
        )
        self._loop, self._stop = loop, asyncio.Event()
        self._started.set()
        await self._stop.wait()
        server.close()
        await _end(state)


async def _end(state: ServerState, grace_seconds: float = 0.3) -> None:
    for connection in list(state.connections):
        connection.shutdown()
    await _settle(state, grace_seconds)
    # What streams for ever ends by itself once it hears that nobody is there any more.
    for connection in list(state.connections):
        connection.transport.abort()
    await _settle(state, grace_seconds)
    for task in list(state.tasks):
        task.cancel()
    # One turn of the loop, so that closed connections are gone before the loop is.
    await asyncio.sleep(0)


async def _settle(state: ServerState, seconds: float) -> None:
    if state.tasks:
        await asyncio.wait(state.tasks, timeout=seconds)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop
