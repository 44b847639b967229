"""Calls WeChat has refused for their number: not tried again before the next minute.

A quota is counted for an app and a path, with one exception. On code2Session 45011 is
counted per WeChat *user* (contract §1: 100 a minute), and a code does not say whose it
is. To shed the whole app there would let one person, who loops on purpose, lock out
everybody; so there 45011 sheds nothing. The refused code is not repeated, which is all
that §5.1 asks for. 45009 is the app's own quota, on every path.
"""

import math
from datetime import datetime, timedelta

from wxlogin.login import errors
from wxlogin.login.ports import Clock

CODE2SESSION = "/sns/jscode2session"
PER_USER = frozenset({(CODE2SESSION, 45011)})

_ROOM = 1024


class Quota:
    """Remembers, for this process, which calls are refused until when."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[tuple[str, str], datetime] = {}

    def find_refusal(self, app_id: str, path: str) -> errors.RateLimited | None:
        """None where the call may be tried."""
        until = self._until.get((app_id, path))
        if until is None:
            return None
        wait = (until - self._clock()).total_seconds()
        if wait <= 0:
            del self._until[app_id, path]
            return None
        return errors.RateLimited(max(1, math.ceil(wait)))

    def refused(self, app_id: str, path: str, *, errcode: int) -> int:
        """Note WeChat's refusal; the seconds until the next minute begins."""
        now = self._clock()
        left = 60 - now.second
        if (path, errcode) not in PER_USER:
            if len(self._until) >= _ROOM:
                self._until = {call: end for call, end in self._until.items() if end > now}
            self._until[app_id, path] = _next_minute(now)
        return left


def _next_minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0) + timedelta(minutes=1)
