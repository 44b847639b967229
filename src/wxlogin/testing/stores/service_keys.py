"""Keys of the team's other servers: found by id, revoked for good, used ever later."""

from dataclasses import replace

from wxlogin.login.ports import Scope, ServiceKey, Store
from wxlogin.testing.stores.samples import (
    MINUTE,
    NOW,
    SECOND,
    new_hash,
    new_id,
    new_told,
    read_audit,
)
from wxlogin.testing.stores.suite import Suite


def new_service_key() -> ServiceKey:
    return ServiceKey(
        id=new_id(),
        name="订单服务 orders",
        scopes=frozenset({Scope.INTROSPECT, Scope.ACCOUNTS_READ}),
        secret_hash=new_hash(),
        created_at=NOW,
        created_by="运维",
    )


class ServiceKeys(Suite):
    async def test_a_service_key_is_kept_whole(self, store: Store) -> None:
        key = new_service_key()
        later = replace(
            new_service_key(),
            created_at=NOW + SECOND,
            created_by=None,
            last_used_at=NOW,
            revoked_at=NOW,
        )
        await store.add_service_key(later)
        await store.add_service_key(key)
        assert await store.find_service_key(key.id) == key
        assert await store.find_service_key(later.id) == later
        assert await store.find_service_key(new_id()) is None
        assert list(await store.list_service_keys()) == [key, later]

    async def test_a_service_key_is_revoked_once_and_for_good(self, store: Store) -> None:
        key, other = new_service_key(), new_service_key()
        for each in (key, other):
            await store.add_service_key(each)
        revoked = replace(key, revoked_at=NOW + MINUTE)
        assert await store.revoke_service_key(key.id, at=NOW + MINUTE) == revoked
        assert await store.revoke_service_key(key.id, at=NOW + 2 * MINUTE) == revoked
        assert await store.find_service_key(key.id) == revoked
        assert await store.find_service_key(other.id) == other
        assert await store.revoke_service_key(new_id(), at=NOW) is None

    async def test_making_and_revoking_a_service_key_are_told_once_each(self, store: Store) -> None:
        key = new_service_key()
        made, revoked = new_told(), new_told()
        await store.add_service_key(key, told=made)
        await store.revoke_service_key(key.id, at=NOW, told=revoked)
        await store.revoke_service_key(key.id, at=NOW, told=new_told())
        await store.revoke_service_key(new_id(), at=NOW, told=new_told())
        assert await read_audit(store) == [made.audit, revoked.audit]

    async def test_the_use_of_a_service_key_moves_forward_and_never_back(
        self, store: Store
    ) -> None:
        key, other = new_service_key(), new_service_key()
        for each in (key, other):
            await store.add_service_key(each)
        await store.use_service_keys({key.id: NOW + MINUTE, new_id(): NOW})
        await store.use_service_keys({key.id: NOW, other.id: NOW})
        await store.use_service_keys({})
        assert await store.find_service_key(key.id) == replace(key, last_used_at=NOW + MINUTE)
        assert await store.find_service_key(other.id) == replace(other, last_used_at=NOW)
