"""Hashes of other systems, so that imported users keep their passwords.

    bcrypt                 $2a$12$…  $2b$12$…  $2y$12$…
    Argon2 (RFC 9106)      $argon2id$v=19$m=65536,t=3,p=4$…$…    $argon2i$…
    Django                 pbkdf2_sha256$600000$salt$…  pbkdf2_sha1$…  scrypt$16384$salt$8$5$…
    Werkzeug               pbkdf2:sha256:600000$salt$…  scrypt:32768:8:1$salt$…
    passlib                $pbkdf2-sha256$29000$…$…  $pbkdf2-sha512$…

They are compared only; a right password is hashed anew. A hash that costs more than about a
second of one core is not taken: whoever can import one could stop all logins with it. Nor is
one that costs next to nothing, plain or salted MD5 and SHA-1 among them: a stolen table of
those is a table of passwords. Who has only such gives those users a reset instead.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable
from functools import partial

from wxlogin.passwords import PasswordsMissing

Verifier = Callable[[bytes], bool]
"""Whether a password, in UTF-8, is the right one. Blocks for as long as the hash costs."""

PBKDF2_ROUNDS = range(1_000, 2_000_001)
"""From RFC 8018's least to beyond Django's next default; the most is 0.5 s with SHA-256."""

SCRYPT_N = range(2**10, 2**17 + 1)
SCRYPT_WORK = 2**21
"""N·r·p at most. Werkzeug's default is 2**18 (80 ms), Django's with p=5 is about 2**19."""

SCRYPT_MEMORY = 128 * 2**20
"""Bytes at most; Werkzeug's and Django's need 32 MiB and 16 MiB."""

ARGON2_MEMORY_KIB = range(1024, 2**18 + 1)
ARGON2_WORK_KIB = 2**20
"""Memory times passes at most: 1 GiB is written in about a second; PHP's default is 256 MiB."""

ARGON2_LANES = 16

BCRYPT_BYTES = 72
"""bcrypt reads no more of a password; what was stored knows nothing of the rest."""

_B64 = "[A-Za-z0-9+/]"
_SALT = r"(?P<salt>[^$\s]{1,255})"
_KEY = f"(?P<key>{_B64}{{22,88}}={{0,2}})"
_HEX = r"(?P<key>[0-9a-f]{32,128})"
_ROUNDS = r"(?P<rounds>[1-9][0-9]{0,9})"

_BCRYPT = re.compile(r"\$2[aby]\$(0[4-9]|1[0-4])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}")
_ARGON2 = re.compile(
    r"\$argon2id?\$v=19\$m=[1-9][0-9]{0,6},t=[1-9][0-9]{0,6},p=[1-9][0-9]?"
    rf"\$(?P<salt>{_B64}{{11,86}})\$(?P<key>{_B64}{{22,86}})"
)
_DJANGO_PBKDF2 = re.compile(rf"pbkdf2_(?P<digest>sha256|sha1)\${_ROUNDS}\${_SALT}\${_KEY}")
_DJANGO_SCRYPT = re.compile(
    rf"scrypt\$(?P<n>[1-9][0-9]{{0,9}})\${_SALT}\$(?P<r>[1-9][0-9]?)\$(?P<p>[1-9][0-9]?)\${_KEY}"
)
_WERKZEUG_PBKDF2 = re.compile(rf"pbkdf2:(?P<digest>sha1|sha256|sha512):{_ROUNDS}\${_SALT}\${_HEX}")
_WERKZEUG_SCRYPT = re.compile(
    rf"scrypt:(?P<n>[1-9][0-9]{{0,9}}):(?P<r>[1-9][0-9]?):(?P<p>[1-9][0-9]?)\${_SALT}\${_HEX}"
)
_PASSLIB = re.compile(
    rf"\$pbkdf2-(?P<digest>sha256|sha512)\${_ROUNDS}"
    r"\$(?P<salt>[A-Za-z0-9./]{1,255})\$(?P<key>[A-Za-z0-9./]{22,88})"
)


