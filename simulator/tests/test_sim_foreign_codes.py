"""Codes of the real WeChat DevTools: off by default, and whose they are where switched on."""

from __future__ import annotations

import pytest

from wechat_simulator import Settings, Simulator

FOREIGN = "0a3XyzFromTheRealDevTools000001"
LITERAL = "the code is a mock one"


@pytest.fixture
def phone_number(server):
    """getuserphonenumber, asked with a phone code."""
    return lambda code: server.post(
        "/wxa/business/getuserphonenumber", {"code": code}, access_token=server.token()
    )


@pytest.mark.parametrize("code", [FOREIGN, LITERAL])
def test_without_the_setting_a_foreign_code_is_an_invalid_one(server, phone_number, words, code):
    """The twin of all below: whoever makes up a code signs in nobody."""
    assert words(server.exchange(code)) == (40029, "invalid code")
    assert words(phone_number(code))[0] == 40029


def test_a_foreign_code_is_the_users_and_good_once(wechat, server, words):
    """The second exchange hears 40163, as for any code."""
    wechat.settings(foreign_codes_user="ann")
    assert server.exchange(FOREIGN)["openid"] == wechat.openid("ann")
    assert words(server.exchange(FOREIGN)) == (40163, "code been used")


def test_a_foreign_phone_code_gives_the_users_number(wechat, phone_number, words):
    """And is spent by it."""
    wechat.add_user("ann", phone="+8613800138000")
    wechat.settings(foreign_codes_user="ann")
    told = phone_number(FOREIGN)
    assert told["phone_info"]["purePhoneNumber"] == "13800138000"
    assert words(phone_number(FOREIGN))[0] == 40029


def test_a_code_of_ours_keeps_its_owner_and_its_kind(wechat, server, phone_number, words):
    """The setting says nothing about codes that were minted here."""
    wechat.settings(foreign_codes_user="ann")
    code = wechat.login("bob")
    assert words(phone_number(code))[0] == 40029
    assert server.exchange(code)["openid"] == wechat.openid("bob")
    expired = wechat.login("bob")
    wechat.advance(301)
    assert words(server.exchange(expired))[0] == 40029


def test_the_literal_of_the_tourist_mode_is_good_every_time(wechat, server):
    """The developer tool never gives another one there."""
    wechat.settings(foreign_codes_user="ann")
    code = wechat.login("bob", tourist=True)
    told = [server.exchange(code).get("openid") for _ in range(2)]
    assert told == [wechat.openid("ann")] * 2


def test_app_and_secret_are_still_asked_for(wechat, server, words):
    """A foreign code opens nothing to a server that is not the app's."""
    wechat.settings(foreign_codes_user="ann")
    assert words(server.exchange(FOREIGN, secret="x" * 32))[0] == 40125
    assert "openid" in server.exchange(FOREIGN)


def test_who_came_from_outside_is_in_the_mini_program(wechat, server):
    """A content check of what such a user writes finds a visitor."""
    wechat.settings(foreign_codes_user="ann")
    openid = server.exchange(FOREIGN)["openid"]
    text = {"version": 2, "scene": 1, "openid": openid, "content": "hello"}
    told = server.post("/wxa/msg_sec_check", text, access_token=server.token())
    assert told["errcode"] == 0


def test_it_is_switched_on_and_off_over_http(http):
    """null switches it off; what is left out stays."""
    switched = http.post("/sim/settings", json={"foreign_codes_user": "ann"}).json()
    assert switched["foreign_codes_user"] == "ann"
    kept = http.post("/sim/settings", json={"quotas": True}).json()
    assert kept["foreign_codes_user"] == "ann"
    off = http.post("/sim/settings", json={"foreign_codes_user": None}).json()
    assert off["foreign_codes_user"] is None
    assert http.post("/sim/settings", json={"foreign_codes_user": 1}).status_code == 400


def test_a_reset_goes_back_to_the_settings_of_the_beginning():
    """What was asked for at the start is not a stage direction."""
    with Simulator(settings=Settings(foreign_codes_user="ann")) as wechat:
        wechat.settings(foreign_codes_user=None, quotas=True)
        wechat.reset()
        assert wechat.settings() == Settings(foreign_codes_user="ann")
