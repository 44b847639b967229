"""Sessions found a moment ago, kept near while nothing can have changed about them.

An entry is good while the store's version is what it was before the entry was read:
then no acknowledged write of any process has touched any session or account since.
So a revocation counts from the moment it is acknowledged, as if there were no cache.
`MAX_AGE` is for hands in the database that are not ours: an operator's SQL, a restored
backup. An entry only ever lets in; who is refused, is refused on a fresh read.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from wxlogin.login.sessions import Session

MAX_AGE = timedelta(seconds=30)
LIMIT = 100_000
"""Entries; about 2 KiB each. Beyond it the oldest go."""

Version = bytes
"""What the store says of its state; see `Sessions.session_version`."""


class NearSessions:
    """Live sessions by their token."""

    def __init__(self, version: Callable[[], Version | None], *, limit: int = LIMIT) -> None:
        self._version = version
        self._limit = limit
        self._latest: Version = b""
        self._entries: dict[str, tuple[Session, Version, datetime]] = {}

    def find(self, token: str, now: datetime) -> Session | None:
        """The session that `token` was good for, if it certainly still is."""
        entry = self._entries.get(token)
        if entry is None:
            return None
        session, version, until = entry
        if now < until and version == self._version():
            return session
        del self._entries[token]
        return None

    def version(self) -> Version | None:
        """To be taken before the read whose answer is then kept under it."""
        return self._version()

    def keep(self, token: str, session: Session, *, version: Version | None, now: datetime) -> None:
        """Keep a live session that was read after `version` was taken."""
        if version is None:
            return
        if version == self._latest:
            version = self._latest  # one object for all that were read under it
        self._latest = version
        if len(self._entries) >= self._limit:
            del self._entries[next(iter(self._entries))]
        # Both limits end an entry on the dot, so that a hit need not judge them again.
        until = min(now + MAX_AGE, session.expires_at, session.last_seen_at + session.idle_ttl)
        self._entries[token] = session, version, until
