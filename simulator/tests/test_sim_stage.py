"""The /sim side over HTTP: every row of its table, and what it says to wrong calls."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta

import pytest

from wechat_simulator import Problem, Simulator


def test_every_row_of_the_table(http, wechat):
    """Each call of the documented table answers 200 with its fields."""
    app = {"app_id": wechat.app_id, "user_id": "ann"}

    def post(path, /, **body):
        answer = http.post(path, json=body)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/json"
        return answer.json()

    made = post("/sim/apps", union_group="acme")
    assert re.fullmatch(r"wx[0-9a-f]{16}", made["app_id"])
    assert re.fullmatch(r"[0-9a-f]{32}", made["secret"])
    assert post("/sim/users", name="安安")["user_id"]
    assert post("/sim/users", user_id="ann", phone="+8613800138000")["phone"] == "+8613800138000"
    assert post("/sim/wx/login", **app, device="phone")["errMsg"] == "login:ok"
    assert post("/sim/wx/checkSession", **app) == {"errMsg": "checkSession:ok"}
    assert post("/sim/wx/getSetting", **app)["authSetting"] == {}
    answer = post("/sim/wx/authorize", **app, scope="scope.userInfo", answer="allow")
    assert answer["errMsg"] == "authorize:ok"
    assert post("/sim/wx/getSetting", **app)["authSetting"] == {"scope.userInfo": True}
    event = post("/sim/wx/getPhoneNumber", **app)
    assert set(event) == {"errMsg", "code", "encryptedData", "iv"}
    assert set(post("/sim/wx/getUserInfo", **app)) == {
        *("errMsg", "userInfo", "rawData", "signature", "encryptedData", "iv")
    }
    assert post("/sim/session-key/rotate", **app) == {}
    failing = post("/sim/wx/checkSession", **app)["errMsg"]
    assert failing == "checkSession:fail session time out, need relogin"
    assert post("/sim/clock", advance_seconds=60)["now"] == "2026-01-01T00:01:00.000Z"
    assert post("/sim/settings", quotas=True)["quotas"] is True
    assert post("/sim/faults", path="/x", errcode=-1)["fault_id"]
    message = {"phone": "+8613800138000", "text": "验证码 123456", "verification_code": "123456"}
    assert post("/sim/sms", **message) == {}
    http.get("/cgi-bin/token")
    assert http.get("/sim/log").json()["items"][0]["errcode"] == 41002
    assert post("/sim/reset") == {}
    assert http.get("/sim/log").json() == {"items": []}
    assert http.get("/sim/clock").json()["now"] == "2026-01-01T00:00:00.000Z"
    assert [app["app_id"] for app in http.get("/sim/apps").json()["items"]] == [wechat.app_id]


def test_default_settings(http):
    """A key rotates at an exchange once older than 300 s, lives 3 days; quotas off; anonymous."""
    assert http.get("/sim/settings").json() == {
        "rotation": "exchange",
        "rotation_min_seconds": 300,
        "session_key_ttl": 259200,
        "quotas": False,
        "profile": "anonymous",
        "strict_grant_type": True,
        "phone_country_code": "number",
        "risky_words": ["违规", "risky"],
        "foreign_codes_user": None,
    }


def test_the_inbox_is_newest_first_and_by_phone(http, wechat):
    """GET /sim/sms?phone=, also for who forgot to escape the plus sign."""
    for number, phone in enumerate(["+8613800138000", "+8613900139000", "+8613800138000"]):
        body = {"phone": phone, "text": f"t{number}", "verification_code": str(number)}
        http.post("/sim/sms", json=body)
    for query in ("phone=%2B8613800138000", "phone=+8613800138000", "phone=8613800138000"):
        items = http.get(f"/sim/sms?{query}").json()["items"]
        assert [item["verification_code"] for item in items] == ["2", "0"]
    assert items[0] == {
        "phone": "+8613800138000",
        "text": "t2",
        "verification_code": "2",
        "at": "2026-01-01T00:00:00.000Z",
    }
    assert len(http.get("/sim/sms").json()["items"]) == 3
    assert len(wechat.inbox()) == 3


def test_the_log_is_newest_first_and_holds_no_secret(http, server, wechat):
    """GET /sim/log?limit=: appsecret, session_key, access_token and codes masked."""
    code, token = wechat.login("ann"), server.token()
    key = server.exchange(code)["session_key"]
    phone_code = wechat.phone("ann")["code"]
    body = {"code": phone_code, "openid": wechat.openid("ann")}
    server.post("/wxa/business/getuserphonenumber", body, access_token=token)
    text = http.get("/sim/log").text
    for secret in (code, token, key, phone_code, wechat.secret):
        assert secret not in text
    items = json.loads(text)["items"]
    assert [item["path"] for item in items] == [
        "/wxa/business/getuserphonenumber",
        "/sns/jscode2session",
        "/cgi-bin/stable_token",
    ]
    assert {item["app_id"] for item in items} == {wechat.app_id}
    assert items[0]["sent"]["openid"] == items[0]["openid"] == wechat.openid("ann")
    assert items[1]["openid"] == wechat.openid("ann")
    assert {item["errcode"] for item in items} == {0}
    assert len(http.get("/sim/log?limit=1").json()["items"]) == 1


def test_reprs_hold_no_secret(wechat):
    """App, Request, Answer and codes may land in somebody's log."""
    code = wechat.login("ann")
    found = wechat.world.codes.find(code)
    app = wechat.world.get_app(wechat.app_id)
    answer = wechat.call("GET", f"/sns/jscode2session?secret={wechat.secret}")
    for shown in (repr(found), repr(app), repr(answer)):
        assert code not in shown
        assert wechat.secret not in shown


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/sim/wx/login", {}, "user_id"),
        ("/sim/wx/login", {"user_id": 7}, "user_id"),
        ("/sim/wx/login", {"user_id": ""}, "user_id"),
        ("/sim/wx/login", {"user_id": "x" * 257}, "user_id"),
        ("/sim/users", {"phone": "13800138000"}, "phone"),
        ("/sim/users", {"blocked": 1}, "blocked"),
        ("/sim/apps", {"app_id": "wx/../x"}, "app_id"),
        ("/sim/apps", {"encoding_aes_key": "short"}, "encoding_aes_key"),
        ("/sim/apps", {"kind": "app"}, "kind"),
        ("/sim/clock", {"advance_seconds": -1}, "advance_seconds"),
        ("/sim/clock", {"advance_seconds": "1"}, "advance_seconds"),
        ("/sim/settings", {"rotation": "daily"}, "rotation"),
        ("/sim/settings", {"session_key_ttl": 0}, "session_key_ttl"),
        ("/sim/faults", {"path": "sns", "errcode": -1}, "path"),
        ("/sim/faults", {"path": "/sns"}, "path"),
        ("/sim/sms", {"phone": "+8613800138000"}, "text"),
    ],
)
def test_a_wrong_field_is_named_in_two_languages(http, path, body, field):
    """400 as a problem document."""
    answer = http.post(path, json=body)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == "request_invalid"
    assert problem["status"] == 400
    assert problem["errors"][0]["field"] == field
    assert re.search(r"[\u4e00-\u9fff].* / .*[a-z]", problem["detail"])


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'{"a":NaN}', b'{"a":"\\ud800"}', b"\xff"])
def test_a_body_that_is_no_object_is_400(http, body):
    """Broken JSON, and what UTF-8 cannot carry."""
    assert http.post("/sim/users", content=body).status_code == 400


