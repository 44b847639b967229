"""`python -m benchmarks`: every measurement, one table."""

from rich.console import Console
from rich.table import Table

from benchmarks import session_check


def main() -> None:
    rows = session_check.measure()
    limit = rows[0].median
    table = Table(title="CPU time per request, one process, side by side")
    for column in ("", "µs (median)", "min", "max", "ratio"):
        table.add_column(column, justify="left" if not column else "right")
    for row in rows:
        table.add_row(
            row.name,
            f"{row.median:.1f}",
            f"{min(row.microseconds):.1f}",
            f"{max(row.microseconds):.1f}",
            f"{row.median / limit:.2f} x",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
