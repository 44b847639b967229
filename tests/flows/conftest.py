"""WeChat, on the clock of the test."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from wechat_simulator import Simulator


@pytest.fixture
def wechat(clock: Callable[[], datetime]) -> Iterator[Simulator]:
    """The plugin's fixture, but its time is the test's."""
    with Simulator(clock=clock) as simulator:
        yield simulator
