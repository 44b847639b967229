"""Phone numbers, checkSession, reset, and any other call: all with the shared access_token."""

import asyncio
import json
from typing import Any

import pytest

from wxlogin.login import errors
from wxlogin.login.policy import App
from wxlogin.login.secret import Secret
from wxlogin.wechat.client import WeChatClient
from wxlogin.wechat.errcodes import WeChatApiError
from wxlogin.wechat.transport import NotReached, Unanswered, WeChatRequest

OPENID = "oVBkZ0aYgDMDIywRdgPW8-joxXc4"
TOKEN_PATH = "/cgi-bin/stable_token"
PHONE_PATH = "/wxa/business/getuserphonenumber"
CHECK_PATH = "/wxa/checksession"
OK = {"errcode": 0, "errmsg": "ok"}


class Platform:
    """Gives tokens T1, T2, … and refuses those that were taken away."""

    def __init__(self, canned: Any) -> None:
        self.given = 0
        self.dead: set[str] = set()
        self.answers: dict[str, Any] = {}
        self.ran: list[WeChatRequest] = []
        self.refuse_with: Any = 40001
        canned.by_path[TOKEN_PATH] = self.token
        self._canned = canned

    def on(self, path: str, answer: Any) -> None:
        def run(request: WeChatRequest) -> Any:
            if request.query["access_token"] in self.dead:
                return _bytes({"errcode": self.refuse_with, "errmsg": "x"})
            self.ran.append(request)
            return answer if isinstance(answer, Exception) else _bytes(answer)

        self._canned.by_path[path] = lambda request: _respond(run(request))

    def token(self, request: WeChatRequest) -> Any:
        self.given += 1
        return _respond(_bytes({"access_token": f"T{self.given}", "expires_in": 7200}))


def _bytes(fields: Any) -> bytes:
    return json.dumps(fields).encode()


def _respond(what: Any) -> Any:
    from wxlogin.wechat.transport import WeChatResponse

    return what if isinstance(what, Exception) else WeChatResponse(200, what)


@pytest.fixture
def platform(canned: Any) -> Platform:
    return Platform(canned)


def _phone(**changes: Any) -> dict[str, Any]:
    info: dict[str, Any] = {
        "phoneNumber": "+8613580006666",
        "purePhoneNumber": "13580006666",
        "countryCode": 86,
        "watermark": {"timestamp": 1637744274, "appid": "wx4f4bc4dec97d474b"},
    }
    info.update(changes)
    return {**OK, "phone_info": info}


@pytest.mark.parametrize("country", [86, "86"])
async def test_a_phone_number_with_the_country_as_text_or_number(
    client: WeChatClient, platform: Platform, app: App, country: Any
) -> None:
    platform.on(PHONE_PATH, _phone(countryCode=country))
    phone = await client.get_phone_number(app, "e31968a7", openid=OPENID)
    assert phone.e164 == "+8613580006666"
    assert phone.proven_at is not None
    assert phone.proven_at.timestamp() == 1637744274
    (request,) = platform.ran
    assert (request.method, request.query) == ("POST", {"access_token": "T1"})
    assert json.loads(request.body) == {"code": "e31968a7", "openid": OPENID}


@pytest.mark.parametrize(
    "changes",
    [
        {"watermark": {"timestamp": 1637744274, "appid": "wx0000000000000002"}},
        {"watermark": {"timestamp": "1637744274", "appid": "wx4f4bc4dec97d474b"}},
        {"watermark": {"timestamp": -1, "appid": "wx4f4bc4dec97d474b"}},
        {"watermark": {"timestamp": 10**18, "appid": "wx4f4bc4dec97d474b"}},
        {"watermark": None},
        {"purePhoneNumber": 13580006666},
        {"purePhoneNumber": "138 0000"},
        {"purePhoneNumber": ""},
        {"countryCode": None},
        {"countryCode": True},
        {"countryCode": "+86"},
        {"countryCode": -86},
    ],
)
async def test_a_phone_answer_that_is_not_whole_or_not_this_apps_is_refused(
    client: WeChatClient, platform: Platform, app: App, changes: dict[str, Any]
) -> None:
    platform.on(PHONE_PATH, _phone(**changes))
    with pytest.raises(errors.WeChatUnavailable) as raised:
        await client.get_phone_number(app, "e31968a7", openid=OPENID)
    assert raised.value.retry == "new_code"


