"""Events for the host's hooks. Each goes into the outbox with the act it tells of."""

from collections.abc import Mapping
from typing import Any

from wxlogin.login.ports import Clock, Event, Listener, Random
from wxlogin.login.tokens import new_id

BY_OTHERS = frozenset({"kicked", "merged", "erased"})
"""What another process may do (`wxlogin account kick`, the console) that has none of the host's
hooks and cannot know whether somebody waits."""


class Announcer:
    """Makes events; the store puts them into the outbox, in the transaction of the act."""

    def __init__(self, listener: Listener, *, clock: Clock, random: Random) -> None:
        self._listener = listener
        self._clock = clock
        self._random = random

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of event somebody here waits for."""
        return self._listener.kinds

    def wake(self) -> None:
        """There is something in the outbox."""
        self._listener.wake()

    def event(
        self,
        kind: str,
        *,
        account_id: str,
        user_id: str | None,
        app_id: str | None = None,
        session_id: str | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> Event | None:
        """The event of an act that is about to be done; None where nobody waits for it."""
        if kind not in self.kinds | BY_OTHERS:
            return None
        now = self._clock()
        return Event(
            id=new_id(now, self._random(10)),
            kind=kind,
            at=now,
            account_id=account_id,
            user_id=user_id,
            app_id=app_id,
            session_id=session_id,
            data=data or {},
        )
