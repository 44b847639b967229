"""Keeps the loggers of HTTP libraries silent about our calls, and only about ours.

httpx2 writes each URL at INFO, and WeChat's URLs hold the appsecret (security.md §1.2).
A level set on its logger would be undone by the host's own logging set-up and would
also silence the host's own calls; a filter that knows whose call this is does neither.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_calling = ContextVar("wxlogin_calling_wechat", default=False)

# A logger's filters see only what is logged on that very logger, so each is named.
LOGGERS = (
    "httpx2",
    "httpcore2.connection",
    "httpcore2.http11",
    "httpcore2.http2",
    "httpcore2.proxy",
    "httpcore2.socks",
)


def _is_not_ours(record: logging.LogRecord) -> bool:
    return not _calling.get()


def hush() -> None:
    """Make `LOGGERS` drop what is logged inside `our_call`; a second call changes nothing."""
    for name in LOGGERS:
        logging.getLogger(name).addFilter(_is_not_ours)


@contextmanager
def our_call() -> Iterator[None]:
    """Marks what runs inside as a call of ours."""
    token = _calling.set(True)
    try:
        yield
    finally:
        _calling.reset(token)
