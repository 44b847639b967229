"""Lines of the audit log as text that leaves the house: CSV for tables, JSON Lines for machines."""

import csv
import io
import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from wxlogin.login.ports.audit import LoggedLine

COLUMNS = (
    "id",
    "at",
    "kind",
    "actor_kind",
    "actor_id",
    "account_id",
    "subject",
    "app_id",
    "reason",
    "data",
    "position",
    "link",
)
BOM = "\ufeff"
"""Before a CSV: without it Excel takes Chinese for something else."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a table program would run (security.md D05)."""


def json_line(line: LoggedLine) -> str:
    """One line of JSON; `data` is an object in it, or the text where it is none any more."""
    fields = _fields(line)
    with suppress(ValueError):
        fields["data"] = json.loads(line.data)
    return json.dumps(fields, ensure_ascii=False) + "\n"


def csv_head() -> str:
    return BOM + _row(COLUMNS)


def csv_line(line: LoggedLine) -> str:
    """One row of CSV, in which nothing is a formula."""
    return _row(["" if value is None else str(value) for value in _fields(line).values()])


def harmless(cell: str) -> str:
    """`cell`, with an apostrophe before what a table program would run."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _fields(line: LoggedLine) -> dict[str, Any]:
    """In the order of `COLUMNS`."""
    return {
        "id": line.id,
        "at": _time(line.at),
        "kind": line.kind,
        "actor_kind": line.actor_kind,
        "actor_id": line.actor_id,
        "account_id": line.account_id,
        "subject": line.subject,
        "app_id": line.app_id,
        "reason": line.reason,
        "data": line.data,
        "position": line.position,
        "link": None if line.link is None else line.link.hex(),
    }


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _row(cells: Any) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([harmless(cell) for cell in cells])
    return text.getvalue()
