"""Who sits at the console, and how long that lasts: values and rules without storage."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from wxlogin.login import errors
from wxlogin.login.sessions import SECOND


class Role(StrEnum):
    """What an operator may do: `support` looks after people, `admin` after everything."""

    SUPPORT = "support"
    ADMIN = "admin"


LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Operator:
    """A member of the team with a sign-in of their own. `name` is what the audit log says.

    `epoch` rises when all sessions must die at once.
    """

    id: str
    name: str
    role: Role
    created_at: datetime
    language: str = "zh"
    last_sign_in_at: datetime | None = None
    is_disabled: bool = False
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class OperatorSession:
    """A session with its operator as they are now, in one read."""

    id: str
    secret_hash: bytes = field(repr=False)
    operator: Operator
    epoch: int
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OperatorPolicy:
    """Limits of operators' sessions and of their sign-in.

    `ttl`, `idle_ttl`: NIST SP 800-63B-4 §2.3.3 for AAL3, §2.2.3 within AAL2 (security.md §3.2).
    `per_source`: wrong tries for one name from one address, in growing windows; `per_name` over
    all addresses (NIST §3.2.2: a hundred at most); `per_address` over all names, for spraying.
    `least_password`: characters; whoever has it and the telephone reads everybody's data.
    """

    ttl: timedelta = timedelta(hours=12)
    idle_ttl: timedelta = timedelta(minutes=30)
    per_source: tuple[tuple[int, timedelta], ...] = (
        (5, timedelta(minutes=15)),
        (10, timedelta(hours=1)),
        (20, timedelta(days=1)),
    )
    per_name: tuple[tuple[int, timedelta], ...] = ((100, timedelta(days=1)),)
    per_address: tuple[tuple[int, timedelta], ...] = (
        (30, timedelta(minutes=15)),
        (100, timedelta(days=1)),
    )
    least_password: int = 15


def why_over(
    session: OperatorSession, now: datetime, *, policy: OperatorPolicy
) -> errors.SessionOver | None:
    """None while the session is good at `now`, else the error that says why it is not."""
    if session.ended_at is not None:
        return errors.SessionRevoked("signed_out")
    if session.operator.is_disabled:
        return errors.SessionRevoked("operator_disabled")
    if session.epoch != session.operator.epoch:
        return errors.SessionRevoked("credentials_changed")
    if now >= session.expires_at:
        return errors.SessionExpired()
    if now >= session.last_seen_at + policy.idle_ttl:
        return errors.SessionIdle()
    return None


def seconds_left(
    session: OperatorSession, now: datetime, *, policy: OperatorPolicy
) -> tuple[int, int]:
    """To the absolute limit; and to the idle one, if nothing is asked after `now`."""
    left = max(0, (session.expires_at - now) // SECOND)
    return left, min(left, policy.idle_ttl // SECOND)


def may_act(operator: Operator, wanted: Role) -> bool:
    """Whether the role is large enough: an admin may do all that support may."""
    return wanted is Role.SUPPORT or operator.role is Role.ADMIN
