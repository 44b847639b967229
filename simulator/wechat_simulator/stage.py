"""Stage directions: who exists, what time it is, how the platform behaves, what goes wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from wechat_simulator.faults import DROPS, Fault
from wechat_simulator.handling import rfc3339
from wechat_simulator.people import KINDS, App, is_e164, openid_of
from wechat_simulator.phone_side import get_app
from wechat_simulator.problems import Fields, wrong_field
from wechat_simulator.settings import COUNTRY_CODES, PROFILES, ROTATIONS, Settings
from wechat_simulator.world import Message, World

MOST_ADVANCE_SECONDS = 10 * 366 * 24 * 3600
MOST_DELAY_SECONDS = 600.0
INBOX_KEPT = 1000

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_AES_KEY = re.compile(r"[A-Za-z0-9]{43}")


def is_app_id(text: str) -> bool:
    """Whether a text may name an app."""
    return _NAME.fullmatch(text) is not None


def put_app(world: World, fields: Fields) -> dict[str, Any]:
    """The app, made up where left out; an existing one is changed where fields are given."""
    app_id = fields.find_text("app_id") or f"wx{world.entropy(8).hex()}"
    if not is_app_id(app_id):
        raise wrong_field("app_id", "只能含字母、数字、_ 和 -", "may hold letters, digits, _ and -")
    app = world.apps.get(app_id) or App(app_id, secret=world.entropy(16).hex())
    changes: dict[str, Any] = {}
    if fields.find_text("secret") is not None:
        changes["secret"] = fields.get_text("secret")
    if fields.find_choice("kind", KINDS) is not None:
        changes["kind"] = fields.any("kind")
    for name in ("union_group", "push_token", "encoding_aes_key"):
        if fields.has(name):
            changes[name] = fields.find_text(name)
    aes_key = changes.get("encoding_aes_key")
    if aes_key is not None and _AES_KEY.fullmatch(aes_key) is None:
        raise wrong_field(
            "encoding_aes_key", "应为 43 个字母或数字", "must be 43 letters or digits"
        )
    world.apps[app_id] = replace(app, **changes)
    return asdict(world.apps[app_id])


def list_apps(world: World, fields: Fields) -> dict[str, Any]:
    """Every app."""
    return {"items": [asdict(app) for app in world.apps.values()]}


def put_user(world: World, fields: Fields) -> dict[str, Any]:
    """The user, made up where left out; an existing one is changed where fields are given."""
    user_id = fields.find_text("user_id") or f"user-{world.entropy(4).hex()}"
    changes: dict[str, Any] = {}
    if fields.find_text("name") is not None:
        changes["name"] = fields.get_text("name")
    if fields.find_text("avatar_url", longest=2000) is not None:
        changes["avatar_url"] = fields.any("avatar_url")
    phone = fields.find_text("phone")
    if phone is not None:
        changes["phone"] = _checked_phone(phone)
    if fields.find_flag("blocked") is not None:
        changes["blocked"] = fields.find_flag("blocked")
    world.users[user_id] = replace(world.get_user(user_id), **changes)
    openids = {app_id: openid_of(app_id, user_id) for app_id in world.apps}
    return asdict(world.users[user_id]) | {"openids": openids}


def rotate_session_key(world: World, fields: Fields) -> dict[str, Any]:
    """A new session_key that no device and no server knows; the old one is dead."""
    app, user_id = get_app(world, fields), fields.get_text("user_id")
    world.openid(app, user_id)
    world.keys.rotate((app.app_id, user_id), now=world.now())
    return {}


def revoke_access_tokens(world: World, fields: Fields) -> dict[str, Any]:
    """The app's access_tokens are replaced elsewhere: calls with them get 40001."""
    world.tokens.revoke(get_app(world, fields).app_id, now=world.now())
    return {}


def advance_clock(world: World, fields: Fields) -> dict[str, Any]:
    """Moves the clock forward."""
    seconds = fields.find_seconds("advance_seconds", most=MOST_ADVANCE_SECONDS)
    world.advance(seconds or 0.0)
    return tell_clock(world, fields)


def tell_clock(world: World, fields: Fields) -> dict[str, Any]:
    """The time in this world."""
    return {"now": rfc3339(world)}


def change_settings(world: World, fields: Fields) -> dict[str, Any]:
    """The settings, changed where fields are given."""
    changes = {
        "rotation": fields.find_choice("rotation", ROTATIONS),
        "profile": fields.find_choice("profile", PROFILES),
        "phone_country_code": fields.find_choice("phone_country_code", COUNTRY_CODES),
        "rotation_min_seconds": fields.find_whole("rotation_min_seconds", least=0),
        "session_key_ttl": fields.find_whole("session_key_ttl", least=1),
        "quotas": fields.find_flag("quotas"),
        "strict_grant_type": fields.find_flag("strict_grant_type"),
        "risky_words": _words(fields),
    }
    world.settings = replace(world.settings, **_given(changes))
    if fields.has("foreign_codes_user"):
        user_id = fields.find_text("foreign_codes_user")
        world.settings = replace(world.settings, foreign_codes_user=user_id)
    return world.settings.as_dict()


def tell_settings(world: World, fields: Fields) -> dict[str, Any]:
    """The settings."""
    return world.settings.as_dict()


