"""The command `wxlogin demo`. What takes time to import is imported when it runs."""

from __future__ import annotations

import signal
import socket
import sys
import threading
import webbrowser
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from wxlogin_demo.words import tongue_for

if TYPE_CHECKING:
    from wxlogin_demo.stage import Stage
    from wxlogin_demo.terminal import Terminal

DEFAULT_PORT = 8000
STOPPERS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


@click.command()
@click.option(
    "--port",
    default=DEFAULT_PORT,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="服务器端口 the server's port.",
)
@click.option("--once", is_flag=True, help="走完即退出，退出码 0 或 1 end after the walk, 0 or 1.")
@click.option(
    "--lang", type=click.Choice(["zh", "en"]), help="语言 the language; else the locale's."
)
@click.option(
    "--open", "opens", is_flag=True, help="走完后在浏览器里打开 open the page in a browser."
)
@click.pass_context
def demo(context: click.Context, port: int, once: bool, lang: str | None, opens: bool) -> None:
    """看一次完整的微信登录，无需 AppID A whole login, with no AppID and no network."""
    from wxlogin import logs
    from wxlogin_demo.listener import ServerEnded
    from wxlogin_demo.stage import Stage
    from wxlogin_demo.terminal import Terminal

    stopping = _stop_on_signals()
    terminal = Terminal(tongue_for(lang))
    is_port_asked = context.get_parameter_source("port") is not ParameterSource.DEFAULT
    line = choose_port(port, terminal, is_asked=is_port_asked)
    logs.configure(level="warning", as_json=False)
    try:
        with Stage(line) as stage:
            code = show(stage, terminal, once=once, opens=opens, stopping=stopping)
    except ServerEnded:
        raise click.ClickException("服务器没有启动，原因见上 the server did not start") from None
    if stopping.is_set():
        terminal.stopped()
    sys.exit(code)


def show(
    stage: Stage,
    terminal: Terminal,
    *,
    once: bool,
    stopping: threading.Event,
    opens: bool = False,
) -> int:
    """Walk, and unless `once` or something failed, stay until stopped, with the page; the exit
    code. `opens`: in a browser, too."""
    from wxlogin_demo.experiments import three_experiments
    from wxlogin_demo.walk import walk

    terminal.title(stage)
    checks = 0
    for step in walk(stage):
        terminal.step(step)
        checks += step.checks
        if step.has_failed:
            terminal.failed(step)
            return 1
        if stopping.is_set():
            # Cut short, `--once` must not report a walk that it did not make.
            return 1 if once else 0
    terminal.passed(checks)
    if once:
        return 0
    stage.begin_anew()  # whoever opens the page is nobody yet, as a first visitor is
    terminal.invite(stage.page_url, three_experiments(stage.url, stage.simulator.url))
    if opens:
        webbrowser.open(stage.page_url)
    # With a timeout, for an endless wait cannot be interrupted on Windows.
    while not stopping.wait(0.2):
        pass
    return 0


def choose_port(port: int, terminal: Terminal, *, is_asked: bool) -> socket.socket:
    """The port; where nobody asked for this one and it is taken, any free one."""
    from wxlogin_demo.listener import take_port

    try:
        return take_port(port)
    except OSError as error:
        if is_asked:
            raise click.ClickException(
                f"无法监听端口 {port}（{error.strerror}）：换一个 --port，或 --port 0 自动选择\n"
                f"       cannot listen on port {port} ({error.strerror}): name another --port, "
                "or --port 0 for any free one"
            ) from None
        terminal.port_moved(port)
        return take_port(0)


def _stop_on_signals() -> threading.Event:
    """Set by the first signal. An exception instead could hit the clearing up itself."""
    stopping = threading.Event()
    for name in STOPPERS:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: stopping.set())
    return stopping
