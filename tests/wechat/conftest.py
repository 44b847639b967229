"""Stand-ins for what is around WeChat's client: a platform, a clock, a place for tokens."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wxlogin.login.policy import App
from wxlogin.login.ports import AccessToken
from wxlogin.login.secret import Secret
from wxlogin.wechat.client import WeChatClient
from wxlogin.wechat.transport import WeChatRequest, WeChatResponse

OPENID = "oVBkZ0aYgDMDIywRdgPW8-joxXc4"
SESSION_KEY = "nzoqhc3OnwHzeTxJs+inbQ=="

Reply = dict[str, Any] | bytes | WeChatResponse | Exception | Callable[[WeChatRequest], Any]


class Canned:
    """A transport whose answers are given beforehand; the last one is given for ever."""

    def __init__(self) -> None:
        self.requests: list[WeChatRequest] = []
        self.replies: list[Reply] = []
        self.by_path: dict[str, Reply] = {}

    def will(self, *replies: Reply) -> None:
        self.replies = list(replies)

    async def send(self, request: WeChatRequest) -> WeChatResponse:
        self.requests.append(request)
        await asyncio.sleep(0)
        if request.path in self.by_path:
            reply = self.by_path[request.path]
        else:
            reply = self.replies[0] if len(self.replies) == 1 else self.replies.pop(0)
        if callable(reply):
            reply = reply(request)
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, WeChatResponse):
            return reply
        return WeChatResponse(
            200, reply if isinstance(reply, bytes) else json.dumps(reply).encode()
        )

    def paths(self) -> list[str]:
        return [request.path for request in self.requests]


class Time:
    """One movable clock, as a time of day and as seconds; sleeping on it moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 10, 0, 15, tzinfo=UTC)
        self.slept: list[float] = []

    def clock(self) -> datetime:
        return self.now

    def monotonic(self) -> float:
        return self.now.timestamp()

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.pass_(seconds)
        await asyncio.sleep(0)


class TokenShelf:
    """The port AccessTokens as one process sees it; every call gives the others a turn.

    `has_lease` and `has_fence` take a defence away, for the tests that must fail then.
    """

    def __init__(self, *, has_lease: bool = True, has_fence: bool = True) -> None:
        self._has_lease = has_lease
        self._has_fence = has_fence
        self.kept: dict[str, AccessToken] = {}
        self._leases: dict[str, datetime] = {}
        self._fence = 0

    async def find_access_token(self, app_id: str) -> AccessToken | None:
        await asyncio.sleep(0)
        return self.kept.get(app_id)

    async def lease_access_token(
        self, app_id: str, *, now: datetime, until: datetime
    ) -> int | None:
        await asyncio.sleep(0)
        if self._has_lease and self._leases.get(app_id, now) > now:
            return None
        self._leases[app_id] = until
        self._fence += 1
        return self._fence

    async def keep_access_token(self, app_id: str, token: AccessToken) -> bool:
        await asyncio.sleep(0)
        kept = self.kept.get(app_id)
        if self._has_fence and kept is not None and kept.fence >= token.fence:
            return False
        self.kept[app_id] = token
        self._leases.pop(app_id, None)
        return True

    async def end_lease(self, app_id: str, *, fence: int) -> None:
        await asyncio.sleep(0)
        if self._fence == fence:
            self._leases.pop(app_id, None)

    async def drop_access_token(self, app_id: str, value: Secret) -> bool:
        await asyncio.sleep(0)
        kept = self.kept.get(app_id)
        if kept is None or kept.value != value:
            return False
        del self.kept[app_id]
        return True


class Counter:
    """A CallObserver that remembers."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []

    def called(self, path: str, outcome: str, seconds: float) -> None:
        assert seconds >= 0
        self.calls.append((path, outcome))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def app() -> App:
    return App("wx4f4bc4dec97d474b", Secret("appsecret-of-the-first"))


@pytest.fixture
def canned() -> Canned:
    return Canned()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def shelf() -> TokenShelf:
    return TokenShelf()


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def client(canned: Canned, time: Time, shelf: TokenShelf, counter: Counter) -> WeChatClient:
    return WeChatClient(
        canned,
        shelf,
        clock=time.clock,
        observer=counter,
        random=lambda: 0.5,
        monotonic=time.monotonic,
        sleep=time.sleep,
    )


@pytest.fixture
def weak_shelf() -> Callable[..., TokenShelf]:
    """Shelves with a defence taken away."""
    return TokenShelf


@pytest.fixture
def session() -> dict[str, Any]:
    """A good answer of code2Session."""
    return {"session_key": SESSION_KEY, "openid": OPENID}
