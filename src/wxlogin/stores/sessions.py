"""Sessions: found by their id, ended once, seen ever later."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wxlogin.login.limits import CLAIMS_LIMIT, json_size
from wxlogin.login.ports import Told
from wxlogin.login.sessions import EndCode, Ending, Session
from wxlogin.stores import telling
from wxlogin.stores.database import Transaction
from wxlogin.stores.records import device_to, from_json, session_from, to_json
from wxlogin.stores.schema import Tables

SESSION_COLUMNS = (
    "id",
    "secret_hash",
    "account_id",
    "app_id",
    "openid",
    "unionid",
    "epoch",
    "claims",
    "device_id",
    "device_name",
    "device_platform",
    "created_at",
    "last_seen_at",
    "expires_at",
    "idle_ttl",
    "ended_at",
    "end_code",
    "end_reason",
    "end_device",
)
DISTRUSTS = ("password_changed", "password_reset", "credentials_purged")
"""Why sessions end where somebody else may have had them: their devices are strange again."""

OF_ACCOUNT = ("user_id", "status", "disabled_until", "epoch", "epoch_reason")


def find_session(t: Tables) -> sa.Select[Any]:
    """The hot path: two descents by primary key."""
    return _sessions(t).where(t.session.c.id == sa.bindparam("id"))


def list_sessions(
    tx: Transaction, account_id: str, *, now: datetime, idle_before: datetime
) -> Sequence[Session]:
    rows = tx.rows(_live, account_id=account_id, now=now, idle_before=idle_before)
    return [session_from(row) for row in rows]


def end_session(
    tx: Transaction, session_id: str, *, account_id: str, ending: Ending, told: Told
) -> bool:
    touched = tx.run(_end_one, id=session_id, account_id=account_id, **end_values(ending))
    if touched:
        telling.write(tx, told)
    return touched == 1


def end_sessions(
    tx: Transaction,
    account_id: str,
    *,
    ending: Ending,
    keep: str | None,
    told: Told,
) -> int:
    if keep is not None:
        ended = end_others(tx, account_id, keep=keep, ending=ending)
    else:
        ended = end_all(tx, account_id, ending=ending)
    if ended:
        telling.write(tx, told)
    return ended


def end_all(tx: Transaction, account_id: str, *, ending: Ending) -> int:
    """How many ended. The epoch rises too, for a session that is being made at this moment."""
    # The account first: its row is the lock that a login in flight waits for, or holds.
    tx.run(_raise_epoch, account_id=account_id, why=ending.reason)
    return tx.run(_end_all, account_id=account_id, **end_values(ending))


def end_others(tx: Transaction, account_id: str, *, keep: str, ending: Ending) -> int:
    return tx.run(_end_others, account_id=account_id, keep=keep, **end_values(ending))


def end_of_identity(
    tx: Transaction, account_id: str, *, app_id: str, openid: str, ending: Ending
) -> int:
    """End the sessions that came by this identity."""
    return tx.run(
        _end_of_identity,
        account_id=account_id,
        app_id=app_id,
        openid=openid,
        **end_values(ending),
    )


def seen(tx: Transaction, sessions: Mapping[str, datetime]) -> None:
    # In one order everywhere, so that two batches cannot wait for each other.
    tx.run_many(_seen, [{"id": key, "at": at} for key, at in sorted(sessions.items())])


def is_known_device(tx: Transaction, account_id: str, device_id: str) -> bool:
    return tx.row(_of_device, account_id=account_id, device_id=device_id) is not None


def set_claims(tx: Transaction, account_id: str, claims: Mapping[str, Any]) -> int:
    row = tx.row(_claims_of, account_id=account_id)
    new_claims = claims_above(row[0] if row else "{}", claims)
    return tx.run(_set_claims, account_id=account_id, new_claims=new_claims)


def claims_above(own: str, claims: Mapping[str, Any]) -> str:
    """The host's `claims` above the account's `own`, as JSON; without those where both together
    are more than a session carries: it is read at every request, and nobody is locked out."""
    together = {**from_json(own), **claims}
    return to_json(together if json_size(together) <= CLAIMS_LIMIT else claims)


def _sessions(t: Tables) -> sa.Select[Any]:
    session = [t.session.c[name] for name in SESSION_COLUMNS]
    account = [t.account.c[name].label(f"account_{name}") for name in OF_ACCOUNT]
    return sa.select(*session, *account).join_from(
        t.session, t.account, t.account.c.id == t.session.c.account_id
    )


def is_live(t: Tables) -> sa.ColumnElement[bool]:
    """Not ended, its limits ahead; the epoch is the caller's to compare."""
    return sa.and_(
        t.session.c.account_id == sa.bindparam("account_id"),
        t.session.c.ended_at.is_(None),
        t.session.c.expires_at > sa.bindparam("now"),
        t.session.c.last_seen_at > sa.bindparam("idle_before"),
    )


