"""WeChat's errcodes: what each means for us, its cause, and what the operator can do.

The numbers and texts are those of the contract §1-§4, §6 and §7; which code goes out
for which is http-api.md §8. `errmsg` is never compared: its wording and its tail change.
"""

from dataclasses import dataclass
from enum import StrEnum

from wxlogin.login import errors


class Meaning(StrEnum):
    """What an errcode means for us."""

    BUSY = "busy"
    CODE_INVALID = "code_invalid"
    CODE_USED = "code_used"
    PHONE_CODE_INVALID = "phone_code_invalid"
    BLOCKED = "blocked"
    RATE = "rate"
    CONFIG = "config"
    TOKEN = "token"  # noqa: S105 - the access_token is refused; this is no secret
    SESSION_KEY = "session_key"
    CONTENT = "content"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Errcode:
    """One number. `advice` and `advice_zh` are for the operator's log."""

    number: int
    meaning: Meaning
    cause: str
    advice: str
    advice_zh: str

    @property
    def is_fault_of_wechat(self) -> bool:
        """Whether it counts for the breaker: business errcodes never do (security.md §5.2)."""
        return self.meaning is Meaning.BUSY


class WeChatApiError(errors.WeChatUnavailable):
    """WeChat answered with an errcode that this package gives no meaning of its own."""

    def __init__(
        self, errcode: int, *, rid: str | None = None, retry: errors.Retry | None = None
    ) -> None:
        super().__init__(retry=retry)
        self._errcode = errcode
        self._rid = rid

    @property
    def errcode(self) -> int:
        """WeChat's number; for the host's code and the log, never for the answer."""
        return self._errcode

    @property
    def rid(self) -> str | None:
        """WeChat's name of the request; it can be looked up for seven days."""
        return self._rid

    def __str__(self) -> str:
        return f"{self.code}(errcode={self._errcode}, rid={self._rid})"


_M = Meaning

