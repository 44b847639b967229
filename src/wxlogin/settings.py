"""Settings, read once: from `WXLOGIN_*` variables, a `.env` file, or a TOML file.

Everybody else is handed small frozen values; only this module reads the environment.
All mistakes are reported at once, each with the name of its variable.
"""

import difflib
import json
import os
import re
import tomllib
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from wxlogin.avatars.opening import AvatarSettings
from wxlogin.login.credentials import PasswordPolicy
from wxlogin.login.policy import App
from wxlogin.login.verification import VerificationPolicy
from wxlogin.setting_values import (
    Wrong,
    parse_app,
    parse_audit_ttl,
    parse_avatar_storage,
    parse_base_url,
    parse_bucket,
    parse_choice,
    parse_cooling_off,
    parse_countries,
    parse_database_url,
    parse_duration,
    parse_http_client,
    parse_identifier,
    parse_key_ring,
    parse_number,
    parse_secret,
    parse_sign_name,
    parse_sms_provider,
    parse_switch,
    parse_url,
    parse_word,
)
from wxlogin.sms.opening import SmsSettings
from wxlogin.stores.sealing import KeyRing

PREFIX = "WXLOGIN_"
WECHAT_API_BASE = "https://api.weixin.qq.com"


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong with the settings: the variable, and what to do, in both languages."""

    name: str
    zh: str
    en: str


class SettingsInvalid(Exception):
    """The settings cannot be used. `mistakes` names every one of them; `ignored` the variables
    that nothing reads, for what is missing may stand there under a name mistyped."""

    def __init__(self, mistakes: list[Mistake], *, ignored: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.mistakes = mistakes
        self.ignored = ignored

    def __str__(self) -> str:
        return "\n".join(f"{m.name}: {m.zh} ({m.en})" for m in self.mistakes)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an operator decides. Durations are timedeltas; defaults and their reasons:

    `env`: production, because forgetting to set it must be the safe mistake.
    `session_ttl` 30 days: the longest NIST SP 800-63B-4 §2.1.3 allows without a new login.
    `session_idle_ttl` 7 days: a new login is silent in a mini program, so short costs nothing.
    `max_sessions` 10: more devices than a person has, fewer than a token thief wants.
    `logins_per_minute` 100: WeChat's own limit per person.
    `trusted_proxies` 0: `X-Forwarded-For` is believed only as far back as it is ours.
    `erasure_cooling_off` 7 days: time for regret, and far from the 15 working days of the law.
    `audit_ttl` a year: the law asks for half of one (Cybersecurity Law, art. 23 (3)).
    `metrics_directory`: where a worker leaves its numbers for the operator's listener.
    `http_client`: `httpx2`, or `pyreqwest` (extra `[fast]`), an eighth of the CPU a call.
    `content_check` off: it costs a call of WeChat's for each nickname and picture.
    `public_url`: where mini programs see us, for the addresses of pictures.
    `phone_calls_per_account`, `phone_calls_per_day`: paid calls an account, and an app, has a
    day (0.03 CNY each): more taps than a person makes, and a price that an attack cannot pass.
    `ignored`: variables that begin like ours and are none; `why_ignored` says more of each.
    """

    env: str = "production"
    apps: tuple[App, ...] = ()
    database_url: str = field(default="sqlite:///wxlogin.db", repr=False)
    table_prefix: str = "wxlogin_"
    auto_migrate: bool = True
    keys: KeyRing | None = None
    wechat_api_base: str = WECHAT_API_BASE
    http_client: str = "httpx2"
    content_check: str = "off"
    public_url: str | None = None
    phone_calls_per_account: int = 10
    phone_calls_per_day: int = 10_000
    avatars: AvatarSettings = field(default_factory=AvatarSettings)
    sms: SmsSettings = field(default_factory=SmsSettings)
    verification: VerificationPolicy = field(default_factory=VerificationPolicy)
    passwords: PasswordPolicy = field(default_factory=PasswordPolicy)
    session_ttl: timedelta = timedelta(days=30)
    session_idle_ttl: timedelta = timedelta(days=7)
    max_sessions: int = 10
    logins_per_minute: int = 100
    trusted_proxies: int = 0
    erasure_cooling_off: timedelta = timedelta(days=7)
    audit_ttl: timedelta = timedelta(days=365)
    public_docs: bool = False
    log_level: str = "info"
    metrics_directory: Path | None = None
    ignored: tuple[str, ...] = ()

    @property
    def is_production(self) -> bool:
        return self.env == "production"

    @staticmethod
    def config_of_environment() -> Path | None:
        """The TOML file that `wxlogin --config` named, as its workers are told of it."""
        named = os.environ.get("WXLOGIN_CONFIG")
        return Path(named) if named else None

    @classmethod
    def load(
        cls,
        *,
        environ: Mapping[str, str] | None = None,
        env_file: Path | None = Path(".env"),
        toml_file: Path | None = None,
    ) -> "Settings":
        """Read all sources; the environment wins over `.env`, that over TOML.

        Raises `SettingsInvalid` with every mistake found, and with what `unsafe()` would say:
        whoever mends the one should hear of the other. What is unsafe and nothing else is
        loaded, for a host with a store of its own is not asked for keys.
        """
        values: dict[str, Any] = {}
        mistakes: list[Mistake] = []
        if toml_file is not None:
            values.update(_from_toml(toml_file, mistakes))
        if env_file is not None and env_file.is_file():
            values.update(_prefixed(_from_env_file(env_file, mistakes)))
        values.update(_prefixed(os.environ if environ is None else environ))
        ignored = tuple(
            sorted(PREFIX + name for name, value in values.items() if not _is_known(name, value))
        )
        values = _with_files(values, mistakes)
        return _build(values, mistakes, ignored=ignored)

    def unsafe(self) -> list[Mistake]:
        """What forbids production: the server refuses to start with any of these."""
        found: list[Mistake] = []
        if not self.is_production:
            return found
        if self.keys is None:
            found.append(
                Mistake(
                    "WXLOGIN_KEYS",
                    "生产环境必须设置密钥，可用 `wxlogin keys new` 生成",
                    "required in production; make one with `wxlogin keys new`",
                )
            )
        if urlsplit(self.wechat_api_base).scheme != "https":
            found.append(
                Mistake(
                    "WXLOGIN_WECHAT_API_BASE",
                    "生产环境必须是 https 地址：AppSecret 会经过这里；使用模拟器请设 "
                    "WXLOGIN_ENV=development",
                    "must be https in production, the appsecret goes there; for the simulator "
                    "set WXLOGIN_ENV=development",
                )
            )
        if self.database_url in ("sqlite://", "sqlite:///:memory:"):
            found.append(
                Mistake(
                    "WXLOGIN_DATABASE_URL",
                    "生产环境不能使用内存数据库：重启后会话与账号全部丢失",
                    "an in-memory database forgets every account at a restart",
                )
            )
        if self.sms.provider == "simulator":
            found.append(
                Mistake(
                    "WXLOGIN_SMS",
                    "生产环境不能使用模拟器收短信：验证码谁都能看到",
                    "the simulator is not for production: it shows each code to everybody",
                )
            )
        if self.log_level == "debug":
            found.append(
                Mistake(
                    "WXLOGIN_LOG_LEVEL",
                    "生产环境不能使用 debug",
                    "debug is not for production",
                )
            )
        return found


