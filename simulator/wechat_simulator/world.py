"""The world WeChat and the phones live in: plain state, rules, and a clock that can be set.

No I/O, no thread, no sleep: time comes from `clock`, randomness from `entropy`. Owns what exists
and what may happen to it; knows nothing of HTTP. Whoever shares it among threads holds a lock.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from wechat_simulator import opendata
from wechat_simulator.call_log import CallLog
from wechat_simulator.codes import Code, CodeBook, Kind
from wechat_simulator.faults import Faults
from wechat_simulator.people import (
    App,
    User,
    made_up_phone,
    openid_of,
    phone_parts,
    unionid_of,
)
from wechat_simulator.quotas import MINUTE, Quotas
from wechat_simulator.session_keys import SessionKey, SessionKeys
from wechat_simulator.settings import Settings
from wechat_simulator.tokens import AccessTokens
from wechat_simulator.user_encrypt_keys import UserEncryptKeys
from wechat_simulator.wire import Entropy, Refused

Clock = Callable[[], datetime]
"""Gives the time as an aware UTC datetime."""

EXCHANGES_PER_MINUTE = 100
PHONE_BLOBS_KEPT = timedelta(days=3)
VISIT_COUNTS_FOR = timedelta(hours=2)
MOCK_CODE = "the code is a mock one"
DEFAULT_DEVICE = "phone"


@dataclass(frozen=True)
class Session:
    """What code2Session tells."""

    session_key: str = field(repr=False)
    openid: str
    unionid: str | None


@dataclass(frozen=True)
class Message:
    """A text message that reached the phone."""

    phone: str
    text: str
    verification_code: str
    at: datetime


class UnknownApp(LookupError):
    """No such app in this world."""


class World:
    """Everything that exists. Empty of people; apps are given."""

    def __init__(
        self,
        apps: Iterable[App],
        *,
        clock: Clock = lambda: datetime.now(UTC),
        entropy: Entropy = secrets.token_bytes,
        settings: Settings | None = None,
    ) -> None:
        self._clock = clock
        self._first_apps = tuple(apps)
        self._first_settings = settings or Settings()
        self.entropy = entropy
        self.reset()

    def reset(self) -> None:
        """Everything as it was at the beginning: these apps, no people, the clock's own time."""
        entropy = self.entropy
        self._offset = timedelta(0)
        self.settings = self._first_settings
        self.apps = {app.app_id: app for app in self._first_apps}
        self.users: dict[str, User] = {}
        self.authorisations: dict[tuple[str, str], dict[str, bool]] = {}
        self.inbox: list[Message] = []
        self.codes = CodeBook(entropy)
        self.keys = SessionKeys(entropy)
        self.tokens = AccessTokens(entropy)
        self.encrypt_keys = UserEncryptKeys(entropy)
        self.quotas = Quotas()
        self.faults = Faults()
        self.log = CallLog()
        self._user_of: dict[tuple[str, str], str] = {}
        self._visited_at: dict[tuple[str, str], datetime] = {}
        self._phone_blobs: dict[str, tuple[str, datetime]] = {}

    def now(self) -> datetime:
        """The time in this world."""
        return self._clock() + self._offset

    def advance(self, seconds: float) -> datetime:
        """Moves the clock forward; the new time."""
        self._offset += timedelta(seconds=seconds)
        return self.now()

    def get_app(self, app_id: str | None) -> App:
        """The app; without an app_id the only one there is. Raises UnknownApp."""
        if app_id is None and len(self.apps) == 1:
            return next(iter(self.apps.values()))
        app = self.apps.get(app_id or "")
        if app is None:
            raise UnknownApp(app_id)
        return app

    def get_user(self, user_id: str) -> User:
        """The user, made on the spot where not seen before."""
        user = self.users.get(user_id)
        if user is None:
            user = User(user_id, name=user_id, phone=made_up_phone(user_id))
            self.users[user_id] = user
        return user

    def openid(self, app: App, user_id: str) -> str:
        """The user's openid in this app; from now on the platform knows it."""
        openid = openid_of(app.app_id, self.get_user(user_id).user_id)
        self._user_of[(app.app_id, openid)] = user_id
        return openid

    def get_user_id(self, app_id: str, openid: str) -> str:
        """Whose openid it is; raises Refused 40003."""
        user_id = self._user_of.get((app_id, openid))
        if user_id is None:
            raise Refused(40003)
        return user_id

    def is_openid_elsewhere(self, openid: str) -> bool:
        """Whether the platform knows this openid in any app."""
        return any(known == openid for _, known in self._user_of)

    def note_visit(self, app: App, user_id: str) -> None:
        """The user is in the mini program now."""
        self._visited_at[(app.app_id, user_id)] = self.now()

    def has_visited(self, app: App, user_id: str) -> bool:
        """Whether the user was in the mini program within the last two hours (msg_sec_check)."""
        at = self._visited_at.get((app.app_id, user_id))
        return at is not None and self.now() - at <= VISIT_COUNTS_FOR

    def login(self, app: App, user_id: str, device: str = DEFAULT_DEVICE) -> str:
        """wx.login: a fresh code (contract §10.2)."""
        now = self.now()
        self.openid(app, user_id)
        owner = (app.app_id, user_id)
        self.keys.mint(owner, device=device, now=now, settings=self.settings)
        code = self.codes.mint("login", app_id=app.app_id, user_id=user_id, device=device, now=now)
        return code.text

    def exchange(self, app: App, code_text: str) -> Session:
        """code2Session; raises Refused 45011, 40029, 40163, 40226 (contract §1)."""
        now = self.now()
        self._take_in_foreign("login", app, code_text)
        self._spend_exchange_quota(code_text, now)
        code = self.codes.spend_login(code_text, app_id=app.app_id, now=now)
        if self.get_user(code.user_id).blocked:
            raise Refused(40226)
        owner = (app.app_id, code.user_id)
        key = self.keys.exchange(owner, device=code.device, now=now, settings=self.settings)
        openid = self.openid(app, code.user_id)
        return Session(key.text, openid, unionid_of(app, code.user_id))

    def is_session_alive(self, app: App, user_id: str, device: str | None = None) -> bool:
        """wx.checkSession (contract §10.2)."""
        return self.keys.is_session_alive(
            (app.app_id, user_id), device=device, now=self.now(), settings=self.settings
        )

    def find_session_key(self, app: App, user_id: str) -> SessionKey | None:
        """The living session_key, or None."""
        return self.keys.find((app.app_id, user_id), now=self.now(), settings=self.settings)

    def mint_phone_code(self, app: App, user_id: str, device: str = DEFAULT_DEVICE) -> str:
        """The code of the phone number button (contract §4.1)."""
        self.openid(app, user_id)
        code = self.codes.mint(
            "phone", app_id=app.app_id, user_id=user_id, device=device, now=self.now()
        )
        return code.text

    def spend_phone_code(self, app: App, code_text: str) -> Code:
        """getuserphonenumber; raises Refused 40029, 40013 (contract §4.1)."""
        self._take_in_foreign("phone", app, code_text)
        return self.codes.spend_phone(code_text, app_id=app.app_id, now=self.now())

    def seal_phone(self, app: App, user_id: str) -> opendata.Sealed:
        """The legacy encryptedData of the phone number button (contract §4.2)."""
        parts = phone_parts(self.get_user(user_id).phone)
        timestamp = int(self.now().timestamp())
        sealed = self.seal(
            app,
            user_id,
            opendata.phone_plaintext(parts, app_id=app.app_id, timestamp=timestamp),
        )
        # Whether checkencryptedmsg hashes the base64 text or its bytes is unknown: both are found.
        text = sealed.encrypted_data.encode()
        for hashed in (text, base64.b64decode(text)):
            digest = hashlib.sha256(hashed).hexdigest()
            self._phone_blobs[digest] = (app.app_id, self.now())
        return sealed

    def seal(self, app: App, user_id: str, plaintext: dict[str, Any]) -> opendata.Sealed:
        """Seals with the session_key of this moment; one nobody knows is made where none lives."""
        owner = (app.app_id, user_id)
        key = self.keys.get(owner, now=self.now(), settings=self.settings)
        return opendata.seal(plaintext, session_key=key.text, iv=self.entropy(16))

    def phone_blob_made_at(self, app_id: str, digest: str) -> datetime | None:
        """When the phone blob with this hash was made for this app; None after three days (§5)."""
        found = self._phone_blobs.get(digest)
        if found is None or found[0] != app_id or self.now() - found[1] > PHONE_BLOBS_KEPT:
            return None
        return found[1]

    def change_app(self, app_id: str, **changes: Any) -> App:
        """Changes fields of an app."""
        self.apps[app_id] = replace(self.get_app(app_id), **changes)
        return self.apps[app_id]

    def _take_in_foreign(self, kind: Kind, app: App, code_text: str) -> None:
        """Makes a code of the real WeChat one of this world's, where settings name a user for it.

        When it was minted nobody knows: its five minutes begin now. The literal of the tourist
        mode never differs and is good every time; any other code is spent like ours (40163).
        """
        user_id = self.settings.foreign_codes_user
        is_known = code_text != MOCK_CODE and self.codes.find(code_text) is not None
        if user_id is None or is_known:
            return
        now = self.now()
        self.note_visit(app, user_id)
        self.openid(app, user_id)
        if kind == "login":
            owner = (app.app_id, user_id)
            self.keys.mint(owner, device=DEFAULT_DEVICE, now=now, settings=self.settings)
        self.codes.keep(Code(code_text, kind, app.app_id, user_id, DEFAULT_DEVICE, now))

    def _spend_exchange_quota(self, code_text: str, now: datetime) -> None:
        code = self.codes.find(code_text)
        if self.settings.quotas and code is not None:
            name = f"exchange {code.user_id}"
            self.quotas.spend(name, limit=EXCHANGES_PER_MINUTE, window=MINUTE, now=now)
