"""Hashing with argon2id: right and wrong, old and new, and never a password in sight."""

import asyncio
import logging
import re
import sys
import traceback
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

pytest.importorskip("argon2", reason="the extra [passwords] is not installed")

import argon2
import bcrypt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wxlogin.login import errors
from wxlogin.login.passwords import PasswordCheck, PasswordHasher
from wxlogin.passwords import PasswordsMissing
from wxlogin.passwords.hashing import LONGEST_WORK, Argon2Cost, Argon2Hasher

CHEAP = Argon2Cost(passes=1, memory_kib=64)
RIGHT = PasswordCheck(is_right=True, needs_rehash=False)
RIGHT_BUT_OLD = PasswordCheck(is_right=True, needs_rehash=True)
WRONG = PasswordCheck(is_right=False, needs_rehash=False)
DAMAGED = "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$" + "/" * 43


@pytest.fixture
async def hashers() -> AsyncIterator[Callable[..., Argon2Hasher]]:
    """Makes hashers, cheap ones; all are closed at the end."""
    made: list[Argon2Hasher] = []

    def make(cost: Argon2Cost = CHEAP, **how: object) -> Argon2Hasher:
        made.append(Argon2Hasher(cost, **{"threads": 1, **how}))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for hasher in made:
        hasher.close()


@pytest.fixture
def hasher(hashers: Callable[..., Argon2Hasher]) -> Argon2Hasher:
    return hashers()


async def test_it_is_a_password_hasher(hasher: Argon2Hasher) -> None:
    port: PasswordHasher = hasher
    hashed = await port.hash("v7Kq2mPz")
    assert await port.verify("v7Kq2mPz", hashed) == RIGHT
    assert await port.verify("v7Kq2mPZ", hashed) == WRONG
    assert await port.verify("", hashed) == WRONG


async def test_a_hash_is_argon2id_with_the_parameters_asvs_asks_for() -> None:
    hasher = Argon2Hasher(threads=1)
    hashed = await hasher.hash("v7Kq2mPz")
    hasher.close()
    assert re.fullmatch(
        r"\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}", hashed
    )


async def test_equal_passwords_have_different_hashes(hasher: Argon2Hasher) -> None:
    assert await hasher.hash("v7Kq2mPz") != await hasher.hash("v7Kq2mPz")


async def test_the_salt_comes_from_the_generator_it_was_given(
    hashers: Callable[..., Argon2Hasher],
) -> None:
    hasher = hashers(random=bytes)
    assert await hasher.hash("v7Kq2mPz") == await hasher.hash("v7Kq2mPz")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(password=st.text(max_size=128), other=st.text(max_size=128))
async def test_any_text_is_its_own_password_only(
    hasher: Argon2Hasher, password: str, other: str
) -> None:
    hashed = await hasher.hash(password)
    assert (await hasher.verify(password, hashed)).is_right
    assert (await hasher.verify(other, hashed)).is_right is (password == other)
    assert (await hasher.verify(password + "x", hashed)).is_right is False


async def test_all_of_a_long_password_counts(hasher: Argon2Hasher) -> None:
    hashed = await hasher.hash("猫" * 128)
    assert not (await hasher.verify("猫" * 127 + "狗", hashed)).is_right


async def test_nobody_has_no_right_password(hashers: Callable[..., Argon2Hasher]) -> None:
    hasher = hashers(random=bytes)  # so that the dummy's password is known here
    for guess in ("", "password", bytes(32).decode()):
        assert await hasher.verify(guess, None) == WRONG


@pytest.mark.parametrize(
    ("old", "needs_rehash"),
    [
        (Argon2Cost(passes=1, memory_kib=2048), True),
        (Argon2Cost(passes=2, memory_kib=1024), True),
        (Argon2Cost(passes=2, memory_kib=2048), False),
        (Argon2Cost(passes=3, memory_kib=4096), False),
    ],
)
async def test_a_cheaper_hash_is_to_be_made_anew_and_a_costlier_one_is_not(
    hashers: Callable[..., Argon2Hasher], old: Argon2Cost, needs_rehash: bool
) -> None:
    now = Argon2Cost(passes=2, memory_kib=2048)
    hashed = await hashers(old).hash("v7Kq2mPz")
    check = await hashers(now).verify("v7Kq2mPz", hashed)
    assert check == PasswordCheck(is_right=True, needs_rehash=needs_rehash)
    assert await hashers(now).verify("another", hashed) == WRONG


async def test_an_imported_hash_lets_in_once_and_asks_for_a_new_one(hasher: Argon2Hasher) -> None:
    imported = bcrypt.hashpw(b"v7Kq2mPz", bcrypt.gensalt(4)).decode()
    assert await hasher.verify("v7Kq2mPz", imported) == RIGHT_BUT_OLD
    assert await hasher.verify("another", imported) == WRONG


