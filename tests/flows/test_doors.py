"""Every door asks the same questions: who may come in, in which state, by which policy."""

import asyncio
from datetime import timedelta

import pytest

from tests.flows.town import OTHER, PASSWORD, PHONE, erase, proven, told
from wxlogin.login.accounts import AccountStatus
from wxlogin.login.new_passwords import Wanted
from wxlogin.login.policy import Door
from wxlogin.login.ports import PhoneChange
from wxlogin.login.registering import PhoneProof
from wxlogin.login.sessions import EndCode, Ending

# Door by state. Somebody with a WeChat identity, a proven phone and a password comes by each.

STATES = (
    "active",
    "pending",
    "rejected",
    "disabled",
    "disabled until later",
    "disabled until now",
    "erasing",
    "erased",
)
OPENS, IS_NEW = (0, "comes in"), (0, "becomes somebody new")
REFUSED = {
    "pending": (403, "account_pending"),
    "rejected": (403, "account_rejected"),
    "disabled": (403, "account_disabled"),
    "disabled until later": (403, "account_disabled"),
    "erasing": (403, "account_erasing"),
}
USUAL = {"active": OPENS, "disabled until now": OPENS, **REFUSED}
MATRIX = {
    "wechat": {**USUAL, "erased": IS_NEW},
    "phone": {**USUAL, "erased": IS_NEW},
    "password": {**USUAL, "erased": (401, "credentials_invalid")},
    "sms": {**USUAL, "erased": IS_NEW},
    "ticket": {**USUAL, "erased": IS_NEW},
    "restore": {**USUAL, "erasing": OPENS, "erased": (404, "not_found")},
}


def test_a_new_door_or_a_new_state_without_a_row_fails_the_build():
    """security.md C06: the door that nobody thought of is the one that lets people in."""
    assert {str(door) for door in Door} == set(MATRIX)
    assert {str(status) for status in AccountStatus} <= {state.split()[0] for state in STATES}
    assert all(set(row) == set(STATES) for row in MATRIX.values())


async def come(town, door, *, ticket):
    """Ann, at this door."""
    ways = {
        "wechat": town.by_wechat,
        "phone": town.by_phone,
        "password": town.by_password,
        "sms": town.by_sms,
        "ticket": lambda: town.by_mobile(None, registration_ticket=ticket),
        "restore": town.by_restore,
    }
    return await ways[door]()


async def set_state(town, database, account_id, state):
    status, _, until = state.partition(" until ")
    if status == "erased":
        erase(database, account_id)
    elif status != "active":
        now = town.clock()
        await town.put_into(
            account_id,
            status=AccountStatus(status),
            disabled_until={"later": now + timedelta(hours=1), "now": now}.get(until),
            reason="why",
        )


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("door", MATRIX)
async def test_each_door_in_each_state(towns, wechat, database, door, state):
    wechat.add_user("ann", phone="+8613800006666")
    strict, town = towns(app={"registration": "required"}, wechat=wechat), towns()
    # A ticket of somebody unknown: the account comes into being in between.
    ticket = (await strict.by_phone()).json()["registration_ticket"]
    account_id = (await town.member())["account"]["id"]
    assert await town.me(await town.by_password(user="ann")) == account_id
    await set_state(town, database, account_id, state)
    answer = await come(town, door, ticket=ticket)
    wanted = MATRIX[door][state]
    if wanted in (OPENS, IS_NEW):
        assert (await town.me(answer) == account_id) is (wanted is OPENS)
        assert answer.json()["is_new_account"] is (wanted is IS_NEW)
        assert answer.json()["account"]["status"] == "active"
    else:
        assert told(answer) == wanted
        assert "token" not in answer.json()
    if state == "rejected":
        assert answer.json()["reason"] == "why"
    if wanted[1] == "account_disabled":
        assert answer.json()["reason_for_user"] == "why"


# Openid meets phone: http-api.md §4's table, at the three doors that have both

AT_HAND = ("phone", "sms", "mobile")


