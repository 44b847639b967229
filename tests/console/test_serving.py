"""`wxlogin console` and `wxlogin operator` as they are typed."""

import os
import re
import signal
import socket
import subprocess
import sys
import time

import httpx2
import pyotp
import pytest

from tests.console.desk import MARK

KEYS = "k1:" + "A" * 43 + "="
STOPPED = (0, -signal.SIGTERM)


@pytest.fixture
def environment(wechat, database, tmp_path):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("WXLOGIN_")}
    return {
        **kept,
        "PYTHONUTF8": "1",
        "TMPDIR": str(tmp_path),
        "WXLOGIN_ENV": "development",
        "WXLOGIN_APP_ID": wechat.app_id,
        "WXLOGIN_APP_SECRET": wechat.secret,
        "WXLOGIN_DATABASE_URL": f"sqlite:///{database}",
        "WXLOGIN_KEYS": KEYS,
        "WXLOGIN_WECHAT_API_BASE": wechat.url,
    }


COMMAND = [sys.executable, "-c", "from wxlogin.cli import main; main()"]


@pytest.fixture
def typed(environment, tmp_path):
    def run(*words, code=0, **changes):
        done = subprocess.run(
            [*COMMAND, *words],
            env={**environment, **changes},
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        assert done.returncode == code, done.stdout + done.stderr
        return done

    return run


@pytest.fixture
def served(environment, tmp_path):
    """Starts `wxlogin console`; a child of this process, ended and reaped at the end."""
    started = []

    def start(*words, **changes):
        with socket.create_server(("127.0.0.1", 0)) as sock:
            port = sock.getsockname()[1]
        process = subprocess.Popen(
            [*COMMAND, "console", "--port", str(port), *words],
            env={**environment, **changes},
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        started.append(process)
        process.url = f"http://127.0.0.1:{port}"
        ends = time.monotonic() + 30
        while time.monotonic() < ends:
            assert process.poll() is None, process.stderr.read().decode()
            try:
                with browser(process.url) as client:
                    if client.get("/readyz").status_code == 200:
                        break
            except httpx2.TransportError:
                time.sleep(0.05)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        process.stderr.close()


def browser(url):
    return httpx2.Client(base_url=url, trust_env=False, timeout=10)


def shown_by(done):
    return dict(re.findall(r"^(\w+) +(.+)$", done.stdout, re.MULTILINE))


def code_of(shown):
    secret = re.search(r"secret=([A-Z2-7]+)", shown["totp"])[1]
    return pyotp.TOTP(secret).now()


def test_the_first_operator_is_made_at_the_terminal_and_signs_in(typed, served):
    shown = shown_by(typed("operator", "add", "li.lei", "--role", "admin"))
    assert (shown["name"], shown["role"]) == ("li.lei", "admin")
    process = served()
    body = {"name": "li.lei", "password": shown["password"], "totp": code_of(shown)}
    with browser(process.url) as client:
        assert client.get("/v1/admin/me").status_code == 401
        answer = client.post("/v1/admin/sign-in", json=body, headers=MARK)
        assert answer.status_code == 200, answer.text
        assert "content-security-policy" in answer.headers
        assert "server" not in answer.headers
        assert client.get("/v1/admin/me").json()["operator"]["role"] == "admin"
        assert client.get("/v1/admin/audit/export").text.startswith("\ufeffid,")
        assert client.get("/openapi.json").status_code == 404
        # What is typed elsewhere is in force here at once.
        typed("operator", "disable", "li.lei")
        assert client.get("/v1/admin/me").json()["code"] == "session_revoked"
    process.send_signal(signal.SIGTERM)
    assert process.wait(15) in STOPPED
    said = process.stderr.read().decode()
    for secret in (shown["password"], shown["totp"], KEYS[3:]):
        assert secret not in said


def test_a_qr_code_is_drawn_and_nothing_is_shown_twice(typed):
    done = typed("operator", "add", "li.lei", "--role", "support")
    first = shown_by(done)
    assert "█" in done.stderr or "▄" in done.stderr
    listed = typed("operator", "list").stdout
    assert "li.lei  support" in listed
    assert first["password"] not in listed
    second = shown_by(typed("operator", "reset", "li.lei"))
    assert second["password"] != first["password"]
    assert second["totp"] != first["totp"]
    typed("operator", "disable", "li.lei")
    assert "disabled" in typed("operator", "list").stdout
    typed("operator", "disable", "li.lei", "--undo")
    assert "disabled" not in typed("operator", "list").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "li lei", "--role", "admin"), "2 to 64 letters"),
        (("disable", "nobody"), "没有这个操作员"),
        (("reset", "nobody"), "there is no such operator"),
    ],
)
def test_what_is_typed_wrong_is_told_in_a_line(typed, words, said):
    assert said in typed("operator", *words, code=1).stderr


def test_a_name_is_taken_once(typed):
    typed("operator", "add", "li.lei", "--role", "admin")
    assert "somebody has it" in typed("operator", "add", "LI.LEI", "--role", "admin", code=1).stderr


PRODUCTION = {
    "WXLOGIN_ENV": "production",
    "WXLOGIN_WECHAT_API_BASE": "https://127.0.0.1:9",
}


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "console.example"])
def test_in_production_plain_http_is_for_this_machine_alone(typed, host):
    said = typed("console", "--host", host, code=2, **PRODUCTION).stderr
    assert "--behind-tls" in said


def test_in_production_on_loopback_it_starts_and_has_no_operator(served):
    process = served(**PRODUCTION)
    with browser(process.url) as client:
        assert client.get("/v1/admin/openapi.json").status_code == 401
        for name, password in (("admin", "admin"), ("root", ""), ("wxlogin", "wxlogin")):
            body = {"name": name, "password": password or "x", "totp": "000000"}
            answer = client.post("/v1/admin/sign-in", json=body, headers=MARK)
            assert answer.status_code == 401
    process.send_signal(signal.SIGTERM)
    process.wait(15)
    assert "operator add" in process.stderr.read().decode()


def test_behind_tls_the_cookie_is_secure(typed, served):
    shown = shown_by(typed("operator", "add", "li.lei", "--role", "admin", **PRODUCTION))
    process = served("--behind-tls", **PRODUCTION)
    body = {"name": "li.lei", "password": shown["password"], "totp": code_of(shown)}
    with browser(process.url) as client:
        answer = client.post("/v1/admin/sign-in", json=body, headers=MARK)
    assert "Secure" in answer.headers["set-cookie"].split("; ")


def test_no_operator_comes_with_the_package_or_its_tables(rows):
    assert rows("SELECT count(*) FROM wxlogin_operator") == [(0,)]