async def test_argon2i_is_to_be_made_anew(hasher: Argon2Hasher) -> None:
    other = argon2.PasswordHasher(time_cost=3, memory_cost=4096, type=argon2.Type.I)
    assert await hasher.verify("v7Kq2mPz", other.hash("v7Kq2mPz")) == RIGHT_BUT_OLD


@pytest.mark.parametrize(
    "hashed",
    ["", "v7Kq2mPz", "5f4dcc3b5aa765d61d8327deb882cf99", "$argon2id$v=19$m=9,t=x", DAMAGED],
)
async def test_a_hash_it_does_not_understand_lets_nobody_in_and_is_logged_without_itself(
    hasher: Argon2Hasher, hashed: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert await hasher.verify("v7Kq2mPz", hashed) == WRONG
    assert "no supported format" in caplog.text
    assert not hashed or hashed not in caplog.text


async def test_a_full_queue_is_told_at_once_for_both_calls(
    hashers: Callable[..., Argon2Hasher],
) -> None:
    hasher = hashers(Argon2Cost(), waiting=8)
    asked = [hasher.verify("v7Kq2mPz", None) for _ in range(63)]
    answers = await asyncio.gather(*asked, hasher.hash("v7Kq2mPz"), return_exceptions=True)
    assert answers[:9] == [WRONG] * 9
    assert all(isinstance(answer, errors.RateLimited) for answer in answers[9:])


async def _turns_of_the_loop(hash_all: Callable[[], "asyncio.Future[Any]"]) -> int:
    """How often the event loop came round while the hashing went on."""
    turns, hashing = 0, asyncio.ensure_future(hash_all())
    while not hashing.done():
        turns += 1
        await asyncio.sleep(0)
    return turns


@pytest.mark.timing
async def test_the_event_loop_goes_on_while_passwords_are_hashed_and_in_a_twin_without_the_pool_not(
    hashers: Callable[..., Argon2Hasher],
) -> None:
    hasher = hashers(Argon2Cost())

    async def twin(number: int) -> None:
        hasher._verify(b"v7Kq2mPz", None)

    pooled = await _turns_of_the_loop(
        lambda: asyncio.gather(*(hasher.verify("v7Kq2mPz", None) for _ in range(8)))
    )
    blocking = await _turns_of_the_loop(lambda: asyncio.gather(*(twin(n) for n in range(8))))
    assert pooled > 10 * blocking


async def test_no_password_is_seen_in_a_text_a_log_or_an_exception(
    hashers: Callable[..., Argon2Hasher], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    canary, seen = "canary-v7Kq2mPz", []

    async def ask(hasher: Argon2Hasher, password: str, hashed: str | None) -> None:
        try:
            seen.append(repr(await hasher.verify(password, hashed)))
        except Exception as fault:
            seen.extend((repr(fault), "".join(traceback.format_exception(fault))))

    def broken(_: int) -> bytes:
        raise OSError("no randomness")

    good, full, faulty = hashers(), hashers(Argon2Cost(), waiting=0), hashers(random=broken)
    damaged = (await good.hash(canary))[:-1] + "~"
    for password in (canary, canary + "\ud800", canary + "\0"):
        for hashed in (None, canary, await good.hash(canary), damaged):
            await ask(good, password, hashed)
            await ask(faulty, password, hashed)
        await asyncio.gather(*(ask(full, password, None) for _ in range(4)))
    seen += [repr(good), str(good), repr(vars(good)), caplog.text]
    assert any("RateLimited" in text for text in seen)
    assert any("no supported format" in text for text in seen)
    assert any("no randomness" in text for text in seen)
    assert not [text for text in seen if "canary" in text]


async def test_after_an_imported_hash_every_wrong_answer_is_held_back_as_long(
    hashers: Callable[..., Argon2Hasher],
) -> None:
    held: list[float] = []

    async def note(seconds: float) -> None:
        held.append(seconds)

    hasher = hashers(sleep=note)
    hashed = await hasher.hash("v7Kq2mPz")
    await hasher.verify("another", hashed)
    await hasher.verify("another", None)
    assert held == []
    imported = bcrypt.hashpw(b"v7Kq2mPz", bcrypt.gensalt(8)).decode()
    await hasher.verify("another", imported)
    await hasher.verify("another", None)
    await hasher.verify("another", hashed)
    assert len(held) == 3
    assert all(0 < seconds <= 3 * LONGEST_WORK for seconds in held)
    await hasher.verify("v7Kq2mPz", hashed)
    await hasher.verify("v7Kq2mPz", imported)
    assert len(held) == 3


def test_without_the_libraries_it_says_at_the_start_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "argon2", None)
    with pytest.raises(PasswordsMissing, match=r'pip install "wxlogin\[passwords\]"'):
        Argon2Hasher()