async def both(town, door, user="ann", phone=PHONE):
    """The WeChat identity of `user` and a proven `phone`, at a door."""
    if door == "phone":
        return await town.by_phone(user, phone)
    if door == "sms":
        return await town.by_sms(phone, user=user)
    strict = town.strict
    refused = await strict.by_wechat(user)
    assert told(refused) == (403, "registration_required")
    return await town.by_mobile(phone, registration_ticket=refused.json()["registration_ticket"])


@pytest.fixture
def meeting(towns, wechat):
    """A server, and beside it one that hands out tickets to strangers."""

    def make(**app):
        town = towns(app=app, wechat=wechat)
        town.strict = towns(app={"registration": "required"}, wechat=wechat)
        return town

    return make


@pytest.mark.parametrize("door", AT_HAND)
async def test_nobody_meets_nobody_and_the_new_account_has_both(meeting, door, audit):
    town = meeting()
    answer = await both(town, door)
    account = answer.json()["account"]
    assert answer.json()["is_new_account"] is True
    assert account["phone"] == "138****6666"
    assert len(account["identities"]) == 1
    assert await town.me(await town.by_wechat()) == await town.me(await town.by_sms())
    assert audit(people=1) == []


@pytest.mark.parametrize("door", ["phone", "sms"])
async def test_somebody_meets_a_free_number_and_gets_it(meeting, door, rows):
    town = meeting()
    mine = await town.me(await town.by_wechat())
    answer = await both(town, door)
    assert await town.me(answer) == mine
    assert answer.json()["account"]["phone"] == "138****6666"
    assert ("phone_changed",) in rows("SELECT kind FROM wxlogin_audit")


@pytest.mark.parametrize("door", ["phone", "sms"])
async def test_somebody_meets_their_own_number_and_nothing_changes(meeting, door, rows, audit):
    town = meeting()
    mine = await town.me(await both(town, door))
    lines = rows("SELECT count(*) FROM wxlogin_audit")
    assert await town.me(await both(town, door)) == mine
    assert rows("SELECT count(*) FROM wxlogin_audit") == lines
    assert audit(people=1) == []


async def test_one_tap_pays_once_for_one_tap(meeting, wechat):
    """The answer was lost, and the mini program tries again with the same tap."""
    town = meeting()
    wechat.add_user("ann", phone="+8613800006666")
    tap = wechat.phone("ann")["code"]
    for _ in range(3):
        answer = await town.post("/v1/login/phone", code=wechat.login("ann"), phone_code=tap)
        assert answer.status_code == 200
    paid = [c for c in wechat.log(1000) if c["path"] == "/wxa/business/getuserphonenumber"]
    assert len(paid) == 1
    wechat.add_user("bob", phone="+8613800006666")
    stolen = await town.post("/v1/login/phone", code=wechat.login("bob"), phone_code=tap)
    assert told(stolen) == (400, "phone_code_invalid")


async def test_one_tap_takes_the_number_that_was_tapped(meeting, wechat):
    """http-api.md §4: also where the account has another one already."""
    town = meeting()
    await town.by_phone("ann", "13800006666")
    await town.by_phone("bob", "13900007777")
    assert told(await town.by_phone("ann", "13900007777")) == (409, "phone_taken")
    changed = await town.by_phone("ann", "13700008888")
    assert changed.json()["account"]["phone"] == "137****8888"
    garbage = await town.post("/v1/login/phone", code=wechat.login("ann"), phone_code="garbage")
    assert told(garbage) == (400, "phone_code_invalid")


@pytest.mark.parametrize("state", ["disabled", "rejected", "pending", "erasing"])
async def test_one_tap_pays_nothing_for_somebody_who_may_not_come_in(town, wechat, state):
    account_id = await town.me(await town.by_wechat())
    await town.put_into(account_id, status=AccountStatus(state))
    assert told(await town.by_phone()) == (403, f"account_{state}")
    closed = [c for c in wechat.log(1000) if c["path"] == "/wxa/business/getuserphonenumber"]
    assert closed == []


