"""Codes by SMS: what they prove and for how long, what an attacker is let do, who pays."""

import asyncio
import logging
import math
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.flows.town import (
    NEW_PASSWORD,
    OTHER,
    PASSWORD,
    PHONE,
    Inboxes,
    Town,
    app_of,
    told,
)
from wxlogin.login.ports import Quota
from wxlogin.login.sms import SmsRefused, SmsUnknown
from wxlogin.login.verification import Purpose, Verification, VerificationPolicy
from wxlogin.sms.opening import SmsSettings
from wxlogin.stores import accounts
from wxlogin.stores.opening import open_store


def others(digits, count):
    """Codes that are not this one."""
    return [f"{(int(digits) + step) % 10**6:06}" for step in range(1, count + 1)]


# Asking


async def test_a_code_comes_and_opens(town):
    answer = await town.ask()
    assert (answer.status_code, answer.json()) == (202, {"resend_in": 60, "expires_in": 300})
    [message] = town.inboxes.sent
    assert (message.phone.e164, message.purpose, message.minutes) == ("+8613800006666", "login", 5)
    opened = await town.by_sms(verification_code=town.inboxes.last())
    assert opened.status_code == 200
    assert opened.json()["account"]["phone"] == "138****6666"


async def test_a_code_comes_by_the_simulators_gateway(houses, wechat, clock):
    """`WXLOGIN_SMS=simulator`, over HTTP."""
    house = houses(settings={"sms": SmsSettings(provider="simulator")})
    town = Town(house, Inboxes())
    assert (await town.ask()).status_code == 202
    [message] = wechat.inbox("+8613800006666")
    answer = await town.by_sms(verification_code=message["verification_code"])
    assert answer.status_code == 200


async def test_known_and_unknown_phones_hear_the_same_for_every_purpose(town):
    """C01: not a byte tells whether anybody has the number."""
    await town.member()
    for purpose in Purpose:
        town.clock.advance(3600)
        known, unknown = await town.ask(PHONE, purpose), await town.ask(OTHER, purpose)
        assert known.status_code == unknown.status_code == 202
        assert known.content == unknown.content
        assert set(known.headers) == set(unknown.headers)


async def test_in_production_whoever_asks_names_themself(house_settings, towns, wechat):
    town = towns()
    flow = await town.wx.flow()
    flow.verification.policy = replace(flow.verification.policy, needs_caller=True)
    assert told(await town.ask()) == (403, "proof_required")
    assert town.inboxes.sent == []
    answer = await town.ask(code=wechat.login("ann"))
    assert answer.status_code == 202


def test_production_asks_for_a_caller_and_development_does_not(house_settings):
    from wxlogin.assembly import _verification

    for env, needed in (("production", True), ("development", False)):
        settings = house_settings(env=env)
        assert _verification(None, settings, None).policy.needs_caller is needed


async def test_the_code_that_names_who_asks_is_spent_once(town, wechat):
    code = wechat.login("ann")
    assert (await town.ask(code=code)).status_code == 202
    town.clock.advance(61)
    assert told(await town.ask(code=code)) == (400, "code_used")
    assert wechat.exchanges(code) == 1


async def test_who_asks_keeps_a_live_session_key(town, wechat):
    """The exchange that names them may have put a new key in the old one's place."""
    token = (await town.by_wechat()).json()["token"]
    wechat.settings(rotation="always")
    assert (await town.ask(code=wechat.login("ann"))).status_code == 202
    check = await town.post("/v1/session/wechat-check", token)
    assert check.json() == {"wechat_session": "valid"}


NOT_SERVED = {
    "a number of another country": ("+14155550123", (422, "phone_number_invalid")),
    "a landline": ("010-88886666", (422, "phone_number_invalid")),
    "other digits": ("１３８００００６６６６", (422, "phone_number_invalid")),
    "superscript": ("1380000666²", (422, "phone_number_invalid")),
    "country 086": ("+08613800006666", (422, "phone_number_invalid")),
    "nothing": ("", (400, "request_invalid")),
}