def why_ignored(name: str) -> tuple[str, str]:
    """What to tell, in Chinese and in English, whoever set a variable that nothing reads."""
    bare = name.removeprefix(PREFIX).upper().removesuffix("_FILE")
    if bare in _LATER:
        return "后续版本支持，现在不起作用", "comes with a later version, and does nothing yet"
    near = difflib.get_close_matches(bare, _NAMES, n=1)
    if near:
        meant = PREFIX + near[0] if name.startswith(PREFIX) else near[0].lower()
        return f"没有这个配置项；是不是 {meant}？", f"no such setting; did you mean {meant}?"
    return "没有这个配置项，不起作用", "no such setting, it does nothing"


def parse_env_file(text: str) -> tuple[dict[str, str], list[int]]:
    """The assignments of a `.env` file, and the numbers of the lines that are neither an
    assignment nor a comment: `NAME=value`, quotes and `export` allowed."""
    found: dict[str, str] = {}
    unread: list[int] = []
    for number, line in enumerate(text.split("\n"), 1):
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if not name or name.startswith("#"):
            continue
        if not equals:
            unread.append(number)
            continue
        value = value.strip()
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        else:
            value = value.split(" #")[0].rstrip()
        found[name.strip()] = value
    return found, unread


_FIELDS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "ENV": ("env", parse_choice("production", "development")),
    "DATABASE_URL": ("database_url", parse_database_url),
    "TABLE_PREFIX": ("table_prefix", parse_identifier),
    "AUTO_MIGRATE": ("auto_migrate", parse_switch),
    "KEYS": ("keys", parse_key_ring),
    "WECHAT_API_BASE": ("wechat_api_base", parse_base_url),
    "HTTP_CLIENT": ("http_client", parse_http_client),
    "CONTENT_CHECK": ("content_check", parse_choice("off", "wechat")),
    "PUBLIC_URL": ("public_url", parse_url),
    "PHONE_CALLS_PER_ACCOUNT": ("phone_calls_per_account", parse_number(0, 10_000)),
    "PHONE_CALLS_PER_DAY": ("phone_calls_per_day", parse_number(0, 10_000_000)),
    "AVATARS": ("avatars.storage", parse_avatar_storage),
    "AVATARS_S3_BUCKET": ("avatars.bucket", parse_bucket),
    "AVATARS_S3_ENDPOINT": ("avatars.endpoint", parse_url),
    "AVATARS_S3_REGION": ("avatars.region", parse_word),
    "AVATARS_S3_ACCESS_KEY_ID": ("avatars.access_key_id", parse_word),
    "AVATARS_S3_SECRET_ACCESS_KEY": ("avatars.secret_access_key", parse_secret),
    "AVATARS_S3_PUBLIC_URL": ("avatars.public_url", parse_url),
    "AVATARS_S3_PATH_STYLE": ("avatars.path_style", parse_switch),
    "SMS": ("sms.provider", parse_sms_provider),
    "SMS_COUNTRIES": ("sms.countries", parse_countries),
    "SMS_HOURLY_BUDGET": ("sms.hourly_budget", parse_number(1, 1_000_000)),
    "SMS_PER_PHONE_HOUR": ("verification.per_phone_hour", parse_number(1, 60)),
    "SMS_PER_PHONE_DAY": ("verification.per_phone_day", parse_number(1, 1000)),
    "SMS_PER_OPENID_DAY": ("verification.per_openid_day", parse_number(1, 1000)),
    "SMS_PER_ADDRESS_HOUR": ("verification.per_address_hour", parse_number(1, 100_000)),
    "SMS_TRIES": ("verification.tries", parse_number(1, 10)),
    "PASSWORD_FAILURES": ("passwords.failures", parse_number(1, 100)),
    "PASSWORD_FAILURES_PER_ADDRESS": (
        "passwords.failures_per_address",
        parse_number(1, 10_000),
    ),
    "PASSWORD_FAILURES_PER_HOUR": ("passwords.failures_per_hour", parse_number(1, 10_000)),
    "PASSWORD_FAILURES_IN_A_ROW": ("passwords.failures_in_a_row", parse_number(1, 100)),
    "SMS_SIGN_NAME": ("sms.sign_name", parse_sign_name),
    "SMS_TEMPLATE_ID": ("sms.template_id", parse_word),
    "SMS_SDK_APP_ID": ("sms.sdk_app_id", parse_word),
    "SMS_SECRET_ID": ("sms.secret_id", parse_word),
    "SMS_SECRET_KEY": ("sms.secret_key", parse_secret),
    "SMS_REGION": ("sms.region", parse_word),
    "SESSION_TTL": ("session_ttl", parse_duration),
    "SESSION_IDLE_TTL": ("session_idle_ttl", parse_duration),
    "MAX_SESSIONS": ("max_sessions", parse_number(1, 1000)),
    "LOGINS_PER_MINUTE": ("logins_per_minute", parse_number(1, 100_000)),
    "TRUSTED_PROXIES": ("trusted_proxies", parse_number(0, 20)),
    "ERASURE_COOLING_OFF": ("erasure_cooling_off", parse_cooling_off),
    "AUDIT_TTL": ("audit_ttl", parse_audit_ttl),
    "PUBLIC_DOCS": ("public_docs", parse_switch),
    "METRICS_DIRECTORY": ("metrics_directory", Path),
    "LOG_LEVEL": ("log_level", parse_choice("debug", "info", "warning", "error")),
}


