"""The story of a login, one method per thing a person can do, in the order they meet it.

    step  where                   here
    1, 2  mini program            gets a code, sends it                 login()
    3, 4  server ↔ WeChat         claim the code, exchange it once      _exchange()
    5     server ↔ database       find the openid, or register it       _recognise(), _commit()
    6     server                  keep session_key, sealed              _commit()
    7     server → mini program   make a session, answer its token      LoginResult
    8, 9  mini program            keeps the token, sends it along
    10    server                  find, compare, judge                  checks.check()

Steps 5 to 7 are one transaction: a process killed anywhere in a login leaves either
all of it or nothing, and the next login of the same person works.
"""

import asyncio
import logging
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from wxlogin.login import errors, tokens
from wxlogin.login.accounts import Account, Agreement, SessionKey, Who
from wxlogin.login.announcing import Announcer
from wxlogin.login.asking import AskedHost
from wxlogin.login.checks import Checks
from wxlogin.login.limits import check_code, check_origin
from wxlogin.login.moderation import Moderation
from wxlogin.login.policy import App, Door, LoginPolicy, Registration, may_log_in
from wxlogin.login.ports import (
    AccountChange,
    Clock,
    CodeExchange,
    Event,
    Host,
    Listener,
    LoginCommit,
    LoginOutcome,
    LoginVerdict,
    NewAccount,
    NewSession,
    NothingSent,
    Observer,
    Random,
    Store,
    Ticket,
    WeChat,
)
from wxlogin.login.sessions import (
    IDLE_GRACE,
    Device,
    EndCode,
    Ending,
    Session,
    SessionPolicy,
)

log = logging.getLogger("wxlogin.login")
security_log = logging.getLogger("wxlogin.security")


@dataclass(frozen=True, slots=True)
class LoginResult:
    """What a login gives back. `token` is for the phone alone, and is not kept here."""

    token: str = field(repr=False)
    session: Session
    account: Account
    is_new_account: bool


@dataclass(frozen=True, slots=True)
class Proven:
    """A person WeChat has vouched for, before we know whether we know them."""

    app: App
    openid: str
    unionid: str | None
    session_key: SessionKey


