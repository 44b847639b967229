"""WeChat judges texts and pictures: passed is yes, all else is no, and silence is an error."""

import asyncio
import base64
import io
import json
from typing import Any

import pytest
from PIL import Image

from wechat_simulator import Simulator
from wxlogin.avatars.encoding import encode_avatar
from wxlogin.login import errors
from wxlogin.login.content import ContentCheck
from wxlogin.login.policy import App
from wxlogin.login.ports import NothingSent
from wxlogin.login.secret import Secret
from wxlogin.wechat.client import WeChatClient
from wxlogin.wechat.errcodes import WeChatApiError
from wxlogin.wechat.httpx2_transport import Httpx2Transport
from wxlogin.wechat.questions import PICTURE_CHECK, TEXT_CHECK, picture_check
from wxlogin.wechat.transport import NotReached, Unanswered, WeChatRequest, WeChatResponse

OPENID = "oVBkZ0aYgDMDIywRdgPW8-joxXc4"
TOKEN_PATH = "/cgi-bin/stable_token"
OK = {"errcode": 0, "errmsg": "ok"}
JPEG = b"\xff\xd8\xff picture \x00\r\n--\r\n \xff\xd9"


def judged(suggestion: Any, **changes: Any) -> dict[str, Any]:
    result = {"suggest": suggestion, "label": 100}
    return {
        **OK,
        "detail": [],
        "trace_id": "62987eb8-18ca076c-37fc373b",
        "result": result,
    } | changes


def refused(errcode: int) -> dict[str, Any]:
    return {"errcode": errcode, "errmsg": "x rid: 62987eb8-18ca076c-37fc373b"}


class Judge:
    """WeChat as these tests need it: tokens T1, T2, …, of which `dead` are refused."""

    def __init__(self, canned: Any) -> None:
        self.answer: Any = judged("pass")
        self.asked: list[WeChatRequest] = []
        self.dead: set[str] = set()
        self._given = 0
        canned.by_path = {TOKEN_PATH: self._token, TEXT_CHECK: self._ask, PICTURE_CHECK: self._ask}

    def _token(self, request: WeChatRequest) -> WeChatResponse:
        self._given += 1
        return _response({"access_token": f"T{self._given}", "expires_in": 7200})

    def _ask(self, request: WeChatRequest) -> Any:
        if request.query["access_token"] in self.dead:
            return _response(refused(40001))
        self.asked.append(request)
        return self.answer if isinstance(self.answer, Exception) else _response(self.answer)


def _response(fields: Any) -> WeChatResponse:
    return WeChatResponse(200, json.dumps(fields).encode())


@pytest.fixture
def judge(canned: Any) -> Judge:
    return Judge(canned)


async def test_a_text_is_sent_as_the_page_says(
    client: WeChatClient, judge: Judge, app: App
) -> None:
    check: ContentCheck = client
    assert await check.is_text_allowed(app, "小明 🐼", openid=OPENID)
    (request,) = judge.asked
    assert (request.method, request.path) == ("POST", "/wxa/msg_sec_check")
    assert request.query == {"access_token": "T1"}
    assert json.loads(request.body) == {
        "version": 2,
        "scene": 1,
        "openid": OPENID,
        "content": "小明 🐼",
    }
    assert "小明".encode() in request.body  # not \uXXXX: it would be judged as it stands
    assert request.headers()["content-type"] == "application/json"


@pytest.mark.parametrize(("suggestion", "wanted"), [("pass", True), ("risky", False)])
async def test_a_text_is_allowed_if_it_passes(
    client: WeChatClient, judge: Judge, app: App, suggestion: str, wanted: bool
) -> None:
    judge.answer = judged(suggestion)
    assert await client.is_text_allowed(app, "x", openid=OPENID) is wanted


async def test_a_doubt_is_a_no(client: WeChatClient, judge: Judge, app: App) -> None:
    """`review` asks for a human, and nobody is there."""
    judge.answer = judged("review")
    assert not await client.is_text_allowed(app, "x", openid=OPENID)
    judge.answer = refused(87014)
    assert not await client.is_text_allowed(app, "x", openid=OPENID)


