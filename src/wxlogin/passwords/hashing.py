"""Argon2id in a few background threads: the `PasswordHasher` of a server.

    hashed                      work                                needs_rehash, if right
    None                        argon2id on a dummy                 (never right)
    ours, as costly as now      argon2id                            no
    ours, cheaper or costlier   its own; wrong: and the dummy's     where cheaper
    imported                    its own; wrong: and the dummy's     yes
    not understood              argon2id on a dummy                 (never right)

So a name that nobody has costs what a wrong password costs. Old and imported hashes cost
something else, which their work alone cannot hide: from the first one on, every wrong answer
is held back until the costliest of them would have been done twice to three times over.
"""

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from wxlogin.login.passwords import PasswordCheck
from wxlogin.login.ports import Random
from wxlogin.passwords import PasswordsMissing
from wxlogin.passwords.imported import find_verifier, is_argon2
from wxlogin.passwords.pool import WorkPool, spare_cores

if TYPE_CHECKING:
    from argon2 import Parameters

SALT_BYTES = 16
KEY_BYTES = 32
WAITING = 32
"""About a second's work for one thread: who would wait longer is better told to come again."""

LONGEST_WORK = 1.0
"""Seconds: about the most a supported hash costs. What seems to take longer was kept waiting by
others, and must not hold back every wrong answer from then on."""

WRONG = PasswordCheck(is_right=False, needs_rehash=False)

log = logging.getLogger("wxlogin.passwords")


@dataclass(frozen=True, slots=True)
class Argon2Cost:
    """What one hash costs. The defaults are the least of ASVS 5.0, appendix C: 32 ms here.

    `passes` over the memory, `memory_kib` in KiB for each hash under way, `lanes` in threads of
    its own: more than one would take the cores that the pool leaves to the event loop.
    """

    passes: int = 2
    memory_kib: int = 19 * 1024
    lanes: int = 1


class Argon2Hasher:
    """Hashes in `threads` threads, while `waiting` more wait; see `PasswordHasher`.

    `threads`: the cores beside the event loop's, where it is None. One hasher serves all event
    loops of a process. Raises `PasswordsMissing` where it is made without its libraries: at
    the start, not at a login.
    """

    def __init__(
        self,
        cost: Argon2Cost = Argon2Cost(),
        *,
        threads: int | None = None,
        waiting: int = WAITING,
        random: Random = os.urandom,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        try:
            import argon2
        except ImportError:
            raise PasswordsMissing from None
        self._argon2 = argon2.PasswordHasher(
            time_cost=cost.passes,
            memory_cost=cost.memory_kib,
            parallelism=cost.lanes,
            hash_len=KEY_BYTES,
            salt_len=SALT_BYTES,
        )
        self._now = argon2.Parameters(
            type=argon2.Type.ID,
            version=19,
            salt_len=SALT_BYTES,
            hash_len=KEY_BYTES,
            time_cost=cost.passes,
            memory_cost=cost.memory_kib,
            parallelism=cost.lanes,
        )
        self._pool = WorkPool(threads=threads or spare_cores(), waiting=waiting)
        self._random = random
        self._sleep = sleep
        self._slowest = 0.0

    async def hash(self, password: str) -> str:
        """See `PasswordHasher`."""
        return await self._pool.run(partial(self._hash, _utf8(password)))

    async def verify(self, password: str, hashed: str | None) -> PasswordCheck:
        """See `PasswordHasher`."""
        asked_at = time.monotonic()
        check = await self._pool.run(partial(self._verify, _utf8(password), hashed))
        if not check.is_right and self._slowest:
            # By chance, too: microseconds between one who slept longer and one who worked
            # longer would add up over many tries.
            chance = int.from_bytes(self._random(2)) / 2**16
            hold = min(self._slowest, LONGEST_WORK) * (2 + chance)
            await self._sleep(asked_at + hold - time.monotonic())
        return check

    def close(self) -> None:
        """Finish what is queued, and end the threads. Blocks; afterwards all is `RateLimited`."""
        self._pool.close()

    @cached_property
    def _dummy(self) -> str:
        return self._hash(self._random(KEY_BYTES))

    def _hash(self, password: bytes) -> str:
        return self._argon2.hash(password, salt=self._random(SALT_BYTES))

    def _verify(self, password: bytes, hashed: str | None) -> PasswordCheck:
        # Nobody's goes the very same way: reading the parameters alone could be measured.
        presented = self._dummy if hashed is None else hashed
        cost = _find_cost(presented)
        if cost != self._now:
            return self._verify_other(password, presented, cost)
        is_same = self._is_same(password, presented)
        return PasswordCheck(is_same and hashed is not None, needs_rehash=False)

    def _verify_other(
        self, password: bytes, hashed: str, cost: "Parameters | None"
    ) -> PasswordCheck:
        began_at = time.monotonic()
        is_right = find_verifier(hashed)
        if is_right is None:
            log.error("a stored password hash is of no supported format: nobody logs in by it")
            self._is_same(password, self._dummy)
            return WRONG
        if is_right(password):
            return PasswordCheck(True, cost is None or _is_below(cost, self._now))
        self._is_same(password, self._dummy)
        self._slowest = max(self._slowest, time.monotonic() - began_at)
        return WRONG

    def _is_same(self, password: bytes, hashed: str) -> bool:
        from argon2.exceptions import VerifyMismatchError

        try:
            return self._argon2.verify(hashed, password)
        except VerifyMismatchError:  # and no other: memory that ran out is no wrong password
            return False


def _find_cost(hashed: str) -> "Parameters | None":
    """The parameters of a hash of Argon2; None for any other text."""
    from argon2 import extract_parameters

    return extract_parameters(hashed) if is_argon2(hashed) else None


def _is_below(cost: "Parameters", now: "Parameters") -> bool:
    return cost.type != now.type or any(
        getattr(cost, name) < getattr(now, name)
        for name in ("version", "memory_cost", "time_cost", "hash_len", "salt_len")
    )


def _utf8(password: str) -> bytes:
    # Never an error: one of encoding would carry the password into a log.
    return password.encode("utf-8", "surrogatepass")
