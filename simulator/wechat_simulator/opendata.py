"""Open data as the phone gets it: signed rawData and encryptedData (contract §5, §10.3)."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from wechat_simulator.people import PhoneParts, User
from wechat_simulator.wire import compact

ANONYMOUS_AVATAR = (
    "https://thirdwx.qlogo.cn/mmopen/vi_32/POgEwh4mIHO4nibH0KlMECNjjGxQUq24ZEaGT4poC6icRiccVGKSyXwib"
    "cPq4BWmiaIGuG1icwxaQX6grC9VemZoJ8rg/132"
)
ANONYMOUS_NAME = "微信用户"


@dataclass(frozen=True)
class Sealed:
    """encryptedData and iv, both base64 text."""

    encrypted_data: str
    iv: str


def raw_data_signature(raw_data: str, session_key: str) -> str:
    """hex(sha1(rawData + session_key)), the key as its base64 text (contract §5, V1)."""
    return hashlib.sha1((raw_data + session_key).encode(), usedforsecurity=False).hexdigest()


def seal(plaintext: dict[str, Any], *, session_key: str, iv: bytes) -> Sealed:
    """AES-128-CBC with PKCS#7 of block 16 over compact JSON (contract §5, V3)."""
    padder = PKCS7(128).padder()
    padded = padder.update(compact(plaintext)) + padder.finalize()
    encryptor = Cipher(algorithms.AES128(base64.b64decode(session_key)), modes.CBC(iv)).encryptor()
    sealed = encryptor.update(padded) + encryptor.finalize()
    return Sealed(base64.b64encode(sealed).decode(), base64.b64encode(iv).decode())


def anonymous_user_info() -> dict[str, Any]:
    """What getUserInfo tells since 2021/2022, in this key order (contract §10.3)."""
    info = _user_info(ANONYMOUS_NAME, language="", avatar_url=ANONYMOUS_AVATAR)
    return info | {"is_demote": True}


def real_user_info(user: User) -> dict[str, Any]:
    """What getUserInfo tells where names are real; gender and region are gone since 2021."""
    made_up = hashlib.sha256(user.user_id.encode()).hexdigest()
    avatar = user.avatar_url or f"https://thirdwx.qlogo.cn/mmopen/vi_32/{made_up}/132"
    return _user_info(user.name, language="zh_CN", avatar_url=avatar)


def user_info_plaintext(
    info: dict[str, Any], *, openid: str, unionid: str | None, watermark: dict[str, Any]
) -> dict[str, Any]:
    """The plaintext of getUserInfo's encryptedData, in the key order of V3."""
    plain = {"openId": openid, **info}
    if unionid is not None:
        plain["unionId"] = unionid
    return plain | {"watermark": watermark}


def phone_plaintext(parts: PhoneParts, *, app_id: str, timestamp: int) -> dict[str, Any]:
    """The plaintext of the phone button's encryptedData; countryCode is text here (§4.2)."""
    return {
        "phoneNumber": parts.phone_number,
        "purePhoneNumber": parts.pure_phone_number,
        "countryCode": str(parts.country_code),
        "watermark": {"appid": app_id, "timestamp": timestamp},
    }


def _user_info(name: str, *, language: str, avatar_url: str) -> dict[str, Any]:
    return {
        "nickName": name,
        "gender": 0,
        "language": language,
        "city": "",
        "province": "",
        "country": "",
        "avatarUrl": avatar_url,
    }
