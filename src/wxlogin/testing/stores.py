"""The promises of `login/ports.py` as tests: a store is one if it passes them all.

    class TestMyStore(StoreConformance):
        def make_store(self, tmp_path):
            return MyStore(tmp_path / "my.db")

Each test is one promise. Those of the second class set callers against each other;
each of them is known to fail on a store that reads, decides, and then writes.
It needs pytest, anyio's plugin and Hypothesis, and no clock but the one it hands in.
"""

import asyncio
import itertools
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wxlogin.login import errors, tokens
from wxlogin.login.accounts import AccountStatus, Agreement, Phone, SessionKey
from wxlogin.login.policy import App, Door, Registration
from wxlogin.login.ports import (
    AccessToken,
    AccountChange,
    Event,
    LoginCommit,
    LoginVerdict,
    NewAccount,
    NewSession,
    Store,
    Ticket,
)
from wxlogin.login.secret import Secret
from wxlogin.login.sessions import Device, EndCode, Ending, Session

NOW = datetime(2026, 1, 15, 12, 30, 45, 123456, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
PHONE = Phone("86", "13800006666", NOW)

_numbers = itertools.count(1)
_many = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)


def new_id() -> str:
    """An id of the form that ids have, told apart by its number."""
    return tokens.new_id(NOW, next(_numbers).to_bytes(10, "big"))


def new_openid() -> str:
    return f"oConformance{next(_numbers):08}"


def new_hash() -> bytes:
    return next(_numbers).to_bytes(32, "big")


def new_session(at: datetime = NOW, **changes: Any) -> NewSession:
    fields: dict[str, Any] = {
        "id": new_id(),
        "secret_hash": new_hash(),
        "claims": {},
        "device": Device(),
        "created_at": at,
        "expires_at": at + 30 * DAY,
        "idle_ttl": 7 * DAY,
    }
    return NewSession(**fields | changes)


def new_key(sequence: int = 1, at: datetime = NOW) -> SessionKey:
    return SessionKey(Secret(f"session-key-{sequence}"), sequence, at)


def login(openid: str | None = None, **changes: Any) -> LoginCommit:
    """A login that registers where nobody is known; `device` and `claims` are the session's."""
    at = changes.get("at", NOW)
    of_session = {name: changes.pop(name) for name in ("device", "claims") if name in changes}
    fields: dict[str, Any] = {
        "at": at,
        "door": Door.WECHAT,
        "pool": "default",
        "app_id": "wx-a",
        "openid": openid or new_openid(),
        "unionid": None,
        "session_key": new_key(at=at),
        "session": new_session(at, **of_session),
        "max_sessions": 10,
        "idle_before": at - 7 * DAY,
        "registration": NewAccount(id=new_id()),
    }
    return LoginCommit(**fields | changes)


def new_event(at: datetime = NOW, **changes: Any) -> Event:
    fields: dict[str, Any] = {
        "id": new_id(),
        "kind": "kicked",
        "at": at,
        "account_id": new_id(),
        "user_id": "42",
        "app_id": "wx-a",
        "session_id": None,
    }
    return Event(**fields | changes)


def new_ticket(**changes: Any) -> Ticket:
    fields: dict[str, Any] = {
        "hash": new_hash(),
        "app_id": "wx-a",
        "openid": new_openid(),
        "unionid": None,
        "session_key": new_key(),
        "expires_at": NOW + 10 * MINUTE,
    }
    return Ticket(**fields | changes)


def revoked(reason: str = "kicked", at: datetime = NOW) -> Ending:
    return Ending(at, EndCode.REVOKED, reason)


async def log_in(store: Store, openid: str | None = None, **changes: Any) -> Session:
    """The session of a login that must succeed."""
    outcome = await store.commit_login(login(openid, **changes))
    assert outcome.verdict is LoginVerdict.DONE
    assert outcome.session is not None
    return outcome.session


async def get_session(store: Store, session_id: str) -> Session:
    session = await store.find_session(session_id)
    assert session is not None
    return session


async def list_live(store: Store, account_id: str, at: datetime = NOW) -> Sequence[Session]:
    return await store.list_sessions(account_id, now=at, idle_before=at - 7 * DAY)


