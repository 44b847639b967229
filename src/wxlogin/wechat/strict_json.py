"""JSON as we accept it from outside: one meaning or none.

Python's and msgspec's readers keep the last of two equal names; whoever stands behind
another reader may keep the first. Where an answer says who somebody is, neither is
right (security.md D07).
"""

import json
from typing import Any


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _refuse(constant: str) -> Any:
    raise ValueError("not a JSON number")


_decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse)


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`, read as UTF-8 whatever a content type says (contract §0).

    Raises ValueError, with no part of the body in it, for anything else: another
    encoding, a byte order mark, NaN, a name that stands twice, or nesting so deep that
    it exhausts the reader.
    """
    try:
        found = _decoder.decode(body.decode("utf-8"))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ValueError("not a JSON object")
    return found
