"""A test launcher: forks servers that are whole, that lack a defence, or that die at a named point.

It reads one JSON command a line on stdin and answers each with one line on stdout:

    {"do": "serve", "settings": {...}, ...}   → {"pid", "port"}
    {"do": "kill", "pid", "signal"}           → {}
    {"do": "wait", "pid"}                     → {"status"}     a signal's number is negative

Imports are paid for once, here. Crash points and missing defences are wrappers around the
ports, so that none of them is in the product. At the end of stdin every child is ended.
"""

import asyncio
import functools
import json
import logging
import os
import random
import signal
import socket
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn

from wxlogin.login.policy import App
from wxlogin.login.ports import Store
from wxlogin.login.secret import Secret
from wxlogin.server import WxLogin
from wxlogin.settings import Settings
from wxlogin.stores.sealing import KeyRing
from wxlogin.stores.sql import SqlStore
from wxlogin.stores.sqlite import SqliteDatabase
from wxlogin.wechat.opening import make_transport


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Wrapper:
    """A port that does what the one inside does."""

    def __init__(self, inside, options):
        self._inside = inside
        self._options = options

    def __getattr__(self, name):
        return getattr(self._inside, name)

    def _die_at(self, point):
        if self._options.get("crash") == point:
            die()


class CrashingStore(Wrapper):
    async def claim_code(self, code_hash, **how):
        self._die_at("before claim")
        claimed = await self._inside.claim_code(code_hash, **how)
        self._die_at("after claim")
        return claimed

    async def commit_login(self, commit):
        self._die_at("before commit")
        outcome = await self._inside.commit_login(commit)
        self._die_at("after commit")
        return outcome


class CrashingTransport(Wrapper):
    async def send(self, request):
        self._die_at("before WeChat")
        answer = await self._inside.send(request)
        self._die_at("after WeChat's answer")
        return answer


class CrashingConnection(sqlite3.Connection):
    """Dies inside the transaction that makes a session, or at its COMMIT."""

    point = None
    _makes_session = False

    def execute(self, sql, *values):
        if sql.startswith("COMMIT") and self._makes_session and self.point == "at COMMIT":
            die()
        cursor = super().execute(sql, *values)
        if sql.startswith("INSERT INTO wxlogin_account") and self.point == "after account":
            die()
        if sql.startswith("INSERT INTO wxlogin_session"):
            self._makes_session = True
            if self.point == "inside transaction":
                die()
        if sql.startswith("COMMIT") and self._makes_session and self.point == "after COMMIT":
            die()
        return cursor


class CrashingDoor:
    """Dies before the head of a login's answer, or between its head and its body."""

    def __init__(self, app, options):
        self._app = app
        self._point = options.get("crash")

    async def __call__(self, scope, receive, send):
        async def dying(message):
            is_login = scope["type"] == "http" and scope["path"] == "/v1/login"
            if is_login and message["type"] == "http.response.start" and message["status"] == 200:
                if self._point == "before reply":
                    die()
                await send(message)
                if self._point == "inside reply":
                    die()
                return
            await send(message)

        await self._app(scope, receive, dying)


# Servers without a defence: each is the red twin of a test


class NoClaim(Wrapper):
    """Codes are not claimed: whoever comes exchanges."""

    async def claim_code(self, code_hash, **how):
        claimed = await self._inside.claim_code(code_hash, **how)
        return claimed or random.randrange(1, 2**31)


class CheckThenWrite(Wrapper):
    """No unique identity: look first, then write. What is looked up may be many rows."""

    async def find_account_of(self, *, openid, **named):
        return await self._inside.find_account_of(openid=self._kept(openid) or openid, **named)

    async def commit_login(self, commit):
        openid = self._kept(commit.openid)
        await asyncio.sleep(0)
        openid = openid or f"{commit.openid}#{random.randrange(2**62)}"
        return await self._inside.commit_login(replace(commit, openid=openid))

    def _kept(self, openid):
        with closing(sqlite3.connect(self._options["database"], timeout=10)) as connection:
            row = connection.execute(
                "SELECT openid FROM wxlogin_identity WHERE openid LIKE ? || '#%' LIMIT 1",
                (openid,),
            ).fetchone()
        return row and row[0]