@pytest.mark.parametrize("wrong", NOT_SERVED)
async def test_a_number_that_is_not_served_spends_no_code_of_wechat(town, wechat, wrong):
    phone, wanted = NOT_SERVED[wrong]
    code = wechat.login("ann")
    assert told(await town.ask(phone, code=code)) == wanted
    assert told(await town.ask(PHONE, "nonsense", code=code)) == (400, "request_invalid")
    assert town.inboxes.sent == []
    assert (await town.ask(code=code)).status_code == 202


async def test_without_sms_every_route_that_needs_one_is_not_there(houses):
    town = Town(houses(), Inboxes())
    assert told(await town.ask()) == (404, "not_found")
    for answer in (
        await town.by_sms(verification_code="123456"),
        await town.by_mobile(verification_code="123456"),
        await town.by_enterprise(verification_code="123456"),
        await town.post(
            "/v1/password/reset", phone=PHONE, verification_code="1", new_password=PASSWORD
        ),
    ):
        assert told(answer) == (404, "not_found")


# Trying


BOUND = {
    "another purpose": {"purpose": "register"},
    "another number": {"phone": OTHER},
}


@pytest.mark.parametrize("swapped", BOUND)
async def test_a_code_is_good_for_what_it_was_sent_for_alone(town, swapped):
    """C09: purpose, number and app are bound in."""
    asked = {"phone": PHONE, "purpose": "login", **BOUND[swapped]}
    digits = await town.code(asked["phone"], asked["purpose"])
    answer = await town.by_sms(verification_code=digits)
    assert told(answer) == (400, "verification_code_invalid")


async def test_a_code_of_one_app_opens_nothing_in_another(towns, wechat):
    wechat.add_app("wxother", secret="s2")
    other = replace(app_of(wechat), app_id="wxother")
    town = towns(settings={"apps": (app_of(wechat), other)})
    await town.ask(app_id=wechat.app_id)
    digits = town.inboxes.last()
    answer = await town.by_sms(verification_code=digits, app_id="wxother")
    assert told(answer) == (400, "verification_code_invalid")
    assert (await town.by_sms(verification_code=digits, app_id=wechat.app_id)).status_code == 200


async def test_a_new_code_takes_the_old_ones_place(town):
    first = await town.code()
    second = await town.code()
    if first != second:
        answer = await town.by_sms(verification_code=first)
        assert told(answer) == (400, "verification_code_invalid")
    assert (await town.by_sms(verification_code=second)).status_code == 200


@pytest.mark.parametrize(("seconds", "opens"), [(299, True), (300, False), (301, False)])
async def test_a_code_is_good_for_five_minutes(town, seconds, opens):
    digits = await town.code()
    town.clock.advance(seconds)
    answer = await town.by_sms(verification_code=digits)
    assert (answer.status_code == 200) is opens


async def test_five_wrong_codes_and_the_right_one_is_worth_nothing_any_more(town):
    digits = await town.code()
    for wrong in others(digits, 5):
        answer = await town.by_sms(verification_code=wrong)
        assert told(answer) == (400, "verification_code_invalid")
    late = await town.by_sms(verification_code=digits)
    assert told(late) == (400, "verification_code_invalid")
    assert (await town.by_sms()).status_code == 200  # a new one


@pytest.mark.parametrize("text", ["12345", "1234567", "１２３４５６", "12345 ", "abcdef", "-12345"])
async def test_what_is_no_six_digits_counts_as_no_try(town, text):
    digits = await town.code()
    for _ in range(6):
        answer = await town.by_sms(verification_code=text)
        assert told(answer) == (400, "verification_code_invalid")
    assert (await town.by_sms(verification_code=digits)).status_code == 200


