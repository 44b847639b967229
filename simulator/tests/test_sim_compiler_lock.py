"""The compiler installs the same packages for a user as stand in a checkout."""

import json
from pathlib import Path

import wechat_simulator

COMPILER = Path(wechat_simulator.__file__).parent / "phone" / "compiler"
CHECKOUT = Path(__file__).parents[2]


def packages(folder: Path) -> dict[str, str]:
    lock = json.loads((folder / "package-lock.json").read_text("utf-8"))
    return {
        name: package["integrity"]
        for name, package in lock["packages"].items()
        if "integrity" in package
    }


def test_its_lock_file_says_what_the_checkouts_says():
    ours, theirs = packages(COMPILER), packages(CHECKOUT)
    assert ours
    assert {name: theirs.get(name) for name in ours} == ours
