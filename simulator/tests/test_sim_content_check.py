"""The content checks: msg_sec_check 2.0 and img_sec_check, as their pages describe them."""

from __future__ import annotations

import re
from io import BytesIO

import httpx2
import pytest
from PIL import Image

from wechat_simulator import App, Simulator

TEXT = "/wxa/msg_sec_check"
PICTURE = "/wxa/img_sec_check"


def picture(colour="red", *, size=(40, 40), kind="PNG"):
    written = BytesIO()
    Image.new("RGB", size, colour).save(written, kind)
    return written.getvalue()


def form(content, *, name="media", file_name='; filename="a.png"', boundary="b0undary"):
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{file_name}\r\n\r\n'
    return head.encode() + content + f"\r\n--{boundary}--\r\n".encode()


class Asking:
    """A server that asks for judgements."""

    def __init__(self, server, wechat):
        self.server = server
        self.wechat = wechat

    def text(self, content="你好", *, user="ann", **changed):
        body = {"version": 2, "scene": 1, "openid": self.wechat.openid(user), "content": content}
        token = self.server.token()
        return self.server.post(TEXT, {**body, **changed}, access_token=token)

    def picture(
        self, body, *, content_type="multipart/form-data; boundary=b0undary", method="POST"
    ):
        path = f"{PICTURE}?access_token={self.server.token()}"
        headers = {"Content-Type": content_type}
        return self.wechat.call(method, path, body=body, headers=headers).json()


@pytest.fixture
def asking(server, wechat):
    wechat.login("ann")
    return Asking(server, wechat)


def test_a_text_that_passes(asking):
    """The fields and their order are those of an answer that a developer quoted."""
    answer = asking.text()
    assert list(answer) == ["errcode", "errmsg", "detail", "trace_id", "result"]
    assert answer["result"] == {"suggest": "pass", "label": 100}
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}", answer["trace_id"])
    (detail,) = answer["detail"]
    assert detail["strategy"] == "content_model"


@pytest.mark.parametrize("content", ["违规", "很违规的名字", "a RISKY name"])
def test_a_text_with_a_risky_word_is_risky(asking, content):
    answer = asking.text(content)
    assert (answer["errcode"], answer["result"]["suggest"]) == (0, "risky")
    assert type(answer["result"]["label"]) is int


def test_the_risky_words_are_a_setting(asking, wechat, http):
    told = http.post("/sim/settings", json={"risky_words": ["茶"]}).json()
    assert told["risky_words"] == ["茶"]
    assert asking.text("risky")["result"]["suggest"] == "pass"
    assert asking.text("喝茶")["result"]["suggest"] == "risky"
    for wrong in ("茶", [1], [""]):
        answer = http.post("/sim/settings", json={"risky_words": wrong})
        assert answer.json()["errors"][0]["field"] == "risky_words"


def test_a_doubt_can_be_scripted(asking, wechat):
    wechat.fail(TEXT, patch={"result": {"suggest": "review", "label": 20002}}, times=1)
    assert asking.text()["result"]["suggest"] == "review"
    assert asking.text()["result"]["suggest"] == "pass"


def test_a_person_who_was_not_here_for_two_hours_cannot_be_judged(asking, wechat, words):
    """The page: 用户需在近两小时访问过小程序; 61010 as developers quote it."""
    wechat.advance(2 * 3600)
    assert asking.text()["errcode"] == 0
    wechat.advance(1)
    assert words(asking.text()) == (61010, "code is expired")
    wechat.check_session("ann")
    assert asking.text()["errcode"] == 0


def test_wrong_calls_of_the_text_check(asking, wechat, server, words):
    assert words(asking.text(openid="o-nobody"))[0] == 40003
    assert words(asking.text(scene=5))[0] == 40129
    assert words(asking.text(version=1))[0] == 40097
    assert words(asking.text(""))[0] == 44002
    assert words(asking.text("字" * 2501))[0] == 45002
    assert asking.text("字" * 2500)["errcode"] == 0
    assert words(server.post(TEXT, {}))[0] == 41001
    assert words(server.get(TEXT, access_token=server.token()))[0] == 43302
    path = f"{TEXT}?access_token={server.token()}"
    assert words(wechat.call("POST", path, body=b"content=1").json())[0] == 47001


def test_an_openid_of_another_app_is_43104(words):
    with Simulator(apps=[App("wxa", "sa"), App("wxb", "sb")]) as wechat:
        wechat.login("ann", app_id="wxa")
        token = wechat.call(
            "GET", "/cgi-bin/token?grant_type=client_credential&appid=wxb&secret=sb"
        ).json()["access_token"]
        body = {
            "version": 2,
            "scene": 1,
            "openid": wechat.openid("ann", app_id="wxa"),
            "content": "x",
        }
        answer = wechat.call("POST", f"{TEXT}?access_token={token}", json_body=body)
        assert words(answer.json())[0] == 43104


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF"])
def test_a_red_picture_is_risky_and_another_is_not(asking, words, kind):
    assert words(asking.picture(form(picture(kind=kind)))) == (87014, "risky content")
    assert asking.picture(form(picture("green", kind=kind))) == {"errcode": 0, "errmsg": "ok"}


def test_what_is_no_form_with_a_file_is_41005(asking, words):
    """Without a file name WeChat finds no media, as developers found out."""
    good = picture("green")
    assert words(asking.picture(form(good, file_name=""))) == (41005, "media data missing")
    assert words(asking.picture(form(good, name="file")))[0] == 41005
    assert words(asking.picture(good, content_type="image/png"))[0] == 41005
    assert words(asking.picture(form(good, boundary="other")))[0] == 41005
    assert words(asking.picture(form(good), method="GET"))[0] == 43002


def test_a_picture_too_large_or_none_is_refused(asking, words):
    assert words(asking.picture(form(picture("green", size=(751, 10)))))[0] == 40006
    assert words(asking.picture(form(picture("green", size=(10, 1335)))))[0] == 40006
    assert asking.picture(form(picture("green", size=(750, 1334))))["errcode"] == 0
    assert words(asking.picture(form(b"x" * (1024 * 1024 + 1)))) == (40006, "invalid media size")
    assert words(asking.picture(form(b"<svg/>"))) == (40004, "invalid media type")
    assert words(asking.picture(form(picture(kind="WEBP"))))[0] == 40004


def test_an_access_token_that_was_replaced_is_40001(asking, wechat, server, words):
    token = server.token()
    wechat.revoke_access_tokens()
    path = f"{PICTURE}?access_token={token}"
    assert words(wechat.call("POST", path, body=form(picture())).json())[0] == 40001


def test_over_a_real_port_with_a_client_of_forms(server, wechat):
    """What an ordinary HTTP client sends; more than the platform takes still gets its answer."""
    with httpx2.Client(base_url=wechat.url, trust_env=False, verify=False) as client:
        path = f"{PICTURE}?access_token={server.token()}"
        answer = client.post(path, files={"media": ("a.jpg", picture(kind="JPEG"), "image/jpeg")})
        assert answer.json()["errcode"] == 87014
        large = client.post(path, files={"media": ("a.jpg", b"x" * 1_200_000, "image/jpeg")})
        assert large.json()["errcode"] == 40006


def test_the_quotas_are_the_documented_ones(asking, wechat, words):
    wechat.settings(quotas=True)
    body = form(picture("green", size=(1, 1)))
    answers = [asking.picture(body)["errcode"] for _ in range(2001)]
    assert answers[:2000] == [0] * 2000
    assert answers[2000] == 45011
