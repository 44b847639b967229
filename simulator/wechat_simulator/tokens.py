"""access_tokens: two families that do not know each other (contract §3).

family     a call returns                                the token before it
--------   -------------------------------------------   ----------------------------------
token      always a new one, 7200 s                      works for 5 more minutes
stable     the same one while 300 s or more remain,      works to its own end
           then a new one
stable,    a new one; the same one within 30 s of the    dead at once
forced     last forced refresh
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from wechat_simulator.wire import Entropy, Refused

TokenFamily = Literal["token", "stable"]

TOKEN_LIFETIME = timedelta(seconds=7200)
OVERLAP = timedelta(seconds=300)
FORCE_SPACING = timedelta(seconds=30)
MAX_TOKENS = 10_000

_SHAPE = re.compile(r"[0-9]{1,3}_[A-Za-z0-9_-]{20,}")


@dataclass(frozen=True)
class AccessToken:
    """One access_token. It ends at `ends_at`; from `dead_at` on it is refused as replaced."""

    text: str = field(repr=False)
    app_id: str
    ends_at: datetime
    dead_at: datetime | None = None

    def refusal(self, now: datetime) -> int | None:
        """The errcode a call with it gets now; None while it works."""
        if self.dead_at is not None and now >= self.dead_at:
            return 40001
        return 42001 if now >= self.ends_at else None


class AccessTokens:
    """Every access_token issued, and the latest of each app and family."""

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy
        self._issued: dict[str, AccessToken] = {}
        self._latest: dict[tuple[str, TokenFamily], AccessToken] = {}
        self._forced_at: dict[str, datetime] = {}

    def issue(self, app_id: str, *, now: datetime) -> AccessToken:
        """`cgi-bin/token`: always a new one; the one before works for 5 more minutes (§3.1)."""
        self._retire(app_id, "token", dead_at=now + OVERLAP)
        return self._new(app_id, "token", now)

    def stable(self, app_id: str, *, force: bool, now: datetime) -> AccessToken:
        """`cgi-bin/stable_token` (§3.2)."""
        latest = self._latest.get((app_id, "stable"))
        if force and self._may_force(app_id, now):
            self._forced_at[app_id] = now
            self._retire(app_id, "stable", dead_at=now)
            return self._new(app_id, "stable", now)
        if latest is not None and latest.refusal(now) is None and latest.ends_at - now >= OVERLAP:
            return latest
        return self._new(app_id, "stable", now)

    def app_of(self, text: str | None, *, now: datetime) -> str:
        """The app a call's access_token stands for; raises Refused 41001, 40014, 40001, 42001."""
        if not text:
            raise Refused(41001)
        token = self._issued.get(text)
        if token is None:
            raise Refused(40001 if _SHAPE.fullmatch(text) else 40014)
        refusal = token.refusal(now)
        if refusal is not None:
            raise Refused(refusal)
        return token.app_id

    def find(self, text: str) -> AccessToken | None:
        """The token as remembered, working or not."""
        return self._issued.get(text)

    def revoke(self, app_id: str, *, now: datetime) -> None:
        """Kills the working tokens of an app, both families, as if it were replaced elsewhere."""
        self._retire(app_id, "token", dead_at=now)
        self._retire(app_id, "stable", dead_at=now)

    def _may_force(self, app_id: str, now: datetime) -> bool:
        forced_at = self._forced_at.get(app_id)
        return forced_at is None or now - forced_at >= FORCE_SPACING

    def _retire(self, app_id: str, family: TokenFamily, *, dead_at: datetime) -> None:
        latest = self._latest.pop((app_id, family), None)
        if latest is not None:
            self._issued[latest.text] = replace(latest, dead_at=dead_at)

    def _new(self, app_id: str, family: TokenFamily, now: datetime) -> AccessToken:
        text = f"{50 + self._entropy(1)[0] % 50}_" + (
            base64.urlsafe_b64encode(self._entropy(100))[:133].decode()
        )
        token = AccessToken(text, app_id, ends_at=now + TOKEN_LIFETIME)
        self._issued[text] = token
        self._latest[(app_id, family)] = token
        while len(self._issued) > MAX_TOKENS:
            del self._issued[next(iter(self._issued))]
        return token