async def test_leading_zeros_are_digits(towns):
    """The bytes of the test's generator make 000007; without its zeros it is another text."""
    town = towns(random=lambda count: bytes(count - 1) + b"\x07")
    assert await town.code() == "000007"
    assert told(await town.by_sms(verification_code="7")) == (400, "verification_code_invalid")
    flow = await town.wx.flow()
    assert flow.verification._new_digits() == "000007"


async def test_a_login_that_fails_later_leaves_the_code_good(town, wechat):
    digits = await town.code()
    for bad in ({"code": "no code of wechat's"}, {"code": "0invented"}, {"device": 7}):
        answer = await town.by_sms(verification_code=digits, **bad)
        assert answer.status_code == 400, answer.text
    wechat.fail("/sns/jscode2session", times=1, errcode=-1)
    assert (await town.by_sms(user="ann", verification_code=digits)).status_code == 503
    assert (await town.by_sms(user="ann", verification_code=digits)).status_code == 200


class CheckThenCount:
    """The twin: whether a try is left is read, and counted by another statement."""

    def __init__(self, inside):
        self._inside = inside
        self.tries = Counter()

    def __getattr__(self, name):
        return getattr(self._inside, name)

    async def try_verification_code(self, spend, *, limit, now):
        if self.tries[spend.slot] >= limit:
            return False
        await asyncio.sleep(0)  # where another request reads the same
        self.tries[spend.slot] += 1
        return await self._inside.try_verification_code(spend, limit=10**9, now=now)


async def tries_left_to_64(town, rows):
    """How many of 64 wrong codes at once were compared, by the count beside the code."""
    digits = await town.code()
    await asyncio.gather(*(town.by_sms(verification_code=w) for w in others(digits, 64)))
    [(tries,)] = rows("SELECT tries FROM wxlogin_verification_code")
    return tries


async def test_of_64_wrong_codes_at_once_five_are_compared(town, rows):
    """C03."""
    assert await tries_left_to_64(town, rows) == 5


async def test_with_check_then_count_more_are_compared(towns, rows, database, keys):
    store = CheckThenCount(open_store(f"sqlite:///{database}", keyring=keys))
    assert await tries_left_to_64(towns(store=store), rows) > 5


async def the_right_code_many_times(town, *, rounds, at_once=16):
    """Rounds in which not exactly one of `at_once` equal requests came in."""
    wrong = []
    for number in range(rounds):
        phone = f"1370{number:07}"
        await town.ask(phone)
        digits = town.inboxes.last(phone)
        answers = await asyncio.gather(
            *(town.by_sms(phone, verification_code=digits) for _ in range(at_once))
        )
        won = Counter(a.status_code for a in answers)
        if won != {200: 1, 400: at_once - 1}:
            wrong.append(won)
    return wrong


class CodesForEver:
    """The twin: a code is not spent by the commit it is for."""

    def __init__(self, inside):
        self._inside = inside

    def __getattr__(self, name):
        return getattr(self._inside, name)

    async def commit_login(self, commit):
        return await self._inside.commit_login(replace(commit, spends=()))


async def test_the_right_code_sixteen_times_at_once_opens_once(town):
    """C04, a tenth."""
    assert await the_right_code_many_times(town, rounds=20) == []


async def test_where_the_commit_spends_no_code_it_opens_more_than_once(towns, database, keys):
    store = CodesForEver(open_store(f"sqlite:///{database}", keyring=keys))
    assert await the_right_code_many_times(towns(store=store), rounds=1) != []


@pytest.mark.chaos
async def test_the_right_code_sixteen_times_at_once_opens_once_in_200_rounds(town):
    flow = await town.wx.flow()
    flow.verification.policy = replace(
        flow.verification.policy, hourly_budget=10_000, per_address_hour=10_000
    )
    assert await the_right_code_many_times(town, rounds=200) == []


