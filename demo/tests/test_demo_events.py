"""What the page hears: the steps in their order, each with what crossed the wire, and no secret."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest

from wxlogin_demo import masking, narrator, traffic, wechat_log
from wxlogin_demo.listener import take_port
from wxlogin_demo.masking import masked, masked_path
from wxlogin_demo.shortening import MASK
from wxlogin_demo.stage import Stage

Fact = dict[str, Any]

WAY = "/demo/phone/ann/phone-1/server"
PASSWORD = "correct horse battery 9"


class Visitor:
    """The browser's phone in few words: it goes its own way to the server."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        address = f"{stage.url}{WAY}"
        self.client = httpx2.Client(base_url=address, trust_env=False, timeout=10)

    def login(self, code: str | None = None) -> httpx2.Response:
        code = code or self.stage.simulator.login("ann")
        return self.client.post("/v1/login", json={"code": code, "device": {"id": "phone-1"}})

    def facts(self, kind: str) -> list[Fact]:
        return [fact for fact in self.stage.stream.kept() if fact["kind"] == kind]

    def steps(self) -> list[tuple[int, str]]:
        return [(fact["step"], fact["outcome"]) for fact in self.facts("step")]


@pytest.fixture
def visitor(stage: Stage) -> Iterator[Visitor]:
    visitor = Visitor(stage)
    yield visitor
    visitor.client.close()


@contextmanager
def stream_of(stage: Stage, after: str = "") -> Iterator[Callable[[], Fact]]:
    """The next fact of the page's event stream; `id` is the browser's Last-Event-ID."""
    headers = {"last-event-id": after} if after else {}
    with (
        httpx2.Client(base_url=stage.url, trust_env=False, timeout=5) as client,
        client.stream("GET", "/demo/events", headers=headers) as answer,
    ):
        assert answer.headers["content-type"] == "text/event-stream"
        lines = answer.iter_lines()

        def following() -> Fact:
            name = ""
            for line in lines:
                if line.startswith("id: "):
                    name = line.removeprefix("id: ")
                if line.startswith("data: "):
                    fact: Fact = json.loads(line.removeprefix("data: "))
                    return {**fact, "id": name}
            raise EOFError

        yield following


def test_a_login_and_a_request_light_the_servers_steps_in_their_order(visitor: Visitor) -> None:
    """1, 8 and 9 happen on the phone, which tells the page itself."""
    token = visitor.login().json()["token"]
    visitor.client.get("/v1/session", headers={"authorization": f"Bearer {token}"})
    assert visitor.steps() == [(number, "ok") for number in (2, 3, 4, 5, 6, 7, 10)]
    kinds = [fact["kind"] for fact in visitor.stage.stream.kept()]
    login = ["request", "step", "wechat", *["step"] * 5, "answer"]
    assert kinds == [*login, "request", "step", "answer"]
    numbers = [fact["number"] for fact in visitor.stage.stream.kept()]
    assert numbers == sorted(numbers)


def test_each_step_shows_what_crossed_and_what_never_leaves(visitor: Visitor) -> None:
    visitor.login()
    steps = {fact["step"]: fact for fact in visitor.facts("step")}
    assert steps[3]["wire"]["secret"] == MASK
    assert re.fullmatch(r"\w{4}…", steps[3]["wire"]["js_code"])
    assert steps[3]["never"] == ("appsecret",)
    assert steps[4]["wire"] == dict.fromkeys(("openid", "session_key", "unionid"), MASK)
    assert set(steps[4]["never"]) == {"openid", "session_key", "unionid"}
    assert steps[6]["never"] == ("session_key",)
    assert steps[7]["wire"]["token"].endswith(MASK)
    assert all(fact["phone"] == "ann/phone-1" for fact in steps.values())
    assert steps[4]["ms"] > 0


@pytest.mark.parametrize(
    ("fault", "steps"),
    [
        ({"errcode": -1}, [(2, "ok"), (3, "ok"), (4, "wechat_unavailable")]),
        ({"drop": "after"}, [(2, "ok"), (3, "ok"), (4, "wechat_unavailable")]),
        ({"errcode": 40226}, [(2, "ok"), (3, "ok"), (4, "wechat_blocked")]),
    ],
)
def test_a_fault_of_wechats_fails_step_4(
    visitor: Visitor, fault: dict[str, Any], steps: list[tuple[int, str]]
) -> None:
    visitor.stage.simulator.fail("/sns/jscode2session", times=1, **fault)
    visitor.login()
    assert visitor.steps() == steps


