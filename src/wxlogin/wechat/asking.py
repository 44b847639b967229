"""A call to WeChat in our terms: quota, access_token, our errors, and the log line."""

import logging
from collections.abc import Mapping
from typing import TypeVar

from wxlogin.login import errors
from wxlogin.login.policy import App
from wxlogin.login.ports import Clock, NothingSent
from wxlogin.wechat.access_token import SharedAccessTokens
from wxlogin.wechat.answers import Refused, Shape
from wxlogin.wechat.calls import Calls
from wxlogin.wechat.errcodes import Errcode, Meaning, error_for, find_errcode
from wxlogin.wechat.questions import WithToken
from wxlogin.wechat.quota import Quota
from wxlogin.wechat.transport import Unanswered, WeChatRequest

log = logging.getLogger("wxlogin.wechat")

T = TypeVar("T")

Meanings = Mapping[int, Meaning]
"""Where a number means something else in one call than in general."""

_LEVELS = {
    Meaning.CONFIG: logging.ERROR,
    Meaning.CODE_INVALID: logging.INFO,
    Meaning.PHONE_CODE_INVALID: logging.INFO,
    Meaning.CODE_USED: logging.INFO,
    Meaning.BLOCKED: logging.INFO,
    Meaning.SESSION_KEY: logging.INFO,
    Meaning.CONTENT: logging.INFO,
}


class TokenRefused(Exception):
    """WeChat refused the access_token, and so never ran the call."""


class Asking:
    """Asks WeChat, and answers in values and errors of ours."""

    def __init__(self, calls: Calls, *, clock: Clock) -> None:
        self._calls = calls
        self._quota = Quota(clock)

    async def ask(
        self,
        app: App,
        request: WeChatRequest,
        shape: Shape[T],
        *,
        retry: errors.Retry | None = None,
        meanings: Meanings | None = None,
    ) -> T:
        """The answer's value. Raises `NothingSent` where not a byte left, `TokenRefused`, or
        an error of ours; `retry` is what the person is told where a code may be spent."""
        shed = self._quota.find_refusal(app.app_id, request.path)
        if shed is not None:
            raise NothingSent(refusal=shed)
        try:
            return await self._calls.ask(request, shape)
        except NothingSent as fault:
            if not fault.from_breaker:  # the breaker has said so itself, once for all calls
                _log_silence(app, request, f"nothing was sent: {fault}")
            raise
        except Unanswered as fault:
            _log_silence(app, request, f"no whole answer: {fault}")
            error: Exception = errors.WeChatUnavailable(retry=retry)
        except Refused as refusal:
            error = self._error_of(refusal, app, request, retry=retry, meanings=meanings or {})
        raise error

    async def ask_with_token(
        self,
        app: App,
        build: WithToken,
        shape: Shape[T],
        *,
        tokens: SharedAccessTokens,
        retry: errors.Retry | None = None,
        meanings: Meanings | None = None,
    ) -> T:
        """The same with the shared access_token, without `NothingSent` and `TokenRefused`.

        Where WeChat refuses the access_token the call never ran: so with a new one it is
        repeated, once, also if it spends a code (security.md §5.3).
        """
        error: errors.WxLoginError
        value = await tokens.get(app)
        for is_last in (False, True):
            try:
                return await self.ask(app, build(value), shape, retry=retry, meanings=meanings)
            except NothingSent as nothing:
                error = nothing.told()
                break
            except TokenRefused:
                error = errors.WeChatUnavailable()
            if is_last:
                break
            await tokens.discard(app, value)
            value = await tokens.get(app)
        raise error

    def _error_of(
        self,
        refusal: Refused,
        app: App,
        request: WeChatRequest,
        *,
        retry: errors.Retry | None,
        meanings: Meanings,
    ) -> Exception:
        row = find_errcode(refusal.errcode)
        meaning = meanings.get(row.number, row.meaning)
        _log_refusal(refusal, row, app, request, level=_LEVELS.get(meaning, logging.WARNING))
        if meaning is Meaning.TOKEN:
            return TokenRefused()
        retry_after = 1
        if meaning is Meaning.RATE:
            retry_after = self._quota.refused(app.app_id, request.path, errcode=row.number)
        return error_for(row.number, meaning, retry_after=retry_after, retry=retry, rid=refusal.rid)


def _log_silence(app: App, request: WeChatRequest, what: str) -> None:
    log.warning("WeChat did not answer: %s path=%s app_id=%s", what, request.path, app.app_id)


def _log_refusal(
    refusal: Refused, row: Errcode, app: App, request: WeChatRequest, *, level: int
) -> None:
    log.log(
        level,
        "WeChat refused: errcode=%d (%s) path=%s app_id=%s rid=%s%s; what to do: %s / %s",
        row.number,
        row.cause,
        request.path,
        app.app_id,
        refusal.rid,
        f" our_ip={refusal.ip}" if refusal.ip else "",
        row.advice,
        row.advice_zh,
    )
