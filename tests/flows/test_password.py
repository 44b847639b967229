"""Passwords: what they open, what a guesser learns, and whom a guesser locks out (nobody)."""

import asyncio
import logging
import math
import statistics
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.flows.town import (
    NEW_PASSWORD,
    OTHER,
    PASSWORD,
    PHONE,
    CheapHasher,
    Inboxes,
    Town,
    erase,
    proven,
    told,
)
from wxlogin import server
from wxlogin.login import errors
from wxlogin.login.accounts import AccountStatus
from wxlogin.login.credentials import PasswordPolicy
from wxlogin.login.passwords import PasswordCheck
from wxlogin.login.ports import PhoneChange
from wxlogin.login.sources import network_of, source_of
from wxlogin.passwords import PasswordsMissing
from wxlogin.passwords.hashing import Argon2Cost, Argon2Hasher
from wxlogin.stores.opening import open_store

INVALID = (401, "credentials_invalid")
LIMITED = (429, "rate_limited")


@pytest.fixture
def open_town(towns):
    """A server behind a proxy, so that a test can come from anywhere; its hasher is kept."""

    def make(**parts):
        hasher = parts.setdefault("password_hasher", CheapHasher())
        settings = {"trusted_proxies": 1, **parts.pop("settings", {})}
        town = towns(settings=settings, **parts)
        town.hasher = hasher
        return town

    return make


async def reset(town, phone=PHONE, new_password=NEW_PASSWORD, digits=None):
    return await town.post(
        "/v1/password/reset",
        phone=phone,
        verification_code=digits or await town.code(phone, "reset"),
        new_password=new_password,
    )


async def set_password(town, token, new_password=NEW_PASSWORD, **more):
    return await town.post("/v1/me/password", token, new_password=new_password, **more)


# What opens


@pytest.mark.parametrize("spelled", ["ann", "ANN", " Ann ", "ａｎｎ", PHONE, "+86 138-0000-6666"])
async def test_a_name_opens_however_it_is_spelled(town, spelled):
    mine = (await town.member())["account"]["id"]
    assert await town.me(await town.by_password(spelled)) == mine


async def test_a_password_opens_letter_by_letter_and_no_other_one(town):
    await town.member()
    for wrong in (PASSWORD.upper(), PASSWORD + " ", PASSWORD[:-1], "", "x" * 129):
        answer = await town.by_password(password=wrong, address=None)
        assert told(answer) in (INVALID, (400, "request_invalid"))
    assert (await town.by_password()).status_code == 200


async def test_without_passwords_installed_no_route_of_theirs_is_there(houses, monkeypatch):
    def missing():
        raise PasswordsMissing

    monkeypatch.setattr(server, "Argon2Hasher", missing)
    town = Town(houses(sms_sender=Inboxes()), Inboxes())
    token = (await town.by_wechat()).json()["token"]
    assert told(await town.by_password()) == (404, "not_found")
    assert told(await set_password(town, token, proof_code="x")) == (404, "not_found")
    assert told(await reset(town, digits="123456")) == (404, "not_found")
    assert told(await town.by_enterprise(verification_code="1")) == (404, "not_found")
    wanted = {"username": "ann", "password": PASSWORD, "verification_code": "1"}
    assert told(await town.by_mobile(**wanted)) == (404, "not_found")


async def test_a_password_of_yesterdays_cost_is_hashed_anew_when_it_is_right(houses, rows):
    cheap = Argon2Hasher(Argon2Cost(passes=1, memory_kib=1024))
    costly = Argon2Hasher(Argon2Cost(passes=1, memory_kib=2048))
    try:
        inboxes = Inboxes()
        await Town(houses(sms_sender=inboxes, password_hasher=cheap), inboxes).member()
        before = rows("SELECT password, password_changed_at FROM wxlogin_account")
        town = Town(houses(sms_sender=inboxes, password_hasher=costly), inboxes)
        assert told(await town.by_password(password="wrong")) == INVALID
        assert rows("SELECT password, password_changed_at FROM wxlogin_account") == before
        assert (await town.by_password()).status_code == 200
        after = rows("SELECT password, password_changed_at FROM wxlogin_account")
        assert after[0][0] != before[0][0]
        assert after[0][1] == before[0][1]
        assert (await town.by_password()).status_code == 200
    finally:
        await asyncio.to_thread(cheap.close)
        await asyncio.to_thread(costly.close)


