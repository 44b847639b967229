"""The stage: WeChat and the phone's side, the server, its database, and one clock for all."""

import secrets
import socket
import tempfile
from base64 import b64encode
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from wechat_simulator import App, Simulator
from wxlogin.server import WxLogin
from wxlogin.settings import Settings
from wxlogin_demo.clock import Clock
from wxlogin_demo.database import Database
from wxlogin_demo.listener import Listener
from wxlogin_demo.watcher import Watcher

APP_ID = "wxdemodemodemodemo"
"""Looks like an AppID, and is nobody's: real ones are hexadecimal after `wx`."""
KEY_ID = "k1"


class Stage:
    """`with Stage(take_port(8000)) as stage:` everything runs inside, and is gone afterwards.

    AppSecret and sealing key are made up anew each time. No setting is read from the
    environment: a `.env` of the folder the demo is started in must not lead it anywhere.
    """

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._open = ExitStack()
        app = App(APP_ID, secrets.token_hex(16), union_group="demo")
        self.simulator = Simulator(apps=[app])
        self.clock = Clock(self.simulator)
        self.watcher = Watcher()
        self.sealing_key = b64encode(secrets.token_bytes(32)).decode()
        self.url = ""

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            opening.enter_context(self._line)
            # A file that Windows still holds must not turn a good end into a traceback.
            folder = tempfile.TemporaryDirectory(prefix="wxlogin-demo-", ignore_cleanup_errors=True)
            self.folder = Path(opening.enter_context(folder))
            self.database = Database(self.folder / "wxlogin.db")
            opening.enter_context(self.simulator)
            wx = WxLogin(self._settings(), clock=self.clock, observer=self.watcher)
            self.url = opening.enter_context(Listener(wx.asgi, self._line)).url
            self._open = opening.pop_all()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._open.close()

    def _settings(self) -> Settings:
        return Settings.load(
            environ={
                "WXLOGIN_ENV": "development",
                "WXLOGIN_APP_ID": self.simulator.app_id,
                "WXLOGIN_APP_SECRET": self.simulator.secret,
                "WXLOGIN_WECHAT_API_BASE": self.simulator.url,
                "WXLOGIN_SMS": "simulator",
                "WXLOGIN_DATABASE_URL": f"sqlite:///{self.database.path.as_posix()}",
                "WXLOGIN_KEYS": f"{KEY_ID}:{self.sealing_key}",
            },
            env_file=None,
        )
