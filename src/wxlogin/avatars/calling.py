"""A host's own functions as the storage of pictures: it has a place for files already."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from wxlogin.login.avatars import MAX_PICTURE, MEDIA_TYPE

Keep = Callable[[str, bytes, str], Awaitable[str | None]]
"""Keeps a picture: its id, its bytes, its media type. The URL where the host serves it, or None
where we shall."""
Find = Callable[[str], Awaitable[bytes | None]]
"""The bytes of the picture with this id; None if there is none."""
Drop = Callable[[str], Awaitable[None]]


class CallingAvatarStorage:
    """`AvatarStorage` on three functions. `find` may be left out where `keep` gives URLs.

    What they raise comes out as it is.
    """

    def __init__(self, *, keep: Keep, drop: Drop, find: Find | None = None) -> None:
        self._keep = keep
        self._drop = drop
        self._find = find

    async def keep(
        self,
        avatar_id: str,
        content: bytes,
        *,
        media_type: str,
        account_id: str,
        at: datetime,
    ) -> str | None:
        """See `AvatarStorage`. Raises ValueError where the picture has neither URL nor `find`."""
        url = await self._keep(avatar_id, content, media_type)
        if url is None and self._find is None:
            raise ValueError("keep gave no URL, and there is no find to serve the picture by")
        return url

    async def find(self, avatar_id: str) -> tuple[bytes, str] | None:
        """See `AvatarStorage`. The type is ours, whatever was put there meanwhile."""
        content = None if self._find is None else await self._find(avatar_id)
        if content is None or len(content) > MAX_PICTURE:
            return None
        return content, MEDIA_TYPE

    async def drop(self, avatar_id: str) -> None:
        await self._drop(avatar_id)
