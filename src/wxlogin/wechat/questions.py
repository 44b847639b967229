"""The requests of each call, as the contract spells them.

Secrets are unwrapped here, inside the making of a request whose repr hides them, so
that no frame of a traceback ever holds one in a variable.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

from wxlogin.login.policy import App
from wxlogin.login.secret import Secret
from wxlogin.wechat.quota import CODE2SESSION
from wxlogin.wechat.signatures import login_state_signature
from wxlogin.wechat.transport import WeChatRequest

STABLE_TOKEN = "/cgi-bin/stable_token"  # noqa: S105 - a path
CHECK_SESSION = "/wxa/checksession"
RESET_SESSION_KEY = "/wxa/resetusersessionkey"
PHONE_NUMBER = "/wxa/business/getuserphonenumber"

WithToken = Callable[[Secret], WeChatRequest]
"""A request that waits for the access_token."""

_PATH = re.compile(r"/?[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")


def code2session(app: App, code: str, *, seconds: float) -> WeChatRequest:
    """Contract §1: a GET with everything in the query; by POST WeChat does not see it."""
    return WeChatRequest(
        "GET",
        CODE2SESSION,
        {
            "appid": app.app_id,
            "secret": app.secret.reveal(),
            "js_code": code,
            "grant_type": "authorization_code",
        },
        seconds=seconds,
    )


def stable_token(app: App, *, seconds: float) -> WeChatRequest:
    """Contract §3.2, normal mode: force_refresh kills the token under every other process."""
    return WeChatRequest(
        "POST",
        STABLE_TOKEN,
        body=_json(
            {
                "grant_type": "client_credential",
                "appid": app.app_id,
                "secret": app.secret.reveal(),
                "force_refresh": False,
            }
        ),
        seconds=seconds,
    )


def login_state(path: str, *, openid: str, session_key: Secret, seconds: float) -> WithToken:
    """Contract §2: a GET, signed with the session_key over an empty body."""
    query = {
        "openid": openid,
        "signature": login_state_signature(session_key),
        "sig_method": "hmac_sha256",
    }
    return any_call("GET", path, params=query, body=None, seconds=seconds)


def phone_number(code: str, *, openid: str, seconds: float) -> WithToken:
    """Contract §4.1. With the openid WeChat checks whose code it is (security.md A16)."""
    return any_call(
        "POST",
        PHONE_NUMBER,
        params={},
        body={"code": code, "openid": openid},
        seconds=seconds,
    )


def any_call(
    method: Literal["GET", "POST"],
    path: str,
    *,
    params: Mapping[str, str],
    body: Any,
    seconds: float,
) -> WithToken:
    """A call of the host's. Raises ValueError for what is not a path on WeChat's host.

    A path with a host, a query or dots in it could lead the access_token elsewhere
    (security.md A17).
    """
    if not _PATH.fullmatch(path):
        raise ValueError("the path must be relative, like wxa/msg_sec_check, without a query")
    if "access_token" in params:
        raise ValueError("the access_token is added by itself")
    sent = b"" if method == "GET" else _json({} if body is None else body)

    def build(access_token: Secret) -> WeChatRequest:
        return WeChatRequest(
            method,
            "/" + path.removeprefix("/"),
            {"access_token": access_token.reveal(), **params},
            sent,
            seconds=seconds,
        )

    return build


def _json(fields: Any) -> bytes:
    # Not escaped: some of WeChat's calls store \uXXXX as it stands.
    return json.dumps(fields, ensure_ascii=False, allow_nan=False).encode()
