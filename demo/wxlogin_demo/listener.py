"""The server's port, and the thread that serves it."""

import socket
import sys
import threading
import time
from typing import Self

import uvicorn

from wxlogin.endpoints.asgi import App

HOST = "127.0.0.1"
DRAIN_SECONDS = 1
"""A stop waits this long for a request in flight: nobody is hurt by the end of a demo."""


class ServerEnded(Exception):
    """The server ended before it listened; what stopped it stands in the log."""


def take_port(port: int) -> socket.socket:
    """A listening socket on this machine alone; 0 means any free port. OSError when taken."""
    line = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":
            # On Windows this very option would let two programs share the port.
            line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        line.bind((HOST, port))
        line.listen(128)
    except OSError:
        line.close()
        raise
    return line


def url_of(line: socket.socket) -> str:
    return f"http://{HOST}:{line.getsockname()[1]}"


class Listener:
    """uvicorn in a thread of its own, as `wxlogin serve` configures it."""

    def __init__(self, app: App, line: socket.socket) -> None:
        config = uvicorn.Config(
            app,
            lifespan="on",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [line]}, name="wxlogin-demo", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise ServerEnded
            time.sleep(0.01)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._server.should_exit = True
        self._thread.join()
