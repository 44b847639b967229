"""session_keys: one living key per user and app, shared by all devices (contract §1, §2, §10.2)."""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass, field
from datetime import datetime

from wechat_simulator.settings import Settings
from wechat_simulator.wire import Entropy

Owner = tuple[str, str]
"""(app_id, user_id)"""


@dataclass(frozen=True)
class SessionKey:
    """A key: base64 text of 16 bytes.

    `born_at` starts its lifetime and is inherited at a reset (contract §2.2); `made_at` starts its
    age for rotation.
    """

    text: str = field(repr=False)
    made_at: datetime
    born_at: datetime

    def is_alive(self, now: datetime, settings: Settings) -> bool:
        """Whether its lifetime is not over."""
        return now - self.born_at <= settings.session_key_lifetime


def login_state_signature(session_key: str, message: bytes = b"") -> str:
    """Lower-case hex HMAC-SHA256, keyed by the base64 *text*, not its bytes (contract §2.1)."""
    return hmac.digest(session_key.encode(), message, "sha256").hex()


class SessionKeys:
    """The living key of each user and app, and which key each device's last wx.login stood for."""

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy
        self._current: dict[Owner, SessionKey] = {}
        self._of_device: dict[Owner, dict[str, str]] = {}
        self._last_device: dict[Owner, str] = {}

    def find(self, owner: Owner, *, now: datetime, settings: Settings) -> SessionKey | None:
        """The living key, or None."""
        key = self._current.get(owner)
        return key if key is not None and key.is_alive(now, settings) else None

    def get(self, owner: Owner, *, now: datetime, settings: Settings) -> SessionKey:
        """The living key, made if there is none."""
        return self.find(owner, now=now, settings=settings) or self.rotate(owner, now=now)

    def mint(self, owner: Owner, *, device: str, now: datetime, settings: Settings) -> None:
        """What wx.login does to the key: makes one where none lives; may rotate (model `mint`)."""
        key = self.get(owner, now=now, settings=settings)
        if settings.rotation == "mint" and now - key.made_at > settings.rotation_min:
            key = self.rotate(owner, now=now)
        self._tell(owner, device, key)

    def exchange(
        self, owner: Owner, *, device: str, now: datetime, settings: Settings
    ) -> SessionKey:
        """What code2Session does to the key, and the key it answers with."""
        key = self.get(owner, now=now, settings=settings)
        old_enough = now - key.made_at > settings.rotation_min
        if settings.rotation == "always" or (settings.rotation == "exchange" and old_enough):
            key = self.rotate(owner, now=now)
        self._tell(owner, device, key)
        return key

    def rotate(self, owner: Owner, *, now: datetime) -> SessionKey:
        """A new key; the old one is dead, and no device knows the new one yet."""
        key = SessionKey(self._text(), made_at=now, born_at=now)
        self._current[owner] = key
        return key

    def reset(self, owner: Owner, old: SessionKey, *, now: datetime) -> SessionKey:
        """A new key with the remaining lifetime of the old one (contract §2.2)."""
        key = SessionKey(self._text(), made_at=now, born_at=old.born_at)
        self._current[owner] = key
        return key

    def is_session_alive(
        self, owner: Owner, *, device: str | None, now: datetime, settings: Settings
    ) -> bool:
        """wx.checkSession: whether the key of the last code-getting operation is alive.

        Without `device`, the one that called wx.login last is asked.
        """
        key = self.find(owner, now=now, settings=settings)
        where = self._last_device.get(owner) if device is None else device
        if key is None or where is None:
            return False
        return self._of_device.get(owner, {}).get(where) == key.text

    def _tell(self, owner: Owner, device: str, key: SessionKey) -> None:
        self._of_device.setdefault(owner, {})[device] = key.text
        self._last_device[owner] = device

    def _text(self) -> str:
        return base64.b64encode(self._entropy(16)).decode()