@pytest.mark.parametrize(
    ("errcode", "expected"),
    [
        (40029, errors.PhoneCodeInvalid),
        (40163, errors.PhoneCodeInvalid),
        (40013, errors.PhoneCodeInvalid),  # the code is another app's (contract §4.1)
        (40003, errors.PhoneCodeInvalid),  # the code is another person's (A16)
        (-1, errors.WeChatUnavailable),
        (45011, errors.RateLimited),
        (48001, errors.AppMisconfigured),
        (400081, errors.AppMisconfigured),
        (40164, errors.AppMisconfigured),
        (77777, WeChatApiError),
    ],
)
async def test_what_an_errcode_means_for_a_phone_code(
    client: WeChatClient,
    platform: Platform,
    app: App,
    errcode: int,
    expected: type[errors.WxLoginError],
) -> None:
    platform.on(PHONE_PATH, {"errcode": errcode, "errmsg": "x"})
    with pytest.raises(expected):
        await client.get_phone_number(app, "e31968a7", openid=OPENID)
    assert len(platform.ran) == 1


async def test_a_phone_code_is_not_sent_again_after_its_first_byte(
    client: WeChatClient, platform: Platform, app: App
) -> None:
    platform.on(PHONE_PATH, Unanswered("cut"))
    with pytest.raises(errors.WeChatUnavailable) as raised:
        await client.get_phone_number(app, "e31968a7", openid=OPENID)
    assert raised.value.retry == "new_code"
    assert len(platform.ran) == 1


async def test_where_nothing_was_sent_the_phone_code_is_unspent(
    client: WeChatClient, platform: Platform, app: App
) -> None:
    platform.on(PHONE_PATH, NotReached("refused"))
    with pytest.raises(errors.WeChatUnavailable) as raised:
        await client.get_phone_number(app, "e31968a7", openid=OPENID)
    assert raised.value.retry is None


@pytest.mark.parametrize("errcode", [40001, 40014, 42001, "40001"])
async def test_a_refused_token_is_replaced_and_the_call_repeated_once(
    client: WeChatClient, platform: Platform, canned: Any, app: App, errcode: Any
) -> None:
    platform.refuse_with = errcode
    platform.dead = {"T1"}
    platform.on(PHONE_PATH, _phone())
    await client.get_phone_number(app, "e31968a7", openid=OPENID)
    assert canned.paths() == [TOKEN_PATH, PHONE_PATH, TOKEN_PATH, PHONE_PATH]
    assert len(platform.ran) == 1


async def test_a_second_refusal_is_the_last(
    client: WeChatClient, platform: Platform, canned: Any, app: App
) -> None:
    platform.dead = {"T1", "T2"}
    platform.on(PHONE_PATH, _phone())
    with pytest.raises(errors.WeChatUnavailable) as raised:
        await client.get_phone_number(app, "e31968a7", openid=OPENID)
    assert raised.value.retry is None  # the code never ran
    assert canned.paths().count(PHONE_PATH) == 2


async def test_the_same_token_again_is_tried_once_more_and_no_oftener(
    client: WeChatClient, platform: Platform, canned: Any, app: App
) -> None:
    canned.by_path[TOKEN_PATH] = {"access_token": "T1", "expires_in": 7200}
    platform.dead = {"T1"}
    platform.on(PHONE_PATH, _phone())
    with pytest.raises(errors.WeChatUnavailable):
        await client.get_phone_number(app, "e31968a7", openid=OPENID)
    assert canned.paths().count(PHONE_PATH) == 2


async def test_two_hundred_calls_with_a_dead_token_cost_one_refresh(
    client: WeChatClient, platform: Platform, canned: Any, app: App
) -> None:
    """F06: 1 refresh, each call repeated once at most, no code run twice."""
    platform.on(PHONE_PATH, _phone())
    await client.get_phone_number(app, "first", openid=OPENID)
    platform.dead = {"T1"}
    await asyncio.gather(
        *(client.get_phone_number(app, f"code{n}", openid=OPENID) for n in range(200))
    )
    assert platform.given == 2
    assert canned.paths().count(PHONE_PATH) <= 401
    codes = [json.loads(request.body)["code"] for request in platform.ran]
    assert len(codes) == len(set(codes)) == 201


