"""The developer's server behind the phone's own origin: every byte as it came, both ways."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time

import httpx2
import pytest

from wechat_simulator import Simulator
from wechat_simulator.phone.forwarding import Forwarding, origin_of
from wechat_simulator.phone.gateway import Gateway
from wechat_simulator.server import Listener

BIG = bytes(range(256)) * 4096 * 8
LITERAL = "the code is a mock one"


class Server:
    """The developer's server: an ASGI application that remembers what reached it."""

    def __init__(self):
        self.calls = []
        self.hung_up = threading.Event()

    async def __call__(self, scope, receive, send):
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = [(k.decode(), v.decode()) for k, v in scope["headers"]]
        self.calls.append({"scope": scope, "headers": headers, "body": body})
        answer = getattr(self, f"on_{scope['path'].strip('/')}", self.on_anything)
        await answer(receive, send)

    async def on_anything(self, receive, send):
        await self.answer(send, 200, b"fine")

    async def on_refused(self, receive, send):
        challenge = (b"www-authenticate", b'Bearer error="invalid_token", code="session_revoked"')
        await self.answer(send, 401, b'{"code":"session_revoked"}', challenge)

    async def on_cookies(self, receive, send):
        cookies = [(b"set-cookie", b"a=1; HttpOnly"), (b"set-cookie", b"b=2")]
        await self.answer(send, 200, b"", *cookies)

    async def on_hops(self, receive, send):
        await self.answer(send, 200, b"", (b"connection", b"x-mine"), (b"x-mine", b"1"))

    async def on_moved(self, receive, send):
        origin = dict(self.calls[-1]["headers"])["host"]
        await self.answer(send, 307, b"", (b"location", f"http://{origin}/there?a=1".encode()))

    async def on_away(self, receive, send):
        await self.answer(send, 302, b"", (b"location", b"https://example.com/"))

    async def on_events(self, receive, send):
        kind = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": kind})
        await send({"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass
        self.hung_up.set()

    async def answer(self, send, status, body, *headers):
        await send({"type": "http.response.start", "status": status, "headers": list(headers)})
        await send({"type": "http.response.body", "body": body})

    @property
    def headers(self):
        return dict(self.calls[-1]["headers"])


@pytest.fixture
def server():
    """Overrides the platform's caller of the other tests: here it is the server that is called."""
    return Server()


@pytest.fixture
def listening(server):
    listener = Listener(server)
    listener.start()
    yield listener.url
    listener.stop()


@pytest.fixture
def desk(wechat, listening):
    """A client of the gateway's origin."""
    gateway = Gateway(wechat, None, server=listening, domains=["https://api.example.com"])
    listener = Listener(gateway)
    listener.start()
    with httpx2.Client(base_url=listener.url, trust_env=False) as client:
        yield client
    listener.stop()


BROWSER = {"sec-fetch-mode": "cors", "sec-fetch-site": "same-origin"}


def test_a_call_arrives_as_it_was_made(desk, server):
    """Method, path with its escapes, query and body."""
    answer = desk.put("/server/a%2Fb/%E4%BD%A0?x=%20+&x=2", content=b"\0body")
    assert (answer.status_code, answer.content) == (200, b"fine")
    (call,) = server.calls
    assert call["scope"]["method"] == "PUT"
    assert call["scope"]["raw_path"] == b"/a%2Fb/%E4%BD%A0"
    assert call["scope"]["query_string"] == b"x=%20+&x=2"
    assert call["body"] == b"\0body"


def test_the_server_hears_its_own_name_and_who_stands_before_it(desk, server, listening):
    desk.get("/server/", headers={"x-forwarded-for": "8.8.8.8", "x-real-ip": "8.8.8.8"})
    told = server.headers
    assert f"http://{told['host']}" == listening
    assert told["x-forwarded-for"] == "127.0.0.1"
    assert told["x-forwarded-proto"] == "http"
    assert told["x-forwarded-host"] == str(desk.base_url).removeprefix("http://").rstrip("/")
    assert told["x-forwarded-prefix"] == "/server"
    assert "x-real-ip" not in told


def test_headers_of_one_connection_end_with_it(desk, server):
    """RFC 9110 §7.6.1: the fixed ones, and those that Connection names; both ways."""
    sent = {"connection": "keep-alive, x-once", "x-once": "1", "te": "trailers", "x-kept": "1"}
    answer = desk.get("/server/hops", headers=sent)
    assert {"x-once", "te", "connection"}.isdisjoint(server.headers)
    assert server.headers["x-kept"] == "1"
    assert "x-mine" not in answer.headers


def test_a_refusal_passes_with_its_headers_and_body(desk):
    answer = desk.get("/server/refused", headers={"authorization": "Bearer wxl_x"})
    assert answer.status_code == 401
    assert 'code="session_revoked"' in answer.headers["www-authenticate"]
    assert answer.json() == {"code": "session_revoked"}


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_big_upload_passes_whole(desk, server, is_chunked):
    """More than the simulator's own limit, with and without a length."""
    content = iter([BIG[:100], BIG[100:]]) if is_chunked else BIG
    assert desk.post("/server/up", content=content).status_code == 200
    assert server.calls[0]["body"] == BIG
    assert ("content-length" in server.headers) is not is_chunked


def test_what_is_streamed_comes_at_once_and_hanging_up_is_heard(desk, server):
    """Server-sent events; a server that is never told would stream for ever."""
    with desk.stream("GET", "/server/events") as answer:
        parts = answer.iter_raw()
        assert next(parts) == b"data: 1\n\n"
        assert not server.hung_up.is_set()
    assert server.hung_up.wait(5)


def test_a_server_that_is_not_up_is_a_502_that_says_so(wechat):
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    gateway = Gateway(wechat, None, server=address)
    transport = httpx2.ASGITransport(app=gateway)

    async def ask():
        base = "http://127.0.0.1:9180"
        async with httpx2.AsyncClient(transport=transport, base_url=base) as client:
            return await client.post("/server/v1/login", json={"code": "s3cr3t"})

    answer = asyncio.run(ask())
    told = answer.json()
    assert (answer.status_code, told["code"]) == (502, "server_unreachable")
    assert answer.headers["content-type"] == "application/problem+json"
    assert address in told["detail"]
    assert "s3cr3t" not in answer.text


def test_an_answer_that_breaks_off_breaks_off_here_too():
    """Half an answer must not look like a whole one."""
    breaking = socket.create_server(("127.0.0.1", 0))

    def answer_half():
        line, _ = breaking.accept()
        line.recv(65536)
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        line.close()

    thread = threading.Thread(target=answer_half)
    thread.start()
    with Simulator() as wechat:
        address = f"http://127.0.0.1:{breaking.getsockname()[1]}"
        listener = Listener(Gateway(wechat, None, server=address))
        listener.start()
        with pytest.raises(httpx2.RemoteProtocolError):
            httpx2.get(f"{listener.url}/server/x", trust_env=False)
        listener.stop()
    thread.join()
    breaking.close()


def test_a_browsers_own_additions_stay_behind(desk, server):
    """WeChat sends no Origin, and knows no cookie but what the mini program sets by hand."""
    own = {**BROWSER, "origin": str(desk.base_url).rstrip("/"), "cookie": "browser=1"}
    desk.post("/server/x", headers={**own, "referer": "http://127.0.0.1/phone/"}, json={})
    told = server.headers
    assert {"origin", "cookie", "sec-fetch-mode", "sec-fetch-site"}.isdisjoint(told)
    assert told["referer"].startswith("https://servicewechat.com/wx")
    desk.get("/server/x", headers={**own, "x-phone-cookie": "mine=1"})
    assert server.headers["cookie"] == "mine=1"
    assert "x-phone-cookie" not in server.headers


def test_a_browser_gets_cookies_where_its_page_can_read_them(desk):
    """Under the real name the browser would keep them, and no page may see it."""
    answer = desk.get("/server/cookies", headers=BROWSER)
    assert "set-cookie" not in answer.headers
    assert json.loads(answer.headers["x-phone-set-cookie"]) == ["a=1; HttpOnly", "b=2"]


def test_the_developer_tool_is_no_browser(desk, server):
    """It has a cookie header of its own, and reads Set-Cookie itself."""
    answer = desk.get("/server/cookies", headers={"cookie": "a=0"})
    assert server.headers["cookie"] == "a=0"
    assert answer.headers.get_list("set-cookie") == ["a=1; HttpOnly", "b=2"]


def test_a_redirect_within_the_server_stays_on_this_origin(desk):
    """One to elsewhere is the mini program's business."""
    assert desk.get("/server/moved").headers["location"] == "/server/there?a=1"
    assert desk.get("/server/away").headers["location"] == "https://example.com/"


def test_strangers_reach_neither_the_phone_nor_the_server(desk, server):
    """Another web page in the developer's browser, and a name that leads here by rebinding."""
    for path in ("/server/x", "/phone/config.json", "/phone/news", "/desk/"):
        assert desk.get(path, headers={"origin": "https://evil.example"}).status_code == 403
        assert desk.get(path, headers={"host": "evil.example"}).status_code == 403
    assert server.calls == []


def test_only_who_lets_others_in_has_strangers():
    """The twin: it is the check that keeps them out, not the path."""
    with Simulator(allow_remote=True) as wechat:
        listener = Listener(Gateway(wechat, None))
        listener.start()
        answer = httpx2.get(
            f"{listener.url}/phone/config.json", headers={"host": "evil.example"}, trust_env=False
        )
        listener.stop()
    assert answer.status_code == 200


def test_everything_else_is_the_simulators(desk, wechat):
    """One base URL for the developer's server, and /sim for the phone."""
    assert desk.get("/sns/jscode2session").json()["errcode"] == 41002
    assert desk.get("/sim/clock").status_code == 200
    assert desk.get("/servers").status_code == 404
    assert desk.get("/desk/").status_code == 200


def test_the_phone_is_told_where_each_origin_lies(desk, wechat, listening):
    config = desk.get("/phone/config.json").json()
    assert config["app_id"] == wechat.app_id
    same = listening.replace("127.0.0.1", "localhost")
    assert config["forward"].pop(same) == "/server", "this machine has two names"
    assert config["forward"] == {listening: "/server", "https://api.example.com": "/server"}


@pytest.mark.parametrize(
    "body",
    [
        {"json": {"app_id": "wx", "code": LITERAL, "nested": [{"phone_code": LITERAL}]}},
        {"data": {"code": LITERAL}},
    ],
)
def test_the_tourist_modes_literal_becomes_a_code_of_its_own_each_time(desk, server, wechat, body):
    """A server that takes each code once would refuse the second login for ever."""
    wechat.settings(foreign_codes_user="ann")
    for _ in range(2):
        desk.post("/server/v1/login", **body)
    first, second = (call["body"].decode() for call in server.calls)
    assert "mock" in first
    assert LITERAL not in first
    assert "the+code" not in first
    assert first != second


def test_the_literal_is_replaced_in_query_and_headers_too(desk, server, wechat):
    """Older servers take the code there."""
    wechat.settings(foreign_codes_user="ann")
    desk.get("/server/login", params={"code": LITERAL}, headers={"x-wx-code": LITERAL})
    assert b"the" not in server.calls[0]["scope"]["query_string"]
    assert server.headers["x-wx-code"].startswith("mock")


def test_without_the_setting_the_literal_passes_as_it_is(desk, server):
    """The twin: nothing is rewritten unless asked for."""
    desk.post("/server/v1/login", json={"code": LITERAL})
    assert json.loads(server.calls[0]["body"]) == {"code": LITERAL}


def test_a_stream_does_not_hold_up_the_end(wechat, listening, caplog):
    """Nor is there a word of it in the log."""
    listener = Listener(Gateway(wechat, None, server=listening))
    listener.start()
    with httpx2.Client(base_url=listener.url, trust_env=False) as client:
        lines = [
            client.send(client.build_request("GET", path), stream=True)
            for path in ("/phone/news", "/server/events")
        ]
        started = time.monotonic()
        listener.stop()
        assert time.monotonic() - started < 3
        for line in lines:
            line.close()
    assert caplog.records == []


@pytest.mark.parametrize(
    "wrong", ["127.0.0.1:8000", "ftp://x", "http://x/api", "http://x?a", "http://", "http://u@x"]
)
def test_a_server_is_named_by_its_origin(wrong, wechat):
    """Paths would be lost: the phone maps origins."""
    with pytest.raises(ValueError, match="address"):
        Forwarding(wrong, world=wechat.world, app_id="wx")


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("HTTP://Example.com:80/", "http://example.com"),
        ("https://example.com:443", "https://example.com"),
        ("https://example.com:8443", "https://example.com:8443"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_an_origin_is_written_as_a_browser_writes_it(given, origin):
    """The phone compares texts."""
    assert origin_of(given) == origin
