"""The one transaction of a login: everything it writes, or nothing.

Every question whose answer another login could change at this moment is put as a
statement that decides: an insert that finds the row taken makes the whole unit run
anew (`Outraced`), and then it sees the winner.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from wxlogin.login.accounts import AccountStatus
from wxlogin.login.ports import Event, LoginCommit, LoginOutcome, LoginVerdict, NewAccount
from wxlogin.login.sessions import EndCode, Ending, is_enabled_again
from wxlogin.stores import accounts, outbox, session_keys, sessions, tickets
from wxlogin.stores.database import Outraced, Transaction
from wxlogin.stores.records import (
    seal_phone,
    session_from,
    to_json,
    to_microseconds,
)
from wxlogin.stores.schema import Tables
from wxlogin.stores.sealing import KeyRing
from wxlogin.stores.upserts import Upsert


class LoginUndone(Exception):
    """The login may not be; raised, so that the transaction keeps nothing of it."""

    def __init__(self, outcome: LoginOutcome) -> None:
        super().__init__(outcome.verdict)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class _Found:
    """Where the identity leads. `unionid` is the one it had."""

    account_id: str
    is_linked: bool = False
    unionid: str | None = None
    is_new: bool = False


def commit_login(
    tx: Transaction, commit: LoginCommit, *, phone_hash: bytes | None, keys: KeyRing
) -> LoginOutcome:
    """Raises `LoginUndone` with every outcome but DONE."""
    if commit.ticket_hash is not None and not tickets.spend(tx, commit.ticket_hash, at=commit.at):
        raise LoginUndone(LoginOutcome(LoginVerdict.TICKET_SPENT))
    found = _find(tx, commit) or _register(tx, commit, phone_hash=phone_hash, keys=keys)
    epoch, user_id = _admit(tx, commit, found, keys=keys)
    _link(tx, commit, found, keys=keys)
    unionid, is_clash = _tie_unionid(tx, commit, found)
    _make_room(tx, commit, account_id=found.account_id, epoch=epoch)
    _add_session(tx, commit, account_id=found.account_id, unionid=unionid, epoch=epoch)
    _note(tx, commit, found, user_id=user_id)
    row = tx.row(sessions.find_session, id=commit.session.id)
    if row is None:
        raise Outraced
    return LoginOutcome(
        LoginVerdict.DONE,
        account=accounts.load(tx, found.account_id, keys=keys),
        session=session_from(row),
        is_new_account=found.is_new,
        unionid_clash=is_clash,
    )


def _find(tx: Transaction, commit: LoginCommit) -> _Found | None:
    row = tx.row(accounts.of_identity, app_id=commit.app_id, openid=commit.openid)
    if row is not None:
        return _Found(row[0], is_linked=True, unionid=row[1])
    if commit.unionid:
        row = tx.row(accounts.of_unionid, pool=commit.pool, unionid=commit.unionid)
        if row is not None:
            return _Found(row[0])
    if commit.user_id is not None:
        row = tx.row(accounts.of_user_id, user_id=commit.user_id)
        if row is not None:
            if tx.row(_in_app, account_id=row[0], app_id=commit.app_id) is not None:
                raise LoginUndone(LoginOutcome(LoginVerdict.USER_ID_TAKEN))
            return _Found(row[0])
    return None


def _register(
    tx: Transaction, commit: LoginCommit, *, phone_hash: bytes | None, keys: KeyRing
) -> _Found:
    new = commit.registration
    if new is None:
        raise LoginUndone(LoginOutcome(LoginVerdict.UNKNOWN))
    if phone_hash is not None:
        held = tx.rows(accounts.of_phone, phone_hash=phone_hash)
        if any(pool == commit.pool for _, pool in held):
            raise LoginUndone(LoginOutcome(LoginVerdict.USER_ID_TAKEN))
    tx.run(_add_account, **_account_values(commit, new, phone_hash=phone_hash, keys=keys))
    return _Found(new.id, is_new=True)


def _account_values(
    commit: LoginCommit, new: NewAccount, *, phone_hash: bytes | None, keys: KeyRing
) -> dict[str, Any]:
    phone = new.phone
    return {
        "id": new.id,
        "pool": commit.pool,
        "user_id": commit.user_id,
        "status": str(new.status),
        "epoch": 0,
        "created_at": commit.at,
        "nickname": new.nickname,
        "phone": None if phone is None else seal_phone(phone, keys=keys, account_id=new.id),
        "phone_hash": phone_hash,
        "phone_proven_at": None if phone is None else phone.proven_at,
        "claims": "{}",
    }


def _admit(
    tx: Transaction, commit: LoginCommit, found: _Found, *, keys: KeyRing
) -> tuple[int, str | None]:
    """The account's epoch and user_id, its row locked against a kick at this moment."""
    row = tx.row(_lock, id=found.account_id)
    if row is None:
        raise Outraced
    status, disabled_until, epoch, user_id = row
    if status != AccountStatus.ACTIVE:
        if not is_enabled_again(AccountStatus(status), disabled_until, commit.at):
            _undo(tx, LoginVerdict.NOT_ACTIVE, found, keys=keys)
        tx.run(
            accounts.change_status,
            account_id=found.account_id,
            new_status=str(AccountStatus.ACTIVE),
            until=None,
            why=None,
        )
    if user_id is None and commit.user_id is not None:
        if tx.row(accounts.of_user_id, user_id=commit.user_id) is not None:
            _undo(tx, LoginVerdict.USER_ID_TAKEN, found, keys=keys)
        tx.run(accounts.set_user_id, account_id=found.account_id, new_user_id=commit.user_id)
        user_id = commit.user_id
    return epoch, user_id


