"""`wxlogin serve` and its operator's listener, as processes."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress

import httpx2
import pytest

KEYS = "k1:" + "A" * 43 + "="


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return sock.getsockname()[1]


def is_served(port):
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@pytest.fixture
def serve(wechat, database, folder):
    """Starts `wxlogin serve`, waits until it is ready; a process group of its own, ended after."""
    started = []

    def start(*words, **changes):
        port = free_port()
        environ = {
            "ENV": "development",
            "APP_ID": wechat.app_id,
            "APP_SECRET": wechat.secret,
            "DATABASE_URL": f"sqlite:///{database}",
            "KEYS": KEYS,
            "WECHAT_API_BASE": wechat.url,
            **changes,
        }
        kept = {k: v for k, v in os.environ.items() if not k.startswith("WXLOGIN_")}
        errors = (folder / "stderr").open("w+b")
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "from wxlogin.cli import main; main()",
                "serve",
                "--port",
                str(port),
                *words,
            ],
            env={**kept, **{f"WXLOGIN_{k}": v for k, v in environ.items()}, "PYTHONUTF8": "1"},
            cwd=folder,
            stderr=errors,
            start_new_session=True,
        )
        process.port = port
        process.said = lambda: (folder / "stderr").read_text("utf-8")
        started.append((process, errors))
        ends = time.monotonic() + 20
        with httpx2.Client(trust_env=False, verify=False, timeout=10) as client:
            while time.monotonic() < ends:
                assert process.poll() is None, process.said()
                with suppress(httpx2.TransportError):
                    if client.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                        return process
                time.sleep(0.05)
        raise AssertionError(process.said())

    yield start
    for process, errors in started:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(15)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        errors.close()


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_workers_end_when_their_master_is_killed(serve):
    """Orphans would serve on with old settings, and hold the port against the next start."""
    process = serve("--workers", "2")
    process.kill()
    process.wait(5)
    ends = time.monotonic() + 8
    while is_served(process.port) and time.monotonic() < ends:
        time.sleep(0.05)
    assert not is_served(process.port)
    assert "it stops too" in process.said()


def test_a_variable_without_effect_is_warned_of_at_the_start(serve):
    process = serve(SESION_TTL="1d")
    assert "WXLOGIN_SESION_TTL" in process.said()
    assert "did you mean WXLOGIN_SESSION_TTL?" in process.said()


def test_the_listener_of_metrics_answers_what_scrapers_ask(serve):
    port = free_port()
    serve("--operator-listen", str(port))
    base = f"http://127.0.0.1:{port}"
    with httpx2.Client(trust_env=False, verify=False, timeout=10) as client:
        assert client.get(f"{base}/metrics?name=x").status_code == 200
        head = client.head(f"{base}/metrics")
        assert (head.status_code, head.content) == (200, b"")
        assert int(head.headers["content-length"]) > 0
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "BREW"):
            answer = client.request(method, f"{base}/metrics", content=b"x" * 1000)
            assert answer.status_code == 405
            assert answer.headers["allow"] == "GET, HEAD"
            assert answer.headers["content-type"].startswith("text/plain")
        assert client.get(f"{base}/metrics/").status_code == 404


def test_a_line_in_development_shows_the_request_it_is_of(serve):
    process = serve(LOG_LEVEL="info")
    with httpx2.Client(trust_env=False, verify=False, timeout=10) as client:
        answer = client.post(
            f"http://127.0.0.1:{process.port}/v1/login",
            json={"code": "nobody-has-this-code"},
            headers={"X-Request-Id": "request-of-ann"},
        )
    assert answer.headers["x-request-id"] == "request-of-ann"
    ends = time.monotonic() + 5
    while "request_id=request-of-ann" not in process.said() and time.monotonic() < ends:
        time.sleep(0.05)
    assert "request_id=request-of-ann" in process.said()
    for line in process.said().splitlines():
        assert "request_id=-" not in line
