"""What WeChat pushed happens once, with the note that it was here, or not at all."""

import asyncio
from datetime import datetime
from typing import Any

from wxlogin.login.accounts import AccountStatus
from wxlogin.login.ports import (
    AccountChange,
    AvatarChange,
    Datum,
    PhoneChange,
    PushCommit,
    PushOutcome,
    PushResult,
    Store,
)
from wxlogin.testing.stores.samples import (
    DAY,
    NOW,
    SECOND,
    get_account,
    get_session,
    lease,
    log_in,
    named,
    new_event,
    new_hash,
    new_phone,
    new_told,
    read_audit,
    revoked,
)
from wxlogin.testing.stores.suite import Suite

EVERYTHING = frozenset(Datum)
DONE = PushOutcome(PushResult.DONE)
SEEN = PushOutcome(PushResult.SEEN)


def push_of(account_id: str | None, openid: str = "o-a", **changes: Any) -> PushCommit:
    fields: dict[str, Any] = {
        "keys": (new_hash(), new_hash()),
        "until": NOW + DAY,
        "at": NOW + SECOND,
        "created_at": NOW + SECOND,
        "app_id": "wx-a",
        "told": new_told(account_id, kind="pushed"),
        "ending": revoked("pushed"),
    }
    return PushCommit(openid=openid, account_id=account_id, **fields | changes)


async def whole(store: Store, at: datetime = NOW) -> str:
    """An account with all that can be taken back, given at this moment."""
    account_id = (await log_in(store, "o-a", at=at)).account_id
    await store.change_account(account_id, AccountChange(nickname="n", given_at=at))
    await store.change_avatar(AvatarChange(account_id, "/a", "avatar", given_at=at))
    await store.keep_avatar("avatar", b"x", media_type="image/jpeg", account_id=account_id, at=at)
    await store.change_phone(PhoneChange(account_id, new_phone(at)))
    return account_id


async def left(store: Store, account_id: str) -> set[Datum]:
    account = await get_account(store, account_id)
    found = {
        Datum.NICKNAME: account.nickname,
        Datum.AVATAR: account.avatar_url,
        Datum.PHONE: account.phone,
    }
    return {datum for datum, value in found.items() if value is not None}


