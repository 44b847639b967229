"""Message push: the official vectors, and forgers."""

import base64
import json
import struct
import time as wall
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from wxlogin.login import errors
from wxlogin.login.secret import Secret
from wxlogin.wechat import aes_cbc, plain_xml
from wxlogin.wechat.plain_xml import read_xml
from wxlogin.wechat.push import MessagePush

TOKEN = Secret("AAAAA")
AES_KEY = Secret("A" * 43)
APP_ID = "wxba5fad812f8e6fb9"
AT = 1714112445
ENCRYPTED = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJG"
    "QqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrf"
    "MZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgR"
    "tWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
)
QUERY = {
    "signature": "6c5c811b55cc85e0e1b54100749188c20beb3f5d",
    "timestamp": str(AT),
    "nonce": "415670741",
    "openid": "o9AgO5Kd5ggOC-bXrbNODIiE3bGY",
    "encrypt_type": "aes",
    "msg_signature": "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3",
}
BODY = json.dumps({"ToUserName": "gh_97417a04a28d", "Encrypt": ENCRYPTED}).encode()
XML = (
    f"<xml><ToUserName><![CDATA[gh_97417a04a28d]]></ToUserName>"
    f"<Encrypt><![CDATA[{ENCRYPTED}]]></Encrypt></xml>"
).encode()


def _push(
    at: int = AT, *, app_id: str = APP_ID, token: Secret = TOKEN, key: Secret | None = AES_KEY
) -> MessagePush:
    def clock() -> datetime:
        return datetime.fromtimestamp(at, UTC)

    return MessagePush(app_id, token=token, encoding_aes_key=key, clock=clock)


def _signed(body: bytes, *, at: int = AT) -> dict[str, str]:
    push = _push()
    encrypted = json.loads(body).get("Encrypt", "")
    return {
        **QUERY,
        "timestamp": str(at),
        "signature": push._signature(str(at), QUERY["nonce"]),
        "msg_signature": push._signature(str(at), QUERY["nonce"], encrypted),
    }


def _sealed(inside: bytes, *, block: int = 32) -> bytes:
    key = base64.b64decode("A" * 43 + "=")
    sealed = aes_cbc.encrypt(aes_cbc.pad(inside, block=block), key=key, iv=key[:16])
    return json.dumps({"Encrypt": base64.b64encode(sealed).decode()}).encode()


def _inside(message: bytes, *, app_id: bytes = APP_ID.encode(), length: int | None = None) -> bytes:
    count = len(message) if length is None else length
    return b"r" * 16 + struct.pack(">I", count) + message + app_id


@pytest.mark.parametrize(
    ("stamp", "nonce", "signature"),
    [
        ("1714036504", "1514711492", "f464b24fc39322e44b38aa78f5edd27bd1441696"),
        ("1714037059", "486452656", "899cf89e464efb63f54ddac96b0a0a235f53aa78"),
    ],
)
def test_v6_the_handshake(stamp: str, nonce: str, signature: str) -> None:
    query = {
        "signature": signature,
        "timestamp": stamp,
        "nonce": nonce,
        "echostr": "4375120948345356249",
    }
    assert _push(int(stamp)).answer_handshake(query) == "4375120948345356249"
    for change in (
        {"signature": signature[:-1] + "0"},
        {"signature": ""},
        {"signature": "签名"},
        {"nonce": "1"},
        {"timestamp": str(int(stamp) + 1)},
        {"echostr": "<script>alert(1)</script>"},
        {"echostr": ""},
    ):
        with pytest.raises(errors.PushSignatureInvalid):
            _push(int(stamp)).answer_handshake({**query, **change})
    for at in (int(stamp) - 301, int(stamp) + 301):
        with pytest.raises(errors.PushSignatureInvalid):
            _push(at).answer_handshake(query)


@pytest.mark.parametrize(("body", "is_xml"), [(BODY, False), (XML, True)])
def test_v6_the_encrypted_message_in_both_formats(body: bytes, is_xml: bool) -> None:
    message = _push().open(QUERY, body)
    assert message.fields == {
        "ToUserName": "gh_97417a04a28d",
        "FromUserName": "o9AgO5Kd5ggOC-bXrbNODIiE3bGY",
        "CreateTime": AT,
        "MsgType": "event",
        "Event": "debug_demo",
        "debug_str": "hello world",
    }
    assert message.is_xml is is_xml
    assert message.replay_id == QUERY["msg_signature"]
    assert "o9AgO5" not in repr(message)


