"""Two accounts become one: what leads to the dropped one leads to the kept one."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from wxlogin.login.accounts import AccountStatus
from wxlogin.login.ports import Merge, Told, Verdict
from wxlogin.stores import leaving, sessions, telling, verification
from wxlogin.stores.database import Transaction, Undone
from wxlogin.stores.records import place_of_password, place_of_phone
from wxlogin.stores.schema import Tables
from wxlogin.stores.sealing import KeyRing
from wxlogin.stores.upserts import Upsert

MOVED = ("identity", "unionid", "session", "login_event", "application", "avatar")
"""Tables whose rows only change their account; agreements may be there on both sides."""

TOGETHER = (
    ("user_id",),
    ("nickname", "nickname_at"),
    ("avatar_url", "avatar_id", "avatar_at"),
    ("phone", "phone_hash", "phone_proven_at"),
    ("username", "username_key"),
    ("password", "password_changed_at", "password_failures"),
)
"""Columns that go together; the first of each says whether the kept account has its own."""


def merge(tx: Transaction, wanted: Merge, *, told: Told, keys: KeyRing) -> Verdict:
    """Raises `Undone` with every verdict but DONE."""
    if not verification.spend_all(tx, wanted.spends, at=wanted.at):
        raise Undone(Verdict.CODE_SPENT)
    keep_id, drop_id = wanted.keep_id, wanted.drop_id
    # In one order everywhere, so that two merges of the same two cannot wait for each other.
    found = {each: _locked(tx, each) for each in sorted((keep_id, drop_id))}
    keep, drop = found[keep_id], found[drop_id]
    if keep_id == drop_id or not _may_merge(keep, drop):
        raise Undone(Verdict.GONE)
    if _apps(tx, keep_id) & _apps(tx, drop_id):
        raise Undone(Verdict.IDENTITY_TAKEN)
    telling.write(tx, told)
    sessions.end_all(tx, drop_id, ending=wanted.ending)
    sessions.end_all(tx, keep_id, ending=wanted.ending)
    for move in _MOVES:
        tx.run(move, drop_id=drop_id, new_account_id=keep_id)
    _move_agreements(tx, wanted)
    # Nothing leads from the kept account to these: its erasure would leave them.
    tx.run(leaving.forget_contexts, account_id=drop_id)
    # The dropped row goes before what is unique on it stands on the other.
    tx.run(leaving.drop_account, account_id=drop_id)
    tx.run(_complete, account_id=keep_id, **_completed(wanted, keep, drop, keys=keys))
    ids = " ".join(filter(None, (keep["merged_ids"], drop["merged_ids"], drop_id)))
    tx.run(_note_merged, account_id=keep_id, new_merged_ids=ids)
    return Verdict.DONE


def _locked(tx: Transaction, account_id: str) -> dict[str, Any]:
    row = tx.row(_lock, account_id=account_id)
    return {} if row is None else dict(zip(_COLUMNS, row, strict=True))


def _may_merge(keep: dict[str, Any], drop: dict[str, Any]) -> bool:
    both = (keep.get("status"), drop.get("status"))
    return both == (AccountStatus.ACTIVE, AccountStatus.ACTIVE) and keep["pool"] == drop["pool"]


def _apps(tx: Transaction, account_id: str) -> set[str]:
    return {row[0] for row in tx.rows(_apps_of, account_id=account_id)}


def _move_agreements(tx: Transaction, wanted: Merge) -> None:
    for agreement_id, version, agreed_at in tx.rows(_agreements, account_id=wanted.drop_id):
        tx.run(
            _add_agreement,
            account_id=wanted.keep_id,
            agreement_id=agreement_id,
            version=version,
            agreed_at=agreed_at,
        )
    tx.run(_drop_agreements, account_id=wanted.drop_id)


def _completed(
    wanted: Merge, keep: dict[str, Any], drop: dict[str, Any], *, keys: KeyRing
) -> dict[str, Any]:
    """The kept account's columns from now on; sealed values are bound to their place."""
    values = {
        f"new_{name}": (keep if keep[together[0]] is not None else drop)[name]
        for together in TOGETHER
        for name in together
    }
    for name, place in (("phone", place_of_phone), ("password", place_of_password)):
        if keep[name] is None and drop[name] is not None:
            opened = keys.open(bytes(drop[name]), place(wanted.drop_id))
            values[f"new_{name}"] = keys.seal(opened, place(wanted.keep_id))
    return values


_COLUMNS = ("status", "pool", "merged_ids", *(name for together in TOGETHER for name in together))


def _lock(t: Tables) -> sa.Select[Any]:
    c = t.account.c
    columns = [c[name] for name in _COLUMNS]
    return sa.select(*columns).where(c.id == sa.bindparam("account_id")).with_for_update()


def _apps_of(t: Tables) -> sa.Select[Any]:
    c = t.identity.c
    return sa.select(c.app_id).where(c.account_id == sa.bindparam("account_id"))


def _move(table: str) -> Callable[[Tables], sa.Update]:
    def statement(t: Tables) -> sa.Update:
        its: sa.Table = getattr(t, table)
        return (
            sa.update(its)
            .where(its.c.account_id == sa.bindparam("drop_id"))
            .values(account_id=sa.bindparam("new_account_id"))
        )

    return statement


_MOVES = tuple(_move(table) for table in MOVED)


def _agreements(t: Tables) -> sa.Select[Any]:
    c = t.agreement.c
    return sa.select(c.agreement_id, c.version, c.agreed_at).where(
        c.account_id == sa.bindparam("account_id")
    )


def _add_agreement(t: Tables) -> Upsert:
    columns = ("account_id", "agreement_id", "version", "agreed_at")
    return Upsert(t.agreement, columns, key=("account_id", "agreement_id", "version"))


def _drop_agreements(t: Tables) -> sa.Delete:
    return sa.delete(t.agreement).where(t.agreement.c.account_id == sa.bindparam("account_id"))


def _note_merged(t: Tables) -> sa.Update:
    """Their ids, for the ledger: a backup from before the merge has them as accounts."""
    return (
        sa.update(t.account)
        .where(t.account.c.id == sa.bindparam("account_id"))
        .values(merged_ids=sa.bindparam("new_merged_ids"))
    )


def _complete(t: Tables) -> sa.Update:
    names = [name for together in TOGETHER for name in together]
    return (
        sa.update(t.account)
        .where(t.account.c.id == sa.bindparam("account_id"))
        .values({name: sa.bindparam(f"new_{name}") for name in names})
    )