class Pushes(Suite):
    async def test_what_is_named_goes_and_nothing_else(self, store: Store) -> None:
        for datum in Datum:
            account_id = await whole(store)
            outcome = await store.commit_push(push_of(account_id, drops=frozenset({datum})))
            assert outcome.result is PushResult.DONE
            assert outcome.avatar_id == ("avatar" if datum is Datum.AVATAR else None)
            assert await left(store, account_id) == EVERYTHING - {datum}
            assert (await store.find_avatar("avatar") is None) == (datum is Datum.AVATAR)
            await store.commit_push(push_of(account_id, drops=EVERYTHING, cuts=True))
            await store.erase_account(account_id, now=NOW + SECOND)

    async def test_the_line_says_what_went(self, store: Store) -> None:
        account_id = await whole(store)
        await store.commit_push(push_of(account_id, drops=frozenset({Datum.PHONE})))
        await store.commit_push(push_of(account_id, drops=frozenset({Datum.PHONE})))
        lines = await read_audit(store)
        assert [line.data for line in lines] == [
            {"n": 1, "dropped": ["phone"]},
            {"n": 1, "dropped": []},
        ]

    async def test_what_was_seen_under_any_of_its_keys_does_nothing(self, store: Store) -> None:
        account_id = await whole(store)
        first = push_of(account_id)
        assert await store.commit_push(first) == DONE
        for keys in (first.keys, (first.keys[0], new_hash()), (new_hash(), first.keys[1])):
            again = push_of(account_id, keys=keys, drops=EVERYTHING, cuts=True)
            assert await store.commit_push(again) == SEEN
        assert await left(store, account_id) == EVERYTHING
        assert len(await read_audit(store)) == 1

    async def test_a_note_outlives_housekeeping_until_its_time(self, store: Store) -> None:
        account_id = await whole(store)
        first = push_of(account_id)
        await store.commit_push(first)
        await store.prune(now=first.until, limit=100)
        assert await store.commit_push(push_of(account_id, keys=first.keys)) == SEEN

    async def test_what_was_given_after_that_second_stays(self, store: Store) -> None:
        given = NOW.replace(microsecond=0)
        account_id = await whole(store, at=given)
        for created, stays in ((given - SECOND, EVERYTHING), (given, frozenset[Datum]())):
            await store.commit_push(push_of(account_id, created_at=created, drops=EVERYTHING))
            assert await left(store, account_id) == stays

    async def test_what_nobody_noted_the_time_of_is_as_old_as_the_account(
        self, store: Store
    ) -> None:
        account_id = (await log_in(store, "o-a")).account_id
        await store.change_account(account_id, AccountChange(nickname="n"))
        before = push_of(account_id, created_at=NOW - DAY, drops=EVERYTHING)
        await store.commit_push(before)
        assert await left(store, account_id) == {Datum.NICKNAME}
        await store.commit_push(push_of(account_id, drops=EVERYTHING))
        assert await left(store, account_id) == set()

    async def test_the_host_hears_of_a_phone_that_went_and_of_nothing_else(
        self, store: Store
    ) -> None:
        account_id = await whole(store)
        event = new_event(kind="phone_changed")
        only_name = frozenset({Datum.NICKNAME})
        await store.commit_push(push_of(account_id, drops=only_name, phone_event=event))
        assert await lease(store, kinds=frozenset({"phone_changed"})) == []
        await store.commit_push(push_of(account_id, drops=EVERYTHING, phone_event=event))
        assert await lease(store, kinds=frozenset({"phone_changed"})) == [event]

    async def test_a_cut_takes_the_identity_and_its_sessions_alone(self, store: Store) -> None:
        here = await log_in(store, "o-a", unionid="u-1")
        there = await log_in(store, "o-b", app_id="wx-b", unionid="u-1")
        assert await store.commit_push(push_of(here.account_id, cuts=True)) == DONE
        account = await get_account(store, here.account_id)
        assert [one.app_id for one in account.identities] == ["wx-b"]
        assert (await get_session(store, here.id)).ending == revoked("pushed")
        assert (await get_session(store, there.id)).ending is None

    async def test_where_nothing_else_opens_it_the_account_is_to_be_erased_now(
        self, store: Store
    ) -> None:
        session = await log_in(store, "o-a")
        wanted = push_of(session.account_id, cuts=True)
        assert await store.commit_push(wanted) == PushOutcome(PushResult.ERASING)
        account = await get_account(store, session.account_id)
        assert (account.status, account.erase_at) == (AccountStatus.ERASING, wanted.at)
        assert (await get_session(store, session.id)).ending == wanted.ending
        assert await store.erase_account(account.id, now=wanted.at)

    async def test_a_password_or_a_phone_that_opens_keeps_the_account(self, store: Store) -> None:
        by_name = await log_in(store, "o-a", registration=named("ann"))
        assert await store.commit_push(push_of(by_name.account_id, cuts=True)) == DONE
        by_phone = await log_in(store, "o-b", phone=new_phone())
        wanted = push_of(by_phone.account_id, "o-b", cuts=True, phone_opens=True)
        assert await store.commit_push(wanted) == DONE
        for session in (by_name, by_phone):
            account = await get_account(store, session.account_id)
            assert account.status is AccountStatus.ACTIVE
            assert account.identities == ()

    async def test_an_openid_that_is_somebody_elses_by_now_cuts_nothing(self, store: Store) -> None:
        mine, other = await log_in(store, "o-a"), await log_in(store, "o-b")
        assert await store.commit_push(push_of(mine.account_id, "o-b", cuts=True)) == DONE
        for session in (mine, other):
            assert (await get_session(store, session.id)).ending is None

    async def test_of_an_account_nobody_knows_there_is_a_line_and_no_more(
        self, store: Store
    ) -> None:
        wanted = push_of(None, drops=EVERYTHING, cuts=True)
        assert await store.commit_push(wanted) == DONE
        (line,) = await read_audit(store)
        assert line.account_id is None

    # When callers meet

    async def test_of_sixteen_deliveries_at_once_one_is_done(self, store: Store) -> None:
        account_id = await whole(store)
        wanted = push_of(account_id, drops=EVERYTHING)
        outcomes = await asyncio.gather(*(store.commit_push(wanted) for _ in range(16)))
        assert len([one for one in outcomes if one.result is PushResult.DONE]) == 1
        assert len(await read_audit(store)) == 1
