"""Open data and its signatures: the official vectors, and attackers who vary them."""

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxlogin.login import errors
from wxlogin.login.accounts import Phone, SessionKey, SessionKeys
from wxlogin.login.secret import Secret
from wxlogin.wechat import aes_cbc, open_data
from wxlogin.wechat.open_data import decrypt_open_data, decrypt_phone
from wxlogin.wechat.signatures import is_signature_of, login_state_signature

APP_ID = "wx4f4bc4dec97d474b"
KEY = "tiihtNczf5v6AKRyjwEUhQ=="
IV = "r7BXXKkLb8qrSNn05n0qiA=="
SEALED = (
    "CiyLU1Aw2KjvrjMdj8YKliAjtP4gsMZMQmRzooG2xrDcvSnxIMXFufNstNGTyaGS9uT5geRa0W4oTOb1WT7fJlAC"
    "+oNPdbB+3hVbJSRgv+4lGOETKUQz6OYStslQ142dNCuabNPGBzlooOmB231qMM85d2/fV6ChevvXvQP8Hkue1poO"
    "FtnEtpyxVLW1zAo6/1Xx1COxFvrc2d7UL/lmHInNlxuacJXwu0fjpXfz/YqYzBIBzD6WUfTIF9GRHpOn/Hz7saL8"
    "xz+W//FRAUid1OksQaQx4CMs8LOddcQhULW4ucetDf96JcR3g0gfRK4PC7E/r7Z6xNrXd2UIeorGj5Ef7b1pJAYB"
    "6Y5anaHqZ9J6nKEBvB4DnNLIVWSgARns/8wR2SiRS7MNACwTyrGvt9ts8p12PKFdlqYTopNHR1Vf7XjfhQlVsAJd"
    "NiKdYmYVoKlaRv85IfVunYzO0IKXsyl7JCUjCpoG20f0a04COwfneQAGGwd5oa+T8yO5hzuyDb/XcxxmK01EpqOy"
    "uxINew=="
)
MADE_AT = datetime.fromtimestamp(1477314187, UTC)
OPENID = "oGZUI0egBJY1zhBYw2KhdUfwVJJE"


def _keys(current: str, previous: str | None = None) -> SessionKeys:
    def key(text: str) -> SessionKey:
        return SessionKey(Secret(text), 1, MADE_AT)

    return SessionKeys(key(current), None if previous is None else key(previous))


def _decrypt(sealed: str = SEALED, iv: str = IV, **changes: Any) -> Mapping[str, Any]:
    how: dict[str, Any] = {
        "keys": _keys(KEY),
        "app_id": APP_ID,
        "now": MADE_AT + timedelta(seconds=30),
        "max_age": timedelta(minutes=5),
    }
    return decrypt_open_data(sealed, iv, **{**how, **changes})


def _seal(text: bytes, *, padded: bool = True, block: int = 16) -> str:
    if padded:
        text = aes_cbc.pad(text, block=block)
    key, iv = base64.b64decode(KEY), base64.b64decode(IV)
    return base64.b64encode(aes_cbc.encrypt(text, key=key, iv=iv)).decode()


def _blob(**changes: Any) -> bytes:
    fields: dict[str, Any] = {"watermark": {"timestamp": 1477314187, "appid": APP_ID}, "x": 1}
    return json.dumps({**fields, **changes}).encode()


def test_v1_the_official_signature_of_raw_data() -> None:
    raw = (
        '{"nickName":"Band","gender":1,"language":"zh_CN","city":"Guangzhou",'
        '"province":"Guangdong","country":"CN","avatarUrl":"http://wx.qlogo.cn/mmopen/vi_32/'
        "1vZvI39NWFQ9XM4LtQpFrQJ1xlgZxx3w7bQxKARol6503Iuswjjn6nIGBiaycAjAtpujxyzYsrztuuICqIM5ibXQ"
        '/0"}'
    )
    key = Secret("HyVFkGl5F5OQWJZZaNzBBg==")
    signature = "75e81ceda165f4ffa64f4068af58c64b8f54b88c"
    assert is_signature_of(raw, signature, session_key=key)
    assert not is_signature_of(raw + " ", signature, session_key=key)
    assert not is_signature_of(raw, signature, session_key=Secret(KEY))
    for wrong in ("", "签名", "\ud800", signature[:-1], signature + "0", signature[:-1] + "d"):
        assert not is_signature_of(raw, wrong, session_key=key)