# Enumeration (C01, C02)

CLASSES = ("unknown", "known", "no password", "disabled", "locked", "erased")


async def people_of_every_class(town, database):
    """A name of each class; none of them is told the password."""
    for number, kind in enumerate(CLASSES[1:]):
        phone = f"1390000{number:04}"
        if kind == "no password":
            await town.by_sms(phone)
            continue
        member = await town.member(phone, kind.replace(" ", "-"))
        account_id = member["account"]["id"]
        if kind == "disabled":
            await town.put_into(account_id, status=AccountStatus.DISABLED)
        if kind == "erased":
            erase(database, account_id)
        if kind == "locked":
            store = await town.wx.open_store()
            for _ in range(101):
                await store.count_failure(account_id)
    return {
        kind: f"1390000{CLASSES.index(kind) - 1:04}" if kind == "no password" else kind
        for kind in CLASSES
    }


async def test_no_byte_tells_one_who_exists_from_one_who_does_not(open_town, database):
    """C01, of six classes: the same status, headers and body; also when the limit is reached."""
    town = open_town()
    names = await people_of_every_class(town, database)
    for number in range(7):
        answers = {
            kind: await town.house.http.post(
                "/v1/login/password",
                json={"username": name, "password": "a wrong password"},
                headers={"X-Forwarded-For": "203.0.113.1", "X-Request-Id": "the-same"},
            )
            for kind, name in names.items()
        }
        said = {
            (answer.status_code, answer.content, tuple(answer.headers.multi_items()))
            for answer in answers.values()
        }
        assert len(said) == 1, (number, said)
        assert told(answers["known"]) == (INVALID if number < 5 else LIMITED)


async def test_no_question_to_the_database_tells_either(open_town, database, keys):
    """C02: the same calls of the store, in the same order, for each class."""

    class Noted:
        def __init__(self, inside):
            self.inside, self.calls = inside, []

        def __getattr__(self, name):
            found = getattr(self.inside, name)
            if not asyncio.iscoroutinefunction(found):
                return found

            async def noted(*args, **how):
                self.calls.append(name)
                return await found(*args, **how)

            return noted

    store = Noted(open_store(f"sqlite:///{database}", keyring=keys))
    town = open_town(store=store)
    names = await people_of_every_class(town, database)
    seen = {}
    for kind, name in names.items():
        store.calls.clear()
        await town.by_password(name, "a wrong password", address="203.0.113.1")
        seen[kind] = [call for call in store.calls if call != "seen"]
    assert len({tuple(calls) for calls in seen.values()}) == 1, seen


async def timed(town, names, *, rounds, seeded):
    """Seconds of each answer by class, interleaved in a shuffled order; no limit is reached."""
    spent = {kind: [] for kind in names}
    store = await town.wx.open_store()
    for number in range(rounds):
        town.clock.advance(days=1)
        for kind in ("known", "disabled"):  # else they were locked too after a hundred
            kept = await store.find_credential(pool="default", username_key=kind, phone=None)
            await store.clear_failures(kept.account_id)
        order = list(names.items())
        seeded.shuffle(order)
        for kind, name in order:
            address = f"10.{number // 256}.{number % 256}.{CLASSES.index(kind)}"
            started = time.perf_counter()
            answer = await town.by_password(name, "a wrong password", address=address)
            spent[kind].append(time.perf_counter() - started)
            assert told(answer) == INVALID
    return spent


