"""WeChat, on the clock of the test."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.flows.town import CheapHasher, Inboxes, Town, app_of
from wechat_simulator import Simulator


@pytest.fixture
def towns(houses: Callable[..., Any]) -> Callable[..., Town]:
    """Makes servers with every door: `towns(app={...}, settings={...})`."""

    def make(*, app: dict[str, Any] | None = None, **parts: Any) -> Town:
        inboxes = parts.pop("sms_sender", None) or Inboxes()
        settings = dict(parts.pop("settings", {}))
        if app is not None:
            settings["apps"] = (app_of(parts.pop("wechat"), **app),)
        parts.setdefault("password_hasher", CheapHasher())
        return Town(houses(settings=settings, sms_sender=inboxes, **parts), inboxes)

    return make


@pytest.fixture
async def town(towns: Callable[..., Town]) -> Town:
    return towns()


@pytest.fixture
def wechat(clock: Callable[[], datetime]) -> Iterator[Simulator]:
    """The plugin's fixture, but its time is the test's."""
    with Simulator(clock=clock) as simulator:
        yield simulator
