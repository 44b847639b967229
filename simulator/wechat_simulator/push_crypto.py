"""Signatures and encryption of WeChat's message push (contract §11.1, vectors V6)."""

from __future__ import annotations

import base64
import hashlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

_BLOCK_BITS = 32 * 8


def push_signature(*parts: str) -> str:
    """sha1 over the sorted, joined parts: Token, timestamp, nonce; also Encrypt where sealed."""
    joined = "".join(sorted(parts)).encode()
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


def push_encrypt(message: bytes, *, encoding_aes_key: str, app_id: str, prefix: bytes) -> str:
    """Base64 of AES-256-CBC over 16 prefix bytes + length + message + appid, padded to 32."""
    key = base64.b64decode(encoding_aes_key + "=")
    plain = prefix + len(message).to_bytes(4, "big") + message + app_id.encode()
    padder = PKCS7(_BLOCK_BITS).padder()
    padded = padder.update(plain) + padder.finalize()
    encryptor = Cipher(algorithms.AES256(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()
