"""session_key: its one life per user and app, its models of rotation, its signed checks."""

from __future__ import annotations

import hashlib
import hmac

from wechat_simulator.session_keys import login_state_signature


def key_of(server, wechat, user="ann", **fields):
    return server.exchange(wechat.login(user, **fields))["session_key"]


def check(server, wechat, key, *, user="ann", path="/wxa/checksession", **changed):
    params = {
        "access_token": server.token(),
        "openid": wechat.openid(user),
        "signature": login_state_signature(key),
        "sig_method": "hmac_sha256",
    }
    return server.get(path, **{**params, **changed})


def test_vector_v2():
    """Contract §5 V2: HMAC keyed by the base64 text."""
    signature = login_state_signature("o0q0otL8aEzpcZL/FT9WsQ==", b'{"foo":"bar"}')
    assert signature == "654571f79995b2ce1e149e53c0a33dc39c0a74090db514261454e8dbe432aa0b"


def test_a_living_key_passes_in_lower_and_upper_case(server, wechat):
    """Contract §2.1: 0 ok; probably case-insensitive."""
    key = key_of(server, wechat)
    assert check(server, wechat, key) == {"errcode": 0, "errmsg": "ok"}
    upper = login_state_signature(key).upper()
    assert check(server, wechat, key, signature=upper)["errcode"] == 0


def test_a_signature_by_the_decoded_key_is_wrong(server, wechat, words):
    """Contract §2.1: the text is the key, not its bytes."""
    import base64

    key = base64.b64decode(key_of(server, wechat))
    decoded = hmac.new(key, b"", hashlib.sha256).hexdigest()
    assert words(check(server, wechat, "x", signature=decoded)) == (87009, "invalid signature")


def test_errors_of_the_check(server, wechat, words):
    """Contract §2.1 table: openid, sig_method, token."""
    key = key_of(server, wechat)
    assert words(check(server, wechat, key, openid="onobody")) == (40003, "invalid openid")
    assert words(check(server, wechat, key, sig_method="md5"))[0] == 87008
    assert words(check(server, wechat, key, access_token=None))[0] == 41001
    assert words(check(server, wechat, key, signature=None))[0] == 87009


def test_the_check_takes_its_fields_from_a_body_too(server, wechat):
    """Contract §2.1: accept both."""
    key = key_of(server, wechat)
    body = {
        "openid": wechat.openid("ann"),
        "signature": login_state_signature(key),
        "sig_method": "hmac_sha256",
    }
    answer = server.post("/wxa/checksession", body, access_token=server.token())
    assert answer["errcode"] == 0


def test_a_rotated_key_fails_like_a_wrong_one(server, wechat, words):
    """Contract §2.1: 87009 for expired and replaced keys; wx.checkSession notices too."""
    key = key_of(server, wechat)
    assert wechat.check_session("ann")
    wechat.rotate_session_key("ann")
    assert words(check(server, wechat, key)) == (87009, "invalid signature")
    assert not wechat.check_session("ann")
    assert check(server, wechat, key_of(server, wechat))["errcode"] == 0
    assert wechat.check_session("ann")


def test_reset_gives_a_new_key_with_the_old_keys_end(server, wechat):
    """Contract §2.2: old key dies at once, the new one inherits the remaining lifetime."""
    key = key_of(server, wechat)
    wechat.advance(2 * 24 * 3600)
    answer = check(server, wechat, key, path="/wxa/resetusersessionkey")
    assert list(answer) == ["errcode", "errmsg", "openid", "session_key"]
    fresh = answer["session_key"]
    assert check(server, wechat, key)["errcode"] == 87009
    assert check(server, wechat, fresh)["errcode"] == 0
    wechat.advance(24 * 3600 + 1)
    assert check(server, wechat, fresh)["errcode"] == 87009


def test_by_default_a_key_rotates_at_an_exchange_once_older_than_300_s(server, wechat):
    """Contract §1 "session_key rules": not at each login within a short time."""
    first = key_of(server, wechat)
    wechat.advance(300)
    assert key_of(server, wechat) == first
    wechat.advance(1)
    code = wechat.login("ann")
    assert wechat.session_key("ann") == first
    assert server.exchange(code)["session_key"] != first
    assert check(server, wechat, first)["errcode"] == 87009


def test_by_mint_the_key_rotates_at_wx_login(server, wechat):
    """Contract §1: the code-getting operation may create the new key."""
    wechat.settings(rotation="mint", rotation_min_seconds=10)
    first = key_of(server, wechat)
    wechat.advance(11)
    code = wechat.login("ann")
    minted = wechat.session_key("ann")
    assert minted != first
    assert server.exchange(code)["session_key"] == minted


def test_always_rotates_at_every_exchange(server, wechat):
    """Contract §13.3."""
    wechat.settings(rotation="always")
    assert len({key_of(server, wechat) for _ in range(5)}) == 5


def test_never_keeps_the_key_while_it_lives(server, wechat):
    """Contract §13.3."""
    wechat.settings(rotation="never")
    first = key_of(server, wechat)
    wechat.advance(3 * 24 * 3600)
    assert key_of(server, wechat) == first
    wechat.advance(1)
    assert not wechat.check_session("ann")
    assert key_of(server, wechat) != first


def test_devices_share_the_key_and_a_second_one_can_kill_it(server, wechat):
    """Contract §1: logging in on the PC can invalidate the phone's login state."""
    on_phone = key_of(server, wechat, device="phone")
    assert key_of(server, wechat, device="pc") == on_phone
    assert wechat.check_session("ann", device="phone")
    wechat.advance(301)
    key_of(server, wechat, device="pc")
    assert not wechat.check_session("ann", device="phone")
    assert wechat.check_session("ann", device="pc")


def test_a_phone_that_never_logged_in_has_no_session(wechat):
    """Contract §10.2: success speaks of the last code-getting operation."""
    assert not wechat.check_session("ann")
    wechat.phone("ann")
    assert not wechat.check_session("ann")
    wechat.login("ann")
    assert wechat.check_session("ann")


def test_keys_are_per_user(server, wechat):
    """Contract §1: exactly one valid key per user and mini program."""
    assert key_of(server, wechat, "ann") != key_of(server, wechat, "bob")


def test_encrypt_keys_are_the_last_three_of_an_hour_each(server, wechat):
    """Contract §6.4: newest first, version counts up, an old one has expire_in 0."""
    wechat.settings(rotation="never")
    path = "/wxa/business/getuserencryptkey"
    key = key_of(server, wechat)
    for _ in range(5):
        answer = check(server, wechat, key, path=path)
        wechat.advance(3600)
    keys = answer["key_info_list"]
    assert [one["version"] for one in keys] == [5, 4, 3]
    assert [one["expire_in"] > 0 for one in keys] == [True, False, False]
    assert len(keys[0]["iv"]) == 16
    assert keys[0]["expire_in"] == 3600