def add_fault(world: World, fields: Fields) -> dict[str, Any]:
    """Scripts a fault."""
    path = fields.get_text("path")
    if not path.startswith("/"):
        raise wrong_field("path", "应以 / 开头", "must start with /")
    given = {
        "times": fields.find_whole("times", least=1),
        "errcode": _errcode(fields),
        "errmsg": fields.find_text("errmsg"),
        "status": fields.find_whole("status", least=200, most=599),
        "delay_seconds": fields.find_seconds("delay_seconds", most=MOST_DELAY_SECONDS),
        "drop": fields.find_choice("drop", DROPS),
        "body": fields.any("body"),
        "content_type": _header_value("content_type", fields.find_text("content_type")),
        "headers": _headers(fields.find_object("headers")),
        "patch": fields.find_object("patch"),
        "without": _names(fields),
        "reset": fields.find_flag("reset"),
        "duplicate": fields.find_flag("duplicate"),
        "consume": fields.find_flag("consume"),
    }
    fault = Fault(path, **_given(given))
    if not fault.has_effect:
        names = "errcode, status, delay_seconds, drop, body, patch, without, duplicate"
        raise wrong_field("path", f"还需要其中之一：{names}", f"needs one of: {names}")
    return {"fault_id": world.faults.add(fault)}


def list_faults(world: World, fields: Fields) -> dict[str, Any]:
    """The faults in force."""
    return {"items": [_given(asdict(fault)) for fault in world.faults.all()]}


def clear_faults(world: World, fields: Fields) -> dict[str, Any]:
    """Lifts every fault, or the one named."""
    world.faults.clear(fields.find_text("fault_id"))
    return {}


def receive_sms(world: World, fields: Fields) -> dict[str, Any]:
    """The SMS gateway: the message is on the phone once this has answered."""
    phone = _checked_phone(fields.get_text("phone"))
    text = fields.get_text("text", longest=2000)
    code = fields.find_text("verification_code") or ""
    world.inbox.insert(0, Message(phone, text, code, world.now()))
    del world.inbox[INBOX_KEPT:]
    return {}


def read_inbox(world: World, fields: Fields) -> dict[str, Any]:
    """The messages of one phone, or of all, newest first."""
    phone = fields.find_text("phone")
    # A plus sign in a query means a blank; whoever forgot to write %2B gets the inbox as well.
    wanted = None if phone is None else "+" + phone.strip().removeprefix("+")
    items = [_told(message) for message in world.inbox if wanted in (None, message.phone)]
    return {"items": items}


def read_log(world: World, fields: Fields) -> dict[str, Any]:
    """The platform calls seen, newest first, secrets masked."""
    limit = fields.find_text("limit") or "100"
    if not limit.isdecimal() or not 1 <= int(limit) <= 10_000:
        raise wrong_field("limit", "应为 1 到 10000 的整数", "must be whole, 1 to 10000")
    return {"items": world.log.newest(int(limit))}


def count_exchanges(world: World, fields: Fields) -> dict[str, Any]:
    """How many exchanges of a code reached the platform."""
    return {"exchanges": world.codes.arrivals(fields.get_text("code"))}


def changed_settings(world: World, changes: Mapping[str, Any]) -> Settings:
    """The settings, changed from Python by the same rules; raises Problem, TypeError."""
    unknown = set(changes) - set(world.settings.as_dict())
    if unknown:
        raise TypeError(f"no such setting: {', '.join(sorted(unknown))}")
    change_settings(world, Fields(changes))
    return world.settings


def reset(world: World, fields: Fields) -> dict[str, Any]:
    """Everything as it was at the beginning."""
    world.reset()
    return {}


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _errcode(fields: Fields) -> int | str | None:
    value = fields.any("errcode")
    is_number = type(value) is int and abs(value) < 10**9
    is_text = isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,9}", value) is not None
    if value is not None and not is_number and not is_text:
        raise wrong_field("errcode", "应为整数", "must be a whole number")
    return value  # type: ignore[no-any-return]


def _headers(values: dict[str, Any] | None) -> dict[str, str] | None:
    if values is None:
        return None
    for name, value in values.items():
        if _NAME.fullmatch(name) is None or not isinstance(value, str):
            raise wrong_field("headers", "应为名称到字符串的对象", "must map names to strings")
        _header_value("headers", value)
    return values


def _names(fields: Fields) -> tuple[str, ...] | None:
    values = fields.any("without")
    if values is None:
        return None
    if not isinstance(values, list | tuple) or not all(isinstance(one, str) for one in values):
        raise wrong_field("without", "应为字段名的数组", "must be a list of names")
    return tuple(values)


def _words(fields: Fields) -> tuple[str, ...] | None:
    values = fields.any("risky_words")
    if values is None:
        return None
    if not isinstance(values, list | tuple) or not all(
        isinstance(one, str) and 0 < len(one) <= 64 for one in values
    ):
        raise wrong_field(
            "risky_words",
            "应为字符串数组，每项 1 到 64 字",
            "must be a list of 1 to 64 characters each",
        )
    return tuple(values)


def _header_value(name: str, value: str | None) -> str | None:
    if value is not None and not (value.isascii() and value.isprintable()):
        raise wrong_field(name, "只能含可见 ASCII 字符", "may hold printable ASCII only")
    return value


def _checked_phone(phone: str) -> str:
    if not is_e164(phone):
        raise wrong_field(
            "phone", "应为 E.164 格式，如 +8613800138000", "must be E.164, like +8613800138000"
        )
    return phone


def _told(message: Message) -> dict[str, Any]:
    at = message.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "phone": message.phone,
        "text": message.text,
        "verification_code": message.verification_code,
        "at": at,
    }
