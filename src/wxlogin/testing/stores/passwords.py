"""Passwords: found by a name, counted when wrong, and changed with all that hangs on them."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from wxlogin.login.accounts import AccountStatus
from wxlogin.login.policy import Door
from wxlogin.login.ports import (
    AccountChange,
    Credential,
    LoginVerdict,
    PasswordEntry,
    PhoneChange,
    Store,
    Verdict,
)
from wxlogin.login.secret import Secret
from wxlogin.login.sessions import Session
from wxlogin.testing.stores.samples import (
    NOW,
    PHONE,
    get_account,
    get_credential,
    get_session,
    list_live,
    log_in,
    login,
    named,
    new_id,
    new_key,
    new_password,
    new_phone,
    openid_of,
    revoked,
)
from wxlogin.testing.stores.suite import Suite


async def register(store: Store, username: str = "xiaoming", **changes: Any) -> Session:
    return await log_in(store, registration=named(username), **changes)


async def entry_of(store: Store, account_id: str, **changes: Any) -> PasswordEntry:
    """Somebody who compared the password that the account has now."""
    credential = await get_credential(store, account_id)
    return PasswordEntry(account_id, credential.changed_at, **changes)


class Passwords(Suite):
    async def test_a_registration_keeps_the_username_and_the_password(self, store: Store) -> None:
        session = await log_in(store, registration=named("XiaoMing"))
        account = await get_account(store, session.account_id)
        assert (account.username, account.has_password) == ("XiaoMing", True)
        found = await store.find_credential(pool="default", username_key="xiaoming", phone=None)
        assert found == Credential(account.id, Secret("hash-1"), NOW, 0)
        assert await store.find_credential_of(account.id) == found

    async def test_a_username_leads_before_a_phone(self, store: Store) -> None:
        by_name = await register(store, "one")
        by_phone = await register(store, "two", phone=PHONE)

        async def find(username_key: str, pool: str = "default") -> str | None:
            found = await store.find_credential(
                pool=pool, username_key=username_key, phone=PHONE.e164
            )
            return found.account_id if found else None

        assert await find("one") == by_name.account_id
        assert await find("nobody") == by_phone.account_id
        assert await find("one", pool="other") is None

    async def test_who_has_no_password_has_no_credential(self, store: Store) -> None:
        session = await log_in(store, phone=PHONE)
        assert await store.find_credential_of(session.account_id) is None
        assert await store.find_credential_of(new_id()) is None
        found = await store.find_credential(pool="default", username_key="", phone=PHONE.e164)
        assert found is None

    async def test_a_taken_username_registers_nobody(self, store: Store) -> None:
        await register(store)
        commit = login(registration=named())
        outcome = await store.commit_login(commit)
        assert (outcome.verdict, outcome.session) == (LoginVerdict.USERNAME_TAKEN, None)
        assert await store.find_account(openid=openid_of(commit)) is None
        await register(store, pool="other", app_id="wx-b")

    async def test_of_sixteen_registrations_of_one_username_at_once_one_gets_it(
        self, store: Store
    ) -> None:
        outcomes = await asyncio.gather(
            *(store.commit_login(login(registration=named())) for _ in range(16))
        )
        verdicts = [each.verdict for each in outcomes]
        assert verdicts.count(LoginVerdict.DONE) == 1
        assert verdicts.count(LoginVerdict.USERNAME_TAKEN) == 15

    # Wrong ones

    async def test_failures_are_counted_until_a_right_one(self, store: Store) -> None:
        account_id = (await register(store)).account_id
        assert [await store.count_failure(account_id) for _ in range(3)] == [1, 2, 3]
        assert (await get_credential(store, account_id)).failures == 3
        await store.clear_failures(account_id)
        assert (await get_credential(store, account_id)).failures == 0
        assert await store.count_failure(account_id) == 1
        await log_in(store, password=await entry_of(store, account_id))
        assert (await get_credential(store, account_id)).failures == 0
        assert await store.count_failure(account_id) == 1
        assert await store.change_password(new_password(account_id)) is Verdict.DONE
        assert (await get_credential(store, account_id)).failures == 0

    async def test_a_try_that_was_not_compared_is_taken_back(self, store: Store) -> None:
        account_id = (await register(store)).account_id
        await store.count_failure(account_id)
        for left in (0, 0):  # and never below none
            await store.take_back_failure(account_id)
            assert (await get_credential(store, account_id)).failures == left
        await store.take_back_failure(new_id())

    async def test_a_refused_login_leaves_the_failures(self, store: Store) -> None:
        account_id = (await register(store)).account_id
        await store.count_failure(account_id)
        await store.change_account(account_id, AccountChange(status=AccountStatus.DISABLED))
        refused = login(password=await entry_of(store, account_id))
        assert (await store.commit_login(refused)).verdict is LoginVerdict.NOT_ACTIVE
        assert (await get_credential(store, account_id)).failures == 1

    async def test_nobodys_failures_are_none(self, store: Store) -> None:
        for account_id in (new_id(), ""):
            assert await store.count_failure(account_id) == 0
            await store.clear_failures(account_id)

    async def test_failures_at_once_are_all_counted(self, store: Store) -> None:
        account_id = (await register(store)).account_id
        counts = await asyncio.gather(*(store.count_failure(account_id) for _ in range(32)))
        assert sorted(counts) == list(range(1, 33))

    # A login with one

    async def test_a_right_password_opens_its_account_without_an_identity(
        self, store: Store
    ) -> None:
        account_id = (await register(store, unionid="u-1")).account_id
        entry = await entry_of(store, account_id)
        session = await log_in(store, identity=None, password=entry, door=Door.PASSWORD)
        assert session.account_id == account_id
        assert (session.openid, session.unionid) == (None, None)
        assert await store.find_session(session.id) == session

    async def test_a_free_identity_is_linked_by_a_password(self, store: Store) -> None:
        account_id = (await register(store)).account_id
        entry = await entry_of(store, account_id)
        session = await log_in(store, "o-b", app_id="wx-b", unionid="u-1", password=entry)
        assert (session.account_id, session.openid, session.unionid) == (account_id, "o-b", "u-1")
        assert (await log_in(store, app_id="wx-c", unionid="u-1")).account_id == account_id
        again = await log_in(store, "o-b", app_id="wx-b", session_key=new_key(2), password=entry)
        assert (again.account_id, again.openid) == (account_id, "o-b")
        keys = await store.find_session_keys(app_id="wx-b", openid="o-b", previous_after=NOW)
        assert keys is not None
        assert keys.current == new_key(2)

    @pytest.mark.parametrize("because", ["openid", "unionid", "app"])
    async def test_an_identity_that_is_not_free_stays_where_it_is(
        self, store: Store, because: str
    ) -> None:
        """The login goes on without it: the phone may be lent, the password is right."""
        mine = await register(store, app_id="wx-a" if because == "app" else "wx-x")
        other = await log_in(store, "o-other", app_id="wx-o", unionid="u-other")
        identities: dict[str, dict[str, Any]] = {
            "openid": {"openid": "o-other", "app_id": "wx-o"},
            "unionid": {"openid": "o-new", "app_id": "wx-a", "unionid": "u-other"},
            "app": {"openid": "o-new", "app_id": "wx-a"},
        }
        before = [await get_account(store, each.account_id) for each in (mine, other)]
        entry = await entry_of(store, mine.account_id)
        session = await log_in(store, **identities[because], password=entry)
        assert (session.account_id, session.openid) == (mine.account_id, None)
        after = [await get_account(store, each.account_id) for each in (mine, other)]
        assert after == before

    async def test_a_password_leads_before_a_number(self, store: Store) -> None:
        mine = await register(store)
        owner = await log_in(store, phone=PHONE)
        entry = await entry_of(store, mine.account_id)
        commit = login(password=entry, phone=PHONE, joins=owner.account_id)
        assert (await store.commit_login(commit)).verdict is LoginVerdict.PHONE_TAKEN

    async def test_a_password_that_was_changed_since_opens_nothing(self, store: Store) -> None:
        account_id = (await register(store)).account_id
        entry = await entry_of(store, account_id)
        assert await store.change_password(new_password(account_id)) is Verdict.DONE
        outcome = await store.commit_login(login(password=entry))
        assert (outcome.verdict, outcome.session) == (LoginVerdict.NOT_PROVEN, None)
        await log_in(store, password=await entry_of(store, account_id))

    async def test_a_state_is_told_after_the_right_password_alone(self, store: Store) -> None:
        account_id = (await register(store)).account_id
        entry = await entry_of(store, account_id)
        await store.change_password(new_password(account_id))
        await store.change_account(account_id, AccountChange(status=AccountStatus.DISABLED))
        outcome = await store.commit_login(login(password=entry))
        assert outcome.verdict is LoginVerdict.NOT_PROVEN

    async def test_nobodys_password_opens_nothing(self, store: Store) -> None:
        without = (await log_in(store)).account_id
        outcome = await store.commit_login(login(password=PasswordEntry(without, NOW)))
        assert outcome.verdict is LoginVerdict.NOT_PROVEN
        outcome = await store.commit_login(login(password=PasswordEntry(new_id(), NOW)))
        assert (outcome.verdict, outcome.account) == (LoginVerdict.UNKNOWN, None)

    async def test_a_hash_of_old_parameters_gives_way_to_the_new_one(self, store: Store) -> None:
        account_id = (await register(store)).account_id
        before = await get_credential(store, account_id)
        entry = await entry_of(store, account_id, rehashed=Secret("rehashed"))
        await log_in(store, password=entry)
        after = await get_credential(store, account_id)
        assert after == replace(before, password_hash=Secret("rehashed"))
        await log_in(store, password=entry)  # it is the same password still

    # A change

    async def test_a_new_password_takes_the_old_ones_place(self, store: Store) -> None:
        account_id = (await register(store)).account_id
        change = new_password(account_id)
        assert await store.change_password(change) is Verdict.DONE
        expected = Credential(account_id, change.password_hash, change.at, 0)
        assert await get_credential(store, account_id) == expected
        assert (await get_account(store, account_id)).username == "xiaoming"

    async def test_a_first_password_may_bring_its_name(self, store: Store) -> None:
        account_id = (await log_in(store)).account_id
        change = new_password(account_id, username="Anna", username_key="anna")
        assert await store.change_password(change) is Verdict.DONE
        assert (await get_account(store, account_id)).username == "Anna"
        found = await store.find_credential(pool="default", username_key="anna", phone=None)
        assert found is not None
        assert found.account_id == account_id
        renamed = new_password(account_id, username="ANNA", username_key="anna")
        assert await store.change_password(renamed) is Verdict.DONE
        assert (await get_account(store, account_id)).username == "ANNA"

    async def test_a_taken_username_changes_nothing(self, store: Store) -> None:
        await register(store)
        session = await log_in(store)
        change = new_password(session.account_id, username="x", username_key="xiaoming")
        assert await store.change_password(change) is Verdict.USERNAME_TAKEN
        assert await store.find_credential_of(session.account_id) is None
        assert (await get_session(store, session.id)).ending is None
        other = await log_in(store, pool="other", app_id="wx-b")
        assert await store.change_password(replace(change, account_id=other.account_id)) is DONE

    async def test_a_number_that_has_left_sets_no_password(self, store: Store) -> None:
        account_id = (await register(store, phone=PHONE)).account_id
        change = new_password(account_id, phone=PHONE.e164)
        await store.change_phone(PhoneChange(account_id, new_phone()))
        assert await store.change_password(change) is Verdict.CODE_SPENT
        await store.change_phone(PhoneChange(account_id, PHONE))
        assert await store.change_password(change) is Verdict.DONE

    async def test_nobody_gets_no_password(self, store: Store) -> None:
        assert await store.change_password(new_password(new_id())) is Verdict.GONE

    async def test_a_new_password_ends_every_session(self, store: Store) -> None:
        made = [await log_in(store, "o-1") for _ in range(3)]
        change = new_password(made[0].account_id, ending=revoked("password_reset"))
        assert await store.change_password(change) is Verdict.DONE
        for session in made:
            found = await get_session(store, session.id)
            assert found.ending == revoked("password_reset")
            assert found.account_epoch == session.epoch + 1

    async def test_a_new_password_may_leave_one_session(self, store: Store) -> None:
        made = [await log_in(store, "o-1") for _ in range(3)]
        other = await log_in(store)
        change = new_password(made[0].account_id, keep_session=made[1].id)
        assert await store.change_password(change) is Verdict.DONE
        assert list(await list_live(store, made[0].account_id)) == [made[1]]
        assert await get_session(store, other.id) == other

    async def test_no_login_with_the_old_password_outlives_its_change(self, store: Store) -> None:
        """However the two cross: the login is refused, or its session is dead."""
        for n in range(5):
            account_id = (await register(store, f"name-{n}")).account_id
            entry = await entry_of(store, account_id)

            async def enter(entry: PasswordEntry = entry) -> None:
                await store.commit_login(login(identity=None, password=entry))

            change = store.change_password(new_password(account_id))
            crossing = [enter() for _ in range(16)]
            await asyncio.gather(*crossing[:8], change, *crossing[8:])
            assert await list_live(store, account_id) == []


DONE = Verdict.DONE
