"""One HTTP exchange without a framework: a request that came in, a reply that goes out."""

import itertools
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from wxlogin.endpoints.messages import encode
from wxlogin.endpoints.problems import Language, language_of
from wxlogin.login.errors import WxLoginError
from wxlogin.login.operator_sessions import OperatorSession
from wxlogin.login.ports import ServiceKey
from wxlogin.login.sessions import Session

BODY_LIMIT = 64 * 1024
"""Bytes; no body of JSON needs more (http-api.md §1)."""

JSON = (b"content-type", b"application/json")
NO_STORE = (b"cache-control", b"no-store")
NO_SNIFFING = (b"x-content-type-options", b"nosniff")

_SANE_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:-]{1,128}")


@dataclass(slots=True)
class Request:
    """What an adapter read. `headers` have lower-case names; `query` is undecoded.

    `content` is an error where there is no whole body. `address` (the client's, as far as
    proxies are trusted), `body` (the content as the route's type), `session`, `service_key`
    and `operator` are set before the handler runs, the last four where the route asks for them.
    """

    method: str
    path: str
    headers: Mapping[bytes, bytes] = field(repr=False)
    query: bytes = b""
    content: bytes | WxLoginError = field(default=b"", repr=False)
    peer: str | None = None
    address: str | None = None
    body: Any = field(default=None, repr=False)
    session: Session | None = None
    service_key: ServiceKey | None = None
    operator: OperatorSession | None = None
    path_values: Mapping[str, str] = field(default_factory=dict)

    @property
    def language(self) -> Language:
        return language_of(self.headers.get(b"accept-language", b"").decode("latin-1"))

    @property
    def token(self) -> str | None:
        """The bearer token, from `Authorization` and nowhere else (security.md B11)."""
        value = self.headers.get(b"authorization")
        if value is None or (value[:7] != b"Bearer " and value[:7].lower() != b"bearer "):
            return None
        return value[7:].decode("latin-1").strip()


@dataclass(slots=True)
class Reply:
    """What an adapter writes. Names of `headers` are lower-case."""

    status: int
    content: bytes = field(default=b"", repr=False)
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)


def json_reply(message: object, *, status: int = 200, no_store: bool = False) -> Reply:
    """A reply with `message` as JSON; `no_store` for one that carries a token."""
    headers = [JSON, NO_STORE] if no_store else [JSON]
    return Reply(status, encode(message), headers)


def finish(reply: Reply, request_id: bytes) -> Reply:
    """`reply` with the headers that every answer has."""
    reply.headers += ((b"x-request-id", request_id), NO_SNIFFING)
    return reply


class RequestIds:
    """Request ids: a sane incoming one is kept, so that a proxy's log and ours agree."""

    def __init__(self) -> None:
        self._prefix = os.urandom(6).hex().encode()
        self._numbers = itertools.count(1)

    def of(self, incoming: bytes | None) -> bytes:
        if incoming is not None and _SANE_REQUEST_ID.fullmatch(incoming):
            return incoming
        return b"%s-%x" % (self._prefix, next(self._numbers))


class HttpObserver(Protocol):
    """Who counts exchanges."""

    def answered(self, route: str, status: int, *, seconds: float | None = None) -> None: ...