async def test_one_tap_pays_nothing_where_registration_is_closed(towns, wechat):
    town = towns(app={"registration": "closed"}, wechat=wechat)
    assert told(await town.by_phone()) == (403, "registration_closed")
    assert all(c["path"] != "/wxa/business/getuserphonenumber" for c in wechat.log(1000))


@pytest.mark.parametrize("door", AT_HAND)
async def test_a_stranger_meets_somebodys_number_and_is_refused(meeting, door):
    """`phone_conflict` is `reject` unless the operator says otherwise."""
    town = meeting()
    owner = (await town.member())["account"]["id"]
    answer = await both(town, door, "eve")
    assert told(answer) == (409, "phone_taken")
    assert answer.json()["can_join"] is True
    assert await town.me(await town.by_sms()) == owner


@pytest.mark.parametrize("door", AT_HAND)
async def test_where_the_app_joins_a_stranger_becomes_the_numbers_owner(meeting, door, rows, audit):
    town = meeting(phone_conflict="join")
    owner = (await town.member())["account"]["id"]
    answer = await both(town, door, "ann")
    assert await town.me(answer) == owner
    assert await town.me(await town.by_wechat("ann")) == owner
    assert ("identity_linked",) in rows("SELECT kind FROM wxlogin_audit")
    assert audit(people=1) == []


@pytest.mark.parametrize("answer", [True, False])
@pytest.mark.parametrize("door", AT_HAND)
async def test_the_host_has_the_last_word_of_a_join(meeting, door, answer):
    town = meeting(phone_conflict="join")
    owner = (await town.member())["account"]["id"]
    asked = []

    @town.wx.may_join
    def may_join(account, who):
        asked.append((account.id, who.phone.e164, who.openid))
        return answer

    reply = await both(town, door, "eve")
    assert asked == [(owner, "+8613800006666", town.wechat.openid("eve"))]
    assert (reply.status_code in (200, 201)) is answer
    if not answer:
        assert told(reply) == (409, "phone_taken")


async def test_a_hook_that_raises_lets_nobody_join_and_spends_no_verification_code(meeting):
    town = meeting(phone_conflict="join")
    await town.member()
    digits = await town.code()

    @town.wx.may_join
    def may_join(account, who):
        raise RuntimeError("the host's database is down")

    answer = await town.by_sms(user="eve", verification_code=digits)
    assert told(answer) == (503, "store_unavailable")
    town.wx.hooks.may_join_function = None
    assert (await town.by_sms(user="eve", verification_code=digits)).status_code == 200


@pytest.mark.parametrize("door", AT_HAND)
async def test_nobody_joins_an_account_that_has_an_identity_in_the_app(meeting, door):
    town = meeting(phone_conflict="join")
    await town.member()
    await town.by_password(user="ann")
    answer = await both(town, door, "eve")
    assert told(answer) == (409, "phone_taken")
    assert answer.json()["can_join"] is False


@pytest.mark.parametrize("days", [89, 91])
@pytest.mark.parametrize("door", AT_HAND)
async def test_nobody_joins_by_a_number_that_was_proven_too_long_ago(meeting, door, days):
    """A carrier gives a number to somebody else after ninety days (security.md A15)."""
    town = meeting(phone_conflict="join")
    await town.member()
    town.clock.advance(days * 86400)
    answer = await both(town, door, "eve")
    assert (answer.status_code in (200, 201)) is (days == 89)
    if days == 91:
        assert told(answer) == (409, "phone_taken")
        assert answer.json()["can_join"] is False


@pytest.mark.parametrize("conflict", ["reject", "join"])
@pytest.mark.parametrize("door", ["phone", "sms"])
async def test_two_people_are_never_brought_together_and_no_number_moves(meeting, door, conflict):
    town = meeting(phone_conflict=conflict)
    owner = (await town.member())["account"]["id"]
    other = await town.me(await town.by_wechat("eve"))
    assert told(await both(town, door, "eve")) == (409, "phone_taken")
    assert await town.me(await town.by_sms()) == owner
    assert await town.me(await town.by_wechat("eve")) == other