@pytest.mark.parametrize(
    "answer",
    [
        OK,
        judged(None),
        judged("PASS"),
        judged(True),
        judged(["pass"]),
        judged("pass", result="pass"),
        judged("pass", result=None),
    ],
)
async def test_an_answer_without_a_verdict_is_no_yes(
    client: WeChatClient, judge: Judge, app: App, answer: Any
) -> None:
    judge.answer = answer
    with pytest.raises(errors.WeChatUnavailable):
        await client.is_text_allowed(app, "x", openid=OPENID)


async def test_a_picture_is_sent_as_a_form_with_one_file(
    client: WeChatClient, judge: Judge, app: App
) -> None:
    judge.answer = OK
    assert await client.is_picture_allowed(app, JPEG, media_type="image/jpeg")
    (request,) = judge.asked
    assert (request.method, request.path) == ("POST", "/wxa/img_sec_check")
    assert request.query == {"access_token": "T1"}
    kind, _, boundary = request.headers()["content-type"].partition("; boundary=")
    assert kind == "multipart/form-data"
    assert request.headers()["content-length"] == str(len(request.body))
    first, part, last = request.body.split(b"--" + boundary.encode())
    assert (first, last) == (b"", b"--\r\n")
    head, _, content = part.partition(b"\r\n\r\n")
    assert content == JPEG + b"\r\n"
    assert b'name="media"; filename="picture.jpg"' in head
    assert b"Content-Type: image/jpeg" in head


def test_no_picture_can_end_its_own_form_early(app: App) -> None:
    """The boundary follows from the content: what holds one boundary is given another."""
    request = picture_check(JPEG, media_type="image/jpeg", seconds=1)(Secret("T"))
    boundary = request.content_type.partition("boundary=")[2].encode()
    attack = JPEG + b"\r\n--" + boundary + b"--\r\n"
    answer = picture_check(attack, media_type="image/jpeg", seconds=1)(Secret("T"))
    other = answer.content_type.partition("boundary=")[2].encode()
    assert other != boundary
    assert answer.body.count(other) == 2


async def test_a_risky_picture_is_a_no(client: WeChatClient, judge: Judge, app: App) -> None:
    judge.answer = refused(87014)
    assert not await client.is_picture_allowed(app, JPEG, media_type="image/jpeg")


async def test_an_empty_object_is_no_yes_to_a_picture(
    client: WeChatClient, judge: Judge, app: App
) -> None:
    judge.answer = {}
    with pytest.raises(errors.WeChatUnavailable):
        await client.is_picture_allowed(app, JPEG, media_type="image/jpeg")


async def test_a_kind_that_wechat_does_not_judge_is_not_sent(
    client: WeChatClient, judge: Judge, app: App
) -> None:
    for kind in ("image/webp", "image/svg+xml", 'image/jpeg"\r\nX: y'):
        with pytest.raises(ValueError, match="image/jpeg"):
            await client.is_picture_allowed(app, JPEG, media_type=kind)
    assert judge.asked == []


async def _text(client: WeChatClient, app: App) -> bool:
    return await client.is_text_allowed(app, "x", openid=OPENID)


async def _picture(client: WeChatClient, app: App) -> bool:
    return await client.is_picture_allowed(app, JPEG, media_type="image/jpeg")


both = pytest.mark.parametrize("ask", [_text, _picture])


@both
async def test_a_refused_access_token_is_fetched_anew_once(
    client: WeChatClient, judge: Judge, app: App, ask: Any
) -> None:
    judge.dead = {"T1"}
    assert await ask(client, app)
    assert [request.query["access_token"] for request in judge.asked] == ["T2"]
    judge.dead = {"T2", "T3", "T4"}
    with pytest.raises(errors.WeChatUnavailable):
        await ask(client, app)
    assert len(judge.asked) == 1


