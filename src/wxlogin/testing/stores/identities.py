"""Identities outside of a login: linked with a proof, cut where another way in is left."""

import asyncio
from typing import Any

import pytest

from wxlogin.login.ports import PasswordEntry, PhoneChange, Store, Verdict
from wxlogin.login.sessions import Session
from wxlogin.testing.stores.samples import (
    NOW,
    PHONE,
    get_account,
    get_credential,
    get_session,
    log_in,
    named,
    new_id,
    new_key,
    new_link,
    new_password,
    new_phone,
    revoked,
)
from wxlogin.testing.stores.suite import Suite

WAYS = ("another identity", "username and password", "phone and password", "phone")
"""What may be left when an identity is cut, and opens the account."""


async def cut(store: Store, account_id: str, app_id: str = "wx-a", **changes: Any) -> Verdict:
    fields: dict[str, Any] = {"ending": revoked("unlinked"), "phone_opens": False}
    return await store.unlink_identity(account_id, app_id=app_id, **fields | changes)


async def with_two(store: Store, **changes: Any) -> Session:
    """The session of an account with an identity in wx-a and one in wx-b."""
    session = await log_in(store, "o-a", **changes)
    link = new_link(session.account_id, openid="o-b")
    assert await store.link_identity(link) is Verdict.DONE
    return session


