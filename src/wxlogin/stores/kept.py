"""Everything that is kept of one person, read at one moment."""

from typing import Any

import sqlalchemy as sa

from wxlogin.login.ports import (
    Actor,
    ActorKind,
    AuditLine,
    Event,
    Kept,
    KeptAgreement,
    KeptApplication,
    KeptAvatar,
    KeptLogin,
    KeptSession,
)
from wxlogin.login.sessions import Device
from wxlogin.stores import accounts
from wxlogin.stores.applications import place_of_contact
from wxlogin.stores.database import Transaction
from wxlogin.stores.outbox import COLUMNS as EVENT_COLUMNS
from wxlogin.stores.records import from_json
from wxlogin.stores.schema import Tables
from wxlogin.stores.sealing import KeyRing
from wxlogin.stores.statements import Row


def find(tx: Transaction, account_id: str, *, keys: KeyRing) -> Kept | None:
    account = accounts.load(tx, account_id, keys=keys)
    changed_at = tx.row(_password_changed_at, account_id=account_id)
    if account is None or changed_at is None:
        return None
    own = {"account_id": account_id}
    return Kept(
        account=account,
        password_changed_at=changed_at[0],
        unionids=tuple(row[0] for row in tx.rows(_unionids, **own)),
        agreements=tuple(KeptAgreement(*row) for row in tx.rows(_agreements, **own)),
        sessions=tuple(_session_from(row) for row in tx.rows(_sessions, **own)),
        logins=tuple(_login_from(row) for row in tx.rows(_logins, **own)),
        applications=tuple(
            _application_from(row, keys=keys) for row in tx.rows(_applications, **own)
        ),
        avatars=tuple(_avatar_from(row) for row in tx.rows(_avatars, **own)),
        history=tuple(_history(tx, account.pseudonym)),
        events=tuple(_event_from(row) for row in tx.rows(_events, **own)),
    )


def _history(tx: Transaction, subject: str) -> list[AuditLine]:
    """A merge leaves the dropped account's lines under its pseudonym, and names it in its own
    line: lines in a chain are never written over."""
    lines: dict[int, AuditLine] = {}
    subjects, seen = [subject], {""}
    while subjects:
        one = subjects.pop()
        if one in seen:
            continue
        seen.add(one)
        for row in tx.rows(_audit_of, subject=one):
            line = _line_from(row)
            lines[row[0]] = line
            subjects.append(str(line.data.get("from_subject", "")))
    return [lines[number] for number in sorted(lines)]


def _line_from(row: Row) -> AuditLine:
    _, at, kind, actor_kind, actor_id, subject, app_id, reason, data = row
    return AuditLine(
        at, kind, Actor(ActorKind(actor_kind), actor_id), subject, app_id, reason, from_json(data)
    )


def _session_from(row: Row) -> KeptSession:
    session_id, app_id, device_id, name, platform, claims, *times = row
    return KeptSession(
        session_id, app_id, Device(device_id, name, platform), from_json(claims), *times
    )


def _login_from(row: Row) -> KeptLogin:
    at, app_id, session_id, door, is_new_account, name, platform = row
    return KeptLogin(at, app_id, session_id, door, bool(is_new_account), name, platform)


def _application_from(row: Row, *, keys: KeyRing) -> KeptApplication:
    application_id, app_id, company_name, credit_code, sealed, *rest = row
    contact = keys.open(bytes(sealed), place_of_contact(application_id)).decode()
    return KeptApplication(application_id, app_id, company_name, credit_code, contact, *rest)


def _avatar_from(row: Row) -> KeptAvatar:
    avatar_id, media_type, content, created_at = row
    return KeptAvatar(avatar_id, media_type, bytes(content), created_at)


def _event_from(row: Row) -> Event:
    event_id, kind, at, account_id, user_id, app_id, session_id, data = row
    return Event(event_id, kind, at, account_id, user_id, app_id, session_id, from_json(data))


def _of(table: sa.Table, *names: str) -> sa.Select[Any]:
    columns = [table.c[name] for name in names]
    return sa.select(*columns).where(table.c.account_id == sa.bindparam("account_id"))


def _password_changed_at(t: Tables) -> sa.Select[Any]:
    c = t.account.c
    return sa.select(c.password_changed_at).where(c.id == sa.bindparam("account_id"))


def _unionids(t: Tables) -> sa.Select[Any]:
    return _of(t.unionid, "unionid").order_by(t.unionid.c.linked_at, t.unionid.c.unionid)


def _agreements(t: Tables) -> sa.Select[Any]:
    return _of(t.agreement, "agreement_id", "version", "agreed_at").order_by(
        t.agreement.c.agreed_at, t.agreement.c.agreement_id
    )


def _sessions(t: Tables) -> sa.Select[Any]:
    names = ("device_id", "device_name", "device_platform", "claims", "created_at")
    times = ("last_seen_at", "expires_at", "ended_at", "end_reason")
    return _of(t.session, "id", "app_id", *names, *times).order_by(
        t.session.c.created_at, t.session.c.id
    )


def _logins(t: Tables) -> sa.Select[Any]:
    names = ("at", "app_id", "session_id", "door", "is_new_account")
    return _of(t.login_event, *names, "device_name", "device_platform").order_by(t.login_event.c.id)


def _applications(t: Tables) -> sa.Select[Any]:
    names = ("id", "app_id", "company_name", "credit_code", "contact_name", "status", "reason")
    return _of(t.application, *names, "submitted_at", "decided_at").order_by(
        t.application.c.submitted_at
    )


def _avatars(t: Tables) -> sa.Select[Any]:
    return _of(t.avatar, "id", "media_type", "content", "created_at").order_by(
        t.avatar.c.created_at
    )


def _audit_of(t: Tables) -> sa.Select[Any]:
    c = t.audit.c
    names = ("id", "at", "kind", "actor_kind", "actor_id", "subject", "app_id", "reason", "data")
    return (
        sa.select(*(c[name] for name in names))
        .where(c.subject == sa.bindparam("subject"))
        .order_by(c.id)
    )


def _events(t: Tables) -> sa.Select[Any]:
    return _of(t.outbox, *EVENT_COLUMNS).order_by(t.outbox.c.at, t.outbox.c.id)
