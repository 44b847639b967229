"""A bar on the terminal for what takes a while; it stands on standard error, and goes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

Advance = Callable[[int, int | None], None]
"""Told how much is done, and how much there is where that is known."""


@contextmanager
def progress(label: str, *, unit: str) -> Iterator[Advance]:
    """Shows a bar until the end of the block. Raises `ClickException` without its library."""
    try:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
        from rich.progress import TimeRemainingColumn as Remaining
    except ImportError:
        raise click.ClickException(
            '进度条需要附加依赖 the progress bar needs: pip install "wxlogin[server]"'
        ) from None
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        Remaining(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)

        def advance(done: int, total: int | None) -> None:
            bar.update(task, completed=done, total=total)

        yield advance
