"""docs/settings.md and its twin name every variable there is, with the default it has."""

import re
from collections.abc import Mapping
from datetime import timedelta
from operator import attrgetter
from pathlib import Path

import pytest

from wxlogin import settings
from wxlogin.setting_values import parse_duration
from wxlogin.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / "settings.md", ROOT / "docs" / "settings.zh-CN.md"]
EVERYWHERE = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "examples").rglob("*.md"),
]

OF_APPS = {"WXLOGIN_APP_ID", "WXLOGIN_APP_SECRET", "WXLOGIN_APPS"}
ELSEWHERE = {
    "WXLOGIN_TEST_SCREENSHOTS": "tests/console/test_browser.py",
    "WXLOGIN_NEW_APP_SECRET": "src/wxlogin/cli/apps.py",
    "WXLOGIN_TEST_REQUIRE_ALL": ".ci/run",
}
"""Variables that are no settings, and where they are read."""

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def known() -> set[str]:
    """What settings.py reads: the table of fields, and what else stands there by its name."""
    source = Path(settings.__file__).read_text("utf-8")
    return {PREFIX + name for name in settings._FIELDS} | set(
        re.findall(r"WXLOGIN_[A-Z]+(?:_[A-Z0-9]+)*", source)
    )


def defaults(page: Path) -> Mapping[str, str]:
    found = re.findall(r"^\| `(WXLOGIN_\w+)` \| (.+?) \| .+ \|$", page.read_text("utf-8"), re.M)
    assert len(dict(found)) == len(found)
    return dict(found)


@each_page
def test_one_row_for_every_variable(page: Path) -> None:
    assert set(defaults(page)) == known()


@each_page
@pytest.mark.parametrize("name", settings._FIELDS)
def test_the_default_is_the_one_it_has(page: Path, name: str) -> None:
    shown = defaults(page)[PREFIX + name].strip("`")
    field, _ = settings._FIELDS[name]
    value = attrgetter(field)(Settings())
    if name == "PUBLIC_DOCS":
        assert "WXLOGIN_ENV" in shown  # it follows another variable
    elif value is None:
        assert shown in ("none", "无")
    elif isinstance(value, bool):
        assert shown == ("on" if value else "off")
    elif isinstance(value, tuple):
        assert shown == ",".join(value)
    elif isinstance(value, timedelta):
        assert parse_duration(shown) == value
    else:
        assert shown == str(value)


@pytest.mark.parametrize("page", EVERYWHERE, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_names_a_variable_that_is_not(page: Path) -> None:
    named = set(re.findall(r"WXLOGIN_[A-Z]+(?:_[A-Z0-9]+)*", page.read_text("utf-8")))
    of_files = {name for name in named if name.removesuffix("_FILE") in known()}
    assert named - known() - of_files - set(ELSEWHERE) == set()


@pytest.mark.parametrize(("name", "path"), ELSEWHERE.items())
def test_a_variable_that_is_no_setting_is_read_where_we_say(name: str, path: str) -> None:
    assert name in (ROOT / path).read_text("utf-8")


def test_the_toml_of_the_page_is_read(tmp_path: Path) -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", PAGES[0].read_text("utf-8"), re.DOTALL)
    path = tmp_path / "wxlogin.toml"
    path.write_text(block, "utf-8")
    read = Settings.load(environ={}, env_file=None, toml_file=path)
    assert [app.app_id for app in read.apps] == ["wx4f4bc4dec97d474b", "wx0123456789abcdef"]
    assert (read.apps[1].registration, read.apps[1].pool) == ("closed", "customer-b")