_DEFAULTS = Settings()
_NAMES = (*_FIELDS, "APP_ID", "APP_SECRET", "APPS")
_LATER = ("REDIS_URL", "BUS_URL")
_ELSEWHERE = re.compile(
    # Read by others of ours, or put there by Kubernetes for a service named wxlogin.
    r"CONFIG|NEW_APP_SECRET|(TEST|BENCH)_.*|SERVICE_(HOST|PORT.*)|PORT_[0-9]+_.*"
)


def _is_known(name: str, value: object) -> bool:
    if name in _NAMES or name.removesuffix("_FILE") in _NAMES or _ELSEWHERE.fullmatch(name):
        return True
    return name == "PORT" and "://" in str(value)  # Kubernetes again


def _build(
    values: Mapping[str, Any], mistakes: list[Mistake], *, ignored: tuple[str, ...]
) -> Settings:
    fields: dict[str, Any] = {"ignored": ignored}
    sections: dict[str, dict[str, Any]] = {}
    for name, (attribute, parse) in _FIELDS.items():
        if name in values and str(values[name]).strip():
            section, _, own = attribute.rpartition(".")
            into = sections.setdefault(section, {}) if section else fields
            try:
                into[own] = parse(str(values[name]))
            except Wrong as wrong:
                mistakes.append(Mistake(PREFIX + name, wrong.zh, wrong.en))
    for section, found in sections.items():
        fields[section] = replace(getattr(_DEFAULTS, section), **found)
    fields["apps"] = _apps(values, mistakes)
    if "public_docs" not in fields:
        fields["public_docs"] = fields.get("env") == "development"
    settings = Settings(**fields)
    mistakes += _incomplete(settings, told={one.name for one in mistakes})
    if mistakes:
        unsafe = _unsafe_besides(settings, mistakes)
        raise SettingsInvalid([*mistakes, *unsafe], ignored=ignored)
    if settings.session_idle_ttl > settings.session_ttl:
        # The absolute limit wins anyway; said plainly, nobody wonders why.
        settings = replace(settings, session_idle_ttl=settings.session_ttl)
    return settings


