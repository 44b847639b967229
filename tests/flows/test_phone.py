"""The phone number of whoever is signed in: three ways to prove it, and those who cheat."""

import asyncio
import base64
import logging
import secrets
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from wxlogin.login import errors
from wxlogin.login.accounts import Phone
from wxlogin.login.open_data import OpenDataPolicy, OwnOpenData
from wxlogin.login.phone_codes import PhoneCodes
from wxlogin.login.phone_numbers import normal_phone
from wxlogin.login.phones import GivenPhone, OwnPhone
from wxlogin.login.verification import Purpose
from wxlogin.metrics import Metrics, exposition
from wxlogin.stores.opening import open_store
from wxlogin.wechat import aes_cbc
from wxlogin.wechat.open_data import OpenDataReader

ANN, BOB, NEW = "+8613800006666", "+8613900007777", "+8613700008888"
EXCHANGE = "/wxa/business/getuserphonenumber"
CHECK = "/wxa/checksession"


class Inbox:
    """Messages, as a host's own sender gets them."""

    def __init__(self):
        self.codes = {}

    async def send(self, message):
        self.codes[message.phone.e164] = message.verification_code.reveal()


@pytest.fixture
def people(wechat):
    """Ann and Bob, each with a number."""
    wechat.add_user("ann", phone=ANN)
    wechat.add_user("bob", phone=BOB)


@pytest.fixture
def inbox():
    return Inbox()


@pytest.fixture
def house(houses, people, inbox):
    return houses(sms_sender=inbox)


async def put(house, token, **body):
    return await house.ask("POST", "/v1/me/phone", token, json=body)


def phone_code(house, user="ann"):
    return house.wechat.phone(user)["code"]


def blob(house, user="ann"):
    event = house.wechat.phone(user)
    return {"encrypted_data": event["encryptedData"], "iv": event["iv"]}


async def digits(house, inbox, phone, purpose=Purpose.LINK):
    """A verification code on its way to `phone`."""
    house.clock.advance(61)  # one a minute
    flow = await house.wx.flow()
    await flow.verification.send(
        app=await flow.core.apps.get(None),
        phone=normal_phone(phone),
        purpose=purpose,
        openid="somebody",
        address=None,
    )
    return inbox.codes[phone]


def code_of(answer):
    return answer.status_code, answer.json().get("code")


def calls(house, path):
    return [item for item in house.wechat.log(10_000) if item["path"] == path]


def told_of(rows, kind):
    return rows("SELECT * FROM wxlogin_audit WHERE kind = ?", kind)


async def shown_phone(house, token):
    return (await house.get("/v1/me", token)).json()["phone"]


# The three ways


async def test_the_phone_buttons_code_gives_the_account_its_number(house, rows):
    heard = []
    house.wx.on_phone_changed(heard.append)
    token = await house.token()
    answer = await put(house, token, code=phone_code(house))
    assert answer.status_code == 200
    assert answer.json() == {"phone": "138****6666", "country_code": "86"}
    assert await shown_phone(house, token) == "138****6666"
    assert (await house.wx.find(phone=ANN)).identities[0].openid == house.wechat.openid("ann")
    assert len(told_of(rows, "phone_changed")) == 1
    for _ in range(100):
        if heard:
            break
        await asyncio.sleep(0.02)
    assert [event.kind for event in heard] == ["phone_changed"]


async def test_so_does_the_buttons_encrypted_data(house, rows):
    token = await house.token()
    answer = await put(house, token, **blob(house))
    assert (answer.status_code, answer.json()["phone"]) == (200, "138****6666")
    assert not calls(house, EXCHANGE)
    assert len(told_of(rows, "phone_changed")) == 1


