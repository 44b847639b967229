"""docs/errors.md and its twin say of every error what the code says of it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from wxlogin.endpoints.openapi import failures
from wxlogin.endpoints.problems import PROBLEMS
from wxlogin.endpoints.routes import ROUTES
from wxlogin.login import errors
from wxlogin.login.errors import WxLoginError

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {"en": DOCS / "errors.md", "zh": DOCS / "errors.zh-CN.md"}
LATER = {"en": "Later: ", "zh": "后续版本："}

EXAMPLES: tuple[WxLoginError, ...] = (
    errors.RequestInvalid(("code", "required")),
    errors.MethodNotAllowed(["GET"]),
    errors.BodyTooLarge(1),
    errors.SessionRevoked("kicked"),
    errors.SessionReplaced({"name": None, "platform": None}),
    errors.RegistrationRequired("ticket", expires_in=timedelta(minutes=10), methods=[]),
    errors.AccountDisabled(until=None, reason_for_user=None),
    errors.AccountRejected(None),
    errors.PhoneTaken(can_join=True),
    errors.PasswordWeak("too_short", minimum=8),
    errors.RateLimited(1),
    errors.AppMisconfigured(40013),
    errors.WeChatUnavailable(retry="new_code"),
    errors.StoreUnavailable(retry="new_code"),
)
"""The errors that are not made without arguments; what is optional in them is given."""

FROM_PYTHON = {"ticket_invalid", "phone_required", "scope_missing"}
"""Answered by no route of ours, but by `wx.register` and by a host's routes."""

ANYWHERE = {"internal_error", "method_not_allowed"}


def leaves(error: type[WxLoginError] = WxLoginError) -> Iterator[type[WxLoginError]]:
    if error.__module__ == errors.__name__:
        if "code" in vars(error):
            yield error
        for below in error.__subclasses__():
            yield from leaves(below)


def facts_of(error: type[WxLoginError]) -> list[str]:
    made = next((e for e in EXAMPLES if type(e) is error), None)
    return list((made or error()).facts())


def rows(language: str) -> dict[str, list[str]]:
    """The table's rows by code, each as its cells."""
    found: dict[str, list[str]] = {}
    for line in PAGES[language].read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if len(cells) == 7 and cells[0].isdigit():
            assert cells[1] not in found, f"{cells[1]} stands twice"
            found[cells[1].strip("`")] = cells
    return found


def answered() -> set[str]:
    """The codes that this release can answer with."""
    routes = {error.code for route in ROUTES for error in failures(route)}
    return routes | FROM_PYTHON | ANYWHERE


@pytest.mark.parametrize("language", PAGES)
def test_one_row_for_each_code_in_the_order_of_the_table(language: str) -> None:
    assert list(rows(language)) == list(PROBLEMS)


@pytest.mark.parametrize("language", PAGES)
@pytest.mark.parametrize("code", PROBLEMS)
def test_a_row_says_what_the_table_says(language: str, code: str) -> None:
    problem = PROBLEMS[code]
    assert rows(language)[code][:5] == [
        str(problem.status),
        f"`{code}`",
        problem.zh[0],
        problem.en[0],
        problem.client,
    ]


@pytest.mark.parametrize("language", PAGES)
@pytest.mark.parametrize("error", [*leaves()], ids=lambda error: error.code)
def test_a_row_names_the_facts_of_its_error(language: str, error: type[WxLoginError]) -> None:
    named = rows(language)[error.code][5].replace("`", "").split()
    assert named == facts_of(error)


@pytest.mark.parametrize("language", PAGES)
def test_later_marks_exactly_what_this_release_does_not_answer(language: str) -> None:
    later = {code for code, cells in rows(language).items() if cells[6].startswith(LATER[language])}
    assert later == set(PROBLEMS) - answered()


@pytest.mark.parametrize("language", PAGES)
def test_every_row_says_what_to_do(language: str) -> None:
    assert [code for code, cells in rows(language).items() if not cells[6]] == []


def test_every_error_of_the_core_has_a_row_in_the_table() -> None:
    assert {error.code for error in leaves()} == set(PROBLEMS)
