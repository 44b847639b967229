"""What a developer reads at the start, and after each build. On stderr: stdout is the server's."""

from typing import TYPE_CHECKING

import click

from wechat_simulator.cli import foreign_codes_warning
from wechat_simulator.phone.builds import Build
from wechat_simulator.phone.gateway import DESK, SERVER

if TYPE_CHECKING:
    from wxlogin_demo.dev.session import Session


def start_page(session: "Session", *, url: str, is_shipped: bool, env: list[str]) -> None:
    """Where everything is, what the server was told, and how the real tool joins in."""
    say(click.style("wxlogin dev", fg="green", bold=True) + "  模拟，非微信 simulated, not WeChat")
    say(f"手机 phone        {click.style(f'{url}{DESK}?user={session.user}', bold=True)}")
    say(f"服务器 server     {session.server}  ⇐ {url}{SERVER}/")
    say(f"微信 WeChat       {url}  （{url}/sim/log 收到了什么 what it saw）")
    say(f"短信 messages     {url}/sim/sms")
    if is_shipped:
        warn(
            "手机里是自带的示例小程序（--miniprogram 指定你的） "
            "the phone runs our own mini program: --miniprogram names yours"
        )
    say("已写入命令的环境变量 the command's environment:")
    for line in env:
        say(f"  {line}")
    _tell_devtools(session.devtools_user, url)


def tell_build(build: Build) -> None:
    """How a build went."""
    if not build.errors:
        say(click.style("✓ 小程序已编译 the mini program is compiled", fg="green"))
        return
    say(click.style("✗ 小程序编译失败 the mini program does not compile", fg="red", bold=True))
    for line in build.errors:
        say(f"  {line}")


def warn(text: str) -> None:
    """What is not as one might think."""
    say(click.style(text, fg="yellow"))


def say(text: str) -> None:
    """A line."""
    click.echo(text, err=True)


def _tell_devtools(user: str | None, url: str) -> None:
    if user is None:
        say(
            "微信开发者工具 WeChat DevTools: 加 add --devtools-user USER，"
            "真实 code 即登录为此人 and its real codes sign in as that user"
        )
        return
    say(click.style(foreign_codes_warning(user), fg="red", bold=True))
    say(
        "微信开发者工具 WeChat DevTools: 勾选“不校验合法域名”，服务器地址写 "
        f"{click.style(url + SERVER, bold=True)} "
        "switch the domain check off, and call that "
        "（游客模式只有这样才行 the tourist mode needs it）"
    )
