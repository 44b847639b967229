"""Each lever's effect, as a phone and its server see it."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from wxlogin_demo.levers import GROUPS, LEVERS
from wxlogin_demo.stage import Stage

CREDIT_CODE = "91350100M000100Y43"


class Hands:
    """One person at the page: their phone, and the levers."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.client = httpx2.Client(base_url=stage.url, trust_env=False, timeout=10)

    def pull(self, name: str, **sent: Any) -> httpx2.Response:
        return self.client.post(
            f"/demo/levers/{name}", json=sent, headers={"origin": self.stage.url}
        )

    def login(self, user: str = "ann", device: str = "phone-1") -> httpx2.Response:
        code = self.stage.simulator.login(user, device=device)
        body = {"code": code, "device": {"id": f"{user}-{device}"}}
        return self.client.post("/v1/login", json=body)

    def token(self, user: str = "ann", device: str = "phone-1") -> str:
        return str(self.login(user, device).json()["token"])

    def check(self, token: str) -> str:
        """`ok`, or why the session is over."""
        answer = self.client.get("/v1/session", headers={"authorization": f"Bearer {token}"})
        return str(answer.json().get("code", "ok"))


@pytest.fixture
def hands(stage: Stage) -> Iterator[Hands]:
    hands = Hands(stage)
    yield hands
    hands.client.close()


def test_every_lever_says_in_both_languages_what_will_be_seen(hands: Hands) -> None:
    listed = hands.client.get("/demo/levers").json()
    names = [lever["name"] for group in listed["groups"] for lever in group["levers"]]
    assert names == list(LEVERS)
    assert len(set(names)) == len(names)
    for group in listed["groups"]:
        for lever in group["levers"]:
            for words in (lever["title"], lever["see"]):
                assert words["zh"]
                assert words["en"]
            assert lever["direction"] or lever["opens"] or LEVERS[lever["name"]].act


def test_the_list_says_how_levers_stand(hands: Hands) -> None:
    assert hands.client.get("/demo/levers").json()["chosen"]["registration"] == "auto"
    assert hands.pull("registration", choice="closed").status_code == 200
    assert hands.client.get("/demo/levers").json()["chosen"]["registration"] == "closed"


@pytest.mark.parametrize(
    ("lever", "code"), [("hour", "ok"), ("idle", "session_idle"), ("absolute", "session_expired")]
)
def test_time_passes_for_everybody(hands: Hands, lever: str, code: str) -> None:
    token = hands.token()
    assert hands.pull(lever).status_code == 200
    assert hands.check(token) == code


def test_a_kick_ends_every_session_of_this_person_alone(hands: Hands) -> None:
    one, two, bob = hands.token(), hands.token(device="phone-2"), hands.token("bob")
    told = hands.pull("kick", user="ann").json()["told"]
    assert "2" in told["en"]
    assert [hands.check(one), hands.check(two), hands.check(bob)] == [
        "session_revoked",
        "session_revoked",
        "ok",
    ]


def test_a_lever_for_somebody_without_an_account_is_stuck_and_says_why(hands: Hands) -> None:
    for lever in ("kick", "disable", "enable", "approve", "reject"):
        stuck = hands.pull(lever, user="ann")
        assert (stuck.status_code, stuck.json()["code"]) == (409, "stuck")
        assert stuck.json()["words"]["zh"]


def test_disabled_until_tomorrow_and_enabled_again(hands: Hands) -> None:
    token = hands.token()
    hands.pull("disable")
    assert hands.check(token) == "session_revoked"
    refused = hands.login().json()
    assert refused["code"] == "account_disabled"
    assert refused["until"]
    assert refused["reason_for_user"]
    hands.pull("enable")
    assert hands.login().status_code == 200


def test_a_rotated_session_key_fails_the_phones_check(hands: Hands) -> None:
    hands.login()
    assert hands.stage.simulator.check_session("ann", device="phone-1")
    hands.pull("rotate", user="ann")
    assert not hands.stage.simulator.check_session("ann", device="phone-1")


