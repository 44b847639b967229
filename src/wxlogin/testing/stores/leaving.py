"""An erasure waits, can be taken back, and then takes everything; what is kept can be read."""

import asyncio
from datetime import datetime
from typing import Any

from wxlogin.login.accounts import AccountStatus, Agreement
from wxlogin.login.ports import (
    AccountChange,
    ErasureStart,
    LoginVerdict,
    PhoneChange,
    Store,
    Verdict,
)
from wxlogin.login.sessions import Device
from wxlogin.testing.stores.samples import (
    DAY,
    MICROSECOND,
    NOW,
    PHONE,
    get_account,
    get_session,
    list_live,
    log_in,
    login,
    new_account,
    new_application,
    new_code,
    new_event,
    new_id,
    new_told,
    read_audit,
    revoked,
    sent,
    spend_of,
)
from wxlogin.testing.stores.suite import Suite

DUE = NOW + 7 * DAY


def waiting(account_id: str, erase_at: datetime = DUE, **changes: Any) -> ErasureStart:
    fields: dict[str, Any] = {"was": AccountStatus.ACTIVE, "ending": revoked("account_erasing")}
    return ErasureStart(account_id, erase_at=erase_at, **fields | changes)


async def erased(store: Store, openid: str = "o-a", **changes: Any) -> str:
    """The id of an account that was there, and is erased as of DUE."""
    account_id = (await log_in(store, openid, **changes)).account_id
    assert await store.start_erasure(waiting(account_id)) is Verdict.DONE
    assert await store.erase_account(account_id, now=DUE)
    return account_id


