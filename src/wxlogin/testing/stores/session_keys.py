"""WeChat's session_key: the newest in force, the one before it at hand."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from wxlogin.login.accounts import SessionKey
from wxlogin.login.ports import LoginVerdict, Store
from wxlogin.testing.stores.samples import (
    DAY,
    MINUTE,
    NOW,
    log_in,
    login,
    many,
    new_key,
    new_openid,
)
from wxlogin.testing.stores.suite import Suite


class SessionKeys(Suite):
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

    @many
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
