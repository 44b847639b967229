"""Events for the host's hooks: only those somebody waits for, and through the outbox."""

from wxlogin.login.ports import Clock, Event, Listener, Outbox, Random
from wxlogin.login.tokens import new_id


class Announcer:
    """Puts events into the outbox. A login puts its own there, in its own transaction."""

    def __init__(self, outbox: Outbox, listener: Listener, *, clock: Clock, random: Random) -> None:
        self._outbox = outbox
        self._listener = listener
        self._clock = clock
        self._random = random

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of event somebody waits for."""
        return self._listener.kinds

    def wake(self) -> None:
        """There is something in the outbox."""
        self._listener.wake()

    async def announce(
        self,
        kind: str,
        *,
        account_id: str,
        user_id: str | None,
        app_id: str | None = None,
        session_id: str | None = None,
    ) -> None:
        """Announce what has been done already."""
        if kind not in self.kinds:
            return
        now = self._clock()
        await self._outbox.add_event(
            Event(
                id=new_id(now, self._random(10)),
                kind=kind,
                at=now,
                account_id=account_id,
                user_id=user_id,
                app_id=app_id,
                session_id=session_id,
            )
        )
        self.wake()
