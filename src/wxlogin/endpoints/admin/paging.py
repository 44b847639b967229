"""What a list is asked for by its address, and the cursor that leads to its next page."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from wxlogin.endpoints.exchange import Request
from wxlogin.endpoints.forms import read_query
from wxlogin.endpoints.times import in_utc
from wxlogin.login import errors

DEFAULT_LIMIT, MOST = 50, 100
LIMIT_DIGITS = 3

Choice = TypeVar("Choice", bound=StrEnum)


def asked_of(request: Request) -> Mapping[str, str]:
    """The parameters that say something. Raises `RequestInvalid`."""
    return {name: value for name, value in read_query(request.query).items() if value}


def limit_in(asked: Mapping[str, str]) -> int:
    text = asked.get("limit", str(DEFAULT_LIMIT))
    is_number = len(text) <= LIMIT_DIGITS and text.isascii() and text.isdigit()
    limit = int(text) if is_number else 0
    if not 1 <= limit <= MOST:
        raise errors.RequestInvalid(("limit", f"1 to {MOST}"))
    return limit


def choice_in(asked: Mapping[str, str], name: str, kind: type[Choice]) -> Choice | None:
    if name not in asked:
        return None
    try:
        return kind(asked[name])
    except ValueError:
        raise errors.RequestInvalid((name, f"one of {', '.join(kind)}")) from None


def time_in(asked: Mapping[str, str], name: str) -> datetime | None:
    """RFC 3339, with its zone; in UTC."""
    if name not in asked:
        return None
    try:
        # A `+` that nobody escaped arrives as a blank.
        found = datetime.fromisoformat(asked[name].replace(" ", "+"))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise errors.RequestInvalid((name, "an RFC 3339 time, as 2026-03-01T08:00:00Z"))
    return in_utc(found, name=name)


def to_cursor(*parts: str) -> str:
    """Where the next page begins: for us alone to read."""
    return urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def from_cursor(text: str, *, parts: int) -> list[str]:
    """Raises `RequestInvalid` for what we did not write."""
    try:
        found = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or len(found) != parts:
        raise errors.RequestInvalid(("cursor", "not one of ours"))
    if not all(isinstance(part, str) for part in found):
        raise errors.RequestInvalid(("cursor", "not one of ours"))
    return found