# By a password, with WeChat at hand


async def test_a_free_identity_is_linked_by_a_password(town):
    owner = (await town.member())["account"]["id"]
    answer = await town.by_password(user="ann")
    assert len(answer.json()["account"]["identities"]) == 1
    assert await town.me(await town.by_wechat("ann")) == owner


async def test_an_identity_of_somebody_else_stays_theirs_and_the_password_opens(town):
    owner = (await town.member())["account"]["id"]
    other = await town.me(await town.by_wechat("bob"))
    answer = await town.by_password(user="bob")
    assert await town.me(answer) == owner
    assert answer.json()["account"]["identities"] == []
    assert await town.me(await town.by_wechat("bob")) == other


# By policy


@pytest.mark.parametrize("door", ["wechat", "phone", "sms"])
async def test_where_registration_is_closed_no_door_makes_anybody(towns, wechat, rows, door):
    town = towns(app={"registration": "closed"}, wechat=wechat)
    wechat.add_user("ann", phone="+8613800006666")
    assert told(await come(town, door, ticket=None)) == (403, "registration_closed")
    assert told(await town.by_mobile()) == (403, "registration_closed")
    assert told(await town.by_enterprise()) == (403, "registration_closed")
    assert rows("SELECT count(*) FROM wxlogin_account") == [(0,)]


async def test_a_ticket_is_worth_nothing_once_registration_is_closed(towns, wechat, rows):
    strict = towns(app={"registration": "required"}, wechat=wechat)
    closed = towns(app={"registration": "closed"}, wechat=wechat)
    ticket = (await strict.by_phone()).json()["registration_ticket"]
    answer = await closed.by_mobile(None, registration_ticket=ticket)
    assert told(answer) == (403, "registration_closed")
    assert rows("SELECT count(*) FROM wxlogin_account") == [(0,)]


@pytest.mark.parametrize("door", ["wechat", "phone", "sms"])
async def test_where_registration_is_required_every_door_hands_out_a_ticket(towns, wechat, door):
    town = towns(app={"registration": "required"}, wechat=wechat)
    wechat.add_user("ann", phone="+8613800006666")
    answer = await come(town, door, ticket=None)
    assert told(answer) == (403, "registration_required")
    assert answer.json()["methods"] == ["mobile", "enterprise"]
    assert answer.json()["ticket_expires_in"] == 600
    assert answer.headers["cache-control"] == "no-store"
    phone = PHONE if door == "wechat" else None  # the others' tickets hold one
    ticket = answer.json()["registration_ticket"]
    made = await town.by_mobile(phone, registration_ticket=ticket)
    assert made.status_code == 201
    assert made.json()["account"]["phone"] == "138****6666"
    assert len(made.json()["account"]["identities"]) == (0 if door == "sms" else 1)


async def test_one_code_by_sms_is_one_ticket_however_many_ask_at_once(towns, wechat, rows):
    """C04: else a ticket each would be an account each, and the code was spent by none."""
    town = towns(app={"registration": "required"}, wechat=wechat)
    digits = await town.code()
    answers = await asyncio.gather(*(town.by_sms(verification_code=digits) for _ in range(16)))
    codes = sorted(answer.json()["code"] for answer in answers)
    assert codes == ["registration_required"] + ["verification_code_invalid"] * 15
    assert rows("SELECT count(*) FROM wxlogin_ticket") == [(1,)]


async def test_without_sms_a_ticket_says_which_ways_are_left(towns, wechat):
    town = towns(app={"registration": "required"}, wechat=wechat)
    flow = await town.wx.flow()
    flow.entering._has_sms = False
    assert (await town.by_wechat()).json()["methods"] == []
    assert (await town.by_phone()).json()["methods"] == ["mobile", "enterprise"]


# What every door takes beside its own


