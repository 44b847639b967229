"""The client of WeChat's servers: the port `WeChat`, and every other call of theirs.

exchange_code             code2Session, at most once after its first byte (contract §1)
is_session_key_valid      checkSession (§2.1)
reset_session_key         ResetUserSessionKey (§2.2)
get_phone_number          getuserphonenumber (§4.1)
get_access_token          the shared access_token itself, for the team's other servers
is_text_allowed           msgSecCheck (`contents`)
is_picture_allowed        imgSecCheck (`contents`)
caller(app)               anything else, with the shared access_token
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from random import random as random_fraction
from typing import Any, TypeVar

from wxlogin.login import errors
from wxlogin.login.accounts import Phone
from wxlogin.login.policy import App
from wxlogin.login.ports import AccessToken, AccessTokens, Clock, CodeExchange, NothingSent
from wxlogin.login.secret import Secret
from wxlogin.wechat import answers, questions
from wxlogin.wechat.access_token import SharedAccessTokens
from wxlogin.wechat.answers import FetchedToken
from wxlogin.wechat.asking import Asking
from wxlogin.wechat.breaker import Breaker
from wxlogin.wechat.calls import CallObserver, Calls
from wxlogin.wechat.contents import Contents
from wxlogin.wechat.errcodes import Meaning, WeChatApiError
from wxlogin.wechat.transport import Transport

SECRET_REFUSED = 40125
"""The appsecret does not match the appid; with no other number is the old one tried."""

CALL_SECONDS = 3.0
"""A login has five in all (security.md §5.2); the commit and the host need theirs."""

# 40013 says here that the code came from another app than the access_token (contract
# §4.1): the person's doing, no wrong setting. 40003 is what a foreign openid gets.
_PHONE_MEANINGS = dict.fromkeys((40029, 40163, 41008, 40013, 40003), Meaning.PHONE_CODE_INVALID)

# No access_token goes with the calls that send the appsecret: so that is what is refused.
_SECRET_MEANINGS = dict.fromkeys((40001, 40014, 42001), Meaning.CONFIG)

# Where a call knows nothing of a session_key, or of a code, WeChat's word of one is no answer.
_EXCHANGE_MEANINGS = _SECRET_MEANINGS | dict.fromkeys((87007, 87009), Meaning.OTHER)
_NO_CODE = dict.fromkeys((40029, 41008, 40163, 40226), Meaning.OTHER)

T = TypeVar("T")

log = logging.getLogger("wxlogin.wechat")


class WeChatClient:
    """Any number of apps on one host of WeChat's. Belongs to one event loop.

    `random` gives fractions of one, for jitter; `monotonic` seconds. Both, `clock` and
    `sleep` are there for tests to stand in for.
    """

    def __init__(
        self,
        transport: Transport,
        access_tokens: AccessTokens,
        *,
        clock: Clock,
        call_seconds: float = CALL_SECONDS,
        observer: CallObserver | None = None,
        breaker: Breaker | None = None,
        random: Callable[[], float] = random_fraction,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        calls = Calls(
            transport,
            breaker=breaker,
            observer=observer,
            random=random,
            clock=monotonic,
            sleep=sleep,
        )
        self._asking = Asking(calls, clock=clock)
        self._seconds = call_seconds
        self._tokens = SharedAccessTokens(
            access_tokens, self._fetch_token, clock=clock, random=random, sleep=sleep
        )
        # A breaker of its own: pictures that take too long must not turn logins away.
        judging = Calls(
            transport,
            breaker=Breaker(clock=monotonic),
            observer=observer,
            random=random,
            clock=monotonic,
            sleep=sleep,
        )
        self._contents = Contents(
            Asking(judging, clock=clock), tokens=self._tokens, seconds=call_seconds
        )

    async def exchange_code(self, app: App, code: str) -> CodeExchange:
        """Who the code's person is. See the port; `NothingSent` passes through, for then the
        code is unspent."""

        async def ask(app: App) -> CodeExchange:
            return await self._asking.ask(
                app,
                questions.code2session(app, code, seconds=self._seconds),
                answers.code_exchange,
                retry="new_code",
                meanings=_EXCHANGE_MEANINGS,
            )

        return await _under_either_secret(app, ask, retry="new_code")

    async def is_session_key_valid(self, app: App, *, openid: str, session_key: Secret) -> bool:
        """Whether WeChat still holds it valid. 40003 is a no too: not this person's key."""
        build = questions.login_state(
            questions.CHECK_SESSION, openid=openid, session_key=session_key, seconds=self._seconds
        )
        try:
            await self._asking.ask_with_token(
                app, build, answers.plain_yes, tokens=self._tokens, meanings=_NO_CODE
            )
        except errors.SessionKeyStale:
            return False
        except WeChatApiError as refusal:
            if refusal.errcode == 40003:
                return False
            raise
        return True

    async def reset_session_key(self, app: App, *, openid: str, session_key: Secret) -> Secret:
        """The session_key in place of `session_key`, which dies at once.

        Raises `SessionKeyStale` where it was dead already.
        """
        build = questions.login_state(
            questions.RESET_SESSION_KEY,
            openid=openid,
            session_key=session_key,
            seconds=self._seconds,
        )
        return await self._asking.ask_with_token(
            app, build, answers.new_session_key(openid), tokens=self._tokens
        )

    async def get_phone_number(self, app: App, code: str, *, openid: str) -> Phone:
        """The number behind the phone button's code, which must be `openid`'s (A16).

        Raises `PhoneCodeInvalid`, `WeChatUnavailable`, `RateLimited`, `AppMisconfigured`.
        """
        return await self._asking.ask_with_token(
            app,
            questions.phone_number(code, openid=openid, seconds=self._seconds),
            answers.phone_of(app.app_id),
            tokens=self._tokens,
            retry="new_code",
            meanings=_PHONE_MEANINGS,
        )

    async def is_text_allowed(self, app: App, text: str, *, openid: str) -> bool:
        """Whether `text` of `openid`'s profile may be shown. See `ContentCheck`."""
        return await self._contents.is_text_allowed(app, text, openid=openid)

    async def is_picture_allowed(self, app: App, content: bytes, *, media_type: str) -> bool:
        """Whether the picture (JPEG, PNG, GIF) may be shown. See `ContentCheck`."""
        return await self._contents.is_picture_allowed(app, content, media_type=media_type)

    async def check_app(self, app: App) -> None:
        """Return if WeChat takes this app's appsecret now; `AppMisconfigured` where it does not.

        Asks for the token WeChat keeps stable, which changes nothing (contract §3.2). The
        secret before a rotation is left out: whether the new one works is what is asked.
        """
        await self._fetch_token(replace(app, old_secret=None))

    async def get_access_token(self, app: App) -> AccessToken:
        """See the port."""
        return await self._tokens.get_whole(app)

    async def renew_access_token(self, app: App, value: Secret) -> AccessToken:
        """See the port."""
        await self._tokens.discard(app, value)
        return await self._tokens.get_whole(app)

    async def find_server_time(self, app: App) -> datetime | None:
        """What WeChat's clock says, to the second; None where it does not say.

        Every refusal carries a rid that begins with the Unix time (contract §0), and a code
        nobody was given is refused at no cost.
        """
        try:
            await self._asking.ask(
                app,
                questions.code2session(app, "what-time-is-it", seconds=self._seconds),
                answers.code_exchange,
                meanings={40029: Meaning.OTHER},
            )
        except WeChatApiError as refusal:
            return answers.time_of(refusal.rid)
        except (errors.WxLoginError, NothingSent):
            return None
        return None

    def caller(self, app: App) -> "Caller":
        """Calls any other of WeChat's interfaces in the app's name."""
        return Caller(app, self._asking, tokens=self._tokens, seconds=self._seconds)

    async def _fetch_token(self, app: App) -> FetchedToken:
        async def ask(app: App) -> FetchedToken:
            request = questions.stable_token(app, seconds=self._seconds)
            return await self._asking.ask(
                app, request, answers.fetched_token, meanings=_SECRET_MEANINGS | _NO_CODE
            )

        try:
            return await _under_either_secret(app, ask)
        except NothingSent as nothing:
            error = nothing.told()
        raise error


