"""What whole-flow tests share: a clock that is moved, a server in process, an auditor."""

import base64
import os
import random
import runpy
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from wechat_simulator import Simulator
from wxlogin.login.policy import App
from wxlogin.login.secret import Secret
from wxlogin.server import WxLogin
from wxlogin.settings import Settings
from wxlogin.stores.migrate import migrate
from wxlogin.stores.sealing import KeyRing

START = datetime(2026, 3, 1, 8, 0, 0, tzinfo=UTC)
FAULTS = Path(__file__).parent / "faults"


_SEED = int(os.environ.get("WXLOGIN_TEST_SEED") or random.SystemRandom().randrange(2**32))


class MovedClock:
    """The time, standing still until a test moves it; server and simulator share it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float = 0, **parts: float) -> None:
        self.now += timedelta(seconds=seconds, **parts)


class House:
    """A whole server in process, its HTTP door, its WeChat and its clock."""

    def __init__(self, wx: WxLogin, http: httpx2.AsyncClient, wechat: Simulator, clock: Any):
        self.wx = wx
        self.http = http
        self.wechat = wechat
        self.clock = clock

    async def login(
        self,
        user: str = "ann",
        *,
        code: str | None = None,
        app_id: str | None = None,
        **fields: Any,
    ) -> httpx2.Response:
        """POST /v1/login with a fresh code of `user`, or with `code`."""
        body = {"code": code or self.wechat.login(user, app_id=app_id), **fields}
        if app_id is not None:
            body["app_id"] = app_id
        return await self.http.post("/v1/login", json=body)

    async def token(self, user: str = "ann", **fields: Any) -> str:
        """The token of a login that works."""
        answer = await self.login(user, **fields)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["token"]
        return token

    async def check(self, token: str | None, **headers: str) -> httpx2.Response:
        return await self.get("/v1/session", token, **headers)

    async def get(self, path: str, token: str | None, **headers: str) -> httpx2.Response:
        return await self.ask("GET", path, token, headers=headers)

    async def ask(
        self, method: str, path: str, token: str | None, headers: Any = (), **how: Any
    ) -> httpx2.Response:
        sent = dict(headers)
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        return await self.http.request(method, path, headers=sent, **how)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def seeded() -> random.Random:
    """Randomness for the schedule of a test; a failure shows its seed."""
    sys.stdout.write(f"WXLOGIN_TEST_SEED={_SEED}\n")
    return random.Random(_SEED)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture(scope="session")
def keys() -> KeyRing:
    return KeyRing.parse("k1:" + base64.b64encode(bytes(range(32))).decode())


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the tables and nothing in them: made once, copied for each test."""
    path = tmp_path_factory.mktemp("empty") / "wxlogin.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def database(tmp_path: Path, empty_database: Path) -> Path:
    """The SQLite file of the test, for the server and for the auditor."""
    return Path(shutil.copy(empty_database, tmp_path / "wxlogin.db"))


@pytest.fixture
def house_settings(wechat: Simulator, database: Path, keys: KeyRing) -> Callable[..., Settings]:
    """Settings of a server on `database` and `wechat`; keyword arguments change them."""

    def make(**changes: Any) -> Settings:
        made = Settings(
            env="development",
            apps=(App(wechat.app_id, Secret(wechat.secret)),),
            database_url=f"sqlite:///{database}",
            keys=keys,
            wechat_api_base=wechat.url,
            public_docs=True,
        )
        return replace(made, **changes)

    return make


@pytest.fixture
async def houses(
    house_settings: Callable[..., Settings], wechat: Simulator, clock: Any
) -> AsyncIterator[Callable[..., House]]:
    """Makes servers: `houses(store=..., settings={...})`; all are closed at the end."""
    made: list[House] = []

    def make(*, settings: dict[str, Any] | None = None, client: Any = None, **parts: Any) -> House:
        wx = WxLogin(house_settings(**(settings or {})), **{"clock": clock, **parts})
        transport = httpx2.ASGITransport(app=wx.asgi, client=("127.0.0.1", 5000))
        http = httpx2.AsyncClient(transport=transport, base_url="http://wx", timeout=30)
        made.append(House(wx, http, wechat, clock))
        return made[-1]

    yield make
    for house in made:
        await house.http.aclose()
        await house.wx.close()


@pytest.fixture
async def house(houses: Callable[..., House]) -> House:
    return houses()


@pytest.fixture
def rows(database: Path) -> Callable[..., list[tuple[Any, ...]]]:
    """Reads the database file with plain SQL."""

    def read(sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(database, timeout=10)) as connection:
            return connection.execute(sql, values).fetchall()

    return read


@pytest.fixture
def audit(database: Path, wechat: Simulator) -> Callable[..., list[str]]:
    """What the auditor finds wrong: an empty list is a clean bill."""
    look = runpy.run_path(str(FAULTS / "auditor.py"))["look"]

    def run(
        *, codes: Any = (), history: Any = (), people: int | None = None, path: Path = database
    ) -> list[str]:
        exchanges = {code: wechat.exchanges(code) for code in codes}
        found: list[str] = look(path, exchanges=exchanges, history=list(history), people=people)
        return found

    return run
