"""Two accounts become one, only if both codes are spent, and as a whole."""

import asyncio
from typing import Any

import pytest

from wxlogin.login.accounts import Account, AccountStatus, Agreement, Phone
from wxlogin.login.ports import (
    HOST,
    NOTHING,
    AccountChange,
    AuditLine,
    ErasureStart,
    Merge,
    PhoneChange,
    Store,
    Told,
    Verdict,
)
from wxlogin.login.secret import Secret
from wxlogin.login.sessions import Session
from wxlogin.testing.stores.samples import (
    MINUTE,
    NOW,
    PHONE,
    get_account,
    get_credential,
    get_session,
    list_live,
    log_in,
    named,
    new_code,
    new_event,
    new_id,
    new_phone,
    new_told,
    read_audit,
    revoked,
    sent,
    spend_of,
)
from wxlogin.testing.stores.suite import Suite


async def merge_of(store: Store, keep: Session, drop: Session, **changes: Any) -> Merge:
    """A merge that both sides have proven."""
    fields: dict[str, Any] = {
        "at": NOW,
        "ending": revoked("account_merged"),
        "spends": (await sent(store), await sent(store)),
    }
    return Merge(keep.account_id, drop.account_id, **fields | changes)


async def two(store: Store, **changes: Any) -> tuple[Session, Session]:
    """One person's sessions in wx-a and, as another account, in wx-b."""
    keep = await log_in(store, "o-a", **{"unionid": "u-a"} | changes)
    drop = await log_in(store, "o-b", app_id="wx-b", unionid="u-b")
    return keep, drop


async def merged(store: Store, keep: Session, drop: Session) -> Account:
    verdict = await store.merge_accounts(await merge_of(store, keep, drop), told=NOTHING)
    assert verdict is Verdict.DONE
    return await get_account(store, keep.account_id)


