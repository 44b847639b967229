"""The one origin: who is let in, what stands where, and under which headers."""

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx2
import pytest

from wxlogin_demo import gate
from wxlogin_demo.listener import take_port
from wxlogin_demo.stage import Stage

POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; connect-src 'self'; "
    "frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; "
    "object-src 'none'"
)
PATHS = ("/demo/", "/demo/levers", "/demo/phone/", "/sim/wx/login", "/v1/session", "/")


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """One for all here: nothing that is asked changes anything."""
    with Stage(take_port(0)) as stage:
        yield stage


@pytest.fixture
def browser(stage: Stage) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=stage.url, trust_env=False) as client:
        yield client


def test_the_page_and_all_its_files_come_under_the_strict_policy(browser: httpx2.Client) -> None:
    page = browser.get("/demo/")
    assert page.status_code == 200
    assert page.headers["content-security-policy"] == POLICY
    named = [
        part.split('"')[0] for part in page.text.split('"') if part.startswith("/demo/static/")
    ]
    assert "/demo/static/main.js" in named
    for path in named:
        file = browser.get(path)
        assert (file.status_code, path) == (200, path)
        assert file.headers["content-security-policy"] == POLICY
        assert file.headers["x-content-type-options"] == "nosniff"


def test_the_page_says_that_it_is_simulated_and_has_nothing_inline(browser: httpx2.Client) -> None:
    page = browser.get("/demo/").text
    assert "模拟，非微信 Simulated" in page
    assert "<style" not in page
    assert "style=" not in page
    assert "<script>" not in page
    assert "onclick" not in page


@pytest.mark.parametrize(
    "path",
    [
        "/demo/static/tsconfig.json",
        "/demo/static/types.d.ts",
        "/demo/static/../stage.py",
        "/demo/static/%2e%2e/stage.py",
        "/demo/nothing",
    ],
)
def test_what_is_no_file_of_the_page_is_not_there(stage: Stage, path: str) -> None:
    # By hand: a client of HTTP would tidy the path up.
    with socket.create_connection(("127.0.0.1", urlsplit(stage.url).port or 0)) as line:
        line.sendall(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode())
        assert line.recv(100).split()[1] == b"404"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "evil.example:8000"},
        {"host": "127.0.0.1.evil.example"},
        {"host": "[::1"},
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:3000"},
        {"origin": "null"},
    ],
)
def test_a_strangers_page_is_turned_away_everywhere(
    browser: httpx2.Client, path: str, headers: dict[str, str]
) -> None:
    answer = browser.get(path, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["code"] == "remote_refused"


def test_without_the_gate_a_stranger_would_be_answered(
    browser: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wxlogin_demo.origin.refusal_of", lambda headers: None)
    assert browser.get("/demo/", headers={"host": "evil.example"}).status_code == 200


def test_two_hosts_in_one_request_are_no_host() -> None:
    both = [(b"host", b"127.0.0.1:8000"), (b"host", b"evil.example")]
    assert gate.refusal_of(both) == gate.FOREIGN_HOST
    assert gate.refusal_of([]) == gate.FOREIGN_HOST
    assert gate.refusal_of(both[:1]) is None


def test_its_own_page_is_welcome_under_every_name_of_this_machine(
    stage: Stage, browser: httpx2.Client
) -> None:
    port = urlsplit(stage.url).port
    for name in ("127.0.0.1", "localhost", "[::1]"):
        headers = {"host": f"{name}:{port}", "origin": f"http://{name}:{port}"}
        assert browser.get("/demo/", headers=headers).status_code == 200


def test_the_root_leads_to_the_page(browser: httpx2.Client) -> None:
    for path in ("/", "/demo"):
        answer = browser.get(path)
        assert (answer.status_code, answer.headers["location"]) == (307, "/demo/")


def test_phones_reach_wechat_but_no_stage_direction_and_no_secret(
    stage: Stage, browser: httpx2.Client
) -> None:
    body = {"app_id": stage.simulator.app_id, "user_id": "ann"}
    assert browser.post("/sim/wx/login", json=body).json()["errMsg"] == "login:ok"
    for path in ("/sim/apps", "/sim/log", "/sim/reset", "/sim/wx/../apps"):
        answer = browser.get(path)
        assert answer.status_code == 404
        assert stage.simulator.secret not in answer.text


def test_a_phone_learns_of_its_person_but_no_openid(stage: Stage, browser: httpx2.Client) -> None:
    told = browser.post("/sim/users", json={"user_id": "ann", "phone": "+8613812345678"})
    assert told.json()["phone"] == "+8613812345678"
    assert stage.simulator.openid("ann") not in told.text
    for wrong in ({}, {"user_id": 5}, {"user_id": "ann", "phone": "12"}):
        assert browser.post("/sim/users", json=wrong).status_code == 400
    assert browser.get("/sim/users").status_code == 400


PLACE = "/demo/phone/bob/phone-2"


def test_each_phone_has_a_way_of_its_own_to_the_server(
    stage: Stage, browser: httpx2.Client
) -> None:
    config = browser.get(f"{PLACE}/config.json").json()
    assert config["app_id"] == stage.simulator.app_id
    assert config["sim"] == "/sim"
    way = f"{PLACE}/server"
    assert config["forward"] == {"http://127.0.0.1:8000": way, stage.url: way}
    assert browser.get(f"{way}/v1/session").json()["code"] == "session_missing"
    assert browser.get(f"{way}/readyz").status_code == 200
    assert [fact["phone"] for fact in stage.stream.kept()][-1] == "bob/phone-2"


def test_a_phone_named_in_the_query_is_led_to_its_place(browser: httpx2.Client) -> None:
    for query, place in (
        ("", "/demo/phone/ann/phone-1/?user=ann&device=phone-1"),
        ("?device=", "/demo/phone/ann/phone-1/?user=ann&device=phone-1"),
        ("?user=bob&device=phone-2", f"{PLACE}/?user=bob&device=phone-2"),
        ("?user=bob&dark=1", "/demo/phone/bob/phone-1/?user=bob&device=phone-1&dark=1"),
    ):
        assert browser.get(f"/demo/phone/{query}").headers["location"] == place
    for wrong in ("?user=a%2Fb", "?user=%0d%0aset-cookie:x", "x", "a/b", "a/<b>/"):
        assert browser.get(f"/demo/phone/{wrong}").status_code == 404


def test_the_servers_own_pages_are_where_they_were(browser: httpx2.Client) -> None:
    assert browser.get("/docs").status_code == 200
    assert browser.get("/v1/session").json()["code"] == "session_missing"
