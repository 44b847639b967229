"""Scripted faults, over a real socket where the wire matters."""

from __future__ import annotations

import json
import socket
from urllib.parse import urlencode, urlsplit

import anyio
import httpx2
import pytest

from wechat_simulator import LineCut, Problem

PATH = "/sns/jscode2session"


def request_bytes(wechat, code):
    """A request for a raw socket."""
    query = urlencode(
        {
            "appid": wechat.app_id,
            "secret": wechat.secret,
            "js_code": code,
            "grant_type": "authorization_code",
        }
    )
    host = urlsplit(wechat.url).netloc
    return f"GET {PATH}?{query} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()


def bytes_over_the_wire(wechat, code):
    """Everything that comes back until the line ends, and it has to end by itself."""
    split = urlsplit(wechat.url)
    with socket.create_connection((split.hostname, split.port), timeout=5) as line:
        line.sendall(request_bytes(wechat, code))
        received = b""
        while part := line.recv(65536):
            received += part
    return received


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_cut_line_carries_not_one_byte(wechat, drop):
    """Contract §13.4: cut connection."""
    wechat.fail(PATH, drop=drop, times=1)
    assert bytes_over_the_wire(wechat, wechat.login("ann")) == b""


def test_a_reset_is_a_reset_of_tcp(wechat):
    """The other way a line dies: RST instead of a plain end."""
    wechat.fail(PATH, drop="after", reset=True, times=1)
    code = wechat.login("ann")
    with pytest.raises(ConnectionResetError):
        bytes_over_the_wire(wechat, code)
    assert wechat.exchanges(code) == 1


def test_cut_before_spends_nothing_and_cut_after_spends_the_code(wechat, server, words):
    """Contract §13.4: after the code was consumed; both count as an exchange that arrived."""
    kept, lost = wechat.login("ann"), wechat.login("ann")
    wechat.fail(PATH, drop="before", times=1)
    wechat.fail(PATH, drop="after", times=1)
    for code in (kept, lost):
        assert bytes_over_the_wire(wechat, code) == b""
        assert wechat.exchanges(code) == 1
    assert "openid" in server.exchange(kept)
    assert words(server.exchange(lost)) == (40163, "code been used")
    assert [call.get("fault") for call in wechat.log()] == [None, None, "drop:after", "drop:before"]


def test_a_kept_alive_line_is_cut_too(wechat, http):
    """The second request of a connection can be hit as well as the first."""
    assert http.get(PATH).status_code == 200
    wechat.fail(PATH, drop="before", times=1)
    with pytest.raises(httpx2.RemoteProtocolError):
        http.get(PATH)
    assert http.get(PATH).status_code == 200


def test_in_process_a_cut_is_a_connection_error(wechat):
    """LineCut from `call`; httpx2's own error from the transport, without the secret in it."""
    wechat.fail(PATH, drop="before", times=2)
    with pytest.raises(LineCut):
        wechat.call("GET", PATH)

    async def ask():
        async with httpx2.AsyncClient(transport=wechat.transport()) as client:
            with pytest.raises(httpx2.RemoteProtocolError) as caught:
                await client.get(f"https://api.weixin.qq.com{PATH}?secret={wechat.secret}")
            assert wechat.secret not in str(caught.value)
            assert caught.value.__cause__ is None
            wechat.fail(PATH, drop="before", reset=True, times=1)
            with pytest.raises(httpx2.ReadError):
                await client.get(f"https://api.weixin.qq.com{PATH}")
            return (await client.get(f"https://api.weixin.qq.com{PATH}")).json()["errcode"]

    assert anyio.run(ask) == 41002


@pytest.mark.parametrize("errcode", [-1, 45011, 45009])
def test_busy_and_quota_errors_spend_nothing(wechat, server, words, errcode):
    """A guess, said so in the README: the platform did not look at the code."""
    wechat.fail(PATH, errcode=errcode, times=1)
    code = wechat.login("ann")
    assert words(server.exchange(code))[0] == errcode
    assert "openid" in server.exchange(code)


@pytest.mark.parametrize("errcode", [40029, 40226, 40163])
def test_verdicts_about_the_code_spend_it(wechat, server, words, errcode):
    """Contract §1: a failed exchange also burns the code."""
    wechat.fail(PATH, errcode=errcode, times=1)
    code = wechat.login("ann")
    assert words(server.exchange(code))[0] == errcode
    assert words(server.exchange(code)) == (40163, "code been used")


def test_consume_overrules(wechat, server, words):
    """A busy platform that has spent the code all the same."""
    wechat.fail(PATH, errcode=-1, times=1, consume=True)
    code = wechat.login("ann")
    assert words(server.exchange(code)) == (-1, "system error")
    assert words(server.exchange(code))[0] == 40163


def test_times_counts_down_and_absent_means_until_cleared(wechat, server):
    """The order of scripting is the order of serving."""
    wechat.fail(PATH, errcode=-1, times=2)
    wechat.fail(PATH, errcode=45011)
    told = [server.get(PATH)["errcode"] for _ in range(4)]
    assert told == [-1, -1, 45011, 45011]
    wechat.clear_faults()
    assert server.get(PATH)["errcode"] == 41002


