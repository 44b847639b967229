"""The host's application, and whoever else watches or is told."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from wxlogin.login.accounts import Account, Who

Clock = Callable[[], datetime]
"""The time now, aware and in UTC."""

Random = Callable[[int], bytes]
"""That many bytes from the operating system's generator."""


class Host(Protocol):
    """The developer's application, whose users these are."""

    async def user_for(self, who: Who) -> str | None:
        """The host's key of this person, or None where it keeps none.

        Asked before the commit, again for the same person if a commit fails: idempotent.
        """
        ...

    async def claims_for(self, user_id: str | None) -> Mapping[str, Any]:
        """What the host wants to find in the session of this user."""
        ...

    async def may_join(self, account: Account, who: Who) -> bool:
        """Whether this openid may join `account`, whose phone `who` has just proven.

        Asked only where the app's `phone_conflict` is `join` and every other condition of
        http-api.md §4 holds.
        """
        ...


class Observer(Protocol):
    """Who watches: metrics, the demo's steps."""

    def step(self, number: int, name: str, *, outcome: str, seconds: float) -> None:
        """One of the ten steps was taken; `outcome` is "ok" or an error's code."""
        ...

    def checked(self, outcome: str) -> None:
        """A session was checked (step 10): counted, not timed."""
        ...

    def phone_exchanged(self, outcome: str) -> None:
        """A phone code was to be exchanged; of "ok" each one is paid for."""
        ...


class Listener(Protocol):
    """Who hears of events after their commit."""

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of event somebody waits for; no other is put into the outbox."""
        ...

    def wake(self) -> None:
        """There is something in the outbox. Returns at once and never raises."""
        ...
