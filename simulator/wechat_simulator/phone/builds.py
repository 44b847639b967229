"""The builds of one mini program, and the stream on which a phone hears of the next one."""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from wechat_simulator.app import Receive, Scope, Send
from wechat_simulator.phone.compiling import CompilingFailed, Tell, compile_app
from wechat_simulator.world import Message, World

LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Build:
    """What the phone runs now, and why nothing newer is there.

    name: differs from that of every other build, of an earlier process too.
    """

    name: str
    folder: Path | None
    errors: tuple[str, ...] = ()


class Builds:
    """Compiles a mini program again and again; `current` always is one whole build."""

    def __init__(self, source: Path, work: Path, *, tell: Tell) -> None:
        self.source = source
        self._work = work
        self._tell = tell
        self.current = Build(_fresh_name(), None)

    def build(self) -> Build:
        """The build of what lies in the source now; the former one, with errors, if it fails."""
        former, name = self.current, _fresh_name()
        folder = self._work / name
        try:
            compile_app(self.source, folder, is_dev=True, tell=self._tell)
        except CompilingFailed as failed:
            shutil.rmtree(folder, ignore_errors=True)
            self.current = replace(former, errors=failed.lines)
            return self.current
        self.current = Build(name, folder)
        if former.folder is not None:
            shutil.rmtree(former.folder, ignore_errors=True)
        return self.current


class News:
    """An ASGI application: server-sent events for a phone that says which build it runs.

    `reload`: there is another build. `errors`: the lines of the compiler, none once it is content.
    `sms`: a message for the user who holds the phone.
    """

    def __init__(self, builds: Builds | None, world: World) -> None:
        self._builds = builds
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Streams until the phone goes away."""
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        since, user = asked.get("since", [""])[0], asked.get("user", ["ann"])[0]
        headers = [
            (b"content-type", b"text/event-stream; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        gone = asyncio.create_task(_until_gone(receive))
        try:
            async for text in self._news(since, user, gone):
                body = text.encode()
                await send({"type": "http.response.body", "body": body, "more_body": True})
        finally:
            gone.cancel()
        await send({"type": "http.response.body", "body": b""})

    async def _news(self, since: str, user: str, gone: asyncio.Task[None]) -> AsyncIterator[str]:
        shown, inbox = Build(since, None), list(self._world.inbox)
        yield ": open\n\n"
        while not gone.done():
            build = self._builds.current if self._builds is not None else shown
            if build.name != shown.name:
                yield _event("reload", build.name)
            if build.errors != shown.errors:
                yield _event("errors", build.errors)
            former, inbox = inbox, list(self._world.inbox)
            for message in self._arrived(user, former, inbox):
                yield _event("sms", message.text)
            shown = build
            await asyncio.wait({gone}, timeout=LOOK_SECONDS)

    def _arrived(self, user: str, former: list[Message], inbox: list[Message]) -> list[Message]:
        """What is new for the user, oldest first; an inbox is newest first."""
        is_known = bool(former) and former[0] in inbox
        new = inbox[: inbox.index(former[0])] if is_known else inbox
        phone = self._world.get_user(user).phone if new else ""
        return [message for message in reversed(new) if message.phone == phone]


def _event(name: str, data: Any) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _fresh_name() -> str:
    return secrets.token_hex(6)
