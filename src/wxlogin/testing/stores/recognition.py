"""Whose login it is by its identity, and what is tied to it."""

import pytest

from wxlogin.login.accounts import AccountStatus
from wxlogin.login.ports import AccountChange, LoginVerdict, Store
from wxlogin.login.sessions import Device
from wxlogin.testing.stores.samples import (
    DAY,
    MINUTE,
    NOW,
    PHONE,
    SECOND,
    asked,
    get_session,
    log_in,
    login,
    new_account,
    new_key,
    openid_of,
)
from wxlogin.testing.stores.suite import Suite


class Recognition(Suite):
    async def test_a_first_login_makes_an_account_and_all_that_belongs_to_it(
        self, store: Store
    ) -> None:
        device = Device("d1", "小明的手机", "ios")
        commit = login(
            unionid="u-1",
            user_id="user-1",
            device=device,
            claims={"role": "staff", "名": ["值", 1, None]},
            registration=new_account(nickname="小明"),
            phone=PHONE,
        )
        outcome = await store.commit_login(commit)
        account, session = outcome.account, outcome.session
        assert commit.registration is not None
        assert (outcome.verdict, outcome.is_new_account) == (LoginVerdict.DONE, True)
        assert account is not None
        assert session is not None
        assert (account.id, account.user_id) == (commit.registration.id, "user-1")
        assert (account.nickname, account.phone) == ("小明", PHONE)
        assert (account.status, account.created_at) == (AccountStatus.ACTIVE, NOW)
        assert [each.openid for each in account.identities] == [openid_of(commit)]
        assert [each.unionid for each in account.identities] == ["u-1"]
        assert session == await store.find_session(asked(commit).id)
        assert (session.secret_hash, session.device) == (asked(commit).secret_hash, device)
        assert session.claims == {"role": "staff", "名": ["值", 1, None]}
        assert (session.user_id, session.unionid) == ("user-1", "u-1")
        assert (session.created_at, session.last_seen_at) == (NOW, NOW)
        assert (session.expires_at, session.idle_ttl) == (NOW + 30 * DAY, 7 * DAY)
        assert session.epoch == session.account_epoch
        assert session.ending is None

    async def test_a_second_login_of_an_openid_finds_the_account(self, store: Store) -> None:
        first = await store.commit_login(login("o-1"))
        second = await store.commit_login(login("o-1"))
        assert first.account is not None
        assert second.account is not None
        assert second.account.id == first.account.id
        assert not second.is_new_account

    async def test_equal_openids_in_two_apps_are_two_people(self, store: Store) -> None:
        first = await log_in(store, "o-1", app_id="wx-a")
        second = await log_in(store, "o-1", app_id="wx-b")
        assert first.account_id != second.account_id

    async def test_openids_that_differ_in_case_alone_are_two_people(self, store: Store) -> None:
        first = await log_in(store, "oAbCdEf")
        second = await log_in(store, "OABCDEF")
        assert first.account_id != second.account_id

    async def test_a_unionid_leads_to_the_account_from_another_app(self, store: Store) -> None:
        first = await log_in(store, app_id="wx-a", unionid="u-1")
        second = await log_in(store, app_id="wx-b", unionid="u-1")
        assert second.account_id == first.account_id
        account = await store.find_account(account_id=first.account_id)
        assert account is not None
        assert {each.app_id for each in account.identities} == {"wx-a", "wx-b"}

    async def test_a_unionid_means_nothing_in_another_pool(self, store: Store) -> None:
        first = await log_in(store, app_id="wx-a", unionid="u-1", pool="one")
        second = await log_in(store, app_id="wx-b", unionid="u-1", pool="two")
        assert second.account_id != first.account_id

    @pytest.mark.parametrize("unionid", ["", None])
    async def test_an_empty_unionid_is_nobodys(self, store: Store, unionid: str | None) -> None:
        first = await log_in(store, app_id="wx-a", unionid=unionid)
        second = await log_in(store, app_id="wx-b", unionid=unionid)
        assert first.account_id != second.account_id
        found = await store.find_account_of(
            pool="default", app_id="wx-c", openid="o-other", unionid=unionid
        )
        assert found is None
        assert first.unionid is None

    async def test_a_unionid_that_appears_later_is_tied_to_the_account(self, store: Store) -> None:
        first = await log_in(store, "o-1", app_id="wx-a")
        later = await store.commit_login(login("o-1", app_id="wx-a", unionid="u-1"))
        assert later.session is not None
        assert (later.unionid_clash, later.session.unionid) == (False, "u-1")
        other = await log_in(store, app_id="wx-b", unionid="u-1")
        assert other.account_id == first.account_id

    async def test_an_account_may_hold_several_unionids(self, store: Store) -> None:
        first = await log_in(store, app_id="wx-a", unionid="u-1", user_id="user-1")
        second = await store.commit_login(login(app_id="wx-b", unionid="u-2", user_id="user-1"))
        assert second.session is not None
        assert second.session.account_id == first.account_id
        assert not second.unionid_clash
        third = await log_in(store, app_id="wx-c", unionid="u-2")
        assert third.account_id == first.account_id

    async def test_another_accounts_unionid_is_reported_and_moves_nothing(
        self, store: Store
    ) -> None:
        owner = await log_in(store, app_id="wx-a", unionid="u-1")
        mine = await log_in(store, "o-mine", app_id="wx-b")
        outcome = await store.commit_login(login("o-mine", app_id="wx-b", unionid="u-1"))
        assert outcome.verdict is LoginVerdict.DONE
        assert outcome.unionid_clash
        assert outcome.session is not None
        assert outcome.session.account_id == mine.account_id
        assert outcome.session.unionid is None
        third = await log_in(store, app_id="wx-c", unionid="u-1")
        assert third.account_id == owner.account_id

    async def test_a_changed_unionid_is_reported_and_moves_nothing(self, store: Store) -> None:
        first = await log_in(store, "o-1", unionid="u-1")
        outcome = await store.commit_login(login("o-1", unionid="u-2"))
        assert outcome.unionid_clash
        assert outcome.session is not None
        assert outcome.session.account_id == first.account_id
        assert outcome.session.unionid == "u-1"
        stranger = await log_in(store, app_id="wx-b", unionid="u-2")
        assert stranger.account_id != first.account_id

    async def test_a_login_without_the_unionid_it_had_is_no_clash(self, store: Store) -> None:
        await log_in(store, "o-1", unionid="u-1")
        outcome = await store.commit_login(login("o-1"))
        assert not outcome.unionid_clash
        assert outcome.session is not None
        assert outcome.session.unionid == "u-1"

    async def test_a_user_id_leads_to_the_account_from_another_app(self, store: Store) -> None:
        first = await log_in(store, app_id="wx-a", user_id="user-1")
        second = await log_in(store, app_id="wx-b", user_id="user-1")
        assert second.account_id == first.account_id

    async def test_a_user_id_with_an_identity_in_the_app_takes_no_second_one(
        self, store: Store
    ) -> None:
        await log_in(store, user_id="user-1")
        outcome = await store.commit_login(login("o-other", user_id="user-1"))
        assert (outcome.verdict, outcome.session) == (LoginVerdict.USER_ID_TAKEN, None)
        found = await store.find_account_of(
            pool="default", app_id="wx-a", openid="o-other", unionid=None
        )
        assert found is None

    async def test_a_user_id_of_another_pool_is_taken(self, store: Store) -> None:
        first = await log_in(store, user_id="user-1")
        elsewhere = login("o-other", user_id="user-1", pool="other", app_id="wx-b")
        outcome = await store.commit_login(elsewhere)
        assert (outcome.verdict, outcome.session) == (LoginVerdict.USER_ID_TAKEN, None)
        found = await store.find_account(account_id=first.account_id)
        assert found is not None
        assert len(found.identities) == 1

    async def test_a_user_id_is_set_on_an_account_that_has_none(self, store: Store) -> None:
        first = await log_in(store, "o-1")
        second = await log_in(store, "o-1", user_id="user-1")
        assert second.user_id == "user-1"
        third = await log_in(store, "o-1", user_id="user-2")
        assert third.user_id == "user-1"
        found = await store.find_account(user_id="user-1")
        assert found is not None
        assert found.id == first.account_id

    async def test_another_accounts_user_id_is_not_set(self, store: Store) -> None:
        await log_in(store, user_id="user-1")
        mine = await log_in(store, "o-mine")
        outcome = await store.commit_login(login("o-mine", user_id="user-1"))
        assert (outcome.verdict, outcome.session) == (LoginVerdict.USER_ID_TAKEN, None)
        assert outcome.account is not None
        assert (outcome.account.id, outcome.account.user_id) == (mine.account_id, None)

    async def test_nobody_is_registered_where_no_registration_is_asked_for(
        self, store: Store
    ) -> None:
        commit = login(registration=None)
        outcome = await store.commit_login(commit)
        assert (outcome.verdict, outcome.account, outcome.session) == (
            LoginVerdict.UNKNOWN,
            None,
            None,
        )
        assert await store.find_account(openid=openid_of(commit)) is None

    @pytest.mark.parametrize(
        "status", [each for each in AccountStatus if each is not AccountStatus.ACTIVE]
    )
    async def test_an_account_that_is_not_active_gets_no_session_and_nothing_is_written(
        self, store: Store, status: AccountStatus
    ) -> None:
        first = await log_in(store, "o-1", device=Device("d1"))
        await store.change_account(first.account_id, AccountChange(status=status, reason="spam"))
        commit = login("o-1", session_key=new_key(2), unionid="u-1", device=Device("d1"))
        outcome = await store.commit_login(commit)
        assert (outcome.verdict, outcome.session) == (LoginVerdict.NOT_ACTIVE, None)
        assert outcome.account is not None
        assert (outcome.account.status, outcome.account.reason) == (status, "spam")
        assert await store.find_session(asked(commit).id) is None
        keys = await store.find_session_keys(app_id="wx-a", openid="o-1", previous_after=NOW)
        assert keys is not None
        assert keys.current.sequence == 1
        assert (await get_session(store, first.id)).ending is None
        assert (
            await store.find_account_of(pool="default", app_id="wx-b", openid="o-2", unionid="u-1")
            is None
        )

    async def test_a_disabling_is_lifted_by_the_login_that_comes_at_its_end(
        self, store: Store
    ) -> None:
        first = await log_in(store, "o-1")
        await store.change_account(
            first.account_id,
            AccountChange(
                status=AccountStatus.DISABLED, disabled_until=NOW + MINUTE, reason="spam"
            ),
        )
        early = await store.commit_login(login("o-1", at=NOW + MINUTE - SECOND))
        assert early.verdict is LoginVerdict.NOT_ACTIVE
        late = await store.commit_login(login("o-1", at=NOW + MINUTE))
        assert late.verdict is LoginVerdict.DONE
        assert late.account is not None
        assert late.account.status is AccountStatus.ACTIVE
        assert (late.account.disabled_until, late.account.reason) == (None, None)
