"""The whole suite on four stores with one file: each call goes to the next of them.

Their writers are four threads on four connections, so what meets here meets in the
database, and not in the queue of one writer.
"""

import asyncio
import itertools
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.stores.test_races import SqlCodesReadThenSpent, SqlUnionidsLookedUpThenTied
from wxlogin.login.ports import LoginVerdict, Store
from wxlogin.stores.sealing import Key, KeyRing
from wxlogin.stores.sql import SqlStore
from wxlogin.stores.sqlite import SqliteDatabase
from wxlogin.testing.stores import StoreConformance
from wxlogin.testing.stores.samples import login, new_account, new_identity, new_session, sent

STORES = 4
FULL = pytest.param(200, marks=pytest.mark.chaos)


class Several:
    """Four stores that are asked in turn."""

    def __init__(self, path: Path, made: type[SqlStore] = SqlStore) -> None:
        keyring = KeyRing([Key("k1", os.urandom(32))])
        self.stores = [made(SqliteDatabase(path), keyring) for _ in range(STORES)]
        self._turns = itertools.cycle(self.stores)

    async def open(self) -> None:
        for store in self.stores:
            await store.open()

    async def close(self) -> None:
        for store in self.stores:
            await store.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(next(self._turns), name)


class TestSeveralStores(StoreConformance):
    def make_store(self, tmp_path: Path) -> Store:
        store: Any = Several(tmp_path / "wxlogin.db")
        return store


async def people_met_by_two_apps_at_once(path: Path, made: type[SqlStore], *, rounds: int) -> Any:
    """(accounts, identities) after so many people each met two apps, four times at once."""
    store = Several(path, made)
    await store.open()
    accounts: set[str] = set()
    identities = 0
    for n in range(rounds):
        commits = [
            login(app_id=app_id, identity=new_identity(unionid=f"u-{n}"))
            for app_id in ("wx-a", "wx-b")
        ]
        outcomes = await asyncio.gather(
            *(
                store.commit_login(replace(each, session=new_session(), registration=new_account()))
                for each in commits * STORES
            )
        )
        assert all(each.verdict is LoginVerdict.DONE for each in outcomes)
        ids = {each.account.id for each in outcomes}
        accounts |= ids
        for account_id in ids:
            account = await store.find_account(account_id=account_id)
            identities += len(account.identities)
    await store.close()
    return len(accounts), identities


@pytest.mark.parametrize("rounds", [20, FULL])
async def test_a_person_met_by_two_apps_at_once_is_one(path: Path, rounds: int) -> None:
    met = await people_met_by_two_apps_at_once(path, SqlStore, rounds=rounds)
    assert met == (rounds, 2 * rounds)


async def test_twin_that_looks_before_it_ties_makes_them_two(path: Path) -> None:
    met = await people_met_by_two_apps_at_once(path, SqlUnionidsLookedUpThenTied, rounds=5)
    assert met[0] > 5


async def openings_by_one_code(path: Path, made: type[SqlStore], *, rounds: int) -> list[int]:
    """How many of sixteen at once got in, code by code."""
    store = Several(path, made)
    await store.open()
    opened = []
    for _ in range(rounds):
        spend = await sent(store)
        outcomes = await asyncio.gather(
            *(store.commit_login(login(spends=(spend,))) for _ in range(16))
        )
        opened.append(len([each for each in outcomes if each.verdict is LoginVerdict.DONE]))
    await store.close()
    return opened


@pytest.mark.parametrize("rounds", [20, FULL])
async def test_a_verification_code_opens_once(path: Path, rounds: int) -> None:
    assert await openings_by_one_code(path, SqlStore, rounds=rounds) == [1] * rounds


async def test_twin_that_looks_before_it_spends_opens_more_than_once(path: Path) -> None:
    assert max(await openings_by_one_code(path, SqlCodesReadThenSpent, rounds=5)) > 1
