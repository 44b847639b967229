"""The audit log's lines and the head of their chain; `telling.py` writes the lines."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from wxlogin.login.ports.audit import AuditHead, AuditQuery, LoggedLine, Point
from wxlogin.stores.columns import Instant
from wxlogin.stores.database import Transaction
from wxlogin.stores.schema import Tables
from wxlogin.stores.statements import Row, Statement
from wxlogin.stores.upserts import Upsert

HEAD = "head"
HEAD_COLUMNS = ("id", "position", "link", "base_position", "base_link", "mac")
UNREADABLE = datetime.min.replace(tzinfo=UTC)
"""What a time that was tampered with is read as: no line was ever sealed with it."""


class _KeptInstant(Instant):
    """An `Instant` that somebody may have put anything into."""

    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        read = super().result_processor(dialect, coltype)

        def kept(value: Any) -> Any:
            try:
                found = read(value)
            except (ValueError, TypeError):
                return UNREADABLE
            if found is None or found.tzinfo is None:
                return UNREADABLE
            # Of the many spellings of a time we write one, which sorts; another was put there.
            is_ours = not isinstance(value, str) or value == _spelling(found)
            return found if is_ours else UNREADABLE

        return kept


def _spelling(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def search(tx: Transaction, query: AuditQuery, *, limit: int) -> list[LoggedLine]:
    given = {
        name: value
        for name in ("kind", "actor_kind", "actor_id", "account_id", "since", "until", "before")
        if (value := getattr(query, name)) is not None
    }
    return [_line(row) for row in tx.rows(_search(frozenset(given)), limit=limit, **given)]


def list_by_id(
    tx: Transaction, *, after: int, since: datetime | None, until: datetime | None, limit: int
) -> list[LoggedLine]:
    given: dict[str, Any] = {"after": after}
    given |= {} if since is None else {"since": since}
    given |= {} if until is None else {"until": until}
    return [_line(row) for row in tx.rows(_by_id(frozenset(given)), limit=limit, **given)]


def list_kinds(tx: Transaction) -> list[str]:
    return [row[0] for row in tx.rows(_kinds)]


def count_unsealed(tx: Transaction) -> int:
    row = tx.row(_count_unsealed)
    return 0 if row is None else int(row[0])


def list_unsealed(tx: Transaction, *, limit: int) -> list[LoggedLine]:
    return [_line(row) for row in tx.rows(_unsealed, limit=limit)]


def list_sealed(tx: Transaction, *, after: int | None, limit: int) -> list[LoggedLine]:
    if after is None:
        return [_line(row) for row in tx.rows(_sealed, limit=limit)]
    return [_line(row) for row in tx.rows(_sealed_after, after=after, limit=limit)]


def find_head(tx: Transaction) -> AuditHead | None:
    row = tx.row(_head, id=HEAD)
    if row is None:
        return None
    position, link, base_position, base_link, mac = row
    return AuditHead(
        Point(position, _bytes(link)), Point(base_position, _bytes(base_link)), _bytes(mac)
    )


def keep_sealed(
    tx: Transaction,
    places: Sequence[tuple[int, Point]],
    *,
    head: AuditHead,
    before: AuditHead | None,
) -> bool:
    # The head first: whoever moves it holds its row until the places are written too.
    if not _move(tx, head, before=before):
        return False
    tx.run_many(
        _place,
        [
            {"line_id": line_id, "new_position": point.position, "new_link": point.link}
            for line_id, point in places
        ],
    )
    return True


def drop_sealed(tx: Transaction, *, head: AuditHead, before: AuditHead) -> bool:
    if not _move(tx, head, before=before):
        return False
    tx.run(_drop, until=head.base.position)
    return True


def _move(tx: Transaction, head: AuditHead, *, before: AuditHead | None) -> bool:
    """Compare and set: the MAC stands for all of a head."""
    values = {
        "position": head.end.position,
        "link": head.end.link,
        "base_position": head.base.position,
        "base_link": head.base.link,
        "mac": head.mac,
    }
    if before is None:
        return tx.run(_begin, id=HEAD, **values) == 1
    values = {f"new_{name}": value for name, value in values.items()}
    return tx.run(_advance, head=HEAD, seen_mac=before.mac, **values) == 1


def _line(row: Row) -> LoggedLine:
    line_id, at, *texts, position, link, account_id = row
    kind, actor_kind, actor_id, subject, app_id, reason, data = map(_text, texts)
    return LoggedLine(
        line_id,
        at,
        kind or "",
        actor_kind or "",
        actor_id,
        subject,
        app_id,
        reason,
        data or "",
        position if isinstance(position, int) or position is None else 0,
        None if link is None else _bytes(link),
        account_id,
    )


def _text(value: Any) -> str | None:
    return value if value is None else str(value)


def _bytes(value: Any) -> bytes:
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else b""


_LINE = ("kind", "actor_kind", "actor_id", "subject", "app_id", "reason", "data")


def _lines(t: Tables) -> sa.Select[Any]:
    c, account = t.audit.c, t.account
    return sa.select(
        c.id,
        sa.type_coerce(c.at, _KeptInstant()).label("at"),
        *(c[name] for name in _LINE),
        c.position,
        c.link,
        account.c.id.label("account_id"),
    ).select_from(t.audit.outerjoin(account, account.c.pseudonym == c.subject))


def _filtered(t: Tables, names: frozenset[str]) -> sa.Select[Any]:
    """`_lines` with a condition for each name; what is not asked for costs nothing."""
    c = t.audit.c
    pseudonym = (
        sa.select(t.account.c.pseudonym)
        .where(t.account.c.id == sa.bindparam("account_id"))
        .scalar_subquery()
        .correlate(None)
    )
    conditions = {
        "kind": c.kind == sa.bindparam("kind"),
        "actor_kind": c.actor_kind == sa.bindparam("actor_kind"),
        "actor_id": c.actor_id == sa.bindparam("actor_id"),
        "account_id": c.subject == pseudonym,
        "since": c.at >= sa.bindparam("since"),
        "until": c.at < sa.bindparam("until"),
        "before": c.id < sa.bindparam("before"),
        "after": c.id > sa.bindparam("after"),
    }
    return _lines(t).where(*(conditions[name] for name in sorted(names)))


@lru_cache(maxsize=256)
def _search(names: frozenset[str]) -> Statement:
    def statement(t: Tables) -> sa.Select[Any]:
        return _filtered(t, names).order_by(t.audit.c.id.desc()).limit(_limit())

    return statement


@lru_cache(maxsize=8)
def _by_id(names: frozenset[str]) -> Statement:
    def statement(t: Tables) -> sa.Select[Any]:
        return _filtered(t, names).order_by(t.audit.c.id).limit(_limit())

    return statement


def _limit() -> sa.BindParameter[int]:
    return sa.bindparam("limit", type_=sa.Integer)


def _kinds(t: Tables) -> sa.Select[Any]:
    return sa.select(t.audit.c.kind).distinct().order_by(t.audit.c.kind)


def _count_unsealed(t: Tables) -> sa.Select[Any]:
    return sa.select(sa.func.count()).select_from(t.audit).where(t.audit.c.position.is_(None))


def _unsealed(t: Tables) -> sa.Select[Any]:
    c = t.audit.c
    return _lines(t).where(c.position.is_(None)).order_by(c.id).limit(_limit())


def _sealed(t: Tables) -> sa.Select[Any]:
    c = t.audit.c
    return _lines(t).where(c.position.is_not(None)).order_by(c.position).limit(_limit())


def _sealed_after(t: Tables) -> sa.Select[Any]:
    c = t.audit.c
    return _lines(t).where(c.position > sa.bindparam("after")).order_by(c.position).limit(_limit())


def _place(t: Tables) -> sa.Update:
    c = t.audit.c
    return (
        sa.update(t.audit)
        .where(c.id == sa.bindparam("line_id"), c.position.is_(None))
        .values(position=sa.bindparam("new_position"), link=sa.bindparam("new_link"))
    )


def _drop(t: Tables) -> sa.Delete:
    return sa.delete(t.audit).where(t.audit.c.position <= sa.bindparam("until"))


def _head(t: Tables) -> sa.Select[Any]:
    c = t.audit_head.c
    return sa.select(*(c[name] for name in HEAD_COLUMNS[1:])).where(c.id == sa.bindparam("id"))


def _begin(t: Tables) -> Upsert:
    return Upsert(t.audit_head, HEAD_COLUMNS, key=("id",))


def _advance(t: Tables) -> sa.Update:
    c = t.audit_head.c
    return (
        sa.update(t.audit_head)
        .where(c.id == sa.bindparam("head"), c.mac == sa.bindparam("seen_mac"))
        .values({name: sa.bindparam(f"new_{name}") for name in HEAD_COLUMNS[1:]})
    )