_ROWS = (
    Errcode(
        -1, _M.BUSY, "WeChat is busy", "wait; nothing is wrong here", "微信系统繁忙，请稍后再试"
    ),
    Errcode(
        1,
        _M.OTHER,
        "no such data, older than three days, or another app's",
        "treat the ciphertext as not issued by WeChat",
        "数据不存在、超过三天或不属于本小程序",
    ),
    Errcode(
        40001,
        _M.TOKEN,
        "the access_token is not the latest one",
        "let only one system fetch access_tokens of this app, or use stable_token in all of them",
        "access_token 已失效：请确认只有一个系统在刷新，或全部改用 stable_token",
    ),
    Errcode(
        40002,
        _M.OTHER,
        "invalid grant_type",
        "report it: wxlogin sent a wrong call",
        "grant_type 错误：这是 wxlogin 的缺陷，请反馈",
    ),
    Errcode(
        40003,
        _M.OTHER,
        "invalid openid, or another app's",
        "check that the openid was obtained under this appid",
        "openid 无效或属于其他小程序",
    ),
    Errcode(
        40004,
        _M.OTHER,
        "not a picture that WeChat takes",
        "send a JPEG, a PNG or a GIF",
        "图片格式不支持：请用 JPEG、PNG 或 GIF",
    ),
    Errcode(
        40006,
        _M.OTHER,
        "the picture is too large",
        "send at most 1 MB, and at most 750 x 1334 pixels",
        "图片过大：不超过 1 MB、750 x 1334 像素",
    ),
    Errcode(
        40013,
        _M.CONFIG,
        "unknown appid",
        "compare the configured appid with the one in the admin console",
        "AppID 无效：请与小程序后台核对",
    ),
    Errcode(
        40014,
        _M.TOKEN,
        "invalid access_token",
        "none if it happens once: a new one is fetched",
        "access_token 不合法，将自动重新获取",
    ),
    Errcode(
        40016,
        _M.OTHER,
        "bad parameter",
        "check the parameters of the call",
        "参数错误，请检查调用参数",
    ),
    Errcode(
        40029,
        _M.CODE_INVALID,
        "the code is wrong, expired, or another app's",
        "if it happens always: the mini program runs under another appid than the server",
        "code 无效或已过期；若每次都出现，请检查前后端 AppID 是否一致",
    ),
    Errcode(
        40097,
        _M.OTHER,
        "invalid arguments",
        "check the parameters of the call",
        "参数错误，请检查调用参数",
    ),
    Errcode(
        40125,
        _M.CONFIG,
        "the appsecret does not match the appid",
        "copy the current appsecret from the admin console; it may have been reset",
        "AppSecret 错误：请到小程序后台核对，可能已被重置",
    ),
    Errcode(
        40129,
        _M.OTHER,
        "no such scene",
        "report it: wxlogin sent a wrong call",
        "场景值错误：这是 wxlogin 的缺陷，请反馈",
    ),
    Errcode(
        40163,
        _M.CODE_USED,
        "the code was used before",
        "look for a gateway or a client that sends the login request twice",
        "code 已被使用：请检查网关或客户端是否重复发送了登录请求",
    ),
    Errcode(
        40164,
        _M.CONFIG,
        "this server's address is not in the IP whitelist",
        "add the address to the IP whitelist in the admin console",
        "服务器 IP 不在白名单：请在小程序后台添加该 IP",
    ),
    Errcode(
        40226,
        _M.BLOCKED,
        "WeChat holds this user for a risk",
        "none: the user is told by WeChat",
        "高风险用户，登录被微信拦截",
    ),
    Errcode(
        40243,
        _M.CONFIG,
        "the appsecret is frozen",
        "unfreeze it in the admin console",
        "AppSecret 已被冻结：请到小程序后台解冻",
    ),
    Errcode(
        41001,
        _M.OTHER,
        "access_token missing",
        "check that no proxy rewrites the request",
        "缺少 access_token：请检查代理是否改写了请求",
    ),
    Errcode(
        41002,
        _M.CONFIG,
        "appid missing",
        "check that the appid is configured and that no proxy rewrites the request",
        "缺少 AppID：请检查配置，以及代理是否改写了请求",
    ),
    Errcode(
        41004,
        _M.CONFIG,
        "appsecret missing",
        "check that the appsecret is configured and that no proxy rewrites the request",
        "缺少 AppSecret：请检查配置，以及代理是否改写了请求",
    ),
    Errcode(
        41005,
        _M.OTHER,
        "the form holds no file named media",
        "check that no proxy rewrites the request",
        "缺少图片数据：请检查代理是否改写了请求",
    ),
    Errcode(41008, _M.CODE_INVALID, "code missing", "none: the client sent none", "缺少 code"),
    Errcode(
        42001,
        _M.TOKEN,
        "the access_token has expired",
        "none if it happens once: a new one is fetched; else compare this server's clock",
        "access_token 已过期，将自动重新获取；若反复出现请检查服务器时间",
    ),
    Errcode(
        43002,
        _M.OTHER,
        "the call requires POST",
        "call it by post()",
        "该接口需要使用 POST 请求",
    ),
    Errcode(
        43104,
        _M.OTHER,
        "the openid is another app's",
        "check that the openid was obtained under this appid",
        "openid 与 AppID 不匹配",
    ),
    Errcode(44002, _M.OTHER, "empty POST data", "send a JSON body", "POST 数据为空"),
    Errcode(
        45002,
        _M.OTHER,
        "the text is too long",
        "send at most 2500 characters",
        "文本过长：不超过 2500 字",
    ),
    Errcode(
        45009,
        _M.RATE,
        "the daily quota of this call is used up",
        "look for the caller that uses it up; the quota can be cleared in the admin console",
        "接口每日调用次数已用完：请排查调用来源，可在后台清零",
    ),
    Errcode(
        45011,
        _M.RATE,
        "too many calls this minute",
        "none if it is rare; else look for a client that loops",
        "调用过于频繁：若经常出现，请排查循环登录的客户端",
    ),
    Errcode(
        47001,
        _M.OTHER,
        "WeChat cannot read the JSON",
        "check the body of the call",
        "POST 数据格式错误",
    ),
    Errcode(
        48001,
        _M.CONFIG,
        "the app has no permission for this call",
        "phone numbers need a certified, non-personal mini program",
        "小程序没有该接口权限：手机号需要已认证的非个人主体",
    ),
    Errcode(
        61003,
        _M.CONFIG,
        "the platform is not authorised by this account",
        "let the account authorise it again",
        "第三方平台未获得该账号授权",
    ),
    Errcode(
        61010,
        _M.OTHER,
        "this person has not used the mini program in the last two hours",
        "let them open it, then try again; content of people elsewhere cannot be checked",
        "该用户近两小时未访问小程序：请打开小程序后重试",
    ),
    Errcode(76001, _M.OTHER, "rid not found", "rids of sns calls are not kept", "rid 不存在"),
    Errcode(
        87007,
        _M.SESSION_KEY,
        "the session_key does not exist or has expired",
        "none: the person logs in again",
        "session_key 不存在或已过期，需要重新登录",
    ),
    Errcode(
        87008,
        _M.OTHER,
        "invalid sig_method",
        "report it: wxlogin sent a wrong call",
        "sig_method 错误：这是 wxlogin 的缺陷，请反馈",
    ),
    Errcode(
        87009,
        _M.SESSION_KEY,
        "the session_key was replaced or has expired",
        "none: the person logs in again",
        "session_key 已失效，需要重新登录",
    ),
    Errcode(
        87014,
        _M.OTHER,
        "WeChat refuses this content",
        "none: the person chooses something else",
        "内容含有违法违规信息",
    ),
    Errcode(
        89002,
        _M.OTHER,
        "the app is not bound to an open-platform account",
        "bind it where a unionid is wanted",
        "小程序未绑定微信开放平台账号",
    ),
    Errcode(89300, _M.OTHER, "invalid trade", "check the order's numbers", "订单无效"),
    Errcode(
        400081,
        _M.CONFIG,
        "the app has no permission for this call",
        "phone numbers need a certified, non-personal mini program",
        "小程序没有该接口权限：手机号需要已认证的非个人主体",
    ),
    *(
        Errcode(
            number,
            _M.OTHER,
            cause,
            "check the API signature set up in the admin console against the host's",
            "API 签名加密配置有误：请与小程序后台核对",
        )
        for number, cause in (
            (40230, "Wechatmp-Serial missing"),
            (40231, "Wechatmp-TimeStamp missing"),
            (40232, "Wechatmp-Signature missing"),
            (40233, "Wechatmp-Appid missing"),
            (40234, "invalid API signature"),
            (40235, "invalid API encryption"),
            (40236, "invalid Wechatmp-Appid"),
            (40237, "Wechatmp-Appid is not the access_token's"),
            (40238, "no symmetric key is set up"),
            (40239, "no public key is set up"),
            (40240, "Wechatmp-TimeStamp has expired"),
        )
    ),
)

