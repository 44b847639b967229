"""The one transaction of a login: everything it writes, or nothing.

Every question whose answer another login could change at this moment is put as a
statement that decides: an insert that finds the row taken makes the whole unit run
anew (`Outraced`), and then it sees the winner.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wxlogin.login.accounts import AccountStatus, ProvenIdentity
from wxlogin.login.ports import (
    PERSON,
    AuditLine,
    Event,
    LoginCommit,
    LoginOutcome,
    LoginVerdict,
    NewAccount,
    PasswordEntry,
)
from wxlogin.login.sessions import EndCode, Ending, is_enabled_again
from wxlogin.stores import (
    accounts,
    applications,
    credentials,
    outbox,
    phones,
    session_keys,
    sessions,
    telling,
    tickets,
    verification,
)
from wxlogin.stores.database import Outraced, Transaction
from wxlogin.stores.records import (
    place_of_password,
    place_of_phone,
    seal_phone,
    seal_secret,
    session_from,
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
    """Whose login it is. `identity` is the one it is tied to, `unionid` what that one had."""

    account_id: str
    identity: ProvenIdentity | None
    is_linked: bool = False
    unionid: str | None = None
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class _Admitted:
    """The account's row, locked against a kick at this moment; `happened`: see `AUDITED`."""

    epoch: int
    user_id: str | None
    phone_hash: bytes | None
    claims: str
    happened: tuple[str, ...]


def commit_login(
    tx: Transaction, commit: LoginCommit, *, phone_hash: bytes | None, keys: KeyRing
) -> LoginOutcome:
    """Raises `LoginUndone` with every outcome but DONE."""
    _spend(tx, commit)
    known = _find(tx, commit, phone_hash)
    if known is not None and commit.application is not None:
        raise LoginUndone(LoginOutcome(LoginVerdict.KNOWN))
    happened = _leave(tx, commit, known, phone_hash=phone_hash)
    found = known or _register(tx, commit, phone_hash=phone_hash, keys=keys)
    admitted = _admit(tx, commit, found, phone_hash=phone_hash, keys=keys)
    happened += admitted.happened
    happened += _take_phone(tx, commit, found, admitted, phone_hash=phone_hash, keys=keys)
    happened += _link(tx, commit, found, keys=keys)
    unionid, is_clash = tie_unionid(
        tx,
        found.identity,
        account_id=found.account_id,
        had=found.unionid,
        pool=commit.pool,
        app_id=commit.app_id,
        at=commit.at,
        must_win=found.is_new,
    )
    if commit.session is not None:
        _make_room(tx, commit, account_id=found.account_id, epoch=admitted.epoch)
        _add_session(tx, commit, found, admitted, unionid=unionid)
    _note(tx, commit, found, user_id=admitted.user_id, happened=happened, keys=keys)
    row = None
    if commit.session is not None:
        row = tx.row(sessions.find_session, id=commit.session.id)
        if row is None:
            raise Outraced
    return LoginOutcome(
        LoginVerdict.DONE,
        account=accounts.load(tx, found.account_id, keys=keys),
        session=None if row is None else session_from(row),
        is_new_account=found.is_new,
        unionid_clash=is_clash,
    )


def _spend(tx: Transaction, commit: LoginCommit) -> None:
    if commit.ticket_hash is not None and not tickets.spend(tx, commit.ticket_hash, at=commit.at):
        raise LoginUndone(LoginOutcome(LoginVerdict.TICKET_SPENT))
    if not verification.spend_all(tx, commit.spends, at=commit.at):
        raise LoginUndone(LoginOutcome(LoginVerdict.CODE_SPENT))


# Whose login it is


def _find(tx: Transaction, commit: LoginCommit, phone_hash: bytes | None) -> _Found | None:
    owner = _owner(tx, commit, phone_hash)
    found = _find_by_password(tx, commit) or _find_by_identity(tx, commit)
    if found is None and owner is not None and owner == commit.joins:
        is_beside = commit.identity is not None and _is_in_app(tx, owner, app_id=commit.app_id)
        if not is_beside:
            found = _Found(owner, commit.identity)
    if owner is not None and (found is None or found.account_id != owner):
        raise LoginUndone(LoginOutcome(LoginVerdict.PHONE_TAKEN))
    return found or _find_by_user_id(tx, commit)


