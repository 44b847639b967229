"""One object for tests in process, for the pytest plugin and for the terminal."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2

from wechat_simulator import sim_side, stage
from wechat_simulator.app import Door
from wechat_simulator.handling import Handling, handle_platform
from wechat_simulator.in_process import InProcessTransport
from wechat_simulator.people import App, User, unionid_of
from wechat_simulator.problems import SIM_TYPE, Fields, fields_of
from wechat_simulator.server import Listener
from wechat_simulator.settings import Settings
from wechat_simulator.wire import Answer, Request, compact
from wechat_simulator.world import Clock, World


def default_app() -> App:
    """The app of a simulator that was given none: the same in every run, and no real one."""
    digest = hashlib.sha256(b"wechat-simulator").hexdigest()
    return App(app_id=f"wx{digest[:16]}", secret=digest[16:48])


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Simulator:
    """WeChat and the phones. Safe to use from several threads.

    app_id, secret: one app, both made up where left out. apps: several instead, first is default.
    clock: gives aware UTC time; `advance` adds to it.
    allow_remote: whether pushes and container calls may leave this machine, and whether calls may
        come from elsewhere.
    settings: those of the beginning, which `reset` goes back to.
    """

    def __init__(
        self,
        *,
        app_id: str | None = None,
        secret: str | None = None,
        apps: Iterable[App] = (),
        clock: Clock = _utc_now,
        allow_remote: bool = False,
        settings: Settings | None = None,
    ) -> None:
        made = default_app()
        self._apps = tuple(apps) or (App(app_id or made.app_id, secret or made.secret),)
        self._lock = threading.RLock()
        self._listener: Listener | None = None
        self.allow_remote = allow_remote
        self.world = World(self._apps, clock=clock, settings=settings)
        self.app = Door(self)

    @property
    def app_id(self) -> str:
        """The AppID of the default app."""
        return self._apps[0].app_id

    @property
    def secret(self) -> str:
        """The AppSecret of the default app."""
        return self.world.get_app(self.app_id).secret

    @property
    def url(self) -> str:
        """Where it listens; starts on a free loopback port when it does not yet."""
        with self._lock:
            return self._listener.url if self._listener is not None else self.start()

    def start(self, *, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listens, in a thread of its own; the URL. OSError when the port is taken."""
        with self._lock:
            if self._listener is not None:
                raise RuntimeError(f"already listening on {self._listener.url}")
            listener = Listener(self.app, host=host, port=port)
            listener.start()
            self._listener = listener
            return listener.url

    def close(self) -> None:
        """Stops listening. The world stays as it is."""
        with self._lock:
            listener, self._listener = self._listener, None
        if listener is not None:
            listener.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def login(self, user: str = "ann", *, app_id: str | None = None, **fields: Any) -> str:
        """wx.login on the user's phone; the code. Further fields: device, tourist."""
        code = self._sim("/sim/wx/login", user, app_id, fields)["code"]
        assert isinstance(code, str)
        return code

    def check_session(self, user: str = "ann", *, app_id: str | None = None, **fields: Any) -> bool:
        """wx.checkSession: whether the login state of the user's phone is alive."""
        told = self._sim("/sim/wx/checkSession", user, app_id, fields)
        return bool(told["errMsg"] == "checkSession:ok")

    def phone(
        self, user: str = "ann", *, app_id: str | None = None, **fields: Any
    ) -> dict[str, Any]:
        """The phone button's event: errMsg, code, encryptedData, iv. Fields: answer, platform."""
        return self._sim("/sim/wx/getPhoneNumber", user, app_id, fields)

    def user_info(self, user: str = "ann", *, app_id: str | None = None) -> dict[str, Any]:
        """wx.getUserInfo: errMsg, userInfo, rawData, signature, encryptedData, iv."""
        return self._sim("/sim/wx/getUserInfo", user, app_id, {})

    def authorize(
        self, user: str, scope: str, *, answer: str | None = None, app_id: str | None = None
    ) -> dict[str, Any]:
        """wx.authorize, and the user's answer to it: allow or deny."""
        return self._sim("/sim/wx/authorize", user, app_id, {"scope": scope, "answer": answer})

    def openid(self, user: str = "ann", *, app_id: str | None = None) -> str:
        """The user's openid in the app."""
        with self._lock:
            return self.world.openid(self._app(app_id), user)

    def unionid(self, user: str = "ann", *, app_id: str | None = None) -> str | None:
        """The user's unionid; None where the app is bound to no open-platform account."""
        with self._lock:
            return unionid_of(self._app(app_id), user)

    def session_key(self, user: str = "ann", *, app_id: str | None = None) -> str | None:
        """The living session_key, to prove that it never shows up where it must not."""
        with self._lock:
            key = self.world.find_session_key(self._app(app_id), user)
            return None if key is None else key.text

    def add_app(self, app_id: str | None = None, **fields: Any) -> App:
        """Makes or changes an app; fields as of POST /sim/apps."""
        with self._lock:
            told = stage.put_app(self.world, Fields(_named("app_id", app_id, fields)))
            return self.world.get_app(told["app_id"])

    def add_user(self, user_id: str | None = None, **fields: Any) -> User:
        """Makes or changes a user; fields as of POST /sim/users."""
        with self._lock:
            told = stage.put_user(self.world, Fields(_named("user_id", user_id, fields)))
            return self.world.get_user(told["user_id"])

    def rotate_session_key(self, user: str = "ann", *, app_id: str | None = None) -> None:
        """Kills the session_key; the new one is known to nobody yet."""
        self._sim("/sim/session-key/rotate", user, app_id, {})

    def revoke_access_tokens(self, *, app_id: str | None = None) -> None:
        """Kills the app's access_tokens, as if another server had fetched new ones: 40001."""
        with self._lock:
            self.world.tokens.revoke(self._app(app_id).app_id, now=self.world.now())

    def now(self) -> datetime:
        """The time in the simulator's world."""
        return self.world.now()

    def advance(self, seconds: float) -> datetime:
        """Moves the clock forward; the new time."""
        with self._lock:
            stage.advance_clock(self.world, Fields({"advance_seconds": seconds}))
            return self.world.now()

    def settings(self, **changes: Any) -> Settings:
        """The settings, changed where given; fields as of POST /sim/settings."""
        with self._lock:
            return stage.changed_settings(self.world, changes)

    def fail(self, path: str, **fault: Any) -> str:
        """Scripts a fault; fields as of POST /sim/faults; its fault_id."""
        with self._lock:
            return str(stage.add_fault(self.world, Fields({"path": path, **fault}))["fault_id"])

    def clear_faults(self) -> None:
        """Lifts every fault."""
        with self._lock:
            self.world.faults.clear()

    def exchanges(self, code: str) -> int:
        """How many exchanges of this code reached the platform, whatever came of them."""
        with self._lock:
            return self.world.codes.arrivals(code)

    def log(self, limit: int = 100) -> list[dict[str, Any]]:
        """The platform calls seen, newest first, secrets masked."""
        with self._lock:
            return self.world.log.newest(limit)

    def inbox(self, phone: str | None = None) -> list[dict[str, Any]]:
        """The text messages of one phone, or of all, newest first."""
        with self._lock:
            items: list[dict[str, Any]] = stage.read_inbox(
                self.world, Fields(_named("phone", phone, {}))
            )["items"]
            return items

    def push(self, event: str, user: str = "ann", **fields: Any) -> dict[str, Any]:
        """`push_async` for tests without an event loop; blocks until the server has answered."""
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, self.push_async(event, user, **fields)).result()

    async def push_async(
        self,
        event: str,
        user: str = "ann",
        *,
        url: str,
        app_id: str | None = None,
        to: Any = None,
        **fields: Any,
    ) -> dict[str, Any]:
        """WeChat's push to a server, with re-sends; what the server answered.

        url: where to. to: an ASGI application that takes the call in process instead.
        Further fields as of POST /sim/push: mode, format, fields, tamper, timeout_seconds.
        """
        named = {"event": event, "url": url, "user_id": user, **self._app_field(app_id), **fields}
        return await sim_side.push(self._outside(to), Fields(named))

    async def call_container(
        self,
        url: str,
        user: str = "ann",
        *,
        method: str = "GET",
        data: Any = None,
        app_id: str | None = None,
        to: Any = None,
        header: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """wx.cloud.callContainer: a call that carries the X-WX-* headers of the user."""
        named = {"url": url, "user_id": user, "method": method, "data": data, "header": header}
        return await sim_side.container(
            self._outside(to), Fields({**named, **self._app_field(app_id)})
        )

    def reset(self) -> None:
        """Everything as it was at the beginning, with the apps it was made with."""
        with self._lock:
            self.world.reset()

    def transport(self) -> InProcessTransport:
        """A transport of httpx2 that leads here without a port."""
        return InProcessTransport(self)

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json_body: Any = None,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One call in process, blocking; raises LineCut or Problem. Not for calls that go out."""
        split = urlsplit(path)
        query = split.query if params is None else urlencode(params)
        request = Request(
            method,
            split.path,
            query=dict(parse_qsl(query, keep_blank_values=True)),
            body=body if json_body is None else json.dumps(json_body).encode(),
            headers=headers or {},
        )
        handling = self._handle(request)
        time.sleep(handling.delay_seconds)
        return handling.outcome()

    async def answer(self, request: Request) -> Answer:
        """The answer to a request that was fully read; raises LineCut or Problem."""
        if request.path in sim_side.OUTGOING:
            call = sim_side.find_call(request, sim_side.OUTGOING)
            told = await call(self._outside(None), fields_of(request))
            return Answer(200, SIM_TYPE, compact(told))
        handling = self._handle(request)
        if handling.delay_seconds:
            await asyncio.sleep(handling.delay_seconds)
        return handling.outcome()

    def _handle(self, request: Request) -> Handling:
        with self._lock:
            if not request.path.startswith("/sim/"):
                return handle_platform(self.world, request)
            if request.path == sim_side.SMS_PATH and request.method == "POST":
                return sim_side.answer_sms(self.world, request)
            return Handling(sim_side.answer_sim(self.world, request))

    def _sim(
        self, path: str, user: str, app_id: str | None, fields: Mapping[str, Any]
    ) -> dict[str, Any]:
        with self._lock:
            call = sim_side.CALLS[path]["POST"]
            return call(self.world, Fields({"user_id": user, **self._app_field(app_id), **fields}))

    def _app(self, app_id: str | None) -> App:
        return self.world.get_app(app_id or self.app_id)

    def _app_field(self, app_id: str | None) -> dict[str, str]:
        return {"app_id": app_id or self.app_id}

    def _outside(self, to: Any) -> sim_side.Outside:
        transport = None if to is None else httpx2.ASGITransport(app=to)
        return sim_side.Outside(self.world, self._lock, self.allow_remote, transport)


def _named(name: str, value: Any, fields: Mapping[str, Any]) -> dict[str, Any]:
    return dict(fields) if value is None else {name: value, **fields}
