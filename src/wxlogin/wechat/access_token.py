"""The access_token of each app, shared by all processes (security.md §5.3).

WeChat's stable_token gives every caller the same token until five minutes before its
end; then it gives a new one, and both live for those five minutes (contract §3.2).
So one process fetches, by a lease, and the others go on with the old value. A lease
alone is not enough: its holder may be paused beyond it. What it then brings is older
than what is kept, and its fence number says so.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from random import random as random_fraction

from wxlogin.login import errors
from wxlogin.login.policy import App
from wxlogin.login.ports import AccessToken, AccessTokens, Clock
from wxlogin.login.secret import Secret
from wxlogin.wechat.answers import FetchedToken

log = logging.getLogger("wxlogin.wechat")

OVERLAP = timedelta(minutes=5)
"""Earlier than this before its end WeChat only repeats the old token."""
JITTER = timedelta(minutes=1)
STILL_GOOD = timedelta(seconds=10)
"""A token with less left may end on its way to WeChat."""
LEASE = timedelta(seconds=5)
"""A fetch has three seconds; whoever takes longer is no longer waited for."""
COOLING = timedelta(seconds=5)
"""How long a refusal of the app itself is believed: WeChat would refuse again."""
PATIENCE = 4.0
GLANCE = 0.05

Fetch = Callable[[App], Awaitable[FetchedToken]]


class SharedAccessTokens:
    """Hands out access_tokens. `random` gives fractions of one, for the jitter."""

    def __init__(
        self,
        store: AccessTokens,
        fetch: Fetch,
        *,
        clock: Clock,
        random: Callable[[], float] = random_fraction,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._fetch = fetch
        self._clock = clock
        self._random = random
        self._sleep = sleep
        self._under_way: dict[str, asyncio.Task[AccessToken]] = {}
        self._failed: dict[str, tuple[datetime, errors.WxLoginError]] = {}

    async def get(self, app: App) -> Secret:
        """A token that is good for now. Raises `WeChatUnavailable`, `RateLimited`,
        `AppMisconfigured`, `StoreUnavailable`."""
        return (await self.get_whole(app)).value

    async def get_whole(self, app: App) -> AccessToken:
        """The same, with its end: for whoever keeps it for a while."""
        kept = await self._store.find_access_token(app.app_id)
        if kept is not None and self._left(kept) > OVERLAP - self._random() * JITTER:
            return kept
        if kept is not None and self._left(kept) > STILL_GOOD:
            return await self._refresh_early(app, kept)
        return await self._join_fetch(app)

    async def discard(self, app: App, value: Secret) -> None:
        """WeChat refused `value`: forget it, unless it has been replaced already."""
        if await self._store.drop_access_token(app.app_id, value):
            log.warning("WeChat refused an access_token before its end: app_id=%s", app.app_id)

    async def _refresh_early(self, app: App, kept: AccessToken) -> AccessToken:
        """A new token if nobody else is fetching one; the old one if somebody is, or it fails."""
        if app.app_id in self._under_way:
            return kept
        fence = await self._lease(app)
        if fence is None:
            return kept
        try:
            return await self._fetch_unless_kept(app, fence=fence, seen=kept)
        except errors.WxLoginError:
            return kept

    async def _join_fetch(self, app: App) -> AccessToken:
        """The token of the one fetch of this process. It goes on when a waiter is cancelled."""
        task = self._under_way.get(app.app_id)
        if task is None:
            task = asyncio.create_task(self._fetch_or_wait(app))
            self._under_way[app.app_id] = task
            task.add_done_callback(lambda done: self._forget(app.app_id, done))
        return await asyncio.shield(task)

    def _forget(self, app_id: str, done: "asyncio.Task[AccessToken]") -> None:
        del self._under_way[app_id]
        if not done.cancelled():
            done.exception()  # seen: a fetch whose waiters are all gone is no fault of the loop

    async def _fetch_or_wait(self, app: App) -> AccessToken:
        """Fetch under the lease, or wait for the process that holds it."""
        waited = 0.0
        while waited < PATIENCE:
            kept = await self._store.find_access_token(app.app_id)
            if kept is not None and self._left(kept) > STILL_GOOD:
                return kept
            self._raise_recent_failure(app)
            fence = await self._lease(app)
            if fence is not None:
                return await self._fetch_unless_kept(app, fence=fence, seen=kept)
            pause = GLANCE * (1 + self._random())
            await self._sleep(pause)
            waited += pause
        raise errors.WeChatUnavailable

    async def _lease(self, app: App) -> int | None:
        now = self._clock()
        return await self._store.lease_access_token(app.app_id, now=now, until=now + LEASE)

    async def _fetch_unless_kept(
        self, app: App, *, fence: int, seen: AccessToken | None
    ) -> AccessToken:
        """Fetch, unless the holder before us kept one between our look (`seen`) and our lease."""
        kept = await self._store.find_access_token(app.app_id)
        is_new = kept is not None and (seen is None or kept.fence != seen.fence)
        if kept is not None and is_new and self._left(kept) > STILL_GOOD:
            await self._store.end_lease(app.app_id, fence=fence)
            return kept
        return await self._fetch_and_keep(app, fence=fence)

    async def _fetch_and_keep(self, app: App, *, fence: int) -> AccessToken:
        asked_at = self._clock()
        try:
            fetched = await self._fetch(app)
        except errors.WxLoginError as refusal:
            if isinstance(refusal, errors.AppMisconfigured | errors.RateLimited):
                # Asking again at once would be refused again; whoever asks is told why.
                self._failed[app.app_id] = (asked_at + COOLING, refusal)
            await self._store.end_lease(app.app_id, fence=fence)
            raise
        # Counted from before the call: a pause in it must not make the token live longer.
        expires_at = asked_at + timedelta(seconds=fetched.expires_in)
        token = AccessToken(fetched.value, expires_at, fence)
        if await self._store.keep_access_token(app.app_id, token):
            return token
        return await self._store.find_access_token(app.app_id) or token

    def _raise_recent_failure(self, app: App) -> None:
        until, refusal = self._failed.get(app.app_id, (None, None))
        if until is None or refusal is None:
            return
        if self._clock() >= until:
            del self._failed[app.app_id]
            return
        raise refusal.with_traceback(None)

    def _left(self, token: AccessToken) -> timedelta:
        return token.expires_at - self._clock()
