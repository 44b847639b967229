"""Open data: what the phone hands over encrypted with the session_key (contract §5).

The blob carries no MAC and the client chooses the iv, so whoever may ask often enough
reads it without the key (security.md A04). Hence one error for every failure, the
same work before it, and a strict reading of what comes out. The other half of the
defence, a few tries per session and hour, is the endpoint's.
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from wxlogin.login import errors
from wxlogin.login.accounts import Phone, SessionKeys
from wxlogin.login.secret import Secret
from wxlogin.wechat import aes_cbc
from wxlogin.wechat.answers import read_phone
from wxlogin.wechat.signatures import is_signature_of
from wxlogin.wechat.strict_json import read_object

BLOCK = 16
MAX_SEALED = 4096
CLOCK_TOLERANCE = timedelta(minutes=2)


class OpenDataReader:
    """The port `OpenData`."""

    def read(
        self,
        encrypted_data: str,
        iv: str,
        *,
        keys: SessionKeys,
        app_id: str,
        now: datetime,
        max_age: timedelta,
        openid: str | None = None,
    ) -> Mapping[str, Any]:
        return decrypt_open_data(
            encrypted_data, iv, keys=keys, app_id=app_id, now=now, max_age=max_age, openid=openid
        )

    def read_phone(
        self,
        encrypted_data: str,
        iv: str,
        *,
        keys: SessionKeys,
        app_id: str,
        now: datetime,
        max_age: timedelta,
    ) -> Phone:
        return decrypt_phone(encrypted_data, iv, keys=keys, app_id=app_id, now=now, max_age=max_age)

    def is_signed(self, raw_data: str, signature: str, *, keys: SessionKeys) -> bool:
        # Both keys are always tried: the time says nothing of which one it was.
        tried = [
            is_signature_of(raw_data, signature, session_key=key.value)
            for key in (keys.current, keys.previous or keys.current)
        ]
        return any(tried)


def decrypt_open_data(
    encrypted_data: str,
    iv: str,
    *,
    keys: SessionKeys,
    app_id: str,
    now: datetime,
    max_age: timedelta,
    openid: str | None = None,
) -> Mapping[str, Any]:
    """The fields of the blob, if `app_id` is its watermark's and it is no older than `max_age`.

    `openid`: whose blob it must say it is; None for the kinds that name nobody, and of
    those the first sixteen bytes are the client's to change. The current key is tried,
    then the previous one. Raises `CiphertextInvalid`.
    """
    sealed = _unwrap(encrypted_data, limit=MAX_SEALED)
    vector = _unwrap(iv, limit=BLOCK)
    if not sealed or len(sealed) % BLOCK or len(vector) != BLOCK:
        raise errors.CiphertextInvalid
    # Without a previous key the current one is tried twice: the time says nothing about it.
    for key in (keys.current, keys.previous or keys.current):
        fields = _open(sealed, key=key.value, iv=vector)
        if fields is not None and _is_fit(fields, app_id, now=now, max_age=max_age, openid=openid):
            return fields
    raise errors.CiphertextInvalid


def decrypt_phone(
    encrypted_data: str,
    iv: str,
    *,
    keys: SessionKeys,
    app_id: str,
    now: datetime,
    max_age: timedelta,
) -> Phone:
    """The phone number in the legacy blob (contract §4.2). Raises `CiphertextInvalid`.

    `phoneNumber` must be there and agree: it fills the first block, where a changed iv shows.
    """
    fields = decrypt_open_data(
        encrypted_data, iv, keys=keys, app_id=app_id, now=now, max_age=max_age
    )
    phone = _phone(fields, app_id)
    if phone is None:
        raise errors.CiphertextInvalid
    return phone


def _phone(fields: Mapping[str, Any], app_id: str) -> Phone | None:
    try:
        phone = read_phone(fields, app_id=app_id)
    except ValueError:
        return None
    whole = fields.get("phoneNumber")
    return phone if isinstance(whole, str) and whole.endswith(phone.national) else None


def _open(sealed: bytes, *, key: Secret, iv: bytes) -> Mapping[str, Any] | None:
    padded = aes_cbc.decrypt(sealed, key=base64.b64decode(key.reveal(), validate=True), iv=iv)
    padding = aes_cbc.padding_of(padded, block=BLOCK)
    try:
        # Read also where the padding is wrong: to stop before would answer faster, and
        # a padding oracle needs no more than that.
        fields = read_object(padded[: len(padded) - padding])
    except ValueError:
        return None
    return fields if padding else None


def _is_fit(
    fields: Mapping[str, Any],
    app_id: str,
    *,
    now: datetime,
    max_age: timedelta,
    openid: str | None,
) -> bool:
    watermark = fields.get("watermark")
    if not isinstance(watermark, dict) or watermark.get("appid") != app_id:
        return False
    stamp = watermark.get("timestamp")
    if type(stamp) is not int or not 0 < stamp < 1 << 34:
        return False
    age = now - datetime.fromtimestamp(stamp, UTC)
    if not -CLOCK_TOLERANCE <= age <= max_age:
        return False
    return openid is None or fields.get("openId") == openid


def _unwrap(text: str, *, limit: int) -> bytes:
    """The bytes of strict base64; b"" for anything else, or for more than `limit`."""
    if len(text) > 4 * (limit // 3 + 1):
        return b""
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return found if len(found) <= limit else b""
