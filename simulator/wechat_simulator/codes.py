"""One-time codes: from wx.login, and from the phone number button.

    what is asked of it          login code              phone code
    --------------------------   ---------------------   ---------------------
    unknown, or of other kind    40029                   40029
    spent before                 40163                   40029
    older than 300 s             40029, spent by it      40029, spent by it
    minted for another app       40029, spent by it      40013, spent by it
    good                         spent                   spent

Rules: contract §1 "Code semantics", §4.1. A failed exchange burns the code too.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from wechat_simulator.wire import Entropy, Refused

Kind = Literal["login", "phone"]

CODE_LIFETIME = timedelta(seconds=300)
MAX_CODES = 200_000
"""Codes remembered; older ones are forgotten, so that a load test does not fill memory."""

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Code:
    """A code as the platform remembers it."""

    text: str = field(repr=False)
    kind: Kind
    app_id: str
    user_id: str
    device: str
    minted_at: datetime
    spent: bool = False

    def is_expired(self, now: datetime) -> bool:
        """Whether its five minutes are over; the last moment still counts."""
        return now - self.minted_at > CODE_LIFETIME


class CodeBook:
    """Every code minted, and how often each was brought to the platform."""

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy
        self._codes: dict[str, Code] = {}
        self._arrivals: dict[str, int] = {}

    def mint(self, kind: Kind, *, app_id: str, user_id: str, device: str, now: datetime) -> Code:
        """A fresh code: 32 alphanumerics starting with 0, or 64 hex for a phone code."""
        text = self._login_text() if kind == "login" else self._entropy(32).hex()
        return self.keep(Code(text, kind, app_id, user_id, device, now))

    def keep(self, code: Code) -> Code:
        """Remembers a code, one minted elsewhere too."""
        self._codes[code.text] = code
        _forget_oldest(self._codes)
        return code

    def note_arrival(self, text: str) -> None:
        """Counts that an exchange of this code reached the platform, whatever comes of it."""
        self._arrivals[text] = self._arrivals.get(text, 0) + 1
        _forget_oldest(self._arrivals)

    def arrivals(self, text: str) -> int:
        """How many exchanges of this code reached the platform."""
        return self._arrivals.get(text, 0)

    def find(self, text: str) -> Code | None:
        """The code as remembered, or None."""
        return self._codes.get(text)

    def spend_login(self, text: str, *, app_id: str, now: datetime) -> Code:
        """The code, now spent; raises Refused 40029 or 40163."""
        code = self._codes.get(text)
        if code is None or code.kind != "login":
            raise Refused(40029)
        if code.spent:
            raise Refused(40163)
        self.burn(text)
        if code.is_expired(now) or code.app_id != app_id:
            raise Refused(40029)
        return code

    def spend_phone(self, text: str, *, app_id: str, now: datetime) -> Code:
        """The code, now spent; raises Refused 40029 or 40013."""
        code = self._codes.get(text)
        if code is None or code.kind != "phone" or code.spent:
            raise Refused(40029)
        self.burn(text)
        if code.is_expired(now):
            raise Refused(40029)
        if code.app_id != app_id:
            raise Refused(40013)
        return code

    def burn(self, text: str) -> None:
        """Makes a known code worthless."""
        code = self._codes.get(text)
        if code is not None:
            self._codes[text] = replace(code, spent=True)

    def _login_text(self) -> str:
        # 62 does not divide 256; a code of a simulator may lean a little to the low letters.
        return "0" + "".join(_ALPHABET[byte % 62] for byte in self._entropy(31))


def _forget_oldest(records: dict[str, Any]) -> None:
    while len(records) > MAX_CODES:
        del records[next(iter(records))]
