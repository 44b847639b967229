"""What a tester may change about the platform's behaviour, and the reason for each default."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Literal

Rotation = Literal["exchange", "mint", "always", "never"]
Profile = Literal["anonymous", "real"]
CountryCode = Literal["number", "string"]

ROTATIONS: tuple[Rotation, ...] = ("exchange", "mint", "always", "never")
PROFILES: tuple[Profile, ...] = ("anonymous", "real")
COUNTRY_CODES: tuple[CountryCode, ...] = ("number", "string")


@dataclass(frozen=True)
class Settings:
    """Frozen; a change makes a new one.

    rotation: when a living session_key gives way to a new one. Unknown for the real platform
        (contract §1): `exchange` at code2Session and `mint` at wx.login, both only once the key
        is older than `rotation_min_seconds`; `always` at every exchange; `never` while it lives.
    session_key_ttl: seconds a key lives (3 days: an old statement of staff, contract §1).
    quotas: whether the limits per minute and per day are enforced (off: tests are fast).
    profile: `anonymous` as since 2022 (contract §10.3), or `real` names.
    strict_grant_type: whether jscode2session insists on `grant_type` (documented as required).
    phone_country_code: the page documents a string and prints a number (contract §4.1).
    risky_words: a text that holds one of them is risky to msg_sec_check.
    foreign_codes_user: whose every code is that was not minted here, as those of the real WeChat
        DevTools are; off, for then any text at all signs somebody in.
    """

    rotation: Rotation = "exchange"
    rotation_min_seconds: int = 300
    session_key_ttl: int = 3 * 24 * 3600
    quotas: bool = False
    profile: Profile = "anonymous"
    strict_grant_type: bool = True
    phone_country_code: CountryCode = "number"
    risky_words: tuple[str, ...] = ("违规", "risky")
    foreign_codes_user: str | None = None

    @property
    def rotation_min(self) -> timedelta:
        """The age a session_key must exceed before it rotates."""
        return timedelta(seconds=self.rotation_min_seconds)

    @property
    def session_key_lifetime(self) -> timedelta:
        """How long a session_key lives."""
        return timedelta(seconds=self.session_key_ttl)

    def as_dict(self) -> dict[str, Any]:
        """The settings as `/sim/settings` shows them."""
        return asdict(self) | {"risky_words": list(self.risky_words)}
