"""The form of a token, and what a made-up one is worth."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxlogin.login import tokens

KEY = b"k" * 32
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SESSION_ID = tokens.new_id(NOW, bytes(range(10)))


def mint(secret: bytes = b"s" * 32, key: bytes = KEY) -> tuple[str, bytes]:
    return tokens.mint(SESSION_ID, secret=secret, key=key)


def test_a_token_is_recognisable_url_safe_and_carries_256_secret_bits() -> None:
    token, _ = mint()
    assert token.startswith("wxl_")
    assert len(token) == tokens.LENGTH
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=1, max_size=64))
def test_what_was_minted_is_parsed_and_proven(secret: bytes, key: bytes) -> None:
    token, stored = mint(secret, key)
    presented = tokens.parse(token, key)
    assert presented is not None
    assert presented.session_id == SESSION_ID
    assert tokens.is_proven(presented, stored)


@given(st.integers(0, tokens.LENGTH - 1), st.characters(max_codepoint=0x2FFF))
def test_one_changed_character_is_no_token_any_more(place: int, other: str) -> None:
    token, _ = mint()
    if token[place] != other:
        assert tokens.parse(token[:place] + other + token[place + 1 :], KEY) is None


@given(st.text(max_size=200))
def test_any_text_is_an_answer_not_an_exception(text: str) -> None:
    assert tokens.parse(text, KEY) is None


def test_a_token_under_another_key_reaches_no_store() -> None:
    token, _ = mint(key=b"other")
    assert tokens.parse(token, KEY) is None


def test_the_secret_stands_in_no_repr_and_not_in_what_is_stored() -> None:
    token, stored = mint()
    presented = tokens.parse(token, KEY)
    assert token[41:84] not in repr(presented)
    assert token[41:84].encode() not in stored


def test_a_right_id_with_another_secret_is_not_proven() -> None:
    presented = tokens.parse(mint(b"a" * 32)[0], KEY)
    assert presented is not None
    assert not tokens.is_proven(presented, mint(b"b" * 32)[1])


@pytest.mark.parametrize("secret", [b"", b"short", b"x" * 33])
def test_a_short_secret_is_refused_where_it_is_made(secret: bytes) -> None:
    with pytest.raises(ValueError, match="32 secret bytes"):
        tokens.mint(SESSION_ID, secret=secret, key=KEY)


def test_ids_rise_with_time_and_say_version_7() -> None:
    early = tokens.new_id(NOW, b"\xff" * 10)
    late = tokens.new_id(NOW + timedelta(milliseconds=1), b"\x00" * 10)
    assert early < late
    assert early[14] == "7"
    assert early[19] in "89ab"


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_no_two_pairs_of_app_and_code_share_a_claim(a: str, b: str, c: str, d: str) -> None:
    """security.md B15: `a` + `bc` is not `ab` + `c`."""
    if (a, b) != (c, d):
        assert tokens.code_hash(a, b) != tokens.code_hash(c, d)