def _incomplete(settings: Settings, *, told: Set[str]) -> list[Mistake]:
    """What is missing beside what is there; nothing of a variable that was `told` already."""
    avatars = settings.avatars
    found: list[Mistake] = []
    if avatars.storage == "s3" and avatars.bucket is None:
        found.append(
            Mistake(
                "WXLOGIN_AVATARS_S3_BUCKET",
                "WXLOGIN_AVATARS=s3 时必填",
                "required where WXLOGIN_AVATARS is s3",
            )
        )
    if (avatars.access_key_id is None) != (avatars.secret_access_key is None):
        missing = "SECRET_ACCESS_KEY" if avatars.secret_access_key is None else "ACCESS_KEY_ID"
        found.append(
            Mistake(
                f"{PREFIX}AVATARS_S3_{missing}",
                "AccessKey 的 ID 与 Secret 须一起填写",
                "an access key is its id and its secret, both or none",
            )
        )
    found += _sms_incomplete(settings)
    return [mistake for mistake in found if mistake.name not in told]


def _sms_incomplete(settings: Settings) -> list[Mistake]:
    provider = settings.sms.provider
    found = [
        Mistake(
            f"{PREFIX}SMS_{name.upper()}",
            f"WXLOGIN_SMS={provider} 时必填",
            f"required where WXLOGIN_SMS is {provider}",
        )
        for name in settings.sms.missing()
    ]
    if provider == "simulator" and settings.wechat_api_base == WECHAT_API_BASE:
        found.append(
            Mistake(
                "WXLOGIN_WECHAT_API_BASE",
                "WXLOGIN_SMS=simulator 时须为模拟器的地址，否则手机号和验证码会发给微信",
                "must be the simulator's where WXLOGIN_SMS is simulator: number and code go there",
            )
        )
    return found


def _unsafe_besides(settings: Settings, mistakes: list[Mistake]) -> list[Mistake]:
    """What is unsafe and not told yet; nothing where it is not even known whether it matters."""
    told = {mistake.name.removesuffix("_FILE") for mistake in mistakes}
    if PREFIX + "ENV" in told:
        return []
    return [mistake for mistake in settings.unsafe() if mistake.name not in told]


