"""The token of a session: `wxl_` + id + `.` + 256 secret bits + a keyed checksum.

Only the SHA-256 of the secret is stored. The checksum costs a made-up token its
store call: without our key nobody can write a token that is worth a look-up.
It is no second secret: whoever knows the key still lacks the 256 bits.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

PREFIX = "wxl_"
SECRET_BYTES = 32
_ID = slice(4, 40)
_DOT = 40
_SECRET = slice(41, 84)
_CHECK = slice(84, 92)
_SIGNED = slice(0, 84)
LENGTH = 92


@dataclass(frozen=True, slots=True)
class Presented:
    """What a well-formed token claims: a session's id, and the hash of its secret."""

    session_id: str
    secret_hash: bytes = field(repr=False)


def mint(session_id: str, *, secret: bytes, key: bytes) -> tuple[str, bytes]:
    """A token for `session_id`, and the hash to store. `secret` is 32 random bytes."""
    if len(secret) != SECRET_BYTES or len(session_id) != 36:
        raise ValueError("a token needs a session id of 36 characters and 32 secret bytes")
    text = urlsafe(secret)
    signed = f"{PREFIX}{session_id}.{text}"
    return signed + _checksum(signed.encode(), key), secret_hash(text)


def parse(token: str, key: bytes) -> Presented | None:
    """What `token` claims, or None where its form or its checksum is wrong."""
    if len(token) != LENGTH or not token.isascii() or token[_DOT] != ".":
        return None
    if not hmac.compare_digest(_checksum(token[_SIGNED].encode(), key), token[_CHECK]):
        return None
    return Presented(token[_ID], secret_hash(token[_SECRET]))


def is_proven(presented: Presented, stored_hash: bytes) -> bool:
    """Whether the presented secret is the stored one: the one comparison, in constant time."""
    return hmac.compare_digest(presented.secret_hash, stored_hash)


def secret_hash(text: str) -> bytes:
    """SHA-256: enough for 256 random bits, and what makes a stolen database no tokens."""
    return hashlib.sha256(text.encode()).digest()


def urlsafe(data: bytes) -> str:
    """Base64 in the URL-safe alphabet, without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def code_hash(app_id: str, code: str) -> bytes:
    """The name under which a code of `app_id` is claimed; the code itself is never kept."""
    return hashlib.sha256(f"{len(app_id)}:{app_id}:{code}".encode()).digest()


def new_id(now: datetime, random: bytes) -> str:
    """A UUIDv7 (RFC 9562 §5.7) from `now` and ten random bytes: new rows lie side by side."""
    milliseconds = int(now.timestamp() * 1000)
    value = (milliseconds << 80) | int.from_bytes(random[:10], "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return str(UUID(int=value))


def _checksum(signed: bytes, key: bytes) -> str:
    digest = hashlib.blake2b(signed, digest_size=6, key=key).digest()
    return urlsafe_b64encode(digest).decode()