def rank_z(one, other):
    """Mann and Whitney's z: how far the ranks of two samples lie apart (security.md §8.4)."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    ranks = sum(place for place, (_, which) in enumerate(ranked, 1) if which == 0)
    n, m = len(one), len(other)
    u = ranks - n * (n + 1) / 2
    return (u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)


def farthest(spent):
    return max(abs(rank_z(spent["unknown"], spent[kind])) for kind in CLASSES[1:])


class NoDummy:
    """The twin: for nobody's name nothing is hashed."""

    def __init__(self, inside):
        self._inside = inside

    async def hash(self, password):
        return await self._inside.hash(password)

    async def verify(self, password, hashed):
        if hashed is None:
            return PasswordCheck(is_right=False, needs_rehash=False)
        return await self._inside.verify(password, hashed)


async def measure(open_town, database, seeded, *, rounds, hasher):
    real = Argon2Hasher(Argon2Cost(passes=1, memory_kib=16 * 1024))
    try:
        town = open_town(password_hasher=hasher(real))
        names = await people_of_every_class(town, database)
        await timed(town, names, rounds=3, seeded=seeded)  # warm
        return await timed(town, names, rounds=rounds, seeded=seeded)
    finally:
        await asyncio.to_thread(real.close)


@pytest.mark.timing
async def test_no_time_tells_one_who_exists_from_one_who_does_not(open_town, database, seeded):
    """C02, small: |z| < 4 for each class beside a name that nobody has."""
    spent = await measure(open_town, database, seeded, rounds=40, hasher=lambda real: real)
    assert farthest(spent) < 4, {k: statistics.median(v) for k, v in spent.items()}


@pytest.mark.timing
async def test_without_the_dummy_hash_time_tells(open_town, database, seeded):
    spent = await measure(open_town, database, seeded, rounds=40, hasher=NoDummy)
    assert abs(rank_z(spent["unknown"], spent["known"])) > 4


@pytest.mark.chaos
async def test_no_time_tells_with_300_tries_a_class(open_town, database, seeded):
    spent = await measure(open_town, database, seeded, rounds=300, hasher=lambda real: real)
    assert farthest(spent) < 4, {k: statistics.median(v) for k, v in spent.items()}


@pytest.mark.chaos
async def test_without_the_dummy_hash_time_shouts(open_town, database, seeded):
    spent = await measure(open_town, database, seeded, rounds=300, hasher=NoDummy)
    assert abs(rank_z(spent["unknown"], spent["known"])) > 10


async def test_a_state_is_told_after_the_right_password_alone(town):
    account_id = (await town.member())["account"]["id"]
    await town.wx.disable(account_id=account_id, reason_for_user="see us")
    assert told(await town.by_password(password="wrong one")) == INVALID
    answer = await town.by_password()
    assert told(answer) == (403, "account_disabled")
    assert answer.json()["reason_for_user"] == "see us"


# Guessing


