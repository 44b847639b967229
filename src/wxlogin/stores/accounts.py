"""Accounts: found by what leads to them, changed as a whole or not at all."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wxlogin.login.accounts import Account, AccountStatus, Identity
from wxlogin.login.ports import (
    PERSON,
    AccountChange,
    AuditLine,
    AvatarChange,
    AvatarChanged,
    PhoneChange,
    Told,
    Verdict,
)
from wxlogin.login.sessions import EndCode, Ending
from wxlogin.stores import identities, phones, sessions, telling, verification
from wxlogin.stores.database import Transaction, Undone
from wxlogin.stores.records import account_from, to_json
from wxlogin.stores.schema import Tables
from wxlogin.stores.sealing import KeyRing

ACCOUNT_COLUMNS = (
    "id",
    "pool",
    "user_id",
    "status",
    "epoch",
    "created_at",
    "nickname",
    "avatar_url",
    "avatar_id",
    "phone",
    "phone_proven_at",
    "claims",
    "disabled_until",
    "reason",
    "erase_at",
    "pseudonym",
    "username",
)

PURGED = "credentials_purged"


def load(tx: Transaction, account_id: str, *, keys: KeyRing) -> Account | None:
    """The account with its identities, oldest first."""
    row = tx.row(_by_id, id=account_id)
    if row is None:
        return None
    identities = tuple(
        Identity(app_id, openid, unionid, linked_at, is_proven=bool(is_proven))
        for app_id, openid, unionid, linked_at, is_proven in tx.rows(
            _identities, account_id=account_id
        )
    )
    return account_from(row, identities, keys=keys)


def find_of(
    tx: Transaction, *, pool: str, app_id: str, openid: str, unionid: str | None, keys: KeyRing
) -> Account | None:
    row = tx.row(of_identity, app_id=app_id, openid=openid)
    if row is None and unionid:
        row = tx.row(of_unionid, pool=pool, unionid=unionid)
    return None if row is None else load(tx, row[0], keys=keys)


def find_by_user_id(tx: Transaction, user_id: str, *, keys: KeyRing) -> Account | None:
    row = tx.row(of_user_id, user_id=user_id)
    return None if row is None else load(tx, row[0], keys=keys)


def find_by_openid(
    tx: Transaction, openid: str, *, pool: str | None, keys: KeyRing
) -> Account | None:
    rows = tx.rows(_of_openid, openid=openid)
    return _only(tx, rows, pool=pool, keys=keys)


def find_by_phone(
    tx: Transaction, phone_hash: bytes, *, pool: str | None, keys: KeyRing
) -> Account | None:
    rows = tx.rows(phones.of_phone, phone_hash=phone_hash)
    return _only(tx, rows, pool=pool, keys=keys)


def change(
    tx: Transaction, account_id: str, change: AccountChange, *, told: Told, keys: KeyRing
) -> Account | None:
    """Raises `UniqueBroken` where the user_id is another account's."""
    row = tx.row(_status, account_id=account_id)
    if row is None or (change.status is not None and row[0] not in change.status_from):
        return None
    telling.write(tx, told)
    tx.run(
        _change,
        account_id=account_id,
        new_nickname=change.nickname,
        new_nickname_at=None if change.nickname is None else change.given_at,
        new_avatar_url=change.avatar_url,
        new_avatar_at=None if change.avatar_url is None else change.given_at,
        new_claims=None if change.claims is None else to_json(change.claims),
    )
    if change.user_id is not None:
        tx.run(set_user_id, account_id=account_id, new_user_id=change.user_id)
    if change.status is not None:
        _change_status(tx, account_id, change, erase_at=row[1])
    return load(tx, account_id, keys=keys)


def _change_status(
    tx: Transaction, account_id: str, change: AccountChange, *, erase_at: datetime | None
) -> None:
    status, until = change.status, change.disabled_until
    if erase_at is not None:
        status = AccountStatus.ERASING if status is AccountStatus.ACTIVE else status
        until = None  # a login after its end would take the erasure back
    tx.run(
        change_status,
        account_id=account_id,
        new_status=str(status),
        until=until,
        why=change.reason,
        new_erase_at=erase_at,
    )