class Identities(Suite):
    async def test_a_linked_identity_leads_to_the_account(self, store: Store) -> None:
        account_id = (await log_in(store)).account_id
        link = new_link(account_id, openid="o-b", unionid="u-1", session_key=new_key(3))
        assert await store.link_identity(link) is Verdict.DONE
        assert (await log_in(store, "o-b", app_id="wx-b")).account_id == account_id
        assert (await log_in(store, app_id="wx-c", unionid="u-1")).account_id == account_id
        keys = await store.find_session_keys(app_id="wx-b", openid="o-b", previous_after=NOW)
        assert keys is not None
        assert keys.current == new_key(3)

    async def test_a_link_that_is_there_already_is_done(self, store: Store) -> None:
        account_id = (await log_in(store)).account_id
        for sequence in (1, 2):
            link = new_link(account_id, openid="o-b", session_key=new_key(sequence))
            assert await store.link_identity(link) is Verdict.DONE
        account = await get_account(store, account_id)
        assert [each.openid for each in account.identities].count("o-b") == 1
        keys = await store.find_session_keys(app_id="wx-b", openid="o-b", previous_after=NOW)
        assert keys is not None
        assert keys.current == new_key(2)

    async def test_nobody_is_linked_to_nothing(self, store: Store) -> None:
        assert await store.link_identity(new_link(new_id(), openid="o-b")) is Verdict.GONE
        assert await store.find_account(openid="o-b") is None

    @pytest.mark.parametrize("because", ["openid", "unionid", "app"])
    async def test_what_is_taken_is_not_linked(self, store: Store, because: str) -> None:
        await log_in(store, "o-other", app_id="wx-b", unionid="u-other")
        mine = await get_account(store, (await log_in(store, "o-mine")).account_id)
        wanted: dict[str, dict[str, Any]] = {
            "openid": {"openid": "o-other"},
            "unionid": {"unionid": "u-other"},
            "app": {"app_id": "wx-a"},
        }
        link = new_link(mine.id, **wanted[because])
        assert await store.link_identity(link) is Verdict.IDENTITY_TAKEN
        assert await get_account(store, mine.id) == mine

    async def test_an_accounts_own_unionid_is_no_hindrance(self, store: Store) -> None:
        account_id = (await log_in(store, unionid="u-1")).account_id
        assert await store.link_identity(new_link(account_id, unionid="u-1")) is Verdict.DONE

    async def test_of_sixteen_links_of_one_identity_at_once_one_is_done(self, store: Store) -> None:
        sessions = [await log_in(store) for _ in range(16)]
        verdicts = await asyncio.gather(
            *(store.link_identity(new_link(each.account_id, openid="o-b")) for each in sessions)
        )
        assert verdicts.count(Verdict.DONE) == 1
        assert verdicts.count(Verdict.IDENTITY_TAKEN) == 15

    # Cut

    async def test_a_cut_identity_leads_nowhere(self, store: Store) -> None:
        account_id = (await with_two(store)).account_id
        assert await cut(store, account_id) is Verdict.DONE
        assert await store.find_account(openid="o-a") is None
        keys = await store.find_session_keys(app_id="wx-a", openid="o-a", previous_after=NOW)
        assert keys is None
        assert (await log_in(store, "o-a")).account_id != account_id

    async def test_where_there_is_none_none_is_cut(self, store: Store) -> None:
        account_id = (await with_two(store)).account_id
        assert await cut(store, account_id, "wx-c") is Verdict.GONE
        assert await cut(store, new_id()) is Verdict.GONE
        assert await cut(store, account_id) is Verdict.DONE
        assert await cut(store, account_id) is Verdict.GONE

    @pytest.mark.parametrize("phone_opens", [True, False])
    @pytest.mark.parametrize("left", [(), *((way,) for way in WAYS), ("password",)])
    async def test_the_last_way_in_is_not_cut(
        self, store: Store, left: tuple[str, ...], phone_opens: bool
    ) -> None:
        session = await log_in(store, "o-a")
        way, account_id = " ".join(left), session.account_id
        if "identity" in way:
            await store.link_identity(new_link(account_id))
        if "phone" in way:
            await store.change_phone(PhoneChange(account_id, PHONE))
        if "password" in way:
            named = {"username": "x", "username_key": "x"} if "username" in way else {}
            change = new_password(account_id, keep_session=session.id, **named)
            await store.change_password(change)
        before = await get_account(store, account_id)
        opens = way in WAYS[:3] or (phone_opens and way == "phone")
        verdict = await cut(store, account_id, phone_opens=phone_opens)
        assert verdict is (Verdict.DONE if opens else Verdict.LAST_METHOD)
        if not opens:
            assert await get_account(store, account_id) == before
            assert (await get_session(store, session.id)).ending is None

    @pytest.mark.parametrize("with_password", [True, False])
    async def test_an_unproven_number_is_no_way_in(self, store: Store, with_password: bool) -> None:
        account_id = (await log_in(store, "o-a", phone=new_phone(proven_at=None))).account_id
        if with_password:
            await store.change_password(new_password(account_id))
        assert await cut(store, account_id, phone_opens=True) is Verdict.LAST_METHOD

    async def test_the_sessions_that_came_by_it_end(self, store: Store) -> None:
        first = await with_two(store, registration=named())
        by_b = await log_in(store, "o-b", app_id="wx-b")
        credential = await get_credential(store, first.account_id)
        entry = PasswordEntry(first.account_id, credential.changed_at)
        by_password = await log_in(store, identity=None, password=entry)
        assert await cut(store, first.account_id) is Verdict.DONE
        assert (await get_session(store, first.id)).ending == revoked("unlinked")
        for session in (by_b, by_password):
            found = await get_session(store, session.id)
            assert (found.ending, found.account_epoch) == (None, session.epoch)

    async def test_a_unionid_is_forgotten_with_the_last_identity_that_has_it(
        self, store: Store
    ) -> None:
        account_id = (await log_in(store, "o-a", unionid="u-1")).account_id
        await log_in(store, app_id="wx-b", unionid="u-1")
        await store.link_identity(new_link(account_id, app_id="wx-c"))
        assert await cut(store, account_id, "wx-a") is Verdict.DONE
        assert (await log_in(store, app_id="wx-d", unionid="u-1")).account_id == account_id
        for app_id in ("wx-b", "wx-d"):
            assert await cut(store, account_id, app_id) is Verdict.DONE
        assert (await log_in(store, app_id="wx-e", unionid="u-1")).account_id != account_id

    async def test_of_two_last_identities_cut_at_once_one_stays(self, store: Store) -> None:
        for n in range(5):
            session = await log_in(store, f"o-a{n}")
            await store.link_identity(new_link(session.account_id, openid=f"o-b{n}"))
            verdicts = await asyncio.gather(
                *(cut(store, session.account_id, app_id) for app_id in ("wx-a", "wx-b"))
            )
            assert sorted(verdicts) == [Verdict.DONE, Verdict.LAST_METHOD]
