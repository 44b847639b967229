"""WeChat's push: signatures, sealing, re-sends; and callContainer."""

from __future__ import annotations

import base64
import hashlib
import json

import anyio
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from wechat_simulator import Problem
from wechat_simulator.push_crypto import push_encrypt, push_signature

AES_KEY = "A" * 43
V6_ENCRYPT = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqz"
    "DpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede"
    "2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAl"
    "r7F9mFUPAJGj04="
)
URL = "http://127.0.0.1/v1/wechat/push"


class Receiver:
    """The server that gets the push: an ASGI application that remembers and answers by plan."""

    def __init__(self, *statuses: int) -> None:
        self._statuses = list(statuses) or [200]
        self.calls = []

    async def __call__(self, scope, receive, send):
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        status = self._statuses[min(len(self.calls), len(self._statuses) - 1)]
        self.calls.append((scope, body))
        if status == 0:
            await anyio.sleep(60)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"success"})

    def query(self, index=-1):
        text = self.calls[index][0]["query_string"].decode()
        from urllib.parse import parse_qsl

        return dict(parse_qsl(text))


def unsealed(encrypted, encoding_aes_key):
    """message, appid, padding."""
    key = base64.b64decode(encoding_aes_key + "=")
    decryptor = Cipher(algorithms.AES256(key), modes.CBC(key[:16])).decryptor()
    plain = decryptor.update(base64.b64decode(encrypted)) + decryptor.finalize()
    pad, plain = plain[-1], plain[: -plain[-1]]
    size = int.from_bytes(plain[16:20], "big")
    return plain[20 : 20 + size], plain[20 + size :].decode(), pad


@pytest.fixture
def keys(wechat):
    wechat.add_app(wechat.app_id, push_token="AAAAA", encoding_aes_key=AES_KEY)


def test_vectors_v6():
    """Contract §11.1 V6: both signatures, msg_signature, and the sealed message byte for byte."""
    first = push_signature("AAAAA", "1714036504", "1514711492")
    assert first == "f464b24fc39322e44b38aa78f5edd27bd1441696"
    second = push_signature("AAAAA", "1714037059", "486452656")
    assert second == "899cf89e464efb63f54ddac96b0a0a235f53aa78"
    third = push_signature("AAAAA", "1714112445", "415670741")
    assert third == "6c5c811b55cc85e0e1b54100749188c20beb3f5d"
    sealed = push_signature("AAAAA", "1714112445", "415670741", V6_ENCRYPT)
    assert sealed == "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"
    message = (
        b'{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY",'
        b'"CreateTime":1714112445,"MsgType":"event","Event":"debug_demo",'
        b'"debug_str":"hello world"}'
    )
    made = push_encrypt(
        message,
        encoding_aes_key=AES_KEY,
        app_id="wxba5fad812f8e6fb9",
        prefix=b"a8eedb185eb2fecf",
    )
    assert made == V6_ENCRYPT


def test_aes_is_the_mode_where_the_app_has_a_key(wechat, keys):
    """Contract §11.1 secure mode: query, body, msg_signature, padding to 32."""
    server = Receiver()
    told = wechat.push("user_info_modified", "ann", url=URL, to=server)
    assert (told["delivered"], told["status"], told["body"]) == (True, 200, "success")
    scope, body = server.calls[0]
    query, envelope = server.query(), json.loads(body)
    assert scope["method"] == "POST"
    assert list(envelope) == ["ToUserName", "Encrypt"]
    assert query["encrypt_type"] == "aes"
    assert query["msg_signature"] == push_signature(
        "AAAAA", query["timestamp"], query["nonce"], envelope["Encrypt"]
    )
    message, app_id, pad = unsealed(envelope["Encrypt"], AES_KEY)
    assert app_id == wechat.app_id
    assert 1 <= pad <= 32
    assert json.loads(message) == told["message"]


def test_the_event_names_its_subject_and_the_platform_as_sender(wechat, keys):
    """Contract §11.2: OpenID is the subject, FromUserName is not; key order of the sample."""
    server = Receiver()
    told = wechat.push("user_authorization_revoke", "ann", url=URL, to=server, mode="plain")
    message = json.loads(server.calls[0][1])
    assert list(message) == [
        *("ToUserName", "FromUserName", "CreateTime", "MsgType", "Event"),
        *("OpenID", "AppID", "RevokeInfo"),
    ]
    assert message["OpenID"] == wechat.openid("ann") != message["FromUserName"]
    assert message["ToUserName"].startswith("gh_")
    assert message["CreateTime"] == int(wechat.now().timestamp())
    assert told["mode"] == "plain"


def test_plain_mode_signs_timestamp_and_nonce(wechat, keys):
    """Contract §11.1 plain mode."""
    server = Receiver()
    wechat.push("user_info_modified", "ann", url=URL, to=server, mode="plain")
    query = server.query()
    assert set(query) == {"signature", "timestamp", "nonce"}
    assert query["signature"] == push_signature("AAAAA", query["timestamp"], query["nonce"])


def test_compat_mode_carries_both(wechat, keys):
    """Contract §11.1: plain fields beside Encrypt."""
    server = Receiver()
    wechat.push("user_info_modified", "ann", url=URL, to=server, mode="compat")
    envelope = json.loads(server.calls[0][1])
    assert {"Event", "OpenID", "Encrypt"} <= set(envelope)


def test_fields_are_added_changed_and_removed(wechat, keys):
    """Contract §11.2: RevokeInfo of choice; one developer got an event without OpenID."""
    server = Receiver()
    extra = {"RevokeInfo": "8", "OpenID": None}
    wechat.push("user_authorization_revoke", url=URL, to=server, mode="plain", fields=extra)
    message = json.loads(server.calls[0][1])
    assert message["RevokeInfo"] == "8"
    assert "OpenID" not in message


