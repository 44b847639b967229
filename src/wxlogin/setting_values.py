"""From what an operator writes to a value, or to a sentence that says what is wrong with it."""

import importlib.util
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from wxlogin.login.audit_log import MINIMUM_TTL
from wxlogin.login.phone_numbers import is_calling_code
from wxlogin.login.policy import App, Registration
from wxlogin.login.secret import Secret
from wxlogin.sms.opening import PROVIDERS
from wxlogin.stores.opening import check_url
from wxlogin.stores.sealing import KeyRing
from wxlogin.wechat.transport import origin_of

LONGEST = timedelta(days=3650)
"""No duration is longer: a date too far away is none that a clock or a database can hold."""
LONGEST_COOLING_OFF = timedelta(days=15)

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"([0-9]{1,9})([smhd]?)")
_NUMBER = re.compile(r"[0-9]{1,9}")
_APP_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_WORD = re.compile(r"[!-~]{1,128}")
_SMS_SDKS = {"tencent": "tencentcloud", "alibaba": "alibabacloud_dysmsapi20170525"}
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,30}")


class Wrong(ValueError):
    """A value that cannot be used, in both languages; the value itself is never repeated."""

    def __init__(self, zh: str, en: str, *, field: str | None = None) -> None:
        super().__init__(f"{field}: {zh} {en}" if field else f"{zh} {en}")
        self.zh = zh
        self.en = en
        self.field = field


_APP_FIELDS = {
    "app_id",
    "secret",
    "kind",
    "registration",
    "phone_conflict",
    "pool",
    "push_token",
    "encoding_aes_key",
    "cors_origins",
}


def parse_duration(text: str) -> timedelta:
    """Seconds, or a number with d, h, m or s. Raises `Wrong`."""
    found = _DURATION.fullmatch(text.strip())
    seconds = int(found.group(1)) * _UNITS[found.group(2)] if found else 0
    if not 0 < seconds <= LONGEST.total_seconds():
        raise Wrong(
            f"时长写秒数，或 30d、12h、5m，最长 {LONGEST.days} 天",
            f"a duration is seconds, or like 30d, 12h, 5m, at most {LONGEST.days}d",
        )
    return timedelta(seconds=seconds)


def parse_audit_ttl(text: str) -> timedelta:
    """A duration of half a year at least. Raises `Wrong`."""
    ttl = parse_duration(text)
    if ttl < MINIMUM_TTL:
        raise Wrong(
            f"不能短于 {MINIMUM_TTL.days}d：网络日志须留存六个月以上（网络安全法）",
            f"not shorter than {MINIMUM_TTL.days}d: network logs are kept six months by law",
        )
    return ttl


def parse_cooling_off(text: str) -> timedelta:
    """A duration, or nothing at all. Raises `Wrong`."""
    if text.strip() == "0":
        return timedelta(0)
    wait = parse_duration(text)
    if wait > LONGEST_COOLING_OFF:
        raise Wrong(
            f"不能长于 {LONGEST_COOLING_OFF.days}d：注销须在 15 个工作日内完成（GB/T 35273）",
            f"not longer than {LONGEST_COOLING_OFF.days}d: an erasure is done within 15 working "
            "days (GB/T 35273)",
        )
    return wait


def parse_app(raw: object) -> App:
    """One entry of `WXLOGIN_APPS`. Raises `Wrong`, with the field where it is one's."""
    if not isinstance(raw, dict):
        raise Wrong("须为含 app_id 与 secret 的对象", "an object with app_id and secret")
    unknown = sorted(str(name) for name in set(raw) - _APP_FIELDS)
    if unknown:
        raise Wrong("没有这个字段", "there is no such field", field=unknown[0][:64])
    app_id = raw.get("app_id")
    if not isinstance(app_id, str) or not _APP_ID.fullmatch(app_id):
        raise Wrong("缺失或格式不对", "missing or malformed", field="app_id")
    secret = _text(raw, "secret")
    if secret is None:
        raise Wrong("缺失", "missing", field="secret")
    return App(
        app_id=app_id,
        secret=Secret(secret),
        kind=_field_of(raw, "kind", "mini_program", "mini_game"),
        registration=Registration(_field_of(raw, "registration", "auto", "required", "closed")),
        phone_conflict=_field_of(raw, "phone_conflict", "reject", "join"),
        pool=_pool(raw),
        push_token=_secret(raw, "push_token"),
        encoding_aes_key=_secret(raw, "encoding_aes_key"),
        cors_origins=_origins(raw.get("cors_origins", [])),
        is_read_only=True,
    )


def _text(raw: Mapping[str, object], name: str) -> str | None:
    value = raw.get(name)
    if value is not None and not isinstance(value, str):
        raise Wrong("须为文本", "must be a text", field=name)
    return value or None


def _secret(raw: Mapping[str, object], name: str) -> Secret | None:
    value = _text(raw, name)
    return Secret(value) if value else None


def _field_of(raw: Mapping[str, object], name: str, default: str, *others: str) -> str:
    try:
        return _one_of(raw.get(name, default), default, *others)
    except Wrong as wrong:
        raise Wrong(wrong.zh, wrong.en, field=name) from None


def _pool(raw: Mapping[str, object]) -> str:
    pool = raw.get("pool", "default")
    if not isinstance(pool, str) or not 1 <= len(pool) <= 64 or not pool.isprintable():
        raise Wrong("须为文本，1 到 64 个字", "a text of 1 to 64 characters", field="pool")
    return pool


