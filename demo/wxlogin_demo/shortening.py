"""Cuts what is shown to what a person reads, and masks what nobody should see."""

import json
from collections.abc import Mapping
from typing import Any

MASK = "●●●●●●●●"
SHOWN_OF_TOKEN = 12
SHOWN_OF_ID = 8


def masked_token(token: str) -> str:
    """Enough of a token to know it again, far too little to use it."""
    return f"{token[:SHOWN_OF_TOKEN]}…{MASK}"


def shortened(text: object, length: int = SHOWN_OF_ID) -> str:
    """The beginning of an id."""
    whole = str(text)
    return whole if len(whole) <= length else f"{whole[:length]}…"


def json_text(value: object) -> str:
    """With spaces, so that a terminal breaks it between the fields."""
    return json.dumps(value, ensure_ascii=False)


def some_of(body: Mapping[str, Any], *names: str) -> str:
    """These fields of a JSON object, the rest as an ellipsis."""
    picked = [f"{json_text(name)}: {_shown(name, body[name])}" for name in names if name in body]
    rest = ["…"] if set(body) - set(names) else []
    return "{" + ", ".join(picked + rest) + "}"


def _shown(name: str, value: object) -> str:
    if name == "token":
        return json_text(masked_token(str(value)))
    if name.endswith("_id") and name != "app_id":
        return json_text(shortened(value))
    return json_text(value)
