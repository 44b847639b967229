"""Enterprises' applications; the account of each waits beside it."""

from typing import Any

import sqlalchemy as sa

from wxlogin.login.accounts import AccountStatus
from wxlogin.login.ports import Decision, DecisionVerdict, Told
from wxlogin.login.registration import Application, ApplicationStatus, NewApplication
from wxlogin.stores import telling
from wxlogin.stores.database import Transaction
from wxlogin.stores.schema import Tables
from wxlogin.stores.sealing import KeyRing
from wxlogin.stores.statements import Row

APPLICATION_COLUMNS = (
    "id",
    "account_id",
    "app_id",
    "company_name",
    "credit_code",
    "contact_name",
    "status",
    "submitted_at",
    "reason",
    "decided_at",
    "decided_by",
)


def add(
    tx: Transaction, new: NewApplication, *, account_id: str, app_id: str, keys: KeyRing
) -> None:
    tx.run(
        _add,
        id=new.id,
        account_id=account_id,
        app_id=app_id,
        company_name=new.company_name,
        credit_code=new.credit_code,
        contact_name=keys.seal(new.contact_name.encode(), place_of_contact(new.id)),
        status=str(ApplicationStatus.PENDING),
        submitted_at=new.submitted_at,
    )


def find(tx: Transaction, application_id: str, *, keys: KeyRing) -> Application | None:
    row = tx.row(_find, id=application_id)
    return None if row is None else application_from(row, keys=keys)


def decide(tx: Transaction, decision: Decision, *, told: Told) -> DecisionVerdict:
    """The statement that asks for `pending` is the one that decides between two."""
    won = tx.run(
        _decide,
        application_id=decision.application_id,
        new_status=str(decision.status),
        new_reason=decision.reason,
        at=decision.at,
        by=decision.by,
    )
    if not won:
        return DecisionVerdict.DECIDED_BEFORE
    is_rejected = decision.status is ApplicationStatus.REJECTED
    tx.run(
        _settle,
        application_id=decision.application_id,
        new_status=str(AccountStatus.REJECTED if is_rejected else AccountStatus.ACTIVE),
        why=decision.reason,
    )
    telling.write(tx, told)
    return DecisionVerdict.DONE


def application_from(row: Row, *, keys: KeyRing) -> Application:
    """An application from `APPLICATION_COLUMNS`, in their order."""
    (
        application_id,
        account_id,
        app_id,
        company,
        credit_code,
        contact,
        status,
        submitted_at,
        reason,
        decided_at,
        decided_by,
    ) = row
    return Application(
        application_id,
        account_id,
        app_id,
        company,
        credit_code,
        keys.open(contact, place_of_contact(application_id)).decode(),
        ApplicationStatus(status),
        submitted_at,
        reason,
        decided_at,
        decided_by,
    )


def place_of_contact(application_id: str) -> tuple[str, ...]:
    return ("application", "contact_name", application_id)


def _add(t: Tables) -> sa.Insert:
    names = APPLICATION_COLUMNS[: APPLICATION_COLUMNS.index("reason")]
    return sa.insert(t.application).values({name: sa.bindparam(name) for name in names})


def _find(t: Tables) -> sa.Select[Any]:
    columns = [t.application.c[name] for name in APPLICATION_COLUMNS]
    return sa.select(*columns).where(t.application.c.id == sa.bindparam("id"))


def _decide(t: Tables) -> sa.Update:
    c = t.application.c
    return (
        sa.update(t.application)
        .where(c.id == sa.bindparam("application_id"))
        .where(c.status == str(ApplicationStatus.PENDING))
        .values(
            status=sa.bindparam("new_status"),
            reason=sa.bindparam("new_reason"),
            decided_at=sa.bindparam("at"),
            decided_by=sa.bindparam("by"),
        )
    )


def _settle(t: Tables) -> sa.Update:
    """An account that somebody disabled, or that is leaving, stays what it is."""
    whose = sa.select(t.application.c.account_id).where(
        t.application.c.id == sa.bindparam("application_id")
    )
    c = t.account.c
    return (
        sa.update(t.account)
        .where(c.id == whose.scalar_subquery())
        .where(c.status == str(AccountStatus.PENDING))
        .values(status=sa.bindparam("new_status"), reason=sa.bindparam("why"))
    )