def test_wechat_is_busy_once_or_until_it_is_well_again(hands: Hands) -> None:
    hands.pull("busy")
    assert [hands.login().status_code for _ in range(2)] == [503, 200]
    hands.pull("down")
    assert [hands.login().status_code for _ in range(2)] == [503, 503]
    hands.pull("calm")
    assert hands.login().status_code == 200


def test_a_cut_line_asks_for_a_new_code(hands: Hands) -> None:
    hands.pull("cut")
    assert hands.login().json()["retry"] == "new_code"
    assert hands.login().status_code == 200


def test_a_blocked_user_is_told_so(hands: Hands) -> None:
    hands.pull("blocked")
    assert hands.login().json()["code"] == "wechat_blocked"


def test_slow_is_one_exchange_that_takes_long(hands: Hands) -> None:
    hands.pull("slow")
    (fault,) = hands.stage.simulator.world.faults.all()
    assert (fault.delay_seconds, fault.times) == (2, 1)


def test_the_registration_policy_changes_and_sessions_live_on(hands: Hands) -> None:
    token = hands.token()
    hands.pull("registration", choice="required")
    assert hands.login("bob").json()["code"] == "registration_required"
    hands.pull("registration", choice="closed")
    assert hands.login("bob").json()["code"] == "registration_closed"
    hands.pull("registration", choice="auto")
    assert hands.login("bob").status_code == 200
    assert hands.check(token) == "ok"


def test_a_restart_lets_no_request_down(hands: Hands) -> None:
    token = hands.token()
    over = threading.Event()

    def ask(_: int) -> set[str]:
        said: set[str] = set()
        while not over.is_set():
            said.add(hands.check(token))
        return said

    with ThreadPoolExecutor(4) as pool:
        asking = pool.map(ask, range(4))
        told = [hands.pull("registration", choice=choice) for choice in ("closed", "auto") * 3]
        over.set()
    assert {answer.status_code for answer in told} == {200}
    assert set().union(*asking) == {"ok"}


def test_a_limit_of_one_session_replaces_the_first_phone(hands: Hands) -> None:
    hands.pull("sessions", choice="1")
    one = hands.token()
    two = hands.token(device="phone-2")
    assert [hands.check(one), hands.check(two)] == ["session_replaced", "ok"]


@pytest.mark.parametrize(("choice", "status"), [("reject", 409), ("join", 200)])
def test_a_phone_that_is_another_accounts_is_refused_or_joins(
    hands: Hands, choice: str, status: int
) -> None:
    simulator = hands.stage.simulator
    simulator.add_user("ann", phone="+8613800000001")
    simulator.add_user("bob", phone="+8613800000001")
    hands.pull("phone-conflict", choice=choice)
    client = hands.client
    first = {"phone": "13800000001", "purpose": "login"}
    client.post("/v1/verification-codes", json=first)
    digits = simulator.inbox()[0]["verification_code"]
    sms = {"phone": "13800000001", "verification_code": digits}
    assert client.post("/v1/login/sms", json=sms).status_code == 200
    code, phone_code = simulator.login("bob"), simulator.phone("bob")["code"]
    tapped = client.post("/v1/login/phone", json={"code": code, "phone_code": phone_code})
    assert tapped.status_code == status


def apply(hands: Hands) -> str:
    """An enterprise's application of ann's; its id."""
    client, simulator = hands.client, hands.stage.simulator
    hands.pull("registration", choice="required")
    ticket = hands.login("ann").json()["registration_ticket"]
    client.post("/v1/verification-codes", json={"phone": "13900000002", "purpose": "register"})
    body = {
        "registration_ticket": ticket,
        "company_name": "示例有限公司",
        "credit_code": CREDIT_CODE,
        "contact_name": "安安",
        "phone": "13900000002",
        "verification_code": simulator.inbox()[0]["verification_code"],
        "username": "example-co",
        "password": "a long enough password 1",
    }
    applied = client.post("/v1/register/enterprise", json=body)
    assert applied.status_code == 202, applied.text
    return str(applied.json()["application_id"])


