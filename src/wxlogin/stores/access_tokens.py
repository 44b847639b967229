"""The shared access_token of each app, and the lease of whoever fetches the next.

A holder that was paused past its lease still writes: the fence, not the lease,
is what keeps its old token from replacing a newer one.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wxlogin.login.ports import AccessToken
from wxlogin.login.secret import Secret
from wxlogin.stores.database import Transaction
from wxlogin.stores.records import open_secret
from wxlogin.stores.schema import Tables
from wxlogin.stores.sealing import KeyRing
from wxlogin.stores.upserts import Upsert


def find(tx: Transaction, app_id: str, *, keys: KeyRing) -> AccessToken | None:
    row = tx.row(_find, app_id=app_id)
    if row is None or row[0] is None:
        return None
    sealed, expires_at, fence = row
    return AccessToken(open_secret(sealed, place(app_id), keys=keys), expires_at, fence)


def lease(tx: Transaction, app_id: str, *, now: datetime, until: datetime) -> int | None:
    tx.run(_begin, app_id=app_id, fence=0, leased_fence=0)
    if not tx.run(_lease, app_id=app_id, now=now, until=until):
        return None
    row = tx.row(_leased, app_id=app_id)
    return None if row is None else int(row[0])


def keep(tx: Transaction, app_id: str, token: AccessToken, *, keys: KeyRing) -> bool:
    tx.run(_begin, app_id=app_id, fence=0, leased_fence=0)
    touched = tx.run(
        _keep,
        app_id=app_id,
        new_value=keys.seal(token.value.reveal().encode(), place(app_id)),
        new_expires_at=token.expires_at,
        new_fence=token.fence,
    )
    return touched == 1


def end_lease(tx: Transaction, app_id: str, *, fence: int) -> None:
    tx.run(_end_lease, app_id=app_id, its_fence=fence)


def drop(tx: Transaction, app_id: str, value: Secret, *, keys: KeyRing) -> bool:
    kept = find(tx, app_id, keys=keys)
    if kept is None or kept.value != value:
        return False
    return tx.run(_drop, app_id=app_id, kept_fence=kept.fence) == 1


def place(app_id: str) -> tuple[str, ...]:
    return ("access_token", "value", app_id)


def _find(t: Tables) -> sa.Select[Any]:
    c = t.access_token.c
    return sa.select(c.value, c.expires_at, c.fence).where(c.app_id == sa.bindparam("app_id"))


def _begin(t: Tables) -> Upsert:
    return Upsert(t.access_token, ("app_id", "fence", "leased_fence"), key=("app_id",))


def _end_lease(t: Tables) -> sa.Update:
    c = t.access_token.c
    return (
        sa.update(t.access_token)
        .where(c.app_id == sa.bindparam("app_id"), c.leased_fence == sa.bindparam("its_fence"))
        .values(leased_until=None)
    )


def _lease(t: Tables) -> sa.Update:
    c = t.access_token.c
    return (
        sa.update(t.access_token)
        .where(c.app_id == sa.bindparam("app_id"))
        .where(sa.or_(c.leased_until.is_(None), c.leased_until <= sa.bindparam("now")))
        .values(leased_fence=c.leased_fence + 1, leased_until=sa.bindparam("until"))
    )


def _leased(t: Tables) -> sa.Select[Any]:
    c = t.access_token.c
    return sa.select(c.leased_fence).where(c.app_id == sa.bindparam("app_id"))


def _keep(t: Tables) -> sa.Update:
    c = t.access_token.c
    fence = sa.bindparam("new_fence", type_=c.fence.type)
    return (
        sa.update(t.access_token)
        .where(c.app_id == sa.bindparam("app_id"), c.fence < fence)
        .ordered_values(
            (c.value, sa.bindparam("new_value")),
            (c.expires_at, sa.bindparam("new_expires_at")),
            (c.fence, fence),
            # An older holder that comes late does not end the newer one's lease.
            (
                c.leased_until,
                sa.case((c.leased_fence <= fence, sa.null()), else_=c.leased_until),
            ),
            (c.leased_fence, sa.case((c.leased_fence < fence, fence), else_=c.leased_fence)),
        )
    )


def _drop(t: Tables) -> sa.Update:
    c = t.access_token.c
    return (
        sa.update(t.access_token)
        .where(c.app_id == sa.bindparam("app_id"), c.fence == sa.bindparam("kept_fence"))
        .where(c.value.is_not(None))
        .values(value=sa.null(), expires_at=sa.null())
    )
