"""Message push: what WeChat sends of its own accord (contract §11.1).

Such a message can delete a person's data, so it is believed only when signed, fresh,
and this app's (security.md A18). Where an EncodingAESKey is set, only encrypted
messages are believed: the plain signature does not cover the body. That a message
comes once is the caller's to see to, with `PushMessage.replay_id`.
"""

import base64
import hashlib
import hmac
import json
import re
import secrets
import struct
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from wxlogin.login import errors
from wxlogin.login.ports import Clock, PushMessage, Random
from wxlogin.login.secret import Secret
from wxlogin.wechat import aes_cbc
from wxlogin.wechat.plain_xml import read_xml
from wxlogin.wechat.strict_json import read_object

BLOCK = 32
"""Of the padding, not of the cipher: WeChat's own variety of PKCS#7."""

MAX_BODY = 64 * 1024
WINDOW = timedelta(minutes=5)

_ECHO = re.compile(r"[A-Za-z0-9_+/=-]{1,128}")
_SECONDS = re.compile(r"[0-9]{1,10}")


class MessagePush:
    """Opens what is pushed to one app, and seals what is replied."""

    def __init__(
        self,
        app_id: str,
        *,
        token: Secret,
        encoding_aes_key: Secret | None,
        clock: Clock,
        random: Random = secrets.token_bytes,
        window: timedelta = WINDOW,
    ) -> None:
        self._app_id = app_id
        self._token = token
        self._aes_key = encoding_aes_key
        self._clock = clock
        self._random = random
        self._window = window
        if encoding_aes_key is not None and len(_key_bytes(encoding_aes_key)) != 32:
            raise ValueError("an EncodingAESKey has 43 letters and digits")

    def answer_handshake(self, query: Mapping[str, str]) -> str:
        """What to answer to WeChat's check of the address. Raises `PushSignatureInvalid`."""
        self._check_signature(query, name="signature")
        echo = query.get("echostr", "")
        if not _ECHO.fullmatch(echo):
            raise errors.PushSignatureInvalid
        return echo

    def open(self, query: Mapping[str, str], body: bytes) -> PushMessage:
        """The message in `body`. Raises `PushSignatureInvalid`, whatever is wrong with it."""
        is_xml = body.lstrip()[:1] == b"<"
        outside = _read(body)
        fields = None if outside is None else self._verified(query, outside)
        if fields is None:
            raise errors.PushSignatureInvalid
        signature = query.get("signature" if self._aes_key is None else "msg_signature", "")
        return PushMessage(fields, is_xml, replay_id=signature)

    def seal(self, reply: str, *, is_xml: bool) -> bytes:
        """A reply that is more than `success`, encrypted as WeChat wants it."""
        key = _key_bytes(self._aes_key) if self._aes_key else b""
        if not key:
            raise ValueError("a reply is encrypted only where an EncodingAESKey is set")
        text = reply.encode()
        inside = self._random(16) + struct.pack(">I", len(text)) + text + self._app_id.encode()
        sealed = aes_cbc.encrypt(aes_cbc.pad(inside, block=BLOCK), key=key, iv=key[:16])
        encrypted = base64.b64encode(sealed).decode()
        stamp = str(int(self._clock().timestamp()))
        nonce = self._random(8).hex()
        signature = self._signature(stamp, nonce, encrypted)
        if is_xml:
            return (
                f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt>"
                f"<MsgSignature><![CDATA[{signature}]]></MsgSignature>"
                f"<TimeStamp>{stamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
            ).encode()
        return json.dumps(
            {
                "Encrypt": encrypted,
                "MsgSignature": signature,
                "TimeStamp": int(stamp),
                "Nonce": nonce,
            }
        ).encode()

    def _verified(
        self, query: Mapping[str, str], outside: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        if self._aes_key is None:
            self._check_signature(query, name="signature")
            return outside if self._is_for_us(outside) else None
        encrypted = outside.get("Encrypt")
        if not isinstance(encrypted, str):
            return None
        self._check_signature(query, encrypted, name="msg_signature")
        inside = self._decrypt(encrypted, key=_key_bytes(self._aes_key))
        return None if inside is None else _read(inside)

    def _decrypt(self, encrypted: str, *, key: bytes) -> bytes | None:
        try:
            sealed = base64.b64decode(encrypted, validate=True)
        except ValueError:
            return None
        if not sealed or len(sealed) % BLOCK:
            return None
        padded = aes_cbc.decrypt(sealed, key=key, iv=key[:16])
        padding = aes_cbc.padding_of(padded, block=BLOCK)
        inside = padded[16 : len(padded) - padding]
        if not padding or len(inside) < 4:
            return None
        (length,) = struct.unpack(">I", inside[:4])
        message, app_id = inside[4 : 4 + length], inside[4 + length :]
        return message if hmac.compare_digest(app_id, self._app_id.encode()) else None

    def _is_for_us(self, fields: Mapping[str, Any]) -> bool:
        """A plain message names its app only sometimes; then it must be ours."""
        return bool(fields.get("AppID", self._app_id) == self._app_id)

    def _check_signature(self, query: Mapping[str, str], *signed: str, name: str) -> None:
        stamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        expected = self._signature(stamp, nonce, *signed).encode()
        given = query.get(name, "").encode("utf-8", "surrogatepass")
        if not hmac.compare_digest(expected, given) or not self._is_fresh(stamp):
            raise errors.PushSignatureInvalid

    def _signature(self, *parts: str) -> str:
        joined = "".join(sorted((self._token.reveal(), *parts)))
        # WeChat's choice of SHA-1.
        return hashlib.sha1(joined.encode("utf-8", "surrogatepass")).hexdigest()  # noqa: S324

    def _is_fresh(self, stamp: str) -> bool:
        if not _SECONDS.fullmatch(stamp):
            return False
        return abs(self._clock().timestamp() - int(stamp)) <= self._window.total_seconds()


def _key_bytes(encoding_aes_key: Secret) -> bytes:
    try:
        return base64.b64decode(encoding_aes_key.reveal() + "=", validate=True)
    except ValueError:
        return b""


def _read(body: bytes) -> dict[str, Any] | None:
    """The fields of JSON or XML. WeChat's samples have blanks around some names."""
    if len(body) > MAX_BODY:
        return None
    try:
        found = read_xml(body) if body.lstrip()[:1] == b"<" else read_object(body)
    except ValueError:
        return None
    fields = {name.strip(): value for name, value in found.items()}
    return fields if len(fields) == len(found) else None
