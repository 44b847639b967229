"""`wxlogin account erase|erased`: erase a person, and after a restored backup all of them again."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from wxlogin.cli.accounts import known, named, one_of
from wxlogin.cli.session import Operator, pass_operator
from wxlogin.login.ports import Erased
from wxlogin.server import WxLogin

BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)


@click.command()
@named
@click.option("--now", is_flag=True, help="立即删除 without the cooling-off; cannot be taken back.")
@click.option("--undo", is_flag=True, help="撤销注销 take it back, within the cooling-off.")
@click.option("--why", help="写入审计日志 for the audit log.")
@click.option(
    "--again",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="恢复备份后，按 `account erased` 的输出重新删除 after a restored backup: "
    "all that `account erased` had listed.",
)
@pass_operator
def erase(
    operator: Operator,
    /,
    now: bool,
    undo: bool,
    why: str | None,
    again: Path | None,
    **given: str | None,
) -> None:
    """注销账号 Erase an account and everything kept of the person."""
    if again is not None:
        listed = _read(again)

        async def repeat(wx: WxLogin) -> int:
            return await _erase_again(wx, listed)

        click.echo(f"已删除 erased: {operator.run(repeat)} / {len(listed)}")
        return
    chosen = one_of(**given)

    async def act(wx: WxLogin) -> str:
        if undo:
            return (await known(wx.restore_account(why=why, **chosen))).status.value
        return (await known(wx.erase(now=now, why=why, **chosen))).isoformat()

    click.echo(operator.run(act))


@click.command()
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="从哪天起 from this day on (UTC).")
@pass_operator
def erased(operator: Operator, since: datetime | None) -> None:
    """已注销的账号 The ledger of erased accounts, one JSON object a line: keep it apart from the
    backups."""

    async def act(wx: WxLogin) -> Sequence[Erased]:
        store = await wx.open_store()
        return await store.list_erased(since=since.replace(tzinfo=UTC) if since else BEGINNING)

    for line in operator.run(act):
        told = {"account_id": line.account_id, "erased_at": line.erased_at.isoformat()}
        click.echo(json.dumps(told))


def _read(path: Path) -> list[str]:
    try:
        lines = path.read_text("utf-8").splitlines()
        return [str(json.loads(line)["account_id"]) for line in lines if line.strip()]
    except (ValueError, KeyError, TypeError):
        raise click.ClickException(
            f"不是 `wxlogin account erased` 的输出 not what `wxlogin account erased` writes: {path}"
        ) from None


async def _erase_again(wx: WxLogin, account_ids: list[str]) -> int:
    """How many of them were there, and are gone."""
    found = 0
    for account_id in account_ids:
        if await wx.find(account_id=account_id) is not None:
            await wx.erase(now=True, account_id=account_id, why="restored backup")
            found += 1
    return found
