"""Rows as records, and back: what every part of the SQL store reads and writes alike."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec

from wxlogin.login.accounts import Account, AccountStatus, Identity, Phone
from wxlogin.login.secret import Secret
from wxlogin.login.sessions import Device, EndCode, Ending, Session
from wxlogin.stores.sealing import KeyRing
from wxlogin.stores.statements import Row

NO_DEVICE = Device()
_STATUS = {str(status): status for status in AccountStatus}
_decode = msgspec.json.decode


def to_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def from_json(text: str) -> Any:
    return {} if text == "{}" else _decode(text)


def to_microseconds(duration: timedelta) -> int:
    return duration // timedelta(microseconds=1)


@lru_cache(maxsize=64)
def to_duration(microseconds: int) -> timedelta:
    """Cached: nearly every session has the same idle limit."""
    return timedelta(microseconds=microseconds)


def session_from(row: Row) -> Session:
    """A session from the columns of `sessions.SESSION_COLUMNS`, in their order."""
    (
        session_id,
        secret_hash,
        account_id,
        app_id,
        openid,
        unionid,
        epoch,
        claims,
        device_id,
        device_name,
        device_platform,
        created_at,
        last_seen_at,
        expires_at,
        idle_ttl,
        ended_at,
        end_code,
        end_reason,
        end_device,
        user_id,
        status,
        disabled_until,
        account_epoch,
        epoch_reason,
    ) = row
    return Session(
        session_id,
        secret_hash,
        account_id,
        user_id,
        app_id,
        openid,
        unionid,
        epoch,
        {} if claims == "{}" else _decode(claims),
        _device(device_id, device_name, device_platform),
        created_at,
        last_seen_at,
        expires_at,
        to_duration(idle_ttl),
        None
        if ended_at is None
        else Ending(ended_at, EndCode(end_code), end_reason, device_from(end_device)),
        _STATUS[status],
        disabled_until,
        account_epoch,
        epoch_reason,
    )


def device_from(text: str | None) -> Device | None:
    return None if text is None else msgspec.json.decode(text, type=Device)


def device_to(device: Device | None) -> str | None:
    return None if device is None else to_json(device)


def account_from(row: Row, identities: tuple[Identity, ...], *, keys: KeyRing) -> Account:
    """An account from the columns of `accounts.ACCOUNT_COLUMNS`, in their order."""
    (
        account_id,
        pool,
        user_id,
        status,
        epoch,
        created_at,
        nickname,
        avatar_url,
        avatar_id,
        phone,
        phone_proven_at,
        claims,
        disabled_until,
        reason,
        erase_at,
        pseudonym,
        username,
        has_password,
    ) = row
    return Account(
        id=account_id,
        pool=pool,
        user_id=user_id,
        status=_STATUS[status],
        epoch=epoch,
        created_at=created_at,
        nickname=nickname,
        avatar_url=avatar_url,
        avatar_id=avatar_id,
        phone=None
        if phone is None
        else open_phone(phone, place_of_phone(account_id), proven_at=phone_proven_at, keys=keys),
        claims=from_json(claims),
        disabled_until=disabled_until,
        reason=reason,
        erase_at=erase_at,
        pseudonym=pseudonym,
        username=username,
        has_password=bool(has_password),
        identities=identities,
    )


def seal_phone(phone: Phone, bound_to: tuple[str, ...], *, keys: KeyRing) -> bytes:
    return keys.seal(f"{phone.country_code} {phone.national}".encode(), bound_to)


def open_phone(
    sealed: bytes, bound_to: tuple[str, ...], *, proven_at: datetime | None, keys: KeyRing
) -> Phone:
    country_code, _, national = keys.open(sealed, bound_to).decode().partition(" ")
    return Phone(country_code, national, proven_at)


def place_of_phone(account_id: str) -> tuple[str, ...]:
    return ("account", "phone", account_id)


def place_of_password(account_id: str) -> tuple[str, ...]:
    """The key beside the hash that NIST SP 800-63B-4 §3.1.1.2 asks for: what seals it, and what
    key rotation renews."""
    return ("account", "password", account_id)


def seal_secret(secret: Secret | None, bound_to: tuple[str, ...], *, keys: KeyRing) -> bytes | None:
    return None if secret is None else keys.seal(secret.reveal().encode(), bound_to)


def open_secret(sealed: bytes, bound_to: tuple[str, ...], *, keys: KeyRing) -> Secret:
    return Secret(keys.open(sealed, bound_to).decode())


def plain(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """The mapping as it will be read back: JSON, and nobody else's object."""
    decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(mapping))
    return decoded


def _device(device_id: str | None, name: str | None, platform: str | None) -> Device:
    if device_id is None and name is None and platform is None:
        return NO_DEVICE
    return Device(device_id, name, platform)