ERRCODES = {row.number: row for row in _ROWS}


def find_errcode(number: int) -> Errcode:
    """The row of `number`; for one that is not listed, a row that says so."""
    return ERRCODES.get(number) or Errcode(
        number,
        Meaning.OTHER,
        "not listed",
        "look the number up in WeChat's page of global return codes",
        "请查阅微信官方的全局返回码文档",
    )


def error_for(
    number: int,
    meaning: Meaning,
    *,
    retry_after: int,
    retry: errors.Retry | None,
    rid: str | None,
) -> errors.WxLoginError:
    """Our error for WeChat's number. `retry` says whether a code may be spent by the call,
    `retry_after` how long it is to the next minute."""
    match meaning:
        case Meaning.BUSY | Meaning.TOKEN:
            return errors.WeChatUnavailable(retry=retry)
        case Meaning.CODE_INVALID:
            return errors.CodeInvalid()
        case Meaning.CODE_USED:
            return errors.CodeUsed()
        case Meaning.PHONE_CODE_INVALID:
            return errors.PhoneCodeInvalid()
        case Meaning.BLOCKED:
            return errors.WeChatBlocked()
        case Meaning.RATE:
            return errors.RateLimited(retry_after)
        case Meaning.CONFIG:
            return errors.AppMisconfigured(number)
        case Meaning.SESSION_KEY:
            return errors.SessionKeyStale()
        case Meaning.CONTENT:
            return errors.ContentRejected()
        case Meaning.OTHER:
            return WeChatApiError(number, rid=rid, retry=retry)
