"""Ids of pictures: fresh, unguessable, and nothing else passes for one."""

import os

import pytest

from wxlogin.login.avatars import is_avatar_id, new_avatar_id


def test_an_id_holds_all_the_randomness_it_is_given() -> None:
    asked: list[int] = []

    def random(count: int) -> bytes:
        asked.append(count)
        return bytes(range(count))

    assert new_avatar_id(random) == new_avatar_id(random)
    assert min(asked) * 8 >= 128


def test_every_id_is_one_that_a_url_may_hold() -> None:
    made = {new_avatar_id(os.urandom) for _ in range(1000)}
    assert len(made) == 1000
    assert all(is_avatar_id(one) and one.isascii() and "=" not in one for one in made)


@pytest.mark.parametrize(
    "text",
    ["", "..", "a" * 23, "a" * 25, "a" * 23 + "/", "a" * 23 + "\n", "a" * 23 + "é", "Ａ" * 24],
)
def test_what_is_no_id_is_told_apart(text: str) -> None:
    assert not is_avatar_id(text)
