"""`wxlogin app`: mini programs added at run time, without a restart."""

from dataclasses import replace

import click

from wxlogin.cli.session import Operator, pass_operator
from wxlogin.login.policy import App, Registration
from wxlogin.server import WxLogin
from wxlogin.setting_values import parse_app


@click.group()
def app() -> None:
    """小程序 The mini programs that may log in here."""


@app.command()
@click.argument("app_id")
@click.option(
    "--secret",
    prompt="AppSecret",
    hide_input=True,
    envvar="WXLOGIN_NEW_APP_SECRET",
    help="留空则提示输入，不会留在命令历史 asked for where left out.",
)
@click.option(
    "--registration", type=click.Choice([one.value for one in Registration]), default="auto"
)
@click.option("--pool", default="default", show_default=True, help="用户池 body of people.")
@pass_operator
def add(operator: Operator, app_id: str, secret: str, registration: str, pool: str) -> None:
    """添加或更新一个小程序 Add a mini program, or replace what is kept of it."""
    try:
        made = parse_app(
            {"app_id": app_id, "secret": secret, "registration": registration, "pool": pool}
        )
    except ValueError as fault:
        raise click.ClickException(str(fault)) from None
    _not_of_settings(operator, app_id)

    async def act(wx: WxLogin) -> None:
        await (await wx.open_store()).keep_app(replace(made, is_read_only=False))

    operator.run(act)
    click.echo(f"已添加 added: {app_id}")


@app.command("list")
@pass_operator
def list_apps(operator: Operator) -> None:
    """列出小程序 List them; secrets are never shown."""

    async def act(wx: WxLogin) -> list[App]:
        return [*wx.settings.apps, *await (await wx.open_store()).list_apps()]

    for one in operator.run(act):
        source = "配置 settings" if one.is_read_only else "数据库 database"
        state = "已停用 disabled" if one.is_disabled else "启用 enabled"
        click.echo(f"{one.app_id}  {one.registration}  pool={one.pool}  {state}  {source}")


@app.command()
@click.argument("app_id")
@click.option("--undo", is_flag=True, help="重新启用 enable again.")
@pass_operator
def disable(operator: Operator, app_id: str, undo: bool) -> None:
    """停用一个小程序 Let nobody log in through this mini program."""
    _not_of_settings(operator, app_id)

    async def act(wx: WxLogin) -> None:
        store = await wx.open_store()
        known = await store.find_app(app_id)
        if known is None:
            raise click.ClickException(
                f"{app_id}: 没有这个小程序，见 `wxlogin app list` there is no such app"
            )
        await store.keep_app(replace(known, is_disabled=not undo))

    operator.run(act)
    click.echo(f"{'已启用 enabled' if undo else '已停用 disabled'}: {app_id}")


def _not_of_settings(operator: Operator, app_id: str) -> None:
    if app_id in {known.app_id for known in operator.settings().apps}:
        raise click.ClickException(
            f"{app_id} 来自配置，在这里只读，请改 WXLOGIN_APP_ID 或 WXLOGIN_APPS "
            "comes from the settings and is read-only here: change those"
        )