@pytest.mark.anyio
class StoreConformance(ABC):
    """What every caller relies on, and what holds when callers meet."""

    @abstractmethod
    def make_store(self, tmp_path: Path) -> Store:
        """A new, empty store, not opened yet."""

    @pytest.fixture
    def anyio_backend(self) -> str:
        return "asyncio"

    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[Store]:
        store = self.make_store(tmp_path)
        await store.open()
        yield store
        await store.close()

    # Codes

    async def test_the_first_claim_of_a_code_gets_a_number_and_every_other_none(
        self, store: Store
    ) -> None:
        code = new_hash()
        assert await store.claim_code(code, now=NOW, until=NOW + MINUTE) is not None
        assert await store.claim_code(code, now=NOW, until=NOW + MINUTE) is None

    async def test_numbers_of_claims_are_positive_and_rise(self, store: Store) -> None:
        numbers = [
            await store.claim_code(new_hash(), now=NOW, until=NOW + MINUTE) or 0 for _ in range(5)
        ]
        assert numbers[0] > 0
        assert numbers == sorted(set(numbers))

    async def test_a_claim_outlives_housekeeping_until_its_time(self, store: Store) -> None:
        code = new_hash()
        await store.claim_code(code, now=NOW, until=NOW + MINUTE)
        await store.prune(now=NOW + MINUTE, limit=100)
        assert await store.claim_code(code, now=NOW + MINUTE, until=NOW + 2 * MINUTE) is None

    async def test_a_released_code_can_be_claimed_under_a_higher_number(self, store: Store) -> None:
        code = new_hash()
        first = await store.claim_code(code, now=NOW, until=NOW + MINUTE)
        await store.release_code(code)
        second = await store.claim_code(code, now=NOW, until=NOW + MINUTE)
        assert first is not None
        assert second is not None
        assert second > first

    async def test_numbers_rise_over_pruned_claims(self, store: Store) -> None:
        first = await store.claim_code(new_hash(), now=NOW, until=NOW)
        assert await store.prune(now=NOW + MINUTE, limit=100) == 1
        second = await store.claim_code(new_hash(), now=NOW, until=NOW)
        assert (second or 0) > (first or 0)

    async def test_a_hundred_claims_of_one_code_at_once_give_one_number(self, store: Store) -> None:
        code = new_hash()
        numbers = await asyncio.gather(
            *(store.claim_code(code, now=NOW, until=NOW + MINUTE) for _ in range(100))
        )
        assert len([number for number in numbers if number is not None]) == 1

    async def test_claims_at_once_of_different_codes_give_different_numbers(
        self, store: Store
    ) -> None:
        numbers = await asyncio.gather(
            *(store.claim_code(new_hash(), now=NOW, until=NOW + MINUTE) for _ in range(100))
        )
        assert len(set(numbers)) == 100

    # A login finds, or makes, its account

    async def test_a_first_login_makes_an_account_and_all_that_belongs_to_it(
        self, store: Store
    ) -> None:
        device = Device("d1", "小明的手机", "ios")
        commit = login(
            unionid="u-1",
            user_id="user-1",
            device=device,
            claims={"role": "staff", "名": ["值", 1, None]},
            registration=NewAccount(id=new_id(), nickname="小明", phone=PHONE),
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
        assert [each.openid for each in account.identities] == [commit.openid]
        assert [each.unionid for each in account.identities] == ["u-1"]
        assert session == await store.find_session(commit.session.id)
        assert (session.secret_hash, session.device) == (commit.session.secret_hash, device)
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
        assert await store.find_account(openid=commit.openid) is None

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
        assert await store.find_session(commit.session.id) is None
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

    # Tickets

    async def test_a_ticket_is_found_until_its_time(self, store: Store) -> None:
        ticket = new_ticket(unionid="u-1")
        await store.keep_ticket(ticket)
        assert await store.find_ticket(ticket.hash, now=ticket.expires_at - SECOND) == ticket
        assert await store.find_ticket(ticket.hash, now=ticket.expires_at) is None
        assert await store.find_ticket(new_hash(), now=NOW) is None

    async def test_a_login_spends_its_ticket(self, store: Store) -> None:
        ticket = new_ticket()
        await store.keep_ticket(ticket)
        first = await store.commit_login(login(ticket.openid, ticket_hash=ticket.hash))
        assert first.verdict is LoginVerdict.DONE
        assert await store.find_ticket(ticket.hash, now=NOW) is None
        second = await store.commit_login(login(ticket.openid, ticket_hash=ticket.hash))
        assert (second.verdict, second.session) == (LoginVerdict.TICKET_SPENT, None)

    async def test_a_ticket_past_its_time_or_unknown_is_as_good_as_spent(
        self, store: Store
    ) -> None:
        ticket = new_ticket()
        await store.keep_ticket(ticket)
        late = login(ticket.openid, ticket_hash=ticket.hash, at=ticket.expires_at)
        assert (await store.commit_login(late)).verdict is LoginVerdict.TICKET_SPENT
        unknown = login(ticket_hash=new_hash())
        assert (await store.commit_login(unknown)).verdict is LoginVerdict.TICKET_SPENT

    async def test_a_refused_login_leaves_its_ticket_unspent(self, store: Store) -> None:
        ticket = new_ticket()
        await store.keep_ticket(ticket)
        refused = login(ticket.openid, ticket_hash=ticket.hash, registration=None)
        assert (await store.commit_login(refused)).verdict is LoginVerdict.UNKNOWN
        assert await store.find_ticket(ticket.hash, now=NOW) == ticket

    async def test_a_ticket_spent_by_sixteen_at_once_makes_one_session(self, store: Store) -> None:
        ticket = new_ticket()
        await store.keep_ticket(ticket)
        outcomes = await asyncio.gather(
            *(store.commit_login(login(ticket.openid, ticket_hash=ticket.hash)) for _ in range(16))
        )
        done = [each for each in outcomes if each.verdict is LoginVerdict.DONE]
        assert len(done) == 1

    # What is kept near

    async def test_every_change_of_a_session_changes_the_version(self, store: Store) -> None:
        """Else somebody who was let in a moment ago stays in."""
        session = await log_in(store, "o-1", device=Device(id="d-1"))
        ending = revoked("why")
        account_id = session.account_id
        changes: list[Callable[[], Awaitable[object]]] = [
            lambda: store.set_claims(account_id, {"role": "staff"}),
            lambda: store.change_account(account_id, AccountChange(user_id="42")),
            lambda: store.change_account(
                account_id, AccountChange(status=AccountStatus.DISABLED, disabled_until=NOW)
            ),
            lambda: store.change_account(account_id, AccountChange(status=AccountStatus.ACTIVE)),
            lambda: store.commit_login(login("o-1", device=Device(id="d-1"))),
            lambda: store.end_sessions(account_id, ending=ending, keep=session.id),
            lambda: store.end_sessions(account_id, ending=ending),
        ]
        for change in changes:
            await log_in(store, "o-1")  # somebody to be touched
            before = store.session_version()
            await change()
            assert before is None or store.session_version() != before

    async def test_what_touches_no_session_leaves_the_version(self, store: Store) -> None:
        """Else a crowd that logs in would have everybody else looked up again."""
        session = await log_in(store, "o-1")
        before = store.session_version()
        await log_in(store, "o-2")
        await store.seen({session.id: NOW + MINUTE})
        await store.change_account(session.account_id, AccountChange(nickname="n"))
        assert await store.claim_code(b"c" * 32, now=NOW, until=NOW + MINUTE)
        assert store.session_version() == before

    # Session keys

    async def test_a_newer_key_displaces_the_older_one(self, store: Store) -> None:
        await log_in(store, "o-1", session_key=new_key(5))
        at = NOW + MINUTE
        await log_in(store, "o-1", session_key=new_key(7, at), at=at)
        keys = await store.find_session_keys(app_id="wx-a", openid="o-1", previous_after=NOW)
        assert keys is not None
        assert (keys.current, keys.previous) == (new_key(7, at), new_key(5))
        later = await store.find_session_keys(app_id="wx-a", openid="o-1", previous_after=at)
        assert later is not None
        assert (later.current, later.previous) == (new_key(7, at), None)

    async def test_the_same_key_again_displaces_nothing(self, store: Store) -> None:
        await log_in(store, "o-1", session_key=new_key(5))
        await log_in(store, "o-1", session_key=new_key(7))
        for sequence in (8, 9):
            again = SessionKey(new_key(7).value, sequence, NOW)
            await log_in(store, "o-1", session_key=again)
        keys = await store.find_session_keys(app_id="wx-a", openid="o-1", previous_after=NOW - DAY)
        assert keys is not None
        assert (keys.current, keys.previous) == (again, new_key(5))
        assert not await store.replace_session_key(
            app_id="wx-a", openid="o-1", key=SessionKey(new_key(7).value, 9, NOW)
        )

    async def test_a_late_answer_does_not_overwrite_a_newer_key(self, store: Store) -> None:
        await log_in(store, "o-1", session_key=new_key(7))
        late = await store.commit_login(login("o-1", session_key=new_key(5)))
        assert late.verdict is LoginVerdict.DONE
        keys = await store.find_session_keys(app_id="wx-a", openid="o-1", previous_after=NOW - DAY)
        assert keys is not None
        assert (keys.current, keys.previous) == (new_key(7), None)

    async def test_a_key_is_replaced_by_one_of_a_larger_number_alone(self, store: Store) -> None:
        await log_in(store, "o-1", session_key=new_key(5))
        key = new_key(6, NOW + MINUTE)
        assert await store.replace_session_key(app_id="wx-a", openid="o-1", key=key)
        assert not await store.replace_session_key(app_id="wx-a", openid="o-1", key=key)
        assert not await store.replace_session_key(app_id="wx-a", openid="o-1", key=new_key(5))
        assert not await store.replace_session_key(app_id="wx-a", openid="o-none", key=new_key(9))
        keys = await store.find_session_keys(app_id="wx-a", openid="o-1", previous_after=NOW)
        assert keys is not None
        assert (keys.current, keys.previous) == (key, new_key(5))
        assert (
            await store.find_session_keys(app_id="wx-a", openid="o-none", previous_after=NOW)
            is None
        )

    @_many
    @given(order=st.permutations(range(1, 7)))
    async def test_in_whatever_order_keys_arrive_the_newest_is_in_force(
        self, store: Store, order: list[int]
    ) -> None:
        openid = new_openid()
        for sequence in order:
            await store.commit_login(login(openid, session_key=new_key(sequence)))
        keys = await store.find_session_keys(app_id="wx-a", openid=openid, previous_after=NOW - DAY)
        assert keys is not None
        assert keys.current == new_key(6)
        earlier = order[: order.index(6)]
        assert keys.previous == (new_key(max(earlier)) if earlier else None)

    async def test_keys_that_arrive_at_once_leave_the_newest_in_force(self, store: Store) -> None:
        await log_in(store, "o-1", session_key=new_key(1))
        await asyncio.gather(
            *(
                store.replace_session_key(app_id="wx-a", openid="o-1", key=new_key(sequence))
                for sequence in (9, 3, 12, 7, 2, 12, 5, 11)
            )
        )
        keys = await store.find_session_keys(app_id="wx-a", openid="o-1", previous_after=NOW)
        assert keys is not None
        assert keys.current.sequence == 12

    # Sessions

    async def test_no_session_is_found_under_an_unknown_or_malformed_id(self, store: Store) -> None:
        for session_id in (new_id(), "", "x" * 500, "a\0b", "'; drop table", "\ud800"):
            assert await store.find_session(session_id) is None

    async def test_a_session_shows_its_account_as_it_is_now(self, store: Store) -> None:
        session = await log_in(store)
        await store.change_account(
            session.account_id,
            AccountChange(
                user_id="user-1", status=AccountStatus.DISABLED, disabled_until=NOW + DAY
            ),
        )
        found = await get_session(store, session.id)
        assert (found.user_id, found.account_status) == ("user-1", AccountStatus.DISABLED)
        assert found.account_disabled_until == NOW + DAY

    async def test_a_new_login_of_a_device_ends_its_session_as_replaced(self, store: Store) -> None:
        phone = Device("d1", "old name", "ios")
        first = await log_in(store, "o-1", device=phone)
        other = await log_in(store, "o-1", device=Device("d2"))
        nameless = await log_in(store, "o-1")
        renamed = Device("d1", "new name", "ios")
        await log_in(store, "o-1", device=renamed, at=NOW + MINUTE)
        ended = await get_session(store, first.id)
        assert ended.ending == Ending(NOW + MINUTE, EndCode.REPLACED, None, renamed)
        assert (await get_session(store, other.id)).ending is None
        assert (await get_session(store, nameless.id)).ending is None

    async def test_a_device_in_another_app_or_account_is_another_device(self, store: Store) -> None:
        device = Device("d1")
        first = await log_in(store, app_id="wx-a", unionid="u-1", device=device)
        await log_in(store, app_id="wx-b", unionid="u-1", device=device)
        await log_in(store, app_id="wx-a", device=device)
        assert (await get_session(store, first.id)).ending is None

    async def test_beyond_the_limit_the_sessions_longest_unseen_end(self, store: Store) -> None:
        made = [await log_in(store, "o-1", at=NOW + n * SECOND) for n in range(3)]
        await store.seen({made[0].id: NOW + MINUTE})
        device = Device("d9", "new", "android")
        await log_in(store, "o-1", at=NOW + 2 * MINUTE, max_sessions=2, device=device)
        endings = [(await get_session(store, each.id)).ending for each in made]
        replaced = Ending(NOW + 2 * MINUTE, EndCode.REPLACED, None, device)
        assert endings == [None, replaced, replaced]

    async def test_sessions_that_are_over_do_not_count_towards_the_limit(
        self, store: Store
    ) -> None:
        idle = await log_in(store, "o-1", at=NOW - 8 * DAY)
        ended = await log_in(store, "o-1")
        await store.end_session(ended.id, account_id=ended.account_id, ending=revoked())
        live = await log_in(store, "o-1")
        await log_in(store, "o-1", max_sessions=2)
        assert (await get_session(store, live.id)).ending is None
        assert (await get_session(store, idle.id)).ending is None
        assert (await get_session(store, ended.id)).ending == revoked()

    async def test_live_sessions_are_listed_latest_seen_first(self, store: Store) -> None:
        idle = await log_in(store, "o-1", at=NOW - 8 * DAY)
        made = [await log_in(store, "o-1", at=NOW + n * SECOND) for n in range(3)]
        await store.seen({made[0].id: NOW + MINUTE})
        await store.end_session(made[1].id, account_id=made[1].account_id, ending=revoked())
        await log_in(store, "o-other")
        live = await list_live(store, idle.account_id, NOW + MINUTE)
        assert [each.id for each in live] == [made[0].id, made[2].id]
        assert live[0] == await store.find_session(made[0].id)
        assert await list_live(store, idle.account_id, NOW + 30 * DAY + 2 * SECOND) == []
        assert await list_live(store, new_id()) == []

    async def test_a_session_ends_once_and_keeps_its_reason(self, store: Store) -> None:
        session = await log_in(store)
        account_id = session.account_id
        assert await store.end_session(session.id, account_id=account_id, ending=revoked("first"))
        assert not await store.end_session(
            session.id, account_id=account_id, ending=revoked("second")
        )
        assert await store.end_sessions(account_id, ending=revoked("third")) == 0
        assert (await get_session(store, session.id)).ending == revoked("first")

    async def test_nobody_ends_another_accounts_session(self, store: Store) -> None:
        session, other = await log_in(store), await log_in(store)
        assert not await store.end_session(
            session.id, account_id=other.account_id, ending=revoked()
        )
        assert not await store.end_session(new_id(), account_id=other.account_id, ending=revoked())
        assert (await get_session(store, session.id)).ending is None

    async def test_ending_all_sessions_raises_the_epoch(self, store: Store) -> None:
        made = [await log_in(store, "o-1") for _ in range(3)]
        other = await log_in(store, "o-other")
        assert await store.end_sessions(made[0].account_id, ending=revoked("stolen phone")) == 3
        for session in made:
            found = await get_session(store, session.id)
            assert found.ending == revoked("stolen phone")
            assert found.account_epoch == session.epoch + 1
            assert found.account_epoch_reason == "stolen phone"
        assert (await get_session(store, other.id)) == other
        fresh = await log_in(store, "o-1")
        assert fresh.epoch == fresh.account_epoch == made[0].epoch + 1
        assert [each.id for each in await list_live(store, fresh.account_id)] == [fresh.id]

    async def test_ending_all_sessions_but_one_leaves_the_epoch(self, store: Store) -> None:
        made = [await log_in(store, "o-1") for _ in range(3)]
        account_id = made[0].account_id
        assert await store.end_sessions(account_id, ending=revoked(), keep=made[1].id) == 2
        assert await list_live(store, account_id) == [made[1]]

    async def test_last_seen_moves_forward_and_never_back(self, store: Store) -> None:
        session = await log_in(store)
        await store.seen({session.id: NOW + MINUTE, new_id(): NOW})
        await store.seen({session.id: NOW + SECOND})
        await store.seen({})
        assert (await get_session(store, session.id)).last_seen_at == NOW + MINUTE

    @_many
    @given(offsets=st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=6))
    async def test_in_whatever_order_uses_are_told_the_latest_counts(
        self, store: Store, offsets: list[int]
    ) -> None:
        session = await log_in(store)
        times = [NOW + timedelta(microseconds=offset) for offset in offsets]
        for at in times:
            await store.seen({session.id: at})
        assert (await get_session(store, session.id)).last_seen_at == max([NOW, *times])

    async def test_claims_are_given_to_the_sessions_that_have_not_ended(self, store: Store) -> None:
        kept, ended = await log_in(store, "o-1"), await log_in(store, "o-1", claims={"a": 1})
        await store.end_session(ended.id, account_id=ended.account_id, ending=revoked())
        assert await store.set_claims(kept.account_id, {"role": "staff"}) == 1
        assert (await get_session(store, kept.id)).claims == {"role": "staff"}
        assert (await get_session(store, ended.id)).claims == {"a": 1}
        assert await store.set_claims(kept.account_id, {}) == 1
        assert (await get_session(store, kept.id)).claims == {}

    async def test_of_many_ends_at_once_one_counts(self, store: Store) -> None:
        session = await log_in(store)
        ended = await asyncio.gather(
            *(
                store.end_session(
                    session.id, account_id=session.account_id, ending=revoked(f"reason {n}")
                )
                for n in range(16)
            )
        )
        assert ended.count(True) == 1
        ending = (await get_session(store, session.id)).ending
        assert ending == revoked(f"reason {ended.index(True)}")

    async def test_logins_at_once_leave_exactly_as_many_sessions_as_the_limit(
        self, store: Store
    ) -> None:
        first = await log_in(store, "o-1")
        outcomes = await asyncio.gather(
            *(
                store.commit_login(login("o-1", max_sessions=5, at=NOW + n * SECOND))
                for n in range(50)
            )
        )
        assert all(each.verdict is LoginVerdict.DONE for each in outcomes)
        assert len(await list_live(store, first.account_id, NOW + MINUTE)) == 5

    async def test_logins_at_once_of_one_device_leave_one_session(self, store: Store) -> None:
        first = await log_in(store, "o-1")
        await asyncio.gather(
            *(store.commit_login(login("o-1", device=Device("d1"))) for _ in range(16))
        )
        live = await list_live(store, first.account_id)
        assert len([each for each in live if each.device.id == "d1"]) == 1

    async def test_no_login_in_flight_outlives_a_disabling(self, store: Store) -> None:
        """However the two cross: the login is refused, or its session is dead."""
        for _ in range(5):
            openid = new_openid()
            session = await log_in(store, openid)

            async def disable(account_id: str = session.account_id) -> None:
                await store.change_account(account_id, AccountChange(status=AccountStatus.DISABLED))
                await store.end_sessions(account_id, ending=revoked("account_disabled"))

            crossing = [store.commit_login(login(openid)) for _ in range(4)]
            await asyncio.gather(*crossing[:2], disable(), *crossing[2:])
            assert await list_live(store, session.account_id) == []

    async def test_claims_set_at_once_reach_every_session_alike(self, store: Store) -> None:
        session = await log_in(store, "o-1")
        await log_in(store, "o-1")
        await asyncio.gather(*(store.set_claims(session.account_id, {"n": n}) for n in range(8)))
        live = await list_live(store, session.account_id)
        assert len({str(each.claims) for each in live}) == 1

    # Accounts

    async def test_an_account_is_found_by_each_of_its_names(self, store: Store) -> None:
        session = await log_in(
            store,
            "o-1",
            unionid="u-1",
            user_id="user-1",
            registration=NewAccount(id=new_id(), phone=PHONE),
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
            assert await store.change_account(session.account_id, AccountChange(phone=PHONE))
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
                phone=PHONE,
                claims={"level": 3},
            ),
        )
        assert changed is not None
        assert (changed.nickname, changed.avatar_url) == ("小明", "https://example.com/a.png")
        assert (changed.user_id, changed.phone, changed.claims) == ("user-1", PHONE, {"level": 3})
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

    @pytest.mark.parametrize(
        "change", [AccountChange(user_id="user-1"), AccountChange(phone=PHONE)]
    )
    async def test_what_is_another_accounts_changes_nothing_at_all(
        self, store: Store, change: AccountChange
    ) -> None:
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
                        registration=NewAccount(id=new_id()),
                    )
                )
                for commit in commits * 8
            )
        )
        found = [await store.find_account(openid=commit.openid) for commit in commits]
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

    # Agreements and events of a login

    async def test_a_login_announces_itself_to_the_host(self, store: Store) -> None:
        commit = login(
            user_id="user-1",
            announce=("registered", "login"),
            event_ids=("event-1", "event-2"),
            context={"inviter": 7},
            agreements=(Agreement("privacy", "3"),),
        )
        outcome = await store.commit_login(commit)
        assert outcome.account is not None
        events = await store.lease_events(now=NOW, until=NOW + MINUTE, limit=10)
        assert [(each.id, each.kind) for each in events] == [
            ("event-1", "registered"),
            ("event-2", "login"),
        ]
        assert events[0] == Event(
            id="event-1",
            kind="registered",
            at=NOW,
            account_id=outcome.account.id,
            user_id="user-1",
            app_id="wx-a",
            session_id=commit.session.id,
            data={"inviter": 7},
        )

    async def test_who_was_known_before_is_not_announced_as_registered(self, store: Store) -> None:
        await log_in(store, "o-1")
        agreed = (Agreement("privacy", "3"),)
        for n in range(2):
            await log_in(
                store,
                "o-1",
                announce=("registered", "login"),
                event_ids=(f"{n}-1", f"{n}-2"),
                agreements=agreed,
            )
        events = await store.lease_events(now=NOW, until=NOW + MINUTE, limit=10)
        assert [(each.id, each.kind) for each in events] == [("0-2", "login"), ("1-2", "login")]

    # The outbox

    async def test_events_are_leased_oldest_first_to_one_at_a_time(self, store: Store) -> None:
        events = [new_event(NOW + n * SECOND, data={"n": n}) for n in (2, 0, 1)]
        for event in events:
            await store.add_event(event)
        first = await store.lease_events(now=NOW, until=NOW + MINUTE, limit=2)
        second = await store.lease_events(now=NOW, until=NOW + MINUTE, limit=2)
        assert (list(first), list(second)) == ([events[1], events[2]], [events[0]])
        assert await store.lease_events(now=NOW, until=NOW + MINUTE, limit=2) == []

    async def test_an_event_that_nobody_dropped_is_told_again(self, store: Store) -> None:
        events = [new_event(), new_event()]
        for event in events:
            await store.add_event(event)
            await store.add_event(event)
        await store.lease_events(now=NOW, until=NOW + MINUTE, limit=9)
        await store.drop_event(events[0].id)
        await store.drop_event("unknown")
        assert list(
            await store.lease_events(now=NOW + MINUTE, until=NOW + 2 * MINUTE, limit=9)
        ) == [events[1]]

    async def test_no_event_is_leased_to_two_at_once(self, store: Store) -> None:
        events = [new_event() for _ in range(20)]
        for event in events:
            await store.add_event(event)
        leased = await asyncio.gather(
            *(store.lease_events(now=NOW, until=NOW + MINUTE, limit=4) for _ in range(8))
        )
        ids = [event.id for batch in leased for event in batch]
        assert sorted(ids) == sorted(event.id for event in events)

    # Apps

    async def test_an_app_is_kept_whole_and_replaced_whole(self, store: Store) -> None:
        app = App(
            "wx-b",
            Secret("app-secret"),
            kind="mini_game",
            registration=Registration.REQUIRED,
            phone_conflict="merge",
            pool="games",
            push_token=Secret("push-token"),
            encoding_aes_key=Secret("aes-key"),
            cors_origins=("https://a.example", "https://b.example"),
            is_disabled=True,
        )
        plain = App("wx-a", Secret("other"))
        await store.keep_app(app)
        await store.keep_app(plain)
        assert await store.find_app("wx-b") == app
        assert await store.find_app("wx-c") is None
        assert list(await store.list_apps()) == [plain, app]
        await store.keep_app(replace(app, push_token=None, is_disabled=False))
        assert await store.find_app("wx-b") == replace(app, push_token=None, is_disabled=False)
        assert len(await store.list_apps()) == 2

    # Limits

    async def test_a_limit_grants_its_number_at_once_and_then_one_a_step(
        self, store: Store
    ) -> None:
        async def take(at: datetime) -> timedelta:
            return await store.take("login:o-1", limit=3, window=MINUTE, now=at)

        assert [await take(NOW) for _ in range(3)] == [timedelta(0)] * 3
        assert await take(NOW) == timedelta(seconds=20)
        assert await take(NOW + timedelta(seconds=5)) == timedelta(seconds=15)
        assert await take(NOW + timedelta(seconds=20)) == timedelta(0)
        assert await take(NOW + timedelta(seconds=20)) == timedelta(seconds=20)
        assert [await take(NOW + 10 * MINUTE) for _ in range(3)] == [timedelta(0)] * 3

    async def test_limits_of_different_keys_do_not_meet(self, store: Store) -> None:
        for key in ("a", "b", "a:b", "a\0", "\n", "x" * 10_000, "中文", "\ud800"):
            assert await store.take(key, limit=1, window=MINUTE, now=NOW) == timedelta(0)
            assert await store.take(key, limit=1, window=MINUTE, now=NOW) == MINUTE

    @_many
    @given(
        limit=st.integers(1, 7),
        window=st.integers(1, 10**8),
        gaps=st.lists(st.integers(0, 10**8), min_size=1, max_size=30),
    )
    async def test_no_window_ever_holds_more_than_the_limit_and_its_refill(
        self, store: Store, limit: int, window: int, gaps: list[int]
    ) -> None:
        key, at, granted = f"key-{next(_numbers)}", NOW, []
        span = timedelta(microseconds=window)
        for gap in gaps:
            at += timedelta(microseconds=gap)
            wait = await store.take(key, limit=limit, window=span, now=at)
            if not wait:
                granted.append(at)
        for first, last in zip(granted, granted[limit:], strict=False):
            assert last - first >= span / limit

    async def test_the_wait_that_is_told_is_the_wait_that_is_needed(self, store: Store) -> None:
        window = timedelta(microseconds=1_000_003)
        for _ in range(7):
            await store.take("key", limit=7, window=window, now=NOW)
        wait = await store.take("key", limit=7, window=window, now=NOW)
        early = NOW + wait - timedelta(microseconds=1)
        assert await store.take("key", limit=7, window=window, now=early) == timedelta(
            microseconds=1
        )
        assert await store.take("key", limit=7, window=window, now=NOW + wait) == timedelta(0)

    async def test_takes_at_once_never_overrun_the_limit(self, store: Store) -> None:
        waits = await asyncio.gather(
            *(store.take("key", limit=5, window=MINUTE, now=NOW) for _ in range(64))
        )
        assert waits.count(timedelta(0)) == 5

    # Access tokens

    async def test_one_holder_at_a_time_may_fetch_an_access_token(self, store: Store) -> None:
        until = NOW + 10 * SECOND
        first = await store.lease_access_token("wx-a", now=NOW, until=until)
        assert first is not None
        assert await store.lease_access_token("wx-a", now=NOW, until=until) is None
        assert await store.lease_access_token("wx-b", now=NOW, until=until) is not None
        second = await store.lease_access_token("wx-a", now=until, until=until + MINUTE)
        assert second is not None
        assert second > first

    async def test_a_kept_access_token_ends_the_lease(self, store: Store) -> None:
        assert await store.find_access_token("wx-a") is None
        fence = await store.lease_access_token("wx-a", now=NOW, until=NOW + MINUTE)
        assert fence is not None
        token = AccessToken(Secret("token-1"), NOW + DAY, fence)
        assert await store.keep_access_token("wx-a", token)
        assert await store.find_access_token("wx-a") == token
        next_fence = await store.lease_access_token("wx-a", now=NOW, until=NOW + MINUTE)
        assert (next_fence or 0) > fence

    async def test_a_paused_holder_does_not_overwrite_the_newer_token(self, store: Store) -> None:
        paused = await store.lease_access_token("wx-a", now=NOW, until=NOW + SECOND)
        newer = await store.lease_access_token("wx-a", now=NOW + SECOND, until=NOW + MINUTE)
        assert paused is not None
        assert newer is not None
        token = AccessToken(Secret("token-2"), NOW + DAY, newer)
        assert await store.keep_access_token("wx-a", token)
        late = AccessToken(Secret("token-1"), NOW + DAY, paused)
        assert not await store.keep_access_token("wx-a", late)
        assert await store.find_access_token("wx-a") == token

    async def test_a_paused_holder_does_not_end_the_newer_lease(self, store: Store) -> None:
        paused = await store.lease_access_token("wx-a", now=NOW, until=NOW + SECOND)
        await store.lease_access_token("wx-a", now=NOW + SECOND, until=NOW + MINUTE)
        late = AccessToken(Secret("token-1"), NOW + DAY, paused or 0)
        assert await store.keep_access_token("wx-a", late)
        again = await store.lease_access_token("wx-a", now=NOW + SECOND, until=NOW + MINUTE)
        assert again is None

    async def test_an_access_token_is_dropped_only_if_it_is_still_the_same(
        self, store: Store
    ) -> None:
        token = AccessToken(Secret("token-1"), NOW + DAY, 1)
        assert not await store.drop_access_token("wx-a", Secret("token-1"))
        assert await store.keep_access_token("wx-a", token)
        assert not await store.drop_access_token("wx-a", Secret("token-0"))
        assert await store.find_access_token("wx-a") == token
        assert await store.drop_access_token("wx-a", Secret("token-1"))
        assert not await store.drop_access_token("wx-a", Secret("token-1"))
        assert await store.find_access_token("wx-a") is None
        assert not await store.keep_access_token("wx-a", token)

    async def test_of_many_who_want_to_fetch_at_once_one_may(self, store: Store) -> None:
        fences = await asyncio.gather(
            *(store.lease_access_token("wx-a", now=NOW, until=NOW + MINUTE) for _ in range(16))
        )
        assert len([fence for fence in fences if fence is not None]) == 1

    @_many
    @given(order=st.permutations(range(1, 6)))
    async def test_in_whatever_order_tokens_arrive_the_highest_fence_stays(
        self, store: Store, order: list[int]
    ) -> None:
        app_id = f"wx-{next(_numbers)}"
        for fence in order:
            await store.keep_access_token(
                app_id, AccessToken(Secret(f"token-{fence}"), NOW + DAY, fence)
            )
        found = await store.find_access_token(app_id)
        assert found is not None
        assert found.fence == 5

    # The whole

    async def test_a_secret_key_is_the_same_for_all_who_ask(self, store: Store) -> None:
        assert await store.secret_key("a", b"first") == b"first"
        assert await store.secret_key("a", b"second") == b"first"
        assert await store.secret_key("b", b"second") == b"second"

    async def test_a_secret_key_asked_for_by_many_at_once_is_one(self, store: Store) -> None:
        answers = await asyncio.gather(
            *(store.secret_key("a", n.to_bytes(32, "big")) for n in range(16))
        )
        assert len(set(answers)) == 1

    async def test_housekeeping_deletes_what_no_rule_needs_and_no_more(self, store: Store) -> None:
        live = await log_in(store, "o-1")
        await log_in(store, "o-1", at=NOW - 61 * DAY)
        expired = await log_in(store, "o-1", at=NOW - 31 * DAY)
        ended = await log_in(store, "o-1")
        await store.end_session(ended.id, account_id=ended.account_id, ending=revoked())
        ticket, old = new_ticket(), new_ticket(expires_at=NOW - SECOND)
        await store.keep_ticket(ticket)
        await store.keep_ticket(old)
        await store.claim_code(new_hash(), now=NOW, until=NOW - SECOND)
        await store.take("old", limit=1, window=SECOND, now=NOW - MINUTE)
        await store.take("new", limit=1, window=MINUTE, now=NOW)
        assert await store.prune(now=NOW, limit=100) == 4
        assert await store.prune(now=NOW, limit=100) == 0
        assert await store.find_session(live.id) is not None
        assert await store.find_session(expired.id) is not None  # it can still say why
        assert (await get_session(store, ended.id)).ending == revoked()
        assert await store.find_ticket(ticket.hash, now=NOW) == ticket
        assert await store.take("new", limit=1, window=MINUTE, now=NOW) == MINUTE

    async def test_housekeeping_stops_at_its_limit(self, store: Store) -> None:
        for _ in range(5):
            await store.claim_code(new_hash(), now=NOW, until=NOW - SECOND)
            await store.keep_ticket(new_ticket(expires_at=NOW - SECOND))
        assert [await store.prune(now=NOW, limit=2) for _ in range(4)] == [4, 4, 2, 0]

    async def test_a_store_that_is_open_answers(self, store: Store) -> None:
        await store.ping()
        await store.open()
        await store.ping()

    async def test_a_closed_store_is_unavailable(self, store: Store) -> None:
        session = await log_in(store)
        await store.close()
        for call in (
            store.ping(),
            store.find_session(session.id),
            store.commit_login(login()),
            store.claim_code(new_hash(), now=NOW, until=NOW),
            store.find_account(account_id=session.account_id),
            store.take("key", limit=1, window=MINUTE, now=NOW),
            store.list_sessions(session.account_id, now=NOW, idle_before=NOW),
            store.end_sessions(session.account_id, ending=revoked()),
        ):
            with pytest.raises(errors.StoreUnavailable):
                await call

    async def test_what_was_acknowledged_is_seen_by_the_next_read(self, store: Store) -> None:
        session = await log_in(store)

        async def end_and_look(n: int) -> Session:
            other = await log_in(store, f"o-look-{n}")
            await store.end_session(other.id, account_id=other.account_id, ending=revoked())
            return await get_session(store, other.id)

        looks = await asyncio.gather(*(end_and_look(n) for n in range(32)))
        assert all(each.ending == revoked() for each in looks)
        assert await get_session(store, session.id) == session

    async def test_a_caller_that_gives_up_harms_nobody(self, store: Store) -> None:
        """A cancelled call is done or not done; every other answer is its own caller's."""
        impatient = [asyncio.ensure_future(store.commit_login(login())) for _ in range(20)]
        patient = [login() for _ in range(20)]
        waiting = [asyncio.ensure_future(store.commit_login(each)) for each in patient]
        await asyncio.sleep(0)
        for each in impatient:
            each.cancel()
        await asyncio.gather(*impatient, return_exceptions=True)
        outcomes = await asyncio.gather(*waiting)
        for commit, outcome in zip(patient, outcomes, strict=True):
            assert outcome.session is not None
            assert outcome.session.id == commit.session.id
            assert outcome.session.openid == commit.openid
