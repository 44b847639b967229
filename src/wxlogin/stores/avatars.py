"""Pictures of people, under ids that cannot be guessed."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wxlogin.login.ports import Avatars
from wxlogin.stores.database import Transaction
from wxlogin.stores.schema import Tables
from wxlogin.stores.upserts import Upsert


class SqlAvatarStorage:
    """`AvatarStorage` in the database: nothing more to run, and backed up with the rest."""

    def __init__(self, store: Avatars) -> None:
        self._store = store

    async def keep(
        self,
        avatar_id: str,
        content: bytes,
        *,
        media_type: str,
        account_id: str,
        at: datetime,
    ) -> None:
        await self._store.keep_avatar(
            avatar_id, content, media_type=media_type, account_id=account_id, at=at
        )

    async def find(self, avatar_id: str) -> tuple[bytes, str] | None:
        return await self._store.find_avatar(avatar_id)

    async def drop(self, avatar_id: str) -> None:
        await self._store.drop_avatar(avatar_id)


def keep(
    tx: Transaction,
    avatar_id: str,
    *,
    account_id: str,
    content: bytes,
    media_type: str,
    at: datetime,
) -> None:
    tx.run(
        _keep,
        id=avatar_id,
        account_id=account_id,
        content=content,
        media_type=media_type,
        created_at=at,
    )


def find(tx: Transaction, avatar_id: str) -> tuple[bytes, str] | None:
    """The picture and its media type."""
    row = tx.row(_find, id=avatar_id)
    return None if row is None else (bytes(row[0]), row[1])


def drop(tx: Transaction, avatar_id: str) -> None:
    tx.run(_drop, id=avatar_id)


def drop_all(tx: Transaction, account_id: str) -> int:
    """Every picture of the account, also what an upload that broke off left; how many."""
    return tx.run(_drop_all, account_id=account_id)


def _keep(t: Tables) -> Upsert:
    return Upsert(t.avatar, tuple(t.avatar.c.keys()), key=("id",))


def _find(t: Tables) -> sa.Select[Any]:
    c = t.avatar.c
    return sa.select(c.content, c.media_type).where(c.id == sa.bindparam("id"))


def _drop(t: Tables) -> sa.Delete:
    return sa.delete(t.avatar).where(t.avatar.c.id == sa.bindparam("id"))


def _drop_all(t: Tables) -> sa.Delete:
    return sa.delete(t.avatar).where(t.avatar.c.account_id == sa.bindparam("account_id"))
