"""The operator's listener: the numbers of all workers, on a port of their own."""

import json
import re
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import click

from wxlogin.metrics import Metrics, exposition

BODY_LIMIT = 64 * 1024

_LISTEN = re.compile(r"(?:(?P<host>[^\s:]*|\[[0-9A-Fa-f:.]+\]):)?(?P<port>[0-9]{1,5})")


def serve_metrics(listen: str, directory: Path) -> None:
    """GET /metrics on a listener of its own: numbers are not the public's business (D09)."""
    host, port = _address(listen)

    class Server(ThreadingHTTPServer):
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        daemon_threads = True

    try:
        server = Server((host, port), _handler(directory))
    except OSError as fault:
        raise click.ClickException(
            f"--operator-listen {host}:{port} 无法监听 cannot be listened on: {fault.strerror}"
        ) from None
    threading.Thread(target=server.serve_forever, name="wxlogin-metrics", daemon=True).start()


def collected(directory: Path) -> Metrics:
    """The numbers of all workers together, those that have ended included."""
    metrics = Metrics()
    for path in directory.glob("*.json"):
        metrics.merge(json.loads(path.read_text("utf-8")))
    return metrics


def _address(listen: str) -> tuple[str, int]:
    found = _LISTEN.fullmatch(listen.strip())
    if found is None or not 1 <= int(found["port"]) <= 65535:
        raise click.ClickException(
            "--operator-listen 写作 主机:端口，或只写端口（即 127.0.0.1），端口 1 到 65535 "
            "is HOST:PORT, or PORT alone (on 127.0.0.1), from 1 to 65535"
        )
    return (found["host"] or "127.0.0.1").strip("[]"), int(found["port"])


def _handler(directory: Path) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def __getattr__(self, name: str) -> Callable[[], None]:
            # Every method there is or will be is looked up as `do_…`.
            if name.startswith("do_"):
                return self._answer
            raise AttributeError(name)

        def _answer(self) -> None:
            self._drain()
            if self.path.partition("?")[0] != "/metrics":
                self._send(404, b"not found\n")
            elif self.command not in ("GET", "HEAD"):
                self._send(405, b"method not allowed\n", allow="GET, HEAD")
            else:
                self._send(200, exposition(collected(directory)), version="0.0.4")

        def _drain(self) -> None:
            """Take what was sent along: closed on unread bytes, a connection loses our answer."""
            length = self.headers.get("Content-Length", "")
            if length.isascii() and length.isdigit():
                self.rfile.read(min(int(length[:9]), BODY_LIMIT))

        def _send(
            self, status: int, content: bytes, *, allow: str | None = None, version: str = ""
        ) -> None:
            self.send_response(status)
            kind = f"text/plain; version={version}; " if version else "text/plain; "
            self.send_header("Content-Type", kind + "charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            if allow:
                self.send_header("Allow", allow)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            return

    return Handler