async def test_so_does_a_code_by_sms(house, inbox, rows):
    token = await house.token()
    code = await digits(house, inbox, NEW)
    answer = await put(house, token, phone=" 137-0000-8888", verification_code=code)
    assert (answer.status_code, answer.json()["phone"]) == (200, "137****8888")
    assert len(told_of(rows, "phone_changed")) == 1
    again = await put(house, token, phone=NEW, verification_code=code)
    assert code_of(again) == (400, "verification_code_invalid")


async def test_a_host_calls_the_same_acts_without_http(house):
    session = await house.wx.check(await house.token())
    phone = await house.wx.change_phone(session, GivenPhone(code=phone_code(house)))
    assert phone.e164 == ANN
    with pytest.raises(errors.RequestInvalid):
        await house.wx.change_phone(session, GivenPhone(code="a", phone="b"))


@pytest.mark.parametrize("purpose", [each for each in Purpose if each is not Purpose.LINK])
async def test_a_code_for_something_else_links_no_number(house, inbox, purpose):
    token = await house.token()
    code = await digits(house, inbox, NEW, purpose)
    answer = await put(house, token, phone=NEW, verification_code=code)
    assert code_of(answer) == (400, "verification_code_invalid")
    assert await shown_phone(house, token) is None


@pytest.mark.parametrize(
    "names",
    [
        (),
        ("iv",),
        ("encrypted_data",),
        ("phone",),
        ("verification_code",),
        ("code", "phone"),
        ("code", "iv"),
        ("code", "verification_code"),
        ("code", "encrypted_data", "iv"),
        ("code", "phone", "verification_code"),
        ("encrypted_data", "iv", "phone", "verification_code"),
        ("encrypted_data", "phone"),
    ],
)
async def test_no_way_two_ways_and_half_a_way_are_invalid_and_spend_nothing(house, inbox, names):
    token = await house.token()
    whole = {
        "code": phone_code(house),
        **blob(house),
        "phone": NEW,
        "verification_code": await digits(house, inbox, NEW),
    }
    answer = await put(house, token, **{name: whole[name] for name in names})
    assert code_of(answer) == (400, "request_invalid")
    assert answer.json()["errors"]
    good = await put(house, token, code=whole["code"])
    assert good.status_code == 200


async def test_a_session_without_wechat_proves_a_number_by_sms_alone(house, inbox):
    code = await digits(house, inbox, NEW, Purpose.LOGIN)
    entered = await house.ask(
        "POST", "/v1/login/sms", None, json={"phone": NEW, "verification_code": code}
    )
    token = entered.json()["token"]
    for body in ({"code": phone_code(house)}, blob(house)):
        answer = await put(house, token, **body)
        assert code_of(answer) == (400, "request_invalid")
        assert "WeChat" in answer.json()["errors"][0]["reason"]
    assert not calls(house, EXCHANGE)
    assert await shown_phone(house, token) == "137****8888"


# Another number


async def test_the_same_number_again_needs_no_proof_and_is_told_to_nobody(house, rows):
    token = await house.token()
    await put(house, token, code=phone_code(house))
    assert (await put(house, token, code=phone_code(house))).status_code == 200
    assert (await put(house, token, **blob(house))).status_code == 200
    assert len(told_of(rows, "phone_changed")) == 1


async def test_another_number_needs_a_proof_of_who_asks(house, rows):
    token = await house.token()
    await put(house, token, code=phone_code(house))
    house.wechat.add_user("ann", phone=NEW)
    assert code_of(await put(house, token, code=phone_code(house))) == (403, "proof_required")
    stolen = await put(house, token, code=phone_code(house), proof_code=house.wechat.login("bob"))
    assert code_of(stolen) == (403, "proof_required")
    assert await shown_phone(house, token) == "138****6666"
    proven = await put(house, token, code=phone_code(house), proof_code=house.wechat.login("ann"))
    assert proven.json()["phone"] == "137****8888"
    assert await house.wx.find(phone=ANN) is None
    assert len(told_of(rows, "phone_changed")) == 2


