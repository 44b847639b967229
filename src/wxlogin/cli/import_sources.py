"""Where people to be brought along are read from: a CSV file, or a query of a database."""

import codecs
import csv
import difflib
import io
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TextIO

import click

from wxlogin.login.import_rows import COLUMNS
from wxlogin.login.importing import Row

LINE_LIMIT = 65536
"""Characters of a line: an open quote must not swallow a file."""

Done = Callable[[int, int | None], None]


def encoding_of(context: click.Context, option: click.Parameter, value: str) -> str:
    try:
        "".encode(value)  # some codecs are none of text
        return codecs.lookup(value).name
    except (LookupError, UnicodeError):
        raise click.BadParameter("没有这种编码 there is no such encoding") from None


def read_csv(path: Path, *, encoding: str, done: Done) -> Iterator[Row]:
    """The rows of a CSV file with a head; lines are counted from 1, the head's. `done` is told
    how many bytes of how many are read. Raises `ClickException` where the file is no such."""
    size = path.stat().st_size
    with path.open("rb") as raw, io.TextIOWrapper(raw, encoding=encoding, newline="") as file:
        lines = _Lines(file, encoding)
        rows = csv.reader(lines, strict=True)
        try:
            head = _head(next(rows, []))
            for cells in rows:
                if not cells:
                    continue
                if rows.line_num % 1000 == 0:
                    done(raw.tell(), size)
                is_whole = len(cells) == len(head)
                yield rows.line_num, dict(zip(head, cells, strict=True)) if is_whole else None
        except csv.Error as fault:
            raise click.ClickException(
                f"第 {rows.line_num} 行不是合法的 CSV line {rows.line_num} is no CSV: {fault}"
            ) from None


def read_sql(url: str, query: str, *, done: Done) -> Iterator[Row]:
    """The rows of a query, as they come: numbered from 1. Raises `ClickException` with what the
    driver says; never with the URL, in which a password may stand."""
    import sqlalchemy as sa

    try:
        engine = sa.create_engine(sa.make_url(url), hide_parameters=True)
    except (sa.exc.SQLAlchemyError, ImportError, ValueError) as fault:
        raise click.ClickException(
            "--sql 不是可用的地址，或缺少驱动 is no usable URL, or its driver is missing: "
            f"{type(fault).__name__}"
        ) from None
    try:
        with engine.connect().execution_options(stream_results=True, yield_per=1000) as connection:
            result = connection.execute(sa.text(query))
            head = _head(list(result.keys()))
            for number, values in enumerate(result, 1):
                if number % 1000 == 0:
                    done(number, None)
                yield number, {name: _text(value) for name, value in zip(head, values, strict=True)}
    except sa.exc.SQLAlchemyError as fault:
        said = getattr(fault, "orig", None) or type(fault).__name__
        raise click.ClickException(f"查询失败 the query failed: {said}") from None
    finally:
        engine.dispose()


class _Lines:
    """Lines of bounded length, and a wrong encoding in plain words."""

    def __init__(self, file: TextIO, encoding: str) -> None:
        self._file = file
        self._encoding = encoding
        self._number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        self._number += 1
        try:
            line = self._file.readline(LINE_LIMIT)
        except UnicodeError:
            raise click.ClickException(
                f"第 {self._number} 行附近不是 {self._encoding} 文本，请用 --encoding 指定，"
                f"如 --encoding gb18030 near line {self._number} the file is no {self._encoding} "
                "text: name its encoding, like --encoding gb18030"
            ) from None
        if not line:
            raise StopIteration
        if len(line) >= LINE_LIMIT:
            raise click.ClickException(
                f"第 {self._number} 行过长，可能有未闭合的引号 line {self._number} is too long; "
                "a quote may be open"
            )
        return line


def _head(names: Sequence[str]) -> list[str]:
    """The names of the columns. Raises `ClickException` where they are not ours."""
    head = [name.strip().lower().removeprefix("\ufeff") for name in names]
    if not head:
        raise click.ClickException("文件是空的 the file is empty")
    for name in head:
        if name not in COLUMNS:
            near = difflib.get_close_matches(name, COLUMNS, n=1)
            hint = f"；是不是 did you mean {near[0]}?" if near else ""
            raise click.ClickException(
                f"没有 {name[:64]!r} 这一列 there is no column {name[:64]!r}{hint}\n"
                f"可用的列 columns: {', '.join(COLUMNS)}"
            )
    if len(set(head)) != len(head):
        raise click.ClickException("列名重复 a column stands twice")
    return head


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)
