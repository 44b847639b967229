"""`wxlogin console`: the operators' pages, in a process of their own."""

import logging
import signal
import sys
from ipaddress import ip_address

import click

from wxlogin import logs
from wxlogin.cli.session import (
    Operator,
    Refusal,
    pass_operator,
    settings_refused,
    warnings_of,
)
from wxlogin.server import WxLogin
from wxlogin.settings import SettingsInvalid

DRAIN_SECONDS = 10

log = logging.getLogger("wxlogin.console")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8001, show_default=True, type=click.IntRange(0, 65535))
@click.option(
    "--behind-tls",
    is_flag=True,
    help="前面有终止 TLS 的反向代理 a proxy that speaks TLS stands before it.",
)
@pass_operator
def console(operator: Operator, host: str, port: int, behind_tls: bool) -> None:
    """启动控制台 Start the operators' console."""
    import uvicorn

    from wxlogin.cli.protocol import BoundedProtocol
    from wxlogin.console.door import console_of

    settings = operator.settings()
    if unsafe := settings.unsafe():
        raise settings_refused(SettingsInvalid(unsafe, ignored=settings.ignored))
    if settings.is_production and not behind_tls and not is_loopback(host):
        raise Refusal(
            f"--host {host}：生产环境的控制台不能以明文 HTTP 对外：留在 127.0.0.1（用 SSH 隧道），"
            "或放在终止 TLS 的反向代理后面并加 --behind-tls\n"
            "in production the console speaks plain HTTP to this machine alone: stay on 127.0.0.1 "
            "(with an SSH tunnel), or put a proxy with TLS before it and say --behind-tls"
        )
    if operator.run(_count_operators, settings=settings) == 0:
        click.echo(
            "还没有操作员 there is no operator yet: wxlogin operator add NAME --role admin",
            err=True,
        )
    logs.configure(level=settings.log_level, as_json=settings.is_production)
    for warning in warnings_of(settings.ignored):
        log.warning("%s", warning)
    click.echo(f"wxlogin console http://{host}:{port}  env={settings.env}", err=True)
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: sys.exit(0))  # as `wxlogin serve` does, and why
    uvicorn.run(
        console_of(WxLogin(settings), behind_tls=behind_tls),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        http=BoundedProtocol,
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine can get there."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


async def _count_operators(wx: WxLogin) -> int:
    return len(await (await wx.flow()).operators.list_all())
