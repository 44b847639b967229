"""The ASGI door and the port: lifespan, foreign servers, IPv6, starting and stopping."""

from __future__ import annotations

import socket
import threading

import anyio
import httpx2
import pytest

from wechat_simulator import LineCut, Simulator


def run(app, scope, *incoming):
    """What an ASGI application sends for these messages."""
    sent, queue = [], list(incoming)

    async def receive():
        return queue.pop(0)

    async def send(message):
        sent.append(message)

    anyio.run(app, scope, receive, send)
    return sent


def scope_of(path, **more):
    return {"type": "http", "method": "GET", "path": path, "headers": [], **more}


WHOLE = {"type": "http.request", "body": b"", "more_body": False}


def test_lifespan_is_answered(wechat):
    """Any ASGI server may mount it."""
    sent = run(
        wechat.app,
        {"type": "lifespan"},
        {"type": "lifespan.startup"},
        {"type": "lifespan.shutdown"},
    )
    assert [message["type"] for message in sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]


def test_under_a_foreign_server_a_cut_is_an_exception(wechat):
    """No extension, no way to cut: LineCut says so instead of a made-up answer."""
    wechat.fail("/cgi-bin/token", drop="before")
    with pytest.raises(LineCut):
        run(wechat.app, scope_of("/cgi-bin/token"), WHOLE)


def test_a_request_that_was_not_fully_read_never_arrived(wechat):
    """The counter of exchanges counts whole requests."""
    scope = scope_of("/sns/jscode2session", query_string=b"js_code=x")
    part = {"type": "http.request", "body": b"a", "more_body": True}
    assert run(wechat.app, scope, part, {"type": "http.disconnect"}) == []
    assert wechat.exchanges("x") == 0
    assert run(wechat.app, scope, part, WHOLE)[0]["status"] == 200
    assert wechat.exchanges("x") == 1


def test_other_protocols_are_refused(wechat):
    """HTTP only."""
    with pytest.raises(RuntimeError, match="websocket"):
        run(wechat.app, {"type": "websocket"})


def test_the_first_of_equal_parameters_counts(http):
    """And blank ones are missing ones."""
    assert http.get("/sns/jscode2session?appid=&appid=wx").json()["errcode"] == 41002


def test_it_starts_once_stops_and_starts_again():
    """The world outlives the port."""
    with Simulator() as wechat:
        code, first = wechat.login("ann"), wechat.start()
        with pytest.raises(RuntimeError, match="already"):
            wechat.start()
        wechat.close()
        with pytest.raises(httpx2.ConnectError):
            httpx2.get(first, trust_env=False)
        assert httpx2.get(f"{wechat.url}/sim/exchanges?code={code}", trust_env=False).is_success
    assert not [one for one in threading.enumerate() if one.name == "wechat-simulator"]


def test_a_closed_simulator_leaves_no_idle_connection_behind(wechat):
    """An open keep-alive line does not hold up the end of a test."""
    host, port = wechat.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as line:
        line.sendall(b"GET /sim/clock HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert line.recv(65536).startswith(b"HTTP/1.1 200")
        wechat.close()
        assert line.recv(1) == b""


def test_ipv6_loopback():
    """--host ::1."""
    with Simulator() as wechat:
        try:
            url = wechat.start(host="::1")
        except OSError:
            pytest.skip("no IPv6 here")
        assert url.startswith("http://[::1]:")
        assert httpx2.get(f"{url}/sim/clock", trust_env=False).status_code == 200


def test_access_tokens_are_revoked_over_http_too(http, server, words):
    """POST /sim/access-token/revoke."""
    token = server.token()
    assert http.post("/sim/access-token/revoke", json={}).json() == {}
    answer = http.get("/wxa/checksession", params={"access_token": token}).json()
    assert words(answer)[0] == 40001


def test_nothing_is_logged_by_the_server(wechat, http, caplog):
    """The line of jscode2session carries the appsecret; not even TRACE may print it."""
    caplog.set_level(1)
    secret, path = wechat.secret, "/sns/jscode2session"
    http.get(path, params={"secret": secret, "js_code": "c0de"})
    shown = "".join(r.getMessage() for r in caplog.records if r.name.startswith("uvicorn"))
    assert secret not in shown
    assert "c0de" not in shown
