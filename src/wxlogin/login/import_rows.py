"""What a row of another system's people must be: from texts to a newcomer, or to remarks.

No remark repeats what stood in the row: a report of them names lines and columns, and can be
passed on.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum

from wxlogin.login import errors
from wxlogin.login.accounts import Phone
from wxlogin.login.limits import is_user_id
from wxlogin.login.nicknames import is_nickname
from wxlogin.login.passwords import check_new_username, normal_username
from wxlogin.login.phone_numbers import normal_phone
from wxlogin.login.policy import App
from wxlogin.login.ports import Newcomer
from wxlogin.login.secret import Secret

COLUMNS = (
    "openid",
    "app_id",
    "unionid",
    "phone",
    "phone_proven_at",
    "user_id",
    "username",
    "password_hash",
    "nickname",
    "created_at",
)
LEADING = ("openid", "unionid", "phone", "user_id", "username")
"""What leads to a person; each leads to one."""

NOTHING = ("", "NULL", "\\N")
"""How exports of databases write that there is nothing."""

HASH_LIMIT = 255

_OPENID = re.compile(r"[!-~]{1,64}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class Why(StrEnum):
    """Why a row is not brought along."""

    CONTROL_CHARACTER = "control_character"
    MALFORMED = "malformed"
    IN_THE_FUTURE = "in_the_future"
    NOT_SUPPORTED = "not_supported"
    """A password hash of a kind, or at a cost, that is not taken."""
    UNKNOWN_APP = "unknown_app"
    OTHER_POOL = "other_pool"
    """The app's people are another pool's than the one asked for."""
    MISSING = "missing"
    """Nothing leads to this person, or what this column needs beside it is not there."""
    WRONG_WIDTH = "wrong_width"
    """More or fewer cells than the head has."""
    DUPLICATE = "duplicate"
    """An earlier line says the same: of two rows of one person, one must be taken out."""
    TAKEN = "taken"
    """It leads to an account that is not, in all of this row, this person's."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Why the row of `line` is not brought along; for DUPLICATE `other_line` is the earlier one."""

    line: int
    column: str
    why: Why
    other_line: int | None = None


@dataclass(frozen=True, slots=True)
class RowRules:
    """`apps` by AppID, `app` where a row names none; `pool`, where given, is the one that all
    are of. Times without a zone are `zone`'s. `is_supported` says whether a password hash can be
    compared with."""

    now: datetime
    apps: Mapping[str, App]
    app: App | None
    pool: str | None
    zone: tzinfo
    is_supported: Callable[[str], bool]

    def read(
        self, line: int, row: Mapping[str, str], *, account_id: str, pseudonym: str
    ) -> Newcomer | list[Remark]:
        """The person of a row, or everything that is wrong with it."""
        remarks: list[Remark] = []

        def refuse(column: str, why: Why) -> None:
            remarks.append(Remark(line, column, why))

        texts = _texts(row, refuse)
        app = self._app_of(texts, refuse)
        proven_at = self._moment_of(texts, "phone_proven_at", refuse)
        phone = _phone_of(texts, proven_at, refuse)
        username = _username_of(texts, refuse)
        created_at = self._moment_of(texts, "created_at", refuse)
        for name, is_well in _FORMS.items():
            if name in texts and not is_well(texts[name]):
                refuse(name, Why.MALFORMED)
        password = self._password_of(texts, refuse)
        if not any(name in row for name in LEADING) or not _leads(texts, remarks):
            refuse("openid", Why.MISSING)
        if remarks:
            return remarks
        return Newcomer(
            id=account_id,
            pseudonym=pseudonym,
            pool=app.pool if app else self.pool or "default",
            created_at=created_at or self.now,
            user_id=texts.get("user_id"),
            nickname=texts.get("nickname"),
            phone=phone,
            username=username,
            username_key=None if username is None else normal_username(username),
            password_hash=None if password is None else Secret(password),
            app_id=app.app_id if app and "openid" in texts else None,
            openid=texts.get("openid"),
            unionid=texts.get("unionid"),
        )

    def _app_of(self, texts: Mapping[str, str], refuse: "Refuse") -> App | None:
        app = self.app
        if "app_id" not in texts and "openid" not in texts and self.pool is not None:
            return None
        if "app_id" in texts:
            app = self.apps.get(texts["app_id"])
            if app is None:
                refuse("app_id", Why.UNKNOWN_APP)
        elif app is None and "openid" in texts:
            refuse("app_id", Why.MISSING)
        if app is not None and self.pool not in (None, app.pool):
            refuse("app_id", Why.OTHER_POOL)
        return app

    def _moment_of(
        self, texts: Mapping[str, str], column: str, refuse: "Refuse"
    ) -> datetime | None:
        if column not in texts:
            return None
        try:
            moment = datetime.fromisoformat(texts[column])
            moment = (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            refuse(column, Why.MALFORMED)
            return None
        if moment > self.now:
            refuse(column, Why.IN_THE_FUTURE)
        return moment

    def _password_of(self, texts: Mapping[str, str], refuse: "Refuse") -> str | None:
        hashed = texts.get("password_hash")
        if hashed is None:
            return None
        if not hashed.isascii() or len(hashed) > HASH_LIMIT or not self.is_supported(hashed):
            refuse("password_hash", Why.NOT_SUPPORTED)
        if "username" not in texts and not ("phone" in texts and "phone_proven_at" in texts):
            # A number that nobody has proven opens nothing (security.md A14).
            refuse("username", Why.MISSING)
        return hashed


Refuse = Callable[[str, Why], None]


def _texts(row: Mapping[str, str], refuse: Refuse) -> dict[str, str]:
    """What there is in the row, without blanks around it."""
    texts: dict[str, str] = {}
    for column, value in row.items():
        text = value.strip()
        if text in NOTHING:
            continue
        if _CONTROL.search(text):
            refuse(column, Why.CONTROL_CHARACTER)
            continue
        texts[column] = text
    return texts


def _phone_of(texts: Mapping[str, str], proven_at: datetime | None, refuse: Refuse) -> Phone | None:
    if "phone" not in texts:
        if "phone_proven_at" in texts:
            refuse("phone", Why.MISSING)
        return None
    try:
        phone = normal_phone(texts["phone"])
    except errors.PhoneNumberInvalid:
        refuse("phone", Why.MALFORMED)
        return None
    return Phone(phone.country_code, phone.national, proven_at)


def _username_of(texts: Mapping[str, str], refuse: Refuse) -> str | None:
    if "username" not in texts:
        return None
    try:
        return check_new_username(texts["username"])
    except errors.RequestInvalid:
        refuse("username", Why.MALFORMED)
        return None


def _leads(texts: Mapping[str, str], remarks: list[Remark]) -> bool:
    """Whether something leads to the person; what was refused already is not missing too."""
    refused = {remark.column for remark in remarks}
    return any(name in texts or name in refused for name in LEADING)


_FORMS: Mapping[str, Callable[[str], bool]] = {
    "openid": lambda text: _OPENID.fullmatch(text) is not None,
    "unionid": lambda text: _OPENID.fullmatch(text) is not None,
    "user_id": is_user_id,
    "nickname": is_nickname,
}