def _owner(tx: Transaction, commit: LoginCommit, phone_hash: bytes | None) -> str | None:
    """The account that has the phone, and is not about to lose it."""
    owner = None if phone_hash is None else phones.owner_of(tx, phone_hash, pool=commit.pool)
    return None if owner == commit.phone_leaves else owner


def _find_by_password(tx: Transaction, commit: LoginCommit) -> _Found | None:
    if commit.password is None:
        return None
    account_id, identity = commit.password.account_id, commit.identity
    if identity is None:
        return _Found(account_id, None)
    row = tx.row(accounts.of_identity, app_id=commit.app_id, openid=identity.openid)
    if row is not None:
        is_own = row[0] == account_id
        return _Found(account_id, identity if is_own else None, is_own, row[1] if is_own else None)
    if not is_free(tx, identity, account_id=account_id, pool=commit.pool, app_id=commit.app_id):
        identity = None
    return _Found(account_id, identity)


def is_free(
    tx: Transaction, identity: ProvenIdentity, *, account_id: str, pool: str, app_id: str
) -> bool:
    """Whether an identity that leads nowhere by its openid may lead to this account."""
    if _is_in_app(tx, account_id, app_id=app_id):
        return False
    if not identity.unionid:
        return True
    owner = tx.row(accounts.of_unionid, pool=pool, unionid=identity.unionid)
    return owner is None or owner[0] == account_id


def _find_by_identity(tx: Transaction, commit: LoginCommit) -> _Found | None:
    identity = commit.identity
    if identity is None:
        return None
    row = tx.row(accounts.of_identity, app_id=commit.app_id, openid=identity.openid)
    if row is not None:
        return _Found(row[0], identity, is_linked=True, unionid=row[1])
    if identity.unionid:
        row = tx.row(accounts.of_unionid, pool=commit.pool, unionid=identity.unionid)
        if row is not None:
            return _Found(row[0], identity)
    return None


def _find_by_user_id(tx: Transaction, commit: LoginCommit) -> _Found | None:
    if commit.user_id is None:
        return None
    row = tx.row(accounts.of_user_id, user_id=commit.user_id)
    if row is None:
        return None
    if row[1] != commit.pool or _is_in_app(tx, row[0], app_id=commit.app_id):
        raise LoginUndone(LoginOutcome(LoginVerdict.USER_ID_TAKEN))
    return _Found(row[0], commit.identity)


def _is_in_app(tx: Transaction, account_id: str, *, app_id: str) -> bool:
    return tx.row(in_app, account_id=account_id, app_id=app_id) is not None


def _leave(
    tx: Transaction, commit: LoginCommit, found: _Found | None, *, phone_hash: bytes | None
) -> list[str]:
    """The number from the account that loses it, before anybody else gets it."""
    loser = commit.phone_leaves
    if loser is None or phone_hash is None or (found is not None and found.account_id == loser):
        return []
    has_left = phones.leave(tx, loser, phone_hash=phone_hash, pool=commit.pool)
    return ["phone_left"] if has_left else []


def _register(
    tx: Transaction, commit: LoginCommit, *, phone_hash: bytes | None, keys: KeyRing
) -> _Found:
    new = commit.registration
    if new is None:
        raise LoginUndone(LoginOutcome(LoginVerdict.UNKNOWN))
    if new.username_key is not None and tx.row(
        accounts.of_username, username_key=new.username_key, pool=commit.pool
    ):
        raise LoginUndone(LoginOutcome(LoginVerdict.USERNAME_TAKEN))
    tx.run(_add_account, **_account_values(commit, new, phone_hash=phone_hash, keys=keys))
    return _Found(new.id, commit.identity, is_new=True)


