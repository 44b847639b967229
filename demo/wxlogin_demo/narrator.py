"""Tells the ten steps while the server takes them: what happened, and what crossed the wire.

step  told by                                       what crosses
1     the phone (its page shows it)                 a code comes back
2     the request, and the server's claim           the code
3, 4  WeChat's own log, at the server's exchange    AppSecret out; openid, session_key in
5, 6  the server                                    nothing: it stays here
7     the answer                                    the token
8, 9  the phone                                     the token
10    the server's check                            nothing
"""

from typing import Any

from wxlogin_demo.shortening import MASK
from wxlogin_demo.stream import Stream
from wxlogin_demo.traffic import Crossing, crossing
from wxlogin_demo.wechat_log import CODE2SESSION, Call, WeChatLog
from wxlogin_demo.words import Words

LOGIN_DOORS = frozenset(
    {
        "/v1/login",
        "/v1/login/phone",
        "/v1/login/password",
        "/v1/login/sms",
        "/v1/register/mobile",
        "/v1/me/restore",
    }
)
CALLS_KEPT = 50

CLAIMED = Words(
    "先登记这个 code：同一个 code 只有第一个请求能往下走",
    "the code is claimed first: of several requests with it, one goes on",
)
WITHOUT_CODE = Words("这条路不需要 code", "this way in needs no code")
USED = Words(
    "这个 code 已经用过：不问微信，直接拒绝", "this code was used: refused without asking WeChat"
)
SENT = Words("AppSecret 只在这一步用到，不出服务器", "AppSecret is used here, and stays here")
UNSENT = Words("没有一个字节到达微信", "not a byte reached WeChat")
IDENTIFIED = Words("微信认可 code，说出是谁", "WeChat accepts the code and says whose it is")
REFUSED = Words("微信没有给出身份", "WeChat named nobody")
KNOWN = Words("认得出：老用户", "known: somebody who was here before")
UNKNOWN = Words("没找到：按注册策略处理", "nobody yet: the policy decides")
SEALED = Words("session_key 密封后存库，不再传输", "session_key is kept sealed and travels no more")
KEYLESS = Words("没有问微信，也就没有 session_key", "WeChat was not asked: there is no session_key")
NOTHING_WRITTEN = Words("事务没有写入任何东西", "the transaction wrote nothing")
GIVEN = Words("建立会话；token 是我们自己的凭证", "a session is made; its token is our own")
ENDED = Words("到此为止", "it ends here")
CHECKED = Words("会话有效", "the session is live")
OVER = Words("会话已失效，401 说明原因", "the session is over, and the 401 says why")


class Narrator:
    """The server's `Observer`, and the traffic's teller: both happen in the server's loop."""

    def __init__(self, stream: Stream, wechat: WeChatLog) -> None:
        self._stream = stream
        self._wechat = wechat
        self._exchanges: dict[str, Call] = {}

    # What the server says of itself

    def step(self, number: int, name: str, *, outcome: str, seconds: float) -> None:
        by = crossing.get()
        if by is None:
            return
        ms = round(seconds * 1000, 1)
        if name == "claim":
            self._tell(by, 2, outcome, CLAIMED if outcome == "ok" else USED, ms=ms)
        elif name == "exchange":
            self._tell_exchange(by, outcome, ms)
        elif name == "recognise":
            self._tell(by, 5, "ok", KNOWN if outcome == "known" else UNKNOWN, ms=ms)
        elif name == "commit" and outcome == "done":
            has_key = 4 in by.told
            never = ("session_key",) if has_key else ()
            self._tell(by, 6, "ok", SEALED if has_key else KEYLESS, ms=ms, never=never)
        elif name == "commit":
            self._tell(by, 6, outcome, NOTHING_WRITTEN, ms=ms)

    def checked(self, outcome: str) -> None:
        by = crossing.get()
        if by is not None:
            self._tell(by, 10, outcome, CHECKED if outcome == "ok" else OVER)

    def phone_exchanged(self, outcome: str) -> None:
        self._read_wechat()

    # What crosses between phones and server

    def asked(self, by: Crossing, *, headers: dict[str, str], body: Any) -> None:
        self._stream.add(
            "request",
            request=by.id,
            phone=by.phone,
            method=by.method,
            path=by.path,
            headers=headers,
            body=body,
            is_login=by.path in LOGIN_DOORS,
        )
        if by.path in LOGIN_DOORS and not by.codes:
            self._tell(by, 2, "ok", WITHOUT_CODE)

    def answered(self, by: Crossing, *, status: int, body: Any, ms: float) -> None:
        self._read_wechat()
        code = body.get("code") if isinstance(body, dict) and status >= 400 else None
        if by.path in LOGIN_DOORS:
            self._tell_end(by, status, code, body)
        self._stream.add(
            "answer",
            request=by.id,
            phone=by.phone,
            status=status,
            code=code,
            body=body,
            ms=round(ms, 1),
        )

    # How each is told

    def _tell(self, by: Crossing, number: int, outcome: str, note: Words, **more: Any) -> None:
        by.told[number] = outcome
        self._stream.add(
            "step",
            step=number,
            request=by.id,
            phone=by.phone,
            outcome=outcome,
            note=note._asdict(),
            **more,
        )

    def _tell_exchange(self, by: Crossing, outcome: str, ms: float | None = None) -> None:
        self._read_wechat()
        call = next((self._exchanges[code] for code in by.codes if code in self._exchanges), None)
        if call is None:
            self._tell(by, 3, outcome, UNSENT, ms=ms)
            return
        self._tell(by, 3, "ok", SENT, wire=_question(call), never=("appsecret",))
        never = ("openid", "session_key", "unionid") if outcome == "ok" else ()
        note = IDENTIFIED if outcome == "ok" else REFUSED
        self._tell(by, 4, outcome, note, ms=ms, wire=_reply(call), never=never)

    def _tell_end(self, by: Crossing, status: int, code: str | None, body: Any) -> None:
        """Step 7, or the step at which a login ended that nobody has told yet."""
        if status < 400:
            shown = {key: body[key] for key in ("token", "expires_in", "session_id") if key in body}
            self._tell(by, 7, "ok", GIVEN, wire=shown)
            return
        if any(outcome != "ok" for outcome in by.told.values()):
            return
        why = code or str(status)
        if by.codes and max(by.told, default=0) == 2:
            self._tell_exchange(by, why)  # given up while WeChat was silent
        else:
            reached = 5 if by.told else 2
            self._tell(by, reached, why, ENDED)

    def _read_wechat(self) -> None:
        by = crossing.get()
        for call in self._wechat.new_calls():
            if call["path"] == CODE2SESSION:
                self._exchanges[str(call["sent"].get("js_code", ""))[:-1]] = call
                if len(self._exchanges) > CALLS_KEPT:
                    self._exchanges.pop(next(iter(self._exchanges)))
            self._stream.add("wechat", request=by.id if by else None, **call)
        for message in self._wechat.new_messages():
            self._stream.add("sms", **message)


def _question(call: Call) -> dict[str, Any]:
    sent = call["sent"]
    shown = {"appid": sent.get("appid"), "secret": MASK, "js_code": sent.get("js_code")}
    return {"GET": CODE2SESSION, **shown}


def _reply(call: Call) -> Any:
    return call["told"] if call["status"] is not None else "(no answer)"
