"""Links lead somewhere, code is code, and the two languages say the same."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
TWIN = ".zh-CN.md"

ENGLISH_ONLY = {"threats.md", "dependencies.md", "benchmarks.md"}
"""Pages of `docs/` for those who judge or change the code."""

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    """Every page that belongs to the whole, in both languages."""
    return sorted(
        [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")]
    )


def twins() -> list[tuple[Path, Path]]:
    """(English, Chinese) of every page that has, or should have, a Chinese twin."""
    english = [
        page
        for page in pages()
        if not page.name.endswith(TWIN)
        and page.name not in ENGLISH_ONLY | {"CHANGELOG.md", "CONTRIBUTING.md"}
        and page.parent.name != "decisions"
    ]
    return [(page, page.with_name(page.name.removesuffix(".md") + TWIN)) for page in english]


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(page: Path, language: str | None = None) -> list[str]:
    """The fenced blocks of a page; of one language where it is given."""
    found = _FENCE.findall(page.read_text("utf-8"))
    return [code for name, code in found if language in (None, name)]


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    return _FENCE.sub("", page.read_text("utf-8"))


def headings(page: Path) -> list[tuple[int, str]]:
    """(level, text) of each heading."""
    found = re.findall(r"^(#{1,6}) (.+)$", prose(page), re.MULTILINE)
    return [(len(marks), text) for marks, text in found]


def anchors(page: Path) -> set[str]:
    """What a `#fragment` of a link may name: as the code hosts make them, or by hand."""
    made = {
        re.sub(r"[^\w\- ]", "", text.lower()).strip().replace(" ", "-")
        for _, text in headings(page)
    }
    return made | set(re.findall(r'<a id="([\w-]+)">', page.read_text("utf-8")))


def links(page: Path) -> Iterator[tuple[str, str]]:
    """(target, fragment) of each link and picture that stays in the repository."""
    text = re.sub(r"`[^`\n]*`", "``", prose(page))
    for target in re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", text):
        if "://" not in target:
            path, _, fragment = target.partition("#")
            yield path, fragment


def tables(page: Path) -> list[tuple[int, int]]:
    """(rows, columns) of each table."""
    found: list[tuple[int, int]] = []
    is_inside = False
    for line in prose(page).splitlines():
        if not line.startswith("|"):
            is_inside = False
        elif is_inside:
            found[-1] = (found[-1][0] + 1, found[-1][1])
        else:
            found.append((1, len(line.strip().strip("|").split("|"))))
            is_inside = True
    return found


EVERY_PAGE = pytest.mark.parametrize("page", pages(), ids=named)
EVERY_TWIN = pytest.mark.parametrize(
    ("english", "chinese"), twins(), ids=[named(english) for english, _ in twins()]
)


@EVERY_PAGE
def test_every_link_leads_somewhere(page: Path) -> None:
    for path, fragment in links(page):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{path} does not exist"
        if fragment and target.suffix == ".md":
            assert fragment in anchors(target), f"{path} has no #{fragment}"


@EVERY_PAGE
def test_every_python_block_is_python(page: Path) -> None:
    for code in blocks(page, "python"):
        compile(code, named(page), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@EVERY_PAGE
def test_no_page_names_a_package_registry_or_a_folder_of_somebodys_machine(page: Path) -> None:
    text = page.read_text("utf-8").lower()
    for word in (
        "--index" + "-url ",
        "/simple/",
        "registry.",
        "mirrors.",
        "/home/",
        "/" + "root/",
        "/opt/",
        "/work/",
    ):
        assert word not in text, word


@EVERY_PAGE
def test_chinese_and_latin_stand_apart(page: Path) -> None:
    """盘古之白: a space between Chinese characters and Latin letters, digits or code."""
    text = re.sub(r"\]\([^)]*\)", "]", prose(page))
    text = re.sub(r"`[^`\n]*`", "`", text)
    found = re.findall(r".?[\u4e00-\u9fff][A-Za-z0-9`].?|.?[A-Za-z0-9`][\u4e00-\u9fff].?", text)
    assert found == []


@EVERY_TWIN
def test_twins_have_the_same_shape(english: Path, chinese: Path) -> None:
    levels = [level for level, _ in headings(english)]
    assert [level for level, _ in headings(chinese)] == levels
    assert len(tables(chinese)) == len(tables(english))
    assert [rows for rows, _ in tables(chinese)] == [rows for rows, _ in tables(english)]


@EVERY_TWIN
def test_twins_have_the_same_code(english: Path, chinese: Path) -> None:
    assert blocks(chinese) == blocks(english)


@EVERY_TWIN
def test_twins_lead_to_each_other(english: Path, chinese: Path) -> None:
    first = [page.read_text("utf-8").splitlines()[0] for page in (english, chinese)]
    assert first == [f"English | [中文]({chinese.name})", f"[English]({english.name}) | 中文"]


@EVERY_TWIN
def test_a_chinese_page_leads_to_chinese_pages(english: Path, chinese: Path) -> None:
    there = {page for _, page in twins()}
    for path, _ in links(chinese):
        target = (chinese.parent / path).resolve() if path else chinese
        if target != english and target.suffix == ".md" and not target.name.endswith(TWIN):
            assert target.with_name(target.name.removesuffix(".md") + TWIN) not in there, path


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md", "docs/embedding.md"])
def test_the_smallest_example_is_the_one_that_runs(page: str) -> None:
    smallest = (ROOT / "examples" / "smallest.py").read_text("utf-8")
    assert blocks(ROOT / page, "python")[0] == smallest


def test_the_snippets_of_the_embedding_page_are_the_examples_own() -> None:
    main = (ROOT / "examples" / "fastapi_app" / "main.py").read_text("utf-8")
    shown = [
        code
        for code in blocks(ROOT / "docs" / "embedding.md", "python")
        if code.startswith(("CurrentUser =", '@app.post("/api/wx/login")'))
    ]
    assert len(shown) == 2
    for code in shown:
        assert code in main


@pytest.mark.parametrize("name", ["flow.svg", "flow.zh-CN.svg"])
def test_a_drawing_shows_the_ten_steps_in_order_and_loads_nothing(name: str) -> None:
    text = (ROOT / "docs" / "images" / name).read_text("utf-8")
    root = ElementTree.fromstring(text)
    shown = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert [int(text) for text in shown if text and text.isdigit()] == list(range(1, 11))
    assert not re.search(r"href|<script|<foreignObject|@import|url\((?!#)", text)
