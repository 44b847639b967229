"""Asking the host inside a login: under a deadline, and a fault of its refuses the login."""

import asyncio
import logging
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from wxlogin.login import errors
from wxlogin.login.accounts import Account, Who
from wxlogin.login.limits import CLAIMS_LIMIT, json_size
from wxlogin.login.ports import Host, Observer

log = logging.getLogger("wxlogin.login")


class AskedHost:
    """The port `Host`, with its faults turned into ours: nothing is half-made."""

    def __init__(self, host: Host, *, deadline: timedelta, observer: Observer) -> None:
        self._host = host
        self._deadline = deadline
        self._observer = observer

    async def user_for(self, who: Who) -> str | None:
        """The host's key of this person. Raises `StoreUnavailable` where the host raises."""
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self._deadline.total_seconds()):
                user_id = await self._host.user_for(who)
        except errors.WxLoginError:
            raise
        except Exception:
            self._step("store_unavailable", started)
            log.exception("user_for raised; the login is refused and nothing is kept")
            raise errors.StoreUnavailable(retry="new_code") from None
        self._step("ok", started)
        return user_id

    async def claims_for(
        self, account: Account | None, *, user_id: str | None = None
    ) -> Mapping[str, Any]:
        """What the host wants in the session, above the account's own claims. Where only both
        together are over the limit, the session goes without the account's own."""
        user_id = account.user_id if account and account.user_id else user_id
        try:
            async with asyncio.timeout(self._deadline.total_seconds()):
                asked = await self._host.claims_for(user_id)
            if json_size({**asked}) > CLAIMS_LIMIT:
                raise ValueError(f"claims_for gave more than {CLAIMS_LIMIT} bytes of JSON")
            if json_size({**(account.claims if account else {}), **asked}) > CLAIMS_LIMIT:
                log.error(
                    "the account's claims and those of claims_for are more than %d bytes of JSON"
                    " together; the session goes without the account's own",
                    CLAIMS_LIMIT,
                )
        except errors.WxLoginError:
            raise
        except Exception:
            log.exception("claims_for raised; the login is refused and nothing is kept")
            raise errors.StoreUnavailable(retry="new_code") from None
        return asked

    async def may_join(self, account: Account, who: Who) -> bool:
        """Whether the host lets this openid join. Raises `StoreUnavailable` where it raises."""
        try:
            async with asyncio.timeout(self._deadline.total_seconds()):
                return await self._host.may_join(account, who)
        except errors.WxLoginError:
            raise
        except Exception:
            log.exception("may_join raised; the login is refused and nothing is kept")
            raise errors.StoreUnavailable(retry="new_code") from None

    def _step(self, outcome: str, started: float) -> None:
        self._observer.step(5, "host", outcome=outcome, seconds=time.perf_counter() - started)
