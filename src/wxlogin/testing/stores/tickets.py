"""Registration tickets, kept once and spent once."""

import asyncio

from wxlogin.login.ports import LoginVerdict, Store
from wxlogin.testing.stores.samples import (
    NOW,
    PHONE,
    SECOND,
    login,
    new_hash,
    new_phone,
    new_ticket,
)
from wxlogin.testing.stores.suite import Suite


class Tickets(Suite):
    async def test_a_ticket_is_found_until_its_time(self, store: Store) -> None:
        ticket = new_ticket(unionid="u-1")
        await store.keep_ticket(ticket)
        assert await store.find_ticket(ticket.hash, now=ticket.expires_at - SECOND) == ticket
        assert await store.find_ticket(ticket.hash, now=ticket.expires_at) is None
        assert await store.find_ticket(new_hash(), now=NOW) is None

    async def test_a_login_spends_its_ticket(self, store: Store) -> None:
        ticket = new_ticket()
        await store.keep_ticket(ticket)
        first = await store.commit_login(login(identity=ticket.identity, ticket_hash=ticket.hash))
        assert first.verdict is LoginVerdict.DONE
        assert await store.find_ticket(ticket.hash, now=NOW) is None
        second = await store.commit_login(login(identity=ticket.identity, ticket_hash=ticket.hash))
        assert (second.verdict, second.session) == (LoginVerdict.TICKET_SPENT, None)

    async def test_a_ticket_past_its_time_or_unknown_is_as_good_as_spent(
        self, store: Store
    ) -> None:
        ticket = new_ticket()
        await store.keep_ticket(ticket)
        late = login(identity=ticket.identity, ticket_hash=ticket.hash, at=ticket.expires_at)
        assert (await store.commit_login(late)).verdict is LoginVerdict.TICKET_SPENT
        unknown = login(ticket_hash=new_hash())
        assert (await store.commit_login(unknown)).verdict is LoginVerdict.TICKET_SPENT

    async def test_a_refused_login_leaves_its_ticket_unspent(self, store: Store) -> None:
        ticket = new_ticket()
        await store.keep_ticket(ticket)
        refused = login(identity=ticket.identity, ticket_hash=ticket.hash, registration=None)
        assert (await store.commit_login(refused)).verdict is LoginVerdict.UNKNOWN
        assert await store.find_ticket(ticket.hash, now=NOW) == ticket

    async def test_a_ticket_spent_by_sixteen_at_once_makes_one_session(self, store: Store) -> None:
        ticket = new_ticket()
        await store.keep_ticket(ticket)
        outcomes = await asyncio.gather(
            *(
                store.commit_login(login(identity=ticket.identity, ticket_hash=ticket.hash))
                for _ in range(16)
            )
        )
        done = [each for each in outcomes if each.verdict is LoginVerdict.DONE]
        assert len(done) == 1

    async def test_a_ticket_holds_a_phone_beside_an_identity_or_without_one(
        self, store: Store
    ) -> None:
        both, alone = new_ticket(phone=PHONE), new_ticket(identity=None, phone=new_phone())
        for ticket in (both, alone):
            await store.keep_ticket(ticket)
            assert await store.find_ticket(ticket.hash, now=NOW) == ticket
