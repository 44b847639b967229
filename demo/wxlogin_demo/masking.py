"""What the page is shown of a request or an answer: its shape, and never a secret in it.

By the names of fields, at any depth, before anything leaves this process: the page cannot show
by mistake what it was never given.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from wxlogin_demo.shortening import MASK, masked_token

HIDDEN = frozenset(
    {
        "secret",
        "appsecret",
        "session_key",
        "sealed_key",
        "openid",
        "openids",
        "unionid",
        "unionids",
        "access_token",
        "password",
        "new_password",
        "current_password",
        "verification_code",
        "registration_ticket",
        "signature",
        "raw_data",
        "encrypted_data",
        "encrypted_msg_hash",
        "iv",
    }
)
CODES = frozenset({"code", "js_code", "proof_code", "phone_code"})
SHOWN_OF_CODE = 4
SHOWN_OF_TEXT = 200
_SYMBOL = re.compile(r"[a-z_]+")
"""The `code` of a problem document is one of these; a one-time code never is."""
_PHONE = re.compile(r"(?<![\w.-])(\+?(?:86)?1[3-9]\d)\d{4}(\d{4})(?!\d)")
_APPLICATION = re.compile(r"(/register/enterprise/.{4})[^/?]+")


def masked(value: Any, name: str = "") -> Any:
    """`value` of the field `name`, fit to be shown."""
    if name.lower() in HIDDEN:
        return value and MASK
    if isinstance(value, Mapping):
        return {str(key): masked(each, str(key)) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [masked(each, name) for each in value]
    return _masked_text(value, name.lower()) if isinstance(value, str) else value


def masked_path(path: str) -> str:
    """An enterprise's application is read by whoever knows its id."""
    return _APPLICATION.sub(r"\1…", path)


def masked_body(content: bytes, content_type: str) -> Any:
    """What a body is shown as: its masked JSON, or what it is and how long."""
    if not content:
        return None
    if content_type.partition(";")[0].strip().lower().endswith("json"):
        try:
            return masked(json.loads(content))
        except ValueError:
            pass
    return f"({content_type.partition(';')[0] or '?'}, {len(content)} B)"


def code_beginning(code: str) -> str:
    """Enough of a one-time code to know it again in WeChat's log."""
    return code[:SHOWN_OF_CODE]


def masked_phone(number: str) -> str:
    return _PHONE.sub(r"\1****\2", number)


def _masked_text(text: str, key: str) -> str:
    if text == "***":
        return MASK
    if key == "token":
        return masked_token(text)
    if key == "authorization":
        return f"Bearer {masked_token(text.removeprefix('Bearer '))}"
    if key in CODES and not _SYMBOL.fullmatch(text):
        return f"{code_beginning(text)}…"
    if key == "application_id":
        return f"{text[:4]}…"
    shown = masked_phone(text)
    return shown if len(shown) <= SHOWN_OF_TEXT else f"{shown[:SHOWN_OF_TEXT]}…"