def latest_first(t: Tables) -> tuple[sa.ColumnElement[Any], ...]:
    c = t.session.c
    return c.last_seen_at.desc(), c.created_at.desc(), c.id.desc()


def _live(t: Tables) -> sa.Select[Any]:
    return (
        _sessions(t)
        .where(is_live(t), t.session.c.epoch == t.account.c.epoch)
        .order_by(*latest_first(t))
    )


def end(t: Tables) -> sa.Update:
    """What every end sets, and only on what has not ended: narrow it by a `where`."""
    return (
        sa.update(t.session)
        .where(t.session.c.ended_at.is_(None))
        .values(
            ended_at=sa.bindparam("end_at"),
            end_code=sa.bindparam("code"),
            end_reason=sa.bindparam("why"),
            end_device=sa.bindparam("device"),
        )
    )


def _end(t: Tables) -> sa.Update:
    return end(t).where(t.session.c.account_id == sa.bindparam("account_id"))


def end_values(ending: Ending) -> dict[str, Any]:
    return {
        "end_at": ending.at,
        "code": str(ending.code),
        "why": ending.reason,
        "device": device_to(ending.device),
    }


def _end_one(t: Tables) -> sa.Update:
    return _end(t).where(t.session.c.id == sa.bindparam("id"))


def _end_others(t: Tables) -> sa.Update:
    return _end(t).where(t.session.c.id != sa.bindparam("keep"))


def _end_of_identity(t: Tables) -> sa.Update:
    c = t.session.c
    return _end(t).where(c.app_id == sa.bindparam("app_id"), c.openid == sa.bindparam("openid"))


def _end_all(t: Tables) -> sa.Update:
    return _end(t)


def _raise_epoch(t: Tables) -> sa.Update:
    return (
        sa.update(t.account)
        .where(t.account.c.id == sa.bindparam("account_id"))
        .values(epoch=t.account.c.epoch + 1, epoch_reason=sa.bindparam("why"))
    )


def _seen(t: Tables) -> sa.Update:
    at = sa.bindparam("at", type_=t.session.c.last_seen_at.type)
    return (
        sa.update(t.session)
        .where(t.session.c.id == sa.bindparam("id"), t.session.c.last_seen_at < at)
        .values(last_seen_at=at)
    )


def _of_device(t: Tables) -> sa.Select[Any]:
    """A session of the device that no distrust has ended, nor one after it."""
    c, later = t.session.c, t.session.alias("later")
    distrusted = sa.exists().where(
        later.c.account_id == sa.bindparam("account_id"),
        later.c.device_id == sa.bindparam("device_id"),
        later.c.end_code == str(EndCode.REVOKED),
        sa.or_(*(later.c.end_reason == why for why in DISTRUSTS)),
        later.c.ended_at >= c.created_at,
    )
    return (
        sa.select(c.id)
        .where(c.account_id == sa.bindparam("account_id"))
        .where(c.device_id == sa.bindparam("device_id"))
        .where(sa.or_(c.ended_at.is_(None), ~distrusted))
        .limit(1)
    )


def _claims_of(t: Tables) -> sa.Select[Any]:
    """Locked: a login in flight carries them too."""
    c = t.account.c
    return sa.select(c.claims).where(c.id == sa.bindparam("account_id")).with_for_update()


def _set_claims(t: Tables) -> sa.Update:
    return (
        sa.update(t.session)
        .where(t.session.c.account_id == sa.bindparam("account_id"))
        .where(t.session.c.ended_at.is_(None))
        .values(claims=sa.bindparam("new_claims"))
    )