async def test_agreements_are_kept_with_their_version_and_the_time(town, rows):
    agreements = [{"id": "privacy", "version": "2026-01"}, {"id": "terms", "version": "7"}]
    for way in (town.by_mobile, town.by_sms, town.by_wechat, town.by_phone):
        await way(agreements=agreements)
    await town.by_sms(agreements=[{"id": "privacy", "version": "2026-02"}])
    kept = rows("SELECT agreement_id, version, account_id, agreed_at FROM wxlogin_agreement")
    assert {row[:2] for row in kept} == {
        ("privacy", "2026-01"),
        ("privacy", "2026-02"),
        ("terms", "7"),
    }
    assert all(row[3] for row in kept)


async def test_context_reaches_the_hosts_hooks_from_every_door_and_is_kept_nowhere(town, rows):
    seen = []

    @town.wx.user_for
    def user_for(who):
        seen.append(who.context)
        return

    context = {"inviter": "canary-inviter"}
    for way in (town.by_wechat, town.by_mobile, town.by_sms, town.by_enterprise):
        await way(context=context)
    assert seen == [context] * len(seen)
    assert len(seen) >= 3
    tables = [r[0] for r in rows("SELECT name FROM sqlite_master WHERE type='table'")]
    assert all("canary-inviter" not in repr(rows(f"SELECT * FROM {name}")) for name in tables)


@pytest.mark.parametrize("way", ["wechat", "phone", "password", "sms", "mobile", "enterprise"])
async def test_a_context_over_1_kib_is_refused_and_nothing_is_spent(town, way):
    await town.member(OTHER, "bob")
    doors = {
        "wechat": town.by_wechat,
        "phone": town.by_phone,
        "password": lambda **more: town.by_password("bob", **more),
        "sms": town.by_sms,
        "mobile": town.by_mobile,
        "enterprise": town.by_enterprise,
    }
    sent = []
    post = town.post

    async def keep(path, token=None, **body):
        sent.append((path, body))
        return await post(path, token, **body)

    town.post = keep
    assert told(await doors[way](context={"x": "y" * 1030})) == (400, "request_invalid")
    path, body = sent[-1]
    assert (await post(path, **{**body, "context": {}})).status_code in (200, 201, 202)


CLAIMED = {
    "openid": "o-victim",
    "unionid": "u-victim",
    "session_key": "x",
    "user_id": "42",
    "account_id": "1",
    "id": "1",
    "role": "admin",
    "status": "disabled",
    "epoch": 9,
    "pool": "other",
    "claims": {"role": "admin"},
    "is_admin": True,
    "phone_proven_at": "2026-01-01T00:00:00Z",
    "created_at": "2020-01-01T00:00:00Z",
    "password_hash": "x",
    "username_key": "root",
    "reason": "x",
    "joins": "1",
}


async def test_no_field_beside_a_doors_own_has_any_effect(town, rows):
    """D01, at every body of these routes: what is written is what a plain request writes."""
    await town.by_wechat("ann", **CLAIMED)
    await town.by_phone("bob", "13800000001", **CLAIMED)
    await town.by_sms("13800000002", **CLAIMED)
    await town.by_mobile("13800000003", username="carol", password=PASSWORD, **CLAIMED)
    await town.by_password("carol", **CLAIMED)
    mine = {**CLAIMED, "username": "company"}
    await town.by_enterprise("13800000004", **mine)
    await town.ask("13800000005", **CLAIMED)
    digits = await town.code("13800000003", "reset")
    reset = await town.post(
        "/v1/password/reset",
        phone="13800000003",
        verification_code=digits,
        new_password="another horse battery",
        **CLAIMED,
    )
    assert reset.status_code == 204
    kept = rows(
        "SELECT user_id, status, pool, claims, reason, epoch, username_key FROM wxlogin_account"
        " ORDER BY created_at, id"
    )
    names = {None, "carol", "company"}
    assert len(kept) == 5
    assert {row[:1] + row[2:5] for row in kept} == {(None, "default", "{}", None)}
    assert {row[1] for row in kept} == {"active", "pending"}
    assert {row[6] for row in kept} == names
    assert sorted(row[5] for row in kept) == [0, 0, 0, 0, 1]  # the reset ends all sessions
    openids = {row[0] for row in rows("SELECT openid FROM wxlogin_identity")}
    assert openids == {town.wechat.openid("ann"), town.wechat.openid("bob")}