def test_unknown_app_path_and_method(http):
    """404 and 405 with Allow; nothing else."""
    answer = http.post("/sim/wx/login", json={"app_id": "wxnone", "user_id": "ann"})
    assert (answer.status_code, answer.json()["code"]) == (404, "app_unknown")
    assert http.get("/sim/nothing").status_code == 404
    answer = http.get("/sim/wx/login")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    answer = http.get("/sim/push")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert http.get("/sim/reset").status_code == 405


def test_a_body_beyond_the_limit_is_413(http):
    """Two MiB."""
    assert http.post("/sim/users", content=b"x" * (2 * 1024 * 1024 + 1)).status_code == 413


def test_with_two_apps_the_app_must_be_named(http):
    """app_id may be left out where there is exactly one."""
    assert http.post("/sim/wx/login", json={"user_id": "ann"}).status_code == 200
    http.post("/sim/apps", json={})
    answer = http.post("/sim/wx/login", json={"user_id": "ann"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "app_id")


def test_an_app_is_changed_where_fields_are_given(http, wechat):
    """Existing: updated; null takes the union_group away."""
    path, app = "/sim/apps", {"app_id": wechat.app_id}
    assert http.post(path, json={**app, "union_group": "a"}).json()["union_group"] == "a"
    changed = http.post(path, json={**app, "kind": "mini_game"}).json()
    assert (changed["union_group"], changed["secret"]) == ("a", wechat.secret)
    assert http.post(path, json={**app, "union_group": None}).json()["union_group"] is None
    http.post(path, json={**app, "secret": "new"})
    assert wechat.secret == "new"


def test_a_strangers_web_page_is_refused(http):
    """DNS rebinding and cross-site posts from the developer's browser: 403."""
    for headers in ({"host": "evil.example"}, {"origin": "https://evil.example"}):
        assert http.get("/sim/apps", headers=headers).status_code == 403
    assert http.get("/sim/apps", headers={"origin": "http://localhost:8000"}).status_code == 200


def test_allow_remote_lets_others_in():
    """The switch of the command line."""
    import httpx2

    with Simulator(allow_remote=True) as wechat:
        answer = httpx2.get(f"{wechat.url}/sim/apps", headers={"host": "sim.lan"}, trust_env=False)
        assert answer.status_code == 200


def test_the_clock_can_be_given_and_is_advanced_on_top(wechat):
    """Injectable clock; aware UTC."""
    before = wechat.now()
    assert wechat.advance(90) - before == timedelta(seconds=90)
    assert wechat.now().utcoffset() == timedelta(0)
    assert isinstance(wechat.advance(0.5), datetime)
    with pytest.raises(Problem):
        wechat.advance(-1)


def test_reset_keeps_the_apps_it_was_made_with(wechat):
    """POST /sim/reset; the port stays open too."""
    url = wechat.url
    wechat.add_app("wxother")
    code = wechat.login("ann")
    wechat.reset()
    assert wechat.url == url
    assert set(wechat.world.apps) == {wechat.app_id}
    assert wechat.exchanges(code) == 0
    assert not wechat.check_session("ann")


def test_settings_from_python_refuse_a_slip(wechat):
    """A misspelt setting must not pass silently."""
    with pytest.raises(TypeError, match="rotatoin"):
        wechat.settings(rotatoin="mint")


def test_exchanges_over_http(http, wechat, server):
    """GET /sim/exchanges?code=: how many exchanges of a code reached the platform."""
    code = wechat.login("ann")
    assert http.get("/sim/exchanges", params={"code": code}).json() == {"exchanges": 0}
    server.exchange(code)
    assert http.get("/sim/exchanges", params={"code": code}).json() == {"exchanges": 1}