def test_xml_format(wechat, keys):
    """Contract §11.1: format JSON or XML."""
    server = Receiver()
    wechat.push("user_info_modified", url=URL, to=server, format="xml")
    body = server.calls[0][1].decode()
    assert body.startswith("<xml><ToUserName><![CDATA[gh_")
    encrypted = body.split("<Encrypt><![CDATA[")[1].split("]]>")[0]
    message, _, _ = unsealed(encrypted, AES_KEY)
    assert b"<Event><![CDATA[user_info_modified]]></Event>" in message


def test_three_tries_in_all_without_a_2xx(wechat, keys):
    """Contract §11.1: re-sent, three tries; the same message each time."""
    server = Receiver(500, 403, 500)
    told = wechat.push("user_info_modified", url=URL, to=server)
    assert not told["delivered"]
    assert [one["status"] for one in told["tries"]] == [500, 403, 500]
    assert len({body for _, body in server.calls}) == 1
    server = Receiver(500, 200)
    told = wechat.push("user_info_modified", url=URL, to=server)
    assert told["delivered"]
    assert [one["status"] for one in told["tries"]] == [500, 200]


def test_no_answer_in_time_is_sent_again(wechat, keys):
    """Contract §11.1: no answer in 5 s (here less, so that the test is quick)."""
    server = Receiver(0, 200)
    told = wechat.push("user_info_modified", url=URL, to=server, timeout_seconds=0.05)
    assert [one["status"] for one in told["tries"]] == [None, 200]
    assert told["tries"][0]["error"] == "TimeoutError"


def test_nobody_listening_is_told_and_no_exception(wechat, keys):
    """The answer tells each try."""
    told = wechat.push("user_info_modified", url="http://127.0.0.1:9/")
    assert [one["error"] for one in told["tries"]] == ["ConnectError"] * 3


@pytest.mark.parametrize("tamper", ["signature", "app_id"])
def test_tampered_pushes_for_the_servers_own_tests(wechat, keys, tamper):
    """Contract §13.7: wrong-signature and wrong-appid variants."""
    server = Receiver()
    wechat.push("user_info_modified", url=URL, to=server, tamper=tamper)
    query, envelope = server.query(), json.loads(server.calls[0][1])
    right = push_signature("AAAAA", query["timestamp"], query["nonce"], envelope["Encrypt"])
    assert (query["msg_signature"] == right) == (tamper == "app_id")
    assert (unsealed(envelope["Encrypt"], AES_KEY)[1] == wechat.app_id) == (tamper == "signature")


def test_a_push_needs_the_apps_keys_and_stays_on_this_machine(wechat):
    """No key, no push; a URL beyond loopback is refused."""
    with pytest.raises(Problem, match="push_token"):
        wechat.push("user_info_modified", url=URL)
    for url in ("http://example.com/", "ftp://127.0.0.1/", "http://127.0.0.1.example.com/"):
        with pytest.raises(Problem, match="url"):
            wechat.push("user_info_modified", url=url)


def test_push_over_http(http, wechat, keys):
    """POST /sim/push to a real port: here the simulator's own, which knows no such path."""
    body = {
        "app_id": wechat.app_id,
        "event": "user_info_modified",
        "user_id": "ann",
        "url": f"{wechat.url}/nothing",
    }
    told = http.post("/sim/push", json=body).json()
    assert told["status"] == 404
    assert len(told["tries"]) == 3


def test_call_container_names_the_user_in_headers(wechat):
    """Contract §9: X-WX-* of the user; those the mini program made up do not get through."""
    wechat.add_app(wechat.app_id, union_group="acme")
    server = Receiver()

    async def call():
        return await wechat.call_container(
            "http://127.0.0.1/v1/login",
            "ann",
            method="POST",
            data={"a": 1},
            header={"X-WX-OPENID": "forged", "X-WX-SERVICE": "api"},
            to=server,
        )

    told = anyio.run(call)
    scope, body = server.calls[0]
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    assert headers["x-wx-openid"] == wechat.openid("ann")
    assert headers["x-wx-unionid"] == wechat.unionid("ann")
    assert headers["x-wx-appid"] == wechat.app_id
    assert headers["x-wx-source"] == "wx_client"
    assert headers["x-wx-service"] == "api"
    assert json.loads(body) == {"a": 1}
    assert (told["statusCode"], told["data"]) == (200, "success")


def test_call_container_over_http(http, wechat):
    """POST /sim/wx/callContainer; loopback only; a dead server is a failing errMsg."""
    body = {"user_id": "ann", "url": f"{wechat.url}/sim/clock", "method": "GET"}
    told = http.post("/sim/wx/callContainer", json=body).json()
    assert told["errMsg"] == "cloud.callContainer:ok"
    assert "now" in told["data"]
    body["url"] = "http://127.0.0.1:9/"
    told = http.post("/sim/wx/callContainer", json=body).json()
    assert told["errMsg"] == "cloud.callContainer:fail ConnectError"
    body["url"] = "http://192.0.2.1/"
    assert http.post("/sim/wx/callContainer", json=body).status_code == 400


def test_the_sealed_message_is_not_the_signature_of_the_body(wechat, keys):
    """Contract §11.1: `signature` does not cover the body; only msg_signature does."""
    server = Receiver()
    wechat.push("user_info_modified", url=URL, to=server)
    query = server.query()
    parts = sorted(["AAAAA", query["timestamp"], query["nonce"]])
    assert query["signature"] == hashlib.sha1("".join(parts).encode()).hexdigest()
