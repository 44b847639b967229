"""Keeps the vendors' libraries silent about our messages, and only about ours.

Tencent's SDK writes each request at DEBUG, body and all; Alibaba's puts number and code into
the query, and urllib3 writes that at DEBUG. A level set on their loggers would be undone
by the host's logging set-up (or by the SDK's own) and silence the host's calls as well.
Our calls run in threads of ours: a filter that knows these threads does neither.
"""

import logging
import threading

# A logger's filters see only what is logged on that very logger, so each is named.
LOGGERS = (
    "tencentcloud_sdk_common",
    "darabonba-core",
    "alibabacloud_credentials",
    "urllib3.connection",
    "urllib3.connectionpool",
    "urllib3.poolmanager",
    "urllib3.response",
    "urllib3.util.retry",
    "urllib3.util.ssl_",
)

_thread = threading.local()


def hush() -> None:
    """Make `LOGGERS` drop what is logged in marked threads; a second call changes nothing."""
    for name in LOGGERS:
        logging.getLogger(name).addFilter(_is_not_ours)


def mark_thread() -> None:
    """From now on the calling thread runs our calls and nothing else."""
    _thread.is_ours = True


def _is_not_ours(record: logging.LogRecord) -> bool:
    return not getattr(_thread, "is_ours", False)
