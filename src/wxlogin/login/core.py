"""The ports and rules that every act stands on, in one hand."""

import hashlib
import hmac
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from wxlogin.login import errors, tokens
from wxlogin.login.announcing import Announcer
from wxlogin.login.apps import AppDirectory
from wxlogin.login.asking import AskedHost
from wxlogin.login.policy import LoginPolicy
from wxlogin.login.ports import (
    Actor,
    AuditLine,
    Clock,
    Event,
    Observer,
    Quota,
    Random,
    Store,
    Told,
    WeChat,
)
from wxlogin.login.sessions import IDLE_GRACE, SessionPolicy


@dataclass(frozen=True, slots=True)
class Core:
    """One a process and event loop. `token_key` is what token checksums and short-lived
    look-up hashes are under."""

    store: Store
    wechat: WeChat
    host: AskedHost
    events: Announcer
    apps: AppDirectory
    token_key: bytes = field(repr=False)
    clock: Clock
    random: Random
    observer: Observer
    sessions: SessionPolicy
    policy: LoginPolicy

    def now(self) -> datetime:
        """The one clock all is judged by."""
        return self.clock()

    def new_id(self) -> str:
        return tokens.new_id(self.clock(), self.random(10))

    def new_text(self) -> str:
        """A secret of 256 bits as URL-safe text."""
        return tokens.urlsafe(self.random(32))

    def keyed(self, purpose: str, *parts: str) -> bytes:
        """A keyed hash of `parts`: a number of few digits is guessed under a plain one."""
        text = "".join(f"{len(part)}:{part}" for part in (purpose, *parts))
        return hmac.new(self.token_key, text.encode(), hashlib.sha256).digest()

    def idle_before(self, now: datetime) -> datetime:
        """Sessions last seen before this are over."""
        return now - self.sessions.idle_ttl - IDLE_GRACE

    def step(self, number: int, name: str, *, outcome: str, started: float) -> None:
        seconds = time.perf_counter() - started
        self.observer.step(number, name, outcome=outcome, seconds=seconds)

    def told(
        self,
        kind: str,
        *,
        actor: Actor,
        account_id: str | None = None,
        app_id: str | None = None,
        reason: str | None = None,
        event: Event | None = None,
        **data: object,
    ) -> Told:
        """The audit line of an act about to be done, and the host's event beside it."""
        line = AuditLine(self.now(), kind, actor, account_id, app_id, reason, data)
        return Told(event=event, audit=line)

    async def take_quotas(self, *quotas: Quota) -> datetime:
        """Take one of each, and return when: `give_back` asks for it. Raises `RateLimited`."""
        now = self.now()
        refuse(await self.store.take_quotas(quotas, now=now))
        return now

    async def give_back(self, quotas: Sequence[Quota], *, taken_at: datetime) -> None:
        """What the takes stood for did not happen."""
        await self.store.give_back(quotas, taken_at=taken_at)


def refuse(wait: timedelta) -> None:
    """Return where there is nothing to wait for. Raises `RateLimited`."""
    if wait:
        raise errors.RateLimited(max(1, math.ceil(wait.total_seconds())))