class Leaving(Suite):
    async def test_an_account_that_waits_has_no_session_and_lets_nobody_in(
        self, store: Store
    ) -> None:
        session = await log_in(store, "o-a")
        told = new_told(session.account_id, kind="erasure_requested")
        start = waiting(session.account_id)
        assert await store.start_erasure(start, told=told) is Verdict.DONE
        account = await get_account(store, session.account_id)
        assert (account.status, account.erase_at) == (AccountStatus.ERASING, DUE)
        assert account.epoch == 1
        assert await list_live(store, account.id) == []
        assert (await get_session(store, session.id)).ending == start.ending
        outcome = await store.commit_login(login("o-a"))
        assert outcome.verdict is LoginVerdict.NOT_ACTIVE
        assert [line.kind for line in await read_audit(store)] == ["erasure_requested"]

    async def test_an_erasure_begins_only_from_the_status_that_was_seen(self, store: Store) -> None:
        account_id = (await log_in(store)).account_id
        banned = AccountChange(status=AccountStatus.DISABLED)
        await store.change_account(account_id, banned)
        assert await store.start_erasure(waiting(account_id)) is Verdict.GONE
        assert await store.start_erasure(waiting(new_id())) is Verdict.GONE
        assert (await get_account(store, account_id)).status is AccountStatus.DISABLED

    async def test_an_erasure_that_a_code_pays_for_needs_that_code(self, store: Store) -> None:
        account_id = (await log_in(store)).account_id
        unknown = waiting(account_id, spends=(spend_of(new_code()),))
        assert await store.start_erasure(unknown) is Verdict.CODE_SPENT
        assert (await get_account(store, account_id)).status is AccountStatus.ACTIVE
        spend = await sent(store)
        paid = waiting(account_id, spends=(spend,))
        assert await store.start_erasure(paid) is Verdict.DONE
        assert not await store.drop_verification_code(spend)

    async def test_the_earlier_of_two_dates_holds(self, store: Store) -> None:
        account_id = (await log_in(store)).account_id
        for erase_at, was in (
            (DUE, AccountStatus.ACTIVE),
            (DUE + DAY, AccountStatus.ERASING),
            (DUE - DAY, AccountStatus.ERASING),
        ):
            await store.start_erasure(waiting(account_id, erase_at, was=was))
        assert (await get_account(store, account_id)).erase_at == DUE - DAY

    async def test_it_is_taken_back_once_and_only_while_it_waits(self, store: Store) -> None:
        account_id = (await log_in(store)).account_id
        assert not await store.stop_erasure(account_id)
        await store.start_erasure(waiting(account_id))
        told = new_told(account_id, kind="erasure_taken_back")
        assert await store.stop_erasure(account_id, told=told)
        assert not await store.stop_erasure(account_id, told=told)
        assert not await store.stop_erasure(new_id())
        account = await get_account(store, account_id)
        assert (account.status, account.erase_at) == (AccountStatus.ACTIVE, None)
        assert len(await read_audit(store)) == 1
        assert not await store.erase_account(account_id, now=DUE)

    async def test_a_login_takes_it_back_before_its_time_and_not_after(self, store: Store) -> None:
        account_id = (await log_in(store, "o-a")).account_id
        await store.start_erasure(waiting(account_id))
        late = await store.commit_login(login("o-a", at=DUE, restores=True, registration=None))
        assert late.verdict is LoginVerdict.NOT_ACTIVE
        before = DUE - MICROSECOND
        back = await store.commit_login(login("o-a", at=before, restores=True, registration=None))
        assert back.verdict is LoginVerdict.DONE
        assert (await get_account(store, account_id)).erase_at is None

    async def test_a_status_is_not_written_over_an_erasure(self, store: Store) -> None:
        account_id = (await log_in(store)).account_id
        await store.start_erasure(waiting(account_id))
        for status in (AccountStatus.DISABLED, AccountStatus.ACTIVE):
            assert await store.change_account(account_id, AccountChange(status=status)) is None
        assert (await get_account(store, account_id)).erase_at == DUE

    async def test_what_is_due_is_listed_the_longest_overdue_first(self, store: Store) -> None:
        ids = [(await log_in(store)).account_id for _ in range(3)]
        for account_id, days in zip(ids, (2, 1, 9), strict=True):
            await store.start_erasure(waiting(account_id, NOW + days * DAY))
        due = await store.list_due_erasures(now=NOW + 2 * DAY, limit=10)
        assert [account.id for account in due] == [ids[1], ids[0]]
        page = await store.list_due_erasures(now=NOW + 9 * DAY, limit=2)
        assert len(page) == 2
        (last,) = await store.list_due_erasures(now=NOW + 9 * DAY, limit=2, after=page[-1])
        assert last.id == ids[2]
        assert await store.list_due_erasures(now=NOW, limit=10) == []

    async def test_an_account_is_not_erased_before_its_time_or_without_being_asked(
        self, store: Store
    ) -> None:
        account_id = (await log_in(store)).account_id
        assert not await store.erase_account(account_id, now=DUE)
        await store.start_erasure(waiting(account_id))
        assert not await store.erase_account(account_id, now=DUE - MICROSECOND)
        assert not await store.erase_account(new_id(), now=DUE)
        assert await store.find_account(account_id=account_id) is not None

    async def test_after_an_erasure_nothing_leads_to_the_person(self, store: Store) -> None:
        session = await log_in(
            store,
            "o-a",
            unionid="u-1",
            device=Device("d-1", "phone"),
            agreements=(Agreement("privacy", "1"),),
        )
        account_id = session.account_id
        await store.change_phone(PhoneChange(account_id, PHONE))
        await store.change_account(account_id, AccountChange(user_id="u-42", nickname="n"))
        await store.keep_avatar(
            "avatar", b"picture", media_type="image/jpeg", account_id=account_id, at=NOW
        )
        await store.add_event(new_event(account_id=account_id, data={"inviter": "x"}))
        await store.start_erasure(waiting(account_id))
        told = new_told(account_id, kind="account_erased")
        assert await store.erase_account(account_id, now=DUE, told=told)
        assert not await store.erase_account(account_id, now=DUE, told=told)
        for named in (
            {"account_id": account_id},
            {"user_id": "u-42"},
            {"openid": "o-a"},
            {"phone": PHONE.e164},
        ):
            assert await store.find_account(**named) is None
        assert await store.find_session(session.id) is None
        assert await store.find_avatar("avatar") is None
        assert await store.find_kept(account_id) is None
        assert not await store.is_known_device(account_id, "d-1")
        keys = await store.find_session_keys(app_id="wx-a", openid="o-a", previous_after=NOW)
        assert keys is None
        kinds = frozenset({"kicked", "account_erased"})
        events = await store.lease_events(kinds, now=DUE, until=DUE, limit=10)
        assert {event.kind: event.data for event in events} == {"kicked": {}, "account_erased": {}}
        again = await log_in(store, "o-a", unionid="u-1", at=DUE)
        assert again.account_id != account_id
        assert len([line for line in await read_audit(store) if line.account_id]) == 1

    async def test_others_keep_what_is_theirs(self, store: Store) -> None:
        other = await log_in(store, "o-b", unionid="u-2", agreements=(Agreement("privacy", "1"),))
        before = await store.find_kept(other.account_id)
        await erased(store, "o-a", unionid="u-1")
        assert await store.find_kept(other.account_id) == before
        assert (await get_session(store, other.id)).ending is None

    async def test_the_ledger_lists_who_was_erased_since_then(self, store: Store) -> None:
        first, second = await erased(store, "o-a"), await erased(store, "o-b")
        ledger = await store.list_erased(since=DUE)
        assert sorted(line.account_id for line in ledger) == sorted([first, second])
        assert {line.erased_at for line in ledger} == {DUE}
        assert await store.list_erased(since=DUE + MICROSECOND) == []

    async def test_everything_kept_of_a_person_is_found(self, store: Store) -> None:
        session = await log_in(
            store,
            "o-a",
            unionid="u-1",
            claims={"role": "staff"},
            device=Device("d-1", "Mate 60", "android"),
            agreements=(Agreement("privacy", "1"),),
        )
        account_id = session.account_id
        told = new_told(account_id)
        await store.end_session(
            session.id, account_id=account_id, ending=revoked("kicked"), told=told
        )
        event = new_event(account_id=account_id, data={"inviter": "x"})
        await store.add_event(event)
        kept = await store.find_kept(account_id)
        assert kept is not None
        assert kept.account == await get_account(store, account_id)
        assert kept.unionids == ("u-1",)
        assert [(one.id, one.version, one.agreed_at) for one in kept.agreements] == [
            ("privacy", "1", NOW)
        ]
        (own,) = kept.sessions
        assert (own.id, own.app_id, own.claims) == (session.id, "wx-a", {"role": "staff"})
        assert own.device == Device("d-1", "Mate 60", "android")
        assert (own.ended_at, own.end_reason) == (NOW, "kicked")
        (entry,) = kept.logins
        assert (entry.session_id, entry.device_name, entry.is_new_account) == (
            session.id,
            "Mate 60",
            True,
        )
        assert [line.kind for line in kept.history] == ["kicked"]
        assert kept.events == (event,)
        assert await store.find_kept(new_id()) is None

    async def test_an_application_is_kept_with_its_account_and_goes_with_it(
        self, store: Store
    ) -> None:
        commit = login(
            "o-a",
            session=None,
            registration=new_account(status=AccountStatus.PENDING),
            application=new_application(),
        )
        account = (await store.commit_login(commit)).account
        assert account is not None
        kept = await store.find_kept(account.id)
        assert kept is not None
        assert [one.contact_name for one in kept.applications] == ["王小明"]
        start = waiting(account.id, was=AccountStatus.PENDING)
        assert await store.start_erasure(start) is Verdict.DONE
        assert await store.erase_account(account.id, now=DUE)
        assert await store.find_kept(account.id) is None

    # When callers meet

    async def test_of_sixteen_erasers_one_erases_and_tells(self, store: Store) -> None:
        account_id = (await log_in(store)).account_id
        await store.start_erasure(waiting(account_id))
        done = await asyncio.gather(
            *(
                store.erase_account(account_id, now=DUE, told=new_told(account_id))
                for _ in range(16)
            )
        )
        assert sum(done) == 1
        assert len(await read_audit(store)) == 1

    async def test_taking_back_and_erasing_at_once_are_one_of_the_two(self, store: Store) -> None:
        for number in range(10):
            account_id = (await log_in(store, f"o-{number}")).account_id
            await store.start_erasure(waiting(account_id))
            acts = [
                store.erase_account(account_id, now=DUE),
                store.stop_erasure(account_id),
            ]
            first, second = await asyncio.gather(*(acts if number % 2 else reversed(acts)))
            assert first is not second
            is_there = await store.find_account(account_id=account_id) is not None
            assert is_there == (second if number % 2 else first)
