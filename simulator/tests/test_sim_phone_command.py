"""`wechat-simulator --phone`: the phone beside WeChat on one port, and its loud warnings."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from contextlib import contextmanager

import httpx2
import pytest
from click.testing import CliRunner

from wechat_simulator import cli
from wechat_simulator.phone.compiling import CompilingFailed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
BROKEN = "pages/home/home.wxml:3:7: 标签没有闭合 / unclosed tag"


@contextmanager
def serving(*arguments):
    """The command up and running: its address and what it has said, and it ends well."""
    command = [sys.executable, "-u", "-X", "utf8", "-W", "error", "-m", "wechat_simulator"]
    with subprocess.Popen(
        [*command, "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    ) as process:
        said = ""
        while "Ctrl+C" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        with httpx2.Client(base_url=re.search(r"http://[\d.:]+", said)[0], trust_env=False) as http:
            yield http, said
        process.send_signal(signal.SIGTERM)
        process.stdout.read()
    assert process.returncode == 0


def test_the_phone_is_served_beside_wechat(tmp_path):
    (tmp_path / "app.js").write_text("app()")
    with serving("--phone", str(tmp_path), "--forward", "http://127.0.0.1:1") as (http, said):
        assert f"{str(http.base_url).rstrip('/')}/desk/" in said
        assert http.get("/phone/app/app.js").text == "app()"
        assert http.get("/phone/config.json").json()["forward"] == {
            "http://127.0.0.1:1": "/server",
            "http://localhost:1": "/server",
        }
        assert http.get("/server/x").status_code == 502
        code = http.post("/sim/wx/login", json={"user_id": "ann"}).json()["code"]
        assert code


def test_without_the_option_there_is_neither_phone_nor_way_on():
    with serving() as (http, said):
        assert "/desk/" not in said
        assert {http.get(path).status_code for path in ("/desk/", "/phone/", "/server/")} == {404}


def test_foreign_codes_are_loudly_announced():
    """And off unless asked for."""
    with serving("--foreign-codes-user", "ann") as (http, said):
        assert "BEWARE: any unknown code signs in as ann" in said
        assert http.get("/sim/settings").json()["foreign_codes_user"] == "ann"
    with serving() as (http, said):
        assert "BEWARE" not in said
        assert http.get("/sim/settings").json()["foreign_codes_user"] is None


def test_a_mini_program_that_does_not_compile_says_where(tmp_path, monkeypatch):
    def refuse(source, target, *, tell):
        raise CompilingFailed(BROKEN)

    (tmp_path / "app.json").write_text("{}")
    monkeypatch.setattr(cli, "compile_app", refuse)
    shown = CliRunner().invoke(cli.main, ["--port", "0", "--phone", str(tmp_path)])
    assert shown.exit_code == 1
    assert BROKEN in shown.output


def test_a_way_on_without_a_phone_is_a_mistake():
    shown = CliRunner().invoke(cli.main, ["--forward", "http://127.0.0.1:8000"])
    assert shown.exit_code == 2
    assert "--phone" in shown.output


@pytest.mark.parametrize("wrong", ["127.0.0.1:8000", "http://127.0.0.1:8000/api"])
def test_a_server_is_named_by_its_origin(wrong):
    shown = CliRunner().invoke(cli.main, ["--forward", wrong])
    assert shown.exit_code == 2
    assert "http://127.0.0.1:8000" in shown.output