class Merging(Suite):
    async def test_whatever_led_to_the_one_leads_to_the_other(self, store: Store) -> None:
        keep, drop = await two(store)
        account = await merged(store, keep, drop)
        assert {one.openid for one in account.identities} == {"o-a", "o-b"}
        assert await store.find_account(account_id=drop.account_id) is None
        for openid, app_id, unionid in (
            ("o-b", "wx-b", None),
            ("o-new", "wx-c", "u-b"),
            ("o-new2", "wx-d", "u-a"),
        ):
            again = await log_in(store, openid, app_id=app_id, unionid=unionid)
            assert again.account_id == keep.account_id

    async def test_both_sides_sessions_end_and_say_why(self, store: Store) -> None:
        keep, drop = await two(store)
        await merged(store, keep, drop)
        assert await list_live(store, keep.account_id) == []
        for session in (keep, drop):
            over = await get_session(store, session.id)
            assert over.account_id == keep.account_id
            assert over.ending is not None
            assert over.ending.reason == "account_merged"

    async def test_what_was_kept_of_both_is_kept_of_the_one(self, store: Store) -> None:
        keep = await log_in(store, "o-a", agreements=(Agreement("privacy", "1"),))
        drop = await log_in(
            store,
            "o-b",
            app_id="wx-b",
            agreements=(Agreement("privacy", "1"), Agreement("terms", "2")),
        )
        await store.keep_avatar(
            "avatar", b"x", media_type="image/jpeg", account_id=drop.account_id, at=NOW
        )
        await merged(store, keep, drop)
        kept = await store.find_kept(keep.account_id)
        assert kept is not None
        assert [(one.id, one.version) for one in kept.agreements] == [
            ("privacy", "1"),
            ("terms", "2"),
        ]
        assert len(kept.logins) == len(kept.sessions) == 2
        assert [one.id for one in kept.avatars] == ["avatar"]

    async def test_the_kept_accounts_own_wins(self, store: Store) -> None:
        keep = await log_in(store, "o-a", registration=named("ann"), phone=PHONE, user_id="u-1")
        drop = await log_in(
            store,
            "o-b",
            app_id="wx-b",
            registration=named("bob"),
            phone=new_phone(),
            user_id="u-2",
        )
        await store.change_account(keep.account_id, AccountChange(nickname="安"))
        await store.change_account(drop.account_id, AccountChange(nickname="鲍"))
        before = await get_credential(store, keep.account_id)
        account = await merged(store, keep, drop)
        assert (account.username, account.phone, account.user_id) == ("ann", PHONE, "u-1")
        assert account.nickname == "安"
        assert await get_credential(store, keep.account_id) == before
        assert await store.find_account(user_id="u-2") is None
        free = await log_in(store, "o-c", app_id="wx-c", registration=named("bob"))
        assert free.account_id != keep.account_id

    async def test_what_the_kept_account_lacks_it_gets(self, store: Store) -> None:
        keep = await log_in(store, "o-a")
        phone = new_phone()
        drop = await log_in(
            store, "o-b", app_id="wx-b", registration=named("bob"), phone=phone, user_id="u-2"
        )
        before = await get_credential(store, drop.account_id)
        account = await merged(store, keep, drop)
        assert (account.username, account.phone, account.user_id) == ("bob", phone, "u-2")
        found = await store.find_account(phone=phone.e164, pool="default")
        assert found is not None
        assert found.id == keep.account_id
        after = await get_credential(store, keep.account_id)
        assert (after.password_hash, after.changed_at) == (before.password_hash, before.changed_at)
        assert after.password_hash == Secret("hash-1")

    @pytest.mark.parametrize("missing", [0, 1])
    async def test_without_either_code_nothing_happens(self, store: Store, missing: int) -> None:
        keep, drop = await two(store)
        spends = [await sent(store), await sent(store)]
        good = spends[1 - missing]
        spends[missing] = spend_of(new_code())
        wanted = await merge_of(store, keep, drop, spends=tuple(spends))
        told = new_told(keep.account_id)
        assert await store.merge_accounts(wanted, told=told) is Verdict.CODE_SPENT
        assert await store.drop_verification_code(good)
        assert (await get_session(store, keep.id)).ending is None
        assert await store.find_account(account_id=drop.account_id) is not None
        assert await read_audit(store) == []

    async def test_a_code_past_its_time_proves_nothing(self, store: Store) -> None:
        keep, drop = await two(store)
        wanted = await merge_of(store, keep, drop, at=NOW + 5 * MINUTE)
        assert await store.merge_accounts(wanted, told=NOTHING) is Verdict.CODE_SPENT

    async def test_two_people_of_one_app_are_two_people(self, store: Store) -> None:
        keep, drop = await log_in(store, "o-a"), await log_in(store, "o-b")
        wanted = await merge_of(store, keep, drop)
        told = new_told(keep.account_id)
        assert await store.merge_accounts(wanted, told=told) is Verdict.IDENTITY_TAKEN
        assert await store.find_account(account_id=drop.account_id) is not None
        assert await store.drop_verification_code(wanted.spends[0])

    async def test_only_active_accounts_of_one_pool_are_merged(self, store: Store) -> None:
        keep, drop = await two(store)
        elsewhere = await log_in(store, "o-c", app_id="wx-c", pool="other")
        for one, other in ((keep, elsewhere), (elsewhere, keep), (keep, keep)):
            wanted = await merge_of(store, one, other)
            assert await store.merge_accounts(wanted, told=NOTHING) is Verdict.GONE
        gone = Merge(keep.account_id, new_id(), NOW, revoked("x"), (await sent(store),))
        assert await store.merge_accounts(gone, told=NOTHING) is Verdict.GONE
        for session in (keep, drop):
            for status in (AccountStatus.DISABLED, AccountStatus.ACTIVE):
                wanted = await merge_of(store, keep, drop)
                await store.change_account(session.account_id, AccountChange(status=status))
                if status is AccountStatus.DISABLED:
                    assert await store.merge_accounts(wanted, told=NOTHING) is Verdict.GONE

    async def test_it_is_told_once_and_the_history_of_both_is_found(self, store: Store) -> None:
        keep, drop = await two(store)
        await store.change_account(
            drop.account_id, AccountChange(nickname="x"), told=new_told(drop.account_id, kind="old")
        )
        dropped = await get_account(store, drop.account_id)
        data = {"from_subject": dropped.pseudonym}
        told = Told(audit=AuditLine(NOW, "accounts_merged", HOST, keep.account_id, data=data))
        wanted = await merge_of(store, keep, drop)
        assert await store.merge_accounts(wanted, told=told) is Verdict.DONE
        kept = await store.find_kept(keep.account_id)
        assert kept is not None
        assert [line.kind for line in kept.history] == ["old", "accounts_merged"]

    async def test_an_erasure_after_merges_leaves_nothing_of_those_merged(
        self, store: Store
    ) -> None:
        """A backup from before the merges has all three as accounts: the ledger names them."""
        keep, drop = await two(store)
        third = await log_in(store, "o-c", app_id="wx-c", unionid="u-c")
        await store.add_event(new_event(account_id=third.account_id, data={"inviter": "x"}))
        await merged(store, drop, third)
        account = await merged(store, keep, drop)
        start = ErasureStart(
            account.id, was=AccountStatus.ACTIVE, erase_at=NOW, ending=revoked("account_erasing")
        )
        assert await store.start_erasure(start) is Verdict.DONE
        assert await store.erase_account(account.id, now=NOW)
        ledger = {line.account_id for line in await store.list_erased(since=NOW)}
        assert ledger == {keep.account_id, drop.account_id, third.account_id}
        later = NOW + MINUTE
        events = await store.lease_events(frozenset({"kicked"}), now=later, until=later, limit=10)
        assert [event.data for event in events] == [{}]

    # When callers meet

    async def test_of_sixteen_merges_with_the_same_codes_one_happens(self, store: Store) -> None:
        keep, drop = await two(store)
        wanted = await merge_of(store, keep, drop)
        verdicts = await asyncio.gather(
            *(store.merge_accounts(wanted, told=new_told(keep.account_id)) for _ in range(16))
        )
        assert sorted(verdicts) == [Verdict.CODE_SPENT] * 15 + [Verdict.DONE]
        assert len(await read_audit(store)) == 1

    async def test_merges_that_cross_leave_one_account(self, store: Store) -> None:
        keep, drop = await two(store)
        one = await merge_of(store, keep, drop)
        other = await merge_of(store, drop, keep)
        verdicts = await asyncio.gather(
            store.merge_accounts(one, told=NOTHING), store.merge_accounts(other, told=NOTHING)
        )
        assert sorted(verdicts) == [Verdict.DONE, Verdict.GONE]

    async def test_a_login_during_a_merge_finds_the_one_account(self, store: Store) -> None:
        for number in range(10):
            keep = await log_in(store, f"o-a{number}")
            drop = await log_in(store, f"o-b{number}", app_id="wx-b")
            wanted = await merge_of(store, keep, drop)
            _, session = await asyncio.gather(
                store.merge_accounts(wanted, told=NOTHING),
                log_in(store, f"o-b{number}", app_id="wx-b"),
            )
            found = await get_session(store, session.id)
            assert found.account_id == keep.account_id
            is_live = found.ending is None and found.epoch == found.account_epoch
            assert is_live == (session.account_id == keep.account_id)

    async def test_a_phone_that_moved_can_be_given_anew(self, store: Store) -> None:
        keep, drop = await two(store)
        phone = Phone("86", "13700001111", NOW)
        await store.change_phone(PhoneChange(drop.account_id, phone))
        await merged(store, keep, drop)
        change = PhoneChange(keep.account_id, PHONE)
        assert await store.change_phone(change) is Verdict.DONE
