"""What WeChat pushed: noted and done in one transaction, so that neither is without the other."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from wxlogin.login.accounts import AccountStatus
from wxlogin.login.ports import Datum, PushCommit, PushOutcome, PushResult, Told
from wxlogin.stores import avatars, claims, identities, leaving, outbox, telling
from wxlogin.stores.database import Transaction
from wxlogin.stores.schema import Tables

SECOND = timedelta(seconds=1)


def commit(tx: Transaction, wanted: PushCommit) -> PushOutcome:
    claimed = [claims.claim_code(tx, key, until=wanted.until) for key in wanted.keys]
    if None in claimed:
        return PushOutcome(PushResult.SEEN)
    row = None
    if wanted.account_id is not None:
        row = tx.row(_lock, account_id=wanted.account_id)
    avatar_id = None if row is None else row[0]
    dropped = [] if row is None else _drop(tx, wanted)
    if Datum.AVATAR in dropped:
        avatars.drop_all(tx, str(wanted.account_id))
    # Before the identity goes: the line's pseudonym is the account's.
    telling.write(tx, _with_dropped(wanted.told, dropped))
    if Datum.PHONE in dropped and wanted.phone_event is not None:
        outbox.add(tx, wanted.phone_event)
    is_last = row is not None and wanted.cuts and _cut(tx, wanted, AccountStatus(row[1]))
    return PushOutcome(
        PushResult.ERASING if is_last else PushResult.DONE,
        avatar_id if Datum.AVATAR in dropped else None,
    )


def _drop(tx: Transaction, wanted: PushCommit) -> list[Datum]:
    before = wanted.created_at + SECOND
    return [
        datum
        for datum, clear in _CLEARS.items()
        if datum in wanted.drops and tx.run(clear, account_id=wanted.account_id, before=before)
    ]


def _cut(tx: Transaction, wanted: PushCommit, status: AccountStatus) -> bool:
    """Whether the account is to be erased, for nothing else opens it."""
    account_id = str(wanted.account_id)
    owner = tx.row(_owner, openid=wanted.openid, app_id=wanted.app_id)
    if owner is None or owner[0] != account_id:
        return False
    if max(at for at in owner[1:] if at is not None) >= wanted.created_at + SECOND:
        return False  # who has come in since is there: the event is an old one
    if identities.opens_otherwise(
        tx, account_id, app_id=wanted.app_id, phone_opens=wanted.phone_opens
    ):
        identities.cut(
            tx, account_id, app_id=wanted.app_id, openid=wanted.openid, ending=wanted.ending
        )
        return False
    erase_at = wanted.erase_at or wanted.at
    if erase_at > wanted.at and status not in (AccountStatus.ACTIVE, AccountStatus.ERASING):
        return False  # taking it back would let in somebody who is kept out
    leaving.begin_earlier(tx, account_id, erase_at=erase_at, ending=wanted.ending)
    return True


def _with_dropped(told: Told, dropped: list[Datum]) -> Told:
    if told.audit is None:
        return told
    data = {**told.audit.data, "dropped": [str(datum) for datum in dropped]}
    return replace(told, audit=replace(told.audit, data=data))


def _lock(t: Tables) -> sa.Select[Any]:
    c = t.account.c
    return (
        sa.select(c.avatar_id, c.status).where(c.id == sa.bindparam("account_id")).with_for_update()
    )


def _owner(t: Tables) -> sa.Select[Any]:
    c = t.identity.c
    return sa.select(c.account_id, c.linked_at, c.obtained_at).where(
        c.openid == sa.bindparam("openid"), c.app_id == sa.bindparam("app_id")
    )


def _account(t: Tables, *given_at: sa.ColumnElement[Any]) -> sa.Update:
    """The account, if what it has was given before the event's second was over; what nobody
    noted the time of is as old as the account."""
    c = t.account.c
    return (
        sa.update(t.account)
        .where(c.id == sa.bindparam("account_id"))
        .where(sa.func.coalesce(*given_at, c.created_at) < sa.bindparam("before"))
    )


def _clear_nickname(t: Tables) -> sa.Update:
    c = t.account.c
    return (
        _account(t, c.nickname_at)
        .where(c.nickname.is_not(None))
        .values(nickname=None, nickname_at=None)
    )


def _clear_avatar(t: Tables) -> sa.Update:
    c = t.account.c
    return (
        _account(t, c.avatar_at)
        .where(c.avatar_url.is_not(None))
        .values(avatar_url=None, avatar_id=None, avatar_at=None)
    )


def _clear_phone(t: Tables) -> sa.Update:
    c = t.account.c
    return (
        _account(t, c.phone_proven_at)
        .where(c.phone_hash.is_not(None))
        .values(phone=None, phone_hash=None, phone_proven_at=None)
    )


_CLEARS = {
    Datum.NICKNAME: _clear_nickname,
    Datum.AVATAR: _clear_avatar,
    Datum.PHONE: _clear_phone,
}
