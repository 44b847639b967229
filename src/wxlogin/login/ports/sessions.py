"""The sessions, as a store keeps them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from wxlogin.login.ports.events import NOTHING, Told
from wxlogin.login.sessions import Ending, Session


class Sessions(Protocol):
    """The sessions. Every read sees every acknowledged write of every process."""

    async def find_session(self, session_id: str) -> Session | None:
        """The session with its account's status and epoch, ended or not: the hot path."""
        ...

    def session_version(self) -> bytes | None:
        """Bytes that change before any write is acknowledged, in any process, that changes
        what `find_session` answers for a session that was there; None while it cannot tell,
        and while such a write is under way. `seen` changes nothing in this sense.
        """
        ...

    async def list_sessions(
        self, account_id: str, *, now: datetime, idle_before: datetime
    ) -> Sequence[Session]:
        """The account's live sessions, latest seen first."""
        ...

    async def end_session(
        self, session_id: str, *, account_id: str, ending: Ending, told: Told = NOTHING
    ) -> bool:
        """End one session if it is the account's and has not ended; say whether this call did.
        Then, and in the same transaction, `told` is written.

        The reason of an end is never overwritten.
        """
        ...

    async def end_sessions(
        self,
        account_id: str,
        *,
        ending: Ending,
        keep: str | None = None,
        told: Told = NOTHING,
    ) -> int:
        """End all of the account's sessions that have not ended, but `keep`; return how many.
        In the same transaction `told` is written, if any ended.

        Without `keep` the account's epoch rises in the same transaction, so that a
        session being made at this moment is caught too (security.md B07, B10).
        """
        ...

    async def seen(self, sessions: Mapping[str, datetime]) -> None:
        """Move `last_seen_at` of these sessions forward, never back. It need not be durable."""
        ...

    async def set_claims(self, account_id: str, claims: Mapping[str, Any]) -> int:
        """Give all sessions of the account that have not ended its own claims and, above them,
        these of the host; return how many."""
        ...

    async def is_known_device(self, account_id: str, device_id: str) -> bool:
        """Whether the account has a session record, live or ended, of a device with this id."""
        ...