def change_avatar(
    tx: Transaction, change: AvatarChange, *, told: Told, keys: KeyRing
) -> AvatarChanged | None:
    row = tx.row(_avatar_id, account_id=change.account_id)
    if row is None:
        return None
    telling.write(tx, told)
    tx.run(
        _put_avatar,
        account_id=change.account_id,
        new_url=change.url,
        new_avatar_id=change.avatar_id,
        new_avatar_at=change.given_at,
    )
    account = load(tx, change.account_id, keys=keys)
    return None if account is None else AvatarChanged(account, row[0])


def change_phone(
    tx: Transaction, wanted: PhoneChange, *, phone_hash: bytes, told: Told, keys: KeyRing
) -> Verdict:
    """Raises `Undone` with every verdict but DONE."""
    if not verification.spend_all(tx, wanted.spends, at=wanted.phone.proven_at):
        raise Undone(Verdict.CODE_SPENT)
    row = tx.row(_phone_of, account_id=wanted.account_id)
    if row is None:
        raise Undone(Verdict.GONE)
    pool, kept_hash, proven_at = row
    owner = phones.owner_of(tx, phone_hash, pool=pool)
    if owner is not None and owner != wanted.account_id:
        if wanted.phone.proven_at is None or phones.is_proven(tx, owner):
            raise Undone(Verdict.PHONE_TAKEN)
        # Nobody showed that it was theirs; whoever proves it is not kept from it (A14).
        phones.leave(tx, owner, phone_hash=phone_hash, pool=pool)
        telling.write_line(tx, AuditLine(wanted.phone.proven_at, "phone_left", PERSON, owner))
    if not wanted.may_replace and kept_hash not in (None, phone_hash):
        raise Undone(Verdict.HAS_PHONE)
    phones.put(tx, wanted.account_id, wanted.phone, phone_hash=phone_hash, keys=keys)
    if kept_hash != phone_hash:
        telling.write(tx, told)
    elif proven_at is None and wanted.phone.proven_at is not None and wanted.ends_unproven:
        ending = Ending(wanted.phone.proven_at, EndCode.REVOKED, PURGED)
        purge(tx, wanted.account_id, ending=ending, keep=wanted.keep_session)
        telling.write_line(tx, AuditLine(ending.at, PURGED, PERSON, wanted.account_id))
    return Verdict.DONE


def purge(
    tx: Transaction,
    account_id: str,
    *,
    ending: Ending,
    keep: str | None = None,
    beside: tuple[str, str] | None = None,
) -> None:
    """End whatever was there before the person: password, sessions but `keep`, and the
    identities that nobody has ever logged in with, or that were tied to the account since it
    was made (pre-hijacking, security.md A14). The person's own stays: `beside`, as (app_id,
    openid), or that of the session `keep`."""
    if keep is None:
        sessions.end_all(tx, account_id, ending=ending)
    else:
        sessions.end_others(tx, account_id, keep=keep, ending=ending)
        row = tx.row(_identity_of_session, id=keep)
        beside = None if row is None or row[1] is None else (row[0], row[1])
    tx.run(_drop_password, account_id=account_id)
    app_id, openid = beside or ("", "")
    tx.run(_drop_others, account_id=account_id, kept_app_id=app_id, kept_openid=openid)
    identities.drop_idle_unionids(tx, account_id)


def _only(
    tx: Transaction, rows: list[tuple[Any, ...]], *, pool: str | None, keys: KeyRing
) -> Account | None:
    found = {account_id for account_id, its_pool in rows if pool is None or its_pool == pool}
    return load(tx, found.pop(), keys=keys) if len(found) == 1 else None


def _by_id(t: Tables) -> sa.Select[Any]:
    columns = [t.account.c[name] for name in ACCOUNT_COLUMNS]
    return sa.select(*columns, t.account.c.password.is_not(None).label("has_password")).where(
        t.account.c.id == sa.bindparam("id")
    )


def _identities(t: Tables) -> sa.Select[Any]:
    c = t.identity.c
    return (
        sa.select(c.app_id, c.openid, c.unionid, c.linked_at, c.session_key.is_not(None))
        .where(c.account_id == sa.bindparam("account_id"))
        .order_by(c.linked_at, c.app_id, c.openid)
    )


