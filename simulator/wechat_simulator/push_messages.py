"""WeChat's push messages: what an event says, and how it is signed and sealed (contract §11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal
from xml.sax.saxutils import escape

from wechat_simulator.people import App, original_id_of, push_user_of
from wechat_simulator.push_crypto import push_encrypt, push_signature
from wechat_simulator.wire import Entropy, compact

Mode = Literal["plain", "compat", "aes"]
Format = Literal["json", "xml"]
Tamper = Literal["signature", "app_id"]

MODES: tuple[Mode, ...] = ("plain", "compat", "aes")
FORMATS: tuple[Format, ...] = ("json", "xml")
TAMPERS: tuple[Tamper, ...] = ("signature", "app_id")

_WITH_REVOKE_INFO = "user_authorization_revoke"
NICKNAME_AND_AVATAR = "6"


class NoPushKeys(ValueError):
    """The app has no push_token, or no encoding_aes_key where the mode needs one."""


@dataclass(frozen=True)
class PushCall:
    """One push, ready to be sent."""

    mode: Mode
    message: Mapping[str, Any]
    query: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    content_type: str


def event_message(
    app: App, event: str, *, openid: str, now: datetime, fields: Mapping[str, Any]
) -> dict[str, Any]:
    """The event as JSON, in the key order of the official sample (contract §11.2)."""
    message: dict[str, Any] = {
        "ToUserName": original_id_of(app.app_id),
        "FromUserName": push_user_of(app.app_id),
        "CreateTime": int(now.timestamp()),
        "MsgType": "event",
        "Event": event,
        "OpenID": openid,
        "AppID": app.app_id,
    }
    if event == _WITH_REVOKE_INFO:
        message["RevokeInfo"] = NICKNAME_AND_AVATAR
    return {name: value for name, value in (message | dict(fields)).items() if value is not None}


def push_call(
    app: App,
    message: Mapping[str, Any],
    *,
    mode: Mode | None,
    now: datetime,
    entropy: Entropy,
    format_: Format = "json",
    tamper: Tamper | None = None,
) -> PushCall:
    """The message signed, and sealed where the mode says so; raises NoPushKeys.

    Without `mode`: aes where the app has a key for it, else plain. `tamper` makes a call that no
    server may believe: a wrong signature, or a sealed message of another app.
    """
    chosen: Mode = mode or ("aes" if app.encoding_aes_key else "plain")
    if app.push_token is None or (chosen != "plain" and app.encoding_aes_key is None):
        raise NoPushKeys(app.app_id)
    stamp, nonce = str(int(now.timestamp())), str(int.from_bytes(entropy(4), "big"))
    token = app.push_token if tamper != "signature" else app.push_token + "x"
    query = {"signature": push_signature(token, stamp, nonce), "timestamp": stamp, "nonce": nonce}
    body = dict(message)
    if chosen != "plain":
        sender = app if tamper != "app_id" else replace(app, app_id="wx0000000000000000")
        sealed = _sealed(sender, written(message, format_), entropy)
        query |= {
            "openid": str(message.get("FromUserName", "")),
            "encrypt_type": "aes",
            "msg_signature": push_signature(token, stamp, nonce, sealed),
        }
        name = {"ToUserName": message["ToUserName"]}
        body = {**(body if chosen == "compat" else name), "Encrypt": sealed}
    content_type = "application/json" if format_ == "json" else "text/xml"
    return PushCall(chosen, message, query, written(body, format_), content_type)


def written(message: Mapping[str, Any], format_: Format) -> bytes:
    """The message as compact JSON, or as XML with CDATA for text."""
    if format_ == "json":
        return compact(message)
    inner = "".join(f"<{name}>{_xml_value(value)}</{name}>" for name, value in message.items())
    return f"<xml>{inner}</xml>".encode()


def _sealed(app: App, message: bytes, entropy: Entropy) -> str:
    assert app.encoding_aes_key is not None, "checked by the caller"
    return push_encrypt(
        message,
        encoding_aes_key=app.encoding_aes_key,
        app_id=app.app_id,
        prefix=entropy(8).hex().encode(),
    )


def _xml_value(value: Any) -> str:
    if isinstance(value, str) and "]]>" not in value:
        return f"<![CDATA[{value}]]>"
    return escape(str(value))