async def test_a_blob_that_only_lacked_a_proof_comes_again_with_one(house):
    token = await house.token()
    await put(house, token, **blob(house))
    house.wechat.add_user("ann", phone=NEW)
    changed = blob(house)
    assert code_of(await put(house, token, **changed)) == (403, "proof_required")
    proven = await put(house, token, **changed, proof_code=house.wechat.login("ann"))
    assert proven.status_code == 200


async def test_what_a_proof_lacks_is_said_before_the_sms_code_is_tried(house, inbox):
    token = await house.token()
    await put(house, token, code=phone_code(house))
    code = await digits(house, inbox, NEW)
    wanted = {"phone": NEW, "verification_code": code}
    for _ in range(6):
        assert code_of(await put(house, token, **wanted)) == (403, "proof_required")
    proven = await put(house, token, **wanted, proof_code=house.wechat.login("ann"))
    assert proven.status_code == 200


async def test_whoever_has_no_wechat_identity_proves_the_number_so_far(house, inbox):
    code = await digits(house, inbox, NEW, Purpose.LOGIN)
    entered = await house.ask(
        "POST", "/v1/login/sms", None, json={"phone": NEW, "verification_code": code}
    )
    token = entered.json()["token"]
    link, proof = await digits(house, inbox, BOB), await digits(house, inbox, NEW, Purpose.PROOF)
    wanted = {"phone": BOB, "verification_code": link}
    assert code_of(await put(house, token, **wanted)) == (403, "proof_required")
    wrong = await put(house, token, **wanted, proof_verification_code=link)
    assert code_of(wrong) == (403, "proof_required")
    right = await put(house, token, **wanted, proof_verification_code=proof)
    assert right.json()["phone"] == "139****7777"


async def test_of_two_first_numbers_at_once_the_second_is_another_number(house, inbox):
    """Else a stolen session could race the person to the first number."""
    token = await house.token()
    codes = [(phone, await digits(house, inbox, phone)) for phone in (NEW, BOB)]
    answers = await asyncio.gather(
        *(put(house, token, phone=phone, verification_code=code) for phone, code in codes)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 403]


async def test_anothers_number_is_taken_and_nothing_moves(house):
    house.wechat.add_user("bob", phone=ANN)
    ann, bob = await house.token("ann"), await house.token("bob")
    await put(house, ann, code=phone_code(house))
    for body in ({"code": phone_code(house, "bob")}, blob(house, "bob")):
        answer = await put(house, bob, **body)
        assert code_of(answer) == (409, "phone_taken")
        assert answer.json()["can_join"] is False
    assert await shown_phone(house, ann) == "138****6666"
    assert await shown_phone(house, bob) is None


class CheckThenWrite:
    """No unique number: look first, then write."""

    def __init__(self, inside):
        self._inside = inside
        self._owner = {}

    def __getattr__(self, name):
        return getattr(self._inside, name)

    async def change_phone(self, change, **how):
        is_free = change.phone.e164 not in self._owner
        await asyncio.sleep(0)
        self._owner[change.phone.e164] = change.account_id
        kept = change.phone if not is_free else Phone("1", f"{secrets.randbelow(10**9)}")
        kept = replace(kept, proven_at=change.phone.proven_at)
        return await self._inside.change_phone(replace(change, phone=kept), **how)


async def two_accounts_at_once(house, rounds):
    """How many of two accounts got the one number they both asked for, round by round."""
    won = []
    for number in range(rounds):
        names = [f"{side}-{number}" for side in ("a", "b")]
        for name in names:
            house.wechat.add_user(name, phone=f"+86138{number:08}")
        tokens = [await house.token(name) for name in names]
        answers = await asyncio.gather(
            *(
                put(house, token, **blob(house, name))
                for token, name in zip(tokens, names, strict=True)
            )
        )
        won.append(Counter(answer.status_code for answer in answers)[200])
    return won