SPELLINGS = [
    f"{prefix}{body}"
    for prefix in ("", "+86", "0086", "+86 ", "+86-", "(+86)", " +86 ", "00 86 ", "+ 86", "86")
    for body in (
        "13800006666",
        "138 0000 6666",
        "138-0000-6666",
        "(138)00006666",
        "138-00006666",
        "1380000-6666",
    )
]


async def test_sixty_spellings_of_one_number_are_one_number(town, rows):
    """C10: one counter, one account; or no number at all."""
    assert len(set(SPELLINGS)) == 60
    statuses = Counter()
    for spelled in SPELLINGS:
        statuses[(await town.ask(spelled)).status_code] += 1
    assert set(statuses) <= {202, 429, 422}
    assert statuses[202] == 1
    for spelled in SPELLINGS:
        if (await town.ask(spelled)).status_code == 422:
            continue
        digits = town.inboxes.last()
        if (await town.by_sms(spelled, verification_code=digits)).status_code == 200:
            town.clock.advance(61 * 60)
            await town.ask()
    assert rows("SELECT count(*) FROM wxlogin_account") == [(1,)]


def chi_square(draws, *, cells):
    """The p of χ² for `draws` spread evenly over `cells`, by the normal approximation."""
    counts = Counter(draws)
    expected = len(draws) / cells
    statistic = sum((counts[c] - expected) ** 2 / expected for c in range(cells))
    freedom = cells - 1
    z = ((statistic / freedom) ** (1 / 3) - (1 - 2 / (9 * freedom))) / math.sqrt(2 / (9 * freedom))
    return 0.5 * math.erfc(z / math.sqrt(2))


