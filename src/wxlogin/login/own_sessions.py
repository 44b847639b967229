"""What a person does with their own sessions: see them, end them, ask WeChat about them."""

from wxlogin.login import errors
from wxlogin.login.core import Core
from wxlogin.login.ports import Event, Told
from wxlogin.login.sessions import EndCode, Ending, Session

LOGGED_OUT = "logged_out"


class OwnSessions:
    def __init__(self, core: Core) -> None:
        self._core = core

    async def list_all(self, session: Session) -> list[Session]:
        """The live sessions of the session's account, latest seen first."""
        now = self._core.now()
        found = await self._core.store.list_sessions(
            session.account_id, now=now, idle_before=self._core.idle_before(now)
        )
        return list(found)

    async def end(self, session: Session, session_id: str) -> None:
        """End one of the account's own sessions; `NotFound` for anybody else's."""
        ended = await self._core.store.end_session(
            session_id,
            account_id=session.account_id,
            ending=Ending(self._core.now(), EndCode.REVOKED, LOGGED_OUT),
            told=Told(self._logout_of(session, session_id=session_id)),
        )
        if not ended:
            raise errors.NotFound
        self._core.events.wake()

    async def end_others(self, session: Session) -> None:
        """End all sessions of the account but this one."""
        await self._core.store.end_sessions(
            session.account_id,
            ending=Ending(self._core.now(), EndCode.REVOKED, LOGGED_OUT),
            keep=session.id,
            told=Told(self._logout_of(session, session_id=None)),
        )
        self._core.events.wake()

    async def is_wechat_session_valid(self, session: Session) -> bool:
        """Ask WeChat whether the stored session_key of this session's identity still lives."""
        now = self._core.now()
        if session.openid is None:
            return False
        keys = await self._core.store.find_session_keys(
            app_id=session.app_id, openid=session.openid, previous_after=now
        )
        if keys is None:
            return False
        app = await self._core.apps.get(session.app_id)
        return await self._core.wechat.is_session_key_valid(
            app, openid=session.openid, session_key=keys.current.value
        )

    def _logout_of(self, session: Session, *, session_id: str | None) -> Event | None:
        """The event of a log-out; without `session_id` that of all sessions but this one."""
        return self._core.events.event(
            "logout",
            account_id=session.account_id,
            user_id=session.user_id,
            app_id=session.app_id,
            session_id=session_id,
        )