def _origins(raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list) or not all(isinstance(one, str) for one in raw):
        raise Wrong("须为文本列表", "a list of texts", field="cors_origins")
    if not all(map(_is_origin, raw)):
        raise Wrong(
            "每一项形如 https://h5.example.com，不带路径",
            "each is like https://h5.example.com, nothing more",
            field="cors_origins",
        )
    return tuple(raw)


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and text == f"{parts.scheme}://{parts.netloc}"


def _one_of(value: object, *allowed: str) -> str:
    if value not in allowed:
        raise Wrong(f"须为其中之一：{'、'.join(allowed)}", f"one of {', '.join(allowed)}")
    return str(value)


def parse_number(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        text = text.strip()
        if not _NUMBER.fullmatch(text) or not low <= int(text) <= high:
            raise Wrong(f"须为 {low} 到 {high} 的整数", f"a whole number from {low} to {high}")
        return int(text)

    return parse


def parse_switch(text: str) -> bool:
    return _one_of(text.strip().lower(), "on", "off", "true", "false", "1", "0") in (
        "on",
        "true",
        "1",
    )


def parse_choice(*allowed: str) -> Callable[[str], str]:
    return lambda text: _one_of(text.strip().lower(), *allowed)


def parse_http_client(text: str) -> str:
    chosen = _one_of(text.strip().lower(), "httpx2", "pyreqwest")
    if chosen == "pyreqwest" and importlib.util.find_spec("pyreqwest") is None:
        raise Wrong(
            'pyreqwest 未安装：pip install "wxlogin[fast]"',
            'pyreqwest is not installed: pip install "wxlogin[fast]"',
        )
    return chosen


def parse_base_url(text: str) -> str:
    """What the transports take, judged here, so that it is told with the other mistakes."""
    text = text.strip()
    try:
        if not text.isascii() or not text.isprintable() or " " in text:
            raise ValueError
        urlsplit(text).port  # noqa: B018 - raises where it is no port
        return origin_of(text)
    except ValueError:
        raise Wrong(
            "须为 http(s)://主机[:端口]，不带路径、参数、用户名",
            "http(s)://host[:port] and nothing more: no path, query or user",
        ) from None


def parse_url(text: str) -> str:
    """An address with or without a path, and nothing after it. Raises `Wrong`."""
    text = text.strip()
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - raises where it is no port
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_one = False
    is_plain = text.isascii() and text.isprintable() and " " not in text
    if not is_one or not is_plain or "@" in parts.netloc or parts.query or parts.fragment:
        raise Wrong(
            "须为 http(s)://主机[:端口][/路径]，不带参数、用户名",
            "http(s)://host[:port][/path] and nothing more: no query or user",
        )
    return text.rstrip("/")


def parse_avatar_storage(text: str) -> str:
    chosen = _one_of(text.strip().lower(), "sql", "s3")
    if chosen == "s3" and importlib.util.find_spec("boto3") is None:
        raise Wrong(
            'boto3 未安装：pip install "wxlogin[s3]"',
            'boto3 is not installed: pip install "wxlogin[s3]"',
        )
    return chosen


def parse_sms_provider(text: str) -> str:
    chosen = _one_of(text.strip().lower(), *PROVIDERS)
    needed = _SMS_SDKS.get(chosen)
    if needed is not None and importlib.util.find_spec(needed) is None:
        line = f'pip install "wxlogin[sms-{chosen}]"'
        raise Wrong(f"SDK 未安装：{line}", f"the SDK is not installed: {line}")
    return chosen


def parse_countries(text: str) -> tuple[str, ...]:
    """Calling codes, comma-separated, a plus allowed. Raises `Wrong`."""
    codes = [one.strip().removeprefix("+") for one in text.split(",")]
    if not all(map(is_calling_code, codes)):
        raise Wrong(
            "国际区号，逗号分隔，如 86,852,853",
            "calling codes of countries, comma-separated, like 86,852,853",
        )
    return tuple(dict.fromkeys(codes))


def parse_sign_name(text: str) -> str:
    text = text.strip()
    if not 1 <= len(text) <= 32 or not text.isprintable():
        raise Wrong("须为 1 到 32 个字，不带【】", "a text of 1 to 32 characters")
    return text.removeprefix("【").removesuffix("】")


def parse_bucket(text: str) -> str:
    text = text.strip()
    if not _BUCKET.fullmatch(text):
        raise Wrong(
            "存储桶名为 3 到 63 个小写字母、数字、- 或 .",
            "a bucket is named by 3 to 63 small letters, digits, - or .",
        )
    return text


def parse_word(text: str) -> str:
    text = text.strip()
    if not _WORD.fullmatch(text):
        raise Wrong("须为 1 到 128 个可见 ASCII 字符", "1 to 128 visible ASCII characters")
    return text


def parse_secret(text: str) -> Secret:
    return Secret(parse_word(text))


def parse_database_url(text: str) -> str:
    try:
        check_url(text.strip())
    except ValueError as fault:
        raise Wrong(
            "须形如 sqlite:///wxlogin.db，不带参数；PostgreSQL、MySQL 后续版本支持", str(fault)
        ) from None
    return text.strip()


def parse_key_ring(text: str) -> KeyRing:
    try:
        return KeyRing.parse(text)
    except ValueError as fault:
        raise Wrong(
            "密钥写作 id:base64，逗号分隔，最新的在前；id 为 1 到 16 个可见 ASCII 字符，互不相同；"
            "base64 解出来是 32 字节。可用 `wxlogin keys new` 生成",
            str(fault),
        ) from None


def parse_identifier(text: str) -> str:
    if not _IDENTIFIER.fullmatch(text):
        raise Wrong(
            "字母、数字和 _，不以数字开头，最多 31 个",
            "letters, digits and _, no digit first, at most 31",
        )
    return text
