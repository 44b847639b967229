"""A host's own functions keep the pictures; what they hand back is given out as ours alone."""

from datetime import datetime

import pytest

from wxlogin.avatars.calling import CallingAvatarStorage
from wxlogin.login.avatars import MAX_PICTURE, AvatarStorage


class Shelf:
    """A host's place for files."""

    def __init__(self, *, url: str | None = None) -> None:
        self.kept: dict[str, bytes] = {}
        self.types: list[str] = []
        self._url = url

    async def keep(self, avatar_id: str, content: bytes, media_type: str) -> str | None:
        self.kept[avatar_id] = content
        self.types.append(media_type)
        return None if self._url is None else self._url + avatar_id

    async def find(self, avatar_id: str) -> bytes | None:
        return self.kept.get(avatar_id)

    async def drop(self, avatar_id: str) -> None:
        self.kept.pop(avatar_id, None)


async def test_what_was_kept_is_found_until_it_is_dropped(avatar_id: str, at: datetime) -> None:
    shelf = Shelf()
    storage: AvatarStorage = CallingAvatarStorage(keep=shelf.keep, find=shelf.find, drop=shelf.drop)
    url = await storage.keep(avatar_id, b"jpeg", media_type="image/jpeg", account_id="a", at=at)
    assert url is None
    assert shelf.types == ["image/jpeg"]
    assert await storage.find(avatar_id) == (b"jpeg", "image/jpeg")
    await storage.drop(avatar_id)
    await storage.drop(avatar_id)
    assert await storage.find(avatar_id) is None


async def test_a_host_that_serves_pictures_itself_gives_their_url(
    avatar_id: str, at: datetime
) -> None:
    shelf = Shelf(url="https://cdn.example.com/")
    storage = CallingAvatarStorage(keep=shelf.keep, drop=shelf.drop)
    url = await storage.keep(avatar_id, b"jpeg", media_type="image/jpeg", account_id="a", at=at)
    assert url == f"https://cdn.example.com/{avatar_id}"
    assert await storage.find(avatar_id) is None


async def test_a_picture_that_nobody_could_serve_is_a_mistake_of_the_host(
    avatar_id: str, at: datetime
) -> None:
    shelf = Shelf()
    storage = CallingAvatarStorage(keep=shelf.keep, drop=shelf.drop)
    with pytest.raises(ValueError, match="no find"):
        await storage.keep(avatar_id, b"jpeg", media_type="image/jpeg", account_id="a", at=at)


async def test_what_is_no_picture_of_ours_any_more_is_not_given_out(avatar_id: str) -> None:
    shelf = Shelf()
    shelf.kept[avatar_id] = bytes(MAX_PICTURE + 1)
    storage = CallingAvatarStorage(keep=shelf.keep, find=shelf.find, drop=shelf.drop)
    assert await storage.find(avatar_id) is None
