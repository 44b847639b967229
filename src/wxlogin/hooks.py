"""The host's functions: whose user somebody is, and what to do after a login.

`user_for`, `load_user` and `claims_for` run inside a login and can refuse it.
The `on_…` hooks run after the commit, at least once, under a time limit, and
cannot break it. Any of them may be sync; a sync one runs in a thread.
"""

import asyncio
import inspect
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from wxlogin.login.accounts import Account, Who
from wxlogin.login.errors import StoreUnavailable
from wxlogin.login.limits import USER_ID_LIMIT, is_user_id
from wxlogin.login.ports import Clock, Event, Outbox

HOOK_DEADLINE = timedelta(seconds=10)
LEASE = timedelta(seconds=60)
"""After this an event whose hook did not end is told again: longer than HOOK_DEADLINE."""

BATCH = LEASE // HOOK_DEADLINE - 1
"""Told one after the other, so many end within their lease even if every hook hangs."""

log = logging.getLogger("wxlogin.hooks")


class HostHooks:
    """What the host registered; the core's port `Host`."""

    def __init__(self) -> None:
        self.user_for_function: Callable[[Who], Any] | None = None
        self.load_user_function: Callable[[str], Any] | None = None
        self.claims_for_function: Callable[[Any], Any] | None = None
        self.may_join_function: Callable[[Account, Who], Any] | None = None
        self.listeners: dict[str, list[Callable[[Event], Any]]] = {}

    async def user_for(self, who: Who) -> str | None:
        """The host's key as text; an integer key is as good as its digits."""
        if self.user_for_function is None:
            return None
        key = await call(self.user_for_function, who)
        if key is None:
            return None
        user_id = str(key)
        if not is_user_id(user_id):
            raise ValueError(f"user_for must return 1 to {USER_ID_LIMIT} printable characters")
        return user_id

    async def load_user(self, user_id: str) -> Any:
        """The host's own user object; `user_id` itself where no `load_user` is registered."""
        if self.load_user_function is None:
            return user_id
        return await call(self.load_user_function, user_id)

    async def claims_for(self, user_id: str | None) -> Mapping[str, Any]:
        if self.claims_for_function is None or user_id is None:
            return {}
        user = await self.load_user(user_id)
        return dict(await call(self.claims_for_function, user) or {})

    async def may_join(self, account: Account, who: Who) -> bool:
        """Without a hook: yes, for the app's operator has chosen `join`."""
        if self.may_join_function is None:
            return True
        return bool(await call(self.may_join_function, account, who))


class Delivery:
    """Brings events from the outbox to the `on_…` hooks; the core's port `Listener`.

    An event is leased, told, and dropped when every hook of its kind has returned.
    What a crash, a time limit or an exception leaves behind is told again later.
    """

    def __init__(self, hooks: HostHooks, *, clock: Clock) -> None:
        self._hooks = hooks
        self._clock = clock
        self._awake = asyncio.Event()

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(self._hooks.listeners)

    def wake(self) -> None:
        self._awake.set()

    async def run(self, outbox: Outbox, *, every: float) -> None:
        """Deliver until cancelled; look at the outbox when woken, and `every` so many seconds."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(every):
                    await self._awake.wait()
            self._awake.clear()
            if self._hooks.listeners:
                try:
                    await self.deliver(outbox)
                except StoreUnavailable as fault:
                    log.warning("the outbox does not answer; events wait: %s", fault)
                except Exception:
                    log.exception("events were not told; the next turn tries again")

    async def deliver(self, outbox: Outbox) -> None:
        """Tell every event that waits now."""
        while True:
            now = self._clock()
            events = await outbox.lease_events(self.kinds, now=now, until=now + LEASE, limit=BATCH)
            for event in events:
                if await self._tell(event):
                    await outbox.drop_event(event.id)
            if not events:
                return
            await asyncio.sleep(0)  # neither a store in memory nor a hook need ever wait

    async def _tell(self, event: Event) -> bool:
        try:
            async with asyncio.timeout(HOOK_DEADLINE.total_seconds()):
                for hook in self._hooks.listeners.get(event.kind, ()):
                    await call(hook, event)
        except (Exception, asyncio.CancelledError):
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise  # we are being stopped; else the hook's own work was, which ends nothing here
            log.exception("on_%s failed; the event %s is told again", event.kind, event.id)
            return False
        return True


async def call(function: Callable[..., Any], *args: Any) -> Any:
    """The function's answer, whether it is sync (in a thread) or async."""
    if inspect.iscoroutinefunction(function):
        return await function(*args)
    answer = await asyncio.to_thread(function, *args)
    return await answer if inspect.isawaitable(answer) else answer
