"""Pictures of people among the records: the default place for them (see `AvatarStorage`)."""

from datetime import datetime
from typing import Protocol


class Avatars(Protocol):
    async def keep_avatar(
        self,
        avatar_id: str,
        content: bytes,
        *,
        media_type: str,
        account_id: str,
        at: datetime,
    ) -> None:
        """Keep the picture; the account need not show it."""
        ...

    async def find_avatar(self, avatar_id: str) -> tuple[bytes, str] | None:
        """The picture and its media type."""
        ...

    async def drop_avatar(self, avatar_id: str) -> None: ...
