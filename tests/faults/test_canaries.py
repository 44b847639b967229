"""The canary run: all logs at DEBUG, faults included, and not one secret in what remains.

A01, A02, B03. The servers of this test write what every library says, without the product's
redaction. Each hiding place has a twin in which the same search does find something.
"""

import base64
import copy
import io
import json
import logging
import pickle
import traceback
from pathlib import Path
from urllib.parse import quote, quote_plus

import httpx2
import pytest

EXCHANGE = "/sns/jscode2session"
FAULTS = (
    {"drop": "before"},
    {"drop": "after"},
    {"drop": "after", "reset": True},
    {"status": 500},
    {"status": 302, "headers": {"Location": "http://127.0.0.1:9/"}},
    {"body": "<html>oops</html>"},
    {"body": '{"openid":'},
    {"without": ["openid"]},
    {"without": ["session_key"]},
    {"patch": {"openid": 7}},
    {"patch": {"session_key": "short"}},
    {"errcode": -1},
    {"errcode": 40029},
    {"errcode": 40163},
    {"errcode": 40226},
    {"errcode": 40125},
    {"errcode": 40013, "errmsg": "invalid appid, hint: [secret canary]"},
    {"errcode": 99999},
    {"errcode": 45011},  # last: WeChat is left alone for a while after it
)


class Canaries:
    """Everything secret that went through, in each spelling it could be found in."""

    def __init__(self, wechat):
        self._wechat = wechat
        self.texts = {("appsecret", wechat.secret)}

    def code(self, user):
        """A fresh code of `user`."""
        code = self._wechat.login(user)
        self.texts.add(("code", code))
        self.look(user)
        return code

    def look(self, user):
        key = self._wechat.session_key(user)
        if key:
            self.texts.add(("session_key", key))
        for text in self._wechat.world.tokens._issued:
            self.texts.add(("access_token", text))

    def token(self, token):
        self.texts.add(("token", token))
        self.texts.add(("token's secret half", token[41:84]))

    def found_in(self, haystack: bytes) -> set[str]:
        """The kinds of secret in `haystack`."""
        return {
            kind
            for kind, text in self.texts
            for spelled in spellings(kind, text)
            if spelled in haystack
        }


def spellings(kind, text):
    yield text.encode()
    yield quote(text, safe="").encode()
    yield quote_plus(text).encode()
    yield json.dumps(text)[1:-1].replace("/", "\\/").encode()
    yield text.encode().hex().encode()
    yield base64.b64encode(text.encode()).rstrip(b"=")[:-1]
    yield text.encode("utf-16-le")
    if kind == "session_key":
        raw = base64.b64decode(text)
        yield raw
        yield raw.hex().encode()
        yield repr(raw)[2:-1].encode()


def everything_happens(server, wechat, canaries):
    """Logins, checks, faults of all kinds; what the clients got that carries no token."""
    wechat.settings(rotation="always")
    seen = []

    def post(code, **fields):
        answer = server.post("/v1/login", json={"code": code, **fields})
        canaries.look("ann")
        seen.append(repr(answer.headers.multi_items()))
        if answer.status_code == 200:
            canaries.token(answer.json()["token"])
            return answer.json()["token"]
        seen.append(answer.text)
        return None

    post(canaries.code("ann"))
    for fault in FAULTS[:-1]:
        wechat.fail(EXCHANGE, times=1, **fault)
        code = canaries.code("ann")
        post(code)
        post(code)  # code_used
        post(canaries.code("ann"))  # two good ones for each bad: the breaker stays closed
        token = post(canaries.code("ann"))
    post(canaries.code("ann"), app_id="wxunknown")
    post(canaries.code("ann"), device="wrong")
    post(canaries.code("ann") + "\u00e9")
    bearer = {"Authorization": f"Bearer {token}"}
    for method, path, how in (
        ("GET", "/v1/session", {}),
        ("GET", f"/v1/session?token={token}", {}),
        ("GET", "/v1/sessions", {}),
        ("GET", "/v1/me", {}),
        ("PUT", "/v1/me/profile", {"json": {"nickname": 7, "token": token}}),
        ("POST", "/v1/session/wechat-check", {}),
        ("POST", "/v1/session/wechat-check", {}),
        ("DELETE", "/v1/sessions?keep=all", {}),
        ("DELETE", f"/v1/sessions/{token}", {}),
        ("PATCH", "/v1/session", {}),
        ("DELETE", "/v1/session", {}),
        ("GET", "/v1/session", {}),
        ("GET", "/nowhere", {}),
        ("GET", "/readyz", {}),
    ):
        if path == "/v1/session/wechat-check":
            wechat.fail("/wxa/checksession", errcode=40001, times=1)
        with httpx2.Client(
            base_url=server.url, trust_env=False, verify=False, timeout=15
        ) as client:
            answer = client.request(method, path, headers=bearer, **how)
        canaries.look("ann")
        seen += [answer.text, repr(answer.headers.multi_items())]
    wechat.fail(EXCHANGE, times=1, **FAULTS[-1])
    post(canaries.code("ann"))
    post(canaries.code("ann"))
    return "\n".join(seen).encode()


def files(folder: Path, pattern: str) -> bytes:
    return b"\n".join(path.read_bytes() for path in sorted(folder.glob(pattern)))


