"""code2Session against the contract, line by line."""

from __future__ import annotations

import base64
import re

import httpx2
import pytest

from wechat_simulator import App, Simulator

PATH = "/sns/jscode2session"


def test_success_has_session_key_then_openid_and_no_errcode(server, wechat):
    """Contract §1 "Success": key order, shapes, errcode absent, unionid only when bound."""
    answer = server.exchange(wechat.login("ann"))
    assert list(answer) == ["session_key", "openid"]
    assert len(answer["session_key"]) == 24
    assert len(base64.b64decode(answer["session_key"], validate=True)) == 16
    assert re.fullmatch(r"o[A-Za-z0-9_-]{27}", answer["openid"])


def test_a_bound_app_gets_the_unionid_last(server, wechat):
    """Contract §1 "unionid": whenever the app is bound to an open-platform account."""
    wechat.add_app(wechat.app_id, union_group="acme")
    answer = server.exchange(wechat.login("ann"))
    assert list(answer) == ["session_key", "openid", "unionid"]
    assert re.fullmatch(r"o[A-Za-z0-9_-]{27}", answer["unionid"])


def test_openid_is_per_app_and_unionid_per_group():
    """Contract §1 table of values."""
    apps = [
        App("wxa", "s", union_group="acme"),
        App("wxb", "s", union_group="acme"),
        App("wxc", "s", union_group="other"),
    ]
    with Simulator(apps=apps) as wechat:
        assert len({wechat.openid("ann", app_id=app.app_id) for app in apps}) == 3
        unionids = [wechat.unionid("ann", app_id=app.app_id) for app in apps]
        assert unionids[0] == unionids[1] != unionids[2]
        assert wechat.openid("ann") != wechat.openid("bob")


def test_openids_survive_a_restart():
    """Contract §1: stable per (user, appid)."""
    assert Simulator().openid("ann") == Simulator().openid("ann")


def test_a_code_is_32_alphanumerics_starting_with_zero(wechat):
    """Contract §1 table of values."""
    assert re.fullmatch(r"0[A-Za-z0-9]{31}", wechat.login("ann"))


def test_the_answer_is_text_plain_without_charset(http, wechat):
    """Contract §0: text/plain, Content-Length, Date; status 200 for errors too."""
    answer = http.get(PATH, params={"appid": wechat.app_id})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain"
    assert answer.headers["content-length"] == str(len(answer.content))
    assert "date" in answer.headers
    assert "server" not in answer.headers


def test_an_invalid_code_takes_74_bytes(wechat):
    """Contract §0: the quoted 40029 answer has a body of 74 bytes."""
    query = f"appid={wechat.app_id}&secret={wechat.secret}&js_code=x&grant_type=authorization_code"
    assert len(wechat.call("GET", f"{PATH}?{query}").body) == 74


def test_the_rid_starts_with_the_clocks_seconds(server, wechat):
    """Contract §0 "rid" and §13.5: comma and space before it on sns paths."""
    wechat.advance(1000)
    match = re.fullmatch(
        r"invalid code, rid: ([0-9a-f]{8})-[0-9a-f]{8}-[0-9a-f]{8}",
        server.exchange("nonsense")["errmsg"],
    )
    assert match
    assert int(match[1], 16) == int(wechat.now().timestamp())


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"appid": None}, (41002, "appid missing")),
        ({"secret": None}, (41004, "appsecret missing")),
        ({"js_code": None}, (41008, "missing code")),
        ({"js_code": ""}, (41008, "missing code")),
        ({"grant_type": "client_credential"}, (40002, "invalid grant_type")),
        ({"grant_type": None}, (40002, "invalid grant_type")),
        ({"appid": "wxnosuchapp"}, (40013, "invalid appid")),
        ({"secret": "wrong"}, (40125, "invalid appsecret")),
        ({"js_code": "the code is a mock one"}, (40029, "invalid code")),
    ],
)
def test_errors_of_parameters(server, wechat, words, changed, expected):
    """Contract §1 "Errors"; none of them spends the code."""
    code = wechat.login("ann")
    assert words(server.exchange(code, **changed)) == expected
    assert "openid" in server.exchange(code)


def test_where_several_things_are_wrong_the_missing_come_first(server, words):
    """Contract §1 "Order of checks": appid, secret, code missing; then appid, secret; then code."""
    assert words(server.get(PATH))[0] == 41002
    assert words(server.get(PATH, appid="wxnosuch"))[0] == 41004
    assert words(server.get(PATH, appid="wxnosuch", secret="x"))[0] == 41008
    assert words(server.exchange("x", appid="wxnosuch", secret="y"))[0] == 40013
    assert words(server.exchange("x", secret="y"))[0] == 40125