def test_a_wechat_that_stays_silent_fails_step_4_when_time_is_up(visitor: Visitor) -> None:
    visitor.stage.simulator.fail("/sns/jscode2session", times=1, delay_seconds=20)
    assert visitor.login().status_code == 503
    assert visitor.steps() == [(2, "ok"), (3, "ok"), (4, "wechat_unavailable")]


def test_a_code_used_twice_fails_step_2_and_wechat_is_not_asked(visitor: Visitor) -> None:
    code = visitor.stage.simulator.login("ann")
    visitor.login(code)
    visitor.stage.stream.begin_world()
    visitor.login(code)
    assert visitor.steps() == [(2, "code_used")]
    assert visitor.facts("wechat") == []


def test_who_may_not_come_in_is_stopped_at_step_5(visitor: Visitor) -> None:
    origin = {"origin": visitor.stage.url}
    lever = f"{visitor.stage.url}/demo/levers/registration"
    visitor.client.post(lever, json={"choice": "closed"}, headers=origin)
    visitor.login()
    assert visitor.steps()[-1] == (5, "registration_closed")


def test_a_session_that_is_over_fails_step_10_with_the_reason(visitor: Visitor) -> None:
    token = visitor.login().json()["token"]
    visitor.stage.simulator.advance(8 * 86400)
    visitor.client.get("/v1/session", headers={"authorization": f"Bearer {token}"})
    assert visitor.steps()[-1] == (10, "session_idle")
    assert visitor.facts("answer")[-1]["code"] == "session_idle"


def test_a_request_of_no_phone_is_a_terminals(stage: Stage) -> None:
    httpx2.get(f"{stage.url}/v1/session", trust_env=False)
    assert [fact["phone"] for fact in stage.stream.kept()] == [None] * 3


def test_a_message_is_told_with_whose_phone_it_is_for(visitor: Visitor) -> None:
    visitor.stage.simulator.add_user("ann", phone="+8613812345678")
    body = {"phone": "13812345678", "purpose": "login"}
    visitor.client.post("/v1/verification-codes", json=body)
    (message,) = visitor.facts("sms")
    assert message["users"] == ["ann"]
    assert re.search(r"\d{6}", message["text"])
    assert message["to"] == "+86138****5678"


def everything(visitor: Visitor) -> set[str]:
    """Every way in and every act that touches a secret; the secrets themselves."""
    client, simulator = visitor.client, visitor.stage.simulator
    secrets: set[str] = set()
    login = visitor.login().json()
    token = {"authorization": f"Bearer {login['token']}"}
    phone = simulator.add_user("ann", phone="+8613812345678").phone
    tapped = simulator.phone("ann")
    blob = {"encrypted_data": tapped["encryptedData"], "iv": tapped["iv"]}
    client.post("/v1/me/phone", json=blob, headers=token)
    client.post("/v1/verification-codes", json={"phone": "13812345678", "purpose": "login"})
    digits = simulator.inbox()[0]["verification_code"]
    sms = {"phone": "13812345678", "verification_code": digits}
    by_sms = client.post("/v1/login/sms", json=sms).json()
    code = simulator.login("ann")
    body = {"username": "ann-one", "new_password": PASSWORD, "proof_code": code}
    client.post("/v1/me/password", json=body, headers=token)
    client.post("/v1/session/wechat-check", headers=token)
    client.post("/v1/me/export", json={"proof_code": simulator.login("ann")}, headers=token)
    client.post("/v1/login/password", json={"username": "ann-one", "password": PASSWORD})
    key, union = simulator.session_key("ann"), simulator.unionid("ann")
    assert key
    assert union
    secrets |= {simulator.secret, key, simulator.openid("ann"), union, PASSWORD, phone[3:], code}
    secrets |= {login["token"], by_sms["token"], tapped["encryptedData"], blob["iv"]}
    return secrets | {visitor.stage.sealing_key}


def found_in(stage: Stage, secrets: set[str]) -> list[str]:
    told = json.dumps(stage.stream.kept(), ensure_ascii=False)
    return [secret for secret in secrets if secret in told]


def test_no_secret_is_in_anything_the_page_is_told(visitor: Visitor) -> None:
    secrets = everything(visitor)
    paths = [fact["path"] for fact in visitor.facts("request")]
    assert {"/v1/login/sms", "/v1/me/phone", "/v1/me/password", "/v1/me/export"} <= set(paths)
    statuses = [fact["status"] for fact in visitor.facts("answer")]
    assert set(statuses) <= {200, 202, 204}
    assert found_in(visitor.stage, secrets) == []


def test_without_the_masking_secrets_would_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traffic, "masked_body", lambda content, kind: json.loads(content or b"{}"))
    monkeypatch.setattr(wechat_log, "masked", lambda sent: sent)
    with Stage(take_port(0)) as stage:
        visitor = Visitor(stage)
        found = found_in(stage, everything(visitor))
        visitor.client.close()
    assert PASSWORD in found
    assert stage.simulator.openid("ann") in found


