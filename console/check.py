"""The console's own checks, for `make check` (build) and `make test` (test).

    python console/check.py build     builds it anew: what is committed must be just that
    python console/check.py test      its tests

Both need Node 20 and what `npm ci` installs; without them they say so and pass, unless
WXLOGIN_TEST_REQUIRE_ALL is set: a user needs no Node, and a release does.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
READY = HERE / "node_modules" / ".ready"
BUILT = HERE.parent / "src" / "wxlogin" / "console" / "static"


def main(what: str) -> int:
    npm = shutil.which("npm") if READY.exists() else None
    if npm is None:
        print(f"console: {what} 跳过，需要 Node 20 (skipped, Node 20 is needed)")  # noqa: T201
        return int("WXLOGIN_TEST_REQUIRE_ALL" in os.environ)
    if what == "test":
        return run(npm, "test")
    before = snapshot()
    built = run(npm, "build")
    if built == 0 and snapshot() != before:
        print(f"console: {BUILT} is not what its sources build; commit what stands there now")  # noqa: T201
        return 1
    return built


def run(npm: str, script: str) -> int:
    words = [npm, "run", script, "--silent"]
    return subprocess.run(words, cwd=HERE, check=False).returncode  # noqa: S603 - our own words


def snapshot() -> dict[str, bytes]:
    """Every file of the built console, by its path."""
    return {
        str(path.relative_to(BUILT)): path.read_bytes()
        for path in sorted(BUILT.rglob("*"))
        if path.is_file()
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
