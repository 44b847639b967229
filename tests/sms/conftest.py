"""A net under every logger."""

import logging
from collections.abc import Iterator

import pytest

from wxlogin.sms import quiet


class Everything(logging.Handler):
    """Keeps whatever any logger says, as the most talkative formatter would write it."""

    def __init__(self) -> None:
        super().__init__(level=0)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{self.format(record)} {vars(record)}")


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """All that is logged, at the lowest level of all loggers there are."""
    handler = Everything()
    names = {"", "httpx2", "httpcore2", *quiet.LOGGERS, *logging.root.manager.loggerDict}
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(1)
    logging.getLogger().addHandler(handler)
    yield handler.lines
    logging.getLogger().removeHandler(handler)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)