def test_a_message_of_ours_is_the_control_of_the_forgeries() -> None:
    body = _sealed(_inside(b'{"Event":"e"}'))
    assert _push().open(_signed(body), body).fields == {"Event": "e"}


FORGERIES: dict[str, Callable[[], tuple[dict[str, str], bytes]]] = {
    "unsigned": lambda: ({}, BODY),
    "no msg_signature": lambda: ({**QUERY, "msg_signature": ""}, BODY),
    "wrong msg_signature": lambda: ({**QUERY, "msg_signature": "0" * 40}, BODY),
    "the plain signature in its place": lambda: (
        {**QUERY, "msg_signature": QUERY["signature"]},
        BODY,
    ),
    "plain body, plain signature": lambda: (QUERY, b'{"Event":"user_authorization_cancellation"}'),
    "plain body beside": lambda: (QUERY, b'{"Event":"e","Encrypt":""}'),
    "Encrypt changed": lambda: (QUERY, BODY.replace(b"+qdx1", b"+qdx2")),
    "Encrypt is a number": lambda: (QUERY, b'{"Encrypt":1}'),
    "Encrypt twice": lambda: (QUERY, BODY[:-1] + b',"Encrypt":"x"}'),
    "Encrypt twice in XML": lambda: (QUERY, XML[:-6] + b"<Encrypt>x</Encrypt></xml>"),
    "timestamp changed": lambda: ({**QUERY, "timestamp": str(AT + 1)}, BODY),
    "empty": lambda: (QUERY, b""),
    "a list": lambda: (QUERY, b"[" + BODY + b"]"),
    "huge": lambda: (QUERY, BODY + b" " * 65_536),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_refused(name: str) -> None:
    query, body = FORGERIES[name]()
    with pytest.raises(errors.PushSignatureInvalid):
        _push().open(query, body)


@pytest.mark.parametrize(
    "body",
    [
        _sealed(_inside(b"{}", app_id=b"wx0000000000000002")),
        _sealed(_inside(b"{}", app_id=b"")),
        _sealed(_inside(b"{}", app_id=APP_ID.encode() + b"x")),
        _sealed(_inside(b'{"a":1}', length=2)),
        _sealed(_inside(b"{}", length=2**32 - 1)),
        _sealed(_inside(b"not json")),
        _sealed(_inside(b"{}"), block=16 if len(_inside(b"{}")) % 32 < 16 else 48),
        _sealed(b"short"),
        b'{"Encrypt":""}',
        b'{"Encrypt":"AAAA"}',
        b'{"Encrypt":"not base64!"}',
    ],
    ids=range(11),
)
def test_signed_but_not_ours_or_not_whole_is_refused(body: bytes) -> None:
    with pytest.raises(errors.PushSignatureInvalid) as raised:
        _push().open(_signed(body), body)
    assert raised.value.facts() == {}
    assert raised.value.__context__ is None


@pytest.mark.parametrize(("late", "is_believed"), [(300, True), (301, False), (-301, False)])
def test_a_message_is_believed_for_five_minutes(late: int, is_believed: bool) -> None:
    push = _push(AT + late)
    if is_believed:
        push.open(QUERY, BODY)
        return
    with pytest.raises(errors.PushSignatureInvalid):
        push.open(QUERY, BODY)


def test_without_an_aes_key_the_plain_signature_is_asked_for() -> None:
    push = _push(key=None)
    assert push.open(QUERY, b'{"Event":"e"}').fields == {"Event": "e"}
    assert push.open(QUERY, b"<xml><Event>e</Event></xml>").fields == {"Event": "e"}
    assert push.open(QUERY, b'{"Event":"e"," OpenID":"o"}').fields["OpenID"] == "o"
    for query, body in (
        ({**QUERY, "signature": "0" * 40}, b'{"Event":"e"}'),
        (QUERY, json.dumps({"Event": "e", "AppID": "wx0000000000000002"}).encode()),
        (QUERY, b'{"Event":"e"," Event":"f"}'),
    ):
        with pytest.raises(errors.PushSignatureInvalid):
            push.open(query, body)


@pytest.mark.parametrize("is_xml", [False, True])
def test_a_sealed_reply_can_be_opened_by_the_other_side(is_xml: bool) -> None:
    push = _push()
    reply = push.seal('{"说":"你好"}', is_xml=is_xml)
    fields: dict[str, Any] = read_xml(reply) if is_xml else json.loads(reply)
    query = {
        "timestamp": str(fields["TimeStamp"]),
        "nonce": fields["Nonce"],
        "msg_signature": fields["MsgSignature"],
    }
    assert push.open(query, reply).fields == {"说": "你好"}
    with pytest.raises(ValueError, match="EncodingAESKey"):
        _push(key=None).seal("x", is_xml=False)


@pytest.mark.parametrize("key", ["", "A" * 42, "A" * 44, "!" * 43, "A" * 20])
def test_a_wrong_aes_key_is_told_at_start(key: str) -> None:
    with pytest.raises(ValueError, match="43"):
        _push(key=Secret(key))


def test_xml_becomes_text_objects_and_lists() -> None:
    body = "<xml><a> 1 </a><b><c>x</c><c><![CDATA[<&>]]></c></b><d/><e>你&amp;好</e></xml>".encode()
    assert read_xml(body) == {"a": "1", "b": {"c": ["x", "<&>"]}, "d": "", "e": "你&好"}


def _bomb() -> bytes:
    lines = ['<!DOCTYPE x [<!ENTITY a0 "lol">']
    lines += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)]
    return ("".join(lines) + "]><xml><a>&a11;</a></xml>").encode()


