"""access_token: two isolated families, their overlaps, and every refusal."""

from __future__ import annotations

import re

import pytest


def works(server, wechat, token):
    """The errcode a call with this token gets for an unknown openid: 40003 means it was let in."""
    answer = server.get("/wxa/checksession", access_token=token, openid="nobody")
    return answer["errcode"]


LET_IN = 40003


def plain(server):
    return server.get("/cgi-bin/token", **server.credentials())


def stable(server, **changed):
    return server.post("/cgi-bin/stable_token", server.credentials(**changed))


def test_success_has_two_fields_and_no_errcode(server):
    """Contract §3.1: shape, 7200 s, 136 characters."""
    answer = plain(server)
    assert list(answer) == ["access_token", "expires_in"]
    assert answer["expires_in"] == 7200
    assert re.fullmatch(r"[0-9]{2}_[A-Za-z0-9_-]{133}", answer["access_token"])


@pytest.mark.parametrize("path", ["/cgi-bin/token", "/cgi-bin/stable_token", "/wxa/checksession"])
def test_content_type_says_encoding_not_charset(http, path):
    """Contract §0."""
    assert http.get(path).headers["content-type"] == "application/json; encoding=utf-8"


def test_token_is_new_at_every_call_and_the_old_one_works_five_minutes(server, wechat):
    """Contract §3.1."""
    old, new = plain(server)["access_token"], plain(server)["access_token"]
    assert old != new
    wechat.advance(299)
    assert works(server, wechat, old) == LET_IN
    wechat.advance(1)
    assert works(server, wechat, old) == 40001
    assert works(server, wechat, new) == LET_IN


def test_a_token_ends_after_two_hours(server, wechat, words):
    """Contract §3.3: 42001 access_token expired."""
    token = plain(server)["access_token"]
    wechat.advance(7199)
    assert works(server, wechat, token) == LET_IN
    wechat.advance(1)
    answer = server.get("/wxa/checksession", access_token=token, openid="x")
    assert words(answer) == (42001, "access_token expired")


def test_stable_tells_the_same_token_and_its_remaining_seconds(server, wechat):
    """Contract §3.2."""
    first = stable(server)
    wechat.advance(1000)
    second = stable(server)
    assert second["access_token"] == first["access_token"]
    assert second["expires_in"] == 6200


def test_stable_renews_in_the_last_five_minutes_and_both_work(server, wechat):
    """Contract §3.2: hence expires_in is 300 or more always."""
    old = stable(server)["access_token"]
    wechat.advance(6901)
    answer = stable(server)
    assert answer["access_token"] != old
    assert answer["expires_in"] == 7200
    assert works(server, wechat, old) == LET_IN
    assert works(server, wechat, answer["access_token"]) == LET_IN


def test_a_forced_refresh_kills_the_old_one_at_once(server, wechat, words):
    """Contract §3.2, §3.3 wire text."""
    old = stable(server)["access_token"]
    new = stable(server, force_refresh=True)["access_token"]
    answer = server.get("/wxa/checksession", access_token=old, openid="x")
    errcode, text = words(answer)
    assert errcode == 40001
    assert text.startswith("invalid credential, access_token is invalid or not latest")
    assert works(server, wechat, new) == LET_IN


def test_forced_refreshes_need_thirty_seconds_between_them(server, wechat):
    """Contract §3.2: otherwise not refreshed."""
    first = stable(server, force_refresh=True)["access_token"]
    wechat.advance(29)
    assert stable(server, force_refresh=True)["access_token"] == first
    wechat.advance(1)
    assert stable(server, force_refresh=True)["access_token"] != first


def test_the_families_do_not_touch_each_other(server, wechat):
    """Contract §3.2: completely isolated."""
    of_stable, of_plain = stable(server)["access_token"], plain(server)["access_token"]
    plain(server)
    stable(server, force_refresh=True)
    wechat.advance(200)
    assert works(server, wechat, of_plain) == LET_IN
    assert works(server, wechat, of_stable) == 40001


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"appid": None}, (41002, "appid missing")),
        ({"secret": None}, (41004, "appsecret missing")),
        ({"grant_type": "authorization_code"}, (40002, "invalid grant_type")),
        ({"appid": "wxnosuch"}, (40013, "invalid appid")),
        ({"secret": "wrong"}, (40125, "invalid appsecret")),
    ],
)
def test_errors_of_both_families(server, words, changed, expected):
    """Contract §3.3; a blank and no comma before the rid."""
    bodies = server.credentials(**changed)
    for answer in (server.get("/cgi-bin/token", **bodies), stable(server, **changed)):
        assert words(answer) == expected
        assert re.search(r"[a-z] rid: [0-9a-f]{8}-", answer["errmsg"])


def test_stable_takes_json_by_post_only(server, wechat, words):
    """Contract §3.2, §3.3: 43002; an unparsed body counts as a missing appid."""
    assert words(server.get("/cgi-bin/stable_token", **server.credentials()))[0] == 43002
    answer = wechat.call("POST", "/cgi-bin/stable_token", body=b"appid=wx&secret=x")
    assert words(answer.json()) == (41002, "appid missing")


def test_a_missing_a_malformed_and_a_foreign_token(server, wechat, words):
    """Contract §3.3: 41001, 40014, 40001."""
    path = "/wxa/checksession"
    assert words(server.get(path)) == (41001, "access_token missing")
    assert words(server.get(path, access_token="x")) == (40014, "invalid access_token")
    assert words(server.get(path, access_token="77_" + "a" * 133))[0] == 40001


def test_tokens_can_be_revoked_from_the_stage(server, wechat):
    """A second server that fetched a token: the classic cause of 40001."""
    token = server.token()
    wechat.revoke_access_tokens()
    assert works(server, wechat, token) == 40001
    assert works(server, wechat, server.token()) == LET_IN


def test_daily_and_minute_quotas_once_on(server, wechat, words):
    """Contract §3.1 (2000 a day), §3.2 (20 forced a day)."""
    wechat.settings(quotas=True)
    for _ in range(2000):
        assert "access_token" in plain(server)
    assert words(plain(server))[0] == 45009
    for _ in range(20):
        assert "access_token" in stable(server, force_refresh=True)
    assert words(stable(server, force_refresh=True))[0] == 45009
    assert "access_token" in stable(server)
    wechat.advance(24 * 3600)
    assert "access_token" in plain(server)


def test_a_subscribe_message_needs_token_openid_and_template(server, wechat, words):
    """Enough of /cgi-bin/message/subscribe/send for a caller of any API to be tested."""
    path, token = "/cgi-bin/message/subscribe/send", server.token()
    message = {"touser": wechat.openid("ann"), "template_id": "t", "data": {}}
    answer = server.post(path, message, access_token=token)
    assert (answer["errcode"], answer["errmsg"]) == (0, "ok")
    assert words(server.post(path, message, access_token="x"))[0] == 40014
    assert words(server.post(path, message | {"touser": "o"}, access_token=token))[0] == 40003
    assert words(server.post(path, {"touser": message["touser"]}, access_token=token))[0] == 40037
