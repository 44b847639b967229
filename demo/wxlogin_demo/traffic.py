"""Watches the requests that cross between the phones and the server, from outside of both."""

import json
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Protocol

from wxlogin.endpoints.asgi import App, Message, Receive, Scope, Send
from wxlogin_demo.gate import Headers, values_of
from wxlogin_demo.masking import CODES, code_beginning, masked, masked_body, masked_path

LONGEST = 64 * 1024
"""Bytes of a body that are looked at; of a longer one, as of a picture, only its size is told."""
SHOWN_HEADERS = ("authorization", "content-type", "accept-language")
PHONE = "wxlogin_demo.phone"
"""In a scope: the phone that sent it, as `user/device`. Nobody knows it of curl."""


@dataclass(slots=True)
class Crossing:
    """One request under way. `codes` are the beginnings of the one-time codes it brought, and
    `told` the outcome of each of the ten steps it has come to."""

    id: int
    phone: str | None
    method: str
    path: str
    codes: frozenset[str] = frozenset()
    told: dict[int, str] = field(default_factory=dict)


crossing: ContextVar[Crossing | None] = ContextVar("crossing", default=None)
"""The request that the code at work belongs to: each has a task of its own."""


class Teller(Protocol):
    def asked(self, by: Crossing, *, headers: dict[str, str], body: Any) -> None: ...

    def answered(self, by: Crossing, *, status: int, body: Any, ms: float) -> None: ...


class Traffic:
    """`app` with every request under /v1 told to `teller`, masked."""

    def __init__(self, app: App, teller: Teller) -> None:
        self._app = app
        self._teller = teller
        self._ids = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not scope["path"].startswith("/v1/"):
            await self._app(scope, receive, send)
            return
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        by = Crossing(
            next(self._ids), scope.get(PHONE), scope["method"], masked_path(scope["path"])
        )
        request = _Body(values_of(headers, b"content-type"))
        answer = _Body([])
        started = time.perf_counter()
        asked = _once(lambda: self._ask(by, headers, request))

        async def hear() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                request.add(message.get("body", b""))
                if not message.get("more_body"):
                    asked()
            return message

        async def say(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.begin(message)
            else:
                answer.add(message.get("body", b""))
                if not message.get("more_body"):
                    asked()
                    self._answer(by, answer, started)
            await send(message)

        if by.method in ("GET", "HEAD"):
            asked()
        token = crossing.set(by)
        try:
            await self._app(scope, hear, say)
        finally:
            crossing.reset(token)

    def _ask(self, by: Crossing, headers: Headers, request: "_Body") -> None:
        by.codes = codes_in(request)
        shown = {
            name: str(masked(value, name))
            for name in SHOWN_HEADERS
            for value in values_of(headers, name.encode())
        }
        self._teller.asked(by, headers=shown, body=request.shown())

    def _answer(self, by: Crossing, answer: "_Body", started: float) -> None:
        ms = (time.perf_counter() - started) * 1000
        self._teller.answered(by, status=answer.status, body=answer.shown(), ms=ms)


def codes_in(body: "_Body") -> frozenset[str]:
    """The beginnings of the one-time codes in a JSON body."""
    try:
        sent = json.loads(bytes(body.content))
    except ValueError:
        return frozenset()
    values = [sent.get(name) for name in CODES] if isinstance(sent, dict) else []
    return frozenset(code_beginning(value) for value in values if isinstance(value, str))


class _Body:
    """A body as it goes by."""

    def __init__(self, content_types: list[str]) -> None:
        self.status = 0
        self.content = bytearray()
        self._type = next(iter(content_types), "")
        self._size = 0

    def begin(self, message: Message) -> None:
        self.status = message["status"]
        self._type = next(iter(values_of(message["headers"], b"content-type")), "")

    def add(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size <= LONGEST:
            self.content += chunk

    def shown(self) -> Any:
        if self._size > LONGEST:
            return f"({self._type.partition(';')[0] or '?'}, {self._size} B)"
        return masked_body(bytes(self.content), self._type)


def _once(act: Callable[[], None]) -> Callable[[], None]:
    left = [act]

    def now() -> None:
        if left:
            left.pop()()

    return now
