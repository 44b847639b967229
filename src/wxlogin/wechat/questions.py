"""The requests of each call, as the contract spells them.

Secrets are unwrapped here, inside the making of a request whose repr hides them, so
that no frame of a traceback ever holds one in a variable.
"""

import hashlib
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
TEXT_CHECK = "/wxa/msg_sec_check"
PICTURE_CHECK = "/wxa/img_sec_check"

PROFILE = 1
"""The scene 资料: what a person says of themselves."""

PICTURE_NAMES = {
    "image/jpeg": "picture.jpg",
    "image/png": "picture.png",
    "image/gif": "picture.gif",
}
"""The kinds that `img_sec_check` takes, each under a name of ours."""

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


def text_check(text: str, *, openid: str, seconds: float) -> WithToken:
    """A POST of JSON. See `contents` for what is known of it."""
    return any_call(
        "POST",
        TEXT_CHECK,
        params={},
        body={"version": 2, "scene": PROFILE, "openid": openid, "content": text},
        seconds=seconds,
    )


def picture_check(content: bytes, *, media_type: str, seconds: float) -> WithToken:
    """A POST of a form with the one file `media`. See `contents` for what is known of it.

    Raises ValueError for a type of picture that WeChat does not take.
    """
    name = PICTURE_NAMES.get(media_type)
    if name is None:
        raise ValueError(f"one of {', '.join(PICTURE_NAMES)}")
    # No content can hold the hash of itself, so this ends no file before its end.
    boundary = "wxlogin-" + hashlib.sha256(content).hexdigest()[:32]
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="media"; filename="{name}"\r\n'
        f"Content-Type: {media_type}\r\n\r\n"
    )
    body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()

    def build(access_token: Secret) -> WeChatRequest:
        return WeChatRequest(
            "POST",
            PICTURE_CHECK,
            {"access_token": access_token.reveal()},
            body,
            seconds=seconds,
            content_type=f"multipart/form-data; boundary={boundary}",
        )

    return build


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
