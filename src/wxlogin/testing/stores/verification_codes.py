"""Verification codes: one a slot, tried a few times, spent once by the act they are for."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from wxlogin.login.ports import CodeSpend, LoginVerdict, PhoneChange, Store, Verdict
from wxlogin.testing.stores.samples import (
    MINUTE,
    NOW,
    PHONE,
    SECOND,
    get_session,
    log_in,
    login,
    named,
    new_code,
    new_hash,
    new_link,
    new_password,
    new_phone,
    openid_of,
    sent,
    spend_of,
)
from wxlogin.testing.stores.suite import Suite


class VerificationCodes(Suite):
    async def test_a_code_is_right_until_its_time(self, store: Store) -> None:
        code = new_code()
        await store.keep_verification_code(code)
        early, late = code.expires_at - SECOND, code.expires_at
        assert await store.try_verification_code(spend_of(code), limit=5, now=early)
        assert not await store.try_verification_code(spend_of(code), limit=5, now=late)

    async def test_other_digits_and_other_slots_are_wrong(self, store: Store) -> None:
        spend = await sent(store)
        for wrong in (replace(spend, code_hash=new_hash()), replace(spend, slot=new_hash())):
            assert not await store.try_verification_code(wrong, limit=5, now=NOW)
            assert not await store.drop_verification_code(wrong)
        assert await store.try_verification_code(spend, limit=5, now=NOW)

    async def test_a_new_code_takes_the_old_ones_place_and_its_tries(self, store: Store) -> None:
        old = await sent(store)
        for _ in range(3):
            await store.try_verification_code(old, limit=3, now=NOW)
        new = await sent(store, slot=old.slot)
        assert not await store.try_verification_code(old, limit=3, now=NOW)
        assert not await store.drop_verification_code(old)
        assert await store.try_verification_code(new, limit=3, now=NOW)

    async def test_a_try_is_counted_whether_right_or_wrong(self, store: Store) -> None:
        spend = await sent(store)
        wrong = replace(spend, code_hash=new_hash())
        tries = [wrong, spend, wrong, spend, wrong, spend, spend]
        answers = [await store.try_verification_code(each, limit=5, now=NOW) for each in tries]
        assert answers == [False, True, False, True, False, False, False]

    async def test_a_try_does_not_spend_the_code(self, store: Store) -> None:
        spend = await sent(store)
        assert await store.try_verification_code(spend, limit=5, now=NOW)
        assert await store.drop_verification_code(spend)
        assert not await store.drop_verification_code(spend)
        assert not await store.try_verification_code(spend, limit=5, now=NOW)

    async def test_of_sixty_four_tries_at_once_five_are_compared(self, store: Store) -> None:
        """Each of them is right, so the ones that were compared are those that hear so."""
        spend = await sent(store)
        answers = await asyncio.gather(
            *(store.try_verification_code(spend, limit=5, now=NOW) for _ in range(64))
        )
        assert answers.count(True) == 5

    async def test_a_code_dropped_by_sixteen_at_once_is_spent_once(self, store: Store) -> None:
        for _ in range(5):
            spend = await sent(store)
            spent = await asyncio.gather(*(store.drop_verification_code(spend) for _ in range(16)))
            assert spent.count(True) == 1

    # Spent by the act

    async def test_a_login_spends_its_code(self, store: Store) -> None:
        spend = await sent(store)
        await log_in(store, "o-1", spends=(spend,))
        again = await store.commit_login(login("o-1", spends=(spend,)))
        assert (again.verdict, again.session) == (LoginVerdict.CODE_SPENT, None)
        assert not await store.drop_verification_code(spend)

    @pytest.mark.parametrize("fault", ["unknown", "replaced", "expired"])
    async def test_no_act_happens_under_a_code_that_is_not_live(
        self, store: Store, fault: str
    ) -> None:
        owner = await log_in(store, "o-1", registration=named())
        account_id = owner.account_id
        code = new_code(expires_at=NOW if fault == "expired" else NOW + MINUTE)
        if fault != "unknown":
            await store.keep_verification_code(code)
        if fault == "replaced":
            await store.keep_verification_code(new_code(slot=code.slot))
        spends = (spend_of(code),)
        before = await store.find_account(account_id=account_id)
        commit = login(spends=spends)
        assert (await store.commit_login(commit)).verdict is LoginVerdict.CODE_SPENT
        assert await store.find_account(openid=openid_of(commit)) is None
        assert await store.change_phone(PhoneChange(account_id, PHONE, spends)) is CODE_SPENT
        password = new_password(account_id, spends=spends)
        assert await store.change_password(password) is CODE_SPENT
        assert await store.link_identity(new_link(account_id, spends=spends)) is CODE_SPENT
        assert await store.find_account(account_id=account_id) == before
        assert (await get_session(store, owner.id)).ending is None

    async def test_each_act_spends_its_code(self, store: Store) -> None:
        account_id = (await log_in(store, registration=named())).account_id
        acts: list[Callable[[tuple[CodeSpend, ...]], Awaitable[Verdict]]] = [
            lambda spends: store.change_phone(PhoneChange(account_id, PHONE, spends)),
            lambda spends: store.change_password(new_password(account_id, spends=spends)),
            lambda spends: store.link_identity(new_link(account_id, spends=spends)),
        ]
        for act in acts:
            spend = await sent(store)
            assert await act((spend,)) is Verdict.DONE
            assert await act((spend,)) is CODE_SPENT

    async def test_a_refused_act_leaves_its_code_unspent(self, store: Store) -> None:
        account_id = (await log_in(store, "o-1", phone=PHONE)).account_id
        other_id = (await log_in(store, registration=named())).account_id
        spend = await sent(store)
        refused = await store.commit_login(login(registration=None, spends=(spend,)))
        assert refused.verdict is LoginVerdict.UNKNOWN
        taken = await store.change_phone(PhoneChange(other_id, PHONE, (spend,)))
        assert taken is Verdict.PHONE_TAKEN
        renamed = new_password(account_id, username="x", username_key="xiaoming", spends=(spend,))
        assert await store.change_password(renamed) is Verdict.USERNAME_TAKEN
        link = new_link(other_id, app_id="wx-a", openid="o-1", spends=(spend,))
        assert await store.link_identity(link) is Verdict.IDENTITY_TAKEN
        assert await store.drop_verification_code(spend)

    async def test_of_two_codes_for_one_act_both_or_neither_is_spent(self, store: Store) -> None:
        kept, unknown = await sent(store), spend_of(new_code())
        outcome = await store.commit_login(login(spends=(kept, unknown)))
        assert outcome.verdict is LoginVerdict.CODE_SPENT
        assert await store.drop_verification_code(kept)

    async def test_one_code_in_sixteen_acts_at_once_opens_one(self, store: Store) -> None:
        for _ in range(5):
            spend = await sent(store)
            account_id = (await log_in(store)).account_id
            phone = PhoneChange(account_id, new_phone(), (spend,))
            outcomes = await asyncio.gather(
                *(store.commit_login(login(spends=(spend,))) for _ in range(15)),
                store.change_phone(phone),
            )
            verdicts = [str(getattr(each, "verdict", each)) for each in outcomes]
            assert sorted(set(verdicts)) == ["code_spent", "done"]
            assert verdicts.count("done") == 1


CODE_SPENT = Verdict.CODE_SPENT
