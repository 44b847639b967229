"""The server's process: it hears the signals we hear, and we end as it ends."""

import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

GRACE_SECONDS = 10.0
LOOK_SECONDS = 0.1
NOT_FOUND, NOT_STARTED = 127, 126
STOPPERS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


class NotStarted(Exception):
    """There is no such command. `code`: what a shell would end with."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Child:
    """One run of a command, or of nothing: then it lasts until a signal."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str]) -> None:
        self._command = command
        self._environ = environ
        self._heard: list[int] = []
        for name in STOPPERS:
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), lambda number, _: self._heard.append(number))

    def run(self) -> int:
        """Runs it to its end; its exit code, as a shell tells it. Raises NotStarted."""
        if not self._command:
            while not self._heard:
                time.sleep(LOOK_SECONDS)
            return 0
        try:
            process = subprocess.Popen(self._command, env=dict(self._environ))  # noqa: S603
        except FileNotFoundError:
            raise NotStarted(NOT_FOUND, f"{self._command[0]}: 没有这个命令 not found") from None
        except OSError as error:
            raise NotStarted(NOT_STARTED, f"{self._command[0]}: {error.strerror}") from None
        try:
            code = self._wait(process)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        return 128 - code if code < 0 else code

    def _wait(self, process: subprocess.Popen[bytes]) -> int:
        passed, deadline = 0, math.inf
        while True:
            try:
                return process.wait(timeout=LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                pass
            if time.monotonic() > deadline:
                process.kill()
            for number in self._heard[passed:]:
                passed += 1
                # A terminal sends Ctrl+C to both of us, and a server that gets it twice ends
                # rudely. Nor is there a deadline: a debugger takes Ctrl+C and lives on.
                if not (passed == 1 and _is_from_terminal(number)):
                    process.send_signal(number)
                    deadline = min(deadline, time.monotonic() + GRACE_SECONDS)


def _is_from_terminal(number: int) -> bool:
    if sys.platform == "win32":
        return True
    if number != signal.SIGINT:
        return False
    try:
        return os.tcgetpgrp(sys.__stdin__.fileno()) == os.getpgrp()  # type: ignore[union-attr]
    except (OSError, ValueError, AttributeError):
        return False
