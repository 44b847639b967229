"""WebSockets through the gateway, with a server and a browser written by somebody else."""

from __future__ import annotations

import base64
import json
import threading

import pytest

from wechat_simulator.phone.gateway import Gateway
from wechat_simulator.phone.tunnel import PACKED, Tunnel
from wechat_simulator.server import Listener

client = pytest.importorskip("websockets.sync.client")
exceptions = pytest.importorskip("websockets.exceptions")
servers = pytest.importorskip("websockets.sync.server")

BIG = bytes(range(256)) * 4096


def packed(headers):
    text = base64.urlsafe_b64encode(json.dumps(headers).encode()).decode()
    return PACKED + text.rstrip("=")


@pytest.fixture
def heard():
    """The handshakes that reached the developer's server."""
    return []


@pytest.fixture
def address(heard, wechat):
    """The gateway before a server that sends everything back, and knows one subprotocol."""

    def note(line, request):
        heard.append(request)

    def echo(line):
        for message in line:
            line.send(message)

    with servers.serve(
        echo, "127.0.0.1", 0, process_request=note, subprotocols=["chat"], select_subprotocol=pick
    ) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        port = server.socket.getsockname()[1]
        listener = Listener(Gateway(wechat, None, server=f"http://127.0.0.1:{port}"), ws=Tunnel)
        listener.start()
        yield listener.url.replace("http", "ws")
        listener.stop()
        server.shutdown()
        thread.join()


def pick(line, offered):
    return "chat" if "chat" in offered else None


def connect(url, **more):
    return client.connect(url, proxy=None, max_size=None, **more)


def test_messages_go_both_ways(address, heard):
    """Small and big, text and bytes, to the path and query that were asked for."""
    with connect(f"{address}/server/live?room=a%20b") as line:
        for message in ("你好", b"\0", BIG):
            line.send(message)
            assert line.recv() == message
    assert heard[0].path == "/live?room=a%20b"


def test_the_mini_programs_headers_become_headers_again(address, heard):
    """The token goes there, and the browser sees one of its subprotocols chosen."""
    offered = packed({"Authorization": "Bearer wxl_x", "Cookie": "a=1"})
    with connect(f"{address}/server/live", subprotocols=[offered]) as line:
        assert line.subprotocol == offered
    told = heard[0].headers
    assert told["authorization"] == "Bearer wxl_x"
    assert told["cookie"] == "a=1"
    assert "sec-websocket-protocol" not in told
    assert told["referer"].startswith("https://servicewechat.com/")
    assert told["x-forwarded-prefix"] == "/server"


def test_a_subprotocol_that_the_server_chose_stays_chosen(address, heard):
    offered = [packed({"x-a": "1"}), "chat"]
    with connect(f"{address}/server/live", subprotocols=offered) as line:
        assert line.subprotocol == "chat"
    assert heard[0].headers["sec-websocket-protocol"] == "chat"


def test_a_browsers_origin_stays_behind(address, heard):
    origin = address.replace("ws", "http")
    with connect(f"{address}/server/live", origin=origin):
        pass
    assert "origin" not in heard[0].headers


@pytest.mark.parametrize(
    ("path", "more", "status"),
    [
        ("/server/live", {"origin": "https://evil.example"}, 403),
        ("/server/live", {"additional_headers": {"host": "evil.example"}}, 403),
        ("/sim/live", {}, 404),
        ("/server/live", {"subprotocols": [PACKED + "bm90IGpzb24"]}, 400),
        (
            "/server/live",
            {"subprotocols": [packed([])]},
            400,
        ),
        ("/server/live", {"subprotocols": [packed({"x": "1\r\nx-injected: 1"})]}, 400),
        ("/server/live", {"subprotocols": [packed({"x\r\ny": "1"})]}, 400),
    ],
)
def test_what_is_not_the_phones_gets_no_further(address, heard, path, more, status):
    """Strangers, other paths, and headers that would be more than headers."""
    with pytest.raises(exceptions.InvalidStatus) as caught:
        connect(address + path, **more)
    assert caught.value.response.status_code == status
    assert heard == []


def test_headers_of_the_connection_are_not_the_mini_programs(address, heard):
    """It would break, or hijack, the handshake."""
    own = {"Host": "evil.example", "Connection": "close", "Sec-WebSocket-Key": "x", "x-kept": "1"}
    with connect(f"{address}/server/live", subprotocols=[packed(own)]) as line:
        line.send("x")
        assert line.recv() == "x"
    assert heard[0].headers["x-kept"] == "1"
    assert heard[0].headers["host"].startswith("127.0.0.1")


def test_a_server_that_is_not_up_is_a_502(wechat):
    listener = Listener(Gateway(wechat, None, server="http://127.0.0.1:1"), ws=Tunnel)
    listener.start()
    with pytest.raises(exceptions.InvalidStatus) as caught:
        connect(f"{listener.url.replace('http', 'ws')}/server/live")
    listener.stop()
    assert caught.value.response.status_code == 502


def test_a_stop_ends_an_open_socket(address, wechat, caplog):
    """And a dropped one is dropped on both sides."""
    listener = Listener(Gateway(wechat, None, server=address.replace("ws", "http")), ws=Tunnel)
    listener.start()
    # Through two gateways: what the second one forwards is the first one's own /server.
    with connect(f"{listener.url.replace('http', 'ws')}/server/server/live") as line:
        line.send("x")
        assert line.recv() == "x"
        listener.stop()
        with pytest.raises(exceptions.ConnectionClosed):
            line.recv(timeout=5)
