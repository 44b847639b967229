"""The fixture `wechat`: a simulator of its own for every test, closed at its end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from wechat_simulator.simulator import Simulator


@pytest.fixture
def wechat() -> Iterator[Simulator]:
    """WeChat and the phones, in process; `wechat.url` opens a loopback port when asked for."""
    with Simulator() as simulator:
        yield simulator
