"""One-time codes of an authenticator app: the port `OneTimeCodes`, by pyotp."""

import hmac
from base64 import b32encode
from datetime import datetime
from typing import TYPE_CHECKING

from wxlogin.login.secret import Secret

if TYPE_CHECKING:
    import pyotp

STEP_SECONDS = 30
ISSUER = "wxlogin"


class TotpMissing(ImportError):
    """The library of the extra `[server]` is not installed."""

    def __init__(self) -> None:
        super().__init__('operators need an extra: pip install "wxlogin[server]"')


class Totp:
    """RFC 6238: six digits by HMAC-SHA-1, the only kind that every app knows."""

    def new_secret(self, random: bytes) -> Secret:
        """See `OneTimeCodes`."""
        return Secret(b32encode(random).decode().rstrip("="))

    def find_step(self, code: str, secret: Secret, *, at: datetime) -> int | None:
        """See `OneTimeCodes`. One step either way: a telephone's clock is seldom right (§5.2)."""
        now = int(at.timestamp()) // STEP_SECONDS
        found = None
        for step in (now - 1, now, now + 1):
            wanted = _totp(secret).at(step * STEP_SECONDS)
            if hmac.compare_digest(wanted.encode(), code.encode("utf-8", "surrogatepass")):
                found = step
        return found

    def url(self, secret: Secret, *, name: str) -> Secret:
        """See `OneTimeCodes`."""
        return Secret(_totp(secret).provisioning_uri(name=name, issuer_name=ISSUER))


def _totp(secret: Secret) -> "pyotp.TOTP":
    try:
        import pyotp
    except ImportError:
        raise TotpMissing from None
    return pyotp.TOTP(secret.reveal(), interval=STEP_SECONDS)
