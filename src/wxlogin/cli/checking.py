"""`wxlogin check`: looks over settings, database, clock and WeChat's view of each app."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import click

from wxlogin.cli.session import Operator, pass_operator, settings_refused
from wxlogin.login.errors import AppMisconfigured, WxLoginError
from wxlogin.server import WxLogin
from wxlogin.settings import SettingsInvalid

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
        raise settings_refused(SettingsInvalid(unsafe))

    async def act(wx: WxLogin) -> list[Finding]:
        return [finding async for finding in _look(wx, offline=offline)]

    findings = operator.run(act, settings=settings)
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
        yield Finding(False, f"数据库无应答 the database does not answer: {error}")
    apps = [*settings.apps, *await store.list_apps()]
    yield Finding(bool(apps), f"小程序 apps: {len(apps)}")
    if offline:
        return
    for app in apps:
        yield await _asked(wx, app.app_id)
    skew = await wx.clock_skew(apps[0].app_id) if apps else None
    if skew is None:
        yield Finding(False, "未能得到微信的时间 WeChat's time could not be learnt")
    else:
        yield Finding(
            abs(skew) <= CLOCK_TOLERANCE, f"与微信的时钟相差 clock skew to WeChat: {skew:+.0f} s"
        )


async def _asked(wx: WxLogin, app_id: str) -> Finding:
    """Whether WeChat takes our appsecret, asked now and not remembered."""
    try:
        await wx.check_app(app_id)
    except AppMisconfigured as error:
        return Finding(False, f"{app_id}: 微信拒绝 WeChat refuses: errcode {error.errcode}")
    except WxLoginError as error:
        return Finding(False, f"{app_id}: {error.code}")
    return Finding(True, f"{app_id}: AppSecret 有效 is accepted by WeChat")