def _account_values(
    commit: LoginCommit, new: NewAccount, *, phone_hash: bytes | None, keys: KeyRing
) -> dict[str, Any]:
    phone = commit.phone
    return {
        "id": new.id,
        "pool": commit.pool,
        "user_id": commit.user_id,
        "status": str(new.status),
        "epoch": 0,
        "created_at": commit.at,
        "nickname": new.nickname,
        "phone": None if phone is None else seal_phone(phone, place_of_phone(new.id), keys=keys),
        "phone_hash": phone_hash,
        "phone_proven_at": None if phone is None else phone.proven_at,
        "claims": "{}",
        "pseudonym": new.pseudonym,
        "username": new.username,
        "username_key": new.username_key,
        "password": seal_secret(new.password_hash, place_of_password(new.id), keys=keys),
        "password_changed_at": None if new.password_hash is None else commit.at,
        "password_failures": 0,
    }


# Whether it may be


def _admit(
    tx: Transaction,
    commit: LoginCommit,
    found: _Found,
    *,
    phone_hash: bytes | None,
    keys: KeyRing,
) -> _Admitted:
    row = tx.row(_lock, id=found.account_id)
    if row is None and commit.password is not None:
        raise LoginUndone(LoginOutcome(LoginVerdict.UNKNOWN))
    if row is None:
        raise Outraced
    (
        status,
        disabled_until,
        epoch,
        user_id,
        had_hash,
        proven_at,
        changed_at,
        failures,
        claims,
    ) = row
    happened: list[str] = []
    if commit.password is not None:
        # Before the status: what an account has come to is told after the right password alone.
        if changed_at != commit.password.changed_at:
            _undo(tx, LoginVerdict.NOT_PROVEN, found, keys=keys)
        _note_password(tx, commit.password, failures=failures, keys=keys)
    if status != AccountStatus.ACTIVE and not (found.is_new and commit.session is None):
        happened += _open_again(tx, commit, found, status, disabled_until, keys=keys)
    if user_id is None and commit.user_id is not None:
        if tx.row(accounts.of_user_id, user_id=commit.user_id) is not None:
            _undo(tx, LoginVerdict.USER_ID_TAKEN, found, keys=keys)
        tx.run(accounts.set_user_id, account_id=found.account_id, new_user_id=commit.user_id)
        user_id = commit.user_id
    if _is_first_proof(commit, found, phone_hash=phone_hash, had=had_hash, proven_at=proven_at):
        beside = None if found.identity is None else (commit.app_id, found.identity.openid)
        accounts.purge(tx, found.account_id, ending=_purged(commit.at), beside=beside)
        epoch += 1
        happened.append("credentials_purged")
    return _Admitted(epoch, user_id, had_hash, claims, tuple(happened))


def _is_first_proof(
    commit: LoginCommit,
    found: _Found,
    *,
    phone_hash: bytes | None,
    had: bytes | None,
    proven_at: datetime | None,
) -> bool:
    """Whether the number that the account came with is proven by this login, and never was."""
    if found.is_new or proven_at is not None or commit.phone is None:
        return False
    return commit.phone.proven_at is not None and phone_hash is not None and phone_hash == had


def _note_password(
    tx: Transaction, password: PasswordEntry, *, failures: int, keys: KeyRing
) -> None:
    """It was right: what was wrong before is forgotten, and an old hash gives way."""
    account_id = password.account_id
    if failures:
        credentials.clear_failures(tx, account_id)
    if password.rehashed is not None:
        sealed = seal_secret(password.rehashed, place_of_password(account_id), keys=keys)
        tx.run(_rehash, account_id=account_id, new_password=sealed)


