"""The command `wxlogin demo`, as a process: exit codes, plain output, ports, signals."""

import io
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import httpx2
import pytest

from wxlogin_demo.command import choose_port, show
from wxlogin_demo.stage import Stage
from wxlogin_demo.terminal import Terminal
from wxlogin_demo.words import Tongue, tongue_for

Run = Callable[..., subprocess.CompletedProcess[str]]

NOT_ON_WINDOWS = pytest.mark.skipif(os.name == "nt", reason="sh, and signals that can be caught")
HOSTILE = {
    "WXLOGIN_ENV": "production",
    "WXLOGIN_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "WXLOGIN_WECHAT_API_BASE": "http://127.0.0.1:1",
    "http_proxy": "http://127.0.0.1:1",
    "HTTP_PROXY": "http://127.0.0.1:1",
}
FAILING = """
from wxlogin_demo import stage
from wxlogin_demo.command import demo

class Failing(stage.Stage):
    def __enter__(self):
        super().__enter__()
        self.simulator.fail("/sns/jscode2session", drop="after")
        return self

stage.Stage = Failing
demo()
"""


def test_once_walks_ten_steps_whatever_the_environment_says(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("WXLOGIN_ENV=production\nWXLOGIN_KEYS=nonsense\n")
    done = run("--once", "--port", "0", **HOSTILE)
    assert (done.returncode, done.stderr) == (0, "")
    numbers = re.findall(r"^ {1,2}(\d+)  \S", done.stdout, re.MULTILINE)
    assert numbers == [str(number) for number in range(1, 11)]
    assert "微信" in done.stdout
    assert "mini program" in done.stdout


def test_no_terminal_no_control_characters_and_no_broken_line(run: Run) -> None:
    printed = run("--once", "--port", "0", COLUMNS="40").stdout
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", printed)
    assert re.search(r'→  POST /v1/login \{.*"device": \{.*\}\}$', printed, re.MULTILINE)
    assert not re.search(r" $", printed, re.MULTILINE)


def test_what_looks_like_a_secret_is_nowhere(run: Run) -> None:
    done = run("--once", "--port", "0")
    text = done.stdout + done.stderr
    assert "AppSecret ●●●●●●●●" in text
    assert not re.search(r"\b[0-9a-f]{32}\b", text), "an AppSecret"
    assert not re.search(r"[A-Za-z0-9+/]{22}==|[A-Za-z0-9+/]{43}=", text), "a session_key, a key"
    assert not re.search(r"wxl_[0-9a-f-]{36}", text), "a whole token"


def test_nothing_is_lost_in_a_pipe_that_takes_ascii_alone(run: Run) -> None:
    done = run("--once", "--port", "0", PYTHONUTF8="0", LC_ALL="C", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "小程序 → 微信" in done.stdout


def test_lang_en_speaks_english_alone(run: Run) -> None:
    printed = run("--once", "--port", "0", "--lang", "en").stdout
    assert re.findall(r"[\u4e00-\u9fff]+", printed) == ["中文"], (
        "only the way to the other language"
    )


def test_a_failing_wechat_ends_the_process_with_1_and_names_the_step(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAILING, "--once", "--port", "0", "--lang", "en"],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1", "TMPDIR": str(tmp_path)},
        timeout=20,
        check=False,
    )
    assert done.returncode == 1
    assert "✗ failed: 4" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_port_somebody_named_and_somebody_took_is_said_in_both_languages(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run("--once", "--port", port)
    assert done.returncode == 1
    assert f"无法监听端口 {port}" in done.stderr
    assert f"cannot listen on port {port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_nobody_named_gives_way_to_a_free_one_and_it_is_said() -> None:
    out = io.StringIO()
    terminal = Terminal(Tongue("zh"), out)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(click.ClickException):
            choose_port(port, terminal, is_asked=True)
        with choose_port(port, terminal, is_asked=False) as line:
            assert line.getsockname()[1] != port
    assert f"端口 {port} 已被占用" in out.getvalue()


@NOT_ON_WINDOWS
def test_after_the_walk_it_points_to_the_page_which_is_there(running: Any) -> None:
    (address,) = re.findall(r"^   (http://127\.0\.0\.1:\d+/demo/)$", running.printed, re.MULTILINE)
    assert "在浏览器里打开手机" in running.printed
    page = httpx2.get(address, trust_env=False)
    assert "模拟，非微信 Simulated" in page.text
    running.stop(signal.SIGINT)


@pytest.mark.parametrize("opens", [True, False])
def test_a_browser_is_opened_only_for_who_asks(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, opens: bool
) -> None:
    opened: list[str] = []
    stopping = threading.Event()
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setattr(Terminal, "invite", lambda *_: stopping.set())
    terminal = Terminal(Tongue("zh"), io.StringIO())
    assert show(stage, terminal, once=False, opens=opens, stopping=stopping) == 0
    assert opened == [stage.page_url] * opens


def test_whoever_opens_the_page_is_nobody_yet(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The walk leaves an account and eight days behind: not for the page."""
    stopping = threading.Event()
    monkeypatch.setattr(Terminal, "invite", lambda *_: stopping.set())
    show(stage, Terminal(Tongue("zh"), io.StringIO()), once=False, stopping=stopping)
    assert stage.database.count_accounts() == 0
    assert abs(stage.clock() - datetime.now(UTC)) < timedelta(minutes=1)
    assert [fact["kind"] for fact in stage.stream.kept()] == ["reset"]


@NOT_ON_WINDOWS
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_cleanly_and_the_folder_is_gone(running: Any, number: int) -> None:
    assert len(running.state_folders()) == 1
    code, out, err = running.stop(number)
    assert (code, err) == (0, "")
    assert "已停止" in out
    assert running.state_folders() == []


@NOT_ON_WINDOWS
def test_a_reader_that_goes_away_leaves_nothing_behind(tmp_path: Path) -> None:
    command = (
        f'"{sys.executable}" -c "from wxlogin.cli import main; main()" demo --port 0 | head -1'
    )
    done = subprocess.run(
        ["sh", "-c", command],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1", "TMPDIR": str(tmp_path)},
        timeout=20,
        check=False,
    )
    assert done.stdout.startswith("wxlogin demo")
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("asked", "environ", "lang", "is_alone"),
    [
        ("en", {"LANG": "zh_CN.UTF-8"}, "en", True),
        (None, {"LANG": "zh_CN.UTF-8"}, "zh", False),
        (None, {"LANG": "C.UTF-8"}, "zh", False),
        (None, {"LC_ALL": "en_US.UTF-8", "LANG": "zh_CN.UTF-8"}, "en", False),
        (None, {"LANG": "de_DE.UTF-8"}, "en", False),
    ],
)
def test_the_language_is_the_one_asked_for_else_the_locales_else_chinese(
    asked: str | None, environ: dict[str, str], lang: str, is_alone: bool
) -> None:
    assert tongue_for(asked, environ) == Tongue(lang, is_alone)
