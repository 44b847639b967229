"""`wxlogin app`: mini programs added and changed at run time, without a restart."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import click

from wxlogin.cli.session import COMMAND_LINE, Operator, pass_operator
from wxlogin.login.errors import AppUnknown
from wxlogin.login.policy import App, Registration
from wxlogin.login.running_apps import RunningApps
from wxlogin.login.secret import Secret
from wxlogin.server import WxLogin
from wxlogin.setting_values import parse_app


@click.group()
def app() -> None:
    """小程序 The mini programs that may log in here."""


def asks_secret(function: Any) -> Any:
    """The appsecret: never among the words of the command line, which every process can read."""
    return click.option(
        "--secret",
        prompt="AppSecret",
        hide_input=True,
        envvar="WXLOGIN_NEW_APP_SECRET",
        help="留空则提示输入，不会留在命令历史 asked for where left out.",
    )(function)


def asks_reason(function: Any) -> Any:
    return click.option("--reason", help="记入审计日志 for the audit log.")(function)


@app.command()
@click.argument("app_id")
@asks_secret
@click.option(
    "--registration", type=click.Choice([one.value for one in Registration]), default="auto"
)
@click.option("--pool", default="default", show_default=True, help="用户池 body of people.")
@asks_reason
@pass_operator
def add(
    operator: Operator,
    app_id: str,
    secret: str,
    registration: str,
    pool: str,
    reason: str | None,
) -> None:
    """添加一个小程序 Add a mini program."""
    try:
        made = parse_app(
            {"app_id": app_id, "secret": secret, "registration": registration, "pool": pool}
        )
    except ValueError as fault:
        raise click.ClickException(str(fault)) from None
    made = replace(made, is_read_only=False)
    _run(operator, app_id, lambda acts: acts.add(made, actor=COMMAND_LINE, why=reason))
    click.echo(f"已添加 added: {app_id}")


@app.command("list")
@pass_operator
def list_apps(operator: Operator) -> None:
    """列出小程序 List them; secrets are never shown."""

    async def act(wx: WxLogin) -> list[App]:
        return await (await wx.flow()).core.apps.list_all()

    for one in operator.run(act):
        source = "配置 settings" if one.is_read_only else "数据库 database"
        state = "已停用 disabled" if one.is_disabled else "启用 enabled"
        secrets = "  轮换中 two secrets" if one.old_secret else ""
        click.echo(f"{one.app_id}  {one.registration}  pool={one.pool}  {state}  {source}{secrets}")


@app.command("rotate-secret")
@click.argument("app_id")
@asks_secret
@asks_reason
@pass_operator
def rotate_secret(operator: Operator, app_id: str, secret: str, reason: str | None) -> None:
    """更换 AppSecret，旧的仍可用 Put a new appsecret in force; the old one lives beside it."""
    new = Secret(secret)
    _run(
        operator,
        app_id,
        lambda acts: acts.rotate_secret(app_id, new, actor=COMMAND_LINE, why=reason),
    )
    click.echo(
        f"已更换 rotated: {app_id}\n确认登录正常后运行 once logins work: "
        f"wxlogin app drop-old-secret {app_id}"
    )


@app.command("drop-old-secret")
@click.argument("app_id")
@asks_reason
@pass_operator
def drop_old_secret(operator: Operator, app_id: str, reason: str | None) -> None:
    """丢弃旧的 AppSecret Forget the appsecret before the rotation."""
    _run(
        operator,
        app_id,
        lambda acts: acts.drop_old_secret(app_id, actor=COMMAND_LINE, why=reason),
    )
    click.echo(f"已丢弃 dropped: {app_id}")


@app.command()
@click.argument("app_id")
@asks_reason
@pass_operator
def disable(operator: Operator, app_id: str, reason: str | None) -> None:
    """停用一个小程序 Let nobody log in through this mini program."""
    _run(operator, app_id, lambda acts: acts.disable(app_id, actor=COMMAND_LINE, why=reason))
    click.echo(f"已停用 disabled: {app_id}")


@app.command()
@click.argument("app_id")
@asks_reason
@pass_operator
def enable(operator: Operator, app_id: str, reason: str | None) -> None:
    """重新启用 Let people log in through it again."""
    _run(operator, app_id, lambda acts: acts.enable(app_id, actor=COMMAND_LINE, why=reason))
    click.echo(f"已启用 enabled: {app_id}")


def _run(operator: Operator, app_id: str, act: Callable[[RunningApps], Awaitable[App]]) -> None:
    if app_id in {known.app_id for known in operator.settings().apps}:
        raise click.ClickException(
            f"{app_id} 来自配置，在这里只读，请改 WXLOGIN_APP_ID 或 WXLOGIN_APPS "
            "comes from the settings and is read-only here: change those"
        )

    async def run(wx: WxLogin) -> None:
        try:
            await act((await wx.flow()).running_apps)
        except AppUnknown:
            raise click.ClickException(
                f"{app_id}: 没有这个小程序，见 `wxlogin app list` there is no such app"
            ) from None

    operator.run(run)
