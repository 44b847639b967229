"""Puts the parts together, once: the only module that knows them all."""

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import get_ident
from typing import TYPE_CHECKING, Any, Self, TypeVar
from weakref import WeakKeyDictionary

from wxlogin import logs
from wxlogin.endpoints.answering import Endpoints
from wxlogin.endpoints.asgi import App as AsgiApp
from wxlogin.endpoints.asgi import AsgiDoor, SessionMiddleware
from wxlogin.endpoints.documents import with_documents
from wxlogin.endpoints.messages import encode
from wxlogin.endpoints.routes import ROUTES
from wxlogin.hooks import Delivery, HostHooks
from wxlogin.login import errors
from wxlogin.login.accounts import Account, Agreement
from wxlogin.login.flow import Flow, LoginResult
from wxlogin.login.policy import LoginPolicy
from wxlogin.login.ports import Clock, Observer, Random, Store
from wxlogin.login.sessions import Device, Session, SessionPolicy
from wxlogin.metrics import Both, Metrics
from wxlogin.settings import Settings, SettingsInvalid
from wxlogin.stores.opening import open_store
from wxlogin.version import VERSION
from wxlogin.wechat.client import Caller, WeChatClient
from wxlogin.wechat.opening import make_transport
from wxlogin.wechat.transport import OpenTransport

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine
    from sqlalchemy.ext.asyncio import AsyncEngine

SEEN_INTERVAL = 5.0
"""Seconds between two writes of `last_seen_at`; with SEEN_EVERY it stays under IDLE_GRACE."""
OUTBOX_INTERVAL = 5.0
PRUNE_INTERVAL = 600.0
PRUNE_LIMIT = 1000
METRICS_INTERVAL = 1.0

Function = TypeVar("Function", bound=Callable[..., Any])

log = logging.getLogger("wxlogin.server")


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class _Parts:
    """What runs: bound to one event loop, so that a host may bring another one."""

    loop: asyncio.AbstractEventLoop
    client: WeChatClient
    flow: Flow
    end: AsyncGenerator[None, None]


