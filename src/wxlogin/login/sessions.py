"""How long a session lives, and why it is over: rules without storage."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from wxlogin.login import errors
from wxlogin.login.accounts import AccountStatus

SEEN_EVERY = timedelta(seconds=30)
"""`last_seen_at` is written at most this often; a busy phone costs no write a request."""

IDLE_GRACE = timedelta(seconds=60)
"""The idle limit may be judged this late, never early: it covers SEEN_EVERY and the
time a batch of `last_seen_at` waits to be written, in whichever process saw the use."""


SECOND = timedelta(seconds=1)


class EndCode(StrEnum):
    """Which of the two ends a session can be put to; running out is not one: it is judged."""

    REVOKED = "revoked"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Device:
    """The phone, as the mini program describes it: shown to people, never trusted."""

    id: str | None = None
    name: str | None = None
    platform: str | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a session was ended. `reason` for a revocation, `device` for a replacement."""

    at: datetime
    code: EndCode
    reason: str | None = None
    device: Device | None = None


@dataclass(slots=True)
class Session:
    """A live or ended session with what the check needs of its account, in one read.

    `openid` and `unionid` are those that the login itself proved: None where it came by a
    password or by SMS alone.

    Values are never changed after reading. It is not frozen for one reason: it is
    made once per business request, and freezing doubles what that costs.
    """

    id: str
    secret_hash: bytes = field(repr=False)
    account_id: str
    user_id: str | None
    app_id: str
    openid: str | None
    unionid: str | None
    epoch: int
    claims: Mapping[str, Any]
    device: Device
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    idle_ttl: timedelta
    ending: Ending | None
    account_status: AccountStatus
    account_disabled_until: datetime | None
    account_epoch: int
    account_epoch_reason: str | None
    shown: Any = field(default=None, repr=False, compare=False)
    """Room for what the HTTP face made of this session: it is asked for again and again."""


@dataclass(frozen=True, slots=True)
class SessionPolicy:
    """Limits of a session.

    `ttl` is absolute (NIST SP 800-63B-4 §2.1.3 allows 30 days), `idle_ttl` slides
    with use. A new login is silent in a mini program, so both can be short.
    """

    ttl: timedelta = timedelta(days=30)
    idle_ttl: timedelta = timedelta(days=7)
    max_sessions: int = 10


def why_over(session: Session, now: datetime) -> errors.SessionOver | None:
    """None while `session` is good at `now`, else the error that says why it is not.

    What somebody did (ended it, replaced it) is told before what time did, so that
    the phone of a kicked person hears of the kick a week later too.
    """
    ending = session.ending
    if ending is not None:
        return _told(ending)
    if session.epoch != session.account_epoch:
        return errors.SessionRevoked(session.account_epoch_reason or "revoked")
    if session.account_status is not AccountStatus.ACTIVE and not is_enabled_again(
        session.account_status, session.account_disabled_until, now
    ):
        return errors.SessionRevoked(f"account_{session.account_status}")
    if now >= session.expires_at:
        return errors.SessionExpired()
    if now >= session.last_seen_at + session.idle_ttl + IDLE_GRACE:
        return errors.SessionIdle()
    return None


def is_enabled_again(status: AccountStatus, until: datetime | None, now: datetime) -> bool:
    """Whether a disabling with an end has reached it: no job has to run for it to end."""
    return status is AccountStatus.DISABLED and until is not None and until <= now


def expires_in(session: Session, now: datetime) -> int:
    """Whole seconds to the absolute limit."""
    return max(0, (session.expires_at - now) // SECOND)


def idle_expires_in(session: Session, now: datetime) -> int:
    """Whole seconds until the idle limit if the session is not used again after `now`."""
    return min(int(session.idle_ttl.total_seconds()), expires_in(session, now))


def _told(ending: Ending) -> errors.SessionOver:
    if ending.code is EndCode.REPLACED:
        device = ending.device or Device()
        return errors.SessionReplaced({"name": device.name, "platform": device.platform})
    return errors.SessionRevoked(ending.reason or "revoked")
