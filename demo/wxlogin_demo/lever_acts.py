"""What the levers do: to time, to WeChat, as the operator, and to the server's own rules."""

from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from wxlogin.login.accounts import Account
from wxlogin.login.errors import WxLoginError
from wxlogin.login.flow import Flow
from wxlogin.login.ports import Actor, ActorKind
from wxlogin.login.registration import ApplicationStatus
from wxlogin_demo.lever import Act, LeverStuck, Pull
from wxlogin_demo.wechat_log import CODE2SESSION
from wxlogin_demo.words import Words

OPERATOR = Actor(ActorKind.OPERATOR, "demo")
WHY = "wxlogin demo"
REJECTION = "营业执照照片不清晰"
BAN = "账号存在异常，请明天再试"

Result = TypeVar("Result")


def advance(by: timedelta, words: Words) -> Act:
    async def act(pull: Pull) -> Words:
        pull.clock.advance(by)
        now = f"{pull.clock():%Y-%m-%d %H:%M} UTC"
        return Words(f"时间过去了{words.zh}：{now}", f"{words.en} later: {now}")

    return act


def fail(told: Words, **fault: Any) -> Act:
    """The next exchanges of a code go wrong in this way; former orders are taken back."""

    async def act(pull: Pull) -> Words:
        pull.simulator.clear_faults()
        pull.simulator.fail(CODE2SESSION, **fault)
        return told

    return act


async def calm(pull: Pull) -> Words:
    pull.simulator.clear_faults()
    return Words("微信一切正常", "WeChat is well")


async def rotate(pull: Pull) -> Words:
    pull.simulator.rotate_session_key(pull.user)
    return Words(
        f"{pull.user} 的 session_key 已更换，服务器还不知道",
        f"{pull.user}'s session_key is another one, and the server does not know",
    )


async def kick(pull: Pull) -> Words:
    account = await _account_of(pull)
    flow = await pull.back_end.wx.flow()
    ended = await _done(flow.moderation.kick(account, reason="kicked", actor=OPERATOR, why=WHY))
    return Words(f"{pull.user} 的 {ended} 个会话已结束", f"{ended} sessions of {pull.user} ended")


async def disable(pull: Pull) -> Words:
    account = await _account_of(pull)
    flow = await pull.back_end.wx.flow()
    until = pull.clock() + timedelta(days=1)
    await _done(
        flow.moderation.disable(account, until=until, reason_for_user=BAN, actor=OPERATOR, why=WHY)
    )
    return Words(
        f"{pull.user} 已停用，到 {until:%m-%d %H:%M} UTC 为止",
        f"{pull.user} is disabled until {until:%m-%d %H:%M} UTC",
    )


async def enable(pull: Pull) -> Words:
    account = await _account_of(pull)
    flow = await pull.back_end.wx.flow()
    await _done(flow.moderation.enable(account, actor=OPERATOR, why=WHY))
    return Words(f"{pull.user} 可以登录了", f"{pull.user} may log in again")


async def approve(pull: Pull) -> Words:
    flow = await pull.back_end.wx.flow()
    application_id, company = await _waiting(flow)
    await _done(flow.applications.approve(application_id, actor=OPERATOR, why=WHY))
    return Words(f"已通过：{company}", f"approved: {company}")


async def reject(pull: Pull) -> Words:
    flow = await pull.back_end.wx.flow()
    application_id, company = await _waiting(flow)
    await _done(
        flow.applications.reject(application_id, reason_for_user=REJECTION, actor=OPERATOR, why=WHY)
    )
    return Words(f"已驳回：{company}", f"rejected: {company}")


async def register_by(pull: Pull) -> Words:
    return await _restart(pull, registration=pull.choice)


async def meet_phone_by(pull: Pull) -> Words:
    return await _restart(pull, phone_conflict=pull.choice)


async def allow_sessions(pull: Pull) -> Words:
    return await _restart(pull, max_sessions=int(pull.choice))


async def reset(pull: Pull) -> Words:
    await pull.reset()
    return Words(
        "一切从头开始：空的数据库，新的微信世界，新的手机",
        "all begins anew: an empty database, a new WeChat, new phones",
    )


async def _restart(pull: Pull, **changed: Any) -> Words:
    await pull.back_end.restart(replace(pull.back_end.rules, **changed))
    return Words(
        "服务器已按新设置重启，会话都还在", "the server was restarted with it; sessions live on"
    )


async def _account_of(pull: Pull) -> Account:
    """By WeChat identity, or by the number of whoever came in without one."""
    wx = pull.back_end.wx
    found = await wx.find(openid=pull.simulator.openid(pull.user))
    if found is None:
        found = await wx.find(phone=pull.simulator.add_user(pull.user).phone)
    if found is None:
        raise LeverStuck(
            Words(f"{pull.user} 还没有账号：请先登录", f"{pull.user} has no account: log in")
        )
    return found


async def _waiting(flow: Flow) -> tuple[str, str]:
    """The latest application that nobody has decided, and its company."""
    rows = await flow.account_desk.list_applications(
        status=ApplicationStatus.PENDING, before=None, limit=1
    )
    if not rows:
        raise LeverStuck(
            Words(
                "没有待审核的企业：先在手机上提交企业注册",
                "no enterprise waits: register one on the phone first",
            )
        )
    return rows[0].id, rows[0].company_name


async def _done(act: Awaitable[Result]) -> Result:
    try:
        return await act
    except WxLoginError as refusal:
        raise LeverStuck(
            Words(
                f"账号现在的状态不允许：{refusal.code}",
                f"the account's state does not allow it: {refusal.code}",
            )
        ) from None
