"""The one seam to WeChat's servers: a request in, a response out.

What a transport raises decides whether a code may be used again (security.md §5.1),
so it is two things and never a third:

    NotReached (a `NothingSent`)   no byte of the request left: DNS, refused, TLS, pool full
    Unanswered                     a byte may have left: reset, deadline, cut, too large

Neither carries what the library under it said, for that may hold the URL, and the
URL holds the appsecret (security.md A02). `testing/wechat.py` holds any transport
to all of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol
from urllib.parse import urlencode, urlsplit

from wxlogin.login.ports import NothingSent

WECHAT = "https://api.weixin.qq.com"

MAX_ANSWER = 64 * 1024
"""WeChat's JSON answers are below 4 KiB; what is sixteen times that is not one (D07)."""

CONNECT_SECONDS = 1.0
POOL_SECONDS = 0.5
MAX_CONNECTIONS = 100
MAX_IDLE_CONNECTIONS = 20
IDLE_SECONDS = 15.0
"""Well below what front servers allow an idle line, so that few are found dead when used."""

NotReachedReason = Literal["address", "refused", "tls", "connect_timeout", "pool"]
UnansweredReason = Literal[
    "cut", "deadline", "too_large", "encoding", "protocol", "status", "broken"
]


class NotReached(NothingSent):
    """Not one byte of the request left; `reason` is for the log."""

    def __init__(self, reason: NotReachedReason) -> None:
        super().__init__()
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class Unanswered(Exception):
    """A byte of the request may have left, and no whole answer came; `reason` is for the log."""

    def __init__(self, reason: UnansweredReason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class WeChatRequest:
    """A call to WeChat. Query and body carry appsecret, code and access_token: not in the repr.

    `path` is on the transport's own host, whatever it says. `seconds` is the deadline
    of the whole call: connecting, sending, and the last byte of the answer. `content_type`
    is the body's, where there is one.
    """

    method: Literal["GET", "POST"]
    path: str
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    seconds: float = 3.0
    content_type: str = "application/json"

    def target(self) -> str:
        """Path and query as they stand in the request line: a secret."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path

    def headers(self) -> dict[str, str]:
        # An answer that is not compressed cannot be a decompression bomb (D07).
        headers = {"accept": "application/json", "accept-encoding": "identity"}
        if self.method == "POST":
            headers["content-type"] = self.content_type
            headers["content-length"] = str(len(self.body))
        return headers


@dataclass(frozen=True, slots=True)
class WeChatResponse:
    """What came back; the body of a code exchange holds the session_key."""

    status: int
    body: bytes = field(repr=False)


class Transport(Protocol):
    """Takes one request to WeChat, at most once."""

    async def send(self, request: WeChatRequest) -> WeChatResponse:
        """Send it and return the whole answer, of any status; a redirect is an answer too.

        Raises `NothingSent` or `Unanswered`, with neither cause nor context, and sends
        the request at most once whatever happens.
        """
        ...


class OpenTransport(Transport, Protocol):
    """A transport that holds connections."""

    async def close(self) -> None: ...


def origin_of(base_url: str) -> str:
    """`base_url` without its closing slash; ValueError if it is more than scheme and host.

    A base with a query or a user would carry them into every call.
    """
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("the address of WeChat must be http(s)://host[:port]")
    if parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("the address of WeChat must be http(s)://host[:port] and nothing more")
    return f"{parts.scheme}://{parts.netloc}"
