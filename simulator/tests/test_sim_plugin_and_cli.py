"""The pytest plugin and the command line, each as a stranger would use it."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from click.testing import CliRunner

import wechat_simulator
from wechat_simulator.cli import main

STRANGERS_TEST = """
import httpx2

def test_three_lines(wechat):
    code = wechat.login("ann")
    wechat.fail("/sns/jscode2session", errcode=-1, times=1)
    params = {"appid": wechat.app_id, "secret": wechat.secret, "js_code": code,
              "grant_type": "authorization_code"}
    with httpx2.Client(base_url=wechat.url, trust_env=False) as client:
        told = [client.get("/sns/jscode2session", params=params).json() for _ in range(3)]
    assert [one.get("errcode", 0) for one in told] == [-1, 0, 40163]
    assert wechat.exchanges(code) == 3

def test_a_world_of_its_own(wechat):
    assert wechat.log() == []
"""


def test_the_plugin_gives_a_fixture_to_any_project(tmp_path):
    """Entry point pytest11; warnings are errors, so no socket or loop is left open."""
    (tmp_path / "test_strangers.py").write_text(STRANGERS_TEST)
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"]
    done = subprocess.run([*command, "."], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_the_exported_names_are_pinned():
    """A name dropped is somebody's broken test."""
    assert wechat_simulator.__all__ == [
        *("Answer", "App", "InProcessTransport", "LineCut", "Problem"),
        *("Settings", "Simulator", "User"),
    ]
    assert all(hasattr(wechat_simulator, name) for name in wechat_simulator.__all__)


def test_the_help_teaches():
    """What it is, and three curl lines."""
    shown = CliRunner().invoke(main, ["--help"])
    assert shown.exit_code == 0
    assert shown.output.count("curl ") >= 3
    assert "非腾讯官方项目" in shown.output
    for option in ("--host", "--port", "--app", "--allow-remote"):
        assert option in shown.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--host", "0.0.0.0"], "--allow-remote"),
        (["--host", "::"], "--allow-remote"),
        (["--app", "nosecret"], "ID:SECRET"),
        (["--app", "bad id:s3cr3t"], "ID:SECRET"),
        (["--port", "70000"], "--port"),
    ],
)
def test_unsafe_and_wrong_arguments_are_refused(arguments, words):
    """Beyond loopback only when asked for; no secret in the message."""
    shown = CliRunner().invoke(main, arguments)
    assert shown.exit_code == 2
    assert words in shown.output
    assert "s3cr3t" not in shown.output


def test_a_taken_port_is_told_in_plain_words(wechat):
    """No traceback."""
    port = wechat.url.rsplit(":", 1)[1]
    shown = CliRunner().invoke(main, ["--port", port])
    assert shown.exit_code == 1
    assert "--port" in shown.output


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_stopped(how):
    """The banner names the URL; a signal ends it with status 0; the given secret stays unseen."""
    secret = "aVerySecretSecret"
    command = [sys.executable, "-u", "-W", "error", "-m", "wechat_simulator", "--port", "0"]
    environment = {**os.environ, "PYTHONUTF8": "1"}
    with subprocess.Popen(
        [*command, "--app", f"wxmine:{secret}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        env=environment,
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        url = re.search(r"http://127\.0\.0\.1:\d+", first)[0]
        code = httpx2.post(f"{url}/sim/wx/login", json={"user_id": "ann"}, trust_env=False).json()
        query = f"appid=wxmine&secret={secret}&js_code={code['code']}"
        answer = httpx2.get(
            f"{url}/sns/jscode2session?{query}&grant_type=authorization_code", trust_env=False
        )
        assert "openid" in answer.json()
        process.send_signal(how)
        rest = process.stdout.read()
    assert process.returncode == 0
    assert secret not in first + rest
    assert "jscode2session?appid=wxmine&secret=SECRET" in rest


def readme(name):
    return (Path(__file__).parent.parent / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_python_of_the_readme_runs(name, wechat):
    """What stands in the README is run."""
    blocks = re.findall(r"```python\n(.*?)```", readme(name), flags=re.DOTALL)
    assert blocks
    for block in blocks:
        names = {"__name__": "readme"}
        exec(compile(block, name, "exec"), names)
        for test_name, function in list(names.items()):
            if test_name.startswith("test_"):
                function(wechat)


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_faults_of_the_readme_are_accepted(name, http):
    """Every JSON line of the cookbook is a fault the simulator takes."""
    lines = re.findall(r"`(\{\"path\": .*?\})`", readme(name))
    assert len(lines) >= 8
    for line in lines:
        answer = http.post("/sim/faults", json=json.loads(line))
        assert answer.status_code == 200, line


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_curl_lines_of_the_readme_work(name, http):
    """AppID and secret in them are those of every run."""
    lines = [shlex.split(line) for line in readme(name).splitlines() if line.startswith("curl ")]
    assert len(lines) == 3
    code = ""
    for words in lines:
        path = words[-1].removeprefix("localhost:9180").replace("CODE", code)
        if "-d" in words:
            answer = http.post(path, content=words[words.index("-d") + 1])
        else:
            answer = http.get(path)
        assert answer.status_code == 200
        assert answer.json().get("errcode", 0) == 0
        code = answer.json().get("code", code)


def test_both_readmes_name_every_call(http):
    """No call undocumented, in either language."""
    from wechat_simulator.sim_side import CALLS, OUTGOING

    for name in ("README.md", "README.zh-CN.md"):
        text = readme(name)
        missing = [path for path in [*CALLS, *OUTGOING] if path not in text]
        assert not missing, name
