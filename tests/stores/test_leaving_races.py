"""The suite of leaving, merging and pushes is red on stores that read, decide, and then write."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.stores.test_races import Suite, others_come_between
from wxlogin.login.accounts import AccountStatus
from wxlogin.login.ports import NOTHING, Merge, PushCommit, PushOutcome, PushResult, Told, Verdict
from wxlogin.stores import accounts, claims, leaving, merging, pushes, telling
from wxlogin.stores.database import Transaction
from wxlogin.stores.sealing import KeyRing
from wxlogin.stores.sql import SqlStore
from wxlogin.stores.sqlite import SqliteDatabase


class DueLookedUpThenErased(SqlStore):
    """Whoever saw that it was due erases, whatever became of it meanwhile."""

    async def erase_account(self, account_id: str, *, now: datetime, told: Told = NOTHING) -> bool:
        account = await self.find_account(account_id=account_id)
        await others_come_between()
        if account is None or account.erase_at is None or account.erase_at > now:
            return False

        def unit(tx: Transaction) -> None:
            telling.write(tx, told)
            for delete in leaving._DELETES:
                tx.run(delete, account_id=account_id)
            tx.run(leaving.drop_account, account_id=account_id)

        await self._write(unit)
        return True


class StatusReadThenLifted(SqlStore):
    """Whoever saw it wait takes it back; whether it was still there is nobody's question."""

    async def stop_erasure(self, account_id: str, *, told: Told = NOTHING) -> bool:
        account = await self.find_account(account_id=account_id)
        await others_come_between()
        if account is None or account.status is not AccountStatus.ERASING:
            return False
        values = {"new_status": "active", "until": None, "why": None, "new_erase_at": None}
        await self._write(
            lambda tx: tx.run(accounts.change_status, account_id=account_id, **values)
        )
        return True


class CodesReadThenMerged(SqlStore):
    """The codes are looked at before, and spent afterwards."""

    async def merge_accounts(self, merge: Merge, *, told: Told) -> Verdict:
        for account_id in (merge.keep_id, merge.drop_id):
            if await self.find_account(account_id=account_id) is None:
                return Verdict.GONE
        await others_come_between()

        def unit(tx: Transaction) -> None:
            telling.write(tx, told)
            for move in merging._MOVES:
                tx.run(move, drop_id=merge.drop_id, new_account_id=merge.keep_id)
            tx.run(leaving.drop_account, account_id=merge.drop_id)

        await self._write(unit)
        return Verdict.DONE


class SeenReadThenDone(SqlStore):
    """Whether it was here is asked in another transaction than it is noted in."""

    async def commit_push(self, commit: PushCommit) -> PushOutcome:
        for key in commit.keys:
            if await self.is_code_claimed(key):
                return PushOutcome(PushResult.SEEN)
        await others_come_between()

        def unit(tx: Transaction) -> PushOutcome:
            for key in commit.keys:
                claims.claim_code(tx, key, until=commit.until)
            telling.write(tx, pushes._with_dropped(commit.told, pushes._drop(tx, commit)))
            return PushOutcome(PushResult.DONE)

        return await self._write(unit)


Check = Callable[[Any, Any], Any]
TWINS: list[tuple[type[SqlStore], Check]] = [
    (DueLookedUpThenErased, Suite.test_of_sixteen_erasers_one_erases_and_tells),
    (DueLookedUpThenErased, Suite.test_taking_back_and_erasing_at_once_are_one_of_the_two),
    (StatusReadThenLifted, Suite.test_taking_back_and_erasing_at_once_are_one_of_the_two),
    (CodesReadThenMerged, Suite.test_of_sixteen_merges_with_the_same_codes_one_happens),
    (CodesReadThenMerged, Suite.test_merges_that_cross_leave_one_account),
    (SeenReadThenDone, Suite.test_of_sixteen_deliveries_at_once_one_is_done),
]


@pytest.mark.parametrize(
    ("twin", "check"), TWINS, ids=[f"{t.__name__}-{c.__name__[5:25]}" for t, c in TWINS]
)
async def test_the_suite_sees_what_a_twin_breaks(
    twin: type[SqlStore], check: Check, path: Path, keyring: KeyRing
) -> None:
    store = twin(SqliteDatabase(path), keyring)
    await store.open()
    with pytest.raises(AssertionError):
        await check(Suite(), store)
    await store.close()