def run(servers, wechat, tmp_path, **twin):
    """Where secrets were found after everything happened; no entry where none were."""
    folder, metrics = tmp_path / "data", tmp_path / "metrics"
    folder.mkdir()
    metrics.mkdir()
    log, canaries = tmp_path / "log", Canaries(wechat)
    server = servers(path=folder / "x.db", log=str(log), metrics=str(metrics), **twin)
    answers = everything_happens(server, wechat, canaries)
    assert {kind for kind, _ in canaries.texts} >= {
        "appsecret",
        "session_key",
        "code",
        "token",
        "access_token",
    }
    live = files(folder, "*")  # with -wal and -shm, as they lie there while it runs
    assert list(folder.glob("*-wal"))
    server.stop(15)
    said = log.read_bytes()
    assert b"DEBUG" in said  # the run was as loud as it gets
    assert b"jscode2session" in said
    places = {
        "answers": answers,
        "log": said,
        "database while it runs": live,
        "database": files(folder, "*"),
        "metrics": files(metrics, "*"),
    }
    assert all(places.values())
    return {place: found for place, hay in places.items() if (found := canaries.found_in(hay))}


def test_no_secret_is_in_any_log_answer_metric_or_file(servers, wechat, tmp_path):
    assert run(servers, wechat, tmp_path) == {}


def test_a_logger_that_logs_the_url_is_found(servers, wechat, tmp_path):
    """The twin of the logs: what httpx and urllib3 do as they come."""
    found = run(servers, wechat, tmp_path, twin="loud")
    assert found["log"] >= {"appsecret", "code"}


def test_a_store_without_sealing_is_found(servers, wechat, tmp_path):
    """The twin of the files."""
    found = run(servers, wechat, tmp_path, twin="unsealed")
    assert "session_key" in found["database"] | found["database while it runs"]


# What is raised, and what prints itself


@pytest.mark.parametrize("http_client", ["httpx2", "pyreqwest"])
async def test_nothing_that_is_raised_or_printed_shows_a_secret(
    houses, wechat, caplog, http_client
):
    """repr, str, traceback, arguments and the whole chain of causes; all loggers at DEBUG."""
    if http_client == "pyreqwest":
        pytest.importorskip("pyreqwest")
    house = houses(settings={"http_client": http_client})
    canaries = Canaries(wechat)
    wechat.settings(rotation="always")
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s %(args)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    caplog.set_level(logging.DEBUG)
    printed = []

    def note(fault):
        while fault is not None:
            printed.extend((repr(fault), str(fault), repr(fault.args), repr(vars(fault))))
            fault = fault.__cause__ or fault.__context__

    try:
        result = await house.wx.login(canaries.code("ann"))
        canaries.token(result.token)
        canaries.look("ann")
        for fault in FAULTS:
            wechat.fail(EXCHANGE, times=1, **fault)
            try:
                await house.wx.login(canaries.code("ann"))
            except Exception as raised:
                printed.append("".join(traceback.format_exception(raised)))
                note(raised)
            canaries.look("ann")
            house.clock.advance(70)
        url = wechat.url
        wechat.close()
        try:
            await house.wx.login(canaries.code("ann"))
        except Exception as raised:
            printed.append("".join(traceback.format_exception(raised)))
            note(raised)
        wechat.start(port=int(url.rsplit(":", 1)[1]))
        try:
            await house.wx.check(result.token[:-1] + ("A" if result.token[-1] != "A" else "B"))
        except Exception as raised:
            printed.append("".join(traceback.format_exception(raised)))
            note(raised)
        flow = await house.wx.flow()
        session = await house.wx.check(result.token)
        for shown in (
            result,
            session,
            house.wx,
            flow,
            house.wx.settings,
            house.wx.settings.apps,
            house.wx.settings.keys,
            await house.wx.open_store(),
            await house.wx.client(),
            house.wx.metrics.snapshot(),
        ):
            printed += [repr(shown), str(shown), f"{shown}"]
        with pytest.raises(TypeError):
            pickle.dumps(house.wx.settings.apps[0].secret)
        assert "***" in repr(copy.copy(house.wx.settings.apps[0]).secret)
    finally:
        root.removeHandler(handler)
    text = "\n".join(printed) + said.getvalue()
    assert canaries.found_in(text.encode()) == set()
    assert len(printed) > 50


async def test_a_proven_phone_lies_sealed_in_the_file_and_masked_in_the_answer(
    house, database, caplog
):
    from wxlogin.login.accounts import Phone
    from wxlogin.testing.pytest_plugin import log_in

    caplog.set_level(logging.DEBUG)
    phone = Phone("86", "13800006666", house.clock.now)
    person = await log_in(house.wx, phone=phone)
    answer = await house.get("/v1/me", person.token)
    assert answer.json()["phone"] == "138****6666"
    assert (await house.wx.find(phone="13800006666")).id == person.account.id
    assert "13800006666" not in repr(person.account) + repr(person) + caplog.text + answer.text
    kept = b"".join(path.read_bytes() for path in database.parent.glob(database.name + "*"))
    assert kept
    assert b"13800006666" not in kept
    assert person.token[41:84].encode() not in kept
