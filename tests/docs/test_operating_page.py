"""What the pages say of commands, addresses and metrics is what there is."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from wxlogin.cli.commands import commands
from wxlogin.endpoints.admin.routes import ADMIN_ROUTES
from wxlogin.endpoints.docs_page import page as docs_page
from wxlogin.endpoints.routes import ROUTES
from wxlogin.metrics import Metrics, exposition

ROOT = Path(__file__).parents[2]
PAGES = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "examples").rglob("*.md"),
]
DOCUMENTS = {"/v1/admin/openapi", "/v1/admin/docs"}
"""What describes the console's routes, without its ending; made of the table, not in it."""

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def typed(page: Path) -> Iterator[list[str]]:
    """The words of every `wxlogin …` line in the shell blocks and in the text."""
    text = page.read_text("utf-8")
    shell = "".join(re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    lines = re.findall(r"^(?:.*&& )?(wxlogin .*)$", shell, re.MULTILINE)
    lines += re.findall(r"`(wxlogin [^`]+)`", text)
    for line in lines:
        yield shlex.split(line.split(" #")[0].rstrip("& "))[1:]


@each_page
def test_every_command_exists_with_its_options(page: Path) -> None:
    for words in typed(page):
        command: click.Command = commands
        for word in words:
            if word == "--":
                break  # what follows is somebody else's command
            options = {option for param in command.params for option in param.opts}
            if word.startswith("--"):
                assert word in options, f"{command.name} has no {word}"
            elif isinstance(command, click.Group) and re.fullmatch("[a-z][a-z-]*", word):
                found = command.get_command(click.Context(command), word)
                assert found is not None, f"{command.name} has no {word}"
                command = found


@each_page
def test_every_address_of_ours_is_served(page: Path) -> None:
    """A later release's address may be spoken of, but not written as one to be called."""
    text = page.read_text("utf-8")
    served = {route.name for route in (*ROUTES, *ADMIN_ROUTES)}
    for method, path in re.findall(
        r"\b(GET|POST|PUT|DELETE) (/(?:v1/|healthz|readyz)[\w/{}-]*)", text
    ):
        assert f"{method} {path}" in served
    for path in re.findall(r"(?<![\w.])/v1/[\w/{}-]+[\w}]", text):
        assert path in {route.path for route in (*ROUTES, *ADMIN_ROUTES)} | DOCUMENTS


@pytest.mark.parametrize("name", ["operating.md", "operating.zh-CN.md"])
def test_every_metric_is_named_with_its_labels(name: str) -> None:
    metrics = Metrics()
    metrics.checked("ok")
    metrics.answered("GET /v1/me", 200, seconds=0.1)
    metrics.step(3, "exchange", outcome="ok", seconds=0.1)
    metrics.called("/sns/jscode2session", "ok", 0.1)
    served: dict[str, set[str]] = {}
    for line in exposition(metrics).decode().splitlines():
        found = re.match(r"(\w+?)(?:_bucket|_count|_sum)?\{(.*)\}", line)
        if found and not line.startswith("#"):
            labels = set(re.findall(r'(\w+)="', found.group(2))) - {"le"}
            served.setdefault(found.group(1), set()).update(labels)
    text = (ROOT / "docs" / name).read_text("utf-8")
    rows = re.findall(r"^\| `(wxlogin_\w+)` \| (.+?) \|", text, re.MULTILINE)
    assert {metric: set(re.findall(r"`(\w+)`", labels)) for metric, labels in rows} == served


def test_the_page_of_the_interface_loads_nothing() -> None:
    """As docs/decisions says of it."""
    html = docs_page(ROUTES, version="0")
    assert not re.search(r"<script|<link|<img|src=", html)
