"""How WeChat's answers look on the wire: error texts, rid, content types (contract §0)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Entropy = Callable[[int], bytes]
"""Gives that many random bytes."""

SNS_TYPE = "text/plain"
JSON_TYPE = "application/json; encoding=utf-8"
PHONE_PATH = "/wxa/business/getuserphonenumber"

_NOT_LATEST = (
    "access_token is invalid or not latest, could get access_token by getStableAccessToken, "
    "more details at https://mmbizurl.cn/s/JtxxFh33r"
)

ERRMSG: Mapping[int, str] = {
    -1: "system error",
    0: "ok",
    1: "data not exit",
    1007: "get no data",
    40001: f"invalid credential, {_NOT_LATEST}",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40004: "invalid media type",
    40006: "invalid media size",
    40013: "invalid appid",
    40014: "invalid access_token",
    40029: "invalid code",
    40037: "invalid template_id",
    40097: "invalid args",
    40125: "invalid appsecret",
    40129: "invalid scene",
    40163: "code been used",
    40164: "invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist",
    40226: "code blocked",
    40243: "appsecret is frozen",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41005: "media data missing",
    41008: "missing code",
    42001: "access_token expired",
    43002: "require POST method",
    43104: "appid not match openid",
    43302: "require POST method",
    44002: "empty post data",
    45002: "content size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    47001: "data format error",
    48001: "api unauthorized",
    61010: "code is expired",
    87007: "session_key is not existd or expired",
    87008: "invalid sig_method",
    87009: "invalid signature",
    87014: "risky content",
}
"""Wire text before the rid, by errcode (contract §1, §2, §3.3, §4.1, §5; the content checks' own
pages, without 40129, 43104 and 43302, whose texts are guesses)."""

TOKEN_ERRORS = frozenset({40001, 40014, 41001, 42001})


class Refused(Exception):
    """An endpoint of WeChat answers with an errcode instead of a result."""

    def __init__(self, errcode: int) -> None:
        super().__init__(errcode)
        self.errcode = errcode


@dataclass(frozen=True)
class Request:
    """One HTTP request, fully read. Query and body stay out of the repr: they carry secrets."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object; 44002 when empty, 47001 when it is none."""
        if not self.body:
            raise Refused(44002)
        parsed = find_json_object(self.body)
        if parsed is None:
            raise Refused(47001)
        return parsed


@dataclass(frozen=True)
class Answer:
    """One HTTP answer. `extra_headers` come after content-type and content-length."""

    status: int
    content_type: str
    body: bytes = field(repr=False)
    extra_headers: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


def find_json_object(text: bytes) -> dict[str, Any] | None:
    """A JSON object, or None: also for NaN and half a surrogate pair, which no UTF-8 can carry."""
    try:
        parsed = json.loads(text, parse_constant=_refuse_constant)
        if b"\\ud" in text.lower():
            compact(parsed)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def compact(value: Any) -> bytes:
    """JSON as WeChat writes it: no blanks, UTF-8, keys in the given order."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def content_type_of(path: str) -> str:
    """The content type of a path's answers (contract §0; `wxa/*` is a guess there)."""
    return SNS_TYPE if path.startswith("/sns/") else JSON_TYPE


def rid(now: datetime, entropy: Entropy) -> str:
    """`{8 hex}-{8 hex}-{8 hex}`; the first group is the Unix time in seconds (contract §0)."""
    tail = entropy(8).hex()
    return f"{int(now.timestamp()):08x}-{tail[:8]}-{tail[8:]}"


def error_body(
    path: str,
    errcode: int | str,
    *,
    now: datetime,
    entropy: Entropy,
    text: str | None = None,
) -> dict[str, Any]:
    """The JSON of an error in the style of the path's family (contract §0, table "rid")."""
    number = int(errcode)
    words = text if text is not None else ERRMSG.get(number, "unknown error")
    mark = rid(now, entropy)
    if path.startswith("/sns/"):
        message = f"{words}, rid: {mark}"
    elif path == PHONE_PATH and number not in TOKEN_ERRORS:
        hint = entropy(8).hex()
        message = f"{words} hint: [{hint[:9]}-{hint[9:15]}] rid: {mark}"
    else:
        message = f"{words} rid: {mark}"
    return {"errcode": errcode, "errmsg": message}
