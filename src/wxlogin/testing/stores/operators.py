"""Operators, their sessions, and codes that are spent once."""

import asyncio
from dataclasses import replace
from typing import Any

from wxlogin.login.operator_sessions import Operator, OperatorSession, Role
from wxlogin.login.ports import CredentialChange, NewOperatorSession, OperatorCredential, Store
from wxlogin.login.secret import Secret
from wxlogin.testing.stores.samples import (
    DAY,
    MINUTE,
    NOW,
    SECOND,
    new_hash,
    new_id,
    new_told,
    read_audit,
)
from wxlogin.testing.stores.suite import Suite


def new_credential(name: str = "li.lei", **changes: Any) -> OperatorCredential:
    operator = Operator(new_id(), name, Role.ADMIN, NOW)
    return OperatorCredential(
        replace(operator, **changes), Secret(f"hash of {name}"), Secret(f"secret of {name}")
    )


def new_operator_session(operator: Operator, **changes: Any) -> NewOperatorSession:
    fields: dict[str, Any] = {
        "id": new_id(),
        "secret_hash": new_hash(),
        "operator_id": operator.id,
        "epoch": operator.epoch,
        "at": NOW,
        "expires_at": NOW + DAY,
        "totp_step": 100,
    }
    return NewOperatorSession(**fields | changes)


async def added(store: Store, name: str = "li.lei", **changes: Any) -> Operator:
    credential = new_credential(name, **changes)
    assert await store.add_operator(credential, name_key=name.casefold())
    return credential.operator


async def get_operator(store: Store, operator_id: str) -> Operator:
    found = await store.find_operator(operator_id)
    assert found is not None
    return found


async def get_operator_session(store: Store, session_id: str) -> OperatorSession:
    found = await store.find_operator_session(session_id)
    assert found is not None
    return found


class Operators(Suite):
    async def test_a_new_store_has_no_operator(self, store: Store) -> None:
        assert list(await store.list_operators()) == []

    async def test_an_operator_is_kept_whole_and_a_name_once(self, store: Store) -> None:
        first, second = new_credential(), new_credential(language="en", role=Role.SUPPORT)
        assert await store.add_operator(first, name_key="li.lei", told=new_told(kind="one"))
        assert not await store.add_operator(second, name_key="li.lei", told=new_told(kind="two"))
        assert await store.add_operator(second, name_key="other")
        assert await store.find_operator_credential("li.lei") == first
        assert await store.find_operator_credential("LI.LEI") is None
        assert await store.find_operator(second.operator.id) == second.operator
        assert await store.find_operator(new_id()) is None
        assert list(await store.list_operators()) == [first.operator, second.operator]
        assert [line.kind for line in await read_audit(store)] == ["one"]

    async def test_a_session_is_found_with_its_operator(self, store: Store) -> None:
        operator = await added(store)
        new = new_operator_session(operator)
        assert await store.begin_operator_session(new, told=new_told(kind="signed_in"))
        found = await get_operator_session(store, new.id)
        assert found == OperatorSession(
            new.id,
            new.secret_hash,
            replace(operator, last_sign_in_at=NOW),
            operator.epoch,
            NOW,
            NOW,
            NOW + DAY,
        )
        assert await store.find_operator_session(new_id()) is None
        assert [line.kind for line in await read_audit(store)] == ["signed_in"]

    async def test_a_step_is_spent_once_and_no_older_one_after_it(self, store: Store) -> None:
        operator = await added(store)
        told = new_told(kind="signed_in")
        for step, is_good in ((100, True), (100, False), (99, False), (101, True)):
            new = new_operator_session(operator, totp_step=step)
            assert await store.begin_operator_session(new, told=told) is is_good
            assert (await store.find_operator_session(new.id) is not None) is is_good
        change = CredentialChange(operator.id, Secret("new"), totp_step=101)
        assert not await store.change_operator_credential(change, told=told)
        credential = await store.find_operator_credential("li.lei")
        assert credential is not None
        assert credential.password_hash == Secret("hash of li.lei")
        assert len(await read_audit(store)) == 2

    async def test_of_many_with_one_step_one_gets_in(self, store: Store) -> None:
        operator = await added(store)
        answers = await asyncio.gather(
            *(store.begin_operator_session(new_operator_session(operator)) for _ in range(16))
        )
        assert sum(answers) == 1

    async def test_a_disabled_operator_begins_no_session(self, store: Store) -> None:
        operator = await added(store)
        changed = await store.set_operator_disabled(
            operator.id, is_disabled=True, told=new_told(kind="disabled")
        )
        assert changed == replace(operator, is_disabled=True, epoch=1)
        assert not await store.begin_operator_session(new_operator_session(changed))
        enabled = await store.set_operator_disabled(operator.id, is_disabled=False)
        assert enabled == replace(operator, epoch=1)
        assert not await store.begin_operator_session(new_operator_session(operator))  # old epoch
        assert await store.begin_operator_session(new_operator_session(enabled))
        assert await store.set_operator_disabled(new_id(), is_disabled=True) is None
        assert [line.kind for line in await read_audit(store)] == ["disabled"]

    async def test_new_secrets_raise_the_epoch_and_one_session_may_stay(self, store: Store) -> None:
        operator = await added(store)
        kept, other = (new_operator_session(operator, totp_step=step) for step in (1, 2))
        await store.begin_operator_session(kept)
        await store.begin_operator_session(other)
        change = CredentialChange(
            operator.id, Secret("new hash"), totp_step=3, keep_session=kept.id
        )
        assert await store.change_operator_credential(change)
        credential = await store.find_operator_credential("li.lei")
        assert credential is not None
        assert credential.password_hash == Secret("new hash")
        assert credential.totp_secret == Secret("secret of li.lei")
        assert (await get_operator(store, operator.id)).epoch == 1
        assert (await get_operator_session(store, kept.id)).epoch == 1
        assert (await get_operator_session(store, other.id)).epoch == 0
        gone = CredentialChange(new_id(), Secret("x"))
        assert not await store.change_operator_credential(gone)

    async def test_a_new_authenticator_begins_with_no_step_spent(self, store: Store) -> None:
        operator = await added(store)
        await store.begin_operator_session(new_operator_session(operator))
        change = CredentialChange(operator.id, Secret("hash"), totp_secret=Secret("another"))
        assert await store.change_operator_credential(change)
        credential = await store.find_operator_credential("li.lei")
        assert credential is not None
        assert credential.totp_secret == Secret("another")
        now = await get_operator(store, operator.id)
        assert await store.begin_operator_session(new_operator_session(now, totp_step=5))

    async def test_use_moves_forward_and_an_end_is_once(self, store: Store) -> None:
        operator = await added(store)
        new = new_operator_session(operator)
        await store.begin_operator_session(new)
        for at in (NOW + MINUTE, NOW + SECOND):
            await store.operator_seen(new.id, at)
        assert (await get_operator_session(store, new.id)).last_seen_at == NOW + MINUTE
        told = new_told(kind="signed_out")
        assert await store.end_operator_session(new.id, at=NOW + MINUTE, told=told)
        assert not await store.end_operator_session(new.id, at=NOW + DAY, told=told)
        assert (await get_operator_session(store, new.id)).ended_at == NOW + MINUTE
        assert len(await read_audit(store)) == 1

    async def test_a_language_is_kept(self, store: Store) -> None:
        operator = await added(store)
        await store.set_operator_language(operator.id, "en")
        assert (await get_operator(store, operator.id)).language == "en"