class Flow:
    """Every act of a person, on top of the ports. One a process.

    `checks` is step 10, `moderation` what others do to a person's account.
    """

    def __init__(
        self,
        *,
        store: Store,
        wechat: WeChat,
        host: Host,
        apps: Mapping[str, App],
        token_key: bytes,
        clock: Clock,
        random: Random,
        observer: Observer,
        listener: Listener,
        sessions: SessionPolicy | None = None,
        policy: LoginPolicy | None = None,
    ) -> None:
        """`apps` are the fixed ones, by app_id; `token_key` is what token checksums are under."""
        self._store = store
        self._wechat = wechat
        self._apps = apps
        self._token_key = token_key
        self._clock = clock
        self._random = random
        self._observer = observer
        self._session_policy = sessions or SessionPolicy()
        self._policy = policy or LoginPolicy()
        self._events = Announcer(listener, clock=clock, random=random)
        asked = AskedHost(host, deadline=self._policy.hook_deadline, observer=observer)
        self._host = asked
        self.checks = Checks(store, token_key=token_key, clock=clock, observer=observer)
        self.moderation = Moderation(store, asked, self._events, clock=clock)

    def now(self) -> datetime:
        """The one clock all is judged by."""
        return self._clock()

    async def ping(self) -> None:
        """Return if logins and checks would be answered now; else `StoreUnavailable`."""
        await self._store.ping()

    # Steps 1 to 8

    async def login(
        self,
        code: str,
        *,
        app_id: str | None = None,
        device: Device | None = None,
        context: Mapping[str, Any] | None = None,
        agreements: tuple[Agreement, ...] = (),
    ) -> LoginResult:
        """Log in with a fresh code of `wx.login`.

        `code` is opaque, 1 to 256 visible ASCII characters; `app_id` may be left out
        where one app is configured; `context`, at most 1 KiB of JSON, is handed to the
        host. Raises `RequestInvalid`, `AppUnknown`, `CodeUsed`, `CodeInvalid`, a
        `LoginRefused`, `RateLimited`, `IdentityTaken`, `AppMisconfigured`,
        `WeChatUnavailable`, `StoreUnavailable`.
        """
        device, context = device or Device(), context or {}
        check_code(code)
        check_origin(device=device, context=context)
        app = await self.get_app(app_id)
        is_code_claimed = False
        try:
            async with asyncio.timeout(self._policy.deadline.total_seconds()):
                proven = await self._exchange(app, code)
                is_code_claimed = True
                return await self._enter(
                    proven,
                    door=Door.WECHAT,
                    device=device,
                    context=context,
                    agreements=agreements,
                )
        except TimeoutError:
            raise errors.WeChatUnavailable(retry="new_code") from None
        except errors.StoreUnavailable as fault:
            if is_code_claimed:  # the code is spent, whatever became of our transaction
                fault.retry = "new_code"
            raise

    async def register(
        self,
        ticket: str,
        *,
        nickname: str | None = None,
        device: Device | None = None,
        context: Mapping[str, Any] | None = None,
        agreements: tuple[Agreement, ...] = (),
    ) -> LoginResult:
        """Make the account a registration ticket stands for, and log in.

        Raises `TicketInvalid` where the ticket is unknown, spent or past its ten minutes.
        """
        device, context = device or Device(), context or {}
        check_origin(device=device, context=context)
        try:
            async with asyncio.timeout(self._policy.deadline.total_seconds()):
                return await self._redeem(
                    tokens.secret_hash(ticket),
                    device=device,
                    context=context,
                    agreements=agreements,
                    nickname=nickname,
                )
        except TimeoutError:
            raise errors.StoreUnavailable from None

    # With a session

    async def log_out(self, session: Session) -> None:
        """End this session."""
        await self.end_own_session(session, session.id)

    async def list_own_sessions(self, session: Session) -> list[Session]:
        """The live sessions of the session's account, latest seen first."""
        now = self._clock()
        found = await self._store.list_sessions(
            session.account_id, now=now, idle_before=self._idle_before(now)
        )
        return list(found)

    async def end_own_session(self, session: Session, session_id: str) -> None:
        """End one of the account's own sessions; `NotFound` for anybody else's."""
        ended = await self._store.end_session(
            session_id,
            account_id=session.account_id,
            ending=Ending(self._clock(), EndCode.REVOKED, "logged_out"),
            event=self._logout_of(session, session_id=session_id),
        )
        if not ended:
            raise errors.NotFound
        self._events.wake()

    async def end_other_sessions(self, session: Session) -> None:
        """End all sessions of the account but this one."""
        await self._store.end_sessions(
            session.account_id,
            ending=Ending(self._clock(), EndCode.REVOKED, "logged_out"),
            keep=session.id,
            event=self._logout_of(session, session_id=None),
        )
        self._events.wake()

    async def is_wechat_session_valid(self, session: Session) -> bool:
        """Ask WeChat whether the stored session_key of this session's identity still lives."""
        now = self._clock()
        keys = await self._store.find_session_keys(
            app_id=session.app_id, openid=session.openid, previous_after=now
        )
        if keys is None:
            return False
        app = await self.get_app(session.app_id)
        return await self._wechat.is_session_key_valid(
            app, openid=session.openid, session_key=keys.current.value
        )

    async def get_own_account(self, session: Session) -> Account:
        account = await self._store.find_account(account_id=session.account_id)
        if account is None:
            raise errors.SessionInvalid
        return account

    async def change_profile(self, session: Session, *, nickname: str) -> Account:
        account = await self._store.change_account(
            session.account_id, AccountChange(nickname=nickname)
        )
        if account is None:
            raise errors.SessionInvalid
        return account

    async def get_app(self, app_id: str | None) -> App:
        """The enabled app; without `app_id`, the only one. Raises `AppUnknown`."""
        if app_id is None:
            apps = {**{app.app_id: app for app in await self._store.list_apps()}, **self._apps}
            enabled = [app for app in apps.values() if not app.is_disabled]
            if len(enabled) != 1:
                raise errors.RequestInvalid(("app_id", f"required: {len(enabled)} apps are here"))
            return enabled[0]
        app = self._apps.get(app_id) or await self._store.find_app(app_id)
        if app is None or app.is_disabled:
            raise errors.AppUnknown
        return app

    # How a login goes on

    async def _redeem(
        self,
        ticket_hash: bytes,
        *,
        device: Device,
        context: Mapping[str, Any],
        agreements: tuple[Agreement, ...],
        nickname: str | None,
    ) -> LoginResult:
        kept = await self._store.find_ticket(ticket_hash, now=self._clock())
        if kept is None:
            raise errors.TicketInvalid
        return await self._enter(
            Proven(
                app=await self.get_app(kept.app_id),
                openid=kept.openid,
                unionid=kept.unionid,
                session_key=kept.session_key,
            ),
            door=Door.TICKET,
            device=device,
            context=context,
            agreements=agreements,
            nickname=nickname,
            ticket_hash=ticket_hash,
        )

    async def _exchange(self, app: App, code: str) -> Proven:
        now = self._clock()
        code_hash = tokens.code_hash(app.app_id, code)
        started = time.perf_counter()
        sequence = await self._store.claim_code(
            code_hash, now=now, until=now + self._policy.claim_ttl
        )
        if sequence is None:
            self._step(2, "claim", "code_used", started)
            raise errors.CodeUsed
        self._step(2, "claim", "ok", started)
        started = time.perf_counter()
        try:
            answer = await self._wechat.exchange_code(app, code)
        except NothingSent as nothing:
            await self._store.release_code(code_hash)
            refusal = nothing.told()
            self._step(3, "exchange", refusal.code, started)
            raise refusal from None
        except errors.CodeUsed:
            # We never claimed it, WeChat says it was spent: somebody else has our people's codes.
            security_log.warning("a code that never came here was spent: app_id=%s", app.app_id)
            self._step(3, "exchange", "code_used", started)
            raise
        except errors.WxLoginError as refusal:
            self._step(3, "exchange", refusal.code, started)
            raise
        self._step(4, "exchange", "ok", started)
        return _proven(app, answer, sequence=sequence, now=now)

    async def _enter(
        self,
        proven: Proven,
        *,
        door: Door,
        device: Device,
        context: Mapping[str, Any],
        agreements: tuple[Agreement, ...],
        nickname: str | None = None,
        ticket_hash: bytes | None = None,
    ) -> LoginResult:
        await self._take_turn(proven)
        known = await self._recognise(proven, door=door)
        who = Who(proven.app.app_id, proven.openid, proven.unionid, None, context)
        user_id = known.user_id if known else None
        if user_id is None:
            user_id = await self._host.user_for(who)
        claims = await self._host.claims_for(known, user_id=user_id)
        now = self._clock()
        session_id = self._new_id(now)
        token, secret_hash = tokens.mint(session_id, secret=self._random(32), key=self._token_key)
        announce = tuple(kind for kind in ("registered", "login") if kind in self._events.kinds)
        outcome = await self._commit(
            LoginCommit(
                at=now,
                door=door,
                pool=proven.app.pool,
                app_id=proven.app.app_id,
                openid=proven.openid,
                unionid=proven.unionid,
                session_key=proven.session_key,
                session=NewSession(
                    id=session_id,
                    secret_hash=secret_hash,
                    claims=claims,
                    device=device,
                    created_at=now,
                    expires_at=now + self._session_policy.ttl,
                    idle_ttl=self._session_policy.idle_ttl,
                ),
                max_sessions=self._session_policy.max_sessions,
                idle_before=self._idle_before(now),
                registration=self._registration(proven.app, door=door, nickname=nickname, now=now),
                user_id=user_id,
                ticket_hash=ticket_hash,
                agreements=agreements,
                announce=announce,
                event_ids=tuple(self._new_id(now) for _ in announce),
                context=context,
            )
        )
        return self._admit(outcome, token=token, door=door)

    async def _recognise(self, proven: Proven, *, door: Door) -> Account | None:
        """Step 5: the account we know, or None where a new one may be made."""
        started = time.perf_counter()
        known = await self._store.find_account_of(
            pool=proven.app.pool,
            app_id=proven.app.app_id,
            openid=proven.openid,
            unionid=proven.unionid,
        )
        outcome = "known" if known else "unknown"
        self._step(5, "recognise", outcome, started)
        if known is not None:
            refusal = may_log_in(known, door, self._clock())
            if refusal is not None:
                raise refusal
        elif door is Door.WECHAT:
            await self._ask_policy(proven)
        return known

    async def _ask_policy(self, proven: Proven) -> None:
        """Nothing where an unknown person becomes an account by logging in, else the refusal."""
        if proven.app.registration is Registration.AUTO:
            return
        if proven.app.registration is Registration.CLOSED:
            raise errors.RegistrationClosed
        ticket = tokens.urlsafe(self._random(32))
        await self._store.keep_ticket(
            Ticket(
                hash=tokens.secret_hash(ticket),
                app_id=proven.app.app_id,
                openid=proven.openid,
                unionid=proven.unionid,
                session_key=proven.session_key,
                expires_at=self._clock() + self._policy.ticket_ttl,
            )
        )
        raise errors.RegistrationRequired(
            ticket,
            expires_in=self._policy.ticket_ttl,
            methods=self._policy.registration_methods,
        )

    async def _take_turn(self, proven: Proven) -> None:
        wait = await self._store.take(
            f"login:{proven.app.app_id}:{proven.openid}",
            limit=self._policy.logins_per_minute,
            window=timedelta(minutes=1),
            now=self._clock(),
        )
        if wait:
            raise errors.RateLimited(max(1, math.ceil(wait.total_seconds())))

    def _registration(
        self, app: App, *, door: Door, nickname: str | None, now: datetime
    ) -> NewAccount | None:
        if door is Door.WECHAT and app.registration is not Registration.AUTO:
            return None
        return NewAccount(id=self._new_id(now), nickname=nickname)

    async def _commit(self, commit: LoginCommit) -> LoginOutcome:
        started = time.perf_counter()
        outcome = await self._store.commit_login(commit)
        self._step(6, "commit", str(outcome.verdict), started)
        if outcome.unionid_clash:
            security_log.warning(
                "WeChat named a unionid that is another account's; nothing was moved: app_id=%s",
                commit.app_id,
            )
        return outcome

    def _admit(self, outcome: LoginOutcome, *, token: str, door: Door) -> LoginResult:
        """Step 7: the answer, or the reason why the transaction wrote nothing."""
        account, session = outcome.account, outcome.session
        if outcome.verdict is LoginVerdict.TICKET_SPENT:
            raise errors.TicketInvalid
        if outcome.verdict is LoginVerdict.USER_ID_TAKEN:
            log.error("user_for named a user_id that is another account's; see docs/errors.md")
            raise errors.IdentityTaken
        if outcome.verdict is LoginVerdict.UNKNOWN:
            raise errors.StoreUnavailable(retry="new_code")  # erased since step 5
        if account is None:
            raise AssertionError(f"a store answered {outcome.verdict} without an account")
        if session is None:
            refusal = may_log_in(account, door, self._clock())
            raise refusal or errors.StoreUnavailable(retry="new_code")
        self._events.wake()
        return LoginResult(token, session, account, outcome.is_new_account)

    def _logout_of(self, session: Session, *, session_id: str | None) -> Event | None:
        """The event of a log-out; without `session_id` that of all sessions but this one."""
        return self._events.event(
            "logout",
            account_id=session.account_id,
            user_id=session.user_id,
            app_id=session.app_id,
            session_id=session_id,
        )

    def _idle_before(self, now: datetime) -> datetime:
        return now - self._session_policy.idle_ttl - IDLE_GRACE

    def _new_id(self, now: datetime) -> str:
        return tokens.new_id(now, self._random(10))

    def _step(self, number: int, name: str, outcome: str, started: float) -> None:
        self._observer.step(number, name, outcome=outcome, seconds=time.perf_counter() - started)


def _proven(app: App, answer: CodeExchange, *, sequence: int, now: datetime) -> Proven:
    return Proven(
        app=app,
        openid=answer.openid,
        unionid=answer.unionid or None,
        session_key=SessionKey(answer.session_key, sequence, now),
    )
