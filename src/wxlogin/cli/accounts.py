"""`wxlogin account`: find a person, end their sessions, keep them out."""

import unicodedata
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import click

from wxlogin.cli.session import Operator, pass_operator
from wxlogin.login.accounts import Account
from wxlogin.login.errors import NotFound
from wxlogin.server import WxLogin
from wxlogin.setting_values import parse_duration

T = TypeVar("T")

REASON_LIMIT = 200
"""Characters of a reason: a phone shows it in one dialog."""


def named(function: Any) -> Any:
    """The four ways to name a person; exactly one must be given."""
    for option, text in (
        ("--phone", "完整手机号 full phone number"),
        ("--openid", "openid"),
        ("--user-id", "业务用户 ID the host's own key"),
        ("--account-id", "账号 ID account id"),
    ):
        function = click.option(option, help=text)(function)
    return function


def one_of(
    account_id: str | None, user_id: str | None, openid: str | None, phone: str | None
) -> dict[str, str]:
    given = {"account_id": account_id, "user_id": user_id, "openid": openid, "phone": phone}
    chosen = {name: value for name, value in given.items() if value}
    if len(chosen) != 1:
        raise click.UsageError(
            "--account-id | --user-id | --openid | --phone: 只能给一个 exactly one"
        )
    return chosen


def reason_of(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """A reason goes to a phone and into logs: one short line of text."""
    unfit = {"Cc", "Cs", "Zl", "Zp"}
    if value is not None and (
        len(value) > REASON_LIMIT or any(unicodedata.category(one) in unfit for one in value)
    ):
        raise click.BadParameter(
            f"最多 {REASON_LIMIT} 个字，不含控制字符 at most {REASON_LIMIT} characters, "
            "no control characters"
        )
    return value


@click.group()
def account() -> None:
    """账号 The people."""


@account.command()
@named
@pass_operator
def find(operator: Operator, /, **given: str | None) -> None:
    """查找账号 Show one account."""
    chosen = one_of(**given)

    async def act(wx: WxLogin) -> Account | None:
        return await wx.find(**chosen)

    found = operator.run(act)
    if found is None:
        raise _nobody()
    _show(found)


@account.command()
@named
@click.option(
    "--reason",
    default="kicked",
    show_default=True,
    callback=reason_of,
    help="手机会看到 told to the phone.",
)
@pass_operator
def kick(operator: Operator, /, reason: str, **given: str | None) -> None:
    """踢下线 End all sessions of an account."""
    chosen = one_of(**given)

    async def act(wx: WxLogin) -> int:
        return await known(wx.kick(reason=reason, **chosen))

    click.echo(f"已结束会话 sessions ended: {operator.run(act)}")


@account.command()
@named
@click.option("--for", "duration", help="时长 how long: 30d, 12h; 不填则不限 for good without it.")
@click.option(
    "--reason", "reason_for_user", callback=reason_of, help="用户会看到 told to the person."
)
@click.option("--undo", is_flag=True, help="解除停用 enable again.")
@pass_operator
def disable(
    operator: Operator,
    /,
    duration: str | None,
    reason_for_user: str | None,
    undo: bool,
    **given: str | None,
) -> None:
    """停用账号 Keep a person out, and end their sessions."""
    chosen = one_of(**given)
    try:
        lasting: timedelta | None = parse_duration(duration) if duration else None
    except ValueError as fault:
        raise click.UsageError(str(fault)) from None

    async def act(wx: WxLogin) -> Account:
        if undo:
            return await known(wx.enable(**chosen))
        until = datetime.now(UTC) + lasting if lasting else None
        return await known(wx.disable(until=until, reason_for_user=reason_for_user, **chosen))

    _show(operator.run(act))


async def known(done: Awaitable[T]) -> T:
    try:
        return await done
    except NotFound:
        raise _nobody() from None


def _nobody() -> click.ClickException:
    return click.ClickException("没有这个账号 there is no such account")


def _show(found: Account) -> None:
    rows = {
        "id": found.id,
        "user_id": found.user_id,
        "status": found.status.value,
        "until": found.disabled_until,
        "reason": found.reason,
        "nickname": found.nickname,
        "phone": found.phone.masked if found.phone else None,
        "created_at": found.created_at.isoformat(timespec="seconds"),
        "apps": ", ".join(identity.app_id for identity in found.identities),
    }
    for name, value in rows.items():
        click.echo(f"{name:<11} {'-' if value is None else value}")
