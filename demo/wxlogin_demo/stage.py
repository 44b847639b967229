"""The stage: WeChat and the phone's side, the server, its database, and one clock for all."""

import asyncio
import json
import secrets
import socket
import tempfile
from base64 import b64encode
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from wechat_simulator import App, Simulator
from wechat_simulator.phone import PhoneConfig, PhoneDoor
from wxlogin.endpoints.asgi import App as AsgiApp
from wxlogin.metrics import Both
from wxlogin.server import WxLogin
from wxlogin.settings import Settings
from wxlogin_demo.back_end import BackEnd, Rules
from wxlogin_demo.clock import Clock
from wxlogin_demo.database import Database
from wxlogin_demo.lever import Pull
from wxlogin_demo.lever_door import LeverDoor
from wxlogin_demo.listener import Listener, url_of
from wxlogin_demo.narrator import Narrator
from wxlogin_demo.origin import PAGE, Origin
from wxlogin_demo.phone_doors import MakeDoor, PhoneDoors
from wxlogin_demo.stream import Stream
from wxlogin_demo.traffic import Traffic
from wxlogin_demo.watcher import Watcher
from wxlogin_demo.wechat_log import WeChatLog

APP_ID = "wxdemodemodemodemo"
"""Looks like an AppID, and is nobody's: real ones are hexadecimal after `wx`."""
KEY_ID = "k1"

MINI_PROGRAM = Path(__file__).parent / "miniprogram"
"""The repository's own `miniprogram/`, compiled for the phone in the browser."""


def shipped_phone(config: PhoneConfig, prefix: str) -> AsgiApp:
    return PhoneDoor(MINI_PROGRAM, config, prefix=prefix)


class Stage:
    """`with Stage(take_port(8000)) as stage:` everything runs inside, and is gone afterwards.

    AppSecret and sealing key are made up anew each time. No setting is read from the
    environment: a `.env` of the folder the demo is started in must not lead it anywhere.
    """

    def __init__(self, line: socket.socket, *, make_phone: MakeDoor = shipped_phone) -> None:
        self._line = line
        self._open = ExitStack()
        app = App(APP_ID, secrets.token_hex(16), union_group="demo")
        self.simulator = Simulator(apps=[app])
        self.clock = Clock(self.simulator)
        self.watcher = Watcher()
        self.stream = Stream()
        self.sealing_key = b64encode(secrets.token_bytes(32)).decode()
        self.url = url_of(line)
        self._make_phone = make_phone

    @property
    def page_url(self) -> str:
        return f"{self.url}{PAGE}"

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            opening.enter_context(self._line)
            # A file that Windows still holds must not turn a good end into a traceback.
            folder = tempfile.TemporaryDirectory(prefix="wxlogin-demo-", ignore_cleanup_errors=True)
            self.folder = Path(opening.enter_context(folder))
            self.database = Database(self.folder / "wxlogin.db")
            opening.enter_context(self.simulator)
            opening.enter_context(Listener(self._origin(), self._line))
            opening.callback(self.stream.close)
            self._open = opening.pop_all()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._open.close()

    def begin_anew(self) -> None:
        """As `reset`, from another thread than the server's."""
        asyncio.run_coroutine_threadsafe(self.reset(), self.back_end.loop).result()

    async def reset(self) -> None:
        """An empty database, a WeChat that knows nobody, today's date, the first rules."""
        await self.back_end.restart(Rules(), meanwhile=self._empty)
        self._levers.forget()
        self.stream.begin_world()

    def _origin(self) -> Origin:
        self._narrator = Narrator(self.stream, WeChatLog(self.simulator))
        self.back_end = BackEnd(self._make_server)
        self._levers = LeverDoor(self.stream, self._pull_for)
        traffic = Traffic(self.back_end, self._narrator)
        return Origin(
            self.back_end,
            self.simulator,
            phones=PhoneDoors(self._make_phone, traffic, app_id=APP_ID, url=self.url),
            levers=self._levers,
            stream=self.stream,
            traffic=traffic,
        )

    def _make_server(self, rules: Rules) -> WxLogin:
        observer = Both(self.watcher, self._narrator)
        return WxLogin(self._settings(rules), clock=self.clock, observer=observer)

    def _pull_for(self, user: str, choice: str) -> Pull:
        return Pull(self.simulator, self.clock, self.back_end, self.reset, user=user, choice=choice)

    def _empty(self) -> None:
        for path in self.folder.glob(f"{self.database.path.name}*"):
            path.unlink()
        self.simulator.reset()

    def _settings(self, rules: Rules) -> Settings:
        app = {
            "app_id": self.simulator.app_id,
            "secret": self.simulator.secret,
            "registration": rules.registration,
            "phone_conflict": rules.phone_conflict,
        }
        return Settings.load(
            environ={
                "WXLOGIN_ENV": "development",
                "WXLOGIN_APPS": json.dumps([app]),
                "WXLOGIN_MAX_SESSIONS": str(rules.max_sessions),
                "WXLOGIN_WECHAT_API_BASE": self.simulator.url,
                "WXLOGIN_SMS": "simulator",
                "WXLOGIN_PUBLIC_URL": self.url,
                "WXLOGIN_DATABASE_URL": f"sqlite:///{self.database.path.as_posix()}",
                "WXLOGIN_KEYS": f"{KEY_ID}:{self.sealing_key}",
            },
            env_file=None,
        )