@pytest.mark.parametrize("name", sorted(masking.HIDDEN))
def test_a_field_that_is_a_secret_is_hidden_at_any_depth(name: str) -> None:
    told = masked({"list": [{name: "canary"}], name: 12345, "CASE": {name.upper(): ["canary"]}})
    assert "canary" not in json.dumps(told)
    assert "12345" not in json.dumps(told)


def test_codes_and_tokens_keep_their_beginning_and_symbols_stay_whole() -> None:
    assert masked({"code": "0abcdefghij"}) == {"code": "0abc…"}
    assert masked({"code": "session_idle"}) == {"code": "session_idle"}
    assert masked("Bearer wxl_0123456789abcdef", "authorization") == f"Bearer wxl_01234567…{MASK}"
    assert masked("+8613812345678") == "+86138****5678"
    assert masked_path("/v1/register/enterprise/abcdefgh") == "/v1/register/enterprise/abcd…"


def test_what_is_no_json_is_counted_and_not_shown(visitor: Visitor) -> None:
    token = visitor.login().json()["token"]
    picture = {"file": ("a.png", b"\x89PNG canary" + b"x" * 70_000, "image/png")}
    headers = {"authorization": f"Bearer {token}"}
    visitor.client.post("/v1/me/avatar", files=picture, headers=headers)
    told = visitor.facts("request")[-1]["body"]
    assert re.fullmatch(r"\(multipart/form-data, \d+ B\)", told)


def test_a_page_that_reloads_is_told_again_and_then_what_is_new(visitor: Visitor) -> None:
    visitor.login()
    with stream_of(visitor.stage) as following:
        assert following()["kind"] == "hello"
        first = [following() for _ in range(9)]
        assert first[0]["kind"] == "request"
        assert first[-1]["kind"] == "answer"
        visitor.client.get("/v1/session")
        assert following()["path"] == "/v1/session"
    with stream_of(visitor.stage, after=first[-1]["id"]) as following:
        assert following()["kind"] == "hello"
        assert following()["path"] == "/v1/session"
    with stream_of(visitor.stage, after="another-9") as following:
        following()
        assert following()["number"] == 1


def test_only_the_last_facts_are_kept_and_a_reset_forgets_them(visitor: Visitor) -> None:
    for _ in range(70):
        visitor.client.get("/v1/session")
    assert len(visitor.stage.stream.kept()) == 200
    world = visitor.stage.stream.world
    visitor.stage.begin_anew()
    assert [fact["kind"] for fact in visitor.stage.stream.kept()] == ["reset"]
    assert visitor.stage.stream.world != world


def test_a_page_that_listens_does_not_hold_up_the_end() -> None:
    ended = threading.Event()

    def listen(stage: Stage) -> None:
        with stream_of(stage) as following:
            try:
                while True:
                    following()
                    heard.set()
            except EOFError:
                ended.set()

    heard = threading.Event()
    with Stage(take_port(0)) as stage:
        thread = threading.Thread(target=listen, args=(stage,))
        thread.start()
        assert heard.wait(5)
    thread.join(5)
    assert ended.is_set()


def test_a_page_that_went_away_is_not_told_anything_more(visitor: Visitor) -> None:
    with stream_of(visitor.stage) as following:
        following()
        assert len(visitor.stage.stream._listeners) == 1
    for _ in range(100):
        visitor.client.get("/v1/session")
        if not visitor.stage.stream._listeners:
            break
    assert not visitor.stage.stream._listeners


def test_every_login_door_is_one_of_the_servers() -> None:
    from wxlogin.endpoints.routes import ROUTES

    assert {route.path for route in ROUTES} >= narrator.LOGIN_DOORS


def test_a_way_in_without_wechat_claims_no_session_key(visitor: Visitor) -> None:
    client, simulator = visitor.client, visitor.stage.simulator
    client.post("/v1/verification-codes", json={"phone": "13812345678", "purpose": "login"})
    digits = simulator.inbox()[0]["verification_code"]
    client.post("/v1/login/sms", json={"phone": "13812345678", "verification_code": digits})
    assert visitor.steps() == [(number, "ok") for number in (2, 5, 6, 7)]
    steps = {fact["step"]: fact for fact in visitor.facts("step")}
    assert steps[6]["never"] == ()
    wrong = {"phone": "13812345678", "verification_code": "000000"}
    client.post("/v1/login/sms", json=wrong)
    assert visitor.steps()[-1] == (5, "verification_code_invalid")
