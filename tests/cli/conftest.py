"""A folder of an operator's own, and `wxlogin …` typed in it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

KEYS = "k1:" + "A" * 43 + "="


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "folder"
    path.mkdir()
    return path


@pytest.fixture
def typed(folder: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs `wxlogin <words>` in the folder; what it said must be no traceback."""

    def run(*words: str, code: int = 0, **environ: Any) -> subprocess.CompletedProcess[str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("WXLOGIN_")}
        done = subprocess.run(
            [sys.executable, "-c", "from wxlogin.cli import main; main()", *words],
            env={**kept, "PYTHONUTF8": "1", **{f"WXLOGIN_{k}": v for k, v in environ.items()}},
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        assert done.returncode == code, done.stdout + done.stderr
        return done

    return run