@pytest.mark.parametrize(
    ("answer", "is_valid"),
    [
        (OK, True),
        ({"errcode": 87009, "errmsg": "invalid signature"}, False),
        ({"errcode": 87007, "errmsg": "session_key is not existd or expired"}, False),
        ({"errcode": "87009"}, False),
        ({"errcode": 40003, "errmsg": "invalid openid"}, False),
    ],
)
async def test_whether_a_session_key_lives(
    client: WeChatClient, platform: Platform, app: App, answer: Any, is_valid: bool
) -> None:
    platform.on(CHECK_PATH, answer)
    key = Secret("o0q0otL8aEzpcZL/FT9WsQ==")
    assert await client.is_session_key_valid(app, openid=OPENID, session_key=key) is is_valid
    (request,) = platform.ran
    assert (request.method, request.body) == ("GET", b"")
    # The key is the base64 text; over an empty body (contract §2.1).
    assert request.query == {
        "access_token": "T1",
        "openid": OPENID,
        "signature": "46e043c5525c2d817c44be603d30837a808a1d930d038f6fdc3e62a201fed128",
        "sig_method": "hmac_sha256",
    }


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"errcode": -1}, errors.WeChatUnavailable),
        ({"errcode": 87008}, errors.WeChatUnavailable),
        ({}, errors.WeChatUnavailable),
        ({"errmsg": "ok"}, errors.WeChatUnavailable),
        ({"errcode": None}, errors.WeChatUnavailable),
        ({"errcode": 45011}, errors.RateLimited),
        ({"errcode": 48001}, errors.AppMisconfigured),
        (Unanswered("cut"), errors.WeChatUnavailable),
        (NotReached("tls"), errors.WeChatUnavailable),
    ],
)
async def test_no_doubt_about_a_session_key_is_taken_for_a_yes(
    client: WeChatClient,
    platform: Platform,
    app: App,
    answer: Any,
    expected: type[errors.WxLoginError],
) -> None:
    platform.on(CHECK_PATH, answer)
    with pytest.raises(expected):
        await client.is_session_key_valid(app, openid=OPENID, session_key=Secret("k"))


async def test_reset_gives_the_new_key_of_the_same_person(
    client: WeChatClient, platform: Platform, app: App
) -> None:
    path = "/wxa/resetusersessionkey"
    answer = {**OK, "openid": OPENID, "session_key": "AAAAAAAAAAAAAAAAAAAAAA=="}
    platform.on(path, answer)
    old = Secret("o0q0otL8aEzpcZL/FT9WsQ==")
    new = await client.reset_session_key(app, openid=OPENID, session_key=old)
    assert new == Secret("AAAAAAAAAAAAAAAAAAAAAA==")
    platform.on(path, {**answer, "openid": "oSomebodyElse"})
    with pytest.raises(errors.WeChatUnavailable):
        await client.reset_session_key(app, openid=OPENID, session_key=old)
    platform.on(path, {"errcode": 87009})
    with pytest.raises(errors.SessionKeyStale):
        await client.reset_session_key(app, openid=OPENID, session_key=old)


async def test_any_other_call_gets_its_fields(
    client: WeChatClient, platform: Platform, app: App
) -> None:
    platform.on("/wxa/msg_sec_check", {**OK, "result": {"suggest": "pass"}})
    platform.on("/wxa/getpaidunionid", {**OK, "unionid": "u"})
    caller = client.caller(app)
    fields = await caller.post("wxa/msg_sec_check", json={"content": "你好"})
    assert fields["result"] == {"suggest": "pass"}
    assert platform.ran[0].body == '{"content": "你好"}'.encode()
    assert (await caller.get("/wxa/getpaidunionid", params={"openid": "o"}))["unionid"] == "u"
    assert platform.ran[1].query == {"access_token": "T1", "openid": "o"}