def test_v2_the_official_login_state_signature_is_keyed_with_the_text() -> None:
    key = Secret("o0q0otL8aEzpcZL/FT9WsQ==")
    expected = "654571f79995b2ce1e149e53c0a33dc39c0a74090db514261454e8dbe432aa0b"
    assert login_state_signature(key, '{"foo":"bar"}') == expected


def test_v3_the_official_ciphertext() -> None:
    fields = _decrypt(openid=OPENID)
    assert fields["nickName"] == "Band"
    assert fields["openId"] == OPENID
    assert fields["unionId"] == "ocMvos6NjeKLIBqg5Mr9QjxrP1FA"
    assert list(fields)[-1] == "watermark"


def test_the_previous_key_is_tried_after_the_current_one() -> None:
    stranger = "AAAAAAAAAAAAAAAAAAAAAA=="
    assert _decrypt(keys=_keys(stranger, KEY))["nickName"] == "Band"
    with pytest.raises(errors.CiphertextInvalid):
        _decrypt(keys=_keys(stranger))


WRONG: dict[str, dict[str, Any]] = {
    "another app's": {"app_id": "wx0000000000000002"},
    "another person's": {"openid": "oSomebodyElse"},
    "too old": {"now": MADE_AT + timedelta(minutes=5, seconds=1)},
    "from the future": {"now": MADE_AT - timedelta(minutes=2, seconds=1)},
    "another key": {"keys": _keys("AAAAAAAAAAAAAAAAAAAAAA==")},
    "empty": {"sealed": ""},
    "not base64": {"sealed": "!" + SEALED[1:]},
    "base64 with a line end": {"sealed": SEALED[:76] + "\n" + SEALED[76:]},
    "url-safe base64": {"sealed": SEALED.replace("+", "-").replace("/", "_")},
    "not ascii": {"sealed": "码" * 16},
    "half a block": {"sealed": base64.b64encode(b"x" * 24).decode()},
    "cut by a block": {"sealed": base64.b64encode(base64.b64decode(SEALED)[:-16]).decode()},
    "too long": {"sealed": base64.b64encode(bytes(4112)).decode()},
    "endless": {"sealed": "A" * 10_000_000},
    "short iv": {"iv": base64.b64encode(b"x" * 15).decode()},
    "long iv": {"iv": base64.b64encode(b"x" * 17).decode()},
    "no iv": {"iv": ""},
    "padding of 32": {"sealed": _seal(_blob(x="a" * 20), block=32)},
    "no padding": {"sealed": _seal(_blob().ljust(96), padded=False)},
    "not json": {"sealed": _seal(b"x" * 20)},
    "not utf-8": {"sealed": _seal(b"\xff" * 20)},
    "a list": {"sealed": _seal(b"[" + _blob() + b"]")},
    "no watermark": {"sealed": _seal(_blob(watermark=None))},
    "watermark is a list": {"sealed": _seal(_blob(watermark=[APP_ID]))},
    "no time": {"sealed": _seal(_blob(watermark={"appid": APP_ID}))},
    "time as text": {"sealed": _seal(_blob(watermark={"appid": APP_ID, "timestamp": "1"}))},
    "huge time": {"sealed": _seal(_blob(watermark={"appid": APP_ID, "timestamp": 10**20}))},
    "appid twice": {"sealed": _seal(_blob()[:-1] + b',"watermark":{}}')},
}


@pytest.mark.parametrize("name", WRONG)
def test_every_failure_is_the_same_error(name: str) -> None:
    with pytest.raises(errors.CiphertextInvalid) as raised:
        _decrypt(**WRONG[name])
    assert raised.value.facts() == {}
    assert (raised.value.args, raised.value.__cause__, raised.value.__context__) == ((), None, None)


def test_a_good_blob_of_ours_is_the_control_of_the_above() -> None:
    assert _decrypt(_seal(_blob()))["x"] == 1


