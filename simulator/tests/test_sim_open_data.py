"""Signed rawData and encryptedData: the official vectors, and what getUserInfo tells."""

from __future__ import annotations

import base64
import hashlib
import json

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from wechat_simulator.opendata import raw_data_signature, seal
from wechat_simulator.wire import compact

V3 = (
    "CiyLU1Aw2KjvrjMdj8YKliAjtP4gsMZMQmRzooG2xrDcvSnxIMXFufNstNGTyaGS9uT5geRa0W4oTOb1WT7fJlAC+oNPdbB"
    "+3hVbJSRgv+4lGOETKUQz6OYStslQ142dNCuabNPGBzlooOmB231qMM85d2/fV6ChevvXvQP8Hkue1poOFtnEtpyxVLW1zA"
    "o6/1Xx1COxFvrc2d7UL/lmHInNlxuacJXwu0fjpXfz/YqYzBIBzD6WUfTIF9GRHpOn/Hz7saL8xz+W//FRAUid1OksQaQx4"
    "CMs8LOddcQhULW4ucetDf96JcR3g0gfRK4PC7E/r7Z6xNrXd2UIeorGj5Ef7b1pJAYB6Y5anaHqZ9J6nKEBvB4DnNLIVWSg"
    "ARns/8wR2SiRS7MNACwTyrGvt9ts8p12PKFdlqYTopNHR1Vf7XjfhQlVsAJdNiKdYmYVoKlaRv85IfVunYzO0IKXsyl7JCU"
    "jCpoG20f0a04COwfneQAGGwd5oa+T8yO5hzuyDb/XcxxmK01EpqOyuxINew=="
)


def opened(encrypted_data, iv, session_key):
    """The plaintext and its padding length."""
    cipher = Cipher(
        algorithms.AES128(base64.b64decode(session_key)), modes.CBC(base64.b64decode(iv))
    ).decryptor()
    padded = cipher.update(base64.b64decode(encrypted_data)) + cipher.finalize()
    return padded[: -padded[-1]].decode(), padded[-1]


def test_vector_v1():
    """Contract §5 V1: sha1(rawData + session_key)."""
    raw = (
        '{"nickName":"Band","gender":1,"language":"zh_CN","city":"Guangzhou","province":"Guangdong",'
        '"country":"CN","avatarUrl":"http://wx.qlogo.cn/mmopen/vi_32/1vZvI39NWFQ9XM4LtQpFrQJ1xlgZxx3'
        'w7bQxKARol6503Iuswjjn6nIGBiaycAjAtpujxyzYsrztuuICqIM5ibXQ/0"}'
    )
    signature = raw_data_signature(raw, "HyVFkGl5F5OQWJZZaNzBBg==")
    assert signature == "75e81ceda165f4ffa64f4068af58c64b8f54b88c"


def test_vector_v3_is_sealed_byte_for_byte():
    """Contract §5 V3: AES-128-CBC, padding block 16, compact JSON in this key order."""
    plaintext = {
        "openId": "oGZUI0egBJY1zhBYw2KhdUfwVJJE",
        "nickName": "Band",
        "gender": 1,
        "language": "zh_CN",
        "city": "Guangzhou",
        "province": "Guangdong",
        "country": "CN",
        "avatarUrl": "http://wx.qlogo.cn/mmopen/vi_32/aSKcBBPpibyKNicHNTMM0qJVh8Kjgiak2AHWr8MHM4WgMEm"
        "7GFhsf8OYrySdbvAMvTsw3mo8ibKicsnfN5pRjl1p8HQ/0",
        "unionId": "ocMvos6NjeKLIBqg5Mr9QjxrP1FA",
        "watermark": {"timestamp": 1477314187, "appid": "wx4f4bc4dec97d474b"},
    }
    iv = base64.b64decode("r7BXXKkLb8qrSNn05n0qiA==")
    sealed = seal(plaintext, session_key="tiihtNczf5v6AKRyjwEUhQ==", iv=iv)
    assert len(compact(plaintext)) == 393
    assert sealed.encrypted_data == V3
    assert sealed.iv == "r7BXXKkLb8qrSNn05n0qiA=="
    assert opened(V3, sealed.iv, "tiihtNczf5v6AKRyjwEUhQ==")[1] == 7


def test_user_info_is_anonymous_by_default(server, wechat):
    """Contract §10.3: compact rawData in this order; signed; openId stays in the sealed part."""
    key = server.exchange(wechat.login("ann"))["session_key"]
    event = wechat.user_info("ann")
    assert event["rawData"].startswith(
        '{"nickName":"微信用户","gender":0,"language":"","city":"","province":"","country":"",'
        '"avatarUrl":"https://thirdwx.qlogo.cn/mmopen/vi_32/POgEwh4mIHO4nibH0KlMECNjjGxQUq24ZEaGT4'
    )
    assert event["rawData"].endswith('/132","is_demote":true}')
    assert json.loads(event["rawData"]) == event["userInfo"]
    assert event["signature"] == hashlib.sha1((event["rawData"] + key).encode()).hexdigest()
    plain = json.loads(opened(event["encryptedData"], event["iv"], key)[0])
    assert plain["openId"] == wechat.openid("ann")
    assert "unionId" not in plain
    assert plain["watermark"]["appid"] == wechat.app_id


def test_real_profiles_by_setting_in_the_key_order_of_v3(server, wechat):
    """Contract §5: getUserInfo blob; gender and region are empty since 2021."""
    wechat.settings(profile="real")
    wechat.add_app(wechat.app_id, union_group="acme")
    wechat.add_user("ann", name="安安")
    key = server.exchange(wechat.login("ann"))["session_key"]
    event = wechat.user_info("ann")
    plain = json.loads(opened(event["encryptedData"], event["iv"], key)[0])
    assert list(plain) == [
        *("openId", "nickName", "gender", "language", "city", "province", "country"),
        *("avatarUrl", "unionId", "watermark"),
    ]
    assert plain["nickName"] == "安安"
    assert plain["unionId"] == wechat.unionid("ann")
    wechat.add_user("ann", avatar_url="http://127.0.0.1:9/canary")
    assert wechat.user_info("ann")["userInfo"]["avatarUrl"] == "http://127.0.0.1:9/canary"


def test_mini_games_tell_real_names_and_a_refusal_tells_nothing(wechat):
    """Contract §12 and §10.3."""
    wechat.add_app(wechat.app_id, kind="mini_game")
    wechat.add_user("ann", name="安安")
    assert wechat.user_info("ann")["userInfo"]["nickName"] == "安安"
    wechat.authorize("ann", "scope.userInfo", answer="deny")
    assert wechat.user_info("ann") == {"errMsg": "getUserInfo:fail auth deny"}