async def _under_either_secret(
    app: App, ask: Callable[[App], Awaitable[T]], *, retry: errors.Retry | None = None
) -> T:
    """What WeChat answers under the app's secret; where it refuses that one, and there is one
    from before a rotation, under the old one, once (security.md §5.7).

    WeChat looks at the secret before it looks at a code, so the first call was no exchange:
    see docs/decisions/2026-11-22-two-appsecrets.md. That it spent nothing is not proven all
    the same: from here on nobody says `NothingSent`, and so nobody hands the code out again.
    """
    try:
        return await ask(app)
    except errors.AppMisconfigured as refusal:
        if refusal.errcode != SECRET_REFUSED or app.old_secret is None:
            raise
    log.warning("the new appsecret is refused, the old one is tried: app_id=%s", app.app_id)
    try:
        return await ask(replace(app, secret=app.old_secret, old_secret=None))
    except NothingSent:
        pass
    raise errors.WeChatUnavailable(retry=retry)


class Caller:
    """WeChat's other interfaces, for one app. The access_token is added by itself."""

    def __init__(
        self, app: App, asking: Asking, *, tokens: SharedAccessTokens, seconds: float
    ) -> None:
        self._app = app
        self._asking = asking
        self._tokens = tokens
        self._seconds = seconds

    async def get(self, path: str, *, params: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        """The answer's fields. `path` is relative to WeChat's host, like "wxa/getwxadevinfo".

        Raises `WeChatApiError` with the errcode, or what its errcode means in general.
        """
        return await self._call(
            questions.any_call("GET", path, params=params or {}, body=None, seconds=self._seconds)
        )

    async def post(
        self, path: str, *, params: Mapping[str, str] | None = None, json: Any = None
    ) -> Mapping[str, Any]:
        """The same by POST, with a JSON body."""
        return await self._call(
            questions.any_call("POST", path, params=params or {}, body=json, seconds=self._seconds)
        )

    async def _call(self, build: questions.WithToken) -> Mapping[str, Any]:
        return await self._asking.ask_with_token(
            self._app, build, answers.all_fields, tokens=self._tokens
        )
