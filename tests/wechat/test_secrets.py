"""No secret in any log, at any level, nor in what an exception shows (security.md A01, A02)."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from wxlogin.login import errors
from wxlogin.login.policy import App
from wxlogin.login.ports import AccessToken, NothingSent
from wxlogin.login.secret import Secret
from wxlogin.testing.wechat import (
    Conversation,
    Loopback,
    certificate,
    closed_port,
    everything_said,
    loopback,
)
from wxlogin.wechat import quiet
from wxlogin.wechat.client import WeChatClient
from wxlogin.wechat.opening import make_transport
from wxlogin.wechat.transport import WeChatRequest, WeChatResponse

APPSECRET = "canary-appsecret-41b7"
CODE = "canary-code-9c02"
ACCESS_TOKEN = "canary-access-token-77aa"
SESSION_KEY = "canaryCanaryCanaryCana=="
CANARIES = (APPSECRET, CODE, ACCESS_TOKEN, SESSION_KEY)
# What the caller itself holds as plain text, in its own frames: the code.
WRAPPED = (APPSECRET, ACCESS_TOKEN, SESSION_KEY)

# An answer that is broken, and still holds a session_key.
BAD_JSON = b'{"session_key":"' + SESSION_KEY.encode() + b'","openid":17}'


class Everything(logging.Handler):
    """Keeps whatever any logger says, as the most talkative formatter would write it."""

    def __init__(self) -> None:
        super().__init__(level=0)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{self.format(record)} {vars(record)}")


@pytest.fixture
def logged() -> Iterator[list[str]]:
    handler = Everything()
    names = ["", "httpx2", "httpcore2", "httpcore2.http11", "wxlogin", "reqwest", "hyper_util"]
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(1)
    logging.getLogger().addHandler(handler)
    yield handler.lines
    logging.getLogger().removeHandler(handler)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


async def _resets(line: Conversation) -> None:
    await line.hear()
    line.reset()


async def _silent(line: Conversation) -> None:
    await line.hear()
    await asyncio.sleep(10)


async def _fails(line: Conversation) -> None:
    while heard := await line.hear():
        await line.answer(heard, status="500 Internal Server Error")


async def _bad_json(line: Conversation) -> None:
    while await line.hear():
        await line.answer(BAD_JSON)


SCRIPTS = {"reset": _resets, "timeout": _silent, "500": _fails, "bad JSON": _bad_json}
FAULTS = ("refused", "tls", *SCRIPTS)


@contextlib.asynccontextmanager
async def _faulty(fault: str) -> AsyncIterator[str]:
    """The address of a server with that fault."""
    if fault == "refused":
        yield f"http://127.0.0.1:{closed_port()}"
        return
    tls = certificate()[1] if fault == "tls" else None
    server: Loopback
    async with loopback(SCRIPTS.get(fault, _bad_json), tls=tls) as server:
        yield server.url


def _hits(lines: list[str], canaries: tuple[str, ...] = CANARIES) -> list[str]:
    return [line for line in lines if any(canary in line for canary in canaries)]


def _client(transport: Any, shelf: Any, time: Any) -> WeChatClient:
    return WeChatClient(transport, shelf, clock=time.clock, call_seconds=0.25)


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("fault", FAULTS)
async def test_no_fault_of_wechat_shows_a_secret(
    fault: str, fast: bool, logged: list[str], shelf: Any, time: Any
) -> None:
    app = App("wx1", Secret(APPSECRET))
    async with _faulty(fault) as url:
        transport = make_transport(url, fast=fast)
        client = _client(transport, shelf, time)
        raised: list[BaseException] = []
        for call in (
            lambda: client.exchange_code(app, CODE),
            lambda: client.get_phone_number(app, CODE, openid="o"),
            lambda: client.caller(app).get("wxa/x"),
        ):
            try:
                await call()
            except (errors.WxLoginError, NothingSent) as error:
                raised.append(error)
        await transport.close()
    assert len(raised) == 3
    assert logged  # the net was out
    assert _hits(logged) == []
    for error in raised:
        assert _hits([everything_said(error)], WRAPPED) == []
        assert CODE not in f"{error!s}{error!r}{error.args}{vars(error)}"


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("fault", FAULTS)
async def test_nor_with_the_access_token_in_the_query(
    fault: str, fast: bool, logged: list[str], shelf: Any, time: Any
) -> None:
    """The token is there already, so that the calls that carry it meet the fault."""
    app = App("wx1", Secret(APPSECRET))
    kept = AccessToken(Secret(ACCESS_TOKEN), time.now + timedelta(hours=2), 1)
    shelf.kept[app.app_id] = kept
    async with _faulty(fault) as url:
        transport = make_transport(url, fast=fast)
        client = _client(transport, shelf, time)
        with pytest.raises((errors.WxLoginError, NothingSent)) as raised:
            await client.is_session_key_valid(app, openid="o", session_key=Secret(SESSION_KEY))
        await transport.close()
    assert _hits(logged) == []
    assert _hits([everything_said(raised.value)], WRAPPED) == []


@pytest.mark.parametrize("fast", [False, True])
async def test_a_good_call_shows_none_either(
    fast: bool, logged: list[str], shelf: Any, time: Any
) -> None:
    async def script(line: Conversation) -> None:
        while await line.hear():
            body = b'{"openid":"o","session_key":"%s"}' % SESSION_KEY.encode()
            await line.answer(body, headers=b"Content-Type: text/plain\r\n")

    async with loopback(script) as server:
        transport = make_transport(server.url, fast=fast)
        found = await _client(transport, shelf, time).exchange_code(
            App("wx1", Secret(APPSECRET)), CODE
        )
        await transport.close()
    assert found.session_key == Secret(SESSION_KEY)
    assert SESSION_KEY not in repr(found)
    assert _hits(logged) == []


@pytest.mark.parametrize("fault", ["500", "bad JSON"])
async def test_twin_plain_httpx2_shows_them(fault: str, logged: list[str]) -> None:
    """The way most servers are written: the URL in the log, or in the exception."""
    async with _faulty(fault) as url, httpx2.AsyncClient(trust_env=False) as client:
        response = await client.get(
            f"{url}/sns/jscode2session", params={"secret": APPSECRET, "js_code": CODE}
        )
        said = ""
        try:
            response.raise_for_status()
        except httpx2.HTTPError as error:
            said = everything_said(error)
    assert _hits(logged)
    assert fault == "bad JSON" or _hits([said], WRAPPED)


async def test_the_hosts_own_calls_are_still_logged(logged: list[str]) -> None:
    """The filter knows whose call it is: other users of httpx2 lose nothing."""
    transport = make_transport("http://127.0.0.1:1")
    async with loopback(_bad_json) as server, httpx2.AsyncClient(trust_env=False) as client:
        await client.get(f"{server.url}/of-the-host")
    await transport.close()
    assert any("/of-the-host" in line for line in logged)
    assert any("httpcore2" in line for line in logged)


async def test_twin_without_the_filter_the_library_speaks_of_our_calls(
    logged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lines_of_a_call() -> int:
        logged.clear()
        async with loopback(_bad_json) as server:
            transport = make_transport(server.url)
            await transport.send(WeChatRequest("GET", "/x"))
            await transport.close()
        return sum("httpcore2.http11" in line for line in logged)

    assert await lines_of_a_call() == 0
    monkeypatch.setattr(quiet, "our_call", contextlib.nullcontext)
    assert await lines_of_a_call() > 0


def test_no_repr_shows_a_secret() -> None:
    request = WeChatRequest("POST", "/x", {"secret": APPSECRET}, ACCESS_TOKEN.encode())
    response = WeChatResponse(200, SESSION_KEY.encode())
    app = App("wx1", Secret(APPSECRET))
    told: list[Callable[[object], str]] = [repr, str, "{}".format]
    for how in told:
        assert _hits([how(request), how(response), how(app)]) == []
