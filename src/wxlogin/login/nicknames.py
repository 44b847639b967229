"""What may be shown as somebody's name."""

import re

from wxlogin.login import errors

LONGEST = 32
"""Characters."""

# Control characters, line separators, and what turns the direction of the text around it.
_UNSEEN = r"\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069"
# Spaces, format characters (Cf), fillers and variation selectors: they may stand in a name (a
# family emoji is held together by U+200D), but a name of these alone looks like nobody's. No
# `\s`: Python and ECMA-262 differ in it. No escape reaches beyond U+FFFF in both.
_BLANK = (
    r"\u0020\u00a0\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160"
    r"\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u202f\u205f-\u2065\u206a-\u206f\u2800\u3000"
    r"\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
)
# The three parts share no character where they meet: nothing to backtrack into. `$` would let
# a trailing newline pass in Python; `(?![\s\S])` is "the very end" everywhere.
PATTERN = rf"^[{_BLANK}]*[^{_BLANK}{_UNSEEN}][^{_UNSEEN}]*(?![\s\S])"
"""Reads the same in Python and in ECMA-262: it stands in the OpenAPI document."""

DESCRIPTION = "1 to 32 characters, at least one of them visible, no control characters"

_FORM = re.compile(PATTERN)


def is_nickname(text: str) -> bool:
    """Whether `text` may be a nickname. Half of a surrogate pair is no text."""
    return len(text) <= LONGEST and is_line(text)


def is_line(text: str) -> bool:
    """Whether `text` is one line that shows, however long it is."""
    is_text = not any("\ud800" <= character <= "\udfff" for character in text)
    return is_text and _FORM.match(text) is not None


def check_nickname(text: object) -> None:
    """Return if it may be a nickname. Raises `RequestInvalid`."""
    if not isinstance(text, str) or not is_nickname(text):
        raise errors.RequestInvalid(("nickname", DESCRIPTION))
