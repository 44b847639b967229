"""Who comes without WeChat, who waits for an operator, and who takes an erasure back."""

import pytest

from wxlogin.login.accounts import AccountStatus, Agreement
from wxlogin.login.policy import Door
from wxlogin.login.ports import AccountChange, LoginVerdict, Store
from wxlogin.testing.stores.samples import (
    NOW,
    PHONE,
    asked,
    get_account,
    lease,
    list_live,
    log_in,
    login,
    named,
    new_account,
    new_application,
    new_code,
    new_ticket,
    openid_of,
    spend_of,
)
from wxlogin.testing.stores.suite import Suite


class Registrations(Suite):
    async def test_somebody_without_an_identity_gets_an_account_and_a_session(
        self, store: Store
    ) -> None:
        session = await log_in(store, identity=None, phone=PHONE, door=Door.SMS)
        assert (session.openid, session.unionid) == (None, None)
        assert await store.find_session(session.id) == session
        account = await get_account(store, session.account_id)
        assert (account.identities, account.phone) == ((), PHONE)

    async def test_an_account_has_the_pseudonym_it_was_made_with(self, store: Store) -> None:
        new = new_account()
        await log_in(store, registration=new)
        assert (await get_account(store, new.id)).pseudonym == new.pseudonym

    async def test_an_application_waits_with_its_account_and_without_a_session(
        self, store: Store
    ) -> None:
        new = named(status=AccountStatus.PENDING)
        commit = login(
            session=None,
            phone=PHONE,
            registration=new,
            application=new_application(),
            agreements=(Agreement("privacy", "3"),),
        )
        outcome = await store.commit_login(commit)
        assert (outcome.verdict, outcome.session) == (LoginVerdict.DONE, None)
        assert outcome.is_new_account
        assert outcome.account == await store.find_account(account_id=new.id)
        assert outcome.account is not None
        assert (outcome.account.status, outcome.account.phone) == (AccountStatus.PENDING, PHONE)
        assert await list_live(store, new.id) == []
        entering = await store.commit_login(login(openid_of(commit)))
        assert (entering.verdict, entering.session) == (LoginVerdict.NOT_ACTIVE, None)

    async def test_an_account_that_waits_gets_no_session_at_once(self, store: Store) -> None:
        new = new_account(status=AccountStatus.PENDING)
        outcome = await store.commit_login(login(registration=new))
        assert (outcome.verdict, outcome.account) == (LoginVerdict.NOT_ACTIVE, None)
        assert await store.find_account(account_id=new.id) is None

    async def test_a_commit_without_a_session_leaves_those_that_are_there(
        self, store: Store
    ) -> None:
        first = await log_in(store, "o-1")
        outcome = await store.commit_login(login("o-1", session=None, max_sessions=1))
        assert (outcome.verdict, outcome.session) == (LoginVerdict.DONE, None)
        assert await list_live(store, first.account_id) == [first]

    async def test_a_refused_registration_writes_nothing(self, store: Store) -> None:
        await log_in(store, registration=named())
        ticket, code = new_ticket(), new_code()
        await store.keep_ticket(ticket)
        await store.keep_verification_code(code)
        commit = login(
            phone=PHONE,
            user_id="user-1",
            registration=named(),
            ticket_hash=ticket.hash,
            spends=(spend_of(code),),
            announce=("registered", "login"),
            event_ids=("event-1", "event-2"),
        )
        assert (await store.commit_login(commit)).verdict is LoginVerdict.USERNAME_TAKEN
        assert await store.find_account(phone=PHONE.e164) is None
        assert await store.find_account(user_id="user-1") is None
        assert await store.find_session(asked(commit).id) is None
        assert await store.find_ticket(ticket.hash, now=NOW) == ticket
        assert await store.drop_verification_code(spend_of(code))
        assert await lease(store) == []

    # Taken back

    async def test_an_erasure_that_waits_is_taken_back_by_who_may(self, store: Store) -> None:
        account_id = (await log_in(store, "o-1")).account_id
        await store.change_account(account_id, AccountChange(status=AccountStatus.ERASING))
        refused = await store.commit_login(login("o-1"))
        assert refused.verdict is LoginVerdict.NOT_ACTIVE
        outcome = await store.commit_login(login("o-1", restores=True, door=Door.RESTORE))
        assert outcome.verdict is LoginVerdict.DONE
        assert outcome.account is not None
        assert (outcome.account.status, outcome.account.erase_at) == (AccountStatus.ACTIVE, None)

    @pytest.mark.parametrize(
        "status", [AccountStatus.DISABLED, AccountStatus.PENDING, AccountStatus.REJECTED]
    )
    async def test_nothing_but_an_erasure_is_taken_back(
        self, store: Store, status: AccountStatus
    ) -> None:
        account_id = (await log_in(store, "o-1")).account_id
        await store.change_account(account_id, AccountChange(status=status))
        outcome = await store.commit_login(login("o-1", restores=True))
        assert outcome.verdict is LoginVerdict.NOT_ACTIVE
        assert (await get_account(store, account_id)).status is status
