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
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import argon2
import uvicorn

from wxlogin.login.passwords import PasswordCheck
from wxlogin.login.policy import App
from wxlogin.login.ports import Store
from wxlogin.login.secret import Secret
from wxlogin.server import WxLogin
from wxlogin.settings import Settings
from wxlogin.sms.opening import SmsSettings
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
            pool=commit.pool, app_id=commit.app_id, openid=commit.identity.openid, unionid=None
        )
        if known is None:
            with closing(sqlite3.connect(self._options["database"], timeout=10)) as connection:
                connection.execute(
                    "INSERT INTO wxlogin_account"
                    " (id, pool, status, epoch, created_at, claims, pseudonym, password_failures)"
                    " VALUES (?, ?, 'active', 0, ?, '{}', 'p', 0)",
                    (commit.registration.id[:-4] + "ffff", commit.pool, commit.at.isoformat()),
                )
                connection.commit()
            self._die_at("between")
        return await self._inside.commit_login(commit)


class UnionidAfterwards(Wrapper):
    """Looks whether somebody has the unionid, and writes it down once the login is there."""

    async def commit_login(self, commit):
        identity = commit.identity
        known = await self._inside.find_account_of(
            pool=commit.pool,
            app_id=commit.app_id,
            openid=identity.openid,
            unionid=identity.unionid,
        )
        if known is not None:
            return await self._inside.commit_login(commit)
        without = replace(commit, identity=replace(identity, unionid=None))
        outcome = await self._inside.commit_login(without)
        with closing(sqlite3.connect(self._options["database"], timeout=10)) as connection:
            connection.execute(
                "INSERT OR IGNORE INTO wxlogin_unionid (unionid, pool, account_id, linked_at)"
                " VALUES (?, ?, ?, ?)",
                (identity.unionid, commit.pool, outcome.account.id, commit.at.isoformat()),
            )
            connection.commit()
        return outcome


class RemembersKeys(Wrapper):
    """A service key that was good once is not asked for again."""

    def __init__(self, inside, options):
        super().__init__(inside, options)
        self._keys = {}

    async def find_service_key(self, key_id):
        if key_id not in self._keys:
            self._keys[key_id] = await self._inside.find_service_key(key_id)
        return self._keys[key_id]


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


class CheckThenCount(Wrapper):
    """Whether a try of a code is left is read, and counted by another statement."""

    async def try_verification_code(self, spend, *, limit, now):
        with closing(sqlite3.connect(self._options["database"], timeout=10)) as connection:
            row = connection.execute(
                "SELECT tries FROM wxlogin_verification_code WHERE slot = ?", (spend.slot,)
            ).fetchone()
        if row is None or row[0] >= limit:
            return False
        await asyncio.sleep(0.01)  # where other processes read the same
        return await self._inside.try_verification_code(spend, limit=10**9, now=now)


class CodesForEver(Wrapper):
    """A verification code is not spent by the commit it is for."""

    async def commit_login(self, commit):
        return await self._inside.commit_login(replace(commit, spends=()))


class EagerHasher:
    """Hashes for as many at once as come, each thread as important as the event loop's."""

    def __init__(self):
        self._argon2 = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._threads = ThreadPoolExecutor(200)
        self._dummy = self._argon2.hash("nobody's")

    async def hash(self, password):
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, self._argon2.hash, password
        )

    async def verify(self, password, hashed):
        def compare():
            with suppress(argon2.exceptions.VerifyMismatchError):
                return self._argon2.verify(hashed or self._dummy, password)
            return False

        is_same = await asyncio.get_running_loop().run_in_executor(self._threads, compare)
        return PasswordCheck(is_same and hashed is not None, needs_rehash=False)


STORES = {
    "check then count": CheckThenCount,
    "codes for ever": CodesForEver,
    "no claim": NoClaim,
    "check then write": CheckThenWrite,
    "two transactions": TwoTransactions,
    "remembers keys": RemembersKeys,
    "unionid afterwards": UnionidAfterwards,
}


def serve(sock: socket.socket, options: dict) -> None:
    raw_logs(options.get("log"))
    given = options["settings"]
    ring = Unsealed if options.get("twin") == "unsealed" else KeyRing
    keys = ring.parse(given["keys"])
    settings = Settings(
        env="development",
        apps=tuple(
            App(app_id, Secret(secret))
            for app_id, secret in ((given["app_id"], given["secret"]), *options.get("apps", ()))
        ),
        keys=keys,
        wechat_api_base=given["wechat"],
        public_docs=True,
        log_level="debug",
        metrics_directory=Path(given["metrics"]) if given.get("metrics") else None,
        sms=SmsSettings(provider="simulator" if options.get("sms") else "off"),
        trusted_proxies=options.get("proxies", 0),
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
        settings,
        store=store,
        transport=transport,
        password_hasher=EagerHasher() if options.get("twin") == "eager hashing" else None,
        clock=lambda: datetime.now(UTC) + later,
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