async def test_of_two_accounts_that_want_one_number_at_once_one_gets_it(house):
    """F26, a tenth of it."""
    assert await two_accounts_at_once(house, 20) == [1] * 20


async def test_twin_without_the_unique_number_both_would_get_it(
    houses, people, house_settings, keys
):
    store = open_store(house_settings().database_url, keyring=keys, prefix="wxlogin_")
    house = houses(store=CheckThenWrite(store))
    assert 2 in await two_accounts_at_once(house, 3)


# Paid codes


async def test_a_code_goes_to_wechat_with_the_openid_of_whose_session_it_is(house):
    """A16: in every call, so that a phone code of Ann's is worth nothing in Bob's session."""
    ann, bob = await house.token("ann"), await house.token("bob")
    swapped = await put(house, bob, code=phone_code(house, "ann"))
    assert code_of(swapped) == (400, "phone_code_invalid")
    assert await shown_phone(house, bob) is None
    assert (await put(house, ann, code=phone_code(house, "ann"))).status_code == 200
    seen = calls(house, EXCHANGE)
    assert len(seen) == 2
    assert all(call.get("openid") for call in seen)


class Unbound:
    """WeChat, asked without saying whose code it should be."""

    def __init__(self, inside):
        self._inside = inside

    async def get_phone_number(self, app, code, *, openid):
        return await self._inside.get_phone_number(app, code, openid="")


async def test_twin_without_the_openid_the_code_of_another_works(house):
    bob = await house.token("bob")
    flow = await house.wx.flow()
    core = replace(flow.core, wechat=Unbound(flow.core.wechat))
    flow.own_phone = OwnPhone(
        core,
        open_data=OwnOpenData(core, OpenDataReader()),
        phone_codes=PhoneCodes(core),
        verification=flow.verification,
        proofs=flow.proofs,
        exchanges=flow.exchanges,
    )
    swapped = await put(house, bob, code=phone_code(house, "ann"))
    assert (swapped.status_code, swapped.json()["phone"]) == (200, "138****6666")


async def test_a_login_code_is_of_the_wrong_kind_used_or_not(house):
    used = house.wechat.login("ann")
    token = await house.token(code=used)
    assert code_of(await put(house, token, code=used)) == (400, "wrong_code_kind")
    fresh = await put(house, token, code=house.wechat.login("ann"))
    assert code_of(fresh) == (400, "wrong_code_kind")


async def test_a_phone_code_is_no_login_code_and_is_spent_once(house):
    token = await house.token()
    code = phone_code(house)
    assert (await put(house, token, code=code)).status_code == 200
    assert code_of(await put(house, token, code=code)) == (400, "phone_code_invalid")
    assert len(calls(house, EXCHANGE)) == 1


class NoClaims:
    """Codes are not claimed: whoever comes exchanges."""

    def __init__(self, inside):
        self._inside = inside

    def __getattr__(self, name):
        return getattr(self._inside, name)

    async def claim_code(self, code_hash, **how):
        return await self._inside.claim_code(code_hash, **how) or secrets.randbelow(2**31) + 1


async def sixteen_at_once(house):
    token, code = await house.token(), phone_code(house)
    answers = await asyncio.gather(*(put(house, token, code=code) for _ in range(16)))
    won = [answer.status_code for answer in answers].count(200)
    return won, len(calls(house, EXCHANGE))


async def test_sixteen_requests_with_one_code_pay_once(houses, people):
    house = houses(settings={"phone_calls_per_account": 100})
    assert await sixteen_at_once(house) == (1, 1)


async def test_twin_without_claims_sixteen_requests_ask_wechat_again(
    houses, people, house_settings, keys
):
    store = open_store(house_settings().database_url, keyring=keys, prefix="wxlogin_")
    house = houses(store=NoClaims(store), settings={"phone_calls_per_account": 100})
    assert (await sixteen_at_once(house))[1] > 1