EVIL = {
    "entity bomb": _bomb(),
    "long entity": b'<!DOCTYPE x [<!ENTITY a "'
    + b"a" * 30_000
    + b'">]><xml><a>'
    + b"&a;" * 200
    + b"</a></xml>",
    "file": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><a>&a;</a></xml>',
    "parameter entity": b'<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:9/"> %a;]><xml/>',
    "outside DTD": b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><xml><a>1</a></xml>',
    "empty DTD": b"<!DOCTYPE xml><xml><a>1</a></xml>",
    "utf-7": b'<?xml version="1.0" encoding="utf-7"?>+ADwAIQ-DOCTYPE x+AD4-<xml/>',
    "utf-16": '<!DOCTYPE x [<!ENTITY a "b">]><xml><a>&a;</a></xml>'.encode("utf-16"),
    "instruction": b'<?xml-stylesheet href="x"?><xml><a>1</a></xml>',
    "deep": b"<xml>" + b"<a>" * 8_000 + b"</a>" * 8_000 + b"</xml>",
    "unknown entity": b"<xml><a>&nbsp;</a></xml>",
    "two roots": b"<xml><a>1</a></xml><xml><a>2</a></xml>",
    "no end": b"<xml><a>1</a>",
    "only text": b"<xml>1</xml>",
    "not utf-8": b"<xml><a>\xff\xfe</a></xml>",
    "nul": b"<xml><a>\x00</a></xml>",
}


@pytest.mark.parametrize("name", EVIL)
def test_evil_xml_is_refused_fast_and_cheaply(name: str) -> None:
    tracemalloc.start()
    started = wall.perf_counter()
    with pytest.raises(ValueError):  # noqa: PT011 - its text is nobody's business
        read_xml(EVIL[name])
    elapsed = wall.perf_counter() - started
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert elapsed < 0.05
    assert peak < 20_000_000


def test_twin_a_reader_that_allows_declarations_expands_the_entity(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plain_xml, "_refuse", lambda *declaration: 1)
    assert len(read_xml(EVIL["long entity"])["a"]) > 1_000_000


def test_a_file_named_in_xml_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("canary")
    body = f'<!DOCTYPE x [<!ENTITY a SYSTEM "{secret.as_uri()}">]><xml><a>&a;</a></xml>'
    with pytest.raises(errors.PushSignatureInvalid) as raised:
        _push(key=None).open(QUERY, body.encode())
    assert "canary" not in repr(raised.value)


def test_the_window_is_a_setting() -> None:
    push = MessagePush(
        APP_ID,
        token=TOKEN,
        encoding_aes_key=AES_KEY,
        clock=lambda: datetime.fromtimestamp(AT + 61, UTC),
        window=timedelta(minutes=1),
    )
    with pytest.raises(errors.PushSignatureInvalid):
        push.open(QUERY, BODY)
