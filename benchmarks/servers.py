"""Servers to measure: each a process of its own, started the same way, stopped by us."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    pid: int
    port: int

    def cpu_seconds(self) -> float:
        """CPU time of the process so far, user and system; Linux's /proc knows it."""
        with open(f"/proc/{self.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(factory: str, environ: Mapping[str, str]) -> Iterator[Server]:
    """uvicorn with the application `factory` makes, as `wxlogin serve` runs it."""
    port = _free_port()
    command = [
        *(sys.executable, "-m", "uvicorn", "--factory", factory),
        *("--host", "127.0.0.1", "--port", str(port)),
        *("--no-access-log", "--no-server-header", "--no-proxy-headers"),
        *("--log-level", "warning", "--ws", "none"),
    ]
    process = subprocess.Popen(command, env={**os.environ, **environ})
    try:
        _wait(port, process)
        yield Server(process.pid, port)
    finally:
        process.terminate()
        process.wait(15)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=0.2).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the server did not start")
