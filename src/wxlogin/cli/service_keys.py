"""`wxlogin service-key`: keys for the team's other servers."""

import click

from wxlogin.cli.session import COMMAND_LINE, Operator, pass_operator
from wxlogin.login.errors import NotFound
from wxlogin.login.ports import Scope, ServiceKey
from wxlogin.login.service_keys import MadeKey
from wxlogin.server import WxLogin


@click.group("service-key")
def service_key() -> None:
    """服务密钥 Keys for the team's other servers."""


@service_key.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([one.value for one in Scope]),
    help="可重复 may be given several times.",
)
@click.option("--reason", help="记入审计日志 for the audit log.")
@pass_operator
def add(operator: Operator, name: str, scopes: tuple[str, ...], reason: str | None) -> None:
    """新建一把密钥，只显示这一次 Make a key; it is shown this once."""

    async def act(wx: WxLogin) -> MadeKey:
        keys = (await wx.flow()).service_keys
        return await keys.make(name, scopes, actor=COMMAND_LINE, why=reason)

    made = operator.run(act)
    click.echo(made.secret.reveal())
    click.echo(
        f"id {made.key.id}\n只显示这一次，请立即存好 shown this once: keep it with your secrets",
        err=True,
    )


@service_key.command("list")
@pass_operator
def list_keys(operator: Operator) -> None:
    """列出密钥 List them; their secrets are kept nowhere."""

    async def act(wx: WxLogin) -> list[ServiceKey]:
        return await (await wx.flow()).service_keys.list_all()

    for key in operator.run(act):
        state = "已吊销 revoked" if key.revoked_at else "有效 live"
        used = key.last_used_at.isoformat(timespec="minutes") if key.last_used_at else "-"
        click.echo(f"{key.id}  {key.name}  {','.join(sorted(key.scopes))}  {state}  used={used}")


@service_key.command()
@click.argument("key_id")
@click.option("--reason", help="记入审计日志 for the audit log.")
@pass_operator
def revoke(operator: Operator, key_id: str, reason: str | None) -> None:
    """吊销一把密钥，立即生效 Revoke a key, at once and for good."""

    async def act(wx: WxLogin) -> None:
        keys = (await wx.flow()).service_keys
        try:
            await keys.revoke(key_id, actor=COMMAND_LINE, why=reason)
        except NotFound:
            raise click.ClickException(
                "没有这把密钥，见 `wxlogin service-key list` there is no such key"
            ) from None

    operator.run(act)
    click.echo(f"已吊销 revoked: {key_id}")
