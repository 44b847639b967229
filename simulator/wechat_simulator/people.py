"""Apps and users, and how one is known to the other: openid and unionid."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field

KINDS = ("mini_program", "mini_game")

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_ONE_DIGIT = frozenset("17")
_TWO_DIGITS = re.compile(r"2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]")


@dataclass(frozen=True)
class App:
    """One mini program or mini game as WeChat knows it.

    `union_group` names the open-platform account (微信开放平台) it is bound to; without one its
    users have no unionid (contract §1 "unionid").
    """

    app_id: str
    secret: str = field(repr=False)
    union_group: str | None = None
    kind: str = "mini_program"
    push_token: str | None = field(default=None, repr=False)
    encoding_aes_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class User:
    """One WeChat user. `phone` is E.164; `blocked` users get 40226 (contract §1).

    avatar_url: told where names are real; made up where None.
    """

    user_id: str
    name: str
    phone: str
    blocked: bool = False
    avatar_url: str | None = None


@dataclass(frozen=True)
class PhoneParts:
    """A phone number as WeChat tells it (contract §4.1)."""

    phone_number: str
    pure_phone_number: str
    country_code: int


def openid_of(app_id: str, user_id: str) -> str:
    """28 characters starting with `o`, stable per (user, app), also over restarts (contract §1)."""
    return "o" + _digest_text("openid", app_id, user_id)


def unionid_of(app: App, user_id: str) -> str | None:
    """28 characters starting with `o`, per (user, open-platform account); None when not bound."""
    if app.union_group is None:
        return None
    return "o" + _digest_text("unionid", app.union_group, user_id)


def push_user_of(app_id: str) -> str:
    """The platform's push user, sender of events and never their subject (contract §11.2)."""
    return "o" + _digest_text("push user", app_id, "")


def original_id_of(app_id: str) -> str:
    """The `gh_…` name of the app, receiver of its events (contract §11.1)."""
    return "gh_" + hashlib.sha256(app_id.encode()).hexdigest()[:12]


def made_up_phone(user_id: str) -> str:
    """A stable Chinese mobile number for a user who was given none."""
    number = int.from_bytes(hashlib.sha256(user_id.encode()).digest()[:6], "big") % 10**8
    return f"+86138{number:08d}"


def is_e164(phone: str) -> bool:
    """Whether a phone number is written as `+` and up to fifteen digits."""
    return _E164.fullmatch(phone) is not None


def phone_parts(phone: str) -> PhoneParts:
    """Splits an E.164 number; only foreign ones carry their prefix in `phone_number`."""
    digits = phone.removeprefix("+")
    if digits[0] in _ONE_DIGIT:
        size = 1
    elif _TWO_DIGITS.match(digits):
        size = 2
    else:
        size = 3
    country, pure = digits[:size], digits[size:]
    shown = pure if country == "86" else phone
    return PhoneParts(phone_number=shown, pure_phone_number=pure, country_code=int(country))


def _digest_text(purpose: str, scope: str, user_id: str) -> str:
    # Length-prefixed by repr, so that ("a", "bc") and ("ab", "c") never meet.
    digest = hmac.digest(purpose.encode(), repr((scope, user_id)).encode(), "sha256")
    return base64.urlsafe_b64encode(digest)[:27].decode()
