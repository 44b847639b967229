"""The command `wxlogin dev` as a process: what its server is told, how it ends, what it shows."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points
from pathlib import Path

import httpx2
import pytest
from watchfiles import Change

from wxlogin_demo.dev.watching import Sources

DEV = [sys.executable, "-c", "from wxlogin_demo.dev.command import dev; dev()"]
PATIENCE = 20.0
TELLS = """
import json, os
names = [n for n in os.environ if n.startswith(("WXLOGIN", "WECHAT", "NO_PROXY"))]
print(json.dumps({n: os.environ[n] for n in names}))
"""
WAITS = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("told to stop", flush=True), sys.exit(3)))
print("up", flush=True)
time.sleep(60)
"""
NOT_ON_WINDOWS = pytest.mark.skipif(os.name == "nt", reason="signals that can be caught")


def shell(folder: Path, **changed: str) -> dict[str, str]:
    """A shell without a word of WeChat in its environment."""
    ours = ("WXLOGIN_", "WECHAT_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "TMPDIR": str(folder), "PYTHONUTF8": "1", **changed}


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def run(project: Path, tmp_path: Path) -> Run:
    """`run("--", "true")` is `wxlogin dev -- true` to its end, on any free port."""

    def run(*arguments: str, port: str = "0", **changed: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*DEV, "--port", port, *arguments],
            env=shell(tmp_path, **changed),
            cwd=project,
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE,
            check=False,
        )

    return run


class Running:
    """A session that stays up: the process, its address, and what it says of itself."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.url = ""

    def look_up(self) -> None:
        self.url = self.wait_for(r"(http://127\.0\.0\.1:\d+)/desk/")[1]

    def _read(self) -> None:
        assert self.process.stderr is not None
        self.said.extend(iter(self.process.stderr.readline, ""))

    def wait_for(self, pattern: str, *, times: int = 1) -> re.Match[str]:
        """What it says that fits, for the so-many-th time."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = list(re.finditer(pattern, "".join(self.said)))
            if len(found) >= times:
                return found[times - 1]
            time.sleep(0.02)
        raise AssertionError(f"{pattern} was not said in:\n{''.join(self.said)}")

    def close(self) -> None:
        self._reader.join()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()

    def stop(self, number: int) -> tuple[int, str]:
        """Exit code, and what the server printed in all."""
        self.process.send_signal(number)
        assert self.process.stdout is not None
        printed = self.process.stdout.read()
        return self.process.wait(PATIENCE), printed


