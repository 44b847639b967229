"""What may be shown as somebody's name: seen, bounded, and of one line."""

import re

import pytest

from wxlogin.login import errors
from wxlogin.login.nicknames import LONGEST, PATTERN, check_nickname, is_nickname


@pytest.mark.parametrize(
    "text", ["小明", "a", "x" * LONGEST, " a", "a b", "👨‍👩‍👧", "名" * LONGEST, "é", "🙂"]
)
def test_a_name_that_is_seen_is_one(text: str) -> None:
    assert is_nickname(text)
    check_nickname(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "\u3000", "\u3164", "\u200b\u200d", "x" * (LONGEST + 1)),
        *("a\nb", "a\n", "a\x00", "a\u202eb", "\u2066a", "a\u2028", "\ud800", "a\udfff"),
    ],
)
def test_a_name_that_is_not_seen_or_hides_something_is_none(text: str) -> None:
    assert not is_nickname(text)
    with pytest.raises(errors.RequestInvalid):
        check_nickname(text)


def test_what_is_no_text_is_no_name() -> None:
    for other in (None, 7, b"a", ["a"]):
        with pytest.raises(errors.RequestInvalid):
            check_nickname(other)


def test_the_expression_has_nothing_to_backtrack_into() -> None:
    """Half a megabyte of blanks is refused as fast as it is read."""
    assert re.match(PATTERN, " " * 500_000) is None
