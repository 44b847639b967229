"""Steps 2 to 4: a code is claimed, and exchanged at most once."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from wxlogin.login import errors, tokens
from wxlogin.login.accounts import ProvenIdentity, SessionKey
from wxlogin.login.core import Core
from wxlogin.login.limits import check_code
from wxlogin.login.policy import App
from wxlogin.login.ports import NothingSent

security_log = logging.getLogger("wxlogin.security")


class Exchanges:
    """Codes of `wx.login` against proven identities."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def exchange(self, app: App, code: str) -> ProvenIdentity:
        """Who the code's person is in `app`. Raises `CodeUsed`, `CodeInvalid`, and what
        `WeChat.exchange_code` raises."""
        check_code(code)
        core = self._core
        now = core.now()
        code_hash = tokens.code_hash(app.app_id, code)
        started = time.perf_counter()
        sequence = await core.store.claim_code(
            code_hash, now=now, until=now + core.policy.claim_ttl
        )
        if sequence is None:
            core.step(2, "claim", outcome="code_used", started=started)
            raise errors.CodeUsed
        core.step(2, "claim", outcome="ok", started=started)
        started = time.perf_counter()
        try:
            answer = await core.wechat.exchange_code(app, code)
        except NothingSent as nothing:
            await core.store.release_code(code_hash)
            refusal = nothing.told()
            core.step(3, "exchange", outcome=refusal.code, started=started)
            raise refusal from None
        except errors.CodeUsed:
            # We never claimed it, WeChat says it was spent: somebody else has our people's codes.
            security_log.warning("a code that never came here was spent: app_id=%s", app.app_id)
            core.step(3, "exchange", outcome="code_used", started=started)
            raise
        except errors.WxLoginError as refusal:
            core.step(3, "exchange", outcome=refusal.code, started=started)
            raise
        core.step(4, "exchange", outcome="ok", started=started)
        key = SessionKey(answer.session_key, sequence, now)
        return ProvenIdentity(answer.openid, answer.unionid or None, key)

    @asynccontextmanager
    async def in_time(self) -> AsyncIterator["Spending"]:
        """Around what spends one-time things: the whole within the deadline, and once
        something is spent a fault asks for a fresh code."""
        spending = Spending()
        try:
            async with asyncio.timeout(self._core.policy.deadline.total_seconds()):
                yield spending
        except TimeoutError:
            raise errors.WeChatUnavailable(retry="new_code") from None
        except errors.StoreUnavailable as fault:
            if spending.is_spent:  # whatever became of our transaction
                fault.retry = "new_code"
            raise


@dataclass(slots=True)
class Spending:
    """Whether something that works once is gone by now."""

    is_spent: bool = False