@contextmanager
def staying(folder: Path, *arguments: str, **changed: str) -> Iterator[Running]:
    process = subprocess.Popen(
        [*DEV, "--port", "0", *arguments],
        env=shell(folder.parent, **changed),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    timer = threading.Timer(3 * PATIENCE, process.kill)
    timer.start()
    running = Running(process)
    try:
        running.look_up()
        yield running
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(3 * PATIENCE)
        timer.cancel()
        running.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as line:
        port: int = line.getsockname()[1]
        return port


def test_wxlogin_finds_it() -> None:
    (entry,) = entry_points(group="wxlogin.commands", name="dev")
    assert entry.load().name == "dev"


def test_the_server_is_told_where_wechat_is_and_which_app_it_serves(run: Run) -> None:
    done = run("--", sys.executable, "-c", TELLS)
    told = json.loads(done.stdout)
    assert done.returncode == 0
    assert told["WXLOGIN_ENV"] == "development"
    assert told["WXLOGIN_SMS"] == "simulator"
    assert re.fullmatch(r"wx[0-9a-f]{16}", told["WXLOGIN_APP_ID"])
    assert re.fullmatch(r"[0-9a-f]{32}", told["WXLOGIN_APP_SECRET"])
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", told["WXLOGIN_WECHAT_API_BASE"])
    for name in ("APP_ID", "APP_SECRET"):
        assert told[f"WECHAT_{name}"] == told[f"WXLOGIN_{name}"]
    assert told["WECHAT_API_BASE"] == told["WXLOGIN_WECHAT_API_BASE"]
    again = json.loads(run("--", sys.executable, "-c", TELLS).stdout)
    assert again["WXLOGIN_APP_SECRET"] == told["WXLOGIN_APP_SECRET"], "the same at each start"


def test_what_is_set_already_wins_only_where_one_says_so(run: Run) -> None:
    """And a secret of one's own is not shown."""
    own = {"WXLOGIN_APP_ID": "wx0123456789abcdef", "WXLOGIN_APP_SECRET": "5" * 32}
    without = run("--", sys.executable, "-c", TELLS, **own)
    assert json.loads(without.stdout)["WXLOGIN_APP_ID"] != own["WXLOGIN_APP_ID"]
    kept = run("--keep-env", "--", sys.executable, "-c", TELLS, **own)
    assert own.items() <= json.loads(kept.stdout).items()
    assert own["WXLOGIN_APP_SECRET"] not in kept.stderr
    assert f"WXLOGIN_APP_ID={own['WXLOGIN_APP_ID']}" in kept.stderr


def test_a_proxy_is_not_asked_for_ports_of_this_machine(run: Run) -> None:
    done = run("--", sys.executable, "-c", TELLS, http_proxy="http://127.0.0.1:1", NO_PROXY="a.b")
    assert json.loads(done.stdout)["NO_PROXY"] == "a.b,127.0.0.1,localhost"


def test_the_app_is_the_one_of_the_mini_program(run: Run, project: Path) -> None:
    """DevTools and the phone must name the same one."""
    config = {"appid": "wxfedcba9876543210", "miniprogramRoot": "./"}
    (project / "project.config.json").write_text(json.dumps(config))
    told = json.loads(run("--no-watch", "--", sys.executable, "-c", TELLS).stdout)
    assert told["WXLOGIN_APP_ID"] == "wxfedcba9876543210"


@pytest.mark.parametrize("code", [0, 7])
def test_it_ends_as_the_command_ends(run: Run, code: int) -> None:
    assert run("--", sys.executable, "-c", f"raise SystemExit({code})").returncode == code


@NOT_ON_WINDOWS
def test_a_command_that_dies_of_a_signal_is_told_as_a_shell_would(run: Run) -> None:
    assert run("--", "sh", "-c", "kill -KILL $$").returncode == 128 + signal.SIGKILL


def test_a_command_that_does_not_exist_is_127(run: Run) -> None:
    done = run("--", "no-such-command-at-all")
    assert done.returncode == 127
    assert "没有这个命令" in done.stderr
    assert "Traceback" not in done.stderr


def test_options_of_the_command_are_the_commands(run: Run) -> None:
    done = run(sys.executable, "-c", "import sys; print(sys.argv[1:])", "--port", "1")
    assert done.stdout.strip() == "['--port', '1']"


def test_a_port_somebody_named_and_somebody_took_is_said(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("--", "true", port=str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("wrong", ["127.0.0.1:8000", "http://127.0.0.1:8000/api"])
def test_a_server_that_is_no_origin_is_refused(run: Run, wrong: str) -> None:
    assert run("--server", wrong, "--", "true").returncode == 2
    assert run("--domain", wrong, "--", "true").returncode == 2


@NOT_ON_WINDOWS
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_reaches_the_server_and_its_code_comes_back(project: Path, number: int) -> None:
    script = WAITS.replace("SIGTERM", signal.Signals(number).name)
    with staying(project, "--", sys.executable, "-c", script) as running:
        assert running.process.stdout is not None
        assert running.process.stdout.readline() == "up\n"
        assert running.stop(number) == (3, "told to stop\n")
        assert "Traceback" not in "".join(running.said)
        with pytest.raises(httpx2.ConnectError):
            httpx2.get(running.url, trust_env=False)


COUNTS = """
import signal, sys, time
heard = []
signal.signal(signal.SIGINT, lambda *_: heard.append(1))
print("up", flush=True)
while not heard:
    time.sleep(0.05)
time.sleep(0.5)
sys.exit(10 + len(heard))
"""


@NOT_ON_WINDOWS
def test_ctrl_c_at_a_terminal_is_heard_once(project: Path, tmp_path: Path) -> None:
    """The terminal tells both of us; a server that hears it twice ends rudely."""
    ours, theirs = os.openpty()
    # Opened by the first process of a session, a terminal becomes the one that rules it.
    script = 'terminal=$1; shift; exec "$@" <"$terminal" >"$terminal" 2>&1'
    command = [*DEV, "--port", "0", "--", sys.executable, "-c", COUNTS]
    process = subprocess.Popen(
        ["sh", "-c", script, "sh", os.ttyname(theirs), *command],
        env=shell(tmp_path),
        cwd=project,
        start_new_session=True,
    )
    timer = threading.Timer(PATIENCE, process.kill)
    timer.start()
    printed = b""
    while b"up\r\n" not in printed:
        printed += os.read(ours, 4096)
    # Not before: a terminal that nobody has open yet reads as one that was hung up.
    os.close(theirs)
    os.write(ours, b"\x03")
    assert process.wait() == 11
    timer.cancel()
    os.close(ours)


@NOT_ON_WINDOWS
def test_without_a_command_it_stays_until_it_is_stopped(project: Path) -> None:
    with staying(project) as running:
        assert httpx2.get(f"{running.url}/sim/clock", trust_env=False).status_code == 200
        assert running.stop(signal.SIGTERM) == (0, "")


@NOT_ON_WINDOWS
def test_a_whole_login_of_the_phone_at_wxlogin_serve(project: Path) -> None:
    """502 until the server is up; then a code of the phone becomes a session, through here."""
    port = free_port()
    server = f"http://127.0.0.1:{port}"
    serve = [sys.executable, "-c", "from wxlogin.cli import main; main()", "serve"]
    command = ["--server", server, "--devtools-user", "ann", "--", *serve, "--port", str(port)]
    with staying(project, *command) as running:
        with httpx2.Client(base_url=running.url, trust_env=False, timeout=PATIENCE) as phone:
            config = phone.get("/phone/config.json").json()
            assert config["forward"][server] == "/server"

            def login(code: str) -> httpx2.Response:
                body = {"app_id": config["app_id"], "code": code}
                return phone.post("/server/v1/login", json=body)

            deadline = time.monotonic() + PATIENCE
            while (first := login("nothing")).status_code == 502 and time.monotonic() < deadline:
                time.sleep(0.1)
            assert first.status_code != 502
            me = {"app_id": config["app_id"], "user_id": "bob"}
            bob = login(phone.post("/sim/wx/login", json=me).json()["code"]).json()
            header = {"authorization": f"Bearer {bob['token']}"}
            assert phone.get("/server/v1/session", headers=header).status_code == 200
            refused = phone.get("/server/v1/session", headers={"authorization": "Bearer x"})
            assert refused.status_code == 401
            # What the real developer tool sends in tourist mode: the same words each time.
            ann = [login("the code is a mock one").json()["account"]["id"] for _ in range(2)]
            assert ann[0] == ann[1] != bob["account"]["id"]
        code, _ = running.stop(signal.SIGTERM)
        assert code == 0


def test_codes_of_the_real_tool_are_loudly_announced_and_off_by_default(run: Run) -> None:
    assert "BEWARE" in run("--devtools-user", "ann", "--", "true").stderr
    assert "BEWARE" not in run("--", "true").stderr


MINI_PROGRAM = {
    "app.json": '{"pages": ["pages/home/home"]}',
    "app.js": "App({})",
    "pages/home/home.js": "Page({data: {word: 'first'}})",
    "pages/home/home.json": "{}",
    "pages/home/home.wxml": "<view>{{word}}</view>",
    "pages/home/home.wxss": "view { color: red }",
}


NEEDS_COMPILER = pytest.mark.skipif(
    not (shutil.which("node") and (Path(__file__).parents[2] / "node_modules/esbuild").is_dir()),
    reason="Node 20.19 and `npm ci` are needed to compile a mini program",
)


@pytest.fixture
def mini_program(project: Path) -> Path:
    """A mini program where the command looks for one."""
    folder = project / "miniprogram"
    for name, text in MINI_PROGRAM.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@NOT_ON_WINDOWS
@NEEDS_COMPILER
def test_a_change_is_built_and_a_mistake_is_shown_until_it_is_mended(
    project: Path, mini_program: Path
) -> None:
    page = mini_program / "pages/home/home.wxml"
    with staying(project) as running:
        running.wait_for("✓ 小程序已编译")
        with httpx2.Client(base_url=running.url, trust_env=False) as client:
            first = client.get("/phone/app/app.js")
            assert first.status_code == 200
            page.write_text("<view>{{word}}")
            running.wait_for(r"home\.wxml:\d+:\d+: ")
            assert client.get("/phone/app/app.js").content == first.content
            address = client.get("/phone/config.json").json()["reload"]
            with client.stream("GET", address) as news:
                lines = news.iter_lines()
                told = next(line for line in lines if line.startswith("data: ["))
                assert "home.wxml" in told
                page.write_text("<view>second {{word}}</view>")
                assert "event: reload" in lines
            running.wait_for("✓ 小程序已编译", times=2)
            assert b"second" in client.get("/phone/app/app.js").content
        assert running.stop(signal.SIGTERM)[0] == 0
    assert [path.name for path in project.parent.iterdir()] == ["project"], "nothing is left behind"


def test_what_the_server_writes_beside_the_pages_is_no_change_of_them(mini_program: Path) -> None:
    is_change = Sources()
    for name, expected in (("pages/home/home.wxml", True), ("app.ts", True), ("a.PNG", True)):
        assert is_change(Change.modified, str(mini_program / name)) is expected
    for name in ("wxlogin.db", "wxlogin.db-wal", "wxlogin.db-changes", "server.log", "app.py"):
        assert not is_change(Change.modified, str(mini_program / name)), name
    assert not is_change(Change.modified, str(mini_program / "node_modules/x/index.js"))


def test_without_node_a_mini_program_that_was_named_is_not_replaced_by_ours(
    run: Run, mini_program: Path, tmp_path: Path
) -> None:
    named = ("--miniprogram", str(mini_program), "--", sys.executable, "-c", "print('ran')")
    done = run(*named, PATH=str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert "Node" in done.stderr


def test_without_node_the_server_runs_and_the_phone_has_our_own_mini_program(
    run: Run, mini_program: Path, tmp_path: Path
) -> None:
    """Half of it works all the same, and the rest is said."""
    done = run("--", sys.executable, "-c", "print('ran')", PATH=str(tmp_path))
    assert (done.returncode, done.stdout) == (0, "ran\n")
    assert "Node" in done.stderr
    assert "自带的示例小程序" in done.stderr
