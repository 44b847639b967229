"""The two signatures made with a session_key. Both take it as its base64 *text*."""

import hashlib
import hmac

from wxlogin.login.secret import Secret


def is_signature_of(raw_data: str, signature: str, *, session_key: Secret) -> bool:
    """Whether WeChat signed `raw_data`, taken byte for byte as received (contract §5, V1)."""
    # WeChat's choice of SHA-1; the key stands behind the data, so it cannot be extended.
    expected = hashlib.sha1(  # noqa: S324
        raw_data.encode("utf-8", "surrogatepass") + session_key.reveal().encode()
    )
    given = signature.encode("utf-8", "surrogatepass")
    return hmac.compare_digest(expected.hexdigest().encode(), given)


def login_state_signature(session_key: Secret, body: str = "") -> str:
    """The hex HMAC-SHA256 that proves to WeChat who holds the session_key (contract §2.1, V2)."""
    return hmac.new(session_key.reveal().encode(), body.encode(), hashlib.sha256).hexdigest()