def _undo(tx: Transaction, verdict: LoginVerdict, found: _Found, *, keys: KeyRing) -> None:
    account = None if found.is_new else accounts.load(tx, found.account_id, keys=keys)
    raise LoginUndone(LoginOutcome(verdict, account=account))


def _link(tx: Transaction, commit: LoginCommit, found: _Found, *, keys: KeyRing) -> None:
    key = commit.session_key
    if found.is_linked:
        session_keys.replace_key(
            tx, app_id=commit.app_id, openid=commit.openid, key=key, at=commit.at, keys=keys
        )
        return
    won = tx.run(
        _add_identity,
        openid=commit.openid,
        app_id=commit.app_id,
        account_id=found.account_id,
        linked_at=commit.at,
        session_key=session_keys.seal_key(
            key, app_id=commit.app_id, openid=commit.openid, keys=keys
        ),
        sequence=key.sequence,
        obtained_at=key.obtained_at,
    )
    if not won:
        raise Outraced


def _tie_unionid(tx: Transaction, commit: LoginCommit, found: _Found) -> tuple[str | None, bool]:
    """The identity's unionid from now on, and whether WeChat's does not fit. It moves nothing."""
    unionid = commit.unionid or None
    if unionid is None:
        return found.unionid, False
    if found.unionid is not None and found.unionid != unionid:
        return found.unionid, True
    if not tx.run(
        _add_unionid,
        unionid=unionid,
        pool=commit.pool,
        account_id=found.account_id,
        linked_at=commit.at,
    ):
        owner = tx.row(accounts.of_unionid, pool=commit.pool, unionid=unionid)
        if owner is None or (found.is_new and owner[0] != found.account_id):
            raise Outraced  # another app's login of this person made the account just now
        if owner[0] != found.account_id:
            return found.unionid, True
    if found.unionid is None:
        tx.run(_set_unionid, app_id=commit.app_id, openid=commit.openid, new_unionid=unionid)
    return unionid, False


def _make_room(tx: Transaction, commit: LoginCommit, *, account_id: str, epoch: int) -> None:
    device = commit.session.device
    replaced = sessions.end_values(replaced_by(commit))
    if device.id is not None:
        tx.run(
            _end_device,
            account_id=account_id,
            app_id=commit.app_id,
            device_id=device.id,
            **replaced,
        )
    beyond = tx.rows(
        _beyond,
        account_id=account_id,
        epoch=epoch,
        now=commit.at,
        idle_before=commit.idle_before,
        room=max(0, commit.max_sessions - 1),
    )
    tx.run_many(_end_by_id, [{"id": row[0], **replaced} for row in beyond])


def _add_session(
    tx: Transaction, commit: LoginCommit, *, account_id: str, unionid: str | None, epoch: int
) -> None:
    new = commit.session
    tx.run(
        _insert_session,
        id=new.id,
        secret_hash=new.secret_hash,
        account_id=account_id,
        app_id=commit.app_id,
        openid=commit.openid,
        unionid=unionid,
        epoch=epoch,
        claims=to_json(new.claims),
        device_id=new.device.id,
        device_name=new.device.name,
        device_platform=new.device.platform,
        created_at=new.created_at,
        last_seen_at=new.created_at,
        expires_at=new.expires_at,
        idle_ttl=to_microseconds(new.idle_ttl),
    )


