"""docs/client.md and its twin say of every option, call, event and error what the client has, and
their examples are right TypeScript.
"""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from wxlogin.endpoints.problems import PROBLEMS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [DOCS / "client.md", DOCS / "client.zh-CN.md"]
SOURCES = ROOT / "client" / "src"
TYPES = (SOURCES / "types.ts").read_text("utf-8")
FOREIGN = """
declare module "@tarojs/taro" { const Taro: object; export default Taro; }
declare const uni: object;
"""
"""What the examples take from elsewhere."""

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def members(interface: str) -> set[str]:
    """The names on the first level of one interface of types.ts."""
    found = re.search(rf"^export interface {interface} {{\n(.*?)^}}$", TYPES, re.M | re.S)
    assert found is not None
    return set(re.findall(r"^  (?:readonly )?(\w+)[?<(:]", found.group(1), re.MULTILINE))


def named(page: Path) -> set[str]:
    """What stands first in a row of a table: `a(b)` is a call of a."""
    rows = re.findall(r"^\| ((?:`[^`]+` ?)+)", page.read_text("utf-8"), re.MULTILINE)
    return {re.split(r"\W", word)[0] for row in rows for word in re.findall(r"`([^`]+)`", row)}


def errors(page: Path) -> dict[str, tuple[str, str]]:
    """(title, action) of each code in the two tables of codes."""
    rows = re.findall(
        r"^\| `(\w+)` \| ([^|`]+) \| `(\w+)` \| ", page.read_text("utf-8"), re.MULTILINE
    )
    assert len({code for code, *_ in rows}) == len(rows)
    return {code: (title, action) for code, title, action in rows}


def node_with(package: str) -> str:
    node = shutil.which("node")
    if node is None or not (ROOT / "node_modules" / package).exists():
        pytest.skip("Node and what `npm ci` installs are needed for this test")
    return node


@each_page
@pytest.mark.parametrize("interface", ["AuthOptions", "Auth", "AuthEvents"])
def test_a_row_for_every_option_call_and_event(page: Path, interface: str) -> None:
    said_in_the_text = {"on"}
    assert members(interface) - named(page) - said_in_the_text == set()


@each_page
def test_a_row_for_every_code_of_the_server_with_its_title(page: Path) -> None:
    rows = errors(page)
    assert {code: rows[code][0] for code in PROBLEMS} == {
        code: problem.zh[0] for code, problem in PROBLEMS.items()
    }


@each_page
def test_a_row_for_every_code_of_its_own(page: Path) -> None:
    text = (SOURCES / "errors.ts").read_text("utf-8")
    comment = text[text.index("The server's symbol; or") : text.index("readonly code")]
    assert set(errors(page)) - set(PROBLEMS) == set(re.findall(r"`(\w+)`", comment))


@each_page
def test_a_row_says_the_action_of_its_code_and_the_title_where_the_server_has_none(
    page: Path,
) -> None:
    node = node_with("esbuild")
    rows = errors(page)
    statuses = {code: PROBLEMS[code].status if code in PROBLEMS else 0 for code in rows}
    told = subprocess.run(
        [node, str(Path(__file__).with_name("errors_of_the_client.mjs"))],
        input=json.dumps(statuses),
        capture_output=True,
        cwd=ROOT,
        text=True,
        check=True,
    )
    made = json.loads(told.stdout)
    assert {code: action for code, (_, action) in rows.items()} == {
        code: action for code, (_, action) in made.items()
    }
    assert {code: title for code, (title, _) in rows.items() if code not in PROBLEMS} == {
        code: title for code, (title, _) in made.items() if code not in PROBLEMS
    }


def test_the_examples_are_right_typescript(tmp_path: Path) -> None:
    node = node_with("typescript")
    tsc = ROOT / "node_modules" / "typescript" / "bin" / "tsc"
    blocks = re.findall(r"^```ts\n(.*?)^```$", PAGES[0].read_text("utf-8"), re.M | re.S)
    for number, block in enumerate(blocks):
        text = block.replace('"../../auth"', '"./auth"')
        is_auth = text.startswith("// auth.ts")
        (tmp_path / ("auth.ts" if is_auth else f"example{number}.ts")).write_text(text, "utf-8")
    (tmp_path / "foreign.d.ts").write_text(FOREIGN, "utf-8")
    modules = ROOT / "node_modules"
    options = {
        "noEmit": True,
        "skipLibCheck": True,
        "noUnusedLocals": False,
        "types": ["miniprogram-api-typings"],
        "typeRoots": [str(modules), str(modules / "@types")],
        "paths": {
            "wxlogin": [str(SOURCES / "index.ts")],
            "wxlogin/uni": [str(SOURCES / "adapters" / "uni.ts")],
            "wxlogin/taro": [str(SOURCES / "adapters" / "taro.ts")],
            "*": [str(modules / "*")],
        },
    }
    base = str(ROOT / "tsconfig.base.json")
    config = {"extends": base, "compilerOptions": options, "include": ["*.ts"]}
    (tmp_path / "tsconfig.json").write_text(json.dumps(config), "utf-8")
    done = subprocess.run(
        [node, str(tsc), "-p", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
