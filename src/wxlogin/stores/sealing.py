"""What must not lie in a database in the clear: AES-256-GCM under keys with names.

A sealed value says which key it is under and is bound to its place (table, column,
row): moved anywhere else, it does not open. Format, version 1:

    1 byte version │ 16 bytes key id, zero-padded │ 12 bytes nonce │ ciphertext and tag

The key id has a fixed width so that the database itself can count who is under which
key. Each column has a key of its own by HKDF, so that one master key stays far
below the number of random nonces that AES-GCM bears.
"""

import hashlib
import hmac
import os
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = b"\x01"
ID_BYTES = 16
HEADER_BYTES = 1 + ID_BYTES
NONCE_BYTES = 12
KEY_BYTES = 32


class SealBroken(Exception):
    """A sealed value does not open here: its key is unknown, or it was changed or moved.

    `key_id` is the name of the missing key, None where the key is here. No value is in it.
    """

    def __init__(self, key_id: str | None = None) -> None:
        super().__init__("no such key" if key_id else "it was changed, or belongs elsewhere")
        self.key_id = key_id


@dataclass(frozen=True, slots=True)
class Key:
    """A master key: a name of 1 to 16 visible ASCII characters, and 32 random bytes."""

    id: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not 1 <= len(self.id) <= ID_BYTES or not self.id.isascii() or not self.id.isprintable():
            raise ValueError("a key's id is 1 to 16 visible ASCII characters")
        if len(self.secret) != KEY_BYTES:
            raise ValueError(f"the key {self.id} is not of {KEY_BYTES} bytes")


class KeyRing:
    """The keys, newest first: the first one seals, all of them open."""

    def __init__(self, keys: Sequence[Key]) -> None:
        if not keys:
            raise ValueError("a key ring needs a key")
        self._keys = {key.id: key for key in keys}
        if len(self._keys) != len(keys):
            raise ValueError("two keys of the ring have one id")
        self._newest = keys[0].id
        self._ciphers: dict[tuple[str, str], AESGCM] = {}

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """A ring from `id:base64,id:base64`, newest first."""
        return cls([_parse_key(part.strip()) for part in text.split(",") if part.strip()])

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(self._keys)})"

    def __reduce__(self) -> str:
        raise TypeError("a KeyRing is not pickled")

    @property
    def newest(self) -> str:
        return self._newest

    @property
    def newest_header(self) -> bytes:
        """How every value begins that is sealed now."""
        return _header(self._newest)

    def seal(self, plaintext: bytes, bound_to: tuple[str, ...]) -> bytes:
        """`plaintext` for this place alone: table, column, and what names the row."""
        nonce = os.urandom(NONCE_BYTES)
        header = _header(self._newest)
        cipher = self._cipher(self._newest, bound_to)
        return header + nonce + cipher.encrypt(nonce, plaintext, _place(header, bound_to))

    def open(self, sealed: bytes, bound_to: tuple[str, ...]) -> bytes:
        """The plaintext. Raises `SealBroken`."""
        key_id = key_id_of(sealed)
        if key_id not in self._keys:
            raise SealBroken(key_id)
        header, rest = sealed[:HEADER_BYTES], sealed[HEADER_BYTES:]
        nonce, ciphertext = rest[:NONCE_BYTES], rest[NONCE_BYTES:]
        try:
            return self._cipher(key_id, bound_to).decrypt(
                nonce, ciphertext, _place(header, bound_to)
            )
        except (InvalidTag, ValueError):
            raise SealBroken from None

    def _cipher(self, key_id: str, bound_to: tuple[str, ...]) -> AESGCM:
        purpose = "/".join(bound_to[:2])
        cipher = self._ciphers.get((key_id, purpose))
        if cipher is None:
            info = f"wxlogin seal {purpose}".encode()
            derive = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info)
            cipher = AESGCM(derive.derive(self._keys[key_id].secret))
            self._ciphers[key_id, purpose] = cipher
        return cipher


def key_id_of(sealed: bytes) -> str:
    """The id of the key it is sealed under. Raises `SealBroken` where it names none."""
    if sealed[:1] != VERSION or len(sealed) < HEADER_BYTES:
        raise SealBroken
    try:
        return sealed[1:HEADER_BYTES].rstrip(b"\0").decode("ascii")
    except UnicodeDecodeError:
        raise SealBroken from None


def lookup_hash(text: str, pepper: bytes) -> bytes:
    """The name under which a phone number is found: eleven digits are guessed in no
    time under a plain hash."""
    return hmac.new(pepper, text.encode(), hashlib.sha256).digest()


def _header(key_id: str) -> bytes:
    return VERSION + key_id.encode("ascii").ljust(ID_BYTES, b"\0")


def _place(header: bytes, bound_to: tuple[str, ...]) -> bytes:
    # Lengths go in, else ("ab", "c") and ("a", "bc") would be one place.
    parts = [part.encode() for part in bound_to]
    return header + b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def _parse_key(text: str) -> Key:
    key_id, colon, encoded = text.partition(":")
    if not colon:
        raise ValueError("a key is written id:base64")
    try:
        secret = b64decode(encoded, validate=True)
    except NotBase64:
        raise ValueError("what follows the id of a key is not base64") from None
    return Key(key_id, secret)
