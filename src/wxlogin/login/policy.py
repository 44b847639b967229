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
    PHONE = "phone"
    PASSWORD = "password"  # noqa: S105 - a door
    SMS = "sms"
    TICKET = "ticket"
    RESTORE = "restore"


class Registration(StrEnum):
    """What happens to a person nobody knows yet."""

    AUTO = "auto"
    REQUIRED = "required"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class App:
    """One mini program, and what its operator decided for it.

    A `pool` is a body of people: unionid, phone and username are unique within it.
    `old_secret` is the appsecret before a rotation, tried once where WeChat refuses the new one.
    """

    app_id: str
    secret: Secret
    kind: str = "mini_program"
    registration: Registration = Registration.AUTO
    phone_conflict: str = "reject"
    pool: str = "default"
    push_token: Secret | None = None
    encoding_aes_key: Secret | None = None
    old_secret: Secret | None = None
    cors_origins: tuple[str, ...] = ()
    is_disabled: bool = False
    is_read_only: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class LoginPolicy:
    """Time and number limits of a login, each with its reason.

    `deadline`: a person gives up after five seconds. `claim_ttl`: WeChat's codes
    live five minutes; a claim outlives its code by one.
    `logins_per_minute`: WeChat's own limit per person (contract §1).
    `phone_trust`: a carrier may give a number to somebody else ninety days after it was
    given up (security.md A15). `previous_key_ttl`: what the phone encrypted before a login
    may be under the key before (security.md §5.4). `cooling_off`: how long an erasure can
    be taken back (http-api.md §3).
    """

    deadline: timedelta = timedelta(seconds=5)
    hook_deadline: timedelta = timedelta(seconds=3)
    claim_ttl: timedelta = timedelta(minutes=6)
    ticket_ttl: timedelta = timedelta(minutes=10)
    logins_per_minute: int = 100
    phone_trust: timedelta = timedelta(days=90)
    previous_key_ttl: timedelta = timedelta(minutes=10)
    cooling_off: timedelta = timedelta(days=7)


_REFUSALS: dict[AccountStatus, Callable[[Account], errors.LoginRefused]] = {
    AccountStatus.PENDING: lambda account: errors.AccountPending(),
    AccountStatus.REJECTED: lambda account: errors.AccountRejected(account.reason),
    AccountStatus.ERASING: lambda account: errors.AccountErasing(account.erase_at),
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
    if account.status is AccountStatus.ERASING and door is Door.RESTORE:
        is_late = account.erase_at is not None and account.erase_at <= now
        return errors.AccountErasing(account.erase_at) if is_late else None
    if is_enabled_again(account.status, account.disabled_until, now):
        return None
    return refusal_of(account)


def refusal_of(account: Account) -> errors.LoginRefused:
    """What somebody hears of an account that is not active. Raises KeyError of one that is."""
    return _REFUSALS[account.status](account)


def is_recycled(phone_proven_at: datetime | None, *, now: datetime, policy: LoginPolicy) -> bool:
    """Whether the number may be somebody else's by now, as far as its last proof tells."""
    return phone_proven_at is not None and now - phone_proven_at > policy.phone_trust


def can_join(account: Account, app: App, *, now: datetime, policy: LoginPolicy) -> bool:
    """Whether an openid that nobody knows could join `account` by its phone, were it allowed."""
    return (
        account.identity_in(app.app_id) is None
        and account.phone is not None
        and account.phone.proven_at is not None
        and not is_recycled(account.phone.proven_at, now=now, policy=policy)
    )


def may_join(account: Account, app: App, *, now: datetime, policy: LoginPolicy) -> bool:
    """Whether it may, by the app's `phone_conflict` (http-api.md §4's table).

    The host's own `may_join` is asked after this.
    """
    return app.phone_conflict == "join" and can_join(account, app, now=now, policy=policy)


def is_somebodys(account: Account) -> bool:
    """Whether somebody whom WeChat has vouched for came in by an identity that the account came
    with. Then a phone on it that nobody has proven is a slip of an import, or a claim, and
    opens nothing: who proves that number is another person (security.md A14)."""
    return any(
        identity.is_proven and identity.linked_at <= account.created_at
        for identity in account.identities
    )
