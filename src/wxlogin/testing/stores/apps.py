"""Mini programs that were added, and the access_token of each."""

import asyncio
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from wxlogin.login.policy import App, Registration
from wxlogin.login.ports import AccessToken, AppChange, Store
from wxlogin.login.secret import Secret
from wxlogin.testing.stores.samples import DAY, MINUTE, NOW, SECOND, many, new_number
from wxlogin.testing.stores.suite import Suite

PLAIN = App("wx-a", Secret("other"))
WHOLE = App(
    "wx-b",
    Secret("app-secret"),
    kind="mini_game",
    registration=Registration.REQUIRED,
    phone_conflict="merge",
    pool="games",
    push_token=Secret("push-token"),
    encoding_aes_key=Secret("aes-key"),
    old_secret=Secret("old-secret"),
    cors_origins=("https://a.example", "https://b.example"),
    is_disabled=True,
)


class Apps(Suite):
    async def test_an_app_is_added_whole_and_once(self, store: Store) -> None:
        assert await store.add_app(WHOLE)
        assert await store.add_app(PLAIN)
        assert await store.find_app(WHOLE.app_id) == WHOLE
        assert await store.find_app("wx-c") is None
        assert list(await store.list_apps()) == [PLAIN, WHOLE]
        assert not await store.add_app(replace(PLAIN, app_id=WHOLE.app_id))
        assert list(await store.list_apps()) == [PLAIN, WHOLE]

    async def test_a_change_of_an_app_sets_what_it_names_and_leaves_the_rest(
        self, store: Store
    ) -> None:
        await store.add_app(WHOLE)
        change = AppChange(
            phone_conflict="join", push_token=Secret("new"), is_disabled=False, cors_origins=()
        )
        expected = replace(
            WHOLE,
            phone_conflict="join",
            push_token=Secret("new"),
            is_disabled=False,
            cors_origins=(),
        )
        assert await store.change_app(WHOLE.app_id, change) == expected
        assert await store.find_app(WHOLE.app_id) == expected
        emptied = await store.change_app(WHOLE.app_id, AppChange(encoding_aes_key=Secret("")))
        assert emptied == replace(expected, encoding_aes_key=None)
        assert await store.find_app(WHOLE.app_id) == emptied
        assert await store.change_app("wx-none", change) is None
        assert list(await store.list_apps()) == [emptied]

    async def test_a_new_secret_keeps_the_one_before_it(self, store: Store) -> None:
        await store.add_app(PLAIN)
        for _ in range(2):  # a rotation that is sent twice loses nothing
            await store.change_app(PLAIN.app_id, AppChange(secret=Secret("second")))
            rotated = await store.find_app(PLAIN.app_id)
            assert rotated == replace(PLAIN, secret=Secret("second"), old_secret=PLAIN.secret)
        await store.change_app(PLAIN.app_id, AppChange(drops_old_secret=True))
        assert await store.find_app(PLAIN.app_id) == replace(PLAIN, secret=Secret("second"))

    async def test_of_two_changes_at_once_none_is_lost(self, store: Store) -> None:
        for n in range(5):
            app_id = f"wx-{n}"
            await store.add_app(App(app_id, Secret("s")))
            await asyncio.gather(
                store.change_app(app_id, AppChange(phone_conflict="join")),
                store.change_app(app_id, AppChange(is_disabled=True)),
                store.change_app(app_id, AppChange(push_token=Secret("token"))),
            )
            assert await store.find_app(app_id) == App(
                app_id,
                Secret("s"),
                phone_conflict="join",
                is_disabled=True,
                push_token=Secret("token"),
            )

    async def test_of_many_who_add_one_app_at_once_one_does(self, store: Store) -> None:
        added = await asyncio.gather(
            *(store.add_app(App("wx-a", Secret(f"secret-{n}"))) for n in range(16))
        )
        assert added.count(True) == 1
        assert await store.find_app("wx-a") == App("wx-a", Secret(f"secret-{added.index(True)}"))

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

    @many
    @given(order=st.permutations(range(1, 6)))
    async def test_in_whatever_order_tokens_arrive_the_highest_fence_stays(
        self, store: Store, order: list[int]
    ) -> None:
        app_id = f"wx-{new_number()}"
        for fence in order:
            await store.keep_access_token(
                app_id, AccessToken(Secret(f"token-{fence}"), NOW + DAY, fence)
            )
        found = await store.find_access_token(app_id)
        assert found is not None
        assert found.fence == 5
