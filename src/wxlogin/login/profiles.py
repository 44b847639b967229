"""What people show of themselves: a nickname and a picture, their own or WeChat's.

A picture of WeChat's is not fetched, for no address that a phone named is ever asked
(security.md A17): its address alone is kept, and only one on WeChat's own servers. Whatever
picture was shown before is dropped from our storage.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from wxlogin.login import errors
from wxlogin.login.accounts import Account
from wxlogin.login.avatars import (
    AvatarStorage,
    EncodeAvatar,
    drop_unshown,
    is_avatar_id,
    new_avatar_id,
)
from wxlogin.login.content import Shown
from wxlogin.login.core import Core, refuse
from wxlogin.login.nicknames import check_nickname, is_nickname
from wxlogin.login.open_data import Blob, OwnOpenData, SignedData, openid_of
from wxlogin.login.own_account import OwnAccount
from wxlogin.login.ports import AccountChange, AvatarChange
from wxlogin.login.sessions import Session

log = logging.getLogger("wxlogin.avatars")

ANONYMOUS = "微信用户"
"""Everybody's name since 2022, with a grey picture (contract §10.3)."""

# A digit or a slash follows: no other host, no user before it, no port behind it.
_WECHAT_PICTURE = re.compile(r"https://[a-z0-9-]{1,32}\.qlogo\.cn/[!-~]{1,1024}")


@dataclass(frozen=True, slots=True)
class Pictures:
    """How pictures are drawn anew, where they are kept, and where we are seen from.

    Without `encode` none is taken. `public_url` stands before the path of a picture that we
    serve: `image` in a mini program shows absolute addresses alone. `per_hour` and account:
    each costs a second of a processor, and a call of WeChat's where content is checked.
    """

    storage: AvatarStorage
    encode: EncodeAvatar | None = None
    public_url: str = ""
    per_hour: int = 30


class OwnProfile:
    """Raises `SessionInvalid` where the account is gone; `ContentRejected` where content is
    checked, and then what WeChat's check raises."""

    def __init__(
        self, core: Core, *, open_data: OwnOpenData, shown: Shown, pictures: Pictures
    ) -> None:
        self._core = core
        self._own_account = OwnAccount(core)
        self._open_data = open_data
        self._shown = shown
        self._pictures = pictures

    async def change_nickname(self, session: Session, nickname: str) -> Account:
        """The account with this nickname. Raises `RequestInvalid`."""
        check_nickname(nickname)
        await self._shown.check_text(session, await self._own_account.get(session), nickname)
        return await self._rename(session, nickname)

    async def take_from_wechat(
        self, session: Session, signed: SignedData, blob: Blob | None = None
    ) -> Account:
        """The account with the nickname and picture that WeChat signed; as it was where they
        are the anonymous ones. What is not fit to be shown (a blank name, a picture
        elsewhere) is left out.

        Raises `SignatureInvalid`, `CiphertextInvalid`, `SessionKeyStale`, `RateLimited`,
        `RequestInvalid` for a session without WeChat.
        """
        openid_of(session, field="raw_data")
        account = await self._own_account.get(session)
        profile, sealed = await self._open_data.read_signed(session, signed, blob)
        if _is_anonymous(profile) or _is_anonymous(sealed):
            return account
        nickname, picture = profile.get("nickName"), profile.get("avatarUrl")
        if isinstance(nickname, str) and is_nickname(nickname):
            if nickname != account.nickname:
                await self._shown.check_text(session, account, nickname)
            account = await self._rename(session, nickname)
        if isinstance(picture, str) and _WECHAT_PICTURE.fullmatch(picture):
            account = await self._show(AvatarChange(account.id, picture, given_at=self._core.now()))
        return account

    async def put_avatar(self, session: Session, content: bytes) -> Account:
        """The account with the picture in `content`, drawn anew.

        Raises `RequestInvalid` with the field "file", `RateLimited`, `NotFound` where no
        pictures are taken, `StoreUnavailable`.
        """
        pictures, core = self._pictures, self._core
        if pictures.encode is None:
            raise errors.NotFound
        await self._take_turn(session)
        drawn = await pictures.encode(content)
        await self._shown.check_picture(session, drawn.content, media_type=drawn.media_type)
        avatar_id = new_avatar_id(core.random)
        url = await pictures.storage.keep(
            avatar_id,
            drawn.content,
            media_type=drawn.media_type,
            account_id=session.account_id,
            at=core.now(),
        )
        shown_at = url or f"{pictures.public_url}/v1/avatars/{avatar_id}"
        try:
            return await self._show(
                AvatarChange(session.account_id, shown_at, avatar_id, given_at=core.now())
            )
        except errors.SessionInvalid:
            await drop_unshown(self._pictures.storage, avatar_id)
            raise

    async def find_avatar(self, avatar_id: str) -> tuple[bytes, str] | None:
        """The picture with this id and its media type, for everybody who knows the id."""
        return await self._pictures.storage.find(avatar_id) if is_avatar_id(avatar_id) else None

    async def _rename(self, session: Session, nickname: str) -> Account:
        change = AccountChange(nickname=nickname, given_at=self._core.now())
        account = await self._core.store.change_account(session.account_id, change)
        if account is None:
            raise errors.SessionInvalid
        return account

    async def _show(self, change: AvatarChange) -> Account:
        changed = await self._core.store.change_avatar(change)
        if changed is None:
            raise errors.SessionInvalid
        if changed.former_id is not None:
            await drop_unshown(self._pictures.storage, changed.former_id)
        return changed.account

    async def _take_turn(self, session: Session) -> None:
        refuse(
            await self._core.store.take(
                f"avatar:{session.account_id}",
                limit=self._pictures.per_hour,
                window=timedelta(hours=1),
                now=self._core.now(),
            )
        )


def _is_anonymous(fields: Mapping[str, Any]) -> bool:
    return bool(fields.get("is_demote")) or fields.get("nickName") == ANONYMOUS
