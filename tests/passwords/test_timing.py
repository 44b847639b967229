"""The time of a wrong answer does not tell who exists (security.md C02, §8.4)."""

import math
import random
import time

import pytest

pytest.importorskip("argon2", reason="the extra [passwords] is not installed")

from wxlogin.login.passwords import PasswordCheck
from wxlogin.passwords.hashing import WRONG, Argon2Cost, Argon2Hasher

QUICK = Argon2Cost(passes=1, memory_kib=1024)
OLD = "pbkdf2_sha256$20000$seasalt$fyz3v8HyJMqFQBn5MRVjA6czTnC/7fr9jzzkoeqCkD4="


class WithoutDummy(Argon2Hasher):
    """The defence removed: nobody's password is refused without work."""

    async def verify(self, password: str, hashed: str | None) -> PasswordCheck:
        return WRONG if hashed is None else await super().verify(password, hashed)


def z_of_ranks(one: list[float], other: list[float]) -> float:
    """How many deviations apart two samples are, by the rank test of Mann and Whitney."""
    ranked = sorted([(seconds, 0) for seconds in one] + [(seconds, 1) for seconds in other])
    ranks = sum(rank for rank, (_, sample) in enumerate(ranked, start=1) if sample == 0)
    n, m = len(one), len(other)
    expected, deviation = n * (n + m + 1) / 2, math.sqrt(n * m * (n + m + 1) / 12)
    return (ranks - expected) / deviation


async def measure(hasher: Argon2Hasher, known: str, *, times: int, order: random.Random) -> float:
    """z between a wrong password of `known` and any of nobody, asked in a random order."""
    seconds: dict[str | None, list[float]] = {known: [], None: []}
    for hashed in [known, None] * 5:
        await hasher.verify("warm up", hashed)
    asked = [known, None] * times
    order.shuffle(asked)
    for hashed in asked:
        began_at = time.perf_counter()
        assert await hasher.verify("v7Kq2mPz", hashed) == WRONG
        seconds[hashed].append(time.perf_counter() - began_at)
    hasher.close()
    return abs(z_of_ranks(seconds[known], seconds[None]))


@pytest.mark.timing
async def test_an_unknown_name_and_a_wrong_password_take_the_same_time(
    seeded: random.Random,
) -> None:
    hasher = Argon2Hasher(QUICK, threads=1)
    known = await hasher.hash("lantern42cobalt")
    assert await measure(hasher, known, times=100, order=seeded) < 4


@pytest.mark.timing
async def test_twin_without_a_dummy_hash_they_do_not(seeded: random.Random) -> None:
    hasher = WithoutDummy(QUICK, threads=1)
    known = await hasher.hash("lantern42cobalt")
    assert await measure(hasher, known, times=100, order=seeded) > 10


@pytest.mark.chaos
async def test_at_full_cost_300_of_each_take_the_same_time(seeded: random.Random) -> None:
    hasher = Argon2Hasher(threads=1)
    known = await hasher.hash("lantern42cobalt")
    assert await measure(hasher, known, times=300, order=seeded) < 4


@pytest.mark.chaos
async def test_an_imported_hash_is_not_told_from_nobody_by_time(seeded: random.Random) -> None:
    hasher = Argon2Hasher(QUICK, threads=1)
    assert await measure(hasher, OLD, times=100, order=seeded) < 4


async def _at_once(seconds: float) -> None:
    pass


@pytest.mark.timing
async def test_twin_that_holds_no_answer_back_tells_it(seeded: random.Random) -> None:
    hasher = Argon2Hasher(QUICK, threads=1, sleep=_at_once)
    assert await measure(hasher, OLD, times=100, order=seeded) > 10
