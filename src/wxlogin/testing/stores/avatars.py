"""Pictures of people, and which one an account shows."""

import asyncio

from wxlogin.login.ports import AvatarChange, Store
from wxlogin.testing.stores.samples import NOW, get_account, log_in, new_id
from wxlogin.testing.stores.suite import Suite

JPEG = bytes(range(256)) * 800
"""All bytes there are, as large as a picture becomes."""


async def keep(store: Store, avatar_id: str, account_id: str = "a") -> None:
    await store.keep_avatar(avatar_id, JPEG, media_type="image/jpeg", account_id=account_id, at=NOW)


class Avatars(Suite):
    async def test_a_picture_is_found_until_it_is_dropped(self, store: Store) -> None:
        assert await store.find_avatar("one") is None
        await keep(store, "one")
        await keep(store, "two")
        assert await store.find_avatar("one") == (JPEG, "image/jpeg")
        for _ in range(2):
            await store.drop_avatar("one")
        assert await store.find_avatar("one") is None
        assert await store.find_avatar("two") == (JPEG, "image/jpeg")

    async def test_an_account_shows_one_picture_and_hears_which_one_gave_way(
        self, store: Store
    ) -> None:
        account_id = (await log_in(store)).account_id
        steps = (
            (AvatarChange(account_id, "/1", "one", NOW), None),
            (AvatarChange(account_id, "/2", "two", NOW), "one"),
            (AvatarChange(account_id, "https://example.com/a.png"), "two"),
            (AvatarChange(account_id, None), None),
        )
        for change, former_id in steps:
            changed = await store.change_avatar(change)
            assert changed is not None
            shown = changed.account
            assert (shown.avatar_url, shown.avatar_id) == (change.url, change.avatar_id)
            assert changed.former_id == former_id
            assert await get_account(store, account_id) == shown
        assert await store.change_avatar(AvatarChange(new_id(), "/3", "three")) is None

    async def test_of_many_changes_at_once_each_hears_of_another_picture(
        self, store: Store
    ) -> None:
        """Else two would drop the same one, and one be left behind."""
        account_id = (await log_in(store)).account_id
        names = [f"picture-{number}" for number in range(16)]
        changed = await asyncio.gather(
            *(store.change_avatar(AvatarChange(account_id, "/", name)) for name in names)
        )
        former = [each.former_id for each in changed if each is not None]
        shown = (await get_account(store, account_id)).avatar_id
        assert sorted(name for name in (*former, shown) if name) == sorted(names)
