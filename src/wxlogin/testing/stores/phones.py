"""Phone numbers: proven, one account of a pool each, and whom they lead to."""

import asyncio
from dataclasses import replace

import pytest

from wxlogin.login.ports import Credential, LoginVerdict, PhoneChange, Store, Verdict
from wxlogin.testing.stores.samples import (
    DAY,
    MINUTE,
    NOW,
    PHONE,
    get_account,
    get_session,
    list_live,
    log_in,
    login,
    made,
    named,
    new_id,
    new_key,
    new_link,
    new_phone,
    openid_of,
    read_audit,
)
from wxlogin.testing.stores.suite import Suite


class Phones(Suite):
    # By themselves

    async def test_an_account_gets_a_number_and_is_found_by_it(self, store: Store) -> None:
        account_id = (await log_in(store)).account_id
        assert await store.change_phone(PhoneChange(account_id, PHONE)) is Verdict.DONE
        assert (await get_account(store, account_id)).phone == PHONE
        found = await store.find_account(phone=PHONE.e164)
        assert found is not None
        assert found.id == account_id

    async def test_another_number_takes_the_place_of_the_old_one(self, store: Store) -> None:
        account_id = (await log_in(store, phone=PHONE)).account_id
        new = new_phone()
        assert await store.change_phone(PhoneChange(account_id, new)) is Verdict.DONE
        assert await store.find_account(phone=PHONE.e164) is None
        assert (await log_in(store, phone=PHONE)).account_id != account_id

    async def test_an_equal_number_is_proven_anew(self, store: Store) -> None:
        account_id = (await log_in(store, phone=PHONE)).account_id
        later = replace(PHONE, proven_at=NOW + DAY)
        assert await store.change_phone(PhoneChange(account_id, later)) is Verdict.DONE
        assert (await get_account(store, account_id)).phone == later

    async def test_nobody_gets_no_number(self, store: Store) -> None:
        assert await store.change_phone(PhoneChange(new_id(), PHONE)) is Verdict.GONE
        assert await store.find_account(phone=PHONE.e164) is None

    async def test_another_accounts_number_stays_there(self, store: Store) -> None:
        owner_id = (await log_in(store, phone=PHONE)).account_id
        other = await get_account(store, (await log_in(store)).account_id)
        assert await store.change_phone(PhoneChange(other.id, PHONE)) is Verdict.PHONE_TAKEN
        assert await get_account(store, other.id) == other
        found = await store.find_account(phone=PHONE.e164)
        assert found is not None
        assert found.id == owner_id

    async def test_a_number_nobody_proved_goes_to_who_proves_it(self, store: Store) -> None:
        unproven = replace(PHONE, proven_at=None)
        squatter_id = (await log_in(store, phone=unproven)).account_id
        account_id = (await log_in(store)).account_id
        assert await store.change_phone(PhoneChange(account_id, PHONE)) is Verdict.DONE
        assert (await get_account(store, account_id)).phone == PHONE
        assert (await get_account(store, squatter_id)).phone is None
        left = [line for line in await read_audit(store) if line.kind == "phone_left"]
        assert len(left) == 1

    async def test_a_number_is_free_in_another_pool(self, store: Store) -> None:
        await log_in(store, phone=PHONE, pool="one")
        other_id = (await log_in(store, pool="two", app_id="wx-b")).account_id
        assert await store.change_phone(PhoneChange(other_id, PHONE)) is Verdict.DONE

    async def test_of_sixteen_accounts_that_take_one_number_at_once_one_gets_it(
        self, store: Store
    ) -> None:
        sessions = [await log_in(store) for _ in range(16)]
        verdicts = await asyncio.gather(
            *(store.change_phone(PhoneChange(each.account_id, PHONE)) for each in sessions)
        )
        assert verdicts.count(Verdict.DONE) == 1
        assert verdicts.count(Verdict.PHONE_TAKEN) == 15
        winner = sessions[verdicts.index(Verdict.DONE)].account_id
        found = await store.find_account(phone=PHONE.e164)
        assert found is not None
        assert found.id == winner

    async def test_a_number_takes_no_others_place_where_it_may_not(self, store: Store) -> None:
        account_id = (await log_in(store)).account_id
        first = PhoneChange(account_id, PHONE, may_replace=False)
        assert await store.change_phone(first) is Verdict.DONE
        assert await store.change_phone(first) is Verdict.DONE
        other = PhoneChange(account_id, new_phone(), may_replace=False)
        assert await store.change_phone(other) is Verdict.HAS_PHONE
        assert (await get_account(store, account_id)).phone == PHONE

    async def test_of_sixteen_first_numbers_at_once_one_is_kept(self, store: Store) -> None:
        account_id = (await log_in(store)).account_id
        changes = [PhoneChange(account_id, new_phone(), may_replace=False) for _ in range(16)]
        verdicts = await asyncio.gather(*(store.change_phone(each) for each in changes))
        assert verdicts.count(Verdict.DONE) == 1
        assert verdicts.count(Verdict.HAS_PHONE) == 15
        kept = (await get_account(store, account_id)).phone
        assert kept == changes[verdicts.index(Verdict.DONE)].phone

    # In a login

    async def test_a_login_gives_its_account_the_number(self, store: Store) -> None:
        account_id = (await log_in(store, "o-1")).account_id
        assert (await log_in(store, "o-1", phone=PHONE)).account_id == account_id
        assert (await get_account(store, account_id)).phone == PHONE
        later = replace(PHONE, proven_at=NOW + DAY)
        await log_in(store, "o-1", phone=later)
        assert (await get_account(store, account_id)).phone == later

    async def test_a_number_leads_to_its_account_only_if_that_one_joins(self, store: Store) -> None:
        owner_id = (await log_in(store, "o-owner", phone=PHONE)).account_id
        stranger_id = (await log_in(store)).account_id
        for joins in (None, stranger_id):
            commit = login(app_id="wx-b", phone=PHONE, joins=joins)
            outcome = await store.commit_login(commit)
            assert (outcome.verdict, outcome.session) == (LoginVerdict.PHONE_TAKEN, None)
            assert await store.find_account(openid=openid_of(commit)) is None
        joined = await log_in(store, "o-new", app_id="wx-b", phone=PHONE, joins=owner_id)
        assert joined.account_id == owner_id
        account = await get_account(store, owner_id)
        assert {each.openid for each in account.identities} == {"o-owner", "o-new"}

    async def test_a_number_without_an_owner_joins_nobody(self, store: Store) -> None:
        other_id = (await log_in(store, "o-1")).account_id
        session = await log_in(store, app_id="wx-b", phone=PHONE, joins=other_id)
        assert session.account_id != other_id

    async def test_a_number_leads_nowhere_in_another_pool(self, store: Store) -> None:
        owner_id = (await log_in(store, phone=PHONE, pool="one")).account_id
        session = await log_in(
            store, app_id="wx-b", pool="two", phone=PHONE, joins=owner_id, phone_leaves=owner_id
        )
        assert session.account_id != owner_id
        for account_id in (owner_id, session.account_id):
            assert (await get_account(store, account_id)).phone == PHONE

    async def test_an_account_takes_no_second_identity_in_an_app_by_its_number(
        self, store: Store
    ) -> None:
        owner_id = (await log_in(store, phone=PHONE)).account_id
        commit = login(phone=PHONE, joins=owner_id)
        assert (await store.commit_login(commit)).verdict is LoginVerdict.PHONE_TAKEN
        assert await store.find_account(openid=openid_of(commit)) is None
        alone = await log_in(store, identity=None, phone=PHONE, joins=owner_id)
        assert (alone.account_id, alone.openid) == (owner_id, None)

    @pytest.mark.parametrize("by", ["openid", "unionid"])
    async def test_an_identity_leads_before_a_number(self, store: Store, by: str) -> None:
        owner_id = (await log_in(store, phone=PHONE, app_id="wx-x")).account_id
        mine = await log_in(store, "o-mine", unionid="u-mine")
        app_id, openid = ("wx-a", "o-mine") if by == "openid" else ("wx-b", "o-other")
        commit = login(openid, app_id=app_id, unionid="u-mine", phone=PHONE, joins=owner_id)
        outcome = await store.commit_login(commit)
        assert (outcome.verdict, outcome.session) == (LoginVerdict.PHONE_TAKEN, None)
        assert (await get_account(store, mine.account_id)).phone is None

    async def test_a_number_leads_before_a_user_id(self, store: Store) -> None:
        owner_id = (await log_in(store, phone=PHONE, user_id="user-1")).account_id
        await log_in(store, app_id="wx-x", user_id="user-2")
        session = await log_in(store, app_id="wx-b", phone=PHONE, joins=owner_id, user_id="user-2")
        assert (session.account_id, session.user_id) == (owner_id, "user-1")

    async def test_a_number_that_was_given_up_leaves_its_account(self, store: Store) -> None:
        """Recycled by the carrier: the new owner's account begins empty (security.md A15)."""
        old_id = (await log_in(store, phone=PHONE)).account_id
        session = await log_in(store, identity=None, phone=PHONE, phone_leaves=old_id)
        assert session.account_id != old_id
        assert (await get_account(store, old_id)).phone is None
        found = await store.find_account(phone=PHONE.e164)
        assert found is not None
        assert found.id == session.account_id

    async def test_a_number_leaves_for_an_account_that_was_there_too(self, store: Store) -> None:
        old_id = (await log_in(store, phone=PHONE)).account_id
        mine = await log_in(store, "o-mine", app_id="wx-b")
        session = await log_in(store, "o-mine", app_id="wx-b", phone=PHONE, phone_leaves=old_id)
        assert session.account_id == mine.account_id
        assert (await get_account(store, mine.account_id)).phone == PHONE
        assert (await get_account(store, old_id)).phone is None

    async def test_a_number_that_changed_meanwhile_does_not_leave(self, store: Store) -> None:
        """Between the look and the commit its owner proved another one."""
        old_id, new = (await log_in(store, phone=PHONE)).account_id, new_phone()
        await store.change_phone(PhoneChange(old_id, new))
        await log_in(store, identity=None, phone=PHONE, phone_leaves=old_id)
        assert (await get_account(store, old_id)).phone == new
        assert [line.kind for line in await read_audit(store)] == []

    async def test_another_accounts_number_does_not_leave(self, store: Store) -> None:
        await log_in(store, phone=PHONE)
        other_id = (await log_in(store)).account_id
        commit = login(identity=None, phone=PHONE, phone_leaves=other_id)
        assert (await store.commit_login(commit)).verdict is LoginVerdict.PHONE_TAKEN

    async def test_of_sixteen_registrations_with_one_number_at_once_one_gets_it(
        self, store: Store
    ) -> None:
        outcomes = await asyncio.gather(
            *(store.commit_login(login(phone=PHONE)) for _ in range(16))
        )
        verdicts = [each.verdict for each in outcomes]
        assert verdicts.count(LoginVerdict.DONE) == 1
        assert verdicts.count(LoginVerdict.PHONE_TAKEN) == 15

    # Pre-hijacking (security.md A14)

    async def test_an_identity_that_was_tied_to_it_later_ends_with_the_rest(
        self, store: Store
    ) -> None:
        first = await log_in(store, "o-1", phone=new_phone(proven_at=None))
        number = replace((await get_account(store, first.account_id)).phone or PHONE, proven_at=NOW)
        await store.link_identity(new_link(first.account_id, app_id="wx-b", at=NOW + MINUTE))
        await log_in(store, identity=None, phone=number, joins=first.account_id)
        kept = (await get_account(store, first.account_id)).identities
        assert [(one.app_id, one.openid, one.is_proven) for one in kept] == [("wx-a", "o-1", True)]

    async def test_whoever_proves_a_number_first_finds_nothing_of_who_was_there_before(
        self, store: Store
    ) -> None:
        planted = await log_in(store, registration=named(), phone=new_phone(proven_at=None))
        account = await get_account(store, planted.account_id)
        assert account.phone is not None
        proven = replace(account.phone, proven_at=NOW + MINUTE)
        commit = login(
            identity=None, at=NOW + MINUTE, phone=proven, joins=account.id, registration=None
        )
        session = made(await store.commit_login(commit))
        assert session.account_id == account.id
        assert session.epoch == session.account_epoch == account.epoch + 1
        old = await get_session(store, planted.id)
        assert old.ending is not None
        assert old.epoch != old.account_epoch
        assert [each.id for each in await list_live(store, account.id, NOW + MINUTE)] == [
            session.id
        ]
        assert await store.find_credential_of(account.id) is None
        now = await get_account(store, account.id)
        assert (now.phone, now.has_password) == (proven, False)

    async def test_a_number_that_was_proven_before_costs_nobody_anything(
        self, store: Store
    ) -> None:
        first = await log_in(store, registration=named(), phone=PHONE)
        session = await log_in(store, identity=None, phone=PHONE, joins=first.account_id)
        assert session.epoch == first.epoch
        assert (await get_session(store, first.id)).ending is None
        assert await store.find_credential_of(first.account_id) is not None

    @pytest.mark.parametrize("keeps", [True, False])
    async def test_a_first_proof_by_a_change_ends_the_same(self, store: Store, keeps: bool) -> None:
        unproven = new_phone(proven_at=None)
        first = await log_in(store, "o-1", registration=named(), phone=unproven)
        second = await log_in(store, "o-1")
        subject = (await get_account(store, first.account_id)).pseudonym
        change = PhoneChange(
            first.account_id,
            replace(unproven, proven_at=NOW),
            ends_unproven=True,
            keep_session=second.id if keeps else None,
        )
        for _ in range(2):  # the second time it is proven already
            assert await store.change_phone(change) is Verdict.DONE
        live = await list_live(store, first.account_id)
        assert list(live) == ([second] if keeps else [])
        assert await store.find_credential_of(first.account_id) is None
        assert (await get_account(store, first.account_id)).phone == change.phone
        [line] = await read_audit(store)
        assert (line.kind, line.account_id) == ("credentials_purged", subject)

    async def test_a_first_proof_by_a_change_ends_what_was_tied_later_but_the_persons_own(
        self, store: Store
    ) -> None:
        unproven = new_phone(proven_at=None)
        first = await log_in(store, "o-1", registration=named(), phone=unproven)
        account_id, later = first.account_id, NOW + MINUTE
        for app_id in ("wx-b", "wx-c"):
            link = new_link(account_id, openid=f"o-{app_id}", app_id=app_id, at=later)
            await store.link_identity(link)
        own = await log_in(store, "o-wx-c", app_id="wx-c")
        change = PhoneChange(
            account_id,
            replace(unproven, proven_at=later),
            ends_unproven=True,
            keep_session=own.id,
        )
        assert await store.change_phone(change) is Verdict.DONE
        kept = (await get_account(store, account_id)).identities
        assert [each.openid for each in kept] == ["o-1", "o-wx-c"]
        assert list(await list_live(store, account_id)) == [own]

    async def test_a_first_proof_beside_a_linked_identity_ends_the_same(self, store: Store) -> None:
        unproven = new_phone(proven_at=None)
        planted = await log_in(store, "o-1", registration=named(), phone=unproven)
        proven = replace(unproven, proven_at=NOW)
        session = await log_in(store, "o-1", phone=proven, session_key=new_key(2))
        assert list(await list_live(store, planted.account_id)) == [session]
        account = await get_account(store, planted.account_id)
        assert (account.has_password, [each.openid for each in account.identities]) == (
            False,
            ["o-1"],
        )

    async def test_a_change_that_ends_nothing_leaves_what_was_there(self, store: Store) -> None:
        unproven = new_phone(proven_at=None)
        session = await log_in(store, "o-1", registration=named(), phone=unproven)
        for change in (
            PhoneChange(session.account_id, replace(unproven, proven_at=NOW)),
            PhoneChange(session.account_id, new_phone(), ends_unproven=True),
        ):
            assert await store.change_phone(change) is Verdict.DONE
        assert await list_live(store, session.account_id) == [session]
        assert await store.find_credential_of(session.account_id) is not None

    async def test_an_unproven_number_is_no_name_for_a_password(self, store: Store) -> None:
        phone = new_phone(proven_at=None)
        account_id = (await log_in(store, registration=named(), phone=phone)).account_id

        async def find() -> Credential | None:
            return await store.find_credential(
                pool="default", username_key="nobody", phone=phone.e164
            )

        assert await find() is None
        await store.change_phone(PhoneChange(account_id, replace(phone, proven_at=NOW)))
        found = await find()
        assert found is not None
        assert found.account_id == account_id
