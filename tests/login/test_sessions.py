"""When a session is over, and what is said about it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxlogin.login import errors
from wxlogin.login.accounts import AccountStatus
from wxlogin.login.sessions import (
    IDLE_GRACE,
    Device,
    EndCode,
    Ending,
    Session,
    expires_in,
    idle_expires_in,
    why_over,
)

START = datetime(2026, 3, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def session(**changed: Any) -> Session:
    made = Session(
        id="0" * 36,
        secret_hash=b"",
        account_id="a",
        user_id=None,
        app_id="wx1",
        openid="o1",
        unionid=None,
        epoch=1,
        claims={},
        device=Device(),
        created_at=START,
        last_seen_at=START,
        expires_at=START + timedelta(days=30),
        idle_ttl=timedelta(days=7),
        ending=None,
        account_status=AccountStatus.ACTIVE,
        account_disabled_until=None,
        account_epoch=1,
        account_epoch_reason=None,
    )
    return replace(made, **changed)


def code_at(moment: datetime, **changed: Any) -> str | None:
    refusal = why_over(session(**changed), moment)
    return refusal.code if refusal else None


def test_it_ends_at_the_absolute_limit_to_the_second() -> None:
    seen = START + timedelta(days=29)
    end = START + timedelta(days=30)
    assert code_at(end - SECOND, last_seen_at=seen) is None
    assert code_at(end, last_seen_at=seen) == "session_expired"


@given(st.integers(0, 7 * 86400))
def test_idle_is_never_judged_early(seconds: int) -> None:
    assert code_at(START + timedelta(seconds=seconds)) is None


def test_idle_is_judged_at_most_a_minute_late() -> None:
    limit = START + timedelta(days=7) + IDLE_GRACE
    assert timedelta(seconds=60) >= IDLE_GRACE
    assert code_at(limit - SECOND) is None
    assert code_at(limit) == "session_idle"


@given(st.lists(st.integers(1, 6 * 86400), min_size=1, max_size=40))
def test_use_moves_the_idle_limit_and_never_the_absolute_one(uses: list[int]) -> None:
    """security.md B05, B06."""
    now, seen = START, START
    for gap in uses:
        now += timedelta(seconds=gap)
        told = code_at(now, last_seen_at=seen)
        assert told == ("session_expired" if now >= START + timedelta(days=30) else None)
        seen = now


def test_each_end_says_which_also_a_week_later() -> None:
    later = START + timedelta(days=14)
    kicked = Ending(START, EndCode.REVOKED, "spam")
    refusal = why_over(session(ending=kicked), later)
    assert isinstance(refusal, errors.SessionRevoked)
    assert refusal.reason == "spam"
    replaced = Ending(START, EndCode.REPLACED, device=Device("d2", "iPhone", "ios"))
    refusal = why_over(session(ending=replaced), later)
    assert isinstance(refusal, errors.SessionReplaced)
    assert refusal.device == {"name": "iPhone", "platform": "ios"}


def test_a_raised_epoch_ends_every_older_session_and_keeps_its_reason() -> None:
    refusal = why_over(session(account_epoch=2, account_epoch_reason="stolen phone"), START)
    assert isinstance(refusal, errors.SessionRevoked)
    assert refusal.reason == "stolen phone"


@pytest.mark.parametrize("status", [status for status in AccountStatus if status != "active"])
def test_no_session_lives_on_an_account_that_is_not_active(status: AccountStatus) -> None:
    assert code_at(START, account_status=status) == "session_revoked"


def test_a_disabling_ends_by_itself() -> None:
    changed = {
        "account_status": AccountStatus.DISABLED,
        "account_disabled_until": START + timedelta(hours=1),
    }
    assert code_at(START, **changed) == "session_revoked"
    assert code_at(START + timedelta(hours=1), **changed) is None


def test_the_idle_rest_is_never_longer_than_the_absolute_rest() -> None:
    near_end = START + timedelta(days=29, hours=23)
    assert expires_in(session(), near_end) == 3600
    assert idle_expires_in(session(), near_end) == 3600
    assert idle_expires_in(session(), START) == 7 * 86400
