"""docs/threats.md names tests that exist, and every attack has one."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "threats.md"
NAMED = re.findall(r"\[`(test_\w+)`\]\(([^)]+)\)", PAGE.read_text("utf-8"))
ROWS = [
    line.strip().strip("|").split(" | ")
    for line in PAGE.read_text("utf-8").splitlines()
    if line.startswith("| ") and not line.startswith(("| ---", "| attack", "| fault"))
]


@pytest.mark.parametrize(("name", "path"), NAMED)
def test_a_test_that_is_named_exists(name: str, path: str) -> None:
    text = (PAGE.parent / path).resolve().read_text("utf-8")
    assert re.search(rf"^\s*(?:async )?def {name}\(", text, re.MULTILINE)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].strip()[:50])
def test_every_attack_has_a_test_or_a_contract(row: list[str]) -> None:
    assert len(row) == 3
    assert "`test_" in row[2] or ".importlinter" in row[2]
