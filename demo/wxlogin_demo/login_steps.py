"""Steps 1 to 7, up to the token: each function takes its step, tells it and checks it."""

from base64 import b64decode
from typing import Any

from wxlogin_demo.journey import USER, Journey
from wxlogin_demo.shortening import MASK, json_text, shortened, some_of
from wxlogin_demo.stage import KEY_ID
from wxlogin_demo.step import Step

CODE2SESSION = "/sns/jscode2session"


def get_code(step: Step, journey: Journey) -> None:
    told = journey.phone.wx_login()
    step.sent(f"wx.login()   [POST {told.path} {json_text(told.sent)}]")
    step.got(f"{told.status} {json_text(told.body)}")
    step.require(told.body.get("errMsg") == "login:ok", "login:ok", "login:ok", found=told.status)
    journey.code = str(told.body["code"])
    step.note(
        "code 活 5 分钟，只能用一次，单独拿到它没有用：所以原样显示",
        "a code lives 5 minutes, works once, and is useless alone: so it is shown as it is",
    )


def send_code(step: Step, journey: Journey) -> None:
    told = journey.exchanges["login"] = journey.phone.send_code(journey.code)
    step.sent(f"{told.method} {told.path} {json_text(told.sent)}")
    step.note(
        "只交 code，不交 openid；小程序也无权直接请求微信的 api.weixin.qq.com",
        "the code alone, no openid; a mini program may not call api.weixin.qq.com itself",
    )
    claimed = journey.stage.watcher.outcome("claim")
    step.prove(
        claimed == "ok",
        "服务器先登记这个 code：同一个 code 只有第一个请求能往下走",
        "the server claims the code first: of several requests with it, one goes on",
        found=claimed or f"HTTP {told.status}",
    )


def exchange_code(step: Step, journey: Journey) -> None:
    call = _call_of_server(journey)
    sent = {name: call["sent"].get(name, "") for name in ("appid", *sorted(call["sent"]))}
    sent |= {"secret": MASK, "js_code": f"{journey.code[:4]}…"}
    step.sent(f"GET {CODE2SESSION}?{' &'.join(f'{k}={v}' for k, v in sent.items())}")
    arrived = journey.stage.simulator.exchanges(journey.code)
    step.prove(
        arrived == 1,
        "微信那边的记录：这个 code 恰好来过一次",
        "WeChat's own log: this code came exactly once",
        found=arrived,
    )
    step.prove(
        journey.phone.has_met(journey.code)
        and not journey.phone.has_met(journey.stage.simulator.secret),
        f"AppSecret {MASK} 不出服务器：手机收发的 {journey.phone.bytes_met} 字节里没有它",
        f"AppSecret {MASK} stays on the server: not in the {journey.phone.bytes_met} bytes "
        "the phone sent or got",
    )


def take_identity(step: Step, journey: Journey) -> None:
    call = _call_of_server(journey)
    if call["errcode"] != 0:
        step.got(f'{call["status"]} {{"errcode": {json_text(call["errcode"])}}}')
        step.fail(
            "微信认可这个 code，给出 openid 和 session_key",
            "WeChat accepts the code and gives openid and session_key",
            found=f"{_fault(call)}, POST /v1/login → {_answered(journey)}",
        )
        return
    told = {"openid": shortened(call["openid"]), "session_key": MASK}
    if unionid := journey.stage.simulator.unionid(USER):
        told["unionid"] = shortened(unionid)
    step.got(f"{call['status']} {json_text(told)}")
    outcome = journey.stage.watcher.outcome("exchange")
    step.require(outcome == "ok", "服务器认可", "the server accepts it", found=outcome)
    step.prove(
        not journey.phone.has_met(journey.session_key),
        f"session_key {MASK} 只到服务器为止，手机没有见过",
        f"session_key {MASK} ends at the server; the phone has not met it",
    )


def find_account(step: Step, journey: Journey) -> None:
    step.sent(f"wxlogin_identity: openid = {shortened(journey.openid)} ?")
    recognised = journey.stage.watcher.outcome("recognise")
    step.got(f"{recognised}：没找到，按策略 auto 注册", f"{recognised}: registered by policy auto")
    step.require(recognised == "unknown", "第一次来", "a first visit", found=recognised)
    identity = journey.stage.database.find_identity(journey.openid)
    account = journey.login.body.get("account", {}).get("id")
    accounts = journey.stage.database.count_accounts()
    step.prove(
        identity is not None and identity.account_id == account and accounts == 1,
        f"库里多了一个账号 {shortened(account, 13)}，这个 openid 指向它",
        f"the database has one account more, {shortened(account, 13)}, and the openid leads to it",
        found=f"{_answered(journey)}, accounts={accounts}",
    )


def seal_session_key(step: Step, journey: Journey) -> None:
    database, key = journey.stage.database, journey.session_key
    identity = database.find_identity(journey.openid)
    sealed = identity.sealed_key if identity else b""
    version, key_id, rest = sealed[:1], sealed[1:17].rstrip(b"\0").decode("latin-1"), sealed[17:]
    shown = f"{MASK} → {key_id}:{shortened(rest.hex(), 24)}"
    step.got(f"{shown} ({len(sealed)} 字节)", f"{shown} ({len(sealed)} bytes)")
    step.prove(
        version == b"\x01" and key_id == KEY_ID,
        f"session_key 用密钥 {KEY_ID} 密封（AES-256-GCM），绑定在这一行",
        f"session_key is sealed under the key {KEY_ID} (AES-256-GCM), bound to its row",
        found=f"{len(sealed)} bytes",
    )
    files, size = len(database.files()), database.size()
    step.prove(
        database.holds(journey.openid.encode())
        and not database.holds(key.encode(), b64decode(key)),
        f"搜遍数据库 {files} 个文件 {size} 字节：找得到 openid，找不到明文 session_key",
        f"all {size} bytes of {files} database files searched: the openid is there, "
        "the plain session_key is not",
    )


def answer_token(step: Step, journey: Journey) -> None:
    login = journey.login
    shown = some_of(login.body, "token", "expires_in", "idle_expires_in", "is_new_account")
    step.got(f"{login.status} {shown}")
    step.require(login.status == 200, "HTTP 200", "HTTP 200", found=_answered(journey))
    cache = login.headers.get("cache-control")
    step.require(cache == "no-store", "no-store", "no-store", found=cache)
    secret = str(login.body["token"]).partition(".")[2]
    step.prove(
        not journey.stage.database.holds(secret.encode()),
        "token 是我们自己的会话凭证；库里只有它的哈希，拖库也登录不了",
        "the token is ours; the database keeps its hash alone: a stolen copy lets nobody in",
    )


def _call_of_server(journey: Journey) -> dict[str, Any]:
    """The last code2Session in WeChat's own log; LookupError where none arrived."""
    for call in journey.stage.simulator.log():
        if call["path"] == CODE2SESSION:
            return call
    raise LookupError("no code2Session reached WeChat")


def _fault(call: dict[str, Any]) -> str:
    return "no answer" if call["status"] is None else f"errcode {call['errcode']}"


def _answered(journey: Journey) -> str:
    return f"{journey.login.status} {journey.login.body.get('code', '')}".rstrip()