@both
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refused(-1), errors.WeChatUnavailable),
        (refused(61010), errors.WeChatUnavailable),
        (refused(40006), errors.WeChatUnavailable),
        (refused(45009), errors.RateLimited),
        (refused(48001), errors.AppMisconfigured),
        (Unanswered("deadline"), errors.WeChatUnavailable),
        (NotReached("refused"), errors.WeChatUnavailable),
    ],
)
async def test_where_nobody_judges_nothing_is_allowed(
    client: WeChatClient, judge: Judge, app: App, ask: Any, answer: Any, error: type[Exception]
) -> None:
    judge.answer = answer
    with pytest.raises(error):
        await ask(client, app)


async def test_a_person_who_is_not_there_is_told_apart_in_the_errcode(
    client: WeChatClient, judge: Judge, app: App, caplog: pytest.LogCaptureFixture
) -> None:
    judge.answer = refused(61010)
    with pytest.raises(WeChatApiError) as raised:
        await client.is_text_allowed(app, "canary-nickname", openid=OPENID)
    assert raised.value.errcode == 61010
    assert "two hours" in caplog.text
    assert "canary-nickname" not in caplog.text
    assert OPENID not in caplog.text


async def test_pictures_that_time_out_turn_no_login_away(
    client: WeChatClient, judge: Judge, app: App, canned: Any, session: dict[str, Any]
) -> None:
    """The judge has a breaker of its own; else ten slow pictures would lock everybody out."""
    judge.answer = Unanswered("deadline")
    canned.by_path["/sns/jscode2session"] = session
    for _ in range(25):
        with pytest.raises(errors.WeChatUnavailable):
            await client.is_picture_allowed(app, JPEG, media_type="image/jpeg")
    assert len(judge.asked) == 10
    assert (await client.exchange_code(app, "0code")).openid == OPENID


async def test_the_twin_with_one_breaker_turns_the_login_away(
    client: WeChatClient, judge: Judge, app: App, canned: Any, session: dict[str, Any]
) -> None:
    """Red twin: the same pictures through the breaker of logins."""
    client._contents._asking = client._asking
    judge.answer = Unanswered("deadline")
    canned.by_path["/sns/jscode2session"] = session
    for _ in range(25):
        with pytest.raises(errors.WeChatUnavailable):
            await client.is_picture_allowed(app, JPEG, media_type="image/jpeg")
    with pytest.raises(NothingSent) as turned_away:
        await client.exchange_code(app, "0code")
    assert turned_away.value.from_breaker


async def test_a_picture_has_longer_than_a_login(
    client: WeChatClient, judge: Judge, app: App
) -> None:
    await client.is_text_allowed(app, "x", openid=OPENID)
    judge.answer = OK
    await client.is_picture_allowed(app, JPEG, media_type="image/jpeg")
    assert [request.seconds for request in judge.asked] == [3.0, 8.0]


# Against the simulator, which shares no line with us


def _drawn(colour: str) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (900, 700), colour).save(written, "PNG")
    return encode_avatar(written.getvalue()).content


async def test_the_simulator_judges_what_we_send(shelf: Any, time: Any) -> None:
    with Simulator(clock=time.clock) as wechat:
        transport = Httpx2Transport(wechat.url)
        client = WeChatClient(transport, shelf, clock=time.clock)
        app = App(wechat.app_id, Secret(wechat.secret))
        wechat.login("ann")
        openid = wechat.openid("ann")
        try:
            assert await client.is_text_allowed(app, "小明", openid=openid)
            assert not await client.is_text_allowed(app, "很违规", openid=openid)
            for colour, wanted in (("green", True), ("red", False)):
                picture = await asyncio.to_thread(_drawn, colour)
                assert (
                    await client.is_picture_allowed(app, picture, media_type="image/jpeg") is wanted
                )
            wechat.revoke_access_tokens()
            assert await client.is_text_allowed(app, base64.b64encode(JPEG).decode(), openid=openid)
        finally:
            await transport.close()
