"""`POST /v1/login`, durable in SQLite, against the simulator: what each HTTP client costs."""

import asyncio
import json
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from rich.progress import track

from benchmarks.load import Target, send
from benchmarks.rows import Row
from benchmarks.servers import Server, serving
from benchmarks.session_check import environment
from wechat_simulator import Simulator

ROUNDS = 5
LOGINS = 1_000
CONNECTIONS = 32
CLIENTS = ("httpx2", "pyreqwest")


def measure() -> tuple[list[Row], dict[str, float]]:
    """CPU of the server's process a login, by client; and logins a second while it ran."""
    rows = {name: Row(f"login, {name}", []) for name in CLIENTS}
    rates: dict[str, float] = {}
    with ExitStack() as stack:
        simulator = stack.enter_context(Simulator())
        servers = {
            name: stack.enter_context(
                serving("wxlogin.cli.serving:application", _environ(stack, simulator, name))
            )
            for name in CLIENTS
        }
        for number in track(range(ROUNDS), description="login"):
            for name, server in servers.items():
                micros, seconds = _round(server, simulator, people=f"{name}-{number}")
                rows[name].microseconds.append(micros)
                rates[rows[name].name] = max(rates.get(rows[name].name, 0.0), LOGINS / seconds)
    return list(rows.values()), rates


def _environ(stack: ExitStack, simulator: Simulator, client: str) -> dict[str, str]:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    return environment(folder) | {
        "WXLOGIN_APP_ID": simulator.app_id,
        "WXLOGIN_APP_SECRET": simulator.secret,
        "WXLOGIN_WECHAT_API_BASE": simulator.url,
        "WXLOGIN_HTTP_CLIENT": client,
        "WXLOGIN_LOG_LEVEL": "warning",
    }


def _round(server: Server, simulator: Simulator, *, people: str) -> tuple[float, float]:
    """Everybody logs in for the first time."""
    requests = [_post({"code": simulator.login(f"{people}-{number}")}) for number in range(LOGINS)]
    before, started = server.cpu_seconds(), time.perf_counter()
    statuses = asyncio.run(
        send(Target(server.port, requests), count=LOGINS, connections=CONNECTIONS)
    )
    seconds = time.perf_counter() - started
    if statuses != {"200": LOGINS}:
        raise RuntimeError(f"not every login succeeded: {statuses}")
    return (server.cpu_seconds() - before) / LOGINS * 1e6, seconds


def _post(message: dict[str, str]) -> bytes:
    body = json.dumps(message).encode()
    return (
        b"POST /v1/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    )
