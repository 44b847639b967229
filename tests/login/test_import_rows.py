"""What a row of another system must be, and that a remark gives nothing of it away."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from wxlogin.login.accounts import Phone
from wxlogin.login.import_rows import Remark, RowRules, Why
from wxlogin.login.policy import App
from wxlogin.login.ports import Newcomer
from wxlogin.login.secret import Secret

NOW = datetime(2026, 3, 1, 8, 0, 0, tzinfo=UTC)
APP = App("wx-a", Secret("s"), pool="customer")
OTHER = App("wx-b", Secret("s"))
OPENID = "oAbcdefghijklmnopqrstuvwxyz0"


def read(row: dict[str, str], **changes: Any) -> Newcomer | list[Remark]:
    fields: dict[str, Any] = {
        "now": NOW,
        "apps": {"wx-a": APP, "wx-b": OTHER},
        "app": APP,
        "pool": None,
        "zone": UTC,
        "is_supported": lambda hashed: hashed.startswith("$2b$"),
    }
    return RowRules(**fields | changes).read(7, row, account_id="id", pseudonym="ps")


def person(row: dict[str, str], **changes: Any) -> Newcomer:
    found = read(row, **changes)
    assert isinstance(found, Newcomer), found
    return found


def refused(row: dict[str, str], **changes: Any) -> list[tuple[str, Why]]:
    found = read(row, **changes)
    assert not isinstance(found, Newcomer)
    assert {remark.line for remark in found} == {7}
    return [(remark.column, remark.why) for remark in found]


def test_a_whole_row_becomes_a_newcomer() -> None:
    row = {
        "openid": OPENID,
        "unionid": "union",
        "phone": "0086 138-0000-6666",
        "phone_proven_at": "2026-02-01T08:00:00+08:00",
        "user_id": "42",
        "username": " 小明@Home ",
        "password_hash": "$2b$hash",
        "nickname": "=cmd|' /C calc'!A0",
        "created_at": "2020-01-31",
    }
    assert person(row) == Newcomer(
        id="id",
        pseudonym="ps",
        pool="customer",
        created_at=datetime(2020, 1, 31, tzinfo=UTC),
        user_id="42",
        nickname="=cmd|' /C calc'!A0",
        phone=Phone("86", "13800006666", datetime(2026, 2, 1, tzinfo=UTC)),
        username="小明@Home",
        username_key="小明@home",
        password_hash=Secret("$2b$hash"),
        app_id="wx-a",
        openid=OPENID,
        unionid="union",
    )


@pytest.mark.parametrize("nothing", ["", "  ", "NULL", "\\N"])
def test_nothing_is_nothing_however_a_database_writes_it(nothing: str) -> None:
    found = person({"openid": OPENID, "phone": nothing, "user_id": nothing, "created_at": nothing})
    assert (found.phone, found.user_id, found.created_at) == (None, None, NOW)


def test_a_phone_without_a_proof_is_unproven() -> None:
    assert person({"phone": "13800006666"}).phone == Phone("86", "13800006666", None)


def test_a_row_may_name_its_app() -> None:
    found = person({"openid": OPENID, "app_id": "wx-b"})
    assert (found.app_id, found.pool) == ("wx-b", "default")


def test_people_without_an_app_are_of_the_pool_asked_for() -> None:
    assert person({"phone": "13800006666"}, app=None, pool="p").pool == "p"
    assert person({"phone": "13800006666"}, app=None).pool == "default"
    assert person({"phone": "13800006666"}, pool="p").pool == "p"


def test_times_without_a_zone_are_of_the_zone_asked_for() -> None:
    zone = timezone(timedelta(hours=8))
    found = person({"user_id": "1", "created_at": "2026-01-01 08:00:00"}, zone=zone)
    assert found.created_at == datetime(2026, 1, 1, tzinfo=UTC)


WRONG: list[tuple[dict[str, str], list[tuple[str, Why]]]] = [
    ({}, [("openid", Why.MISSING)]),
    ({"nickname": "ann"}, [("openid", Why.MISSING)]),
    ({"openid": "o b"}, [("openid", Why.MALFORMED)]),
    ({"openid": "ö" * 28}, [("openid", Why.MALFORMED)]),
    ({"openid": "o" * 65}, [("openid", Why.MALFORMED)]),
    ({"unionid": "u u"}, [("unionid", Why.MALFORMED)]),
    ({"openid": OPENID, "app_id": "wx-x"}, [("app_id", Why.UNKNOWN_APP)]),
    ({"phone": "1.38E+10"}, [("phone", Why.MALFORMED)]),
    ({"phone": "１３８00006666"}, [("phone", Why.MALFORMED)]),
    ({"user_id": "u", "phone_proven_at": "2026-01-01"}, [("phone", Why.MISSING)]),
    (
        {"phone": "13800006666", "phone_proven_at": "2026-04-01"},
        [("phone_proven_at", Why.IN_THE_FUTURE)],
    ),
    ({"phone": "13800006666", "phone_proven_at": "1"}, [("phone_proven_at", Why.MALFORMED)]),
    ({"user_id": "u", "created_at": "2027-01-01"}, [("created_at", Why.IN_THE_FUTURE)]),
    ({"user_id": "u", "created_at": "0001-01-01T00:00+23:00"}, [("created_at", Why.MALFORMED)]),
    ({"user_id": "u" * 65}, [("user_id", Why.MALFORMED)]),
    ({"user_id": "a\x00b"}, [("user_id", Why.CONTROL_CHARACTER)]),
    ({"user_id": "a\nb"}, [("user_id", Why.CONTROL_CHARACTER)]),
    ({"user_id": "a\ud800b"}, [("user_id", Why.CONTROL_CHARACTER)]),
    ({"username": "13800006666"}, [("username", Why.MALFORMED)]),
    ({"username": "x"}, [("username", Why.MALFORMED)]),
    (
        {"username": "ann", "password_hash": "5f4dcc3b5aa765d61d8327deb882cf99"},
        [("password_hash", Why.NOT_SUPPORTED)],
    ),
    ({"user_id": "u", "password_hash": "$2b$h"}, [("username", Why.MISSING)]),
    ({"phone": "13800006666", "password_hash": "$2b$h"}, [("username", Why.MISSING)]),
    ({"user_id": "u", "nickname": "n" * 33}, [("nickname", Why.MALFORMED)]),
    (
        {"openid": "o b", "phone": "1", "user_id": "u" * 65},
        [("phone", Why.MALFORMED), ("openid", Why.MALFORMED), ("user_id", Why.MALFORMED)],
    ),
]


@pytest.mark.parametrize(("row", "expected"), WRONG)
def test_everything_wrong_with_a_row_is_named_by_its_column(
    row: dict[str, str], expected: list[tuple[str, Why]]
) -> None:
    assert refused(row) == expected


def test_an_openid_needs_an_app() -> None:
    assert refused({"openid": OPENID}, app=None) == [("app_id", Why.MISSING)]


def test_an_app_of_another_pool_is_refused() -> None:
    assert refused({"openid": OPENID}, pool="p") == [("app_id", Why.OTHER_POOL)]


def test_no_secret_and_no_number_stands_in_a_newcomers_repr() -> None:
    found = person({"phone": "13800006666", "username": "ann", "password_hash": "$2b$canary"})
    assert "13800006666" not in repr(found)
    assert "canary" not in repr(found)


def test_a_remark_repeats_nothing_of_the_row() -> None:
    found = read({"openid": "canary canary", "phone": "canary", "user_id": "canary" * 20})
    assert "canary" not in repr(found)
