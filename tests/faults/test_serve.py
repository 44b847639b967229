"""`wxlogin serve` as it is run: start, refuse to start, stop with requests in flight, numbers."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter

import httpx2
import pytest

KEYS = "k1:" + "A" * 43 + "="
STOPPED = (0, -signal.SIGTERM)
"""How a process ends that was asked to and did: uvicorn hands the signal on when it is done."""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return sock.getsockname()[1]


@pytest.fixture
def environment(wechat, database, tmp_path):
    """WXLOGIN_* of a server in development, and nothing else of ours."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("WXLOGIN_")}
    return {
        **kept,
        "TMPDIR": str(tmp_path),
        "WXLOGIN_ENV": "development",
        "WXLOGIN_APP_ID": wechat.app_id,
        "WXLOGIN_APP_SECRET": wechat.secret,
        "WXLOGIN_DATABASE_URL": f"sqlite:///{database}",
        "WXLOGIN_KEYS": KEYS,
        "WXLOGIN_WECHAT_API_BASE": wechat.url,
    }


@pytest.fixture
def serve(environment, tmp_path):
    """Starts `wxlogin serve`; a child of this process, ended and reaped at the end."""
    started = []

    def start(*arguments, port=None, wait=True, **changes):
        port = port or free_port()
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "from wxlogin.cli import main; main()",
                "serve",
                "--port",
                str(port),
                *arguments,
            ],
            env={**environment, **changes},
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        process.url = f"http://127.0.0.1:{port}"
        started.append(process)
        ends = time.monotonic() + 20
        while wait and time.monotonic() < ends:
            assert process.poll() is None, process.stderr.read().decode()
            try:
                with get(f"{process.url}/readyz") as answer:
                    if answer.status_code == 200:
                        break
            except httpx2.TransportError:
                time.sleep(0.02)
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
        process.stdout.close()
        process.stderr.close()


class get:
    """One GET, its connection closed at once."""

    def __init__(self, url, **how):
        with httpx2.Client(trust_env=False, verify=False, timeout=10) as client:
            self.answer = client.get(url, **how)

    def __enter__(self):
        return self.answer

    def __exit__(self, *exc):
        return None


async def logins_during(process, wechat, *, count, act):
    """`count` logins, `act` while they are in flight; what each got, or the fault it met."""
    wechat.fail("/sns/jscode2session", delay_seconds=0.6)
    codes = [wechat.login(f"u{i}") for i in range(count)]
    arrived = len(codes)
    limits = httpx2.Limits(max_connections=count, max_keepalive_connections=0)
    async with httpx2.AsyncClient(
        trust_env=False, verify=False, timeout=20, limits=limits
    ) as client:
        tasks = [
            asyncio.create_task(client.post(f"{process.url}/v1/login", json={"code": code}))
            for code in codes
        ]
        ends = time.monotonic() + 10
        # WeChat tells nobody that it was asked.
        while sum(map(wechat.exchanges, codes)) < arrived and time.monotonic() < ends:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        act()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    return Counter(
        end.status_code if isinstance(end, httpx2.Response) else type(end).__name__ for end in ends
    )


async def test_a_stop_answers_every_request_in_flight(serve, wechat, audit):
    """F22 in small: SIGTERM with 20 logins waiting for WeChat; 20 answers, out within 10 s."""
    process = serve()
    told = await logins_during(
        process, wechat, count=20, act=lambda: process.send_signal(signal.SIGTERM)
    )
    started = time.monotonic()
    assert told == {200: 20}
    assert process.wait(12) in STOPPED
    assert time.monotonic() - started < 10
    assert audit(people=20) == []


async def test_a_kill_answers_none_of_them(serve, wechat, audit):
    """The twin of the graceful stop: the same check is red for SIGKILL."""
    process = serve()
    told = await logins_during(process, wechat, count=10, act=process.kill)
    assert told[200] == 0
    process.wait(10)
    assert audit() == []


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_stop_leaves_nothing_behind_in_the_temporary_folder(serve, tmp_path, workers):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    process = serve("--workers", workers, TMPDIR=str(scratch))
    process.send_signal(signal.SIGTERM)
    assert process.wait(12) in STOPPED
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_stop_that_comes_while_it_starts_is_not_lost(serve, workers):
    """An orchestrator that changes its mind: SIGTERM right after the first line."""
    for _ in range(3):
        process = serve("--workers", workers, wait=False)
        assert b"wxlogin http://" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(12) in STOPPED


async def test_several_workers_stop_gracefully_too(serve, wechat, audit):
    process = serve("--workers", "2")
    told = await logins_during(
        process, wechat, count=20, act=lambda: process.send_signal(signal.SIGTERM)
    )
    assert told == {200: 20}
    process.wait(15)
    assert audit(people=20) == []


