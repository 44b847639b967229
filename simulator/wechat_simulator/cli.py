"""The command `wechat-simulator`."""

from __future__ import annotations

import signal
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path

import click

from wechat_simulator.outbound import is_loopback
from wechat_simulator.people import App
from wechat_simulator.phone.compiling import CompilingFailed, compile_app, is_source
from wechat_simulator.phone.forwarding import origin_of
from wechat_simulator.phone.gateway import DESK, Gateway
from wechat_simulator.phone.tunnel import Tunnel
from wechat_simulator.server import Listener
from wechat_simulator.settings import Settings
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


def _server(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    try:
        return value and origin_of(value)
    except ValueError:
        raise click.BadParameter(
            "应写成 http://127.0.0.1:8000，不带路径 / write it like that, without a path"
        ) from None


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
@click.option(
    "--phone",
    "mini_program",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="小程序目录（源码需要 Node，或已编译的），在 /desk/ 里运行 / a mini program, as source "
    "(takes Node) or compiled: it runs at /desk/",
)
@click.option(
    "--forward",
    callback=_server,
    metavar="URL",
    help="小程序请求的服务器 / the server that the mini program calls",
)
@click.option(
    "--foreign-codes-user",
    metavar="USER",
    help="把不认识的 code（真正的开发者工具所发）都算作此人 / whose the codes are that were not "
    "minted here, as those of the real WeChat DevTools",
)
@click.version_option(package_name="wechat-simulator")
def main(
    host: str,
    port: int,
    apps: tuple[App, ...],
    allow_remote: bool,
    mini_program: Path | None,
    forward: str | None,
    foreign_codes_user: str | None,
) -> None:
    """Serves until interrupted."""
    if not (allow_remote or is_loopback(f"//[{host}]" if ":" in host else f"//{host}")):
        raise click.UsageError(
            f"{host} 不是本机地址；确需开放请加 --allow-remote / "
            f"{host} is beyond this machine: add --allow-remote if you mean it"
        )
    if forward is not None and mini_program is None:
        raise click.UsageError("--forward 要与 --phone 一起使用 / --forward goes with --phone")
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    signal.signal(signal.SIGINT, lambda *_: stopped.set())
    settings = Settings(foreign_codes_user=foreign_codes_user)
    with ExitStack() as open_things:
        simulator = Simulator(apps=apps, allow_remote=allow_remote, settings=settings)
        gateway = None
        if mini_program is not None:
            gateway = Gateway(simulator, _compiled(mini_program, open_things), server=forward)
        try:
            listener = Listener(
                gateway or simulator.app, host=host, port=port, ws=Tunnel if gateway else "none"
            )
        except OSError as error:
            raise click.ClickException(
                f"无法监听 {host}:{port}：换一个 --port / cannot listen: {error.strerror}"
            ) from None
        listener.start()
        open_things.callback(listener.stop)
        if foreign_codes_user is not None:
            click.secho(foreign_codes_warning(foreign_codes_user), fg="red", bold=True)
        click.echo(banner(listener.url, apps, has_phone=gateway is not None))
        # With a timeout, for an endless wait cannot be interrupted on Windows.
        while not stopped.wait(0.5):
            pass
    click.echo("已停止 / stopped")


def foreign_codes_warning(user: str) -> str:
    """What has to be known of `foreign_codes_user`."""
    return (
        f"注意：任何不认识的 code 都会登录为 {user}，只可用于本机开发 / "
        f"BEWARE: any unknown code signs in as {user}. For development on this machine alone."
    )


def _compiled(folder: Path, open_things: ExitStack) -> Path:
    if not is_source(folder):
        return folder
    work = tempfile.TemporaryDirectory(prefix="wechat-simulator-", ignore_cleanup_errors=True)
    target = Path(open_things.enter_context(work), "app")
    try:
        compile_app(folder, target, tell=click.echo)
    except CompilingFailed as failed:
        raise click.ClickException(
            "小程序没有编译成功 / it does not compile:\n" + str(failed)
        ) from None
    return target


def banner(url: str, apps: tuple[App, ...], *, has_phone: bool = False) -> str:
    """What to try. Only the made-up secret is shown: one given by hand may be a real one."""
    app_id, secret = (
        (apps[0].app_id, "SECRET") if apps else (default_app().app_id, default_app().secret)
    )
    phone = f"  手机 phone  {url}{DESK}\n" if has_phone else ""
    exchange = f"{url}/sns/jscode2session?appid={app_id}&secret={secret}"
    return f"""微信登录模拟器已启动 / the WeChat login simulator is listening: {url}
  AppID   {app_id}
  Secret  {secret if not apps else "(--app)"}
{phone}试一试 / try:
  curl -d '{{"app_id":"{app_id}","user_id":"ann"}}' {url}/sim/wx/login
  curl '{exchange}&grant_type=authorization_code&js_code=CODE'
  curl {url}/sim/log
按 Ctrl+C 停止 / Ctrl+C stops. 非腾讯官方项目 / not affiliated with Tencent."""
