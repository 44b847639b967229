"""Settings, read once: from `WXLOGIN_*` variables, a `.env` file, or a TOML file.

Everybody else is handed small frozen values; only this module reads the environment.
All mistakes are reported at once, each with the name of its variable.
"""

import json
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from wxlogin.login.policy import App, Registration
from wxlogin.login.secret import Secret
from wxlogin.stores.opening import check_url
from wxlogin.stores.sealing import KeyRing

PREFIX = "WXLOGIN_"
WECHAT_API_BASE = "https://api.weixin.qq.com"

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(\d{1,9})([smhd]?)")
_APP_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,30}")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong with the settings: the variable, and what to do, in both languages."""

    name: str
    zh: str
    en: str


class SettingsInvalid(Exception):
    """The settings cannot be used. `mistakes` names every one of them."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__()
        self.mistakes = mistakes

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
    `metrics_directory`: where a worker leaves its numbers for the operator's listener.
    `http_client`: `httpx2`, or `pyreqwest` (extra `[fast]`), an eighth of the CPU a call.
    """

    env: str = "production"
    apps: tuple[App, ...] = ()
    database_url: str = field(default="sqlite:///wxlogin.db", repr=False)
    table_prefix: str = "wxlogin_"
    auto_migrate: bool = True
    keys: KeyRing | None = None
    wechat_api_base: str = WECHAT_API_BASE
    http_client: str = "httpx2"
    session_ttl: timedelta = timedelta(days=30)
    session_idle_ttl: timedelta = timedelta(days=7)
    max_sessions: int = 10
    logins_per_minute: int = 100
    trusted_proxies: int = 0
    public_docs: bool = False
    log_level: str = "info"
    metrics_directory: Path | None = None

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

        Raises `SettingsInvalid` with every mistake found.
        """
        values: dict[str, Any] = {}
        mistakes: list[Mistake] = []
        if toml_file is not None:
            values.update(_from_toml(toml_file, mistakes))
        if env_file is not None and env_file.is_file():
            values.update(_prefixed(parse_env_file(env_file.read_text("utf-8"))))
        values.update(_prefixed(os.environ if environ is None else environ))
        values = _with_files(values, mistakes)
        return _build(values, mistakes)

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
        if self.database_url in ("memory://", "sqlite://", "sqlite:///:memory:"):
            found.append(
                Mistake(
                    "WXLOGIN_DATABASE_URL",
                    "生产环境不能使用内存数据库：重启后会话与账号全部丢失",
                    "an in-memory database forgets every account at a restart",
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


def parse_env_file(text: str) -> dict[str, str]:
    """The assignments of a `.env` file: `NAME=value`, quotes and `export` allowed."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if not equals or name.startswith("#"):
            continue
        value = value.strip()
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        else:
            value = value.split(" #")[0].rstrip()
        found[name.strip()] = value
    return found


def parse_duration(text: str) -> timedelta:
    """Seconds, or a number with d, h, m or s. Raises ValueError."""
    found = _DURATION.fullmatch(text.strip())
    if not found or int(found.group(1)) == 0:
        raise ValueError("a duration is seconds, or like 30d, 12h, 5m")
    return timedelta(seconds=int(found.group(1)) * _UNITS[found.group(2)])