def _note(tx: Transaction, commit: LoginCommit, found: _Found, *, user_id: str | None) -> None:
    """What is told of this login: agreements, the login event, the host's events."""
    for agreement in commit.agreements:
        tx.run(
            _add_agreement,
            account_id=found.account_id,
            agreement_id=agreement.id,
            version=agreement.version,
            agreed_at=commit.at,
        )
    tx.run(
        _add_login_event,
        at=commit.at,
        account_id=found.account_id,
        app_id=commit.app_id,
        session_id=commit.session.id,
        door=str(commit.door),
        is_new_account=found.is_new,
        device_name=commit.session.device.name,
        device_platform=commit.session.device.platform,
    )
    for event in announced(
        commit, account_id=found.account_id, user_id=user_id, is_new=found.is_new
    ):
        outbox.add(tx, event)


def announced(
    commit: LoginCommit, *, account_id: str, user_id: str | None, is_new: bool
) -> list[Event]:
    """The events this login puts into the outbox."""
    return [
        Event(
            id=event_id,
            kind=kind,
            at=commit.at,
            account_id=account_id,
            user_id=user_id,
            app_id=commit.app_id,
            session_id=commit.session.id,
            data=commit.context,
        )
        for kind, event_id in zip(commit.announce, commit.event_ids, strict=True)
        if kind != "registered" or is_new
    ]


def replaced_by(commit: LoginCommit) -> Ending:
    return Ending(commit.at, EndCode.REPLACED, None, commit.session.device)


def _in_app(t: Tables) -> sa.Select[Any]:
    c = t.identity.c
    return sa.select(c.openid).where(
        c.account_id == sa.bindparam("account_id"), c.app_id == sa.bindparam("app_id")
    )


def _lock(t: Tables) -> sa.Select[Any]:
    c = t.account.c
    return (
        sa.select(c.status, c.disabled_until, c.epoch, c.user_id)
        .where(c.id == sa.bindparam("id"))
        .with_for_update()
    )


def _add_account(t: Tables) -> sa.Insert:
    names = (
        "id",
        "pool",
        "user_id",
        "status",
        "epoch",
        "created_at",
        "nickname",
        "phone",
        "phone_hash",
        "phone_proven_at",
        "claims",
    )
    return sa.insert(t.account).values({name: sa.bindparam(name) for name in names})


def _add_identity(t: Tables) -> Upsert:
    columns = (
        "openid",
        "app_id",
        "account_id",
        "linked_at",
        "session_key",
        "sequence",
        "obtained_at",
    )
    return Upsert(t.identity, columns, key=("openid", "app_id"))


def _add_unionid(t: Tables) -> Upsert:
    columns = ("unionid", "pool", "account_id", "linked_at")
    return Upsert(t.unionid, columns, key=("unionid", "pool"))


def _set_unionid(t: Tables) -> sa.Update:
    c = t.identity.c
    return (
        sa.update(t.identity)
        .where(c.openid == sa.bindparam("openid"), c.app_id == sa.bindparam("app_id"))
        .values(unionid=sa.bindparam("new_unionid"))
    )


def _end_device(t: Tables) -> sa.Update:
    c = t.session.c
    return sessions.end(t).where(
        c.account_id == sa.bindparam("account_id"),
        c.app_id == sa.bindparam("app_id"),
        c.device_id == sa.bindparam("device_id"),
    )


def _end_by_id(t: Tables) -> sa.Update:
    return sessions.end(t).where(t.session.c.id == sa.bindparam("id"))


def _beyond(t: Tables) -> sa.Select[Any]:
    return (
        sa.select(t.session.c.id)
        .where(sessions.is_live(t), t.session.c.epoch == sa.bindparam("epoch"))
        .order_by(*sessions.latest_first(t))
        .offset(sa.bindparam("room", type_=sa.Integer))
    )


def _insert_session(t: Tables) -> sa.Insert:
    names = [name for name in sessions.SESSION_COLUMNS if not name.startswith("end")]
    return sa.insert(t.session).values({name: sa.bindparam(name) for name in names})


def _add_agreement(t: Tables) -> Upsert:
    columns = ("account_id", "agreement_id", "version", "agreed_at")
    return Upsert(t.agreement, columns, key=("account_id", "agreement_id", "version"))


def _add_login_event(t: Tables) -> sa.Insert:
    names = [name for name in t.login_event.c.keys() if name != "id"]  # noqa: SIM118 - not a dict
    return sa.insert(t.login_event).values({name: sa.bindparam(name) for name in names})