class TwoTransactions(Wrapper):
    """The account is committed before the rest of the login."""

    async def commit_login(self, commit):
        known = await self._inside.find_account_of(
            pool=commit.pool, app_id=commit.app_id, openid=commit.openid, unionid=None
        )
        if known is None:
            with closing(sqlite3.connect(self._options["database"], timeout=10)) as connection:
                connection.execute(
                    "INSERT INTO wxlogin_account (id, pool, status, epoch, created_at, claims)"
                    " VALUES (?, ?, 'active', 0, ?, '{}')",
                    (commit.registration.id[:-4] + "ffff", commit.pool, int(commit.at.timestamp())),
                )
                connection.commit()
            self._die_at("between")
        return await self._inside.commit_login(commit)


class LoudTransport(Wrapper):
    """Logs the URL, as HTTP libraries do (security.md §1.2)."""

    async def send(self, request):
        logging.getLogger("loud").debug("GET https://api.weixin.qq.com%s", request.target())
        return await self._inside.send(request)


class Unsealed(KeyRing):
    """Keeps what it should seal in the clear."""

    def seal(self, plaintext, bound_to):
        return self.newest_header + b"\0" * 12 + plaintext

    def open(self, sealed, bound_to):
        return sealed[len(self.newest_header) + 12 :]


STORES = {
    "no claim": NoClaim,
    "check then write": CheckThenWrite,
    "two transactions": TwoTransactions,
}


def serve(sock: socket.socket, options: dict) -> None:
    raw_logs(options.get("log"))
    given = options["settings"]
    ring = Unsealed if options.get("twin") == "unsealed" else KeyRing
    keys = ring.parse(given["keys"])
    settings = Settings(
        env="development",
        apps=(App(given["app_id"], Secret(given["secret"])),),
        keys=keys,
        wechat_api_base=given["wechat"],
        public_docs=True,
        log_level="debug",
        metrics_directory=Path(given["metrics"]) if given.get("metrics") else None,
    )
    point = options.get("crash")
    connect = sqlite3.connect
    if point in ("after account", "inside transaction", "at COMMIT", "after COMMIT"):
        CrashingConnection.point = point
        connect = functools.partial(sqlite3.connect, factory=CrashingConnection)
    store: Store = SqlStore(SqliteDatabase(Path(given["database"]), connect=connect), keys)
    options["database"] = given["database"]
    twin = STORES.get(options.get("twin"))
    if twin is not None:
        store = twin(store, options)
    store = CrashingStore(store, options)
    transport = CrashingTransport(make_transport(given["wechat"]), options)
    if options.get("twin") == "loud":
        transport = LoudTransport(transport, options)
    later = timedelta(seconds=options.get("later", 0))
    wx = WxLogin(
        settings, store=store, transport=transport, clock=lambda: datetime.now(UTC) + later
    )
    heard = options.get("heard")
    if options.get("user_for"):
        wx.user_for(lambda who: f"u-{who.openid}")
    if heard:

        @wx.on_login
        def on_login(event):
            with Path(heard).open("a") as file:
                file.write(event.id + "\n")
            if point == "inside hook":
                die()

    config = uvicorn.Config(
        CrashingDoor(wx.asgi, options), log_config=None, access_log=False, lifespan="on"
    )
    asyncio.run(uvicorn.Server(config).serve(sockets=[sock]))


def raw_logs(path: str | None) -> None:
    """Everything every library says, at DEBUG, without the product's redaction."""
    handler = logging.FileHandler(path) if path else logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s %(args)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG)
    for name in list(logging.root.manager.loggerDict):
        logging.getLogger(name).setLevel(logging.NOTSET)


def fork(options: dict) -> dict:
    sock = socket.create_server(("127.0.0.1", 0), backlog=1024)
    port = sock.getsockname()[1]
    pid = os.fork()
    if pid:
        sock.close()
        return {"pid": pid, "port": port}
    try:
        devnull = os.open(os.devnull, os.O_RDWR)
        os.dup2(devnull, 0)
        os.dup2(devnull, 1)
        serve(sock, options)
    except BaseException:
        logging.getLogger("nursery").exception("the server ended")
        os._exit(1)
    os._exit(0)


def main() -> None:
    children: set[int] = set()
    for line in sys.stdin:
        command = json.loads(line)
        answer: dict = {}
        if command["do"] == "serve":
            answer = fork(command)
            children.add(answer["pid"])
        elif command["pid"] in children:
            if command["do"] == "kill":
                os.kill(command["pid"], command["signal"])
            else:
                _, status = os.waitpid(command["pid"], 0)
                children.discard(command["pid"])
                answer = {"status": os.waitstatus_to_exitcode(status)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    for pid in children:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
