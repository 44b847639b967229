"""What is told of an act, written in the transaction of the act."""

from typing import Any

import sqlalchemy as sa

from wxlogin.login.ports import AuditLine, Told
from wxlogin.stores import outbox
from wxlogin.stores.database import Transaction
from wxlogin.stores.records import to_json
from wxlogin.stores.schema import Tables

AUDIT_COLUMNS = ("at", "kind", "actor_kind", "actor_id", "subject", "app_id", "reason", "data")


def write(tx: Transaction, told: Told) -> None:
    """Before the act erases its account: the pseudonym is read from there."""
    if told.event is not None:
        outbox.add(tx, told.event)
    if told.audit is not None:
        write_line(tx, told.audit)


def write_line(tx: Transaction, line: AuditLine) -> None:
    row = None if line.account_id is None else tx.row(_pseudonym, id=line.account_id)
    tx.run(
        _add_line,
        at=line.at,
        kind=line.kind,
        actor_kind=str(line.actor.kind),
        actor_id=line.actor.id,
        subject=None if row is None else row[0],
        app_id=line.app_id,
        reason=line.reason,
        data=to_json(line.data),
    )


def _pseudonym(t: Tables) -> sa.Select[Any]:
    return sa.select(t.account.c.pseudonym).where(t.account.c.id == sa.bindparam("id"))


def _add_line(t: Tables) -> sa.Insert:
    return sa.insert(t.audit).values({name: sa.bindparam(name) for name in AUDIT_COLUMNS})