async def test_successes_count_against_the_accounts_budget_and_nothing_else_does(houses, people):
    house = houses(settings={"phone_calls_per_account": 2})
    token = await house.token()
    for number in range(5):
        assert (await put(house, token, code=f"{number:064}")).status_code == 400
    for _ in range(2):
        assert (await put(house, token, code=phone_code(house))).status_code == 200
    refused = await put(house, token, code=phone_code(house))
    assert code_of(refused) == (429, "rate_limited")
    assert int(refused.headers["retry-after"]) > 80_000
    assert len(calls(house, EXCHANGE)) == 7
    house.clock.advance(days=1, seconds=1)
    assert (await put(house, token, code=phone_code(house))).status_code == 200
    assert house.wx.metrics.phones == {"phone_code_invalid": 5, "ok": 3, "rate_limited": 1}
    together = Metrics()
    for _ in range(2):
        together.merge(house.wx.metrics.snapshot())
    assert b'wxlogin_phone_exchanges_total{outcome="ok"} 6.0' in exposition(together)


async def test_the_apps_budget_ends_all_accounts_calls(houses, people):
    house = houses(settings={"phone_calls_per_day": 1})
    assert (await put(house, await house.token("ann"), code=phone_code(house))).status_code == 200
    bob = await put(house, await house.token("bob"), code=phone_code(house, "bob"))
    assert code_of(bob) == (429, "rate_limited")


# Encrypted data


async def test_a_blob_works_once_in_whatever_session_and_spelling(house):
    """A05: remembered for the three days that a session_key lives."""
    tokens = [await house.token(), await house.token()]
    first = blob(house)
    assert (await put(house, tokens[0], **first)).status_code == 200
    sealed = first["encrypted_data"]
    respelled = sealed.rstrip("=")
    if sealed.endswith("="):  # the last character has bits that say nothing
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        last = alphabet.index(respelled[-1])
        respelled = respelled[:-1] + alphabet[last ^ 1] + "=" * (len(sealed) - len(respelled))
        assert base64.b64decode(respelled) == base64.b64decode(sealed)
    for token in tokens:
        for text in (sealed, respelled):
            answer = await put(house, token, encrypted_data=text, iv=first["iv"])
            assert code_of(answer) == (400, "ciphertext_invalid")
    flow = await house.wx.flow()
    await flow.core.store.prune(now=house.clock.now + timedelta(days=2, hours=23), limit=100)
    assert (await put(house, tokens[1], **first)).status_code == 400


async def test_twin_without_a_memory_the_blob_works_again(houses, people, house_settings, keys):
    store = open_store(house_settings().database_url, keyring=keys, prefix="wxlogin_")
    house = houses(store=NoClaims(store))
    tokens, one = [await house.token(), await house.token()], blob(house)
    answers = [await put(house, token, **one) for token in (*tokens, tokens[0])]
    assert [answer.status_code for answer in answers] == [200, 200, 200]


async def test_sixteen_requests_with_one_blob_are_one_success(house):
    token, one = await house.token(), blob(house)
    answers = await asyncio.gather(*(put(house, token, **one) for _ in range(8)))
    assert [answer.status_code for answer in answers].count(200) == 1


async def test_a_blob_is_good_for_five_minutes(house):
    token, old = await house.token(), blob(house)
    house.clock.advance(301)
    assert code_of(await put(house, token, **old)) == (400, "ciphertext_invalid")
    young = blob(house)
    house.clock.advance(299)
    assert (await put(house, token, **young)).status_code == 200


async def test_anothers_blob_is_nothing_to_me(house):
    await house.token("bob")
    token, theirs = await house.token("ann"), blob(house, "bob")
    assert code_of(await put(house, token, **theirs)) == (400, "ciphertext_invalid")


