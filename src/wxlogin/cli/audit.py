"""`wxlogin audit`: whether the audit log is what was written, and a copy of it to carry out."""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import click

from wxlogin.cli.progress import progress
from wxlogin.cli.session import Operator, pass_operator
from wxlogin.login.audit_export import csv_head, csv_line, json_line
from wxlogin.login.audit_log import AnchorTooOld, AuditVerdict
from wxlogin.login.auditing import Broken, Fault
from wxlogin.login.ports import Point
from wxlogin.server import WxLogin

_ANCHOR = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")

_SAID = {
    Fault.ALTERED: (
        "第 {line} 行被改动、调换或重写",
        "line {line} was altered, swapped or rewritten",
    ),
    Fault.MISSING: ("第 {line} 行之前有记录被删", "lines before line {line} were removed"),
    Fault.ADDED: ("第 {line} 行附近有伪造的记录", "a forged line at or after line {line}"),
    Fault.CUT: ("第 {line} 行之后的记录被截断", "the lines after line {line} were cut off"),
    Fault.HEAD: ("链头缺失或被改动", "the head of the chain is gone or was altered"),
    Fault.ANCHOR: (
        "与锚点不符：日志被恢复到旧状态或被重写",
        "not what the anchor says: the log was put back, or written anew",
    ),
}


@click.group()
def audit() -> None:
    """审计日志 The audit log."""


def _anchor_of(context: click.Context, option: click.Parameter, value: str | None) -> Point | None:
    if value is None:
        return None
    found = _ANCHOR.fullmatch(value.strip().lower())
    if found is None:
        raise click.BadParameter("POSITION:LINK，取自日志 audit sealed from a log line")
    return Point(int(found[1]), bytes.fromhex(found[2]))


def _moment_of(
    context: click.Context, option: click.Parameter, value: str | None
) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter("如 2026-01-31 或 2026-01-31T08:00:00+08:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@audit.command()
@click.option(
    "--anchor",
    metavar="POSITION:LINK",
    callback=_anchor_of,
    help="服务日志中的一行 audit sealed a point that was logged: finds a log that was put back.",
)
@pass_operator
def verify(operator: Operator, anchor: Point | None) -> None:
    """校验审计日志 Find out whether a line was altered, removed, swapped or cut."""

    async def act(wx: WxLogin) -> AuditVerdict:
        log = await wx.audit_log()
        with progress("校验 verifying", unit="行 lines") as advance:
            return await log.verify(anchor=anchor, progress=advance)

    try:
        found = operator.run(act)
    except AnchorTooOld:
        raise click.ClickException(
            "锚点之前的记录已到期删除，请用较新的锚点 "
            "the lines up to the anchor have aged out: take a newer one"
        ) from None
    click.echo(f"已封存 sealed: {found.sealed}")
    click.echo(f"待封存 unsealed: {found.unsealed}")
    if found.first_at is not None and found.last_at is not None:
        click.echo(f"时间 from {_shown(found.first_at)} to {_shown(found.last_at)}")
    if found.broken is not None:
        raise click.ClickException(_in_words(found.broken))
    click.echo(f"锚点 anchor: {found.end.position}:{found.end.link.hex()}")
    click.echo("完好 intact")


@audit.command()
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), default="jsonl")
@click.option("--from", "since", callback=_moment_of, metavar="TIME", help="从 since (UTC).")
@click.option("--to", "until", callback=_moment_of, metavar="TIME", help="到 before (UTC).")
@click.option(
    "--output",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="写入文件，默认标准输出 a file; standard output without it.",
)
@pass_operator
def export(
    operator: Operator,
    form: str,
    since: datetime | None,
    until: datetime | None,
    path: Path | None,
) -> None:
    """导出审计日志 Write the lines out, oldest first."""

    async def act(wx: WxLogin) -> None:
        log = await wx.audit_log()
        with _opened(path) as file:
            if form == "csv":
                file.write(csv_head().encode())
            text = csv_line if form == "csv" else json_line
            async for line in log.lines(since=since, until=until):
                file.write(text(line).encode("utf-8", "backslashreplace"))

    try:
        operator.run(act)
    except OSError as fault:
        raise click.ClickException(f"无法写入 cannot write: {fault.strerror}") from None


def _opened(path: Path | None) -> IO[bytes]:
    if path is None:
        return open(sys.stdout.fileno(), "wb", closefd=False)
    return path.open("wb")


def _in_words(broken: Broken) -> str:
    zh, en = (text.format(line=broken.line_id) for text in _SAID[broken.fault])
    return f"{zh} {en} (position {broken.position}, line {broken.line_id or '-'})"


def _shown(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
