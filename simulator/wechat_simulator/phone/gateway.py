"""One origin for all: the phone, the way to the developer's server, and WeChat itself.

/desk/             a page with the phone on it, for a wide screen
/phone/…           the phone and the mini program it runs
/phone/news        what happens while it runs (builds.News)
/server/…          the developer's own server (forwarding)
everything else    the simulator: WeChat's paths, and /sim
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from wechat_simulator.app import Receive, Scope, Send, headers_of, refuse_strangers, send_answer
from wechat_simulator.phone.builds import Builds, News
from wechat_simulator.phone.door import Files, PhoneConfig, PhoneDoor
from wechat_simulator.phone.forwarding import Forwarding, origin_of
from wechat_simulator.problems import Problem
from wechat_simulator.simulator import Simulator

PHONE = "/phone/"
NEWS = "/phone/news"
SERVER = "/server"
DESK = "/desk/"

_DESK = Files(Path(__file__).parent / "desk", prefix=DESK, index="desk.html")


class Gateway:
    """An ASGI application around a simulator.

    app: the compiled mini program, or the builds of one that is being written.
    server: the developer's server; None where the phone shall reach none.
    domains: further origins that the mini program calls, all led to that server.
    """

    def __init__(
        self,
        simulator: Simulator,
        app: Path | Builds | None,
        *,
        server: str | None = None,
        domains: Iterable[str] = (),
    ) -> None:
        self._simulator = simulator
        self._app = app
        self._news = News(app if isinstance(app, Builds) else None, simulator.world)
        self._forwarding: Forwarding | None = None
        self._forward: dict[str, str] = {}
        if server is not None:
            self._forwarding = Forwarding(
                server, world=simulator.world, app_id=simulator.app_id, prefix=SERVER
            )
            named = {origin_of(origin) for origin in (server, *domains)}
            self._forward = dict.fromkeys(sorted(named | _other_names(named)), SERVER)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        side = self._side(scope["path"]) if scope["type"] == "http" else None
        if side is None:
            await self._simulator.app(scope, receive, send)
            return
        try:
            if not self._simulator.allow_remote:
                refuse_strangers(headers_of(scope))
            await side(scope, receive, send)
        except Problem as problem:
            await send_answer(send, problem.answer())

    def forwarding_of(self, scope: Scope) -> Forwarding:
        """The way on for a WebSocket; raises Problem where there is none."""
        if not self._simulator.allow_remote:
            refuse_strangers(headers_of(scope))
        if self._forwarding is None or not scope["path"].startswith(f"{SERVER}/"):
            raise Problem(404, "not_found", "这里没有 WebSocket / no WebSocket here")
        return self._forwarding

    def _side(self, path: str) -> Files | Forwarding | News | None:
        if path == NEWS:
            return self._news
        if path == PHONE[:-1] or path.startswith(PHONE):
            return self._phone()
        if self._forwarding is not None and (path == SERVER or path.startswith(f"{SERVER}/")):
            return self._forwarding
        if path == DESK[:-1] or path.startswith(DESK):
            return _DESK
        return None

    def _phone(self) -> PhoneDoor:
        folder, reload = self._app, NEWS
        if isinstance(folder, Builds):
            build = folder.current
            folder, reload = build.folder, f"{NEWS}?since={build.name}"
        config = PhoneConfig(self._simulator.app_id, forward=self._forward, reload=reload)
        return PhoneDoor(folder, config, prefix=PHONE)


def _other_names(origins: Iterable[str]) -> set[str]:
    """This machine has two names, and nobody remembers which of them he wrote."""
    pairs = (("//127.0.0.1", "//localhost"), ("//localhost", "//127.0.0.1"))
    return {
        origin.replace(one, other) for origin in origins for one, other in pairs if one in origin
    }
