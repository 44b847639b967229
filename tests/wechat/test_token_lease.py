"""A fetch of the access_token that fails: whoever comes next is not made to wait for it."""

from typing import Any

import pytest

from tests.stores.model import ModelStore
from wxlogin.login import errors
from wxlogin.login.policy import App
from wxlogin.login.secret import Secret
from wxlogin.wechat.access_token import COOLING, LEASE
from wxlogin.wechat.client import WeChatClient
from wxlogin.wechat.transport import NotReached, Unanswered

TOKEN_PATH = "/cgi-bin/stable_token"
CHECK_PATH = "/wxa/checksession"
BUSY = {"errcode": -1, "errmsg": "system error"}
GOOD = {"access_token": "T1", "expires_in": 7200}
OK = {"errcode": 0, "errmsg": "ok"}


class Replies:
    """What WeChat says to one path, one after the other; the last one for ever."""

    def __init__(self, canned: Any, path: str, *replies: Any) -> None:
        self._left = list(replies)
        self.asked: list[Any] = []
        canned.by_path[path] = self._next

    def _next(self, request: Any) -> Any:
        self.asked.append(request)
        reply = self._left[0] if len(self._left) == 1 else self._left.pop(0)
        return reply if isinstance(reply, Exception) else _response(reply)


def _response(fields: Any) -> Any:
    import json

    from wxlogin.wechat.transport import WeChatResponse

    return WeChatResponse(200, json.dumps(fields).encode())


@pytest.fixture
async def store() -> ModelStore:
    store = ModelStore()
    await store.open()
    return store


@pytest.fixture(params=["shelf", "store"])
def anywhere(request: pytest.FixtureRequest, shelf: Any, store: ModelStore) -> Any:
    return shelf if request.param == "shelf" else store


@pytest.fixture
def process(canned: Any, time: Any) -> Any:
    """One more process with what is remembered in common."""

    def make(store: Any) -> WeChatClient:
        return WeChatClient(
            canned,
            store,
            clock=time.clock,
            random=lambda: 0.5,
            monotonic=time.monotonic,
            sleep=time.sleep,
        )

    return make


async def is_valid(client: WeChatClient, app: App) -> bool:
    return await client.is_session_key_valid(app, openid="o1", session_key=Secret("k" * 24))


class KeptLease:
    """The twin's store: a lease is given back by nobody, and ends by its time."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def end_lease(self, app_id: str, *, fence: int) -> None:
        pass


FAULTS = {"busy": BUSY, "cut": Unanswered("cut"), "not reached": NotReached("refused")}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("is_other", [False, True], ids=["same process", "another process"])
async def test_after_one_failed_fetch_the_next_call_succeeds_at_once(
    process: Any, anywhere: Any, canned: Any, app: App, time: Any, fault: Any, is_other: bool
) -> None:
    tokens = Replies(canned, TOKEN_PATH, *[fault] * 3, GOOD)
    Replies(canned, CHECK_PATH, OK)
    first = process(anywhere)
    while True:
        try:
            await is_valid(first, app)
        except errors.WeChatUnavailable:
            break
    failed = len(tokens.asked)
    tokens._left = [GOOD]
    time.slept.clear()
    assert await is_valid(process(anywhere) if is_other else first, app)
    assert len(tokens.asked) == failed + 1
    assert time.slept == []


async def test_twin_with_the_lease_kept_it_waits_for_a_fetch_that_is_over(
    process: Any, store: ModelStore, canned: Any, app: App, time: Any
) -> None:
    tokens = Replies(canned, TOKEN_PATH, BUSY)
    Replies(canned, CHECK_PATH, OK)
    keeping = KeptLease(store)
    with pytest.raises(errors.WeChatUnavailable):
        await is_valid(process(keeping), app)
    tokens._left = [GOOD]
    time.slept.clear()
    with pytest.raises(errors.WeChatUnavailable):
        await is_valid(process(keeping), app)
    assert time.slept


async def test_a_late_failure_does_not_end_the_lease_of_who_came_after(
    store: ModelStore, time: Any, app: App
) -> None:
    """Its fence is older: the lease is somebody else's by now."""
    old = await store.lease_access_token(app.app_id, now=time.now, until=time.now + LEASE)
    assert old is not None
    time.pass_(LEASE.total_seconds())
    new = await store.lease_access_token(app.app_id, now=time.now, until=time.now + LEASE)
    assert new is not None
    await store.end_lease(app.app_id, fence=old)
    third = await store.lease_access_token(app.app_id, now=time.now, until=time.now + LEASE)
    assert third is None
    await store.end_lease(app.app_id, fence=new)
    assert await store.lease_access_token(app.app_id, now=time.now, until=time.now + LEASE)


@pytest.mark.parametrize("errcode", [40013, 40125])
async def test_a_wrong_appsecret_is_believed_for_some_seconds_then_asked_again(
    process: Any, anywhere: Any, canned: Any, app: App, time: Any, errcode: int
) -> None:
    """Nobody is let wait for it, WeChat is not flooded, and a repair is seen soon."""
    tokens = Replies(canned, TOKEN_PATH, {"errcode": errcode, "errmsg": "invalid"})
    Replies(canned, CHECK_PATH, OK)
    client = process(anywhere)
    for _ in range(5):
        with pytest.raises(errors.AppMisconfigured):
            await is_valid(client, app)
    assert len(tokens.asked) == 1
    assert time.slept == []
    tokens._left = [GOOD]  # the operator has put the right one in
    time.pass_(COOLING.total_seconds())
    assert await is_valid(client, app)
    assert len(tokens.asked) == 2


async def test_a_failure_of_one_app_is_none_of_another(
    process: Any, anywhere: Any, canned: Any, app: App
) -> None:
    tokens = Replies(canned, TOKEN_PATH, {"errcode": 40125, "errmsg": "invalid"}, GOOD)
    Replies(canned, CHECK_PATH, OK)
    client = process(anywhere)
    with pytest.raises(errors.AppMisconfigured):
        await is_valid(client, app)
    assert await is_valid(client, App("wx0000000000000002", Secret("s")))
    assert len(tokens.asked) == 2


async def test_a_token_refused_once_is_tried_again_though_wechat_gives_the_same(
    process: Any, anywhere: Any, canned: Any, app: App
) -> None:
    """The platform's parts do not learn of a token all at once; stable_token repeats it."""
    tokens = Replies(canned, TOKEN_PATH, GOOD)
    checks = Replies(canned, CHECK_PATH, {"errcode": 40001, "errmsg": "invalid credential"}, OK)
    client = process(anywhere)
    assert await is_valid(client, app)
    assert [each.query["access_token"] for each in checks.asked] == ["T1", "T1"]
    assert len(tokens.asked) == 2
    assert await is_valid(client, app)
    assert len(tokens.asked) == 2  # and is kept


async def test_a_token_refused_twice_is_an_answer(
    process: Any, anywhere: Any, canned: Any, app: App
) -> None:
    Replies(canned, TOKEN_PATH, GOOD)
    checks = Replies(canned, CHECK_PATH, {"errcode": 40001, "errmsg": "invalid credential"})
    with pytest.raises(errors.WeChatUnavailable):
        await is_valid(process(anywhere), app)
    assert len(checks.asked) == 2