# The same acts as calls


async def test_every_door_is_a_call_as_well(town, wechat):
    wx, clock = town.wx, town.clock
    wechat.add_user("ann", phone="+8613800006666")

    async def digits(purpose):
        clock.advance(61)
        await wx.send_verification_code(PHONE, purpose, code=wechat.login("ann"))
        return town.inboxes.last()

    made = await wx.register_mobile(
        PHONE, await digits("register"), username="ann", password=PASSWORD
    )
    first = made.account.id
    assert (
        await wx.login_by_password("ann", PASSWORD, code=wechat.login("ann"))
    ).account.id == first
    assert (await wx.login_by_sms(PHONE, await digits("login"))).account.id == first
    tap = wechat.phone("ann")["code"]
    assert (await wx.login_by_phone(wechat.login("ann"), tap)).account.id == first
    await wx.reset_password(PHONE, await digits("reset"), "another horse battery")
    assert (await wx.login_by_password("ann", "another horse battery")).account.id == first


def test_a_proof_shows_nothing_of_itself():
    proof = PhoneProof("ticket-canary", PHONE, "123456")
    wanted = Wanted("Ann", "ann", "password-canary")
    text = repr(proof) + repr(wanted)
    assert not [one for one in ("ticket-canary", PHONE, "123456", "password-canary") if one in text]


# Whose user_id: found by review


@pytest.mark.parametrize("hook_came", ["before", "after"])
async def test_the_host_is_asked_for_nobody_elses_person_beside_a_password(town, hook_came):
    """http-api.md §4: an identity that is another account's is left out of the login whole, so
    its person's user_id is not set on the account that the password opens."""
    owner = (await town.member())["account"]["id"]
    if hook_came == "after":
        await town.by_wechat("bob")
    asked = []

    def user_for(who):
        asked.append(who.openid)
        return None if who.openid is None else f"user of {who.openid}"

    town.wx.user_for(user_for)
    if hook_came == "before":
        await town.by_wechat("bob")
    asked.clear()
    assert await town.me(await town.by_password(user="bob")) == owner
    assert asked == [None]
    assert (await town.wx.find(account_id=owner)).user_id is None
    bob = await town.by_wechat("bob")
    assert bob.status_code == 200
    assert (await town.wx.find(account_id=await town.me(bob))).user_id.startswith("user of ")


async def test_a_second_identity_in_one_app_names_no_user_id_either(town):
    owner = (await town.member())["account"]["id"]
    await town.by_password(user="ann")
    town.wx.user_for(lambda who: "cyd" if who.openid else None)
    assert await town.me(await town.by_password(user="cyd")) == owner
    assert (await town.wx.find(account_id=owner)).user_id is None


async def test_an_identity_that_is_cut_during_a_login_is_not_led_back_by_the_user_id(town):
    """A login in flight of an identity that a purge or an unlinking takes away."""
    town.wx.user_for(lambda who: "u1" if who.openid else None)
    owner = await town.me(await town.by_wechat("ann"))

    async def cut(user_id):
        store = await town.wx.open_store()
        account = await store.find_account(account_id=owner)
        if account.identities:
            await store.unlink_identity(
                owner,
                app_id=account.identities[0].app_id,
                ending=Ending(town.clock(), EndCode.REVOKED, "identity_unlinked"),
                phone_opens=True,
            )
        return {}

    await (await town.wx.open_store()).change_phone(PhoneChange(owner, proven(PHONE, town.clock())))
    town.wx.load_user(lambda user_id: user_id)
    town.wx.claims_for(cut)
    late = await town.by_wechat("ann")
    assert told(late) == (503, "store_unavailable")
    assert (await town.wx.find(account_id=owner)).identities == ()
