"""From an error of the core to a problem document (RFC 9457): statuses, texts, what a client does.

One row an error code, in the order of http-api.md §8; `docs/errors.md` is held to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from wxlogin.endpoints.messages import encode
from wxlogin.login import errors
from wxlogin.login.errors import WxLoginError

Language = Literal["zh", "en"]

JSON_HEADER = (b"content-type", b"application/problem+json")


@dataclass(frozen=True, slots=True)
class Problem:
    """How one code goes out. `client`: again, ask, new_code, wait, stop, or log in and tap."""

    status: int
    client: str
    zh: tuple[str, str]
    en: tuple[str, str]


PROBLEMS: Mapping[str, Problem] = {
    "request_invalid": Problem(
        400,
        "stop",
        ("请求有误", "请求的字段缺失或格式不对，见 errors。"),
        ("Invalid request", "A field is missing or malformed, see errors."),
    ),
    "verification_code_invalid": Problem(
        400,
        "stop",
        ("验证码错误", "验证码不正确、已使用或已过期。"),
        ("Invalid verification code", "The verification code is wrong, used or expired."),
    ),
    "ticket_invalid": Problem(
        400,
        "stop",
        ("注册凭证无效", "注册凭证不存在、已使用或已过期，请重新登录。"),
        ("Invalid ticket", "The registration ticket is unknown, used or expired: log in again."),
    ),
    "ciphertext_invalid": Problem(
        400,
        "stop",
        ("数据无法解密", "加密数据无效，请重新操作一次。"),
        ("Cannot decrypt", "The encrypted data is not valid."),
    ),
    "signature_invalid": Problem(
        400,
        "stop",
        ("签名不符", "数据与签名不一致。"),
        ("Signature mismatch", "The data does not match its signature."),
    ),
    "wrong_code_kind": Problem(
        400,
        "stop",
        ("code 类型不对", "这里需要的是另一种 code（登录 code 与手机号 code 不通用）。"),
        ("Wrong kind of code", "Login codes and phone codes are not interchangeable."),
    ),
    "code_invalid": Problem(
        400,
        "new_code",
        ("登录 code 无效", "code 错误、已过期，或不属于这个小程序，请重新 wx.login。"),
        ("Invalid code", "The code is wrong, expired or another app's: call wx.login again."),
    ),
    "code_used": Problem(
        400,
        "new_code",
        ("登录 code 已使用", "一个 code 只能使用一次，请重新 wx.login。"),
        ("Code already used", "A code works once: call wx.login again."),
    ),
    "phone_code_invalid": Problem(
        400,
        "new_code",
        ("手机号 code 无效", "手机号 code 错误、已使用或已过期，请重新点击授权。"),
        ("Invalid phone code", "The phone code is wrong, used or expired: tap again."),
    ),
    "session_missing": Problem(
        401,
        "again",
        ("未登录", "请求没有携带登录凭证。"),
        ("Not logged in", "The request carries no token."),
    ),
    "session_invalid": Problem(
        401,
        "again",
        ("登录凭证无效", "登录凭证无效，请重新登录。"),
        ("Invalid session", "The token is not valid: log in again."),
    ),
    "session_expired": Problem(
        401,
        "again",
        ("登录已过期", "登录已到期，请重新登录。"),
        ("Session expired", "The session reached its absolute limit: log in again."),
    ),
    "session_idle": Problem(
        401,
        "again",
        ("登录已过期", "太久没有使用，请重新登录。"),
        ("Session idle too long", "The session was not used for too long: log in again."),
    ),
    "session_revoked": Problem(
        401,
        "ask",
        ("登录已被结束", "您已退出登录，或被管理员下线。"),
        ("Session ended", "You logged out, or an operator ended the session."),
    ),
    "session_replaced": Problem(
        401,
        "ask",
        ("已在其他设备登录", "您的账号在另一台设备上登录，本设备已下线。"),
        ("Logged in elsewhere", "Another device took this session's place."),
    ),
    "credentials_invalid": Problem(
        401,
        "stop",
        ("账号或密码错误", "账号或密码错误。"),
        ("Wrong name or password", "The name or the password is wrong."),
    ),
    "service_key_invalid": Problem(
        401,
        "stop",
        ("服务密钥无效", "服务密钥不存在、写法不对或已吊销。"),
        ("Invalid service key", "The service key is unknown, malformed or revoked."),
    ),
    "registration_required": Problem(
        403,
        "stop",
        ("需要注册", "您还不是用户，请先完成注册。"),
        ("Registration required", "Complete the registration first."),
    ),
    "registration_closed": Problem(
        403,
        "stop",
        ("暂不开放注册", "本小程序目前不接受新用户。"),
        ("Registration closed", "This app takes no new users."),
    ),
    "account_disabled": Problem(
        403,
        "stop",
        ("账号已停用", "您的账号已被停用。"),
        ("Account disabled", "Your account is disabled."),
    ),
    "account_pending": Problem(
        403,
        "stop",
        ("账号审核中", "您的申请正在审核，请耐心等待。"),
        ("Account pending", "Your application is being reviewed."),
    ),
    "account_rejected": Problem(
        403,
        "stop",
        ("申请未通过", "您的申请没有通过审核。"),
        ("Application rejected", "Your application was not approved."),
    ),
    "account_erasing": Problem(
        403,
        "stop",
        ("账号注销中", "您的账号正在注销，冷静期内可以恢复。"),
        ("Account being erased", "Your account is being erased; it can still be restored."),
    ),
    "wechat_blocked": Problem(
        403,
        "stop",
        ("微信已拦截登录", "微信认为此次登录存在风险，已拦截。"),
        ("Blocked by WeChat", "WeChat holds this login for a risk."),
    ),
    "phone_required": Problem(
        403,
        "stop",
        ("需要手机号", "请先绑定手机号。"),
        ("Phone required", "Link a phone number first."),
    ),
    "proof_required": Problem(
        403,
        "stop",
        ("需要验证身份", "这一步需要重新验证是你本人。"),
        ("Proof required", "This step needs a fresh proof that it is you."),
    ),
    "push_signature_invalid": Problem(
        403,
        "stop",
        ("推送签名无效", "消息推送的签名不正确。"),
        ("Invalid push signature", "The signature of the push does not hold."),
    ),
    "scope_missing": Problem(
        403,
        "stop",
        ("权限不足", "当前身份没有这项权限。"),
        ("Permission missing", "This identity lacks the permission."),
    ),
    "not_found": Problem(
        404,
        "stop",
        ("不存在", "请求的内容不存在。"),
        ("Not found", "There is no such thing."),
    ),
    "app_unknown": Problem(
        404,
        "stop",
        ("小程序未配置", "服务端没有配置这个 AppID，或已停用。"),
        ("Unknown app", "This AppID is not configured here, or is disabled."),
    ),
    "method_not_allowed": Problem(
        405,
        "stop",
        ("请求方法不对", "这个地址不接受此请求方法，见 Allow。"),
        ("Method not allowed", "This address takes other methods, see Allow."),
    ),
    "body_too_large": Problem(
        413,
        "stop",
        ("请求体过大", "请求体超过限制。"),
        ("Body too large", "The request body is over the limit."),
    ),
    "media_type_unsupported": Problem(
        415,
        "stop",
        ("内容类型不支持", "请求体须为 application/json。"),
        ("Media type unsupported", "The body must be application/json."),
    ),
    "session_key_stale": Problem(
        409,
        "log in, then a new tap",
        ("微信登录态已更新", "请重新登录后再操作一次。"),
        ("WeChat session renewed", "Log in again, then repeat the tap."),
    ),
    "phone_taken": Problem(
        409,
        "stop",
        ("手机号已被使用", "这个手机号属于另一个账号。"),
        ("Phone number taken", "This phone number belongs to another account."),
    ),
    "username_taken": Problem(
        409,
        "stop",
        ("用户名已被使用", "这个用户名已有人使用，请换一个。"),
        ("Username taken", "Somebody has this username already: choose another."),
    ),
    "identity_taken": Problem(
        409,
        "stop",
        ("微信身份已被占用", "这个微信身份已属于另一个账号。"),
        ("Identity taken", "This WeChat identity belongs to another account."),
    ),
    "last_login_method": Problem(
        409,
        "stop",
        ("这是最后一种登录方式", "解除后将无法再登录这个账号。"),
        ("Last way to log in", "Without it nobody could log in to this account any more."),
    ),
    "password_weak": Problem(
        422,
        "stop",
        ("密码不够安全", "密码太短、太长、太常见或包含你的名字，见 reason。"),
        (
            "Password too weak",
            "It is too short, too long, too common or holds your name, see reason.",
        ),
    ),
    "credit_code_invalid": Problem(
        422,
        "stop",
        ("统一社会信用代码有误", "统一社会信用代码的格式或校验位不对。"),
        ("Invalid credit code", "The unified social credit code or its check character is wrong."),
    ),
    "phone_number_invalid": Problem(
        422,
        "stop",
        ("手机号有误", "这不是可用的手机号。"),
        ("Invalid phone number", "This is not a usable phone number."),
    ),
    "content_rejected": Problem(
        422,
        "stop",
        ("内容未通过审核", "昵称或图片未通过微信内容安全检测。"),
        ("Content rejected", "WeChat's content check refused the nickname or the picture."),
    ),
    "rate_limited": Problem(
        429,
        "wait",
        ("操作太频繁", "请稍后再试。"),
        ("Too many requests", "Wait a moment, then try again."),
    ),
    "app_misconfigured": Problem(
        500,
        "stop",
        ("小程序配置有误", "服务端的小程序配置有误，管理员的日志里有说明。"),
        ("App misconfigured", "The app is misconfigured; the operator's log says how."),
    ),
    "internal_error": Problem(
        500,
        "stop",
        ("服务器内部错误", "出了点问题，请稍后再试。"),
        ("Internal error", "Something went wrong."),
    ),
    "wechat_unavailable": Problem(
        503,
        "new_code / wait",
        ("微信暂时不可用", "微信服务没有正常应答，请稍后再试。"),
        ("WeChat unavailable", "WeChat did not answer properly: try again shortly."),
    ),
    "store_unavailable": Problem(
        503,
        "new_code / wait",
        ("服务暂时不可用", "存储暂时没有应答，请稍后再试。"),
        ("Store unavailable", "A store did not answer: try again shortly."),
    ),
}


def problem_body(error: WxLoginError, *, language: Language, request_id: bytes) -> bytes:
    """The document of `error`: what §1 promises, then the error's own facts.

    `request_id` holds nothing that JSON would escape. What is the same in every document of
    a code is made once: a flood of junk tokens is a flood of these.
    """
    facts = error.facts()
    more = b"," + encode(facts)[1:] if facts else b"}"
    return b'%s"%s"%s' % (_opening(error.code, language), request_id, more)


def problem_headers(error: WxLoginError) -> list[tuple[bytes, bytes]]:
    """The headers an error brings along: why the session is over, when to come back, what may."""
    if isinstance(error, errors.SessionOver | errors.CredentialsRefused):
        return [JSON_HEADER, _challenge(error.code)]
    headers = [JSON_HEADER]
    if isinstance(error, errors.RateLimited | errors.Unavailable):
        headers.append((b"retry-after", b"%d" % error.retry_after))
    if isinstance(error, errors.MethodNotAllowed):
        headers.append((b"allow", ", ".join(error.allow).encode()))
    if isinstance(error, errors.RegistrationRequired):
        headers.append((b"cache-control", b"no-store"))
    return headers


@cache
def _opening(code: str, language: Language) -> bytes:
    problem = PROBLEMS[code]
    title, detail = problem.zh if language == "zh" else problem.en
    document = {
        "type": f"urn:wxlogin:problem:{code}",
        "title": title,
        "status": problem.status,
        "detail": detail,
        "code": code,
    }
    return encode(document)[:-1] + b',"request_id":'


@cache
def _challenge(code: str) -> tuple[bytes, bytes]:
    """Behind nginx `auth_request` this header alone survives (http-api.md §1)."""
    return b"www-authenticate", f'Bearer error="invalid_token", code="{code}"'.encode()


def language_of(accept_language: str) -> Language:
    """`en` where the reader prefers English to Chinese, else `zh` (RFC 9110 §12.5.4)."""
    if not accept_language:
        return "zh"
    weights = {"zh": 0.0, "en": 0.0}
    for part in accept_language.split(","):
        name, _, parameter = part.strip().partition(";")
        tag = name.strip().lower().split("-")[0]
        if tag in weights:
            weights[tag] = max(weights[tag], _weight(parameter))
    return "en" if weights["en"] > weights["zh"] else "zh"


def _weight(parameter: str) -> float:
    try:
        return float(parameter.strip().removeprefix("q=")) if parameter.strip() else 1.0
    except ValueError:
        return 0.0
