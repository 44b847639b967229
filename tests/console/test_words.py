"""The console has words of its own for everything that the server names."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from wxlogin.login.accounts import AccountStatus
from wxlogin.login.figures import Range
from wxlogin.login.operator_sessions import Role
from wxlogin.login.policy import Door, Registration
from wxlogin.login.ports import ActorKind, Scope
from wxlogin.login.registration import ApplicationStatus

ROOT = Path(__file__).parents[2]
CATALOGUE = (ROOT / "console" / "src" / "language" / "zh.ts").read_text("utf-8")
AUDITED = re.findall(r"^\| `([a-z_]+)` \|", (ROOT / "docs" / "audit.md").read_text("utf-8"), re.M)
CONFLICTS = ("identity_in_same_app", "user_id", "phone", "username", "password")

ALL: dict[str, Iterable[str]] = {
    "actor": ActorKind,
    "apps.registration": Registration,
    "audit.kind": AUDITED,
    "door": Door,
    "merge.conflict": CONFLICTS,
    "overview.range": Range,
    "role": Role,
    "scope": Scope,
}
SOME: dict[str, Iterable[str]] = {"status": {*AccountStatus, *ApplicationStatus}}


def named(prefix: str) -> set[str]:
    return set(re.findall(rf'^  "{re.escape(prefix)}\.([^"]+)":', CATALOGUE, re.MULTILINE))


@pytest.mark.parametrize("prefix", ALL)
def test_every_word_is_there_and_none_that_is_never_said(prefix: str) -> None:
    assert named(prefix) == {str(each) for each in ALL[prefix]}


@pytest.mark.parametrize("prefix", SOME)
def test_every_word_is_there(prefix: str) -> None:
    assert {str(each) for each in SOME[prefix]} <= named(prefix)
