"""`wxlogin check`: looks over settings, database, clock and WeChat's view of each app."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import click

from wxlogin.cli.session import Operator, in_words, pass_operator, settings_refused, warnings_of
from wxlogin.login.errors import AppMisconfigured, WeChatUnavailable, WxLoginError
from wxlogin.server import WxLogin
from wxlogin.settings import SettingsInvalid
from wxlogin.wechat.errcodes import find_errcode

CLOCK_TOLERANCE = 120
"""Seconds our clock may differ from WeChat's (security.md §5.6)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    is_good: bool
    text: str


@click.command()
@click.option("--offline", is_flag=True, help="不访问微信 do not ask WeChat.")
@pass_operator
def check(operator: Operator, offline: bool) -> None:
    """检查配置、数据库、时钟与微信凭证 Look over everything; exit code 1 where it is wrong."""
    settings = operator.settings()
    if unsafe := settings.unsafe():
        raise settings_refused(SettingsInvalid(unsafe, ignored=settings.ignored))
    for warning in warnings_of(settings.ignored):
        click.secho(f"! {warning}", fg="yellow")

    async def act(wx: WxLogin) -> list[Finding]:
        return [finding async for finding in _look(wx, offline=offline)]

    # Warnings too: what WeChat's silence looked like from here is said in one of them.
    findings = operator.run(act, settings=settings, log_level="warning")
    for finding in findings:
        click.secho(
            f"{'✔' if finding.is_good else '✘'} {finding.text}",
            fg="green" if finding.is_good else "red",
        )
    if not all(finding.is_good for finding in findings):
        raise SystemExit(1)


async def _look(wx: WxLogin, *, offline: bool) -> AsyncIterator[Finding]:
    settings = wx.settings
    yield Finding(True, f"配置 settings: env={settings.env}")
    if not settings.is_production:
        yield Finding(True, "开发环境，不要用于生产 development: not for production")
    store = await wx.open_store()
    try:
        await store.ping()
        yield Finding(True, "数据库可读写 the database answers")
    except WxLoginError as error:
        yield Finding(False, f"数据库无应答 the database does not answer: {in_words(error)}")
    apps = [*settings.apps, *await store.list_apps()]
    yield Finding(bool(apps), f"小程序 apps: {len(apps)}")
    for app in apps:
        if app.is_disabled:
            yield Finding(True, f"{app.app_id}: 已停用 disabled")
    asked = [app.app_id for app in apps if not app.is_disabled]
    if offline:
        return
    for app_id in asked:
        yield await _asked(wx, app_id)
    if asked:
        yield await _clock(wx, asked[0])


async def _asked(wx: WxLogin, app_id: str) -> Finding:
    """Whether WeChat takes our appsecret, asked now and not remembered."""
    try:
        await wx.check_app(app_id)
    except AppMisconfigured as error:
        row = find_errcode(error.errcode)
        return Finding(
            False,
            f"{app_id}: 微信拒绝 WeChat refuses: errcode {error.errcode}; "
            f"{row.advice_zh} / {row.advice}",
        )
    except WeChatUnavailable:
        return Finding(False, f"{app_id}: {_silence(wx.settings.wechat_api_base)}")
    except WxLoginError as error:
        return Finding(False, f"{app_id}: {in_words(error)}")
    return Finding(True, f"{app_id}: AppSecret 有效 is accepted by WeChat")


async def _clock(wx: WxLogin, app_id: str) -> Finding:
    skew = await wx.clock_skew(app_id)
    if skew is None:
        return Finding(False, "未能得到微信的时间 WeChat's time could not be learnt")
    return Finding(
        abs(skew) <= CLOCK_TOLERANCE, f"与微信的时钟相差 clock skew to WeChat: {skew:+.0f} s"
    )


def _silence(base: str) -> str:
    return (
        f"{base} 没有正常应答，原因见上面的日志；请看网络、DNS、防火墙与 WXLOGIN_WECHAT_API_BASE，"
        "用模拟器时先启动它 does not answer properly, the log above says how; look at network, "
        "DNS, firewall and WXLOGIN_WECHAT_API_BASE, and start the simulator where that is meant"
    )
