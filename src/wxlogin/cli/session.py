"""What the operator's commands share: the settings, a running `WxLogin`, errors in plain words."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click
from sqlalchemy import make_url

from wxlogin import logs
from wxlogin.endpoints.problems import PROBLEMS
from wxlogin.login.errors import RequestInvalid, StoreUnavailable, WxLoginError
from wxlogin.login.ports import Actor, ActorKind
from wxlogin.server import WxLogin
from wxlogin.settings import Settings, SettingsInvalid, why_ignored
from wxlogin.stores.migrate import SchemaMismatch, SchemaState

T = TypeVar("T")

COMMAND_LINE = Actor(ActorKind.OPERATOR, "command line")
"""Whoever may open the database and its keys; the machine knows who that was."""

_SCHEMA = {
    SchemaState.EMPTY: "数据库里还没有 wxlogin 的表：请运行 `wxlogin migrate`",
    SchemaState.OLDER: "wxlogin 的表是旧版本的：请运行 `wxlogin migrate`",
    SchemaState.NEWER: "wxlogin 的表比本程序新，migrate 不会倒退：请安装建表时的那个版本",
}


class Operator:
    """One call of the command line."""

    def __init__(self, config: Path | None) -> None:
        self.config = config

    def settings(self) -> Settings:
        """The settings; every mistake on the terminal, and exit code 2, where there is one."""
        try:
            return Settings.load(toml_file=self.config)
        except SettingsInvalid as invalid:
            raise settings_refused(invalid) from None

    def run(
        self,
        act: Callable[[WxLogin], Awaitable[T]],
        *,
        settings: Settings | None = None,
        log_level: str = "error",
    ) -> T:
        """What `act` returns, done with a `WxLogin` on the configured database."""
        settings = settings or self.settings()
        logs.configure(level=log_level, as_json=False)

        async def done() -> T:
            async with WxLogin(settings) as wx:
                return await act(wx)

        try:
            return asyncio.run(done())
        except SettingsInvalid as invalid:
            raise settings_refused(invalid) from None
        except SchemaMismatch as mismatch:
            raise schema_refused(mismatch) from None
        except StoreUnavailable:
            raise click.ClickException(store_advice(settings.database_url)) from None
        except WxLoginError as error:
            raise click.ClickException(in_words(error)) from None


class Refusal(click.ClickException):
    exit_code = 2


def settings_refused(invalid: SettingsInvalid) -> Refusal:
    lines = [f"  {m.name}\n      {m.zh}\n      {m.en}" for m in invalid.mistakes]
    lines += [f"! {warning}" for warning in warnings_of(invalid.ignored)]
    return Refusal("\n".join(["配置有误，未启动 The settings cannot be used:", *lines]))


def schema_refused(mismatch: SchemaMismatch) -> click.ClickException:
    return click.ClickException(f"{_SCHEMA[mismatch.state]}\n{mismatch}")


def warnings_of(ignored: tuple[str, ...]) -> list[str]:
    """A line for each variable that looks like ours and does nothing."""
    return [f"{name}: {zh} {en}" for name in ignored for zh, en in [why_ignored(name)]]


def in_words(error: WxLoginError) -> str:
    """What a phone would be told of the error, in both languages, and its code."""
    problem = PROBLEMS[error.code]
    (title_zh, zh), (title_en, en) = problem.zh, problem.en
    told = f"{title_zh}：{zh} {title_en}: {en} ({error.code})"
    if isinstance(error, RequestInvalid):
        told += "".join(f"\n  {one['field']}: {one['reason']}" for one in error.errors)
    return told


def store_advice(url: str) -> str:
    """Where to look when the store does not answer; the line logged before says what it said."""
    lines = [
        "数据库不能使用，原因见上面的日志 The database cannot be used; the log above says why."
    ]
    lines += (f"  - {line}" for line in (*_place(url), _KEYS_ADVICE))
    return "\n".join(lines)


_KEYS_ADVICE = (
    "日志若说缺少某把密钥：把它放回 WXLOGIN_KEYS，排在最新的后面"
    "（init --force 的备份 .env.bak 里有）"
    "\n    a key that is missing, says the log: put it back into WXLOGIN_KEYS, behind the newest "
    "(`wxlogin init --force` keeps .env.bak)"
)


def _place(url: str) -> list[str]:
    parsed = make_url(url)
    named = parsed.render_as_string(hide_password=True)
    lines = [f"WXLOGIN_DATABASE_URL: {named}"]
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return lines
    path = Path(str(parsed.database)).absolute()
    lines[0] = f"WXLOGIN_DATABASE_URL: SQLite, {path}"
    if not path.parent.is_dir():
        return [*lines, f"目录不存在 there is no such directory: {path.parent}"]
    if not os.access(path.parent, os.W_OK | os.X_OK):
        lines.append(f"目录不可写 the directory is not writable: {path.parent}")
    if path.is_dir():
        lines.append("这是目录，不是文件 this is a directory, not a file")
    elif path.exists() and not os.access(path, os.R_OK | os.W_OK):
        lines.append("文件不可读写 the file is not readable and writable")
    elif path.exists() and not _is_sqlite(path):
        lines.append("文件不是 SQLite 数据库 the file is no SQLite database")
    return lines


def _is_sqlite(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(16) in (b"", b"SQLite format 3\0")
    except OSError:
        return True  # not to be said of a file that could not be read


pass_operator = click.make_pass_decorator(Operator)
