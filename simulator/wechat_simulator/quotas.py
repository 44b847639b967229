"""Limits per minute and per day by the simulator's clock; enforced only where settings say so."""

from __future__ import annotations

from datetime import datetime

from wechat_simulator.wire import Refused

MINUTE = 60
DAY = 24 * 3600


class Quotas:
    """Counts of the running minute and the running day (UTC)."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, int], int] = {}
        self._window: dict[int, int] = {}

    def spend(self, name: str, *, limit: int, window: int, now: datetime) -> None:
        """Counts one call; raises Refused 45011 (minute) or 45009 (day) beyond `limit`."""
        number = int(now.timestamp()) // window
        if self._window.get(window) != number:
            self._window[window] = number
            self._counts = {key: n for key, n in self._counts.items() if key[1] != window}
        count = self._counts.get((name, window), 0) + 1
        if count > limit:
            raise Refused(45011 if window == MINUTE else 45009)
        self._counts[(name, window)] = count
