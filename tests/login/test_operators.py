"""A sign-in costs the same work whoever it is for (security.md C02)."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from wxlogin.login import errors
from wxlogin.login.operator_sessions import Role
from wxlogin.login.operators import OperatorDesk
from wxlogin.login.passwords import PasswordCheck
from wxlogin.login.ports import SYSTEM
from wxlogin.passwords.totp import Totp


@dataclass
class CountingHasher:
    """Counts what is compared; the password is its own hash."""

    compared: list[str | None] = field(default_factory=list)

    async def hash(self, password: str) -> str:
        return password

    async def verify(self, password: str, hashed: str | None) -> PasswordCheck:
        self.compared.append(hashed)
        return PasswordCheck(password == hashed, needs_rehash=False)


@dataclass
class CountingCodes(Totp):
    tried: int = 0

    def find_step(self, code: str, secret: Any, *, at: Any) -> int | None:
        self.tried += 1
        return super().find_step(code, secret, at=at)


class HastyDesk(OperatorDesk):
    """The twin: it knows at once that there is nobody."""

    async def _compare(self, credential: Any, password: str, code: str) -> int | None:
        if credential is None:
            return None
        return await super()._compare(credential, password, code)


@pytest.fixture
async def known(house: Any) -> Any:
    """Makes a desk with one operator behind it."""
    core = (await house.wx.flow()).core

    async def make(kind: type[OperatorDesk]) -> Any:
        hasher, codes = CountingHasher(), CountingCodes()
        desk = kind(core, hasher=hasher, codes=codes, is_common=lambda password: False)
        await desk.add(f"li.{kind.__name__}", Role.ADMIN, actor=SYSTEM)
        return SimpleNamespace(desk=desk, name=f"li.{kind.__name__}", hasher=hasher, codes=codes)

    return make


async def work_for(made: Any, name: str) -> tuple[int, int]:
    before = len(made.hasher.compared), made.codes.tried
    with pytest.raises(errors.CredentialsInvalid):
        await made.desk.sign_in(name, "a wrong password", "000000", address="10.0.0.1")
    return len(made.hasher.compared) - before[0], made.codes.tried - before[1]


async def test_nobody_costs_as_many_comparisons_as_somebody(known: Any) -> None:
    made = await known(OperatorDesk)
    assert await work_for(made, made.name) == await work_for(made, "nobody") == (1, 1)
    assert made.hasher.compared[-1] is None


async def test_twin_a_desk_that_looks_first_tells_who_exists(known: Any) -> None:
    made = await known(HastyDesk)
    assert await work_for(made, made.name) != await work_for(made, "nobody")
