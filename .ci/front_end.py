"""The front end's own checks, for `make check` and `make test`.

    python .ci/front_end.py check     types, style, and everything built anew: what is committed
                                      must be just that
    python .ci/front_end.py test      its tests

Both need Node 20 and what `npm ci` installs; without them they say so and pass, unless
WXLOGIN_TEST_REQUIRE_ALL is set: a user needs no Node, and a release does.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = (ROOT, ROOT / "console")
"""Each with its own lock file: the mini program's side, and the operator's console."""
BUILT = (
    "src/wxlogin/console/static",
    "simulator/wechat_simulator/phone/static",
    "demo/wxlogin_demo/miniprogram",
    "client/copy-paste",
)
"""Committed although it is built: whoever runs it needs no Node."""


def main(what: str) -> int:
    npm = shutil.which("npm")
    if npm is None or not all((folder / "node_modules/.ready").exists() for folder in FOLDERS):
        print(f"front end: {what} 跳过，需要 Node 20 (skipped, Node 20 is needed)")  # noqa: T201
        return int("WXLOGIN_TEST_REQUIRE_ALL" in os.environ)
    before = snapshot()
    for folder in FOLDERS:
        words = [npm, "run", what, "--silent"]
        done = subprocess.run(words, cwd=folder, check=False)  # noqa: S603 - our own words
        if done.returncode != 0:
            return done.returncode
    # A file that changed is in the difference twice, as it was and as it is.
    changed = sorted({str(path) for path, _ in snapshot() ^ before})
    if changed:
        print(f"not what its sources build; commit what stands there now: {changed}")  # noqa: T201
    return int(bool(changed))


def snapshot() -> set[tuple[Path, bytes]]:
    """Every built file, with its content."""
    return {
        (path.relative_to(ROOT), path.read_bytes())
        for folder in BUILT
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