async def test_one_code_to_four_workers_of_serve_is_one_login(serve, wechat, audit):
    """The command as it is run, not a launcher: one socket, four workers, one file."""
    process = serve("--workers", "4")
    limits = httpx2.Limits(max_connections=100, max_keepalive_connections=0)
    async with httpx2.AsyncClient(
        trust_env=False, verify=False, timeout=20, limits=limits
    ) as client:
        for number in range(3):
            code = wechat.login(f"u{number}")
            answers = await asyncio.gather(
                *(client.post(f"{process.url}/v1/login", json={"code": code}) for _ in range(50))
            )
            told = Counter(a.status_code for a in answers)
            assert told == {200: 1, 400: 49}
            assert {a.json()["code"] for a in answers if a.status_code == 400} == {"code_used"}
            assert wechat.exchanges(code) == 1
    assert audit(people=3) == []


def test_metrics_are_on_the_operators_port_and_only_there(serve, wechat):
    """All workers together, Prometheus' text; the public port has none."""
    port = free_port()
    process = serve("--workers", "2", "--operator-listen", f"127.0.0.1:{port}")
    with httpx2.Client(trust_env=False, verify=False, timeout=10) as client:
        tokens = []
        for number in range(6):
            answer = client.post(
                f"{process.url}/v1/login", json={"code": wechat.login(f"u{number}")}
            )
            tokens.append(answer.json()["token"])
        for token in tokens:
            client.get(f"{process.url}/v1/session", headers={"Authorization": f"Bearer {token}"})
        assert client.get(f"{process.url}/metrics").status_code == 404
        ends = time.monotonic() + 10
        while time.monotonic() < ends:
            answer = client.get(f"http://127.0.0.1:{port}/metrics")
            found = re.search(r'wxlogin_session_checks_total{outcome="ok"} (\d+)', answer.text)
            if found and int(found[1]) == 6:
                break
            time.sleep(0.05)
        assert found
        assert int(found[1]) == 6
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert 'wxlogin_http_answers_total{route="POST /v1/login",status="200"} 6' in answer.text
        assert "wxlogin_step_seconds" in answer.text
        for secret in (wechat.secret, *tokens, wechat.openid("u0")):
            assert secret not in answer.text
        assert client.get(f"http://127.0.0.1:{port}/").status_code == 404
        assert client.get(f"http://127.0.0.1:{port}/v1/me").status_code == 404


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"WXLOGIN_KEYS": ""}, ["WXLOGIN_KEYS"]),
        ({}, ["WXLOGIN_WECHAT_API_BASE"]),
        (
            {"WXLOGIN_KEYS": "", "WXLOGIN_DATABASE_URL": "sqlite://", "WXLOGIN_LOG_LEVEL": "debug"},
            [
                "WXLOGIN_KEYS",
                "WXLOGIN_WECHAT_API_BASE",
                "WXLOGIN_DATABASE_URL",
                "WXLOGIN_LOG_LEVEL",
            ],
        ),
        ({"WXLOGIN_DATABASE_URL": "sqlite://"}, ["WXLOGIN_DATABASE_URL"]),
        (
            {"WXLOGIN_SESSION_TTL": "soon", "WXLOGIN_MAX_SESSIONS": "0", "WXLOGIN_ENV": "test"},
            ["WXLOGIN_SESSION_TTL", "WXLOGIN_MAX_SESSIONS", "WXLOGIN_ENV"],
        ),
    ],
)
def test_production_is_refused_with_every_variable_named(serve, wechat, changes, named):
    process = serve(wait=False, **{"WXLOGIN_ENV": "production", **changes})
    out, said = process.communicate(timeout=20)
    assert process.returncode == 2, said.decode()
    for name in named:
        assert name.encode() in said
    assert wechat.secret.encode() not in out + said
    assert KEYS[3:].encode() not in out + said


def test_in_production_there_is_no_document_unless_asked_for(serve):
    """A safe default; the WeChat base must be https there, so nothing here leaves the machine."""
    process = serve(WXLOGIN_ENV="production", WXLOGIN_WECHAT_API_BASE="https://127.0.0.1:9")
    for path in ("/docs", "/openapi.json"):
        with get(f"{process.url}{path}") as answer:
            assert answer.status_code == 404
    with get(f"{process.url}/healthz") as answer:
        assert answer.status_code == 200
        assert "server" not in answer.headers
    process.send_signal(signal.SIGTERM)
    assert process.wait(12) in STOPPED
    for line in process.stderr.read().decode().splitlines()[1:]:
        json.loads(line)  # JSON in production, one record a line


def test_in_development_no_key_is_needed_and_sessions_outlive_a_restart(serve, wechat):
    """http-api.md §10: the key is made once and kept in the database, with a warning."""
    process = serve(WXLOGIN_KEYS="")
    with httpx2.Client(trust_env=False, verify=False, timeout=10) as client:
        answer = client.post(f"{process.url}/v1/login", json={"code": wechat.login("ann")})
        headers = {"Authorization": f"Bearer {answer.json()['token']}"}
        process.send_signal(signal.SIGTERM)
        assert process.wait(12) in STOPPED
        said = process.stderr.read().decode()
        assert "WXLOGIN_KEYS" in said or "key" in said.lower()
        again = serve(WXLOGIN_KEYS="")
        assert client.get(f"{again.url}/v1/session", headers=headers).status_code == 200
        assert (
            client.post(f"{again.url}/v1/session/wechat-check", headers=headers).status_code == 200
        )
