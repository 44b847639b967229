"""The store as a whole: shared keys, housekeeping, open and closed."""

import asyncio

import pytest

from wxlogin.login import errors
from wxlogin.login.ports import PhoneChange, Quota, Store
from wxlogin.login.sessions import Session
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
    new_code,
    new_hash,
    new_ticket,
    openid_of,
    revoked,
    sent,
    spend_of,
)
from wxlogin.testing.stores.suite import Suite


class Whole(Suite):
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
        code = await sent(store)
        await sent(store, expires_at=NOW - SECOND)
        quota = Quota("new", ((1, DAY), (9, MINUTE)))
        await store.take_quotas([quota], now=NOW - DAY + SECOND)
        await store.take_quotas([Quota("old", ((1, DAY),))], now=NOW - DAY - SECOND)
        assert await store.prune(now=NOW, limit=100) == 6
        assert await store.prune(now=NOW, limit=100) == 0
        assert await store.find_session(live.id) is not None
        assert await store.find_session(expired.id) is not None  # it can still say why
        assert (await get_session(store, ended.id)).ending == revoked()
        assert await store.find_ticket(ticket.hash, now=NOW) == ticket
        assert await store.take("new", limit=1, window=MINUTE, now=NOW) == MINUTE
        assert await store.take_quotas([quota], now=NOW) == SECOND
        assert await store.drop_verification_code(code)

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
            store.change_phone(PhoneChange(session.account_id, PHONE)),
            store.find_credential(pool="default", username_key="x", phone=None),
            store.try_verification_code(spend_of(new_code()), limit=5, now=NOW),
            store.take_quotas([Quota("key", ((1, MINUTE),))], now=NOW),
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
            assert outcome.session.id == asked(commit).id
            assert outcome.session.openid == openid_of(commit)