async def test_the_digits_are_drawn_evenly(town):
    """C09: 100,000 codes, by thousands and by each place; p > 0.001."""
    flow = await town.wx.flow()
    drawn = [flow.verification._new_digits() for _ in range(100_000)]
    assert {len(digits) for digits in drawn} == {6}
    assert chi_square([int(d) // 1000 for d in drawn], cells=1000) > 0.001
    for place in range(6):
        assert chi_square([int(d[place]) for d in drawn], cells=10) > 0.001 / 6


def test_a_remainder_of_too_few_bits_is_found_uneven(seeded):
    """The twin: two bytes modulo 100,000 do not reach everywhere."""
    drawn = [int.from_bytes(seeded.randbytes(2)) * 37 % 10**6 for _ in range(100_000)]
    assert chi_square([one // 1000 for one in drawn], cells=1000) < 0.001


# Who pays


class Vendor(Inboxes):
    """A provider that answers as it is told, in turn."""

    def __init__(self, *outcomes):
        super().__init__()
        self.outcomes = list(outcomes)

    async def send(self, message):
        self.sent.append(message)
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if outcome is not None:
            raise outcome


async def test_a_phone_gets_one_a_minute_five_an_hour_ten_a_day_over_all_purposes(town):
    sent = []
    for minute in range(24 * 60):
        purpose = list(Purpose)[minute % 5]
        if (await town.ask(PHONE, purpose)).status_code == 202:
            sent.append(minute)
        if len(sent) < 10 or minute % 60 == 0:
            again = await town.ask(PHONE, purpose)
            assert told(again) == (429, "rate_limited")
            assert int(again.headers["retry-after"]) == again.json()["retry_after"] >= 1
        town.clock.advance(60)
        if len(sent) >= 10 and minute > 200:
            break
    assert len(sent) == 10
    assert len([minute for minute in sent if minute < 60]) == 5


async def test_retry_after_is_when_the_next_one_is_sent(town):
    await town.ask()
    wait = (await town.ask()).json()["retry_after"]
    town.clock.advance(wait - 1)
    assert (await town.ask()).status_code == 429
    town.clock.advance(1)
    assert (await town.ask()).status_code == 202


async def test_one_openid_asks_five_times_a_day(town, wechat):
    answers = [
        await town.ask(f"1380000{n:04}", code=wechat.login("ann"), address=None) for n in range(7)
    ]
    assert [answer.status_code for answer in answers] == [202] * 5 + [429] * 2
    assert (await town.ask("13800009999", code=wechat.login("bob"))).status_code == 202
    town.clock.advance(86400)
    assert (await town.ask("13800008888", code=wechat.login("ann"))).status_code == 202


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        ("203.0.113.9", "203.0.113.9", True),
        ("203.0.113.9", "203.0.113.10", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:203.0.113.9", "203.0.113.9", True),
    ],
)
async def test_an_address_counts_as_what_one_customer_is_given(towns, first, second, is_one):
    town = towns(settings={"trusted_proxies": 1})
    for number in range(20):
        assert (await town.ask(f"1380000{number:04}", address=first)).status_code == 202
    answer = await town.ask("13900001111", address=second)
    assert (answer.status_code == 429) is is_one


async def bomb(town, *, asks, hours, phones, addresses):
    """Messages sent after `asks` spread over `hours`, in turn to `phones` from `addresses`."""
    for number in range(asks):
        await town.ask(phones[number % len(phones)], address=addresses[number % len(addresses)])
        town.clock.advance(hours * 3600 / asks)
    return len(town.inboxes.sent)


def addresses_of(count):
    return [f"10.{n // 65536}.{n // 256 % 256}.{n % 256}" for n in range(count)]


def numbers_of(count):
    return [f"138{n:08}" for n in range(count)]


async def bombed(towns, *, scale, store=None):
    """C08's three stories at `scale`: messages to one number, from one address, of all."""
    settings = {"trusted_proxies": 1}
    more = {} if store is None else {"store": store}
    one = await bomb(
        towns(settings=settings, **more),
        asks=10_000 // scale,
        hours=24,
        phones=["13900001111"],
        addresses=addresses_of(1000),
    )
    town = towns(settings=settings, **more)
    before = town.clock.now
    many = await bomb(
        town, asks=10_000 // scale, hours=0.99, phones=numbers_of(10_000), addresses=["192.0.2.7"]
    )
    town.clock.now = before
    return one, many


async def test_bombing_one_number_and_pumping_many_are_bounded(towns):
    """C08, a tenth of the asks: 1,000 addresses ask for one number in 24 hours; one address asks
    for as many numbers in an hour."""
    one, many = await bombed(towns, scale=10)
    assert one <= 10
    assert many <= 20


class Unlimited:
    """The twin: a store that grants every quota."""

    def __init__(self, inside):
        self._inside = inside

    def __getattr__(self, name):
        return getattr(self._inside, name)

    async def take_quotas(self, quotas, *, now):
        return timedelta(0)


async def test_without_quotas_every_message_is_sent(towns, database, keys):
    store = Unlimited(open_store(f"sqlite:///{database}", keyring=keys))
    one, many = await bombed(towns, scale=100, store=store)
    assert (one, many) == (100, 100)


@pytest.mark.chaos
async def test_bombing_in_full(towns):
    one, many = await bombed(towns, scale=1)
    assert one <= 10
    assert many <= 20


async def spend_the_budget(towns, *, budget, asks):
    town = towns(settings={"trusted_proxies": 1, "sms": SmsSettings(hourly_budget=budget)})
    answers = Counter()
    for number in range(asks):
        answer = await town.ask(f"138{number:08}", address=f"10.0.{number // 256}.{number % 256}")
        answers[answer.status_code] += 1
        town.clock.advance(0.1)
    sent = len(town.inboxes.sent)
    town.clock.advance(3600)
    assert (await town.ask("13900001111")).status_code == 202
    return sent, answers


async def test_the_hourly_budget_of_the_deployment_ends_and_comes_back(towns):
    """C08, a tenth: 100 an hour, then stop."""
    sent, answers = await spend_the_budget(towns, budget=100, asks=300)
    assert sent == 100
    assert answers == {202: 100, 429: 200}


@pytest.mark.chaos
async def test_the_hourly_budget_in_full(towns):
    sent, _ = await spend_the_budget(towns, budget=1000, asks=3000)
    assert sent == 1000


# Providers that fail (F36)


async def test_a_message_that_may_have_been_sent_counts_and_its_code_is_good(towns):
    town = towns(sms_sender=Vendor(SmsUnknown("deadline")))
    assert (await town.ask()).status_code == 202
    assert told(await town.ask()) == (429, "rate_limited")
    assert (await town.by_sms(verification_code=town.inboxes.last())).status_code == 200


async def test_a_message_that_was_certainly_not_sent_counts_for_nobody(towns, caplog):
    town = towns(sms_sender=Vendor(SmsRefused("balance", vendor_code="isv.AMOUNT")))
    refused = await town.ask()
    assert refused.status_code == 202  # who asks hears nothing of our vendors
    assert (await town.ask()).status_code == 202
    assert "isv.AMOUNT" in caplog.text
    assert PHONE not in caplog.text


@pytest.mark.parametrize("reason", ["phone", "country", "vendor_limit"])
async def test_a_number_that_the_provider_refuses_is_not_asked_for_again_at_once(towns, reason):
    town = towns(sms_sender=Vendor(SmsRefused(reason)))
    assert (await town.ask()).status_code == 202
    assert (await town.ask()).status_code == 429


@pytest.mark.parametrize("asks", [100, pytest.param(1000, marks=pytest.mark.chaos)])
async def test_half_of_the_messages_time_out_and_quotas_and_codes_hold(towns, seeded, asks, rows):
    """F36: unknown counts as sent, and there are never two valid codes."""
    outcomes = [SmsUnknown("deadline") if seeded.random() < 0.5 else None for _ in range(asks)]
    town = towns(sms_sender=Vendor(*outcomes))
    flow = await town.wx.flow()
    flow.verification.policy = replace(
        flow.verification.policy, hourly_budget=10_000, per_address_hour=10_000
    )
    phones = numbers_of(max(2, asks // 20))
    sent = {phone: [] for phone in phones}
    for number in range(asks):
        phone = phones[number % len(phones)]
        if (await town.ask(phone)).status_code == 202:
            sent[phone].append(town.clock.now)
        town.clock.advance(seeded.random() * 20)
    assert len(town.inboxes.sent) == sum(map(len, sent.values())) > asks // 5
    for phone, times in sent.items():
        hour = timedelta(hours=1)
        assert all(len([t for t in times if at - hour < t <= at]) <= 5 for at in times), phone
    assert rows("SELECT slot FROM wxlogin_verification_code GROUP BY slot HAVING count(*)>1") == []


# A number that came to somebody else (A15)


@pytest.mark.parametrize("days", [89, 91])
async def test_a_number_proven_long_ago_opens_nothing_by_itself(town, rows, days):
    old = (await town.member(nickname="the one before"))["account"]["id"]
    town.clock.advance(days * 86400)
    answer = await town.by_sms()
    assert (await town.me(answer) == old) is (days == 89)
    if days == 91:
        assert answer.json()["is_new_account"] is True
        assert answer.json()["account"]["nickname"] is None
        assert (await town.wx.find(account_id=old)).phone is None
        assert (await town.wx.find(phone=PHONE)).id == await town.me(answer)
        kinds = [kind for (kind,) in rows("SELECT kind FROM wxlogin_audit")]
        assert kinds == ["phone_left"]
        assert await town.me(await town.by_password()) == old  # theirs by another factor


async def test_a_known_device_opens_it_and_so_does_the_matching_wechat(town):
    old = (await town.member(device={"id": "d-1"}))["account"]["id"]
    await town.by_password(user="ann")
    town.clock.advance(91 * 86400)
    assert await town.me(await town.by_sms(device={"id": "d-1"})) == old
    town.clock.advance(91 * 86400)
    assert await town.me(await town.by_sms(user="ann")) == old


async def test_a_device_of_somebody_else_is_no_known_device(town):
    old = (await town.member(device={"id": "d-1"}))["account"]["id"]
    await town.member(OTHER, "bob", device={"id": "d-2"})
    town.clock.advance(91 * 86400)
    assert await town.me(await town.by_sms(device={"id": "d-2"})) != old


async def test_each_login_proves_the_number_anew(town):
    mine = (await town.member())["account"]["id"]
    for _ in range(3):
        town.clock.advance(80 * 86400)
        assert await town.me(await town.by_sms()) == mine


# Pre-hijacking (A14): an account with a phone that nobody has proven


async def attack_by_session(town):
    return [(await town.by_password()).json()["token"]], []


async def attack_by_password(town):
    assert (await town.by_password()).status_code == 200
    return [], []


async def attack_by_identity(town):
    """The trojan: whoever knows an imported password ties their own WeChat to the account."""
    answer = await town.by_password(user="mallory")
    return [answer.json()["token"]], ["mallory"]


async def attack_by_change(town):
    """A code for a change that is asked for before, and used after."""
    token = (await town.by_password()).json()["token"]
    await town.code(OTHER, "link")
    town.pending = town.inboxes.last(OTHER)
    return [token], []


async def attack_by_proof(town):
    token = (await town.by_password()).json()["token"]
    await town.code(PHONE, "proof")
    return [token], []


STORIES = (
    attack_by_session,
    attack_by_password,
    attack_by_identity,
    attack_by_change,
    attack_by_proof,
)


async def victim_by_sms(town):
    return await town.by_sms()


async def victim_by_password(town):
    """The phone is proven by a code, then a password of their own opens."""
    await town.by_sms()
    digits = await town.code(PHONE, "reset")
    reset = await town.post(
        "/v1/password/reset", phone=PHONE, verification_code=digits, new_password=NEW_PASSWORD
    )
    assert reset.status_code == 204
    return await town.by_password(PHONE, NEW_PASSWORD)


async def victim_by_wechat(town):
    """The phone is proven by a code, and WeChat is tied to it."""
    opened = await town.by_sms()
    linked = await town.post(
        "/v1/me/password",
        opened.json()["token"],
        new_password=NEW_PASSWORD,
        verification_code=await town.code(PHONE, "proof"),
    )
    assert linked.status_code == 204
    await town.by_password(PHONE, NEW_PASSWORD, user="victim")
    return await town.by_wechat("victim")


@pytest.mark.parametrize("victim", [victim_by_sms, victim_by_password, victim_by_wechat])
@pytest.mark.parametrize("story", STORIES)
async def test_whoever_proves_the_phone_is_rid_of_whoever_was_there_before(town, story, victim):
    """A14: the attacker keeps no session, no identity, no password, no pending change."""
    account_id = await town.imported()
    town.clock.advance(60)
    tokens, users = await story(town)
    town.clock.advance(60)
    opened = await victim(town)
    assert await town.me(opened) == account_id
    for token in tokens:
        assert not await town.is_live(token)
    for user in users:
        assert await town.me(await town.by_wechat(user)) != account_id
    assert told(await town.by_password()) == (401, "credentials_invalid")
    if story is attack_by_change:
        late = await town.post(
            "/v1/me/phone", tokens[0], phone=OTHER, verification_code=town.pending
        )
        assert late.status_code == 401
    assert (await town.wx.find(account_id=account_id)).phone.e164 == "+8613800006666"


async def test_where_the_proof_ends_nothing_the_attacker_stays(town, monkeypatch):
    """The twin."""
    monkeypatch.setattr(accounts, "purge", lambda *args, **how: None)
    account_id = await town.imported()
    town.clock.advance(60)
    tokens, users = await attack_by_identity(town)
    await town.by_sms()
    assert await town.is_live(tokens[0])
    assert await town.me(await town.by_wechat(users[0])) == account_id


async def test_an_unproven_phone_opens_nothing_beside_a_wechat_that_came_with_the_account(
    town, rows
):
    """The other way round: a slip of an old database names a stranger's number. Who proves it
    is not who has come in by WeChat all the time, and gets an account of their own."""
    answer = await town.by_wechat("ann")
    owner, token = answer.json()["account"]["id"], answer.json()["token"]
    store = await town.wx.open_store()
    from wxlogin.login.phone_numbers import normal_phone
    from wxlogin.login.ports import PhoneChange

    await store.change_phone(PhoneChange(owner, normal_phone(PHONE)))
    stranger = await town.by_sms()
    assert await town.me(stranger) != owner
    assert await town.is_live(token)
    assert (await town.wx.find(account_id=owner)).phone is None


async def test_an_unproven_phone_at_a_wechat_is_the_wechats(town):
    """The table of openid and phone knows proven numbers alone: a claim keeps nobody out."""
    claimed = await town.imported()
    mine = await town.me(await town.by_wechat("ann"))
    assert await town.me(await town.by_phone("ann")) == mine
    assert (await town.wx.find(account_id=claimed)).phone is None
    assert (await town.wx.find(phone=PHONE)).id == mine


async def test_an_unknown_wechat_that_proves_an_unproven_phone_opens_its_account(town):
    claimed = await town.imported()
    town.clock.advance(60)
    token = (await town.by_password(user="mallory")).json()["token"]
    unlinked = await town.by_phone("victim")
    assert told(unlinked) == (409, "phone_taken")  # the account has another identity in this app
    assert await town.me(await town.by_sms()) == claimed
    assert not await town.is_live(token)
    await town.imported(OTHER, "bob")
    assert (await town.by_phone("carol", OTHER)).json()["is_new_account"] is False
    assert told(await town.by_password("bob")) == (401, "credentials_invalid")


async def test_an_unproven_phone_is_no_name_for_a_password_and_resets_none(town):
    await town.imported()
    assert told(await town.by_password(PHONE)) == (401, "credentials_invalid")
    digits = await town.code(PHONE, "reset")
    answer = await town.post(
        "/v1/password/reset", phone=PHONE, verification_code=digits, new_password=NEW_PASSWORD
    )
    assert told(answer) == (400, "verification_code_invalid")


# Nothing shows


async def test_no_number_and_no_code_is_in_a_log_or_in_the_database(town, rows, caplog):
    with caplog.at_level(logging.DEBUG):
        digits = await town.code()
        await town.by_sms(verification_code=others(digits, 1)[0])
        await town.by_sms(verification_code=digits)
        await town.ask("13711112222")
    ours = [r for r in caplog.records if r.name.startswith("wxlogin")]
    text = " ".join(r.getMessage() + repr(r.__dict__.get("extra", "")) for r in ours)
    assert ours
    assert "13800006666" not in text
    assert digits not in text.replace("-", " ").split()
    tables = [r[0] for r in rows("SELECT name FROM sqlite_master WHERE type='table'")]
    dump = " ".join(repr(rows(f"SELECT * FROM {name}")) for name in tables)
    assert "13800006666" not in dump
    assert "13711112222" not in dump


def test_the_policy_and_a_quota_say_what_the_interface_says():
    policy = VerificationPolicy()
    verification = Verification(_Core(), None, policy)
    from wxlogin.login.phone_numbers import normal_phone

    quotas = verification._quotas(_App(), normal_phone(PHONE), openid="o", address="203.0.113.9")
    minute, hour, day = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
    assert [quota.windows for quota in quotas] == [
        ((1, minute), (5, hour), (10, day)),
        ((1000, hour),),
        ((5, day),),
        ((20, hour),),
    ]
    assert all(isinstance(quota, Quota) and PHONE not in quota.key for quota in quotas)
    assert (policy.tries, policy.ttl) == (5, timedelta(minutes=5))


class _Core:
    def keyed(self, purpose, *parts):
        return b"hash"


class _App:
    app_id = "wx"
