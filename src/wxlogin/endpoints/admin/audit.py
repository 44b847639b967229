"""The audit log: looked through, verified, carried out."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime

from wxlogin.endpoints.admin.acts import PAGING, reading
from wxlogin.endpoints.admin.admission import operator_in
from wxlogin.endpoints.admin.paging import (
    asked_of,
    from_cursor,
    limit_in,
    time_in,
    to_cursor,
)
from wxlogin.endpoints.admin.shown import AuditItem, audit_item
from wxlogin.endpoints.exchange import Reply, Request, json_reply
from wxlogin.endpoints.route import Parameter
from wxlogin.login import errors
from wxlogin.login.audit_export import csv_head, csv_line, json_line
from wxlogin.login.flow import Flow
from wxlogin.login.operator_sessions import Role
from wxlogin.login.ports import ActorKind, AuditQuery, LoggedLine

CHUNK = 256
"""Lines written at once: some 64 KiB."""

_TIME = {"type": "string", "format": "date-time"}


@dataclass(slots=True)
class StreamedReply(Reply):
    """A reply whose content comes while it is written."""

    chunks: AsyncIterator[bytes] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class AuditPage:
    items: list[AuditItem]
    next: str | None


@dataclass(frozen=True, slots=True)
class KindsMessage:
    items: list[str]


@dataclass(frozen=True, slots=True)
class VerdictMessage:
    """`first_bad` is the id of the first line that does not hold, where there is one to name."""

    ok: bool
    lines: int
    sealed: int
    first_bad: str | None


async def list_audit(flow: Flow, request: Request) -> Reply:
    asked = asked_of(request)
    limit = limit_in(asked)
    actor_kind, actor_id = _actor_in(asked.get("actor", ""))
    query = AuditQuery(
        kind=asked.get("kind"),
        actor_kind=actor_kind,
        actor_id=actor_id,
        account_id=asked.get("account_id"),
        since=time_in(asked, "from"),
        until=time_in(asked, "to"),
        before=_before(asked["cursor"]) if "cursor" in asked else None,
    )
    lines = await flow.audit_log.search(query, limit=limit + 1)
    more = to_cursor(str(lines[limit - 1].id)) if len(lines) > limit else None
    return json_reply(AuditPage([audit_item(line) for line in lines[:limit]], more))


async def list_audit_kinds(flow: Flow, request: Request) -> Reply:
    return json_reply(KindsMessage(list(await flow.audit_log.kinds())))


async def verify_audit(flow: Flow, request: Request) -> Reply:
    found = await flow.audit_log.verify()
    bad = found.broken.line_id if found.broken else None
    return json_reply(
        VerdictMessage(
            found.is_ok,
            found.sealed + found.unsealed,
            found.sealed,
            None if bad is None else str(bad),
        )
    )


async def export_audit(flow: Flow, request: Request) -> Reply:
    """A file of all lines of a time. That it was taken out is a line itself."""
    asked = asked_of(request)
    since, until = time_in(asked, "from"), time_in(asked, "to")
    form = asked.get("format", "csv")
    if form not in ("csv", "jsonl"):
        raise errors.RequestInvalid(("format", "csv or jsonl"))
    told = flow.core.told("audit_exported", actor=operator_in(request), format=form)
    if told.audit is not None and request.method != "HEAD":
        await flow.core.store.add_audit(told.audit)
    media_type = b"text/csv; charset=utf-8" if form == "csv" else b"application/x-ndjson"
    return StreamedReply(
        200,
        headers=[
            (b"content-type", media_type),
            (b"content-disposition", f'attachment; filename="audit.{form}"'.encode()),
        ],
        chunks=_written(flow, since, until, is_csv=form == "csv"),
    )


async def _written(
    flow: Flow, since: datetime | None, until: datetime | None, *, is_csv: bool
) -> AsyncIterator[bytes]:
    line_of: Callable[[LoggedLine], str] = csv_line if is_csv else json_line
    texts = [csv_head()] if is_csv else []
    async for line in flow.audit_log.lines(since=since, until=until):
        texts.append(line_of(line))
        if len(texts) >= CHUNK:
            yield "".join(texts).encode("utf-8", "backslashreplace")
            texts = []
    yield "".join(texts).encode("utf-8", "backslashreplace")


def _actor_in(text: str) -> tuple[str | None, str | None]:
    """`operator`, `operator:li.lei` or `li.lei`: a kind, a kind and a name, a name."""
    kind, _, name = text.partition(":")
    if kind in {one.value for one in ActorKind}:
        return kind, name or None
    return None, text or None


def _before(cursor: str) -> int:
    (last,) = from_cursor(cursor, parts=1)
    if not (last.isascii() and last.isdigit()) or len(last) > 18:
        raise errors.RequestInvalid(("cursor", "not one of ours"))
    return int(last)


_SPAN = (
    Parameter("from", _TIME, required=False),
    Parameter("to", _TIME, required=False),
)

ROUTES = (
    reading(
        "/v1/admin/audit",
        list_audit,
        "审计日志 The audit log, newest first",
        reply=AuditPage,
        parameters=(
            Parameter("kind", {"type": "string"}, required=False),
            Parameter("actor", {"type": "string"}, required=False),
            Parameter("account_id", {"type": "string"}, required=False),
            *_SPAN,
            *PAGING,
        ),
    ),
    reading("/v1/admin/audit/kinds", list_audit_kinds, "事件种类 Its kinds", reply=KindsMessage),
    reading(
        "/v1/admin/audit/verify",
        verify_audit,
        "校验日志 Whether it is what was written",
        reply=VerdictMessage,
        fails=(errors.RateLimited,),
    ),
    reading(
        "/v1/admin/audit/export",
        export_audit,
        "导出日志 All lines of a time, as a file",
        role=Role.ADMIN,
        parameters=(
            *_SPAN,
            Parameter("format", {"type": "string", "enum": ["csv", "jsonl"]}, required=False),
        ),
    ),
)
