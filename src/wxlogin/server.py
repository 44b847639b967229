"""Puts the parts together, once: the only module that knows them all."""

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import get_ident
from typing import TYPE_CHECKING, Any, Self, TypeVar
from weakref import WeakKeyDictionary

from wxlogin import logs
from wxlogin.acts.identities import IdentityActs
from wxlogin.acts.own import OwnActs
from wxlogin.acts.ways_in import WaysIn
from wxlogin.app_api import AppApi
from wxlogin.assembly import Given, Parts, assemble
from wxlogin.endpoints.answering import Endpoints
from wxlogin.endpoints.asgi import App as AsgiApp
from wxlogin.endpoints.asgi import AsgiDoor, SessionMiddleware
from wxlogin.endpoints.documents import with_documents
from wxlogin.endpoints.messages import encode
from wxlogin.endpoints.routes import ROUTES
from wxlogin.hooks import HostHooks
from wxlogin.login import errors
from wxlogin.login.accounts import Account
from wxlogin.login.audit_log import AuditLog
from wxlogin.login.auditing import KEY_BYTES as CHAIN_KEY_BYTES
from wxlogin.login.avatars import AvatarStorage
from wxlogin.login.credentials import PasswordPolicy
from wxlogin.login.figures import SAMPLE_EVERY
from wxlogin.login.flow import Flow
from wxlogin.login.passwords import PasswordHasher
from wxlogin.login.phone_numbers import normal_phone
from wxlogin.login.ports import Clock, Observer, Random, Store
from wxlogin.login.sessions import Session
from wxlogin.login.sms import SmsSender
from wxlogin.metrics import Both, Metrics
from wxlogin.passwords import PasswordsMissing, blocklist
from wxlogin.passwords.hashing import Argon2Hasher
from wxlogin.sampling import Sampling
from wxlogin.settings import Settings, SettingsInvalid
from wxlogin.sms.calling import CallingSender
from wxlogin.stores.opening import open_store
from wxlogin.version import VERSION
from wxlogin.wechat.client import Caller, WeChatClient
from wxlogin.wechat.transport import OpenTransport

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine
    from sqlalchemy.ext.asyncio import AsyncEngine

SEEN_INTERVAL = 5.0
"""Seconds between two writes of `last_seen_at`; with SEEN_EVERY it stays under IDLE_GRACE."""
APPS_INTERVAL = 5.0
"""Seconds until a change of an app's `cors_origins` is in force; all else is at once."""
OUTBOX_INTERVAL = 5.0
PRUNE_INTERVAL = 600.0
ERASE_INTERVAL = 60.0
SAMPLE_INTERVAL = SAMPLE_EVERY.total_seconds()
SEAL_INTERVAL = 5.0
PRUNE_LIMIT = 1000
METRICS_INTERVAL = 1.0

Function = TypeVar("Function", bound=Callable[..., Any])

log = logging.getLogger("wxlogin.server")


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class _Running:
    """The parts and the event loop they are bound to: a host may bring another one."""

    loop: asyncio.AbstractEventLoop
    parts: Parts
    end: AsyncGenerator[None, None]


