"""`wxlogin keys`: the key ring that seals what must not lie in the database in the clear."""

import base64
import os
from datetime import UTC, datetime

import click

from wxlogin.cli.session import Operator, pass_operator
from wxlogin.server import WxLogin
from wxlogin.stores.sql import SqlStore


@click.group()
def keys() -> None:
    """密钥环 The key ring of WXLOGIN_KEYS."""


@keys.command()
@pass_operator
def new(operator: Operator) -> None:
    """生成一把新密钥 Print a new key to put first in WXLOGIN_KEYS."""
    click.echo(new_key(datetime.now(UTC), os.urandom(32)))
    click.echo(
        "放在 WXLOGIN_KEYS 的最前面，保留旧密钥，重启后运行 `wxlogin keys reseal`。\n"
        "Put it first in WXLOGIN_KEYS, keep the old ones, restart, then `wxlogin keys reseal`.",
        err=True,
    )


@keys.command()
@pass_operator
def reseal(operator: Operator) -> None:
    """用最新的密钥重新加密 Seal everything under the newest key, and count what is left."""

    ring = operator.settings().keys
    if ring is None:
        raise click.ClickException("未设置 WXLOGIN_KEYS (is not set)")
    newest = ring.newest

    async def act(wx: WxLogin) -> dict[str, int]:
        store = await wx.open_store()
        if not isinstance(store, SqlStore):
            raise click.ClickException("这种存储不加密 this store seals nothing")
        counted = await store.sealed_under()
        stale = sum(count for key_id, count in counted.items() if key_id != newest)
        with click.progressbar(length=stale, label="重新加密 resealing") as bar:
            while done := await store.reseal(500):
                bar.update(done)
        return dict(await store.sealed_under())

    for key_id, count in sorted(operator.run(act).items()):
        note = "最新 newest" if key_id == newest else "仍在使用 still in use"
        click.echo(f"{key_id}: {count} ({note})")


def new_key(now: datetime, random: bytes) -> str:
    """`id:base64`; the id is the second it was made in, so that two differ."""
    return f"k{now:%y%m%d%H%M%S}:{base64.b64encode(random).decode()}"
