"""Codes of an authenticator app, as RFC 6238 has them."""

from base64 import b32encode
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from wxlogin.passwords.totp import Totp

SECRET = Totp().new_secret(b"12345678901234567890")
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]
"""RFC 6238, appendix B, the last six digits of its SHA-1 rows."""


def at(seconds: float) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_the_vectors_of_the_standard_hold(seconds: int, code: str) -> None:
    assert Totp().find_step(code, SECRET, at=at(seconds)) == seconds // 30


@pytest.mark.parametrize(("seconds", "code"), VECTORS[1:])
def test_a_neighbouring_step_is_accepted_and_no_other(seconds: int, code: str) -> None:
    step = seconds // 30
    for off in (-30, 30):
        assert Totp().find_step(code, SECRET, at=at(seconds + off)) == step
    for off in (-60, 60):
        assert Totp().find_step(code, SECRET, at=at(seconds + off)) is None


@pytest.mark.parametrize(
    "code", ["", "28708", "2870820", " 287082", "２８７０８２", "287082\n", "\ud800", "x" * 9999]
)
def test_what_is_no_code_is_of_no_step(code: str) -> None:
    assert Totp().find_step(code, SECRET, at=at(59)) is None


def test_the_address_is_what_apps_scan_and_prints_itself_masked() -> None:
    url = Totp().url(SECRET, name="李雷 & co")
    parts = urlsplit(url.reveal())
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    asked = parse_qs(parts.query)
    assert asked["secret"] == [b32encode(b"12345678901234567890").decode()]
    assert asked["issuer"] == ["wxlogin"]
    assert asked["secret"][0] not in f"{url} {SECRET}"
