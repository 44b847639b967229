"""A demo on a stage in this process, and the command `wxlogin demo` as a person starts it."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from wxlogin_demo.listener import take_port
from wxlogin_demo.stage import Stage

COMMAND = [sys.executable, "-c", "from wxlogin.cli import main; main()", "demo"]
LAST_LINE = "Ctrl+C"
PATIENCE = 20.0


class Running:
    """A demo that stays up: what it printed so far, and the process."""

    def __init__(self, process: subprocess.Popen[str], printed: str, folder: Path) -> None:
        self.process = process
        self.printed = printed
        self.folder = folder

    def state_folders(self) -> list[Path]:
        return list(self.folder.glob("wxlogin-demo-*"))

    def stop(self, signal_number: int) -> tuple[int, str, str]:
        """Exit code, and what was printed since."""
        self.process.send_signal(signal_number)
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, err


def environment(folder: Path, **changed: str) -> dict[str, str]:
    """A shell where nothing says which language or colours somebody likes."""
    dropped = ("LC_ALL", "LC_MESSAGES", "LANG", "FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "TMPDIR": str(folder), "PYTHONUTF8": "1", **changed}


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage(take_port(0)) as stage:
        yield stage


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """`run("--once", LANG="en_US.UTF-8")` is `wxlogin demo --once` to its end."""

    def run(*arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *arguments],
            env=environment(tmp_path, **changed),
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE,
            check=False,
        )

    return run


@contextmanager
def staying(folder: Path, *arguments: str) -> Iterator[Running]:
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", *arguments],
        env=environment(folder),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    timer = threading.Timer(PATIENCE, process.kill)
    timer.start()
    try:
        assert process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if LAST_LINE in line:
                break
        yield Running(process, "".join(lines), folder)
    finally:
        timer.cancel()
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """A demo that has walked and stays up."""
    with staying(tmp_path) as running:
        yield running