@pytest.mark.parametrize("rotation", ["exchange", "mint", "always"])
async def test_a_login_between_the_tap_and_the_request_does_no_harm(house, rotation):
    """Contract §1, the classic race: the new key is in force, the blob is under the one before."""
    house.wechat.settings(rotation=rotation, rotation_min_seconds=0)
    token = await house.token()
    house.clock.advance(1)
    tapped = blob(house)
    house.clock.advance(1)
    newer = await house.token()
    flow = await house.wx.flow()
    keys = await flow.core.store.find_session_keys(
        app_id=house.wechat.app_id,
        openid=house.wechat.openid("ann"),
        previous_after=house.clock.now - timedelta(minutes=10),
    )
    assert keys.previous is not None
    assert (await put(house, token, **tapped)).status_code == 200
    assert (await put(house, newer, **blob(house))).status_code == 200


@pytest.mark.parametrize("rotation", ["exchange", "mint"])
async def test_a_key_that_died_unseen_asks_for_a_login_and_a_new_tap(house, rotation):
    """`wx.login` was called and its code never came here, or the key was reset."""
    house.wechat.settings(rotation=rotation, rotation_min_seconds=0)
    token = await house.token()
    house.clock.advance(1)
    house.wechat.login("ann")
    house.wechat.rotate_session_key("ann")
    answer = await put(house, token, **blob(house))
    assert code_of(answer) == (409, "session_key_stale")
    newer = await house.token()
    assert (await put(house, newer, **blob(house))).status_code == 200


async def test_ten_failures_an_hour_then_wechat_is_asked_no_more(house):
    token, other = await house.token(), await house.token()
    wrong = {"encrypted_data": base64.b64encode(bytes(64)).decode(), "iv": blob(house)["iv"]}
    bodies = set()
    for _ in range(10):
        answer = await put(house, token, **wrong)
        assert code_of(answer) == (400, "ciphertext_invalid")
        bodies.add(answer.text.replace(answer.json()["request_id"], ""))
    assert len(bodies) == 1
    assert len(calls(house, CHECK)) == 10
    refused = await put(house, token, **blob(house))
    assert code_of(refused) == (429, "rate_limited")
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    assert len(calls(house, CHECK)) == 10
    assert (await put(house, other, **blob(house))).status_code == 200
    house.clock.advance(3601)
    assert (await put(house, token, **blob(house))).status_code == 200


async def test_ten_failures_are_ten_also_when_they_come_at_once(house):
    token = await house.token()
    wrong = {"encrypted_data": base64.b64encode(bytes(64)).decode(), "iv": blob(house)["iv"]}
    answers = await asyncio.gather(*(put(house, token, **wrong) for _ in range(40)))
    assert Counter(answer.status_code for answer in answers) == {400: 10, 429: 30}


async def test_successes_use_up_no_tries(house):
    token = await house.token()
    for _ in range(15):
        assert (await put(house, token, **blob(house))).status_code == 200


async def test_every_way_to_fail_is_the_same_bytes(house):
    """A04: bad padding, bad JSON, another's watermark, too old, no base64, an odd length."""
    await with_reader(house, OpenDataReader())
    token = await house.token()
    key = base64.b64decode(house.wechat.session_key("ann"))

    def sealed(text, padded=True):
        whole = aes_cbc.pad(text, block=16) if padded else text
        return base64.b64encode(aes_cbc.encrypt(whole, key=key, iv=bytes(16))).decode()

    stamp = int(house.clock.now.timestamp())
    phone = b'{"phoneNumber":"1","purePhoneNumber":"1","countryCode":"86","watermark":%s}'
    wrong = [
        sealed(b"x" * 32, padded=False),
        sealed(b"no JSON at all"),
        sealed(phone % b'{"appid":"wx0000000000000000","timestamp":%d}' % stamp),
        sealed(phone % b'{"appid":"%s","timestamp":1}' % house.wechat.app_id.encode()),
        "%%%%",
        base64.b64encode(bytes(15)).decode(),
        base64.b64encode(bytes(4096 + 16)).decode(),
    ]
    bodies = set()
    for text in wrong:
        answer = await put(
            house, token, encrypted_data=text, iv=base64.b64encode(bytes(16)).decode()
        )
        assert answer.status_code == 400
        bodies.add(answer.text.replace(answer.json()["request_id"], ""))
    assert len(bodies) == 1


