"""`GET /v1/session` beside a constant answer with the same headers and size."""

import asyncio
import base64
import http.client
import itertools
import json
import os
import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from rich.progress import track

from benchmarks.load import Target, get, send
from benchmarks.rows import Row
from benchmarks.servers import Server, serving
from wxlogin.server import WxLogin
from wxlogin.settings import Settings
from wxlogin.testing.pytest_plugin import log_in

PEOPLE = 10_000
SESSIONS_EACH = 10
ROUNDS = 9
REQUESTS = 10_000
IN_USE = 5_000
BATCH = 500


def measure() -> list[Row]:
    """The constant answer first; then sessions in use, sessions met for the first time, junk."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        environ = environment(Path(folder))
        tokens = asyncio.run(_fill(environ))
        product = stack.enter_context(serving("wxlogin.cli.serving:application", environ))
        answer = _answer(product, tokens[0])
        constant = stack.enter_context(
            serving("benchmarks.constant:application", {"WXLOGIN_BENCH_ANSWER": answer})
        )
        in_use, first_met = tokens[:IN_USE], iter(tokens[IN_USE:])
        junk = [f"wxl_{i:036d}.{'A' * 43}{'B' * 8}" for i in range(IN_USE)]
        contestants: dict[str, tuple[Server, Callable[[], list[str]]]] = {
            "constant answer": (constant, lambda: tokens[:1]),
            f"check, {IN_USE:,} sessions in use": (product, lambda: in_use),
            "check, session met for the first time": (
                product,
                lambda: list(itertools.islice(first_met, REQUESTS)),
            ),
            "junk token (401)": (product, lambda: junk),
        }
        return _race(contestants)


def _race(contestants: dict[str, tuple[Server, Callable[[], list[str]]]]) -> list[Row]:
    rows = {name: Row(name, []) for name in contestants}
    for _ in track(range(ROUNDS), description="session check"):
        for name, (server, tokens) in contestants.items():
            target = Target(server.port, [get("/v1/session", token) for token in tokens()])
            before = server.cpu_seconds()
            asyncio.run(send(target, count=REQUESTS))
            rows[name].microseconds.append((server.cpu_seconds() - before) / REQUESTS * 1e6)
    return list(rows.values())


def environment(folder: Path) -> dict[str, str]:
    """The settings of a server with a database of its own."""
    return {
        "WXLOGIN_ENV": "development",
        "WXLOGIN_APP_ID": "wx0000000000000000",
        "WXLOGIN_APP_SECRET": "not-a-secret",
        "WXLOGIN_DATABASE_URL": f"sqlite:///{folder}/bench.db",
        "WXLOGIN_KEYS": "k1:" + base64.b64encode(os.urandom(32)).decode(),
    }


async def _fill(environ: dict[str, str]) -> list[str]:
    """The database with PEOPLE x SESSIONS_EACH live sessions; their tokens, in no order."""
    wx = WxLogin(Settings.load(environ=environ, env_file=None))
    tokens: list[str] = []
    logins = (n for n in range(PEOPLE) for _ in range(SESSIONS_EACH))
    total = PEOPLE * SESSIONS_EACH // BATCH
    for batch in track(_batches(logins), total=total, description="live sessions"):
        made = await asyncio.gather(*(log_in(wx, openid=f"o{number}") for number in batch))
        tokens += [one.token for one in made]
    await (await wx.open_store()).close()
    random.Random(1).shuffle(tokens)
    return tokens


def _batches(numbers: Iterator[int]) -> Iterator[list[int]]:
    while batch := list(itertools.islice(numbers, BATCH)):
        yield batch


def _answer(server: Server, token: str) -> str:
    """What the product answers, for the constant to repeat."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", "/v1/session", headers={"Authorization": f"Bearer {token}"})
    reply = connection.getresponse()
    body = reply.read().decode()
    assert reply.status == 200, body
    headers = [(name, value) for name, value in reply.getheaders() if name.lower() != "date"]
    return json.dumps({"headers": headers, "body": body})
