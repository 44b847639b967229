"""Keys of the encrypted network channel (加密网络通道), three per user (contract §6.4)."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from wechat_simulator.session_keys import Owner
from wechat_simulator.wire import Entropy

KEY_LIFETIME = timedelta(seconds=3600)
KEPT = 3


@dataclass(frozen=True)
class UserEncryptKey:
    """One key: base64 of 16 bytes, an iv of 16 ASCII characters, and its version."""

    encrypt_key: str = field(repr=False)
    iv: str = field(repr=False)
    version: int
    made_at: datetime

    def as_dict(self, now: datetime) -> dict[str, Any]:
        """The key as the platform prints it; `expire_in` is 0 once over."""
        left = self.made_at + KEY_LIFETIME - now
        return {
            "encrypt_key": self.encrypt_key,
            "version": self.version,
            "expire_in": max(0, int(left.total_seconds())),
            "iv": self.iv,
            "create_time": int(self.made_at.timestamp()),
        }


class UserEncryptKeys:
    """The keys of each user and app, newest first."""

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy
        self._keys: dict[Owner, list[UserEncryptKey]] = {}

    def latest(self, owner: Owner, *, now: datetime) -> list[UserEncryptKey]:
        """The last three keys; a fresh one is made once the newest is over."""
        keys = self._keys.setdefault(owner, [])
        if not keys or now - keys[0].made_at >= KEY_LIFETIME:
            version = keys[0].version + 1 if keys else 1
            fresh = UserEncryptKey(
                base64.b64encode(self._entropy(16)).decode(), self._entropy(8).hex(), version, now
            )
            keys.insert(0, fresh)
            del keys[KEPT:]
        return list(keys)
