"""Who may log in: door by account state, every cell."""

from datetime import UTC, datetime, timedelta

import pytest

from wxlogin.login.accounts import Account, AccountStatus
from wxlogin.login.policy import Door, may_log_in

NOW = datetime(2026, 3, 1, tzinfo=UTC)

MATRIX = {
    (door, status): code
    for door in ("wechat", "ticket")
    for status, code in (
        ("active", None),
        ("pending", "account_pending"),
        ("rejected", "account_rejected"),
        ("disabled", "account_disabled"),
        ("erasing", "account_erasing"),
    )
}


def account(status: AccountStatus, until: datetime | None = None) -> Account:
    return Account(
        id="a",
        pool="default",
        user_id=None,
        status=status,
        epoch=1,
        created_at=NOW,
        disabled_until=until,
        reason="why",
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
