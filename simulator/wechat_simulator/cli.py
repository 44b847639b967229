"""The command `wechat-simulator`."""

from __future__ import annotations

import signal
import threading

import click

from wechat_simulator.outbound import is_loopback
from wechat_simulator.people import App
from wechat_simulator.simulator import Simulator, default_app
from wechat_simulator.stage import is_app_id

_HELP = """微信小程序登录模拟器 / WeChat Mini Program login simulator.

Stands where WeChat and the phone stand: your server calls it instead of
https://api.weixin.qq.com, and you play the phone with curl. No AppID, no
phone, no network needed. Not affiliated with Tencent (非腾讯官方项目).

\b
Try it / 试一试 (the AppID and secret are printed at the start):
  1. the phone calls wx.login and gets a code / 手机拿到 code:
     curl -d '{"user_id":"ann"}' localhost:9180/sim/wx/login
  2. your server exchanges it / 服务器换取 openid 和 session_key:
     curl 'localhost:9180/sns/jscode2session?appid=APPID&secret=SECRET\
&js_code=CODE&grant_type=authorization_code'
  3. what WeChat saw, secrets masked / 平台收到了什么:
     curl localhost:9180/sim/log
"""


def _apps(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[App, ...]:
    apps = []
    for value in values:
        app_id, _, secret = value.partition(":")
        if not is_app_id(app_id) or not secret:
            # The value stays out of the message: it may hold a real secret.
            raise click.BadParameter("应写成 AppID:Secret / write it as ID:SECRET")
        apps.append(App(app_id, secret))
    return tuple(apps)


@click.command(help=_HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址 / where to listen")
@click.option(
    "--port", default=9180, show_default=True, type=click.IntRange(0, 65535), help="端口 / port"
)
@click.option(
    "--app",
    "apps",
    multiple=True,
    metavar="ID:SECRET",
    callback=_apps,
    help="一个小程序，可多次给出 / an app, may be repeated; without it one is made up",
)
@click.option(
    "--allow-remote",
    is_flag=True,
    help="允许本机以外的访问与推送（模拟器没有任何鉴权）/ let other machines in, and pushes out; "
    "the simulator has no access control at all",
)
@click.version_option(package_name="wechat-simulator")
def main(host: str, port: int, apps: tuple[App, ...], allow_remote: bool) -> None:
    """Serves until interrupted."""
    if not (allow_remote or is_loopback(f"//[{host}]" if ":" in host else f"//{host}")):
        raise click.UsageError(
            f"{host} 不是本机地址；确需开放请加 --allow-remote / "
            f"{host} is beyond this machine: add --allow-remote if you mean it"
        )
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    signal.signal(signal.SIGINT, lambda *_: stopped.set())
    with Simulator(apps=apps, allow_remote=allow_remote) as simulator:
        try:
            url = simulator.start(host=host, port=port)
        except OSError as error:
            raise click.ClickException(
                f"无法监听 {host}:{port}：换一个 --port / cannot listen: {error.strerror}"
            ) from None
        click.echo(banner(url, apps))
        # With a timeout, for an endless wait cannot be interrupted on Windows.
        while not stopped.wait(0.5):
            pass
    click.echo("已停止 / stopped")


def banner(url: str, apps: tuple[App, ...]) -> str:
    """What to try. Only the made-up secret is shown: one given by hand may be a real one."""
    app_id, secret = (
        (apps[0].app_id, "SECRET") if apps else (default_app().app_id, default_app().secret)
    )
    exchange = f"{url}/sns/jscode2session?appid={app_id}&secret={secret}"
    return f"""微信登录模拟器已启动 / the WeChat login simulator is listening: {url}
  AppID   {app_id}
  Secret  {secret if not apps else "(--app)"}
试一试 / try:
  curl -d '{{"app_id":"{app_id}","user_id":"ann"}}' {url}/sim/wx/login
  curl '{exchange}&grant_type=authorization_code&js_code=CODE'
  curl {url}/sim/log
按 Ctrl+C 停止 / Ctrl+C stops. 非腾讯官方项目 / not affiliated with Tencent."""
