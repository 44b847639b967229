"""`python -m benchmarks`: every measurement, one table each."""

from rich.console import Console
from rich.table import Table

from benchmarks import login, session_check
from benchmarks.rows import Row


def main() -> None:
    checks = session_check.measure()
    limit = checks[0].median
    _show(
        "GET /v1/session: CPU time a request of the server's process, side by side",
        checks,
        {row.name: f"{row.median / limit:.2f} x" for row in checks},
        last="ratio",
    )
    logins, rates = login.measure()
    _show(
        "POST /v1/login: CPU time a login, durable in SQLite, first login of everybody",
        logins,
        {name: f"{rate:.0f}" for name, rate in rates.items()},
        last="logins/s (best)",
    )


def _show(title: str, rows: list[Row], extra: dict[str, str], *, last: str) -> None:
    table = Table(title=title)
    for column in ("", "µs (median)", "min", "max", last):
        table.add_column(column, justify="right" if column else "left")
    for row in rows:
        numbers = (row.median, min(row.microseconds), max(row.microseconds))
        table.add_row(row.name, *(f"{number:.1f}" for number in numbers), extra[row.name])
    Console().print(table)


if __name__ == "__main__":
    main()
