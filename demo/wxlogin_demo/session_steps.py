"""Steps 8 to 10, what a token is for; then a code that comes again, and a login that is over."""

from datetime import timedelta

from wxlogin_demo.journey import Journey
from wxlogin_demo.phone import STORAGE_KEY
from wxlogin_demo.shortening import masked_token, some_of
from wxlogin_demo.step import Step

AWAY = timedelta(days=8)
"""One day longer than a session may lie idle."""


def store_token(step: Step, journey: Journey) -> None:
    token = str(journey.login.body["token"])
    journey.phone.storage[STORAGE_KEY] = token
    met = journey.phone.bytes_met
    step.sent(f'wx.setStorageSync("{STORAGE_KEY}", "{masked_token(token)}")')
    step.prove(
        not journey.phone.has_met(*journey.server_secrets()),
        f"手机至此收发 {met} 字节：没有 AppSecret、session_key、openid、unionid",
        f"{met} bytes met the phone so far: no AppSecret, session_key, openid or unionid",
    )


def send_token(step: Step, journey: Journey) -> None:
    told = journey.exchanges["check"] = journey.phone.get_session(journey.token)
    step.sent(f"{told.method} {told.path}   Authorization: Bearer {masked_token(journey.token)}")
    step.note(
        "以后每个请求都带上它，不再需要 code", "every later request has it; no code is needed"
    )


def check_session(step: Step, journey: Journey) -> None:
    told = journey.exchanges["check"]
    step.got(f"{told.status} {some_of(told.body, 'account_id', 'expires_in', 'idle_expires_in')}")
    account = journey.login.body["account"]["id"]
    checked = journey.stage.watcher.checks[-1:]
    step.prove(
        told.status == 200 and told.body.get("account_id") == account and checked == ["ok"],
        "会话有效，正是第 5 步的账号",
        "the session is live, and it is the account of step 5",
        found=told.body.get("code", told.status),
    )
    calls = len(journey.stage.simulator.log())
    step.prove(
        calls == 1, "验证会话没有再问微信", "the check did not ask WeChat", found=f"{calls} calls"
    )
    forged = journey.phone.get_session(journey.token[:-1] + "!")
    step.prove(
        forged.status == 401 and forged.body.get("code") == "session_invalid",
        "token 改一个字符 → 401 session_invalid",
        "the token with one character changed → 401 session_invalid",
        found=forged.body.get("code", forged.status),
    )


def repeat_code(step: Step, journey: Journey) -> None:
    told = journey.phone.send_code(journey.code)
    step.sent(f'{told.method} {told.path} {{"code": "{journey.code[:4]}…", …}}')
    step.got(f"{told.status} {some_of(told.body, 'code')}")
    arrived = journey.stage.simulator.exchanges(journey.code)
    step.prove(
        told.status == 400 and told.body.get("code") == "code_used" and arrived == 1,
        "偷看到 code 也没用：400 code_used，而且没有去问微信",
        "a code that somebody saw is worthless: 400 code_used, and WeChat was not asked",
        found=f"{told.status} {told.body.get('code', '')}, exchanges={arrived}",
    )


def come_back_later(step: Step, journey: Journey) -> None:
    journey.stage.clock.advance(AWAY)
    over = journey.phone.get_session(journey.token)
    step.sent(f"{over.method} {over.path}")
    step.got(f"{over.status} {over.headers.get('www-authenticate', '')}")
    step.prove(
        over.status == 401 and over.body.get("code") == "session_idle",
        "会话已过期，401 说明原因：session_idle",
        "the session is over, and the 401 says why: session_idle",
        found=f"{over.status} {over.body.get('code', '')}",
    )


def start_again(step: Step, journey: Journey) -> None:
    code = str(journey.phone.wx_login().body["code"])
    again = journey.phone.send_code(code)
    step.sent(f"wx.login() → POST {again.path}")
    step.got(f"{again.status} {some_of(again.body, 'token', 'is_new_account')}")
    account = again.body.get("account", {}).get("id")
    step.prove(
        account == journey.login.body["account"]["id"] and again.body["is_new_account"] is False,
        "还是同一个账号：openid 认得出，不会重复注册",
        "the same account: its openid is known, nothing is registered twice",
        found=f"{again.status} {again.body.get('code', '')}",
    )
    live = journey.phone.get_session(str(again.body["token"]))
    step.prove(
        live.status == 200,
        "新的 token 可用，用户什么也没察觉",
        "the new token works, and the person noticed nothing",
        found=live.status,
    )
    step.require(
        not journey.phone.has_met(*journey.server_secrets()),
        "手机始终没有见过服务器的秘密",
        "the phone never met a secret of the server",
    )
