"""One run of `wxlogin dev`: everything it starts, and the order in which it ends."""

import os
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from wechat_simulator import Settings, Simulator
from wechat_simulator.phone.builds import Builds
from wechat_simulator.phone.compiling import CompilerMissing, find_node
from wechat_simulator.phone.gateway import Gateway
from wechat_simulator.phone.tunnel import Tunnel
from wechat_simulator.server import Listener
from wxlogin_demo.dev.child import Child
from wxlogin_demo.dev.environment import environment_for, shown, without_proxy
from wxlogin_demo.dev.project import Project, apps_of, look_over
from wxlogin_demo.dev.start_page import say, start_page, tell_build, warn
from wxlogin_demo.dev.watching import Watching

SHIPPED = Path(__file__).parents[1] / "miniprogram"
SHIPPED_SERVER = "http://127.0.0.1:8000"
"""Our own mini program, compiled, and the server it is written for."""


class PortTaken(Exception):
    """Somebody else listens there."""


@dataclass(frozen=True, slots=True)
class Session:
    """What was asked for on the command line."""

    mini_program: Path | None
    server: str
    domains: tuple[str, ...]
    user: str
    devtools_user: str | None
    is_watching: bool
    is_keeping: bool

    def run(self, command: Sequence[str], *, port: int, may_move: bool) -> int:
        """Runs the command within; its exit code. Raises PortTaken, NotStarted, CompilerMissing."""
        project = look_over(Path(), self.mini_program)
        inherited = dict(os.environ)
        kept = inherited if self.is_keeping else {}
        simulator = Simulator(
            apps=apps_of(environment_for(project, wechat="", kept=kept)),
            settings=Settings(foreign_codes_user=self.devtools_user),
        )
        with ExitStack() as open_things:
            builds = self._builds(project, open_things)
            gateway = Gateway(
                simulator,
                builds or SHIPPED,
                server=self.server,
                domains=self.domains if builds else (*self.domains, SHIPPED_SERVER),
            )
            listener = _listen(gateway, port, may_move=may_move)
            listener.start()
            open_things.callback(listener.stop)
            given = environment_for(project, wechat=listener.url, kept=kept)
            start_page(
                self, url=listener.url, is_shipped=builds is None, env=shown(given, kept=kept)
            )
            child = Child(command, {**inherited, **given, **without_proxy(inherited)})
            if builds is not None:
                watching = Watching(builds, told=tell_build, is_watching=self.is_watching)
                open_things.enter_context(watching)
            return child.run()

    def _builds(self, project: Project, open_things: ExitStack) -> Builds | None:
        if project.mini_program is None:
            return None
        try:
            find_node()
        except CompilerMissing as missing:
            if self.mini_program is not None:
                # Who names a mini program does not want to look at another one.
                raise
            warn(str(missing))
            return None
        work = tempfile.TemporaryDirectory(prefix="wxlogin-dev-", ignore_cleanup_errors=True)
        folder = Path(open_things.enter_context(work))
        return Builds(project.mini_program, folder, tell=say)


def _listen(gateway: Gateway, port: int, *, may_move: bool) -> Listener:
    try:
        return Listener(gateway, port=port, ws=Tunnel)
    except OSError as error:
        if not may_move:
            raise PortTaken(error.strerror) from None
        warn(f"端口 {port} 已被占用，改用空闲端口 port {port} is taken: another one is used")
        return Listener(gateway, ws=Tunnel)
