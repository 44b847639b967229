"""The phone number: the button's event, the exchange of its code, the legacy blob."""

from __future__ import annotations

import base64
import hashlib
import json
import re

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from wechat_simulator import App, Simulator

PATH = "/wxa/business/getuserphonenumber"


def unsealed(event, session_key):
    """What a server reads with its session_key."""
    key, iv = base64.b64decode(session_key), base64.b64decode(event["iv"])
    decryptor = Cipher(algorithms.AES128(key), modes.CBC(iv)).decryptor()
    padded = decryptor.update(base64.b64decode(event["encryptedData"])) + decryptor.finalize()
    unpadder = PKCS7(128).unpadder()
    return json.loads(unpadder.update(padded) + unpadder.finalize())


def ask(server, code, **extra):
    return server.post(PATH, {"code": code, **extra}, access_token=server.token())


def test_success(server, wechat):
    """Contract §4.1: shape, watermark of the moment of consent, code of 64 hex."""
    wechat.add_user("ann", phone="+8613800138000")
    code, at = wechat.phone("ann")["code"], int(wechat.now().timestamp())
    assert re.fullmatch(r"[0-9a-f]{64}", code)
    wechat.advance(10)
    assert ask(server, code) == {
        "errcode": 0,
        "errmsg": "ok",
        "phone_info": {
            "phoneNumber": "13800138000",
            "purePhoneNumber": "13800138000",
            "countryCode": 86,
            "watermark": {"timestamp": at, "appid": wechat.app_id},
        },
    }


@pytest.mark.parametrize(
    ("phone", "shown", "pure", "country"),
    [
        ("+12025550123", "+12025550123", "2025550123", 1),
        ("+447700900123", "+447700900123", "7700900123", 44),
        ("+85291234567", "+85291234567", "91234567", 852),
    ],
)
def test_foreign_numbers_carry_their_prefix_in_one_field_only(
    server, wechat, phone, shown, pure, country
):
    """Contract §4.1; countryCode as text by setting, for the page documents a string."""
    wechat.add_user("ann", phone=phone)
    wechat.settings(phone_country_code="string")
    info = ask(server, wechat.phone("ann")["code"])["phone_info"]
    assert info["phoneNumber"] == shown
    assert info["purePhoneNumber"] == pure
    assert info["countryCode"] == str(country)


def test_reuse_is_40029_here(server, wechat, words):
    """Contract §4.1: no 40163; hint and rid in the text."""
    code = wechat.phone("ann")["code"]
    assert ask(server, code)["errcode"] == 0
    answer = ask(server, code)
    assert words(answer) == (40029, "invalid code")
    assert re.fullmatch(
        r"invalid code hint: \[[\w-]{9}-\w{6}\] rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}",
        answer["errmsg"],
    )


def test_expired_and_login_codes_are_40029(server, wechat, words):
    """Contract §4.1: five minutes; not interchangeable."""
    code = wechat.phone("ann")["code"]
    assert words(ask(server, wechat.login("ann")))[0] == 40029
    wechat.advance(301)
    assert words(ask(server, code))[0] == 40029


def test_a_code_of_another_app_is_40013(words):
    """Contract §4.1."""
    with Simulator(apps=[App("wxa", "sa"), App("wxb", "sb")]) as wechat:
        code = wechat.phone("ann", app_id="wxa")["code"]
        token = wechat.call(
            "GET", "/cgi-bin/token?grant_type=client_credential&appid=wxb&secret=sb"
        ).json()["access_token"]
        answer = wechat.call("POST", f"{PATH}?access_token={token}", json_body={"code": code})
        assert words(answer.json()) == (40013, "invalid appid")


def test_the_openid_is_held_against_the_code(server, wechat, words):
    """Contract §4.1: the binding is checked if openid is given; the error is a guess (40003)."""
    good, swapped = wechat.phone("ann")["code"], wechat.phone("ann")["code"]
    assert ask(server, good, openid=wechat.openid("ann"))["errcode"] == 0
    assert words(ask(server, swapped, openid=wechat.openid("bob")))[0] == 40003
    assert words(ask(server, swapped, openid=wechat.openid("ann")))[0] == 40029


