"""Accounts: found by what leads to them, changed as a whole or not at all."""

import asyncio
from dataclasses import replace

import pytest

from wxlogin.login.accounts import AccountStatus
from wxlogin.login.ports import AccountChange, PhoneChange, Store, Verdict
from wxlogin.testing.stores.samples import (
    DAY,
    NOW,
    PHONE,
    get_account,
    log_in,
    login,
    new_account,
    new_id,
    new_session,
    openid_of,
)
from wxlogin.testing.stores.suite import Suite


class Accounts(Suite):
    async def test_an_account_is_found_by_each_of_its_names(self, store: Store) -> None:
        session = await log_in(
            store,
            "o-1",
            unionid="u-1",
            user_id="user-1",
            phone=PHONE,
        )
        account = await store.find_account(account_id=session.account_id)
        assert account is not None
        assert await store.find_account(user_id="user-1") == account
        assert await store.find_account(openid="o-1") == account
        assert await store.find_account(openid="o-1", pool="default") == account
        assert await store.find_account(openid="o-1", pool="other") is None
        assert await store.find_account(phone=PHONE.e164) == account
        assert await store.find_account(phone=PHONE.e164, pool="other") is None
        found = await store.find_account_of(
            pool="default", app_id="wx-a", openid="o-1", unionid=None
        )
        assert found == account

    async def test_nobody_is_found_by_unknown_or_malformed_names(self, store: Store) -> None:
        await log_in(store)
        for name in ("nobody", "", "%", "a\0b", "\ud800"):
            assert await store.find_account(account_id=name) is None
            assert await store.find_account(user_id=name) is None
            assert await store.find_account(openid=name) is None
        assert await store.find_account(phone="+8613900000000") is None

    async def test_a_name_that_fits_several_accounts_finds_none(self, store: Store) -> None:
        first = await log_in(store, "o-1", app_id="wx-a", pool="one")
        second = await log_in(store, "o-1", app_id="wx-b", pool="two")
        for session in (first, second):
            change = PhoneChange(session.account_id, PHONE)
            assert await store.change_phone(change) is Verdict.DONE
        assert await store.find_account(openid="o-1") is None
        assert await store.find_account(phone=PHONE.e164) is None
        found = await store.find_account(phone=PHONE.e164, pool="two")
        assert found is not None
        assert found.id == second.account_id

    async def test_a_change_sets_what_it_names_and_leaves_the_rest(self, store: Store) -> None:
        session = await log_in(store)
        account_id = session.account_id
        changed = await store.change_account(
            account_id,
            AccountChange(
                nickname="小明",
                avatar_url="https://example.com/a.png",
                user_id="user-1",
                claims={"level": 3},
            ),
        )
        assert changed is not None
        assert (changed.nickname, changed.avatar_url) == ("小明", "https://example.com/a.png")
        assert (changed.user_id, changed.claims) == ("user-1", {"level": 3})
        again = await store.change_account(account_id, AccountChange(nickname="小红"))
        assert again == replace(changed, nickname="小红")
        assert await store.find_account(account_id=account_id) == again

    async def test_a_status_comes_with_its_end_and_its_reason(self, store: Store) -> None:
        account_id = (await log_in(store)).account_id
        disabled = await store.change_account(
            account_id,
            AccountChange(status=AccountStatus.DISABLED, disabled_until=NOW + DAY, reason="spam"),
        )
        assert disabled is not None
        assert (disabled.disabled_until, disabled.reason) == (NOW + DAY, "spam")
        named = await store.change_account(account_id, AccountChange(nickname="x", reason="no"))
        assert named is not None
        assert (named.status, named.reason) == (AccountStatus.DISABLED, "spam")
        active = await store.change_account(account_id, AccountChange(status=AccountStatus.ACTIVE))
        assert active is not None
        assert (active.status, active.disabled_until, active.reason) == (
            AccountStatus.ACTIVE,
            None,
            None,
        )

    async def test_a_change_to_nobody_is_none(self, store: Store) -> None:
        assert await store.change_account(new_id(), AccountChange(nickname="x")) is None

    @pytest.mark.parametrize("status", ["pending", "rejected"])
    async def test_what_waits_for_a_decision_is_not_opened_by_the_way(
        self, store: Store, status: str
    ) -> None:
        account_id = (await log_in(store)).account_id
        waiting = AccountStatus(status)
        await store.change_account(account_id, AccountChange(status=waiting))
        for wanted in (AccountStatus.ACTIVE, AccountStatus.DISABLED):
            assert await store.change_account(account_id, AccountChange(status=wanted)) is None
        assert (await get_account(store, account_id)).status is waiting

    async def test_another_accounts_user_id_changes_nothing_at_all(self, store: Store) -> None:
        change = AccountChange(user_id="user-1")
        owner, other = await log_in(store), await log_in(store)
        assert await store.change_account(owner.account_id, change) is not None
        assert await store.change_account(owner.account_id, change) is not None
        before = await store.find_account(account_id=other.account_id)
        refused = await store.change_account(
            other.account_id,
            replace(change, nickname="thief", status=AccountStatus.DISABLED),
        )
        assert refused is None
        assert await store.find_account(account_id=other.account_id) == before

    async def test_sixteen_first_logins_of_one_openid_at_once_make_one_account(
        self, store: Store
    ) -> None:
        outcomes = await asyncio.gather(*(store.commit_login(login("o-1")) for _ in range(16)))
        accounts = {each.account.id for each in outcomes if each.account is not None}
        assert len(accounts) == 1
        assert [each.is_new_account for each in outcomes].count(True) == 1

    async def test_first_logins_of_one_unionid_in_two_apps_make_one_account(
        self, store: Store
    ) -> None:
        """So that nobody is two people because two mini programs met them at once."""
        commits = [login(app_id="wx-a", unionid="u-1"), login(app_id="wx-b", unionid="u-1")]
        await asyncio.gather(
            *(
                store.commit_login(
                    replace(
                        commit,
                        session=new_session(),
                        registration=new_account(),
                    )
                )
                for commit in commits * 8
            )
        )
        found = [await store.find_account(openid=openid_of(commit)) for commit in commits]
        assert found[0] is not None
        assert found[0] == found[1]
        assert len(found[0].identities) == 2

    async def test_one_user_id_claimed_by_many_at_once_is_one_accounts(self, store: Store) -> None:
        sessions = [await log_in(store) for _ in range(8)]
        changed = await asyncio.gather(
            *(
                store.change_account(each.account_id, AccountChange(user_id="user-1"))
                for each in sessions
            )
        )
        assert len([each for each in changed if each is not None]) == 1