def _flipped_ivs() -> Iterator[str]:
    for bit in range(128):
        vector = bytearray(base64.b64decode(IV))
        vector[bit // 8] ^= 1 << bit % 8
        yield base64.b64encode(vector).decode()


def test_no_flip_of_any_bit_of_the_iv_is_accepted() -> None:
    """The client chooses the iv, and so the first block; what stands there is checked."""
    for iv in _flipped_ivs():
        with pytest.raises(errors.CiphertextInvalid):
            _decrypt(iv=iv, openid=OPENID)


PHONE = (
    b'{"phoneNumber":"13580006666","purePhoneNumber":"13580006666","countryCode":"86",'
    b'"watermark":{"appid":"wx4f4bc4dec97d474b","timestamp":1477314187}}'
)


def _decrypt_phone(iv: str = IV, text: bytes = PHONE) -> Phone:
    return decrypt_phone(
        _seal(text),
        iv,
        keys=_keys(KEY),
        app_id=APP_ID,
        now=MADE_AT,
        max_age=timedelta(minutes=5),
    )


def test_a_phone_number_in_the_legacy_blob() -> None:
    assert _decrypt_phone().e164 == "+8613580006666"
    for iv in _flipped_ivs():
        with pytest.raises(errors.CiphertextInvalid):
            _decrypt_phone(iv)
    for change in (
        (b'"phoneNumber":"13580006666"', b'"phoneNumber":"13580006667"'),
        (b'"countryCode":"86"', b'"countryCode":[]'),
        (b'"purePhoneNumber"', b'"purePhoneNumbeR"'),
    ):
        with pytest.raises(errors.CiphertextInvalid) as raised:
            _decrypt_phone(text=PHONE.replace(*change))
        assert raised.value.__context__ is None


@given(st.binary(max_size=80), st.sampled_from([16, 32]))
def test_padding_that_was_put_on_comes_off(text: bytes, block: int) -> None:
    padded = aes_cbc.pad(text, block=block)
    assert padded[: len(padded) - aes_cbc.padding_of(padded, block=block)] == text


@given(st.binary(min_size=16, max_size=48))
def test_only_whole_padding_is_padding(padded: bytes) -> None:
    count = aes_cbc.padding_of(padded, block=16)
    is_right = 1 <= padded[-1] <= 16 and padded.endswith(padded[-1:] * padded[-1])
    assert count == (padded[-1] if is_right else 0)


def _ask_oracle(first: bytes, second: bytes) -> str:
    """What an attacker hears when he sends two blocks: all that could tell one from another."""
    try:
        _decrypt(base64.b64encode(second).decode(), base64.b64encode(first).decode())
    except errors.WxLoginError as error:
        return f"{type(error).__name__} {error} {error.args} {error.facts()} {error.__context__}"
    return "accepted"


def _oracle_gives_a_byte() -> bool:
    """The first step of the padding-oracle attack on the blob's last block: vary the byte
    before it until the padding is 01, and see whether that answer differs from the rest."""
    sealed = base64.b64decode(SEALED)
    before, last = bytearray(sealed[-32:-16]), sealed[-16:]
    heard = []
    for guess in range(256):
        before[-1] = guess
        heard.append(_ask_oracle(bytes(before), last))
    return len(set(heard)) > 1


def test_a_padding_oracle_attacker_hears_nothing() -> None:
    assert not _oracle_gives_a_byte()


def test_twin_one_more_error_would_give_him_every_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = aes_cbc.padding_of

    def telling(padded: bytes, *, block: int) -> int:
        count = whole(padded, block=block)
        if not count:
            raise errors.SignatureInvalid
        return count

    monkeypatch.setattr(open_data.aes_cbc, "padding_of", telling)
    assert _oracle_gives_a_byte()


def test_bad_padding_and_bad_text_do_the_same_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, not timed: as many decryptions and readings for either, and for a missing
    previous key too."""
    done: list[str] = []
    reading, opening = open_data.read_object, aes_cbc.decrypt

    def read(body: bytes) -> dict[str, Any]:
        done.append("read")
        return reading(body)

    def decrypt(sealed: bytes, *, key: bytes, iv: bytes) -> bytes:
        done.append("decrypt")
        return opening(sealed, key=key, iv=iv)

    monkeypatch.setattr(open_data, "read_object", read)
    monkeypatch.setattr(aes_cbc, "decrypt", decrypt)
    other = "AAAAAAAAAAAAAAAAAAAAAA=="
    names = ("no padding", "not json", "not utf-8", "no watermark", "another app's")
    for name in names:
        for keys in (_keys(KEY), _keys(KEY, other), _keys(other)):
            done.clear()
            with pytest.raises(errors.CiphertextInvalid):
                _decrypt(**{**WRONG[name], "keys": keys})
            assert done == ["decrypt", "read"] * 2
