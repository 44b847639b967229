"""docs/phone.md and its twin name the options, components, functions, facts and directions that
the phone in the browser has, and no other.
"""

import json
import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from wxlogin_demo.command import demo
from wxlogin_demo.dev.command import dev
from wxlogin_demo.levers import GROUPS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [DOCS / "phone.md", DOCS / "phone.zh-CN.md"]
PHONE = ROOT / "simulator" / "phone" / "src"
TAGS = ROOT / "simulator" / "wechat_simulator" / "phone" / "static" / "tags.json"

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def table(page: Path, words: str) -> list[list[str]]:
    """The cells of the rows of the table in which these words stand first."""
    text = page.read_text("utf-8")
    start = text.rindex("\n\n", 0, text.index(words)) + 2
    rows = text[start:].split("\n\n")[0].splitlines()[2:]
    return [row.strip("| ").split(" | ") for row in rows]


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def options(command: click.Command) -> set[str]:
    return {
        name
        for param in command.params
        if isinstance(param, click.Option)
        for name in (*param.opts, *param.secondary_opts)
    }


@each_page
def test_every_option_of_dev_has_a_row(page: Path) -> None:
    rows = table(page, "| `--miniprogram`")
    assert {name for row in rows for name in quoted(row[0])} == options(dev)


@each_page
def test_every_option_of_the_demo_is_told(page: Path) -> None:
    assert options(demo) <= set(re.findall(r"--[a-z-]+", page.read_text("utf-8")))


@each_page
def test_every_group_of_levers_has_a_row(page: Path) -> None:
    picture = page.read_text("utf-8").index("images/demo-levers.png")
    rows = page.read_text("utf-8")[picture:].split("\n\n")[1].splitlines()[2:]
    assert len(rows) == len(GROUPS)


@each_page
def test_the_components_are_those_it_has(page: Path) -> None:
    lines = re.findall(r"^`[a-z-]+`(?: `[a-z-]+`)+$", page.read_text("utf-8"), re.MULTILINE)
    there, absent = (quoted(line) for line in lines)
    assert there == sorted(there)
    assert sorted(there + absent) == json.loads(TAGS.read_text("utf-8"))
    source = (PHONE / "components" / "absent.ts").read_text("utf-8")
    tags = source[source.index("TAGS = [") : source.index("];")]
    assert absent == re.findall(r'"([\w-]+)"', tags)


@each_page
def test_the_functions_of_wx_are_those_it_has(page: Path) -> None:
    node = shutil.which("node")
    if node is None or not (ROOT / "node_modules" / "esbuild").exists():
        pytest.skip("Node and what `npm ci` installs are needed for this test")
    script = str(Path(__file__).with_name("names_of_wx.mjs"))
    told = subprocess.check_output([node, script], cwd=ROOT, text=True)
    listed = [name for row in table(page, "`login` `checkSession`") for name in quoted(row[1])]
    assert sorted(listed) == sorted(told.split())


@each_page
def test_the_facts_are_those_it_tells(page: Path) -> None:
    source = (PHONE / "host" / "ports.ts").read_text("utf-8")
    body = source[source.index("FactBody =") : source.index("export type Fact =")]
    rows = table(page, "| `wx` |")
    assert [quoted(row[0])[0] for row in rows] == re.findall(r'kind: "(\w+)"', body)


@each_page
def test_the_directions_are_those_it_takes(page: Path) -> None:
    source = (PHONE / "wx" / "directions.ts").read_text("utf-8")
    ways = source[source.index("WAYS:") :]
    rows = table(page, "| `offline` |")
    assert {quoted(row[0])[0] for row in rows} == set(re.findall(r"^  (\w+): \(", ways, re.M))
    answers = (PHONE / "wx" / "phone_number.ts").read_text("utf-8")
    known = re.findall(r'^  "(\w+)",$', answers, re.MULTILINE)
    (row,) = (row for row in rows if row[0] == "`phoneAnswer`")
    assert quoted(row[1]) == ["answer", *known]
