"""Pictures of people: what the core knows of them, and what it asks of those around it.

A picture that somebody uploads is never kept as it came: it is drawn anew (`EncodeAvatar`),
so that neither what is hidden in it nor where it was taken goes any further (ASVS 5.2.2,
5.2.6). It is then found under an id that cannot be guessed.
"""

import base64
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from wxlogin.login import errors
from wxlogin.login.ports import Random

log = logging.getLogger("wxlogin.login")

MEDIA_TYPE = "image/jpeg"
"""Of every picture that is kept. The `image` of a mini program shows JPEG everywhere; WebP
only on newer systems, and WeChat's own check of pictures (`img_sec_check`) takes none."""

MAX_PICTURE = 200 * 1024
"""Bytes of a picture that is kept."""

_BITS = 144
_ID = re.compile(r"[A-Za-z0-9_-]{24}")


@dataclass(frozen=True, slots=True)
class EncodedAvatar:
    """A picture as it is kept: a square of `width` times `height` pixels, and nothing beside."""

    content: bytes = field(repr=False)
    media_type: str
    width: int
    height: int


EncodeAvatar = Callable[[bytes], Awaitable[EncodedAvatar]]
"""A picture drawn anew from an upload.

Raises `RequestInvalid` for what is no picture we take, and `RateLimited` where too many
wait already."""


class AvatarStorage(Protocol):
    """Where pictures are kept. `avatar_id` is one that `new_avatar_id` made."""

    async def keep(
        self,
        avatar_id: str,
        content: bytes,
        *,
        media_type: str,
        account_id: str,
        at: datetime,
    ) -> str | None:
        """Keep the picture; its URL where somebody else serves it, None where we do.

        Raises `StoreUnavailable`.
        """
        ...

    async def find(self, avatar_id: str) -> tuple[bytes, str] | None:
        """The picture and its media type; None if there is none. Raises `StoreUnavailable`."""
        ...

    async def drop(self, avatar_id: str) -> None:
        """Forget the picture; that there is none is no error. Raises `StoreUnavailable`."""
        ...


def new_avatar_id(random: Random) -> str:
    """A fresh id of 144 random bits in 24 characters that any URL and any file name may hold."""
    return base64.urlsafe_b64encode(random(_BITS // 8)).decode()


def is_avatar_id(text: str) -> bool:
    """Whether `text` may be an id: to be asked of a URL's, before it becomes another's path."""
    return _ID.fullmatch(text) is not None


async def drop_unshown(storage: AvatarStorage, avatar_id: str) -> None:
    """Forget a picture that no account shows any more, once the account's change is committed.

    What a fault leaves behind is shown by nobody, under an id that nobody guesses.
    """
    try:
        await storage.drop(avatar_id)
    except errors.StoreUnavailable:
        log.warning("a picture that is no longer shown could not be dropped")
