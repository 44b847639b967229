"""The levers, in one table: the page builds its buttons from it."""

from datetime import timedelta

from wxlogin_demo import lever_acts as acts
from wxlogin_demo.lever import Choice, Group, Lever
from wxlogin_demo.words import Words

HOUR = Words("1 小时", "an hour")
EIGHT_DAYS = Words("8 天", "eight days")
MONTH = Words("31 天", "31 days")

CREDIT_CODE = "91350100M000100Y43"
"""Its check character is right: an application with it is taken."""

OFF_ON = (Choice(False, Words("关", "off")), Choice(True, Words("开", "on")))

GROUPS = (
    Group(
        "people",
        Words("人与手机", "People and phones"),
        (
            Lever(
                "second-phone",
                Words("同一个人的第二部手机", "Second phone, same person"),
                Words(
                    "旁边多一部手机：同一个账号，各有各的会话",
                    "Another phone beside it: one account, a session each",
                ),
                opens=("ann", "phone-2"),
            ),
            Lever(
                "another-person",
                Words("另一个人", "Another person"),
                Words(
                    "bob 的手机：另一个 openid，另一个账号",
                    "Bob: another openid, another account",
                ),
                opens=("bob", "phone-1"),
            ),
        ),
    ),
    Group(
        "time",
        Words("让时间过去", "Let time pass"),
        (
            Lever(
                "hour",
                Words("过 1 小时", "An hour"),
                Words("会话还在，什么也不会发生", "The session lives; nothing happens"),
                act=acts.advance(timedelta(hours=1), HOUR),
            ),
            Lever(
                "idle",
                Words("过 8 天（闲置）", "8 days (idle)"),
                Words(
                    "下一个请求：401 session_idle，静默重新登录一次",
                    "The next request: 401 session_idle, then one silent login",
                ),
                act=acts.advance(timedelta(days=8), EIGHT_DAYS),
            ),
            Lever(
                "absolute",
                Words("过 31 天（到期）", "31 days (absolute)"),
                Words(
                    "下一个请求：401 session_expired，静默重新登录一次",
                    "The next request: 401 session_expired, then one silent login",
                ),
                act=acts.advance(timedelta(days=31), MONTH),
            ),
        ),
    ),
    Group(
        "wechat",
        Words("微信那边", "WeChat's side"),
        (
            Lever(
                "rotate",
                Words("更换 session_key", "Rotate session_key"),
                Words(
                    "checkSession 变为失效；旧密文解不开：409 session_key_stale",
                    "checkSession fails; what the old key sealed: 409 session_key_stale",
                ),
                act=acts.rotate,
            ),
            Lever(
                "busy",
                Words("微信忙一次", "Busy once"),
                Words(
                    "下一次登录：-1 → 503，换新 code 自动再试就好",
                    "The next login: -1 → 503; one more try with a new code succeeds",
                ),
                act=acts.fail(
                    Words("下一次 code2Session 返回 -1", "the next code2Session answers -1"),
                    errcode=-1,
                    times=1,
                ),
            ),
            Lever(
                "down",
                Words("微信一直忙", "Busy for good"),
                Words(
                    "登录最多试两次就停下，不会循环；已登录的不受影响",
                    "A login gives up after two tries, no loop; who is logged in stays so",
                ),
                act=acts.fail(
                    Words("code2Session 一直返回 -1", "code2Session answers -1 from now on"),
                    errcode=-1,
                ),
            ),
            Lever(
                "slow",
                Words("微信很慢", "Slow"),
                Words("下一次登录等 2 秒，仍然成功", "The next login waits 2 seconds and succeeds"),
                act=acts.fail(
                    Words("下一次 code2Session 等 2 秒", "the next code2Session waits 2 s"),
                    delay_seconds=2,
                    times=1,
                ),
            ),
            Lever(
                "cut",
                Words("连接被切断", "Line cut"),
                Words(
                    "code 已被消费，回答却丢了：503 new_code，换新 code",
                    "The code is spent, the answer is lost: 503 new_code, a new one is sent",
                ),
                act=acts.fail(
                    Words("下一次的回答会丢失", "the next answer will be lost"),
                    drop="after",
                    times=1,
                ),
            ),
            Lever(
                "blocked",
                Words("高风险用户", "Blocked by WeChat"),
                Words("下一次登录：40226 → wechat_blocked", "Next login: 40226 → wechat_blocked"),
                act=acts.fail(
                    Words("下一次 code2Session 返回 40226", "the next code2Session answers 40226"),
                    errcode=40226,
                    times=1,
                ),
            ),
            Lever(
                "calm",
                Words("恢复正常", "Well again"),
                Words("撤销以上故障", "Takes these faults back"),
                act=acts.calm,
            ),
        ),
    ),
    Group(
        "phone",
        Words("手机那边", "The phone's side"),
        (
            Lever(
                "repeat-code",
                Words("同一个 code 用两次", "Same code twice"),
                Words(
                    "下一次登录带着旧 code：400 code_used，没有去问微信",
                    "The next login brings the old code: 400 code_used, WeChat is not asked",
                ),
                direction="repeatCode",
            ),
            Lever(
                "phone-answer",
                Words("手机号授权", "Phone number consent"),
                Words(
                    "点手机号按钮时这样回答：拒绝、没有额度、隐私拒绝……",
                    "How the phone number button is answered: refused, no quota, privacy …",
                ),
                choices=(
                    Choice("ask", Words("询问", "ask")),
                    Choice("allow", Words("允许", "allow")),
                    Choice("deny", Words("拒绝", "refuse")),
                    Choice("no_quota", Words("额度用完", "no quota")),
                    Choice("no_permission", Words("没有权限", "no permission")),
                    Choice("privacy_denied", Words("未同意隐私协议", "privacy refused")),
                ),
                direction="phoneAnswer",
                key="answer",
            ),
            Lever(
                "offline",
                Words("断网", "Offline"),
                Words(
                    "请求失败但不会退出登录；恢复后继续",
                    "Requests fail, nobody is signed out; it goes on afterwards",
                ),
                choices=OFF_ON,
                direction="offline",
            ),
            Lever(
                "background",
                Words("切到后台", "In the background"),
                Words("触发 onHide / onShow", "onHide and onShow happen"),
                choices=OFF_ON,
                direction="background",
            ),
            Lever(
                "restart",
                Words("冷启动", "Cold start"),
                Words(
                    "重新打开小程序，本地缓存还在",
                    "It starts anew; its storage stays",
                ),
                direction="restart",
            ),
            Lever(
                "clear-storage",
                Words("清空本地缓存", "Clear storage"),
                Words(
                    "token 没了：重新从第 1 步开始",
                    "The token is gone: it starts again at step 1",
                ),
                direction="clearStorage",
            ),
            Lever(
                "dark",
                Words("深色模式", "Dark mode"),
                Words("手机切换深色", "The phone turns dark"),
                choices=OFF_ON,
                direction="dark",
            ),
        ),
    ),
    Group(
        "operator",
        Words("运营人员", "The operator"),
        (
            Lever(
                "kick",
                Words("踢下线", "Kick"),
                Words(
                    "结束此人在所有手机上的全部会话。"
                    "下一个请求：401 session_revoked，不再静默登录，等人点",
                    "Ends all sessions of this person, on all phones. "
                    "The next request: 401 session_revoked; no silent login, a tap decides",
                ),
                act=acts.kick,
            ),
            Lever(
                "disable",
                Words("停用到明天", "Disable until tomorrow"),
                Words(
                    "登录：403 account_disabled，告诉期限和原因",
                    "A login: 403 account_disabled, with the date and the reason",
                ),
                act=acts.disable,
            ),
            Lever(
                "enable",
                Words("解除停用", "Enable"),
                Words("又可以登录", "They may log in again"),
                act=acts.enable,
            ),
            Lever(
                "approve",
                Words("通过企业申请", "Approve the enterprise"),
                Words(
                    f"待审核的企业可以登录了。注册企业时可填统一社会信用代码 {CREDIT_CODE}",
                    "The enterprise that waits may log in. "
                    f"A credit code to apply with: {CREDIT_CODE}",
                ),
                act=acts.approve,
            ),
            Lever(
                "reject",
                Words("驳回企业申请", "Reject the enterprise"),
                Words("登录：403 account_rejected 和原因", "A login: 403 account_rejected"),
                act=acts.reject,
            ),
        ),
    ),
    Group(
        "rules",
        Words("规则", "Rules"),
        (
            Lever(
                "registration",
                Words("陌生人", "A stranger"),
                Words(
                    "openid 没找到时：自动注册、要求注册、不开放",
                    "An unknown openid: registered, asked to register, turned away",
                ),
                act=acts.register_by,
                choices=(
                    Choice("auto", Words("自动注册", "auto")),
                    Choice("required", Words("要求注册", "required")),
                    Choice("closed", Words("不开放", "closed")),
                ),
            ),
            Lever(
                "phone-conflict",
                Words("手机号已属于别的账号", "A phone that is another account's"),
                Words(
                    "新 openid 带来已有的手机号：拒绝，或并入那个账号",
                    "A new openid with a known phone: refused, or it joins that account",
                ),
                act=acts.meet_phone_by,
                choices=(
                    Choice("reject", Words("拒绝", "reject")),
                    Choice("join", Words("并入", "join")),
                ),
            ),
            Lever(
                "sessions",
                Words("同时在线", "Sessions at a time"),
                Words(
                    "只许一部时，第二部手机登录，第一部 401 session_replaced",
                    "With one alone, a second phone's login ends the first: session_replaced",
                ),
                act=acts.allow_sessions,
                choices=(
                    Choice("10", Words("十部手机", "ten phones")),
                    Choice("1", Words("只许一部", "one alone")),
                ),
            ),
            Lever(
                "strategy",
                Words("怎样知道登录过期", "How expiry is learnt"),
                Words(
                    "问自己的服务器（第 10 步），或先问 wx.checkSession；手机会重新启动",
                    "Ask the server (step 10), or wx.checkSession first; the phone starts anew",
                ),
                choices=(
                    Choice("server", Words("问服务器", "the server")),
                    Choice("checkSession", Words("checkSession", "checkSession")),
                ),
                direction="strategy",
                key="strategy",
            ),
            Lever(
                "reset",
                Words("全部重来", "Start all over"),
                Words("清空数据库、微信和手机", "Empties the database, WeChat and the phones"),
                act=acts.reset,
            ),
        ),
    ),
)

LEVERS = {lever.name: lever for group in GROUPS for lever in group.levers}
