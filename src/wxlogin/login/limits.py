"""How large what comes in may be; asked at every door, whichever way a caller came.

Only sizes that the whole login rests on are here. An adapter may be stricter.
"""

import json
from collections.abc import Mapping
from typing import Any

from wxlogin.login import errors
from wxlogin.login.sessions import Device

CODE_LIMIT = 256
"""Characters of a code: it is opaque, but visible ASCII (http-api.md §2)."""

TEXT_LIMIT = 64
"""Characters of what a phone says of itself."""

CONTEXT_LIMIT = 1024
"""Bytes of JSON that a mini program may hand through to the host's hooks."""

CLAIMS_LIMIT = 1024
"""Bytes of JSON that a session may carry for the host: it is read at every request."""

USER_ID_LIMIT = 64
"""Characters of the host's own key for a person (http-api.md §2)."""


def is_user_id(text: str) -> bool:
    """Whether it may be a host's key for somebody."""
    return 1 <= len(text) <= USER_ID_LIMIT and text.isprintable()


def check_code(code: object, *, field: str = "code") -> None:
    """Return if it may be a code of WeChat's. Raises `RequestInvalid`; nothing is spent."""
    if not isinstance(code, str) or not 1 <= len(code) <= CODE_LIMIT or not _is_visible(code):
        raise errors.RequestInvalid((field, f"1 to {CODE_LIMIT} visible ASCII characters"))


def check_origin(*, device: Device, context: Mapping[str, Any]) -> None:
    """Return if a phone may say this of itself. Raises `RequestInvalid`; nothing is spent."""
    wrong: list[tuple[str, str]] = []
    for name in ("id", "name", "platform"):
        value = getattr(device, name)
        if value is not None and (not isinstance(value, str) or len(value) > TEXT_LIMIT):
            wrong.append((f"device.{name}", f"at most {TEXT_LIMIT} characters"))
    try:
        if json_size(context) > CONTEXT_LIMIT:
            wrong.append(("context", f"over {CONTEXT_LIMIT} bytes of JSON"))
    except (TypeError, ValueError):
        wrong.append(("context", "not JSON"))
    if wrong:
        raise errors.RequestInvalid(*wrong)


def json_size(value: object) -> int:
    """Bytes of `value` as JSON without spaces. Raises TypeError or ValueError where it is none."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return len(text.encode())


def _is_visible(text: str) -> bool:
    return all("!" <= character <= "~" for character in text)