def _open_again(
    tx: Transaction,
    commit: LoginCommit,
    found: _Found,
    status: str,
    disabled_until: datetime | None,
    *,
    keys: KeyRing,
) -> list[str]:
    """Lifts a disabling that has ended, or an erasure that is taken back."""
    is_restored = status == AccountStatus.ERASING and commit.restores
    if is_restored:
        row = tx.row(_erase_at, id=found.account_id)
        is_restored = row is not None and (row[0] is None or row[0] > commit.at)
    if not is_restored and not is_enabled_again(AccountStatus(status), disabled_until, commit.at):
        _undo(tx, LoginVerdict.NOT_ACTIVE, found, keys=keys)
    tx.run(
        accounts.change_status,
        account_id=found.account_id,
        new_status=str(AccountStatus.ACTIVE),
        until=None,
        why=None,
        new_erase_at=None,
    )
    return ["erasure_taken_back"] if is_restored else []


def _purged(at: datetime) -> Ending:
    return Ending(at, EndCode.REVOKED, "credentials_purged")


def _undo(tx: Transaction, verdict: LoginVerdict, found: _Found, *, keys: KeyRing) -> None:
    account = None if found.is_new else accounts.load(tx, found.account_id, keys=keys)
    raise LoginUndone(LoginOutcome(verdict, account=account))


# What is tied to it


def _take_phone(
    tx: Transaction,
    commit: LoginCommit,
    found: _Found,
    admitted: _Admitted,
    *,
    phone_hash: bytes | None,
    keys: KeyRing,
) -> list[str]:
    """The phone to the account it leads to; a new account was made with it."""
    if commit.phone is None or phone_hash is None or found.is_new:
        return []
    phones.put(tx, found.account_id, commit.phone, phone_hash=phone_hash, keys=keys)
    return ["phone_changed"] if admitted.phone_hash != phone_hash else []


def _link(tx: Transaction, commit: LoginCommit, found: _Found, *, keys: KeyRing) -> list[str]:
    identity = found.identity
    if identity is None:
        return []
    if found.is_linked:
        session_keys.replace_key(
            tx,
            app_id=commit.app_id,
            openid=identity.openid,
            key=identity.session_key,
            at=commit.at,
            keys=keys,
        )
        return []
    add_identity(
        tx, identity, account_id=found.account_id, app_id=commit.app_id, at=commit.at, keys=keys
    )
    return [] if found.is_new else ["identity_linked"]


def add_identity(
    tx: Transaction,
    identity: ProvenIdentity,
    *,
    account_id: str,
    app_id: str,
    at: datetime,
    keys: KeyRing,
) -> None:
    """Raises `Outraced` where another login linked it just now."""
    key = identity.session_key
    won = tx.run(
        _add_identity,
        openid=identity.openid,
        app_id=app_id,
        account_id=account_id,
        linked_at=at,
        session_key=session_keys.seal_key(key, app_id=app_id, openid=identity.openid, keys=keys),
        sequence=key.sequence,
        obtained_at=key.obtained_at,
    )
    if not won:
        raise Outraced


def tie_unionid(
    tx: Transaction,
    identity: ProvenIdentity | None,
    *,
    account_id: str,
    had: str | None,
    pool: str,
    app_id: str,
    at: datetime,
    must_win: bool,
) -> tuple[str | None, bool]:
    """The identity's unionid from now on, and whether WeChat's does not fit. It moves nothing.

    `must_win`: for an account made just now, losing means that somebody else made one.
    """
    unionid = identity.unionid if identity else None
    if identity is None or not unionid:
        return had, False
    if had is not None and had != unionid:
        return had, True
    if not tx.run(_add_unionid, unionid=unionid, pool=pool, account_id=account_id, linked_at=at):
        owner = tx.row(accounts.of_unionid, pool=pool, unionid=unionid)
        if owner is None or (must_win and owner[0] != account_id):
            raise Outraced  # another app's login of this person made the account just now
        if owner[0] != account_id:
            return had, True
    if had is None:
        tx.run(_set_unionid, app_id=app_id, openid=identity.openid, new_unionid=unionid)
    return unionid, False


# The session, and what is told


