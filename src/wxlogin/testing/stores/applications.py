"""Enterprises' applications: kept with an account that waits, decided once."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from wxlogin.login.accounts import AccountStatus
from wxlogin.login.ports import (
    AccountChange,
    Decision,
    DecisionVerdict,
    LoginVerdict,
    Store,
)
from wxlogin.login.registration import ApplicationStatus, NewApplication
from wxlogin.testing.stores.samples import (
    DAY,
    NOW,
    get_account,
    log_in,
    login,
    new_application,
    new_phone,
    new_told,
    openid_of,
    read_audit,
)
from wxlogin.testing.stores.suite import Suite

APPROVED, REJECTED = ApplicationStatus.APPROVED, ApplicationStatus.REJECTED


async def apply(store: Store, **changes: Any) -> tuple[NewApplication, str]:
    """An application, and the id of the account that waits for it."""
    application = new_application(**changes)
    commit = login(session=None, identity=None, phone=new_phone(), application=application)
    if commit.registration is None:
        raise AssertionError("a login registers where nobody is known")
    waiting = replace(commit.registration, status=AccountStatus.PENDING)
    outcome = await store.commit_login(replace(commit, registration=waiting))
    assert outcome.verdict is LoginVerdict.DONE
    assert outcome.account is not None
    return application, outcome.account.id


def decision(application: NewApplication, status: ApplicationStatus = APPROVED) -> Decision:
    reason = "the licence has expired" if status is REJECTED else None
    return Decision(application.id, status, NOW + DAY, reason, "li.lei")


class ApplicationsKept(Suite):
    async def test_an_application_is_found_as_it_was_made(self, store: Store) -> None:
        new, account_id = await apply(store)
        found = await store.find_application(new.id)
        assert found is not None
        assert (found.account_id, found.app_id) == (account_id, "wx-a")
        assert (found.company_name, found.credit_code) == (new.company_name, new.credit_code)
        assert (found.contact_name, found.submitted_at) == (new.contact_name, NOW)
        assert (found.status, found.reason) == (ApplicationStatus.PENDING, None)
        assert (found.decided_at, found.decided_by) == (None, None)
        assert await store.find_application("none") is None

    @pytest.mark.parametrize(
        ("status", "becomes"),
        [(APPROVED, AccountStatus.ACTIVE), (REJECTED, AccountStatus.REJECTED)],
    )
    async def test_a_decision_changes_application_and_account_together(
        self, store: Store, status: ApplicationStatus, becomes: AccountStatus
    ) -> None:
        new, account_id = await apply(store)
        told = new_told(account_id, kind="application_decided")
        verdict = await store.decide_application(decision(new, status), told=told)
        assert verdict is DecisionVerdict.DONE
        found, account = await store.find_application(new.id), await get_account(store, account_id)
        assert found is not None
        assert (found.status, found.decided_at, found.decided_by) == (status, NOW + DAY, "li.lei")
        assert (account.status, account.reason) == (becomes, found.reason)
        assert account.reason == decision(new, status).reason
        [line] = await read_audit(store)
        assert line.kind == "application_decided"

    async def test_a_second_decision_changes_nothing_and_tells_nothing(self, store: Store) -> None:
        new, account_id = await apply(store)
        await store.decide_application(decision(new))
        kept = await store.find_application(new.id)
        late = await store.decide_application(decision(new, REJECTED), told=new_told(account_id))
        assert late is DecisionVerdict.DECIDED_BEFORE
        assert await store.find_application(new.id) == kept
        assert (await get_account(store, account_id)).status is AccountStatus.ACTIVE
        assert await read_audit(store) == []

    async def test_of_an_application_that_is_not_there_nothing_is_decided(
        self, store: Store
    ) -> None:
        verdict = await store.decide_application(decision(new_application()), told=new_told())
        assert verdict is DecisionVerdict.DECIDED_BEFORE
        assert await read_audit(store) == []

    async def test_an_account_that_somebody_disabled_stays_disabled(self, store: Store) -> None:
        new, account_id = await apply(store)
        waiting = (AccountStatus.PENDING,)
        disabling = AccountChange(status=AccountStatus.DISABLED, status_from=waiting)
        await store.change_account(account_id, disabling)
        assert await store.decide_application(decision(new)) is DecisionVerdict.DONE
        assert (await get_account(store, account_id)).status is AccountStatus.DISABLED

    async def test_of_sixteen_decisions_at_once_one_decides(self, store: Store) -> None:
        new, account_id = await apply(store)
        verdicts = await asyncio.gather(
            *(
                store.decide_application(
                    decision(new, APPROVED if number % 2 else REJECTED), told=new_told(account_id)
                )
                for number in range(16)
            )
        )
        assert verdicts.count(DecisionVerdict.DONE) == 1
        won = APPROVED if verdicts.index(DecisionVerdict.DONE) % 2 else REJECTED
        found = await store.find_application(new.id)
        assert found is not None
        assert found.status is won
        assert len(await read_audit(store)) == 1

    async def test_nobody_who_has_an_account_applies_beside_it(self, store: Store) -> None:
        session = await log_in(store, "o-1")
        commit = login("o-1", session=None, application=new_application())
        assert openid_of(commit) == "o-1"
        outcome = await store.commit_login(commit)
        assert outcome.verdict is LoginVerdict.KNOWN
        assert (await get_account(store, session.account_id)).status is AccountStatus.ACTIVE
        assert commit.application is not None
        assert await store.find_application(commit.application.id) is None
