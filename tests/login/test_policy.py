"""Who may log in: door by account state, every cell. tests/flows/test_doors.py asks the same of
the doors themselves."""

from datetime import UTC, datetime, timedelta

import pytest

from wxlogin.login.accounts import Account, AccountStatus, Identity, Phone
from wxlogin.login.policy import (
    App,
    Door,
    LoginPolicy,
    can_join,
    is_recycled,
    is_somebodys,
    may_join,
    may_log_in,
)
from wxlogin.login.secret import Secret

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
POLICY = LoginPolicy()

MATRIX = {
    (door, status): code
    for door in ("wechat", "phone", "password", "sms", "ticket", "restore")
    for status, code in (
        ("active", None),
        ("pending", "account_pending"),
        ("rejected", "account_rejected"),
        ("disabled", "account_disabled"),
        ("erasing", "account_erasing"),
    )
} | {("restore", "erasing"): None}


def account(
    status: AccountStatus = AccountStatus.ACTIVE,
    until: datetime | None = None,
    *,
    phone: Phone | None = None,
    identities: tuple[Identity, ...] = (),
) -> Account:
    return Account(
        id="a",
        pool="default",
        user_id=None,
        status=status,
        epoch=1,
        created_at=NOW,
        disabled_until=until,
        reason="why",
        phone=phone,
        identities=identities,
    )


def test_a_new_door_or_state_without_a_row_fails_the_build() -> None:
    """security.md C06: a door that nobody thought about is the one that lets people in."""
    assert {(door.value, status.value) for door in Door for status in AccountStatus} == set(MATRIX)


@pytest.mark.parametrize(("cell", "code"), MATRIX.items())
def test_each_cell(cell: tuple[str, str], code: str | None) -> None:
    door, status = cell
    refusal = may_log_in(account(AccountStatus(status)), Door(door), NOW)
    assert (refusal.code if refusal else None) == code


@pytest.mark.parametrize("door", Door)
def test_a_disabling_with_an_end_is_over_at_its_end(door: Door) -> None:
    disabled = account(AccountStatus.DISABLED, until=NOW)
    assert may_log_in(disabled, door, NOW - timedelta(seconds=1)) is not None
    assert may_log_in(disabled, door, NOW) is None


def test_the_refusal_tells_what_the_person_may_know() -> None:
    refusal = may_log_in(account(AccountStatus.DISABLED), Door.WECHAT, NOW)
    assert refusal is not None
    assert refusal.facts() == {"until": None, "reason_for_user": "why"}


# Numbers (security.md A14, A15)


def test_a_number_is_old_after_ninety_days_and_one_that_nobody_proved_is_no_age() -> None:
    assert not is_recycled(NOW - 90 * DAY, now=NOW, policy=POLICY)
    assert is_recycled(NOW - 90 * DAY - timedelta(seconds=1), now=NOW, policy=POLICY)
    assert not is_recycled(None, now=NOW, policy=POLICY)


JOINS = {
    "proven lately": (NOW - 90 * DAY, None, True),
    "proven long ago": (NOW - 91 * DAY, None, False),
    "proven by nobody": (None, None, False),
    "with an identity in this app": (NOW, "wx-a", False),
    "with one in another app": (NOW, "wx-b", True),
}


@pytest.mark.parametrize("case", JOINS)
def test_an_openid_joins_by_a_number_that_is_surely_the_accounts(case: str) -> None:
    proven_at, app_id, wanted = JOINS[case]
    identities = () if app_id is None else (Identity(app_id, "o", None, NOW),)
    owner = account(phone=Phone("86", "13800006666", proven_at), identities=identities)
    for conflict in ("reject", "join"):
        app = App("wx-a", Secret("s"), phone_conflict=conflict)
        assert can_join(owner, app, now=NOW, policy=POLICY) is wanted
        may = may_join(owner, app, now=NOW, policy=POLICY)
        assert may is (wanted and conflict == "join")
    assert not can_join(account(), App("wx-a", Secret("s")), now=NOW, policy=POLICY)


def test_an_account_is_somebodys_by_an_identity_it_came_with_and_that_wechat_vouched_for() -> None:
    came_with = Identity("wx-a", "o", None, NOW, is_proven=True)
    never_used = Identity("wx-a", "o", None, NOW, is_proven=False)
    tied_later = Identity("wx-a", "o", None, NOW + DAY, is_proven=True)
    assert is_somebodys(account(identities=(came_with,)))
    assert not is_somebodys(account(identities=(never_used, tied_later)))
    assert not is_somebodys(account())
