"""Housekeeping: what no rule can need any more. Expiry itself is judged on read."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from wxlogin.stores.database import Transaction
from wxlogin.stores.limits import hash_of, moment_of
from wxlogin.stores.schema import Tables
from wxlogin.stores.statements import Statement
from wxlogin.stores.upserts import Upsert

_PING = hash_of("ping")

MEMORY = timedelta(days=30)
"""A phone that is opened weeks later still hears why its session is over, and a host that was
away for weeks of what was done meanwhile."""

LOGINS_KEPT = timedelta(days=190)
"""Network logs are kept six months at least (Cybersecurity Law, art. 23 (3)), and no longer
than they have to be (PIPL art. 19)."""

SAMPLES_KEPT = timedelta(days=40)
"""The longest plot is of thirty days."""


def prune(tx: Transaction, *, now: datetime, limit: int) -> int:
    """How many rows went. They are named first and deleted by key: no database but
    SQLite and MySQL limits a delete, and MySQL forbids a limit in a subquery."""
    gone = 0
    for overdue, delete, kept_for in _KINDS:
        until = now - kept_for
        at = moment_of(until) if overdue is _full_rates else until
        found = tx.rows(overdue, at=at, limit=limit)
        tx.run_many(delete, [{"key": row[0]} for row in found])
        gone += len(found)
    return gone


def ask(tx: Transaction) -> None:
    """Reads next to nothing: whether a read would be answered."""
    tx.row(_any_key)


def touch(tx: Transaction) -> None:
    """A write: whether one would be let through, and has room on the disk."""
    tx.run(_note_ping, key_hash=_PING, full_until=1)


def _note_ping(t: Tables) -> Upsert:
    return Upsert(
        t.rate,
        ("key_hash", "full_until"),
        key=("key_hash",),
        change=lambda rate: (sa.true(), {"full_until": rate.c.full_until + 1}),
    )


def _any_key(t: Tables) -> sa.Select[Any]:
    return sa.select(t.secret_key.c.name).limit(1)


def _overdue(column: sa.Column[Any], key: sa.Column[Any]) -> sa.Select[Any]:
    return (
        sa.select(key)
        .where(column < sa.bindparam("at"))
        .order_by(column)
        .limit(sa.bindparam("limit", type_=sa.Integer))
    )


def _by(key: sa.Column[Any]) -> sa.Delete:
    return sa.delete(key.table).where(key == sa.bindparam("key"))


def _old_claims(t: Tables) -> sa.Select[Any]:
    return _overdue(t.code_claim.c.until, t.code_claim.c.sequence)


def _drop_claim(t: Tables) -> sa.Delete:
    return _by(t.code_claim.c.sequence)


def _old_tickets(t: Tables) -> sa.Select[Any]:
    return _overdue(t.ticket.c.expires_at, t.ticket.c.hash)


def _drop_ticket(t: Tables) -> sa.Delete:
    return _by(t.ticket.c.hash)


def _old_sessions(t: Tables) -> sa.Select[Any]:
    return _overdue(t.session.c.expires_at, t.session.c.id)


def _drop_session(t: Tables) -> sa.Delete:
    return _by(t.session.c.id)


def _full_rates(t: Tables) -> sa.Select[Any]:
    return _overdue(t.rate.c.full_until, t.rate.c.key_hash)


def _drop_rate(t: Tables) -> sa.Delete:
    return _by(t.rate.c.key_hash)


def _old_events(t: Tables) -> sa.Select[Any]:
    return _overdue(t.outbox.c.at, t.outbox.c.id)


def _drop_event(t: Tables) -> sa.Delete:
    return _by(t.outbox.c.id)


def _old_verification_codes(t: Tables) -> sa.Select[Any]:
    return _overdue(t.verification_code.c.expires_at, t.verification_code.c.slot)


def _drop_verification_code(t: Tables) -> sa.Delete:
    return _by(t.verification_code.c.slot)


def _old_quotas(t: Tables) -> sa.Select[Any]:
    return _overdue(t.quota.c.until, t.quota.c.key_hash)


def _drop_quota(t: Tables) -> sa.Delete:
    return _by(t.quota.c.key_hash)


def _old_logins(t: Tables) -> sa.Select[Any]:
    return _overdue(t.login_event.c.at, t.login_event.c.id)


def _drop_login(t: Tables) -> sa.Delete:
    return _by(t.login_event.c.id)


def _old_operator_sessions(t: Tables) -> sa.Select[Any]:
    return _overdue(t.operator_session.c.expires_at, t.operator_session.c.id)


def _drop_operator_session(t: Tables) -> sa.Delete:
    return _by(t.operator_session.c.id)


def _old_samples(t: Tables) -> sa.Select[Any]:
    return _overdue(t.sample.c.at, t.sample.c.at)


def _drop_samples(t: Tables) -> sa.Delete:
    return _by(t.sample.c.at)


AT_ONCE = timedelta(0)

_KINDS: tuple[tuple[Statement, Callable[[Tables], sa.Delete], timedelta], ...] = (
    (_old_claims, _drop_claim, AT_ONCE),
    (_old_tickets, _drop_ticket, AT_ONCE),
    (_old_sessions, _drop_session, MEMORY),
    (_old_events, _drop_event, MEMORY),
    (_full_rates, _drop_rate, AT_ONCE),
    (_old_verification_codes, _drop_verification_code, AT_ONCE),
    (_old_quotas, _drop_quota, AT_ONCE),
    (_old_logins, _drop_login, LOGINS_KEPT),
    (_old_operator_sessions, _drop_operator_session, MEMORY),
    (_old_samples, _drop_samples, SAMPLES_KEPT),
)