def parse_app(raw: object) -> App:
    """One entry of `WXLOGIN_APPS`. Raises ValueError."""
    if not isinstance(raw, dict):
        raise ValueError("each app is an object with app_id and secret")
    unknown = set(raw) - {
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
    if unknown:
        raise ValueError(f"unknown field {sorted(unknown)[0]}")
    app_id, secret = raw.get("app_id"), raw.get("secret")
    if not isinstance(app_id, str) or not _APP_ID.fullmatch(app_id):
        raise ValueError("app_id is missing or malformed")
    if not isinstance(secret, str) or not secret:
        raise ValueError(f"{app_id}: secret is missing")
    return App(
        app_id=app_id,
        secret=Secret(secret),
        kind=_one_of(raw.get("kind", "mini_program"), "mini_program", "mini_game"),
        registration=Registration(
            _one_of(raw.get("registration", "auto"), "auto", "required", "closed")
        ),
        phone_conflict=_one_of(raw.get("phone_conflict", "reject"), "reject", "join"),
        pool=str(raw.get("pool", "default")),
        push_token=Secret(raw["push_token"]) if raw.get("push_token") else None,
        encoding_aes_key=Secret(raw["encoding_aes_key"]) if raw.get("encoding_aes_key") else None,
        cors_origins=_origins(raw.get("cors_origins", [])),
        is_read_only=True,
    )


def _origins(raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list) or not all(isinstance(one, str) for one in raw):
        raise ValueError("cors_origins is a list of texts")
    for one in raw:
        parts = urlsplit(one)
        if parts.scheme not in ("http", "https") or one != f"{parts.scheme}://{parts.netloc}":
            raise ValueError("each of cors_origins is like https://h5.example.com, nothing more")
    return tuple(raw)


def _one_of(value: object, *allowed: str) -> str:
    if value not in allowed:
        raise ValueError(f"one of {', '.join(allowed)}")
    return str(value)


def _number(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.strip().isdigit() or not low <= int(text) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(text)

    return parse


def _switch(text: str) -> bool:
    return _one_of(text.strip().lower(), "on", "off", "true", "false", "1", "0") in (
        "on",
        "true",
        "1",
    )


def _choice(*allowed: str) -> Callable[[str], str]:
    return lambda text: _one_of(text.strip().lower(), *allowed)


def _base_url(text: str) -> str:
    parts = urlsplit(text.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.username:
        raise ValueError("an http or https address without user or query")
    return text.strip().rstrip("/")


def _database_url(text: str) -> str:
    check_url(text.strip())
    return text.strip()


def _identifier(text: str) -> str:
    if not _IDENTIFIER.fullmatch(text):
        raise ValueError("letters, digits and _, at most 31")
    return text


_FIELDS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "ENV": ("env", _choice("production", "development")),
    "DATABASE_URL": ("database_url", _database_url),
    "TABLE_PREFIX": ("table_prefix", _identifier),
    "AUTO_MIGRATE": ("auto_migrate", _switch),
    "KEYS": ("keys", KeyRing.parse),
    "WECHAT_API_BASE": ("wechat_api_base", _base_url),
    "HTTP_CLIENT": ("http_client", _choice("httpx2", "pyreqwest")),
    "SESSION_TTL": ("session_ttl", parse_duration),
    "SESSION_IDLE_TTL": ("session_idle_ttl", parse_duration),
    "MAX_SESSIONS": ("max_sessions", _number(1, 1000)),
    "LOGINS_PER_MINUTE": ("logins_per_minute", _number(1, 100_000)),
    "TRUSTED_PROXIES": ("trusted_proxies", _number(0, 20)),
    "PUBLIC_DOCS": ("public_docs", _switch),
    "METRICS_DIRECTORY": ("metrics_directory", Path),
    "LOG_LEVEL": ("log_level", _choice("debug", "info", "warning", "error")),
}


def _build(values: Mapping[str, Any], mistakes: list[Mistake]) -> Settings:
    fields: dict[str, Any] = {}
    for name, (attribute, parse) in _FIELDS.items():
        if name in values and str(values[name]).strip():
            try:
                fields[attribute] = parse(str(values[name]))
            except ValueError as fault:
                mistakes.append(Mistake(PREFIX + name, f"值不正确：{fault}", str(fault)))
    fields["apps"] = _apps(values, mistakes)
    if "public_docs" not in fields:
        fields["public_docs"] = fields.get("env") == "development"
    if mistakes:
        raise SettingsInvalid(mistakes)
    settings = Settings(**fields)
    if settings.session_idle_ttl > settings.session_ttl:
        # The absolute limit wins anyway; said plainly, nobody wonders why.
        settings = replace(settings, session_idle_ttl=settings.session_ttl)
    return settings


def _apps(values: Mapping[str, Any], mistakes: list[Mistake]) -> tuple[App, ...]:
    apps: list[App] = []
    if values.get("APP_ID") or values.get("APP_SECRET"):
        raw = {"app_id": values.get("APP_ID"), "secret": values.get("APP_SECRET")}
        _add_app(apps, raw, mistakes, name="WXLOGIN_APP_ID + WXLOGIN_APP_SECRET")
    listed = values.get("APPS") or []
    if isinstance(listed, str):
        try:
            listed = json.loads(listed)
        except ValueError:
            listed = None
    if not isinstance(listed, list):
        mistakes.append(Mistake("WXLOGIN_APPS", "须为 JSON 列表", "must be a JSON list"))
        listed = []
    for raw in listed:
        _add_app(apps, raw, mistakes, name="WXLOGIN_APPS")
    if len({app.app_id for app in apps}) != len(apps):
        mistakes.append(Mistake("WXLOGIN_APPS", "app_id 重复", "an app_id stands twice"))
    return tuple(apps)


def _add_app(apps: list[App], raw: object, mistakes: list[Mistake], *, name: str) -> None:
    try:
        apps.append(parse_app(raw))
    except (ValueError, TypeError) as fault:
        mistakes.append(Mistake(name, f"值不正确：{fault}", str(fault)))


def _prefixed(environ: Mapping[str, str]) -> dict[str, str]:
    return {
        name[len(PREFIX) :]: value for name, value in environ.items() if name.startswith(PREFIX)
    }


def _from_toml(path: Path, mistakes: list[Mistake]) -> dict[str, Any]:
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        said = type(fault).__name__
        mistakes.append(Mistake(str(path), f"无法读取：{said}", f"cannot be read: {said}"))
        return {}
    return {
        name.upper(): "on" if value is True else "off" if value is False else value
        for name, value in document.items()
    }


def _with_files(values: dict[str, Any], mistakes: list[Mistake]) -> dict[str, Any]:
    """`NAME_FILE` gives `NAME` from a file, as secret stores mount them."""
    for name in [name for name in values if name.endswith("_FILE")]:
        try:
            text = Path(str(values.pop(name))).read_text("utf-8").strip()
        except OSError as fault:
            said = type(fault).__name__
            mistakes.append(
                Mistake(PREFIX + name, f"文件无法读取：{said}", f"cannot be read: {said}")
            )
        else:
            values.setdefault(name.removesuffix("_FILE"), text)
    return values