async def test_a_business_errcode_of_any_other_call_is_told(
    client: WeChatClient, platform: Platform, app: App
) -> None:
    rid = "66c69111-4157f271-729ca238"
    platform.on("/wxa/x", {"errcode": 87014, "errmsg": f"risky content rid: {rid}"})
    with pytest.raises(WeChatApiError) as raised:
        await client.caller(app).post("wxa/x", json={})
    assert (raised.value.errcode, raised.value.rid, raised.value.retry) == (87014, rid, None)
    assert "errcode" not in raised.value.facts()


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/x",
        "//evil.example/x",
        "/\\evil.example",
        "@evil.example",
        ":80/x",
        "../x",
        "/wxa/../x",
        "/wxa/x?a=b",
        "/wxa/x#a",
        "/wxa/%2e%2e/x",
        "/wxa/x\r\nHost: evil.example",
        "",
        "/",
        "wxa/",
    ],
)
async def test_the_access_token_goes_to_wechats_host_only(
    client: WeChatClient, canned: Any, app: App, path: str
) -> None:
    with pytest.raises(ValueError, match="relative"):
        await client.caller(app).get(path)
    assert canned.requests == []


async def test_the_access_token_is_not_the_hosts_to_give(client: WeChatClient, app: App) -> None:
    with pytest.raises(ValueError, match="access_token"):
        await client.caller(app).get("wxa/x", params={"access_token": "mine"})


async def test_a_quota_of_the_app_sheds_until_the_next_minute(
    client: WeChatClient, platform: Platform, app: App, time: Any
) -> None:
    """F05: 0 calls inside the minute; other calls go on."""
    platform.on("/wxa/x", {"errcode": 45011})
    platform.on("/wxa/y", OK)
    for _ in range(5):
        with pytest.raises(errors.RateLimited):
            await client.caller(app).get("wxa/x")
    assert len(platform.ran) == 1
    await client.caller(app).get("wxa/y")
    time.pass_(45)
    platform.on("/wxa/x", OK)
    await client.caller(app).get("wxa/x")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"errcode": 40125}, errors.AppMisconfigured),
        ({"errcode": 40001}, errors.AppMisconfigured),
        ({"errcode": 40164}, errors.AppMisconfigured),
        ({"errcode": 45009}, errors.RateLimited),
        ({"errcode": -1}, errors.WeChatUnavailable),
        ({}, errors.WeChatUnavailable),
        ({"access_token": "T"}, errors.WeChatUnavailable),
        ({"access_token": "", "expires_in": 7200}, errors.WeChatUnavailable),
        ({"access_token": "T\n", "expires_in": 7200}, errors.WeChatUnavailable),
        ({"access_token": "T", "expires_in": "7200"}, errors.WeChatUnavailable),
        ({"access_token": "T", "expires_in": 0}, errors.WeChatUnavailable),
        ({"access_token": "T", "expires_in": True}, errors.WeChatUnavailable),
        ({"access_token": "T", "expires_in": 10**9}, errors.WeChatUnavailable),
        (Unanswered("cut"), errors.WeChatUnavailable),
        (NotReached("refused"), errors.WeChatUnavailable),
    ],
)
async def test_without_an_access_token_the_call_is_not_made(
    client: WeChatClient,
    platform: Platform,
    canned: Any,
    app: App,
    answer: Any,
    expected: type[errors.WxLoginError],
) -> None:
    canned.by_path[TOKEN_PATH] = answer
    platform.on(PHONE_PATH, _phone())
    with pytest.raises(expected) as raised:
        await client.get_phone_number(app, "e31968a7", openid=OPENID)
    assert platform.ran == []
    if isinstance(raised.value, errors.WeChatUnavailable):
        assert raised.value.retry is None  # the phone code is unspent


async def test_a_token_is_asked_for_in_normal_mode(
    client: WeChatClient, platform: Platform, canned: Any, app: App
) -> None:
    platform.on("/wxa/x", OK)
    await client.caller(app).get("wxa/x")
    request = canned.requests[0]
    assert (request.method, request.path, request.query) == ("POST", TOKEN_PATH, {})
    assert json.loads(request.body) == {
        "grant_type": "client_credential",
        "appid": app.app_id,
        "secret": app.secret.reveal(),
        "force_refresh": False,
    }
