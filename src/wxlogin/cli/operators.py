"""`wxlogin operator`: who may sit at the console. The first one can be made nowhere else."""

import sys

import click

from wxlogin.cli.session import COMMAND_LINE, Operator, pass_operator
from wxlogin.login import operator_sessions
from wxlogin.login.errors import RequestInvalid
from wxlogin.login.operator_sessions import Role
from wxlogin.login.operators import NewSecrets, OperatorDesk
from wxlogin.login.secret import Secret
from wxlogin.server import WxLogin


@click.group("operator")
def operator() -> None:
    """操作员 Who may sit at the console."""


@operator.command()
@click.argument("name")
@click.option("--role", required=True, type=click.Choice([one.value for one in Role]))
@click.option("--reason", help="记入审计日志 for the audit log.")
@pass_operator
def add(command: Operator, name: str, role: str, reason: str | None) -> None:
    """添加操作员，密码与二维码只显示一次 Add one; password and QR code are shown once."""

    async def act(wx: WxLogin) -> NewSecrets:
        desk = await _desk(wx)
        try:
            return await desk.add(name, Role(role), actor=COMMAND_LINE, why=reason)
        except RequestInvalid as invalid:
            raise click.ClickException(f"NAME: {invalid.errors[0]['reason']}") from None

    _show(command.run(act))


@operator.command("list")
@pass_operator
def list_operators(command: Operator) -> None:
    """列出操作员 List them."""

    async def act(wx: WxLogin) -> list[operator_sessions.Operator]:
        return await (await _desk(wx)).list_all()

    for one in command.run(act):
        state = "已停用 disabled" if one.is_disabled else "启用 enabled"
        last = one.last_sign_in_at
        seen = last.isoformat(timespec="minutes") if last else "-"
        click.echo(f"{one.name}  {one.role.value}  {state}  last sign-in={seen}")


@operator.command()
@click.argument("name")
@click.option("--undo", is_flag=True, help="重新启用 enable again.")
@click.option("--reason", help="记入审计日志 for the audit log.")
@pass_operator
def disable(command: Operator, name: str, undo: bool, reason: str | None) -> None:
    """停用操作员，立即下线 Keep an operator out, and end their sessions."""

    async def act(wx: WxLogin) -> None:
        desk = await _desk(wx)
        found = await _get(desk, name)
        await desk.set_disabled(found, is_disabled=not undo, actor=COMMAND_LINE, why=reason)

    command.run(act)
    click.echo(f"{'已启用 enabled' if undo else '已停用 disabled'}: {name}")


@operator.command()
@click.argument("name")
@click.option("--reason", help="记入审计日志 for the audit log.")
@pass_operator
def reset(command: Operator, name: str, reason: str | None) -> None:
    """重置密码与验证器，全部下线 A new password and authenticator; all their sessions end."""

    async def act(wx: WxLogin) -> NewSecrets:
        desk = await _desk(wx)
        return await desk.reset(await _get(desk, name), actor=COMMAND_LINE, why=reason)

    _show(command.run(act))


async def _desk(wx: WxLogin) -> OperatorDesk:
    return (await wx.flow()).operators


async def _get(desk: OperatorDesk, name: str) -> operator_sessions.Operator:
    found = await desk.find_named(name)
    if found is None:
        raise click.ClickException(
            f"{name}: 没有这个操作员，见 `wxlogin operator list` there is no such operator"
        )
    return found


def _show(secrets: NewSecrets) -> None:
    """On standard output what is to be kept, beside it what is to be done."""
    click.echo(f"name      {secrets.operator.name}")
    click.echo(f"role      {secrets.operator.role.value}")
    click.echo(f"password  {secrets.password.reveal()}")
    click.echo(f"totp      {secrets.otpauth_url.reveal()}")
    click.echo(
        "只显示这一次：密码交给本人，用验证器扫描下面的二维码 shown this once: hand the password "
        "over, and scan the code below with an authenticator app",
        err=True,
    )
    _draw(secrets.otpauth_url)


def _draw(url: Secret) -> None:
    import segno

    segno.make(url.reveal(), error="m").terminal(out=sys.stderr, compact=True)
