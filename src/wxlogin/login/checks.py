"""Step 10: find the session behind a token, compare, and judge whether it is still good."""

import logging
from datetime import datetime

from wxlogin.login import errors, tokens
from wxlogin.login.near import NearSessions
from wxlogin.login.ports import Clock, Observer, Sessions
from wxlogin.login.sessions import SEEN_EVERY, Session, why_over

security_log = logging.getLogger("wxlogin.security")


class Checks:
    """Checks tokens. What it saw of a session's use waits here for `write_seen`."""

    def __init__(
        self, sessions: Sessions, *, token_key: bytes, clock: Clock, observer: Observer
    ) -> None:
        self._sessions = sessions
        self._token_key = token_key
        self._clock = clock
        self._observer = observer
        self._near = NearSessions(sessions.session_version)
        self._seen: dict[str, datetime] = {}

    async def check(self, token: str | None) -> Session:
        """The live session behind `token`; using it moves the idle limit.

        Raises a `SessionOver` that says why there is none. A made-up token reaches no store.
        """
        now = self._clock()
        session = self.find_near(token, now) if token else None
        if session is not None:
            return session
        try:
            session = await self._find_live(token, now)
        except errors.WxLoginError as refusal:
            self._observer.checked(refusal.code)
            raise
        self._use(session, now)
        return session

    def find_near(self, token: str, now: datetime) -> Session | None:
        """`check` at once, for a token that was good a moment ago; None: `check` must look."""
        session = self._near.find(token, now)
        if session is not None:
            self._use(session, now)
        return session

    def is_made_up(self, token: str) -> bool:
        """Whether `token` is certainly none of ours: `check` would say `SessionInvalid`."""
        if tokens.parse(token, self._token_key) is not None:
            return False
        self._observer.checked(errors.SessionInvalid.code)
        return True

    async def write_seen(self) -> None:
        """Write what the checks since the last call saw; to be called every few seconds."""
        seen, self._seen = self._seen, {}
        if not seen:
            return
        try:
            await self._sessions.seen(seen)
        except errors.StoreUnavailable:
            self._seen = seen | self._seen  # idle time is never judged early: keep it for later
            raise

    def _use(self, session: Session, now: datetime) -> None:
        self._observer.checked("ok")
        if now - session.last_seen_at >= SEEN_EVERY:
            self._seen[session.id] = now

    async def _find_live(self, token: str | None, now: datetime) -> Session:
        if not token:
            raise errors.SessionMissing
        presented = tokens.parse(token, self._token_key)
        if presented is None:
            raise errors.SessionInvalid
        version = self._near.version()
        session = await self._sessions.find_session(presented.session_id)
        if session is None or not tokens.is_proven(presented, session.secret_hash):
            raise errors.SessionInvalid
        if session.id != presented.session_id:
            # A desynchronised connection hands out another caller's row (security.md B13).
            security_log.error("the store answered with another session than was asked for")
            raise errors.StoreUnavailable
        refusal = why_over(session, now)
        if refusal is not None:
            raise refusal
        self._near.keep(token, session, version=version, now=now)
        return session
