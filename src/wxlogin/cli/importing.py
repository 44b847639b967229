"""`wxlogin import`: people of another system, brought along with their openids and passwords."""

import csv
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta, timezone, tzinfo
from pathlib import Path

import click

from wxlogin.cli.import_sources import encoding_of, read_csv, read_sql
from wxlogin.cli.progress import progress
from wxlogin.cli.session import Operator, pass_operator
from wxlogin.login.import_rows import Remark, RowRules
from wxlogin.login.importing import Importing, Row, Tally
from wxlogin.login.policy import App
from wxlogin.passwords import PasswordsMissing
from wxlogin.passwords.imported import is_supported
from wxlogin.server import WxLogin

REPORT = Path("wxlogin-import-report.csv")

_OFFSET = re.compile(r"([+-])([01][0-9]):([0-5][0-9])")


def _zone_of(context: click.Context, option: click.Parameter, value: str) -> tzinfo:
    found = _OFFSET.fullmatch(value)
    if found is None:
        raise click.BadParameter("如 +08:00 like +08:00")
    offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(offset if found[1] == "+" else -offset)


@click.command("import")
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--sql", "url", metavar="URL", help="源数据库 the database to read from.")
@click.option("--query", metavar="SELECT", help="配合 --sql what to read there.")
@click.option("--app", "app_id", help="没有 app_id 列时的 AppID for rows without app_id.")
@click.option("--pool", help="这些人所属的 pool the body of people they belong to.")
@click.option("--dry-run", is_flag=True, help="只检查，不写入 report, and write nothing.")
@click.option(
    "--encoding", default="utf-8-sig", callback=encoding_of, help="CSV 的编码 of the file."
)
@click.option(
    "--utc-offset",
    "zone",
    default="+00:00",
    show_default=True,
    callback=_zone_of,
    help="没有时区的时间按此计 of times without a zone.",
)
@click.option(
    "--report",
    "report",
    default=REPORT,
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="未导入的行 the rows that were not taken, as CSV.",
)
@pass_operator
def import_people(
    operator: Operator,
    file: Path | None,
    url: str | None,
    query: str | None,
    app_id: str | None,
    pool: str | None,
    dry_run: bool,
    encoding: str,
    zone: tzinfo,
    report: Path,
) -> None:
    """从其他系统导入账号 Bring people along from another system.

    FILE.csv，或 or --sql URL --query "SELECT …"
    """
    if (file is None) == (url is None) or (url is None) != (query is None):
        raise click.UsageError("FILE.csv | --sql URL --query SELECT: 二选一 one of the two")

    def rows(done: Callable[[int, int | None], None]) -> Iterator[Row]:
        if file is not None:
            return read_csv(file, encoding=encoding, done=done)
        return read_sql(str(url), str(query), done=done)

    async def act(wx: WxLogin) -> Tally:
        core = (await wx.flow()).core
        apps = {app.app_id: app for app in await core.apps.list_all()}
        rules = RowRules(
            now=core.now(),
            apps=apps,
            app=_default_app(apps, app_id),
            pool=pool,
            zone=zone,
            is_supported=is_supported,
        )
        unit = "字节 bytes" if file is not None else "行 rows"
        with _written(report) as note, progress("导入 importing", unit=unit) as done:
            run = Importing(core, rules, report=note, is_trial=dry_run)
            return await run.run(rows(done))

    try:
        tally = operator.run(act)
    except PasswordsMissing as missing:
        raise click.ClickException(str(missing)) from None
    except OSError as fault:
        raise click.ClickException(
            f"读写失败 cannot read or write: {fault.filename}: {fault.strerror}"
        ) from None
    _tell(tally, report=report, is_trial=dry_run)


def _default_app(apps: dict[str, App], app_id: str | None) -> App | None:
    """The app of rows that name none: the one asked for, else the only one."""
    if app_id is not None and app_id not in apps:
        raise click.ClickException("--app: 没有这个小程序 there is no such app")
    if app_id is not None:
        return apps[app_id]
    return next(iter(apps.values())) if len(apps) == 1 else None


@contextmanager
def _written(path: Path) -> Iterator[Callable[[Remark], None]]:
    """Writes remarks into a file, which is not there where there are none: no value of a row
    goes in, so that it can be passed on."""
    path.unlink(missing_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(("line", "column", "kind", "other_line"))

        def note(remark: Remark) -> None:
            table.writerow((remark.line, remark.column, remark.why.value, remark.other_line or ""))

        yield note
        is_empty = file.tell() == len("\ufeffline,column,kind,other_line\r\n".encode())
    if is_empty:
        path.unlink()


def _tell(tally: Tally, *, report: Path, is_trial: bool) -> None:
    if is_trial:
        click.echo("试运行，没有写入 a trial: nothing was written")
    click.echo(f"读取 rows: {tally.rows}")
    click.echo(f"新账号 new: {tally.new}")
    click.echo(f"已存在 here already: {tally.here}")
    click.echo(f"未导入 not taken: {tally.refused}")
    if tally.refused:
        click.echo(f"原因见 why: {report}")
        raise click.exceptions.Exit(1)