def test_wrong_calls(server, wechat, words):
    """Contract §3.3, §5: method, token, empty and broken bodies."""
    token = server.token()
    assert words(server.get(PATH, access_token=token))[0] == 43002
    assert words(server.post(PATH, {"code": "x"}))[0] == 41001
    assert words(server.post(PATH, {}, access_token=token))[0] == 41008
    path = f"{PATH}?access_token={token}"
    assert words(wechat.call("POST", path).json())[0] == 44002
    assert words(wechat.call("POST", path, body=b"code=1").json())[0] == 47001
    assert words(wechat.call("POST", path, body=b"[]").json())[0] == 47001


def test_the_legacy_blob_opens_with_the_session_key_of_its_moment(server, wechat):
    """Contract §4.2: fields and order; countryCode is text here."""
    wechat.add_user("ann", phone="+8613580006666")
    key = server.exchange(wechat.login("ann"))["session_key"]
    event = wechat.phone("ann")
    plain = unsealed(event, key)
    assert list(plain) == ["phoneNumber", "purePhoneNumber", "countryCode", "watermark"]
    assert plain["countryCode"] == "86"
    assert plain["watermark"] == {
        "appid": wechat.app_id,
        "timestamp": int(wechat.now().timestamp()),
    }


def test_the_classic_decrypt_race(server, wechat):
    """Contract §1: sealed with K1, then a login rotates to K2; K2 does not open it."""
    wechat.settings(rotation="always")
    server.exchange(wechat.login("ann"))
    event = wechat.phone("ann")
    later = server.exchange(wechat.login("ann"))["session_key"]
    with pytest.raises(ValueError, match=r".*"):
        assert "watermark" in unsealed(event, later)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"answer": "deny"}, {"errMsg": "getPhoneNumber:fail user deny"}),
        ({"answer": False}, {"errMsg": "getPhoneNumber:fail user deny"}),
        (
            {"answer": "deny", "platform": "ios"},
            {"errMsg": "getPhoneNumber:fail user deny"},
        ),
        (
            {"answer": "deny", "platform": "android"},
            {"errMsg": "getPhoneNumber:fail:user deny"},
        ),
        (
            {"answer": "deny", "platform": "devtools_old"},
            {"errMsg": "getPhoneNumber:user deny"},
        ),
        (
            {"answer": "privacy_denied"},
            {"errMsg": "getPhoneNumber:fail privacy permission is not authorized", "errno": 104},
        ),
        (
            {"answer": "no_quota"},
            {"errMsg": "getPhoneNumber:fail appid no enough quota", "errno": 1400001},
        ),
        ({"answer": "no_permission"}, {"errMsg": "getPhoneNumber:fail no permission"}),
    ],
)
def test_refusals_of_the_button(wechat, fields, expected):
    """Contract §10.5 table."""
    assert wechat.phone("ann", **fields) == expected


def test_former_answers_count(wechat):
    """Contract §10.8: a privacy refusal stops the phone button."""
    wechat.authorize("ann", "scope.phoneNumber", answer="deny")
    assert wechat.phone("ann") == {"errMsg": "getPhoneNumber:fail user deny"}
    wechat.authorize("bob", "scope.privacy", answer="deny")
    assert wechat.phone("bob")["errno"] == 104
    assert wechat.login("bob")


def test_the_real_time_variant_has_a_code_only(wechat):
    """Contract §4.3."""
    assert set(wechat.phone("ann", realtime=True)) == {"errMsg", "code"}


def test_checkencryptedmsg_knows_the_blobs_of_three_days(server, wechat, words):
    """Contract §5: `vaild`, 1 for unknown ones, 40097 for no hash; text and bytes both hash."""
    path, blob = "/wxa/business/checkencryptedmsg", wechat.phone("ann")["encryptedData"]
    at = int(wechat.now().timestamp())
    for hashed in (blob.encode(), base64.b64decode(blob)):
        body = {"encrypted_msg_hash": hashlib.sha256(hashed).hexdigest()}
        answer = server.post(path, body, access_token=server.token())
        assert answer == {"errcode": 0, "errmsg": "ok", "vaild": True, "create_time": at}
    wechat.advance(3 * 24 * 3600 + 1)
    assert words(server.post(path, body, access_token=server.token())) == (1, "data not exit")
    wrong = {"encrypted_msg_hash": "x"}
    assert words(server.post(path, wrong, access_token=server.token()))[0] == 40097


def test_a_login_code_is_no_plugin_code(server, wechat, words):
    """Contract §6.1: 1007, not 40029."""
    body = {"code": wechat.login("ann")}
    answer = server.post("/wxa/getpluginopenpid", body, access_token=server.token())
    assert words(answer) == (1007, "get no data")
