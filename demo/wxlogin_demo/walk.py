"""The walk: the ten steps in their order, and three things that follow from them."""

from collections.abc import Callable, Iterator

from wxlogin_demo import login_steps, session_steps
from wxlogin_demo.journey import USER, Journey
from wxlogin_demo.phone import Phone
from wxlogin_demo.stage import Stage
from wxlogin_demo.step import Step
from wxlogin_demo.words import Words

Act = Callable[[Step, Journey], None]

MINI_PROGRAM = Words("小程序", "mini program")
SERVER = Words("服务器", "server")
TO_WECHAT = Words("小程序 → 微信", "mini program → WeChat")
TO_SERVER = Words("小程序 → 服务器", "mini program → server")

SCENES: tuple[tuple[str, Words, Words, Act], ...] = (
    (
        "1",
        TO_WECHAT,
        Words("wx.login() 得到 code", "wx.login() gives a code"),
        login_steps.get_code,
    ),
    (
        "2",
        TO_SERVER,
        Words("wx.request 把 code 交给开发者的服务器", "wx.request sends the code"),
        login_steps.send_code,
    ),
    (
        "3",
        Words("服务器 → 微信", "server → WeChat"),
        Words(
            "code + AppID + AppSecret 调用 code2Session", "code + AppID + AppSecret: code2Session"
        ),
        login_steps.exchange_code,
    ),
    (
        "4",
        Words("微信 → 服务器", "WeChat → server"),
        Words("返回 openid、session_key、unionid", "openid, session_key, unionid come back"),
        login_steps.take_identity,
    ),
    (
        "5",
        Words("服务器 ↔ 数据库", "server ↔ database"),
        Words("查找 openid，没有就注册", "find the openid, or register it"),
        login_steps.find_account,
    ),
    (
        "6",
        SERVER,
        Words("密封保存 session_key，不再传输", "keep session_key, sealed; it travels no more"),
        login_steps.seal_session_key,
    ),
    (
        "7",
        Words("服务器 → 小程序", "server → mini program"),
        Words("建立会话，返回 token", "make a session, answer with its token"),
        login_steps.answer_token,
    ),
    (
        "8",
        MINI_PROGRAM,
        Words("把 token 存入本地缓存", "put the token into storage"),
        session_steps.store_token,
    ),
    (
        "9",
        TO_SERVER,
        Words("之后的请求都带上 token", "later requests carry the token"),
        session_steps.send_token,
    ),
    (
        "10",
        SERVER,
        Words("找到会话，比对，验证有效期", "find the session, compare, check its validity"),
        session_steps.check_session,
    ),
    (
        "+",
        TO_SERVER,
        Words("同一个 code 再来一次", "the same code again"),
        session_steps.repeat_code,
    ),
    (
        "+",
        TO_SERVER,
        Words("时钟拨快 8 天，再带 token 来", "the clock moves 8 days, the token comes again"),
        session_steps.come_back_later,
    ),
    (
        "+",
        MINI_PROGRAM,
        Words("于是从第 1 步重新开始", "so it starts again at step 1"),
        session_steps.start_again,
    ),
)


def walk(stage: Stage) -> Iterator[Step]:
    """Each step once it was taken and checked; the last one is the first that failed."""
    server, wechat = stage.url, stage.simulator.url
    with Phone(USER, app_id=stage.simulator.app_id, server=server, wechat=wechat) as phone:
        journey = Journey(stage, phone)
        for sign, where, title, act in SCENES:
            step = Step(sign, where, title)
            try:
                act(step, journey)
            except Exception as fault:
                # Whatever stops a step is what the reader came to see: no traceback instead.
                said = f"{type(fault).__name__}: {fault}"
                step.fail("这一步走得完", "this step is taken to its end", found=said)
            yield step
            if step.has_failed:
                return
