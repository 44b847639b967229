"""The chain of the audit log as rules: what follows, what does not, and who can tell."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxlogin.login.auditing import (
    GENESIS,
    Broken,
    Fault,
    canonical,
    follow,
    is_genuine,
    new_head,
    seal,
)
from wxlogin.login.ports.audit import LoggedLine, Point

KEY = b"k" * 32
NOW = datetime(2026, 3, 1, 8, 0, 0, 123456, tzinfo=UTC)


def line(number: int, **changes: Any) -> LoggedLine:
    fields: dict[str, Any] = {
        "id": number,
        "at": NOW + timedelta(seconds=number),
        "kind": "sessions_ended",
        "actor_kind": "operator",
        "actor_id": "wang",
        "subject": f"{number:032x}",
        "app_id": None,
        "reason": "asked on the phone",
        "data": "{}",
    }
    return LoggedLine(**fields | changes)


def sealed(lines: list[LoggedLine], *, key: bytes = KEY) -> list[LoggedLine]:
    places = seal(GENESIS, lines, key=key)
    return [
        replace(each, position=point.position, link=point.link)
        for each, (_, point) in zip(lines, places, strict=True)
    ]


@pytest.fixture
def log() -> list[LoggedLine]:
    return sealed([line(number) for number in range(1, 51)])


def test_what_was_sealed_follows(log: list[LoggedLine]) -> None:
    assert follow(GENESIS, log, key=KEY) == Point(50, log[-1].link or b"")


def test_a_log_can_be_followed_in_pieces(log: list[LoggedLine]) -> None:
    middle = follow(GENESIS, log[:20], key=KEY)
    assert isinstance(middle, Point)
    assert follow(middle, log[20:], key=KEY) == follow(GENESIS, log, key=KEY)


FIELDS: dict[str, Any] = {
    "id": 4711,
    "at": NOW,
    "kind": "account_enabled",
    "actor_kind": "system",
    "actor_id": None,
    "subject": "0" * 32,
    "app_id": "wx1",
    "reason": "",
    "data": '{"n":1}',
    "link": bytes(32),
}


@pytest.mark.parametrize("field", FIELDS)
def test_a_line_changed_in_any_field_is_found(log: list[LoggedLine], field: str) -> None:
    log[17] = replace(log[17], **{field: FIELDS[field]})
    assert follow(GENESIS, log, key=KEY) == Broken(Fault.ALTERED, 18, log[17].id)


def test_a_line_taken_out_is_found(log: list[LoggedLine]) -> None:
    del log[17]
    assert follow(GENESIS, log, key=KEY) == Broken(Fault.MISSING, 18, 19)


def test_two_lines_that_changed_places_are_found(log: list[LoggedLine]) -> None:
    one, two = log[17], log[30]
    log[17] = replace(two, position=one.position, link=one.link)
    log[30] = replace(one, position=two.position, link=two.link)
    assert follow(GENESIS, log, key=KEY) == Broken(Fault.ALTERED, 18, 31)


def test_a_line_in_a_place_that_was_never_given_is_found(log: list[LoggedLine]) -> None:
    log.insert(17, replace(log[17], position=17))
    assert follow(GENESIS, log, key=KEY) == Broken(Fault.ADDED, 18, 18)


def test_lines_that_moved_up_to_hide_a_gap_are_found(log: list[LoggedLine]) -> None:
    moved = [replace(each, position=(each.position or 0) - 1) for each in log[18:]]
    assert follow(GENESIS, log[:17] + moved, key=KEY) == Broken(Fault.ALTERED, 18, 19)


def test_a_chain_made_with_another_key_is_found() -> None:
    forged = sealed([line(1)], key=b"x" * 32)
    assert follow(GENESIS, forged, key=KEY) == Broken(Fault.ALTERED, 1, 1)


# Red twins: a chain that lacks a defence misses the attack


def unchained(lines: list[LoggedLine]) -> bool:
    """A keyed hash of each line alone."""
    return all(each.link == seal(GENESIS, [each], key=KEY)[0][1].link for each in lines)


def unkeyed(lines: list[LoggedLine]) -> bool:
    """A plain hash chain, which anybody can make anew."""
    before = b""
    for each in lines:
        before = hashlib.sha256(before + canonical(each)).digest()
        if each.link != before:
            return False
    return True


def made_anew(lines: list[LoggedLine]) -> list[LoggedLine]:
    """What the attacker of an unkeyed chain does."""
    before, made = b"", []
    for each in lines:
        before = hashlib.sha256(before + canonical(each)).digest()
        made.append(replace(each, link=before))
    return made


def unplaced(lines: list[LoggedLine]) -> bool:
    """Links alone, without a look at the positions."""
    point: Point | Broken = GENESIS
    for each in lines:
        assert isinstance(point, Point)
        renumbered = replace(each, position=point.position + 1)
        point = follow(point, [renumbered], key=KEY)
        if isinstance(point, Broken):
            return False
    return True


def alone(lines: list[LoggedLine]) -> list[LoggedLine]:
    return [replace(each, link=seal(GENESIS, [each], key=KEY)[0][1].link) for each in lines]


def test_without_the_link_before_a_removed_line_would_be_missed(log: list[LoggedLine]) -> None:
    kept = alone(log)
    del kept[17]
    assert unchained(kept)


def test_without_the_link_before_swapped_lines_would_be_missed(log: list[LoggedLine]) -> None:
    kept = alone(log)
    kept[17], kept[30] = kept[30], kept[17]
    assert unchained(kept)


def test_without_a_key_an_altered_line_would_be_missed(log: list[LoggedLine]) -> None:
    log[17] = replace(log[17], reason="nothing to see")
    assert unkeyed(made_anew(log))


def test_without_positions_renumbered_lines_would_be_missed(log: list[LoggedLine]) -> None:
    renumbered = [replace(each, position=(each.position or 0) + 7) for each in log]
    assert unplaced(renumbered)
    assert isinstance(follow(GENESIS, renumbered, key=KEY), Broken)


# The head


def test_a_head_vouches_for_its_position_and_for_its_beginning() -> None:
    end, base = Point(9, b"e" * 32), Point(4, b"b" * 32)
    head = new_head(end=end, base=base, key=KEY)
    assert is_genuine(head, key=KEY)
    assert not is_genuine(head, key=b"x" * 32)
    for changed in (
        replace(head, end=Point(8, end.link)),
        replace(head, end=Point(9, bytes(32))),
        replace(head, base=Point(3, base.link)),
        replace(head, base=Point(4, bytes(32))),
        replace(head, mac=bytes(32)),
        replace(head, end=Point(-1, end.link)),
    ):
        assert not is_genuine(changed, key=KEY)


def test_no_secret_stands_in_a_heads_repr() -> None:
    head = new_head(end=GENESIS, base=GENESIS, key=KEY)
    assert "mac" not in repr(head)


# What is sealed

TEXT = st.text(max_size=8)
LINES = st.builds(
    line,
    number=st.integers(1, 3),
    kind=TEXT,
    actor_kind=TEXT,
    actor_id=st.none() | TEXT,
    subject=st.none() | TEXT,
    app_id=st.none() | TEXT,
    reason=st.none() | TEXT,
    data=TEXT,
)


@given(LINES, LINES)
def test_no_two_lines_are_sealed_as_the_same_bytes(one: LoggedLine, two: LoggedLine) -> None:
    assert (canonical(one) == canonical(two)) == (one == two)


@pytest.mark.parametrize(
    "twin",
    [lambda each: "".join(map(str, (each.kind, each.actor_id, each.subject, each.reason)))],
)
def test_without_lengths_text_could_move_between_fields(
    twin: Callable[[LoggedLine], str],
) -> None:
    one, two = line(1, kind="ab", actor_id="c"), line(1, kind="a", actor_id="bc")
    assert twin(one) == twin(two)
    assert canonical(one) != canonical(two)


def test_one_moment_is_sealed_alike_in_every_zone() -> None:
    from datetime import timezone

    there = NOW.astimezone(timezone(timedelta(hours=8)))
    assert canonical(line(1, at=there)) == canonical(line(1, at=NOW))


def test_text_that_is_no_unicode_is_found_and_not_stumbled_over(log: list[LoggedLine]) -> None:
    log[17] = replace(log[17], reason="\ud800")
    assert follow(GENESIS, log, key=KEY) == Broken(Fault.ALTERED, 18, 18)