async def test_five_wrong_ones_from_one_source_and_the_delays_grow(open_town):
    town = open_town()
    await town.member()
    came_through = []
    for minute in range(24 * 60):
        if told(await town.by_password(password="wrong", address="203.0.113.1")) == INVALID:
            came_through.append(minute)
            for _ in range(9):
                if told(await town.by_password(password="wrong", address="203.0.113.1")) == INVALID:
                    came_through.append(minute)
        town.clock.advance(60)
        if minute > 200:
            break
    windows = Counter(minute // 15 for minute in came_through)
    assert windows[0] == 5
    assert len([minute for minute in came_through if minute < 60]) == 10
    assert len(came_through) == 20


async def test_right_passwords_use_up_nothing(open_town):
    town = open_town()
    await town.member()
    for _ in range(40):
        assert (await town.by_password(address="203.0.113.1")).status_code == 200


async def test_of_64_wrong_ones_at_once_five_are_compared(open_town):
    """C03, at the password's door."""
    town = open_town()
    await town.member()
    town.hasher.compared.clear()
    answers = await asyncio.gather(
        *(town.by_password(password=f"wrong {n}", address="203.0.113.1") for n in range(64))
    )
    assert Counter(told(answer) for answer in answers) == {INVALID: 5, LIMITED: 59}
    assert len(town.hasher.compared) == 5


class LateCount:
    """The twin: what was wrong is counted after it was compared."""

    def __init__(self, inside):
        self._inside = inside

    def __getattr__(self, name):
        return getattr(self._inside, name)

    async def take_quotas(self, quotas, *, now):
        asyncio.get_running_loop().call_later(0.05, self._later, quotas, now)
        return timedelta(0)

    def _later(self, quotas, now):
        self.task = asyncio.ensure_future(self._inside.take_quotas(quotas, now=now))


async def test_counted_after_the_comparison_more_are_compared(open_town, database, keys):
    store = LateCount(open_store(f"sqlite:///{database}", keyring=keys))
    town = open_town(store=store)
    await town.member()
    town.hasher.compared.clear()
    await asyncio.gather(
        *(town.by_password(password=f"wrong {n}", address="203.0.113.1") for n in range(64))
    )
    assert len(town.hasher.compared) > 5
    await asyncio.sleep(0.1)
    await asyncio.wait([store.task])


async def test_sixty_spellings_of_a_number_are_one_counter(open_town):
    """C10."""
    from tests.flows.test_sms import SPELLINGS

    town = open_town()
    await town.member()
    town.hasher.compared.clear()
    for spelled in SPELLINGS:
        await town.by_password(spelled, "wrong", address="203.0.113.1")
    real = [hashed for hashed in town.hasher.compared if hashed is not None]
    assert len(real) == 5


async def stuff(town, *, pairs, addresses, minutes=0):
    """How many of `pairs` made-up (name, password) pairs were compared, in turn from each."""
    town.hasher.compared.clear()
    for number in range(pairs):
        address = addresses[number % len(addresses)]
        await town.by_password(f"name-{number}", f"password-{number}", address=address)
        town.clock.advance(minutes * 60 / pairs)
    return len(town.hasher.compared)


def spread(count):
    """Addresses in networks of their own."""
    return [f"10.{n // 256}.{n % 256}.7" for n in range(count)]


async def test_stuffing_compares_no_more_than_is_documented(open_town):
    """C07, a tenth: from one address 30 in a quarter of an hour."""
    assert await stuff(open_town(), pairs=200, addresses=spread(1)) == 30


async def test_what_all_strangers_get_wrong_is_an_alarm_and_no_refusal(open_town, caplog):
    """C05: whoever rents addresses keeps nobody's new device out; the log says once an hour
    that they try."""
    town = open_town(settings={"passwords": PasswordPolicy(failures_per_hour=20)})
    mine = (await town.member())["account"]["id"]
    with caplog.at_level(logging.ERROR, "wxlogin.security"):
        assert await stuff(town, pairs=20, addresses=spread(20)) == 20
        assert caplog.records == []
        assert await stuff(town, pairs=30, addresses=spread(30)) == 30
        assert len(caplog.records) == 1
    assert await town.me(await town.by_password(address="203.0.113.1")) == mine


async def test_neighbours_count_together_and_strangers_do_not(open_town):
    near = [f"192.0.2.{n}" for n in range(200)]
    assert await stuff(open_town(), pairs=150, addresses=near) == 90
    town = open_town()
    town.clock.advance(days=2)
    assert await stuff(town, pairs=150, addresses=spread(150)) == 150


@pytest.mark.chaos
async def test_stuffing_in_full(open_town):
    """10,000 pairs, one a name, from one and from 50 addresses, within the hour."""
    town = open_town()
    assert await stuff(town, pairs=10_000, addresses=spread(1), minutes=59) <= 120
    town.clock.advance(days=2)
    assert await stuff(town, pairs=10_000, addresses=spread(50), minutes=59) <= 50 * 120


def test_an_address_is_what_one_customer_is_given():
    assert source_of("203.0.113.9") == "203.0.113.9/32"
    assert source_of("::ffff:203.0.113.9") == source_of("203.0.113.9")
    assert source_of("2001:db8:1:2::1") == source_of("2001:db8:1:2:3::4") != source_of("2001:db8::")
    assert source_of("fe80::1%eth0") == "fe80::/64"
    assert (source_of(None), source_of("unix:")) == ("nowhere", "unix:")
    assert network_of("203.0.113.9") == "203.0.113.0/24"
    assert network_of("2001:db8:1:2::1") == "2001:db8:1::/48"


# Lockout as a weapon (C05)


@pytest.mark.parametrize("count", [200, pytest.param(1000, marks=pytest.mark.chaos)])
async def test_failures_from_elsewhere_keep_the_owner_out_of_no_door(open_town, count):
    """C05: so many that the password itself is closed to strangers by then."""
    town = open_town()
    mine = (await town.member(device={"id": "d-own"}))["account"]["id"]
    await town.by_password(user="ann")
    compared = 0
    for number in range(count):
        address = f"10.{number // 200}.{number % 200}.9"
        answer = await town.by_password(password=f"guess {number}", address=address)
        compared += told(answer) == INVALID
        town.clock.advance(30)
    assert compared == count  # each from a network of its own: no limit keeps them out
    assert await town.me(await town.by_wechat("ann")) == mine
    own = await town.by_password(device={"id": "d-own"}, address="203.0.113.1")
    assert await town.me(own) == mine
    assert await town.me(await town.by_sms()) == mine


async def test_a_hundred_in_a_row_end_in_a_reset(open_town, caplog):
    """NIST SP 800-63B-4 §3.2.2: then the right password opens nothing from a strange device,
    in the same words as a wrong one, until it is reset."""
    town = open_town()
    mine = (await town.member())["account"]["id"]
    for number in range(100):
        await town.by_password(password="wrong", address=f"10.0.{number}.1")
        town.clock.advance(600)
    with caplog.at_level(logging.WARNING, "wxlogin.security"):
        late = await town.by_password(address="203.0.113.1")
    assert told(late) == INVALID
    assert (await reset(town)).status_code == 204
    opened = await town.by_password(password=NEW_PASSWORD, address="203.0.113.1")
    assert await town.me(opened) == mine


async def test_a_right_one_sets_the_row_back(open_town, rows):
    town = open_town()
    await town.member()
    for number in range(3):
        await town.by_password(password="wrong", address=f"10.0.{number}.1")
    assert rows("SELECT password_failures FROM wxlogin_account") == [(3,)]
    assert (await town.by_password()).status_code == 200
    assert rows("SELECT password_failures FROM wxlogin_account") == [(0,)]


async def test_a_device_that_is_known_is_limited_too(open_town):
    """Whoever stole the device's id guesses no faster than anybody else."""
    town = open_town()
    await town.member(device={"id": "d-own"})
    answers = [
        told(
            await town.by_password(
                password="wrong", device={"id": "d-own"}, address=f"10.0.{number}.1"
            )
        )
        for number in range(8)
    ]
    assert answers == [INVALID] * 5 + [LIMITED] * 3


# Hashing as a weapon (C11)


async def test_a_megabyte_is_refused_at_a_glance(open_town):
    town = open_town()
    await town.member()
    town.hasher.compared.clear()
    for password in ("x" * 60_000, "é" * 20_000, "x" * 129):
        answer = await town.by_password(password=password)
        assert told(answer) == (400, "request_invalid")
    started = time.perf_counter()
    answer = await town.by_password(password="x" * 2**20)
    assert time.perf_counter() - started < 0.5
    assert told(answer) == (413, "body_too_large")
    assert town.hasher.compared == []


class Slow(CheapHasher):
    """Compares nothing until it is let go."""

    def __init__(self):
        super().__init__()
        self.gate = asyncio.Event()

    async def verify(self, password, hashed):
        await self.gate.wait()
        return await super().verify(password, hashed)


async def test_who_comes_while_32_are_compared_is_refused_and_asks_the_database_nothing(
    open_town, database, keys
):
    """C11: a flood of guesses costs neither hashes nor writes."""

    class Counted:
        def __init__(self, inside):
            self.inside, self.calls = inside, Counter()

        def __getattr__(self, name):
            self.calls[name] += 1
            return getattr(self.inside, name)

    store = Counted(open_store(f"sqlite:///{database}", keyring=keys))
    town = open_town(store=store, password_hasher=Slow())
    await town.member()
    store.calls.clear()
    guesses = [
        asyncio.create_task(town.by_password(f"n{n}", "wrong", address=f"10.{n}.1.1"))
        for n in range(200)
    ]
    refused = asyncio.as_completed(guesses)
    for _ in range(168):
        await next(refused)
    assert store.calls["find_credential"] == 32
    assert store.calls["take_quotas"] <= 32
    town.hasher.gate.set()
    outcomes = Counter(told(answer) for answer in await asyncio.gather(*guesses))
    assert outcomes == {INVALID: 32, LIMITED: 168}
    assert (await town.by_password()).status_code == 200


class Busy:
    """A hasher whose queue is full."""

    async def hash(self, password):
        raise errors.RateLimited(1)

    async def verify(self, password, hashed):
        raise errors.RateLimited(1)


async def test_a_full_queue_counts_against_nobodys_tries(open_town, rows):
    await open_town().member()
    town = open_town(password_hasher=Busy())
    for _ in range(8):
        answer = await town.by_password(address="203.0.113.1")
        assert told(answer) == LIMITED
    assert rows("SELECT password_failures FROM wxlogin_account") == [(0,)]
    calm = open_town()
    assert (await calm.by_password(address="203.0.113.1")).status_code == 200


# Changing


async def test_a_first_password_needs_a_proof_and_a_name(town, wechat):
    token = (await town.by_wechat()).json()["token"]
    assert told(await set_password(town, token, username="ann")) == (403, "proof_required")
    code = wechat.login("ann")
    nameless = await set_password(town, token, proof_code=code)
    assert told(nameless) == (400, "request_invalid")
    assert nameless.json()["errors"][0]["field"] == "username"
    done = await set_password(town, token, username="ann", proof_code=code)  # not spent before
    assert done.status_code == 204
    assert (await town.by_password(password=NEW_PASSWORD)).status_code == 200


async def test_a_changed_password_ends_every_other_session_and_leaves_a_line(town, rows):
    first = (await town.member())["token"]
    second = (await town.by_password()).json()["token"]
    done = await set_password(town, second, current_password=PASSWORD)
    assert done.status_code == 204
    assert await town.is_live(second)
    over = await town.house.check(first)
    assert told(over) == (401, "session_revoked")
    assert over.json()["reason"] == "password_changed"
    assert told(await town.by_password()) == INVALID
    assert (await town.by_password(password=NEW_PASSWORD)).status_code == 200
    kinds = [kind for (kind,) in rows("SELECT kind FROM wxlogin_audit")]
    assert kinds == ["password_changed"]


PROOFS = {
    "none": {},
    "a wrong password": {"current_password": "wrong"},
    "somebody else's WeChat": {"proof_code": "bob"},
    "a code by SMS beside a WeChat identity": {"verification_code": "123456"},
}


@pytest.mark.parametrize("proof", PROOFS)
async def test_what_proves_nobody_changes_nothing(town, wechat, proof):
    await town.member()
    token = (await town.by_password(user="ann")).json()["token"]
    await town.by_wechat("bob")
    sent = dict(PROOFS[proof])
    if "proof_code" in sent:
        sent["proof_code"] = wechat.login(sent["proof_code"])
    assert told(await set_password(town, token, **sent)) == (403, "proof_required")
    assert (await town.by_password()).status_code == 200


async def test_a_code_by_sms_proves_somebody_without_wechat(town):
    token = (await town.member())["token"]
    digits = await town.code(PHONE, "proof")
    assert (await set_password(town, token, "short", verification_code=digits)).status_code == 422
    assert (await set_password(town, token, verification_code=digits)).status_code == 204
    again = await set_password(town, token, PASSWORD, verification_code=digits)
    assert told(again) == (403, "proof_required")


@pytest.mark.parametrize(
    ("new_password", "reason"),
    [
        ("seven77", "too_short"),
        ("x" * 129, "too_long"),
        ("password1", "common"),
        ("ann-the-great", "contains_name"),
        ("13800006666", "common"),
    ],
)
async def test_a_weak_password_spends_no_proof(town, wechat, new_password, reason):
    """http-api.md §1: the proof's code is good for the next try."""
    await town.member(username="ann-the-great")
    token = (await town.by_password("ann-the-great", user="ann")).json()["token"]
    code = wechat.login("ann")
    answer = await set_password(town, token, new_password, proof_code=code)
    assert told(answer) == (422, "password_weak")
    assert (answer.json()["reason"], answer.json()["minimum"]) == (reason, 8)
    assert (await set_password(town, token, proof_code=code)).status_code == 204


async def test_fifteen_characters_where_nothing_else_proves_who_it_is(town, rows, database):
    """An imported account with a password alone: 15, as NIST SP 800-63B-4 §3.1.1.2 says."""
    account_id = await town.imported()
    token = (await town.by_password()).json()["token"]
    short = await set_password(town, token, "fourteen chars", current_password=PASSWORD)
    assert told(short) == (422, "password_weak")
    assert short.json()["minimum"] == 15
    done = await set_password(town, token, "fifteen chars !", current_password=PASSWORD)
    assert done.status_code == 204
    assert (await town.wx.find(account_id=account_id)).has_password


async def test_a_username_of_somebody_is_taken_in_any_spelling(town):
    await town.member(OTHER, "Bob")
    token = (await town.member())["token"]
    for spelled in ("bob", "BOB", "ｂｏｂ"):
        answer = await set_password(town, token, username=spelled, current_password=PASSWORD)
        assert told(answer) == (409, "username_taken")
    assert (await town.by_password()).status_code == 200


# Resetting


async def test_a_reset_ends_every_session_and_opens_none(town, rows):
    first = (await town.member())["token"]
    answer = await reset(town)
    assert (answer.status_code, answer.content) == (204, b"")
    over = await town.house.check(first)
    assert told(over) == (401, "session_revoked")
    assert over.json()["reason"] == "password_reset"
    assert told(await town.by_password()) == INVALID
    assert (await town.by_password(password=NEW_PASSWORD)).status_code == 200
    kinds = [kind for (kind,) in rows("SELECT kind FROM wxlogin_audit")]
    assert kinds == ["password_reset"]


async def test_unknown_unproven_and_recycled_phones_answer_as_a_wrong_code_does(town):
    await town.imported(OTHER, "bob")
    await town.member()
    town.clock.advance(91 * 86400)
    answers = [
        await reset(town, PHONE),
        await reset(town, OTHER),
        await reset(town, "13700008888"),
        await reset(town, PHONE, digits="000000"),
    ]
    bodies = {a.content.replace(a.headers["x-request-id"].encode(), b"") for a in answers}
    assert len(bodies) == 1
    assert told(answers[0]) == (400, "verification_code_invalid")


@pytest.mark.parametrize("status", ["pending", "rejected", "disabled", "erasing"])
async def test_a_reset_opens_no_state(town, status):
    account_id = (await town.member())["account"]["id"]
    await town.put_into(account_id, status=AccountStatus(status), reason="why")
    assert told(await reset(town)) == (403, f"account_{status}")
    account = await town.wx.find(account_id=account_id)
    assert account.status == status
    assert told(await town.by_password()) == (403, f"account_{status}")  # and it is the old one


@pytest.mark.parametrize("weak", ["short", "password1", "x" * 129, "13800006666"])
async def test_a_weak_password_with_the_right_code_leaves_the_code_good(town, weak):
    await town.member()
    digits = await town.code(PHONE, "reset")
    answer = await reset(town, new_password=weak, digits=digits)
    assert told(answer) == (422, "password_weak")
    assert (await reset(town, digits=digits)).status_code == 204


async def test_one_code_resets_once_however_many_come_at_once(town):
    await town.member()
    digits = await town.code(PHONE, "reset")
    answers = await asyncio.gather(
        *(reset(town, new_password=f"{NEW_PASSWORD} {n}", digits=digits) for n in range(16))
    )
    assert Counter(a.status_code for a in answers) == {204: 1, 400: 15}


async def test_a_password_changed_while_a_login_is_under_way_lets_nobody_in(towns, database, keys):
    """The old one was compared, and before its commit it was no longer the password."""
    town = towns()
    await town.member()

    class Meanwhile:
        def __init__(self, inside):
            self.inside, self.act = inside, None

        def __getattr__(self, name):
            return getattr(self.inside, name)

        async def commit_login(self, commit):
            if commit.password is not None and self.act is not None:
                act, self.act = self.act, None
                await act()
            return await self.inside.commit_login(commit)

    store = Meanwhile(open_store(f"sqlite:///{database}", keyring=keys))
    slow = towns(store=store)
    digits = await town.code(PHONE, "reset")

    async def reset_meanwhile():
        assert (await reset(town, digits=digits)).status_code == 204

    store.act = reset_meanwhile
    assert told(await slow.by_password()) == INVALID
    assert (await slow.by_password(password=NEW_PASSWORD)).status_code == 200


async def test_an_account_erased_while_a_login_is_under_way_lets_nobody_in(towns, database, keys):
    town = towns()
    account_id = (await town.member())["account"]["id"]

    class Erasing:
        def __init__(self, inside):
            self.inside = inside

        def __getattr__(self, name):
            return getattr(self.inside, name)

        async def clear_failures(self, one):
            erase(database, account_id)

    store = Erasing(open_store(f"sqlite:///{database}", keyring=keys))
    assert told(await towns(store=store).by_password()) == INVALID


# Nothing shows


async def test_no_password_is_in_a_log_or_in_the_database(town, rows, caplog):
    with caplog.at_level(logging.DEBUG):
        token = (await town.member())["token"]
        await town.by_password(password="canary wrong password")
        await set_password(town, token, current_password=PASSWORD)
        await reset(town, new_password="canary reset password")
        await reset(town, new_password="short")
    tables = [r[0] for r in rows("SELECT name FROM sqlite_master WHERE type='table'")]
    dump = " ".join(repr(rows(f"SELECT * FROM {name}")) for name in tables)
    for canary in (PASSWORD, NEW_PASSWORD, "canary"):
        assert canary not in caplog.text
        assert canary not in dump


def test_the_policy_says_what_the_interface_says():
    policy = PasswordPolicy()
    quarter, hour, day = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
    assert policy.per_name() == ((5, quarter), (10, hour), (20, day))
    assert policy.failures_in_a_row == 100
    assert replace(policy, failures=1).per_name()[0] == (1, quarter)


async def test_a_device_that_a_new_password_threw_out_is_strange_again(open_town):
    """Whoever had the old password has the device's counters of its own no more."""
    town = open_town()
    account_id = (await town.member(device={"id": "d-thief"}))["account"]["id"]
    mine = (await town.by_password(device={"id": "d-own"})).json()["token"]
    store = await town.wx.open_store()
    assert await store.is_known_device(account_id, "d-thief")
    town.clock.advance(60)
    assert (await set_password(town, mine, current_password=PASSWORD)).status_code == 204
    assert not await store.is_known_device(account_id, "d-thief")
    assert await store.is_known_device(account_id, "d-own")
    town.clock.advance(60)
    await town.by_password(password=NEW_PASSWORD, device={"id": "d-thief"})
    assert await store.is_known_device(account_id, "d-thief")


async def test_a_number_that_leaves_during_a_reset_resets_nothing(towns):
    """The number went to its new owner while the new password was hashed."""

    class Leaving(CheapHasher):
        act = None

        async def hash(self, password):
            if self.act is not None:
                await self.act()
            return await super().hash(password)

    hasher = Leaving()
    town = towns(password_hasher=hasher)
    account_id = (await town.member())["account"]["id"]
    digits = await town.code(PHONE, "reset")

    async def leave():
        await (await town.wx.open_store()).change_phone(
            PhoneChange(account_id, proven(OTHER, town.clock()))
        )

    hasher.act = leave
    assert told(await reset(town, digits=digits)) == (400, "verification_code_invalid")
    hasher.act = None
    assert (await town.by_password()).status_code == 200
