"""Bodies as an HTML form sends them: what RFC 7662 asks for."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from wxlogin.login import errors

FORM = "application/x-www-form-urlencoded"
FIELDS = 32
"""No form here has more."""


def read_form(content: bytes) -> Mapping[str, str]:
    """The fields. Raises `RequestInvalid`; a field that stands twice is none that two parsers
    read alike (security.md D06)."""
    return _fields(content, place="body")


def read_query(query: bytes) -> Mapping[str, str]:
    """The parameters of a URL, by the same rules."""
    return _fields(query, place="query")


def _fields(content: bytes, *, place: str) -> Mapping[str, str]:
    try:
        pairs = parse_qsl(
            content.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=FIELDS,
        )
    except ValueError:
        raise errors.RequestInvalid((place, "not a form in UTF-8")) from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise errors.RequestInvalid((place, "a field stands twice"))
    return fields