def is_supported(hashed: str) -> bool:
    """Whether an importer may take `hashed`: a format from the head of this file, its cost in
    bounds. Raises `PasswordsMissing` where its library is not installed."""
    return find_verifier(hashed) is not None


def find_verifier(hashed: str) -> Verifier | None:
    """What compares passwords with `hashed`, or None where it is not supported."""
    if _BCRYPT.fullmatch(hashed):
        return _bcrypt(hashed)
    if is_argon2(hashed):
        return _argon2(hashed)
    if found := _DJANGO_PBKDF2.fullmatch(hashed):
        return _pbkdf2(found, salt=found["salt"].encode(), key=_unbase64(found["key"]))
    if found := _WERKZEUG_PBKDF2.fullmatch(hashed):
        return _pbkdf2(found, salt=found["salt"].encode(), key=_unhex(found["key"]))
    if found := _PASSLIB.fullmatch(hashed):
        salt, key = (_unbase64(found[name].replace(".", "+")) for name in ("salt", "key"))
        return _pbkdf2(found, salt=salt, key=key)
    if found := _DJANGO_SCRYPT.fullmatch(hashed):
        return _scrypt(found, key=_unbase64(found["key"]))
    if found := _WERKZEUG_SCRYPT.fullmatch(hashed):
        return _scrypt(found, key=_unhex(found["key"]))
    return None


def is_argon2(hashed: str) -> bool:
    """Whether it is a whole hash of Argon2id or Argon2i, whatever its cost."""
    found = _ARGON2.fullmatch(hashed)
    return found is not None and bool(_unbase64(found["salt"]) and _unbase64(found["key"]))


def _bcrypt(hashed: str) -> Verifier:
    try:
        import bcrypt
    except ImportError:
        raise PasswordsMissing from None
    return lambda password: bcrypt.checkpw(password[:BCRYPT_BYTES], hashed.encode())


def _argon2(hashed: str) -> Verifier | None:
    try:
        from argon2 import exceptions, extract_parameters, low_level
    except ImportError:
        raise PasswordsMissing from None
    cost = extract_parameters(hashed)
    if (
        cost.memory_cost not in ARGON2_MEMORY_KIB
        or cost.memory_cost * cost.time_cost > ARGON2_WORK_KIB
        or cost.parallelism > ARGON2_LANES
    ):
        return None

    def is_right(password: bytes) -> bool:
        try:
            return low_level.verify_secret(hashed.encode(), password, cost.type)
        except exceptions.VerifyMismatchError:  # and no other: running out of memory is a fault
            return False

    return is_right


def _pbkdf2(found: re.Match[str], *, salt: bytes, key: bytes) -> Verifier | None:
    digest, rounds = found["digest"], int(found["rounds"])
    if rounds not in PBKDF2_ROUNDS or len(key) != hashlib.new(digest).digest_size or not salt:
        return None
    derive = partial(hashlib.pbkdf2_hmac, digest, salt=salt, iterations=rounds)
    return lambda password: hmac.compare_digest(derive(password), key)


def _scrypt(found: re.Match[str], *, key: bytes) -> Verifier | None:
    n, r, p = int(found["n"]), int(found["r"]), int(found["p"])
    memory = 128 * r * (n + p + 2)
    if (
        n not in SCRYPT_N
        or n & (n - 1)
        or n * r * p > SCRYPT_WORK
        or memory > SCRYPT_MEMORY
        or len(key) not in (32, 64)
    ):
        return None
    derive = partial(
        hashlib.scrypt,
        salt=found["salt"].encode(),
        n=n,
        r=r,
        p=p,
        maxmem=memory + 2**20,
        dklen=len(key),
    )
    return lambda password: hmac.compare_digest(derive(password), key)


def _unbase64(text: str) -> bytes:
    """The bytes of padded or unpadded base64; none where it is not what an encoder wrote."""
    text = text.rstrip("=")
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        return b""
    return data if base64.b64encode(data).decode().rstrip("=") == text else b""


def _unhex(text: str) -> bytes:
    return bytes.fromhex(text) if len(text) % 2 == 0 else b""
