"""WeChat on the real clock, and the nursery that forks servers for a test."""

import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from wechat_simulator import Simulator

KEYS = "k1:" + base64.b64encode(bytes(range(32))).decode()


class Nursery:
    """The launcher in `nursery.py`, a child of this process; its servers are its children."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("nursery.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.alive: set[int] = set()

    def tell(self, **command: Any) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def end(self, pid: int, number: int = signal.SIGKILL) -> int:
        """Send the signal and reap; the exit code, negative for a signal."""
        self.tell(do="kill", pid=pid, signal=int(number))
        return self.wait(pid)

    def wait(self, pid: int) -> int:
        self.alive.discard(pid)
        status: int = self.tell(do="wait", pid=pid)["status"]
        return status

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


class Server:
    """One forked server, and a way to talk to it."""

    def __init__(self, nursery: Nursery, told: dict[str, int]) -> None:
        self._nursery = nursery
        self.pid = told["pid"]
        self.url = f"http://127.0.0.1:{told['port']}"

    def post(self, path: str, **how: Any) -> httpx2.Response:
        with httpx2.Client(base_url=self.url, trust_env=False, verify=False, timeout=15) as client:
            return client.post(path, **how)

    def get(self, path: str, **how: Any) -> httpx2.Response:
        with httpx2.Client(base_url=self.url, trust_env=False, verify=False, timeout=15) as client:
            return client.get(path, **how)

    def stop(self, number: int = signal.SIGKILL) -> int:
        return self._nursery.end(self.pid, number)

    def wait(self) -> int:
        return self._nursery.wait(self.pid)


@pytest.fixture
def wechat() -> Iterator[Simulator]:
    """On the real clock: the servers of these tests are other processes."""
    with Simulator() as simulator:
        yield simulator


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    if not hasattr(os, "fork"):
        pytest.skip("needs fork")
    made = Nursery()
    yield made
    made.close()


@pytest.fixture
def servers(nursery: Nursery, wechat: Simulator, database: Path) -> Iterator[Callable[..., Server]]:
    """Forks a server on the test's database: `servers(twin=..., crash=..., log=...)`."""

    def start(*, metrics: str | None = None, path: Path = database, **options: Any) -> Server:
        settings = {
            "app_id": wechat.app_id,
            "secret": wechat.secret,
            "wechat": wechat.url,
            "database": str(path),
            "keys": KEYS,
            "metrics": metrics,
        }
        server = Server(nursery, nursery.tell(do="serve", settings=settings, **options))
        nursery.alive.add(server.pid)
        return server

    yield start
    for pid in list(nursery.alive):
        nursery.end(pid)