@pytest.mark.parametrize(
    ("lever", "status", "code"),
    [("approve", "approved", None), ("reject", "rejected", "account_rejected")],
)
def test_the_enterprise_that_waits_is_decided_on(
    hands: Hands, lever: str, status: str, code: str | None
) -> None:
    application_id = apply(hands)
    assert hands.login("ann").json()["code"] == "account_pending"
    told = hands.pull(lever).json()["told"]
    assert "示例有限公司" in told["zh"]
    asked = hands.client.get(f"/v1/register/enterprise/{application_id}").json()
    assert asked["status"] == status
    assert hands.login("ann").json().get("code") == code
    assert hands.pull(lever).status_code == 409


def test_to_disable_an_applicant_would_decide_what_another_lever_decides(hands: Hands) -> None:
    apply(hands)
    assert hands.pull("disable", user="ann").status_code == 409


def test_start_all_over_leaves_nobody(hands: Hands) -> None:
    token = hands.token()
    for lever, choice in (("absolute", ""), ("sessions", "1"), ("down", "")):
        hands.pull(lever, **({"choice": choice} if choice else {}))
    assert hands.pull("reset").status_code == 200
    assert hands.check(token) == "session_invalid"
    again = hands.login()
    assert (again.status_code, again.json()["is_new_account"]) == (200, True)
    listed = hands.client.get("/demo/levers").json()
    assert listed["chosen"]["sessions"] == "10"
    assert hands.stage.database.count_accounts() == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "application/json"}, 403),
        ({"content-type": "text/plain", "origin": "own"}, 403),
        ({"content-type": "application/x-www-form-urlencoded", "origin": "own"}, 403),
        ({"origin": "own"}, 403),
        ({"content-type": "application/json", "origin": "http://evil.example"}, 403),
        ({"content-type": "application/json; charset=utf-8", "origin": "own"}, 200),
    ],
)
def test_only_the_page_itself_pulls_a_lever(
    hands: Hands, headers: dict[str, str], status: int
) -> None:
    """A form or a link of another site cannot send JSON, and has another Origin."""
    sent = {name: hands.stage.url if text == "own" else text for name, text in headers.items()}
    answer = hands.client.post("/demo/levers/hour", content=b"{}", headers=sent)
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("nothing", b"{}", 404),
        ("offline", b"{}", 404),
        ("kick", b"nonsense", 400),
        ("kick", b"[]", 400),
        ("kick", b'{"user": 5}', 400),
        ("kick", b'{"user": "../ann"}', 400),
        ("kick", b'{"user": "' + b"a" * 5000 + b'"}', 400),
        ("sessions", b'{"choice": "0"}', 400),
        ("sessions", b'{"choice": ["1"]}', 400),
        ("sessions", b"{}", 400),
        ("kick", b'{"choice": "hard"}', 400),
    ],
)
def test_what_is_no_lever_or_no_choice_is_refused(
    hands: Hands, path: str, body: bytes, status: int
) -> None:
    headers = {"content-type": "application/json", "origin": hands.stage.url}
    answer = hands.client.post(f"/demo/levers/{path}", content=body, headers=headers)
    assert answer.status_code == status


def test_a_lever_is_not_pulled_by_looking_at_it(hands: Hands) -> None:
    assert hands.client.get("/demo/levers/reset").status_code == 405
    assert hands.client.post("/demo/levers", json={}).status_code == 405


def test_levers_with_choices_begin_at_the_first() -> None:
    for group in GROUPS:
        for lever in group.levers:
            values = [choice.value for choice in lever.choices]
            assert len(set(values)) == len(values)
