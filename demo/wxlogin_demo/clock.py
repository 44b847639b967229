"""The one clock of the demo: WeChat, the phone and the server all live by it."""

from datetime import datetime, timedelta

from wechat_simulator import Simulator


class Clock:
    """The simulator's time, for the server too.

    It has no offset of its own: `POST /sim/clock` moves the simulator alone, and a second
    offset here would drive the two apart.
    """

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    def __call__(self) -> datetime:
        return self._simulator.now()

    def advance(self, by: timedelta) -> None:
        """Move everybody's time forward."""
        self._simulator.advance(by.total_seconds())
