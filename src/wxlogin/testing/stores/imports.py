"""People brought along: new ones once, known ones left alone, nobody merged."""

import asyncio
from dataclasses import replace
from typing import Any

from wxlogin.login.accounts import Phone
from wxlogin.login.ports import Arrival, LoginVerdict, Newcomer, Store
from wxlogin.login.secret import Secret
from wxlogin.testing.stores.samples import (
    DAY,
    NOW,
    get_account,
    log_in,
    login,
    made,
    new_id,
    new_key,
    new_number,
    new_openid,
)
from wxlogin.testing.stores.suite import Suite

NEW, HERE = Arrival(is_new=True), Arrival(is_new=False)


def newcomer(**changes: Any) -> Newcomer:
    """Somebody with everything that leads to a person."""
    number = new_number()
    fields: dict[str, Any] = {
        "id": new_id(),
        "pseudonym": f"{number:032x}",
        "pool": "default",
        "created_at": NOW - 400 * DAY,
        "user_id": f"user-{number}",
        "nickname": "小明",
        "phone": Phone("86", f"137{number:08}", NOW - DAY),
        "username": f"Name-{number}",
        "username_key": f"name-{number}",
        "password_hash": Secret(f"hash-{number}"),
        "app_id": "wx-a",
        "openid": new_openid(),
        "unionid": f"union-{number}",
    }
    return Newcomer(**fields | changes)


def again(person: Newcomer, **changes: Any) -> Newcomer:
    """The same row another time: the id made for it is another one."""
    return replace(person, id=new_id(), pseudonym=f"{new_number():032x}", **changes)


async def bring(store: Store, *people: Newcomer, **how: Any) -> list[Arrival]:
    return list(await store.import_people(people, at=NOW, **how))


class Imports(Suite):
    async def test_a_newcomer_is_kept_whole(self, store: Store) -> None:
        person = newcomer()
        assert await bring(store, person) == [NEW]
        account = await get_account(store, person.id)
        assert (account.user_id, account.nickname, account.username) == (
            person.user_id,
            "小明",
            person.username,
        )
        assert (account.phone, account.has_password) == (person.phone, True)
        assert account.created_at == person.created_at
        assert [(each.app_id, each.openid, each.unionid) for each in account.identities] == [
            ("wx-a", person.openid, person.unionid)
        ]
        credential = await store.find_credential(
            pool="default", username_key=person.username_key or "", phone=None
        )
        assert credential is not None
        assert (credential.account_id, credential.password_hash) == (
            person.id,
            person.password_hash,
        )

    async def test_the_same_row_again_changes_nothing(self, store: Store) -> None:
        person = newcomer()
        await bring(store, person)
        before = await get_account(store, person.id)
        assert await bring(store, again(person, nickname="another")) == [HERE]
        assert await get_account(store, person.id) == before

    async def test_what_is_another_persons_is_named_and_nothing_is_merged(
        self, store: Store
    ) -> None:
        person = newcomer()
        await bring(store, person)
        stranger = newcomer()
        takes: dict[str, dict[str, Any]] = {
            "user_id": {"user_id": person.user_id},
            "openid": {"openid": person.openid},
            "unionid": {"unionid": person.unionid},
            "phone": {"phone": person.phone},
            "username": {"username_key": person.username_key},
        }
        for name, fields in takes.items():
            assert await bring(store, again(stranger, **fields)) == [
                Arrival(is_new=False, taken=(name,))
            ]
        assert await bring(store, stranger) == [NEW]

    async def test_a_row_that_leads_to_two_people_names_both(self, store: Store) -> None:
        one, two = newcomer(), newcomer()
        await bring(store, one, two)
        mixed = again(one, user_id=two.user_id)
        (arrival,) = await bring(store, mixed)
        assert set(arrival.taken) == {"user_id", "openid", "unionid", "phone", "username"}

    async def test_pools_and_apps_do_not_collide(self, store: Store) -> None:
        person = newcomer()
        await bring(store, person)
        elsewhere = again(person, user_id=None, pool="other", app_id="wx-b")
        assert await bring(store, elsewhere) == [NEW]

    async def test_a_trial_says_the_same_and_writes_nothing(self, store: Store) -> None:
        known, new = newcomer(), newcomer()
        await bring(store, known)
        rows = (again(known), new, again(newcomer(), phone=known.phone))
        trial = await bring(store, *rows, is_trial=True)
        assert await store.find_account(account_id=new.id) is None
        assert trial == await bring(store, *rows)

    async def test_the_first_login_finds_the_newcomer(self, store: Store) -> None:
        person = newcomer()
        await bring(store, person)
        session = await log_in(store, person.openid, unionid=person.unionid)
        assert session.account_id == person.id
        assert session.user_id == person.user_id
        keys = await store.find_session_keys(
            app_id="wx-a", openid=person.openid or "", previous_after=NOW
        )
        assert keys is not None
        assert keys.current == new_key(at=NOW)

    async def test_a_newcomer_known_by_unionid_alone_is_found_in_any_app(
        self, store: Store
    ) -> None:
        person = newcomer(openid=None, app_id=None)
        await bring(store, person)
        session = await log_in(store, unionid=person.unionid, app_id="wx-b")
        assert session.account_id == person.id

    async def test_whoever_proves_an_unproven_phone_ends_what_came_with_it(
        self, store: Store
    ) -> None:
        """A14: the password and the identity were somebody's who may not be this person."""
        unproven = Phone("86", "13700000000")
        person = newcomer(phone=unproven)
        await bring(store, person)
        proven = replace(unproven, proven_at=NOW)
        outcome = await store.commit_login(login(phone=proven, identity=None, joins=person.id))
        assert made(outcome).account_id == person.id
        account = await get_account(store, person.id)
        assert (account.has_password, account.username, account.identities) == (False, None, ())
        assert account.user_id == person.user_id

    async def test_a_login_at_the_same_moment_makes_no_second_account(self, store: Store) -> None:
        people = [newcomer(user_id=None, phone=None, unionid=None) for _ in range(20)]
        runs = [asyncio.ensure_future(bring(store, each)) for each in people]
        outcomes = await asyncio.gather(
            *(store.commit_login(login(each.openid)) for each in people)
        )
        await asyncio.gather(*runs)
        for person, outcome in zip(people, outcomes, strict=True):
            assert outcome.verdict is LoginVerdict.DONE
            found = await store.find_account(openid=person.openid)
            assert found is not None
            assert outcome.account is not None
            assert found.id == outcome.account.id

    async def test_two_runs_at_once_bring_each_person_once(self, store: Store) -> None:
        people = [newcomer() for _ in range(30)]
        runs = await asyncio.gather(
            *(bring(store, *(again(each) for each in people)) for _ in range(4))
        )
        for arrivals in zip(*runs, strict=True):
            assert sorted(each.is_new for each in arrivals) == [False, False, False, True]