class WxLogin(WaysIn, OwnActs, IdentityActs):
    """wxlogin inside an application, or behind a server of its own.

        wx = WxLogin()                       # WXLOGIN_* settings
        async with wx:                       # or wx.lifespan, or nothing: it starts on first use
            result = await wx.login(code)

    `settings` default to `Settings.load()`; `database` overrides theirs: a URL, or the host's
    engine, whose URL is taken. `store` takes the place of both. `sms_sender`, a function of
    the host's, sync or async, takes the place of `WXLOGIN_SMS`; `avatar_storage` that of
    `WXLOGIN_AVATARS` (see `CallingAvatarStorage`). `clock`, `random`,
    `password_hasher` and `transport` are for tests and the demo; `observer` is told of steps
    and checks beside the metrics. Raises `SettingsInvalid` where the settings are unsafe for
    production.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        database: "str | URL | Engine | AsyncEngine | None" = None,
        store: Store | None = None,
        transport: OpenTransport | None = None,
        sms_sender: SmsSender | Callable[..., Any] | None = None,
        avatar_storage: AvatarStorage | None = None,
        password_hasher: PasswordHasher | None = None,
        clock: Clock = utc_now,
        random: Random = os.urandom,
        observer: Observer | None = None,
    ) -> None:
        self.settings = settings or Settings.load()
        unsafe = [] if store is not None else self.settings.unsafe()
        if unsafe:
            raise SettingsInvalid(unsafe)
        self.metrics = Metrics()
        self._sampling = Sampling(self.metrics)
        self.hooks = HostHooks()
        self._database = _url_of(database) or self.settings.database_url
        self._store = store
        self._made_store = store is None
        self._clock = clock
        self._random = random
        self._given = Given(
            hooks=self.hooks,
            clock=clock,
            random=random,
            observer=self.metrics if observer is None else Both(self.metrics, observer),
            calls=self.metrics,
            transport=transport,
            sms_sender=CallingSender(sms_sender) if callable(sms_sender) else sms_sender,
            avatar_storage=avatar_storage,
        )
        self._given_hasher = password_hasher
        self._hasher: Argon2Hasher | None = None
        self._running: dict[int, _Running] = {}
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
        return self._running_flow() or (await self._started()).parts.flow

    def _running_flow(self) -> Flow | None:
        """The core, where it is ready in this loop. Asked at every request, so not by
        `get_running_loop`: that one makes a system call to learn the process id."""
        running = self._running.get(get_ident())
        if running is not None and running.loop.is_running():
            return running.parts.flow
        return None

    async def close(self) -> None:
        """Write what waits to be written, and let go of every resource."""
        running = self._running.pop(get_ident(), None)
        if running is not None:
            await running.end.aclose()
        if self._running:
            return  # a job's loop has ended, and others go on: theirs are store and hasher too
        hasher, self._hasher = self._hasher, None
        if hasher is not None:
            await asyncio.to_thread(hasher.close)
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

    def may_join(self, function: Function) -> Function:
        """Register `may_join(account, who) -> bool`: whether an openid nobody knows may join the
        account whose phone it has just proven, where the app's `phone_conflict` is `join`."""
        self.hooks.may_join_function = function
        return function

    def on_registered(self, function: Function) -> Function:
        return self._listen("registered", function)

    def on_login(self, function: Function) -> Function:
        return self._listen("login", function)

    def on_logout(self, function: Function) -> Function:
        return self._listen("logout", function)

    def on_kicked(self, function: Function) -> Function:
        return self._listen("kicked", function)

    def on_phone_changed(self, function: Function) -> Function:
        return self._listen("phone_changed", function)

    def on_merged(self, function: Function) -> Function:
        return self._listen("merged", function)

    def on_erased(self, function: Function) -> Function:
        return self._listen("erased", function)

    # Acts: every public route is also a call

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
            phone=None if phone is None else normal_phone(phone).e164,
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

        async def caller() -> Caller:
            app = await (await self.flow()).core.apps.get(app_id)
            return (await self.client()).caller(app)

        return AppApi(caller)

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

    async def audit_log(self) -> AuditLog:
        """The audit log: to be searched, verified, carried out. Its chain's key is one for all
        processes, sealed in the store, so that who can write the database alone has it not."""
        store = await self.open_store()
        key = await store.secret_key("audit_chain", self._random(CHAIN_KEY_BYTES))
        return AuditLog(store, key=key)

    async def check_app(self, app_id: str | None = None) -> None:
        """Return if WeChat takes the app's appsecret; raises `AppMisconfigured` where not."""
        app = await (await self.flow()).core.apps.get(app_id)
        await (await self.client()).check_app(app)

    async def clock_skew(self, app_id: str | None = None) -> float | None:
        """Seconds our clock is ahead of WeChat's, to one second; None where it cannot be learnt."""
        app = await (await self.flow()).core.apps.get(app_id)
        theirs = await (await self.client()).find_server_time(app)
        return None if theirs is None else (self._clock() - theirs).total_seconds()

    async def client(self) -> WeChatClient:
        """WeChat's side, bound to the running event loop."""
        await self.flow()
        return self._running[get_ident()].parts.client

    # How it is put together

    async def _get(self, **named: Any) -> Account:
        account = await self.find(**named)
        if account is None:
            raise errors.NotFound
        return account

    def _listen(self, kind: str, function: Function) -> Function:
        self.hooks.listeners.setdefault(kind, []).append(function)
        return function

    async def _started(self) -> _Running:
        """The parts, made once a loop: of two first users one makes them, the other waits."""
        loop = asyncio.get_running_loop()
        async with self._starting.setdefault(loop, asyncio.Lock()):
            running = self._running.get(get_ident())
            if running is None or running.loop is not loop:
                running = self._running[get_ident()] = await self._start(loop)
            return running

    async def _start(self, loop: asyncio.AbstractEventLoop) -> _Running:
        store = await self.open_store()
        given = replace(self._given, passwords=self._passwords())
        audit_log = await self.audit_log()
        parts = assemble(
            self.settings,
            store,
            token_key=await self.token_key(),
            audit_log=audit_log,
            given=given,
        )
        with suppress(errors.StoreUnavailable):
            await self._read_apps(parts.flow)
        sample = partial(self._sampling.take, parts.flow.figures)
        tasks = [
            asyncio.create_task(_every(SEEN_INTERVAL, parts.flow.checks.write_seen)),
            asyncio.create_task(_every(SEEN_INTERVAL, parts.flow.service_keys.write_used)),
            asyncio.create_task(_every(APPS_INTERVAL, partial(self._read_apps, parts.flow))),
            asyncio.create_task(parts.delivery.run(store, every=OUTBOX_INTERVAL)),
            asyncio.create_task(_every(PRUNE_INTERVAL, partial(self._prune, store))),
            asyncio.create_task(_every(ERASE_INTERVAL, parts.flow.leaving.carry_out_due)),
            asyncio.create_task(_every(SAMPLE_INTERVAL, sample)),
            asyncio.create_task(_every(SEAL_INTERVAL, partial(self._keep_audit, audit_log))),
        ]
        if given.passwords is not None:
            tasks.append(asyncio.create_task(blocklist.load()))  # no login waits for the disk
        if self.settings.metrics_directory is not None:
            write = partial(self._write_metrics, self.settings.metrics_directory)
            tasks.append(asyncio.create_task(_every(METRICS_INTERVAL, write)))
        end = self._run(parts, tasks)
        await anext(end)
        return _Running(loop, parts, end)

    async def _run(
        self, parts: Parts, tasks: list[asyncio.Task[None]]
    ) -> AsyncGenerator[None, None]:
        """Everything bound to this event loop. A loop that ends finishes its generators first,
        so nothing is left behind in a host that runs no lifespan (TestClient outside `with`).
        """
        try:
            yield
        finally:
            running = self._running.get(get_ident())
            if running is not None and running.parts is parts:
                del self._running[get_ident()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            with suppress(errors.StoreUnavailable):
                await parts.flow.checks.write_seen()
                await parts.flow.service_keys.write_used()
                await self._sampling.flush(parts.flow.figures)
            await parts.close()
            if self.settings.metrics_directory is not None:
                await self._write_metrics(self.settings.metrics_directory)

    def _passwords(self) -> tuple[PasswordHasher, PasswordPolicy] | None:
        """The one hasher of this process and the block list; None where the extra is not there."""
        policy = replace(self.settings.passwords, is_common=blocklist.is_common)
        try:
            blocklist.check_installed()
            if self._given_hasher is not None:
                return self._given_hasher, policy
            self._hasher = self._hasher or Argon2Hasher()
        except PasswordsMissing:
            log.info('no passwords here: pip install "wxlogin[passwords]" brings them')
            return None
        return self._hasher, policy

    async def _read_apps(self, flow: Flow) -> None:
        """Let in the pages of every app that lives: one that was added a moment ago too."""
        apps = [app for app in await flow.core.apps.list_all() if not app.is_disabled]
        self.endpoints.allow_origins(origin for app in apps for origin in app.cors_origins)

    async def _prune(self, store: Store) -> None:
        pruned = PRUNE_LIMIT
        while pruned >= PRUNE_LIMIT:
            pruned = await store.prune(now=self._clock(), limit=PRUNE_LIMIT)

    async def _keep_audit(self, audit_log: AuditLog) -> None:
        await audit_log.keep(retired_before=self._clock() - self.settings.audit_ttl)

    async def _write_metrics(self, directory: Path) -> None:
        """Leave this worker's numbers for the operator's listener, whole or not at all."""
        path = directory / f"{os.getpid()}.json"
        path.with_suffix(".new").write_bytes(encode(self.metrics.snapshot()))
        path.with_suffix(".new").replace(path)


def _url_of(database: "str | URL | Engine | AsyncEngine | None") -> str | None:
    if database is None or isinstance(database, str):
        return database
    url: Any = getattr(database, "url", database)
    text: str = url.render_as_string(hide_password=False)
    return text


async def _every(seconds: float, act: Callable[[], Awaitable[object]]) -> None:
    """Do `act` for ever, `seconds` apart; a fault is logged and the next turn tries again."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await act()
        except errors.StoreUnavailable as fault:
            log.warning("housekeeping waits: %s", fault)
        except Exception:
            log.exception("housekeeping failed; the next turn tries again")