def of_identity(t: Tables) -> sa.Select[Any]:
    """Where an identity leads, and the unionid it has."""
    c = t.identity.c
    return sa.select(c.account_id, c.unionid).where(
        c.openid == sa.bindparam("openid"), c.app_id == sa.bindparam("app_id")
    )


def of_unionid(t: Tables) -> sa.Select[Any]:
    c = t.unionid.c
    return sa.select(c.account_id).where(
        c.unionid == sa.bindparam("unionid"), c.pool == sa.bindparam("pool")
    )


def of_user_id(t: Tables) -> sa.Select[Any]:
    c = t.account.c
    return sa.select(c.id, c.pool).where(c.user_id == sa.bindparam("user_id"))


def of_username(t: Tables) -> sa.Select[Any]:
    c = t.account.c
    return sa.select(c.id).where(
        c.username_key == sa.bindparam("username_key"), c.pool == sa.bindparam("pool")
    )


def _of_openid(t: Tables) -> sa.Select[Any]:
    return (
        sa.select(t.account.c.id, t.account.c.pool)
        .join_from(t.identity, t.account, t.account.c.id == t.identity.c.account_id)
        .where(t.identity.c.openid == sa.bindparam("openid"))
    )


def _status(t: Tables) -> sa.Select[Any]:
    c = t.account.c
    return (
        sa.select(c.status, c.erase_at).where(c.id == sa.bindparam("account_id")).with_for_update()
    )


def _avatar_id(t: Tables) -> sa.Select[Any]:
    c = t.account.c
    return sa.select(c.avatar_id).where(c.id == sa.bindparam("account_id")).with_for_update()


def _put_avatar(t: Tables) -> sa.Update:
    return (
        sa.update(t.account)
        .where(t.account.c.id == sa.bindparam("account_id"))
        .values(
            avatar_url=sa.bindparam("new_url"),
            avatar_id=sa.bindparam("new_avatar_id"),
            avatar_at=sa.bindparam("new_avatar_at"),
        )
    )


def _phone_of(t: Tables) -> sa.Select[Any]:
    c = t.account.c
    return (
        sa.select(c.pool, c.phone_hash, c.phone_proven_at)
        .where(c.id == sa.bindparam("account_id"))
        .with_for_update()
    )


def _change(t: Tables) -> sa.Update:
    c = t.account.c
    fields = ("nickname", "nickname_at", "avatar_url", "avatar_at", "claims")
    return (
        sa.update(t.account)
        .where(c.id == sa.bindparam("account_id"))
        .values(
            {
                name: sa.func.coalesce(sa.bindparam(f"new_{name}", type_=c[name].type), c[name])
                for name in fields
            }
        )
    )


def set_user_id(t: Tables) -> sa.Update:
    """Apart from the rest: it changes what a session's check answers."""
    return (
        sa.update(t.account)
        .where(t.account.c.id == sa.bindparam("account_id"))
        .values(user_id=sa.bindparam("new_user_id"))
    )


def change_status(t: Tables) -> sa.Update:
    return (
        sa.update(t.account)
        .where(t.account.c.id == sa.bindparam("account_id"))
        .values(
            status=sa.bindparam("new_status"),
            disabled_until=sa.bindparam("until"),
            reason=sa.bindparam("why"),
            erase_at=sa.bindparam("new_erase_at"),
        )
    )


def _drop_password(t: Tables) -> sa.Update:
    return (
        sa.update(t.account)
        .where(t.account.c.id == sa.bindparam("account_id"))
        .values(
            password=None,
            password_changed_at=None,
            password_failures=0,
            username=None,
            username_key=None,
        )
    )


def _drop_others(t: Tables) -> sa.Delete:
    c = t.identity.c
    made = sa.select(t.account.c.created_at).where(t.account.c.id == sa.bindparam("account_id"))
    return sa.delete(t.identity).where(
        c.account_id == sa.bindparam("account_id"),
        sa.or_(c.linked_at > made.scalar_subquery(), c.session_key.is_(None)),
        sa.or_(c.app_id != sa.bindparam("kept_app_id"), c.openid != sa.bindparam("kept_openid")),
    )


def _identity_of_session(t: Tables) -> sa.Select[Any]:
    c = t.session.c
    return sa.select(c.app_id, c.openid).where(c.id == sa.bindparam("id"))
