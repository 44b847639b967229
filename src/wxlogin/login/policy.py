"""What is allowed: who may log in through which door, and what an unknown person may do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from wxlogin.login import errors
from wxlogin.login.accounts import Account, AccountStatus
from wxlogin.login.secret import Secret
from wxlogin.login.sessions import is_enabled_again


class Door(StrEnum):
    """Every way in. A door that is not listed here cannot make a session."""

    WECHAT = "wechat"
    TICKET = "ticket"


class Registration(StrEnum):
    """What happens to a person nobody knows yet."""

    AUTO = "auto"
    REQUIRED = "required"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class App:
    """One mini program, and what its operator decided for it.

    A `pool` is a body of people: unionid, phone and username are unique within it.
    """

    app_id: str
    secret: Secret
    kind: str = "mini_program"
    registration: Registration = Registration.AUTO
    phone_conflict: str = "reject"
    pool: str = "default"
    push_token: Secret | None = None
    encoding_aes_key: Secret | None = None
    cors_origins: tuple[str, ...] = ()
    is_disabled: bool = False
    is_read_only: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class LoginPolicy:
    """Time and number limits of a login, each with its reason.

    `deadline`: a person gives up after five seconds. `claim_ttl`: WeChat's codes
    live five minutes; a claim outlives its code by one.
    `logins_per_minute`: WeChat's own limit per person (contract §1).
    """

    deadline: timedelta = timedelta(seconds=5)
    hook_deadline: timedelta = timedelta(seconds=3)
    claim_ttl: timedelta = timedelta(minutes=6)
    ticket_ttl: timedelta = timedelta(minutes=10)
    logins_per_minute: int = 100
    registration_methods: tuple[str, ...] = ()


_REFUSALS: dict[AccountStatus, Callable[[Account], errors.LoginRefused]] = {
    AccountStatus.PENDING: lambda account: errors.AccountPending(),
    AccountStatus.REJECTED: lambda account: errors.AccountRejected(account.reason),
    AccountStatus.ERASING: lambda account: errors.AccountErasing(),
    AccountStatus.DISABLED: lambda account: errors.AccountDisabled(
        until=account.disabled_until, reason_for_user=account.reason
    ),
}


def may_log_in(account: Account, door: Door, now: datetime) -> errors.LoginRefused | None:
    """None where `account` may come in through `door` now, else the error that says why not.

    The one decision of its kind: every door asks it, before a session is made
    (security.md C06: a lockout that one flow forgot is no lockout).
    """
    if account.status is AccountStatus.ACTIVE:
        return None
    if is_enabled_again(account.status, account.disabled_until, now):
        return None
    return _REFUSALS[account.status](account)