def test_by_post_the_parameters_are_not_seen(wechat, words):
    """Contract §1: sent as POST, 41002."""
    query = f"appid={wechat.app_id}&secret={wechat.secret}&js_code=x&grant_type=authorization_code"
    answer = wechat.call("POST", f"{PATH}?{query}")
    assert words(answer.json()) == (41002, "appid missing")


def test_grant_type_may_be_left_out_where_settings_say_so(server, wechat):
    """Contract §1: strictness is a switch."""
    wechat.settings(strict_grant_type=False)
    assert "openid" in server.exchange(wechat.login("ann"), grant_type=None)


def test_unknown_parameters_are_ignored(server, wechat):
    """Contract §0: SDKs append access_token here and it works."""
    assert "openid" in server.exchange(wechat.login("ann"), access_token="whatever")


def test_a_code_works_once(server, wechat, words):
    """Contract §1 "Code semantics": second exchange 40163."""
    code = wechat.login("ann")
    assert "openid" in server.exchange(code)
    assert words(server.exchange(code)) == (40163, "code been used")
    assert wechat.exchanges(code) == 2


def test_a_code_lives_five_minutes_and_its_failure_burns_it(server, wechat, words):
    """Contract §1 "Code semantics": expired 40029, then 40163."""
    in_time, late = wechat.login("ann"), wechat.login("ann")
    wechat.advance(299)
    assert "openid" in server.exchange(in_time)
    wechat.advance(2)
    assert words(server.exchange(late)) == (40029, "invalid code")
    assert words(server.exchange(late)) == (40163, "code been used")


def test_a_code_of_another_app_is_invalid_and_burnt(words):
    """Contract §1: code of app A with the secret of app B 40029; a failure burns."""
    with Simulator(apps=[App("wxa", "sa"), App("wxb", "sb")]) as wechat:
        code = wechat.login("ann", app_id="wxa")
        query = f"js_code={code}&grant_type=authorization_code"
        as_b = f"{PATH}?appid=wxb&secret=sb&{query}"
        as_a = f"{PATH}?appid=wxa&secret=sa&{query}"
        assert words(wechat.call("GET", as_b).json()) == (40029, "invalid code")
        assert words(wechat.call("GET", as_a).json()) == (40163, "code been used")


def test_a_phone_code_is_no_login_code(server, wechat, words):
    """Contract §1, §4.1: not interchangeable."""
    assert words(server.exchange(wechat.phone("ann")["code"])) == (40029, "invalid code")


def test_several_outstanding_codes_of_one_user_all_work(server, wechat):
    """Contract §1: unknown; simulated as yes."""
    codes = [wechat.login("ann") for _ in range(5)]
    assert len({server.exchange(code)["openid"] for code in codes}) == 1


def test_a_blocked_user_gets_40226(server, wechat, words):
    """Contract §1 "Errors"."""
    wechat.add_user("eve", blocked=True)
    assert words(server.exchange(wechat.login("eve"))) == (40226, "code blocked")


def test_the_quota_is_a_hundred_a_minute_for_each_user_once_on(server, wechat, words):
    """Contract §1: 100 per minute per WeChat user; the refused code is not spent."""
    wechat.settings(quotas=True)
    for _ in range(100):
        assert "openid" in server.exchange(wechat.login("ann"))
    code = wechat.login("ann")
    assert words(server.exchange(code))[0] == 45011
    assert "openid" in server.exchange(wechat.login("bob"))
    wechat.advance(60)
    assert "openid" in server.exchange(code)


def test_the_devtools_tourist_gets_a_mock_code(server, wechat, words):
    """Contract §10.2: literal code, exchange 40029."""
    code = wechat.login("ann", tourist=True)
    assert code == "the code is a mock one"
    assert words(server.exchange(code))[0] == 40029


def test_an_unknown_path_is_404_and_no_json(http):
    """Not in the contract: our choice."""
    answer = http.get("/sns/nothing")
    assert answer.status_code == 404
    with pytest.raises(ValueError, match=r"Expecting value|Extra data"):
        answer.json()


def test_many_logins_at_once_spend_each_code_once(wechat):
    """Contract §1: one use, also when two exchanges of one code race."""
    from concurrent.futures import ThreadPoolExecutor

    code, url = wechat.login("ann"), wechat.url
    params = {
        "appid": wechat.app_id,
        "secret": wechat.secret,
        "js_code": code,
        "grant_type": "authorization_code",
    }
    with httpx2.Client(trust_env=False, verify=False) as client, ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(lambda _: client.get(url + PATH, params=params).json(), range(8)))
    assert sum("openid" in answer for answer in answers) == 1
    assert wechat.exchanges(code) == 8
