"""The curl walk of the README, as it stands there; only the two ports are others."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVER, SIMULATOR = "8000", "9180"
STARTS = {"wxlogin serve": SERVER, "wechat-simulator": SIMULATOR}


def free_port() -> str:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return str(listener.getsockname()[1])


def wait_for(port: str) -> None:
    give_up = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", int(port)), timeout=1).close()
        except OSError:
            assert time.monotonic() < give_up, f"nothing listens on {port}"
            time.sleep(0.05)
        else:
            return


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[list[dict[str, object]]]:
    """What each curl of the walk answered; {} where it answered nothing."""
    if sys.platform == "win32" or not (shutil.which("bash") and shutil.which("curl")):
        pytest.skip("the walk needs bash and curl")
    ports = {SERVER: free_port(), SIMULATOR: free_port()}
    text = (ROOT / "README.md").read_text("utf-8")
    section = text[text.index("## With curl") : text.index("## Settings")]
    start, steps = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    for command, port in STARTS.items():
        start = re.sub(rf"^{command}", f"{command} --port {ports[port]}", start, flags=re.MULTILINE)
    # The settings that `init` wrote name the simulator's usual port.
    start = start.replace("set -a;", f"sed -i.bak s/{SIMULATOR}/{ports[SIMULATOR]}/ .env; set -a;")
    for port, other in ports.items():
        steps = steps.replace(f"localhost:{port}", f"localhost:{other}")
    steps = re.sub(r"^curl .*$", r"\g<0>; echo", steps, flags=re.MULTILINE)
    environ = {k: v for k, v in os.environ.items() if not k.startswith("WXLOGIN_")}
    environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environ['PATH']}"
    shell = subprocess.Popen(
        ["bash", "-e"],
        cwd=tmp_path,
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # so that what it started can be ended with it
    )
    assert shell.stdin is not None
    assert shell.stdout is not None
    try:
        shell.stdin.write(start.replace("&\n", "> /dev/null 2>&1 &\n"))
        shell.stdin.flush()
        for port in ports.values():
            wait_for(port)
        shell.stdin.write(steps)
        shell.stdin.write("echo END\n")
        shell.stdin.flush()
        answers: list[dict[str, object]] = []
        for line in iter(shell.stdout.readline, "END\n"):
            assert line, "the walk ended before its end"
            if line.startswith("{"):
                answers.append(json.loads(line))
        yield answers
    finally:
        os.killpg(shell.pid, signal.SIGTERM)
        shell.stdin.close()
        shell.stdout.close()
        shell.wait(20)


def test_the_walk_answers_what_the_readme_says(walk: list[dict[str, object]]) -> None:
    login, session, again, over, log = walk
    assert str(login["token"]).startswith("wxl_")
    assert session["session_id"] == login["session_id"]
    assert again["code"] == "code_used"
    assert (over["code"], over["reason"]) == ("session_revoked", "logged_out")
    assert isinstance(log["items"], list)
    assert [item["path"] for item in log["items"]] == ["/sns/jscode2session"]