class WxLogin:
    """wxlogin inside an application, or behind a server of its own.

        wx = WxLogin()                       # WXLOGIN_* settings
        async with wx:                       # or wx.lifespan, or nothing: it starts on first use
            result = await wx.login(code)

    `settings` default to `Settings.load()`; `database` overrides theirs: a URL, or the host's
    engine, whose URL is taken. `store` takes the place of both. `clock`, `random` and
    `transport` are for tests and the demo; `observer` is told of steps and checks beside
    the metrics. Raises `SettingsInvalid` where the settings are unsafe for production.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        database: "str | URL | Engine | AsyncEngine | None" = None,
        store: Store | None = None,
        transport: OpenTransport | None = None,
        clock: Clock = utc_now,
        random: Random = os.urandom,
        observer: Observer | None = None,
    ) -> None:
        self.settings = settings or Settings.load()
        unsafe = [] if store is not None else self.settings.unsafe()
        if unsafe:
            raise SettingsInvalid(unsafe)
        self.metrics = Metrics()
        self.hooks = HostHooks()
        self._database = _url_of(database) or self.settings.database_url
        self._store = store
        self._made_store = store is None
        self._given_transport = transport
        self._clock = clock
        self._random = random
        self._observer = self.metrics if observer is None else Both(self.metrics, observer)
        self._parts: dict[int, _Parts] = {}
        """By thread, for a thread runs one loop at a time: a job in another thread must not
        take away the transport of the logins in flight here."""
        self._starting: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = (
            WeakKeyDictionary()
        )
        described = with_documents(ROUTES, version=VERSION) if self.settings.public_docs else ROUTES
        self.endpoints = Endpoints(
            described,
            flow=self.flow,
            running_flow=self._running_flow,
            observer=self.metrics,
            set_request_id=logs.request_id.set,
            trusted_proxies=self.settings.trusted_proxies,
            cors_origins=[origin for app in self.settings.apps for origin in app.cors_origins],
        )

    # Life

    async def __aenter__(self) -> Self:
        await self.flow()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    @asynccontextmanager
    async def lifespan(self, app: object = None) -> AsyncIterator[dict[str, object]]:
        """For `FastAPI(lifespan=wx.lifespan)`, Starlette, and any ASGI host."""
        async with self:
            yield {"wxlogin": self}

    def now(self) -> datetime:
        """The one clock all is judged by."""
        return self._clock()

    async def flow(self) -> Flow:
        """The core, made ready on first use: the database is opened, the keys are read."""
        return self._running_flow() or (await self._started()).flow

    def _running_flow(self) -> Flow | None:
        """The core, where it is ready in this loop. Asked at every request, so not by
        `get_running_loop`: that one makes a system call to learn the process id."""
        parts = self._parts.get(get_ident())
        if parts is not None and parts.loop.is_running():
            return parts.flow
        return None

    async def close(self) -> None:
        """Write what waits to be written, and let go of every resource."""
        parts = self._parts.pop(get_ident(), None)
        if parts is not None:
            await parts.end.aclose()
        if self._store is not None:
            await self._store.close()
        if self._made_store:
            self._store = None  # a host that starts again opens it anew

    @property
    def asgi(self) -> AsgiApp:
        """A bare ASGI application: serve it, or mount it anywhere."""
        return AsgiDoor(self.endpoints, running=self.lifespan)

    def middleware(self, app: AsgiApp, *, required: bool = False) -> AsgiApp:
        """`app` with the live session of each request in `scope["wxlogin.session"]`."""
        return SessionMiddleware(app, endpoints=self.endpoints, required=required)

    # What a host says

    def user_for(self, function: Function) -> Function:
        """Register `user_for(who) -> key`: whose user an unknown identity is."""
        self.hooks.user_for_function = function
        return function

    def load_user(self, function: Function) -> Function:
        """Register `load_user(user_id) -> user`: what `CurrentUser` gives."""
        self.hooks.load_user_function = function
        return function

    def claims_for(self, function: Function) -> Function:
        """Register `claims_for(user) -> dict`: kept in the session, at most 1 KiB of JSON."""
        self.hooks.claims_for_function = function
        return function

    def on_registered(self, function: Function) -> Function:
        return self._listen("registered", function)

    def on_login(self, function: Function) -> Function:
        return self._listen("login", function)

    def on_logout(self, function: Function) -> Function:
        return self._listen("logout", function)

    def on_kicked(self, function: Function) -> Function:
        return self._listen("kicked", function)

    # Acts: every public route is also a call

    async def login(
        self,
        code: str,
        *,
        app_id: str | None = None,
        device: Device | None = None,
        context: Mapping[str, Any] | None = None,
        agreements: tuple[Agreement, ...] = (),
    ) -> LoginResult:
        """`Flow.login`, for a host that keeps its own route and envelope."""
        return await (await self.flow()).login(
            code, app_id=app_id, device=device, context=context, agreements=agreements
        )

    async def register(
        self,
        ticket: str,
        *,
        nickname: str | None = None,
        device: Device | None = None,
        context: Mapping[str, Any] | None = None,
        agreements: tuple[Agreement, ...] = (),
    ) -> LoginResult:
        """`Flow.register`: what a host's own registration page does with the ticket."""
        return await (await self.flow()).register(
            ticket, nickname=nickname, device=device, context=context, agreements=agreements
        )

    async def check(self, token: str | None) -> Session:
        """The live session behind `token`; raises a `SessionOver` that says why there is none."""
        return await (await self.flow()).checks.check(token)

    async def find(
        self,
        *,
        user_id: str | int | None = None,
        account_id: str | None = None,
        openid: str | None = None,
        phone: str | None = None,
    ) -> Account | None:
        """The account named by exactly one of these; `phone` with or without +86."""
        return await (await self.open_store()).find_account(
            account_id=account_id,
            user_id=None if user_id is None else str(user_id),
            openid=openid,
            phone=phone if phone is None or phone.startswith("+") else f"+86{phone}",
        )

    async def kick(self, *, reason: str = "kicked", **named: Any) -> int:
        """End all sessions of the account that `find(**named)` names; how many ended.

        Raises `NotFound` where there is no such account.
        """
        return await (await self.flow()).moderation.kick(await self._get(**named), reason=reason)

    async def disable(
        self, *, until: datetime | None = None, reason_for_user: str | None = None, **named: Any
    ) -> Account:
        """Let nobody in as this account until then, and end its sessions."""
        return await (await self.flow()).moderation.disable(
            await self._get(**named), until=until, reason_for_user=reason_for_user
        )

    async def enable(self, **named: Any) -> Account:
        return await (await self.flow()).moderation.enable(await self._get(**named))

    async def refresh_claims(self, **named: Any) -> int:
        """Ask `claims_for` anew and write its answer into the live sessions; how many."""
        return await (await self.flow()).moderation.refresh_claims(await self._get(**named))

    async def load_user_of(self, session: Session) -> Any:
        """The host's user behind a session, by `load_user`; None where it has no user_id."""
        return None if session.user_id is None else await self.hooks.load_user(session.user_id)

    def wechat(self, app_id: str | None = None) -> "AppApi":
        """Any other WeChat API with the shared access_token: `.get(path)`, `.post(path, json=)`."""
        return AppApi(self, app_id)

    async def open_store(self) -> Store:
        """What is remembered, opened; unlike all else here it belongs to no event loop."""
        if self._store is None:
            self._store = open_store(
                self._database,
                keyring=self.settings.keys,
                prefix=self.settings.table_prefix,
                auto_migrate=self.settings.auto_migrate,
            )
        await self._store.open()
        return self._store

    async def token_key(self) -> bytes:
        """What token checksums are under: one for all processes, sealed in the store."""
        store = await self.open_store()
        return await store.secret_key("token_checksum", self._random(32))

    async def check_app(self, app_id: str | None = None) -> None:
        """Return if WeChat takes the app's appsecret; raises `AppMisconfigured` where not."""
        app = await (await self.flow()).get_app(app_id)
        await (await self.client()).check_app(app)

    async def clock_skew(self, app_id: str | None = None) -> float | None:
        """Seconds our clock is ahead of WeChat's, to one second; None where it cannot be learnt."""
        app = await (await self.flow()).get_app(app_id)
        theirs = await (await self.client()).find_server_time(app)
        return None if theirs is None else (self._clock() - theirs).total_seconds()

    async def client(self) -> WeChatClient:
        """WeChat's side, bound to the running event loop."""
        await self.flow()
        return self._parts[get_ident()].client

    # How it is put together

    async def _get(self, **named: Any) -> Account:
        account = await self.find(**named)
        if account is None:
            raise errors.NotFound
        return account

    def _listen(self, kind: str, function: Function) -> Function:
        self.hooks.listeners.setdefault(kind, []).append(function)
        return function

    async def _started(self) -> _Parts:
        """The parts, made once a loop: of two first users one makes them, the other waits."""
        loop = asyncio.get_running_loop()
        async with self._starting.setdefault(loop, asyncio.Lock()):
            parts = self._parts.get(get_ident())
            if parts is None or parts.loop is not loop:
                parts = self._parts[get_ident()] = await self._make_parts(loop)
            return parts

    async def _make_parts(self, loop: asyncio.AbstractEventLoop) -> _Parts:
        store = await self.open_store()
        token_key = await self.token_key()
        settings = self.settings
        transport = self._given_transport or make_transport(
            settings.wechat_api_base, fast=settings.http_client == "pyreqwest"
        )
        client = WeChatClient(transport, store, clock=self._clock, observer=self.metrics)
        delivery = Delivery(self.hooks, clock=self._clock)
        flow = Flow(
            store=store,
            wechat=client,
            host=self.hooks,
            apps={app.app_id: app for app in settings.apps},
            token_key=token_key,
            clock=self._clock,
            random=self._random,
            observer=self._observer,
            listener=delivery,
            sessions=SessionPolicy(
                ttl=settings.session_ttl,
                idle_ttl=settings.session_idle_ttl,
                max_sessions=settings.max_sessions,
            ),
            policy=LoginPolicy(logins_per_minute=settings.logins_per_minute),
        )
        tasks = [
            asyncio.create_task(_every(SEEN_INTERVAL, flow.checks.write_seen)),
            asyncio.create_task(delivery.run(store, every=OUTBOX_INTERVAL)),
            asyncio.create_task(_every(PRUNE_INTERVAL, partial(self._prune, store))),
        ]
        if settings.metrics_directory is not None:
            write = partial(self._write_metrics, settings.metrics_directory)
            tasks.append(asyncio.create_task(_every(METRICS_INTERVAL, write)))
        end = self._run(flow, transport, tasks)
        await anext(end)
        return _Parts(loop, client, flow, end)

    async def _run(
        self, flow: Flow, transport: OpenTransport, tasks: list[asyncio.Task[None]]
    ) -> AsyncGenerator[None, None]:
        """Everything bound to this event loop. A loop that ends finishes its generators first,
        so nothing is left behind in a host that runs no lifespan (TestClient outside `with`).
        """
        try:
            yield
        finally:
            parts = self._parts.get(get_ident())
            if parts is not None and parts.flow is flow:
                del self._parts[get_ident()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            with suppress(errors.StoreUnavailable):
                await flow.checks.write_seen()
            await transport.close()
            if self.settings.metrics_directory is not None:
                await self._write_metrics(self.settings.metrics_directory)

    async def _prune(self, store: Store) -> None:
        pruned = PRUNE_LIMIT
        while pruned >= PRUNE_LIMIT:
            pruned = await store.prune(now=self._clock(), limit=PRUNE_LIMIT)

    async def _write_metrics(self, directory: Path) -> None:
        """Leave this worker's numbers for the operator's listener, whole or not at all."""
        path = directory / f"{os.getpid()}.json"
        path.with_suffix(".new").write_bytes(encode(self.metrics.snapshot()))
        path.with_suffix(".new").replace(path)


class AppApi:
    """WeChat's other interfaces for one app, with the shared access_token.

    Errors are those of `wxlogin.wechat.client.Caller`.
    """

    def __init__(self, wx: WxLogin, app_id: str | None) -> None:
        self._wx = wx
        self._app_id = app_id

    async def get(self, path: str, *, params: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        """The answer's fields; `path` like "/wxa/getwxadevinfo"."""
        return await (await self._caller()).get(path, params=params)

    async def post(
        self, path: str, *, params: Mapping[str, str] | None = None, json: Any = None
    ) -> Mapping[str, Any]:
        """The same by POST, with a JSON body."""
        return await (await self._caller()).post(path, params=params, json=json)

    async def _caller(self) -> Caller:
        app = await (await self._wx.flow()).get_app(self._app_id)
        return (await self._wx.client()).caller(app)


def _url_of(database: "str | URL | Engine | AsyncEngine | None") -> str | None:
    if database is None or isinstance(database, str):
        return database
    url: Any = getattr(database, "url", database)
    text: str = url.render_as_string(hide_password=False)
    return text


async def _every(seconds: float, act: Callable[[], Awaitable[None]]) -> None:
    """Do `act` for ever, `seconds` apart; a fault is logged and the next turn tries again."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await act()
        except errors.StoreUnavailable as fault:
            log.warning("housekeeping waits: %s", fault)
        except Exception:
            log.exception("housekeeping failed; the next turn tries again")