async def test_no_flip_of_the_iv_is_accepted(house):
    """A04: the iv is the client's to choose, and says nothing of the first block."""
    await with_reader(house, OpenDataReader())
    token, one = await house.token(), blob(house)
    iv = base64.b64decode(one["iv"])
    for bit in range(128):
        flipped = (int.from_bytes(iv) ^ 1 << bit).to_bytes(16)
        answer = await put(
            house,
            token,
            encrypted_data=one["encrypted_data"],
            iv=base64.b64encode(flipped).decode(),
        )
        assert code_of(answer) == (400, "ciphertext_invalid"), bit
    assert (await put(house, token, **one)).status_code == 200


# The padding oracle


class Leaky(OpenDataReader):
    """The endpoint that others wrote: bad padding is told from what is behind it."""

    def read_phone(self, encrypted_data, iv, *, keys, **how):
        padded = aes_cbc.decrypt(
            base64.b64decode(encrypted_data),
            key=base64.b64decode(keys.current.value.reveal()),
            iv=base64.b64decode(iv),
        )
        if not aes_cbc.padding_of(padded, block=16):
            raise errors.SignatureInvalid
        return super().read_phone(encrypted_data, iv, keys=keys, **how)


async def with_reader(house, reader, failures=10**9):
    """The server without a limit of failures, on this reader."""
    flow = await house.wx.flow()
    flow.own_phone = OwnPhone(
        flow.core,
        open_data=OwnOpenData(flow.core, reader, OpenDataPolicy(failures=failures)),
        phone_codes=flow.phone_codes,
        verification=flow.verification,
        proofs=flow.proofs,
        exchanges=flow.exchanges,
    )


async def attack(house, token, sealed, *, queries, wanted):
    """What Vaudenay's attack reads of the last block, from its end; at most `wanted` bytes.

    A guess is right if its answer stands out. What the limit refuses says nothing.
    """
    blocks = [sealed[at : at + 16] for at in range(0, len(sealed), 16)]
    before, block = blocks[-2], blocks[-1]
    known = b""
    while queries >= 256 and len(known) < wanted:
        pad = len(known) + 1
        tail = bytes(byte ^ pad for byte in known)
        answers = {}
        for guess in range(256):
            iv = bytes(15 - len(known)) + bytes([guess]) + tail
            answer = await put(
                house,
                token,
                encrypted_data=base64.b64encode(block).decode(),
                iv=base64.b64encode(iv).decode(),
            )
            if answer.status_code != 429:
                answers.setdefault(answer.json()["code"], []).append(guess)
        queries -= 256
        rare = [guesses for guesses in answers.values() if len(guesses) == 1]
        if len(answers) == 2 and rare:
            known = bytes([rare[0][0] ^ pad]) + known
    return bytes(a ^ b for a, b in zip(known, before[16 - len(known) :], strict=True))


async def plain_and_sealed(house):
    token = await house.token()
    event = house.wechat.phone("ann")
    sealed = base64.b64decode(event["encryptedData"])
    key = base64.b64decode(house.wechat.session_key("ann"))
    return token, sealed, aes_cbc.decrypt(sealed, key=key, iv=base64.b64decode(event["iv"]))


async def test_a_padding_oracle_reads_nothing(house):
    """A04: a tenth of the twenty thousand."""
    token, sealed, _ = await plain_and_sealed(house)
    assert await attack(house, token, sealed, queries=2_000, wanted=2) == b""
    assert len(calls(house, CHECK)) == 10