def _make_room(tx: Transaction, commit: LoginCommit, *, account_id: str, epoch: int) -> None:
    if commit.session is None:
        return
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
    tx: Transaction,
    commit: LoginCommit,
    found: _Found,
    admitted: _Admitted,
    *,
    unionid: str | None,
) -> None:
    new = commit.session
    if new is None:
        return
    tx.run(
        _insert_session,
        id=new.id,
        secret_hash=new.secret_hash,
        account_id=found.account_id,
        app_id=commit.app_id,
        openid=found.identity.openid if found.identity else None,
        unionid=unionid if found.identity else None,
        epoch=admitted.epoch,
        claims=sessions.claims_above(admitted.claims, new.claims),
        device_id=new.device.id,
        device_name=new.device.name,
        device_platform=new.device.platform,
        created_at=new.created_at,
        last_seen_at=new.created_at,
        expires_at=new.expires_at,
        idle_ttl=to_microseconds(new.idle_ttl),
    )


def _note(
    tx: Transaction,
    commit: LoginCommit,
    found: _Found,
    *,
    user_id: str | None,
    happened: list[str],
    keys: KeyRing,
) -> None:
    """What is told of this login: agreements, the login event, the host's events, the audit."""
    for agreement in commit.agreements:
        tx.run(
            _add_agreement,
            account_id=found.account_id,
            agreement_id=agreement.id,
            version=agreement.version,
            agreed_at=commit.at,
        )
    if commit.application is not None:
        applications.add(
            tx,
            commit.application,
            account_id=found.account_id,
            app_id=commit.app_id,
            keys=keys,
        )
    if commit.session is not None:
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
    for kind in happened:
        whom = commit.phone_leaves if kind == "phone_left" else found.account_id
        data = {"door": str(commit.door)}
        telling.write_line(tx, AuditLine(commit.at, kind, PERSON, whom, commit.app_id, data=data))
    told = {"registered": found.is_new, "login": commit.session is not None}
    told["phone_changed"] = "phone_changed" in happened
    for event in announced(commit, account_id=found.account_id, user_id=user_id, happened=told):
        outbox.add(tx, event)


def announced(
    commit: LoginCommit, *, account_id: str, user_id: str | None, happened: dict[str, bool]
) -> list[Event]:
    """The events this login puts into the outbox: of those waited for, what happened."""
    return [
        Event(
            id=event_id,
            kind=kind,
            at=commit.at,
            account_id=account_id,
            user_id=user_id,
            app_id=commit.app_id,
            session_id=commit.session.id if commit.session else None,
            data=commit.context,
        )
        for kind, event_id in zip(commit.announce, commit.event_ids, strict=True)
        if happened[kind]
    ]


def replaced_by(commit: LoginCommit) -> Ending:
    device = commit.session.device if commit.session else None
    return Ending(commit.at, EndCode.REPLACED, None, device)


def in_app(t: Tables) -> sa.Select[Any]:
    c = t.identity.c
    return sa.select(c.openid).where(
        c.account_id == sa.bindparam("account_id"), c.app_id == sa.bindparam("app_id")
    )


def _lock(t: Tables) -> sa.Select[Any]:
    c = t.account.c
    return (
        sa.select(
            c.status,
            c.disabled_until,
            c.epoch,
            c.user_id,
            c.phone_hash,
            c.phone_proven_at,
            c.password_changed_at,
            c.password_failures,
            c.claims,
        )
        .where(c.id == sa.bindparam("id"))
        .with_for_update()
    )


def _erase_at(t: Tables) -> sa.Select[Any]:
    return sa.select(t.account.c.erase_at).where(t.account.c.id == sa.bindparam("id"))


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
        "pseudonym",
        "username",
        "username_key",
        "password",
        "password_changed_at",
        "password_failures",
    )
    return sa.insert(t.account).values({name: sa.bindparam(name) for name in names})


def _rehash(t: Tables) -> sa.Update:
    return (
        sa.update(t.account)
        .where(t.account.c.id == sa.bindparam("account_id"))
        .values(password=sa.bindparam("new_password"))
    )


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