def test_other_paths_are_not_hit_but_a_star_hits_all_below(wechat, server):
    """Path match: exact, or a prefix ending in a star."""
    wechat.fail("/cgi-bin/*", errcode=45009)
    assert server.get(PATH)["errcode"] == 41002
    assert server.get("/cgi-bin/token")["errcode"] == 45009


def test_status_with_headers_makes_a_redirect(wechat, http):
    """For SSRF tests: 30x to wherever."""
    wechat.fail(PATH, status=302, headers={"Location": "http://127.0.0.1:1/"}, times=1)
    answer = http.get(PATH)
    assert (answer.status_code, answer.headers["location"]) == (302, "http://127.0.0.1:1/")
    assert answer.content == b""


def test_a_body_goes_out_verbatim_or_as_json(wechat, http):
    """A gateway's HTML page; an errcode as text; another content type."""
    wechat.fail(PATH, status=502, body="<html>坏了", content_type="text/html", times=1)
    answer = http.get(PATH)
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html")
    assert answer.content.decode() == "<html>坏了"
    wechat.fail(PATH, body={"errcode": "40029"}, content_type="application/json", times=1)
    answer = http.get(PATH)
    assert answer.content == b'{"errcode":"40029"}'
    assert answer.headers["content-type"] == "application/json"


def test_errcode_may_be_text_and_errmsg_may_be_given(wechat, server, words):
    """Contract §0: errcode may be a string; old texts had other words."""
    wechat.fail(PATH, errcode="40029", times=1, errmsg="old words")
    answer = server.get(PATH)
    assert answer["errcode"] == "40029"
    assert words(answer) == (40029, "old words")


def test_a_patch_adds_and_removes_fields(wechat, server):
    """Contract §13.4: extra expires_in, missing unionid; §13.4 for a changed unionid."""
    wechat.add_app(wechat.app_id, union_group="acme")
    wechat.fail(PATH, patch={"expires_in": 7200}, without=["unionid"], times=1)
    wechat.fail(PATH, patch={"unionid": ""}, times=1)
    wechat.fail(PATH, patch={"unionid": None}, times=1)
    assert set(server.exchange(wechat.login())) == {"session_key", "openid", "expires_in"}
    assert server.exchange(wechat.login())["unionid"] == ""
    assert server.exchange(wechat.login())["unionid"] is None


def test_a_duplicated_request_answers_40163_on_first_use(wechat, server, words):
    """Contract §1: what a retrying gateway does to a fresh code."""
    wechat.fail(PATH, duplicate=True, times=1)
    assert words(server.exchange(wechat.login())) == (40163, "code been used")


def test_a_slow_answer_has_spent_the_code_before_the_caller_gives_up(wechat, http, server):
    """Contract §13.4: slow answer."""
    wechat.fail(PATH, delay_seconds=5, times=1)
    code = wechat.login("ann")
    params = {
        "appid": wechat.app_id,
        "secret": wechat.secret,
        "js_code": code,
        "grant_type": "authorization_code",
    }
    with pytest.raises(httpx2.ReadTimeout):
        http.get(PATH, params=params, timeout=0.1)
    assert server.exchange(code)["errcode"] == 40163


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"errcode": "x"},
        {"errcode": True},
        {"times": 0, "errcode": -1},
        {"drop": "sometimes"},
        {"status": 99},
        {"delay_seconds": -1},
        {"body": "x", "headers": {"a\r\nb": "c"}},
        {"body": "x", "headers": {"a": "b\r\nc"}},
        {"body": "x", "content_type": "a\r\nb"},
        {"without": "unionid"},
        {"reset": True},
    ],
)
def test_a_fault_that_means_nothing_is_refused(wechat, fault):
    """A script with a slip must not pass silently."""
    with pytest.raises(Problem) as caught:
        wechat.fail(PATH, **fault)
    assert caught.value.status == 400


def test_faults_over_http(http, wechat):
    """POST, GET and DELETE /sim/faults."""
    made = http.post("/sim/faults", json={"path": PATH, "errcode": -1}).json()
    assert list(made) == ["fault_id"]
    items = http.get("/sim/faults").json()["items"]
    assert [item["fault_id"] for item in items] == [made["fault_id"]]
    assert http.get(PATH).json()["errcode"] == -1
    assert http.request("DELETE", "/sim/faults").json() == {}
    assert http.get(PATH).json()["errcode"] == 41002


def test_the_sms_gateway_can_fail_too(http, wechat):
    """The one path under /sim that faults hit."""
    wechat.fail("/sim/sms", status=500, times=1)
    message = {"phone": "+8613800138000", "text": "验证码 123456", "verification_code": "123456"}
    assert http.post("/sim/sms", json=message).status_code == 500
    assert wechat.inbox() == []
    wechat.fail("/sim/sms", drop="after", times=1)
    with pytest.raises(httpx2.RemoteProtocolError):
        http.post("/sim/sms", content=json.dumps(message))
    assert len(wechat.inbox("+8613800138000")) == 1