@pytest.mark.chaos
async def test_a_padding_oracle_reads_nothing_in_twenty_thousand_queries(house):
    token, sealed, _ = await plain_and_sealed(house)
    assert await attack(house, token, sealed, queries=20_000, wanted=2) == b""


async def test_nor_does_it_where_no_limit_stops_it(house):
    """The other half of the defence, alone."""
    await with_reader(house, OpenDataReader())
    token, sealed, _ = await plain_and_sealed(house)
    assert await attack(house, token, sealed, queries=512, wanted=2) == b""


async def test_twin_an_endpoint_that_tells_bad_padding_from_bad_json_is_read(house):
    await with_reader(house, Leaky())
    token, sealed, plain = await plain_and_sealed(house)
    assert await attack(house, token, sealed, queries=512, wanted=2) == plain[-2:]


async def test_twin_the_limit_alone_leaves_it_too_little_to_read(house):
    await with_reader(house, Leaky(), failures=10)
    token, sealed, _ = await plain_and_sealed(house)
    assert await attack(house, token, sealed, queries=1_024, wanted=1) == b""


# What a body may not do


async def test_what_a_client_says_beside_the_point_has_no_effect(house, rows):
    """D01, A06."""
    token = await house.token()
    columns = "id, pool, user_id, status, epoch, claims, username, nickname, avatar_url"
    before = rows(f"SELECT {columns} FROM wxlogin_account")
    identity = rows("SELECT openid, app_id, account_id, unionid FROM wxlogin_identity")
    answer = await put(
        house,
        token,
        code=phone_code(house),
        status="disabled",
        openid=house.wechat.openid("bob"),
        unionid="u",
        app_id="wx0000000000000000",
        account_id="somebody",
        user_id="42",
        epoch=7,
        claims={"role": "staff"},
        phone_proven_at="2020-01-01T00:00:00Z",
        proven_at="2020-01-01T00:00:00Z",
        session_key="AAAAAAAAAAAAAAAAAAAAAA==",
        nickname="thief",
        avatar_id="x",
    )
    assert answer.status_code == 200
    assert rows(f"SELECT {columns} FROM wxlogin_account") == before
    assert rows("SELECT openid, app_id, account_id, unionid FROM wxlogin_identity") == identity
    assert await house.wx.find(phone=ANN) is not None


async def test_the_number_stands_nowhere_in_the_clear(house, database, caplog):
    """E01: not in the file of the database, not in a log."""
    caplog.set_level(logging.DEBUG)
    token = await house.token()
    await put(house, token, code=phone_code(house))
    await put(house, token, **blob(house))
    await house.wx.close()
    number = ANN.removeprefix("+86")
    kept = b"".join(path.read_bytes() for path in database.parent.glob(f"{database.name}*"))
    for text in (number, number[::-1], number[-8:]):
        assert text.encode() not in kept
        assert text not in caplog.text
    assert base64.b64encode(number.encode()).rstrip(b"=") not in kept


async def test_without_a_session_nothing_is_spent(house):
    code = phone_code(house)
    assert (await put(house, None, code=code)).status_code == 401
    assert (await put(house, await house.token(), code=code)).status_code == 200


async def test_ten_codes_that_are_none_in_an_hour_then_wechat_is_asked_no_more(houses, people):
    house = houses(settings={"phone_calls_per_account": 100})
    token = await house.token()
    answers = [code_of(await put(house, token, code=f"{n:064}")) for n in range(12)]
    assert answers == [(400, "phone_code_invalid")] * 10 + [(429, "rate_limited")] * 2
    assert len(calls(house, EXCHANGE)) == 10
    bob = await house.token("bob")
    assert (await put(house, bob, code=phone_code(house, "bob"))).status_code == 200
    house.clock.advance(hours=1, seconds=1)
    for _ in range(12):  # successes use up no tries
        assert (await put(house, token, code=phone_code(house))).status_code == 200