def _apps(values: Mapping[str, Any], mistakes: list[Mistake]) -> tuple[App, ...]:
    apps: list[App] = []
    if values.get("APP_ID") or values.get("APP_SECRET"):
        raw = {"app_id": values.get("APP_ID"), "secret": values.get("APP_SECRET")}
        _add_app(apps, raw, mistakes, name="WXLOGIN_APP_ID + WXLOGIN_APP_SECRET", is_single=True)
    listed = values.get("APPS") or []
    if isinstance(listed, str):
        try:
            listed = json.loads(listed)
        except (ValueError, RecursionError):
            listed = None
    if not isinstance(listed, list):
        mistakes.append(Mistake("WXLOGIN_APPS", "须为 JSON 列表", "must be a JSON list"))
        listed = []
    for index, raw in enumerate(listed):
        _add_app(apps, raw, mistakes, name=f"WXLOGIN_APPS[{index}]")
    if len({app.app_id for app in apps}) != len(apps):
        mistakes.append(Mistake("WXLOGIN_APPS", "app_id 重复", "an app_id stands twice"))
    return tuple(apps)


def _add_app(
    apps: list[App], raw: object, mistakes: list[Mistake], *, name: str, is_single: bool = False
) -> None:
    """`name` is the entry's; of the single app each field is a variable of its own."""
    try:
        apps.append(parse_app(raw))
    except Wrong as wrong:
        if wrong.field is not None:
            last = wrong.field.removeprefix("app_").upper()
            name = f"{PREFIX}APP_{last}" if is_single else f"{name}.{wrong.field}"
        mistakes.append(Mistake(name, wrong.zh, wrong.en))


def _prefixed(environ: Mapping[str, str]) -> dict[str, str]:
    return {
        name[len(PREFIX) :]: value for name, value in environ.items() if name.startswith(PREFIX)
    }


def _from_env_file(path: Path, mistakes: list[Mistake]) -> dict[str, str]:
    text = _read(path, mistakes, name=str(path))
    found, unread = parse_env_file(text or "")
    mistakes.extend(
        Mistake(
            f"{path}:{number}",
            "这一行不是 NAME=value，也不是 # 注释",
            "this line is neither NAME=value nor a # comment",
        )
        for number in unread
    )
    return found


def _from_toml(path: Path, mistakes: list[Mistake]) -> dict[str, Any]:
    text = _read(path, mistakes, name=str(path))
    try:
        document = tomllib.loads(text or "")
    except (tomllib.TOMLDecodeError, RecursionError):
        mistakes.append(Mistake(str(path), "不是合法的 TOML", "is not TOML"))
        return {}
    values: dict[str, Any] = {}
    for name, value in document.items():
        where = f"{path}: {name}"
        if name.upper().removesuffix("_FILE") not in _NAMES:
            mistakes.append(Mistake(where, *why_ignored(name)))
        elif name == "apps" and isinstance(value, dict):
            mistakes.append(Mistake(where, "写作 [[apps]]", "is written [[apps]]"))
        elif name != "apps" and isinstance(value, dict | list):
            mistakes.append(Mistake(where, "须为单个值", "must be one value"))
        else:
            values[name.upper()] = "on" if value is True else "off" if value is False else value
    return values


def _with_files(values: dict[str, Any], mistakes: list[Mistake]) -> dict[str, Any]:
    """`NAME_FILE` gives `NAME` from a file, as secret stores mount them."""
    for name in [name for name in values if name.removesuffix("_FILE") in _NAMES]:
        if name in _NAMES:
            continue
        given = str(values.pop(name)).strip()
        text = _read(Path(given), mistakes, name=PREFIX + name) if given else None
        if text is not None:
            values.setdefault(name.removesuffix("_FILE"), text.strip())
    return values


def _read(path: Path, mistakes: list[Mistake], *, name: str) -> str | None:
    """The text of a file, a byte order mark left out; None, and a mistake, where it has none."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        mistakes.append(Mistake(name, "文件不是 UTF-8 文本", "the file is not UTF-8 text"))
    except (OSError, ValueError) as fault:
        said = type(fault).__name__
        mistakes.append(Mistake(name, f"文件无法读取：{said}", f"the file cannot be read: {said}"))
    return None
