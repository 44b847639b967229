"""Builds the mini program, and again at every change, in a thread of its own."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

from watchfiles import Change, DefaultFilter, watch

from wechat_simulator.phone.builds import Build, Builds

END_SECONDS = 2.0
READ = frozenset(
    {".wxml", ".wxss", ".wxs", ".ts", ".js", ".json"}
    | {".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp"}
)
"""What the compiler reads. A server in the same folder writes its database there: at each login
the phone would start anew, and seem to have forgotten it."""


class Sources(DefaultFilter):
    def __call__(self, change: Change, path: str) -> bool:
        return super().__call__(change, path) and Path(path).suffix.lower() in READ


class Watching:
    """`with Watching(builds, told=…):` builds at once, and after each change.

    told: hears of every build. Without `is_watching` there is the first one alone.
    """

    def __init__(self, builds: Builds, *, told: Callable[[Build], None], is_watching: bool) -> None:
        self._builds = builds
        self._told = told
        self._is_watching = is_watching
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="wxlogin-dev-watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stopping.set()
        # Not for ever: the compiler may be fetching its packages, and nobody wants them any more.
        self._thread.join(END_SECONDS)

    def _run(self) -> None:
        self._told(self._builds.build())
        if not self._is_watching:
            return
        # A short timeout: the end of the program waits for it.
        changes = watch(
            self._builds.source,
            watch_filter=Sources(),
            stop_event=self._stopping,
            rust_timeout=200,
            debounce=300,
            raise_interrupt=False,
        )
        for _ in changes:
            self._told(self._builds.build())
