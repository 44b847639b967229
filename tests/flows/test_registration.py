"""Becoming somebody: by ticket, by phone, as an enterprise that an operator looks at."""

import asyncio

import pytest

from tests.flows.town import CREDIT_CODE, OTHER, PASSWORD, PHONE, told
from wxlogin.login import errors
from wxlogin.login.ports import Actor, ActorKind
from wxlogin.login.registration import normal_credit_code

OPERATOR = Actor(ActorKind.OPERATOR, "li.lei")


async def ticket_of(strict, user="ann", phone=None):
    """A ticket: of an identity, or with `phone` of both."""
    refused = await (strict.by_phone(user, phone) if phone else strict.by_wechat(user))
    ticket = refused.json()["registration_ticket"]
    assert ticket
    return ticket


@pytest.fixture
def strict(towns, wechat):
    return towns(app={"registration": "required"}, wechat=wechat)


# By phone


async def test_a_proven_phone_becomes_an_account_with_a_name_and_a_password(town, audit):
    answer = await town.by_mobile(username="Ann", password=PASSWORD, nickname="小安")
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    account = answer.json()["account"]
    assert (account["nickname"], account["phone"]) == ("小安", "138****6666")
    assert answer.json()["is_new_account"] is True
    assert await town.me(await town.by_password("ann")) == account["id"]
    assert await town.me(await town.by_password(PHONE)) == account["id"]
    assert await town.me(await town.by_sms()) == account["id"]
    assert audit(people=1) == []


async def test_a_ticket_brings_the_identity_and_the_phone_is_proven_beside_it(strict):
    ticket = await ticket_of(strict)
    answer = await strict.by_mobile(registration_ticket=ticket)
    assert answer.status_code == 201
    account = answer.json()["account"]
    assert (account["phone"], len(account["identities"])) == ("138****6666", 1)
    assert await strict.me(await strict.by_wechat("ann")) == account["id"]
    assert told(await strict.by_mobile(OTHER, registration_ticket=ticket)) == (
        400,
        "ticket_invalid",
    )


async def test_a_ticket_with_a_proven_phone_needs_no_second_code(strict):
    for user, phone, spelled in (("ann", PHONE, None), ("bob", OTHER, "+86 139-0000-7777")):
        ticket = await ticket_of(strict, user, phone)
        more = {} if spelled is None else {"phone": spelled}
        answer = await strict.post("/v1/register/mobile", registration_ticket=ticket, **more)
        assert answer.status_code == 201, answer.text


async def test_another_number_than_the_tickets_has_to_be_proven(strict):
    ticket = await ticket_of(strict, "ann", PHONE)
    unproven = await strict.post("/v1/register/mobile", registration_ticket=ticket, phone=OTHER)
    assert told(unproven) == (400, "request_invalid")
    assert unproven.json()["errors"] == [{"field": "verification_code", "reason": "required"}]
    answer = await strict.by_mobile(OTHER, registration_ticket=ticket)
    assert answer.json()["account"]["phone"] == "139****7777"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "phone"),
        ({"phone": PHONE}, "verification_code"),
        ({"verification_code": "123456"}, "phone"),
    ],
)
async def test_without_a_ticket_phone_and_code_are_both_needed(town, body, field):
    answer = await town.post("/v1/register/mobile", **body)
    assert told(answer) == (400, "request_invalid")
    assert answer.json()["errors"] == [{"field": field, "reason": "required"}]


async def test_a_ticket_of_one_app_is_worth_nothing_in_another(strict):
    """D11: the ticket knows its app, and a body that names another one is a mistake."""
    ticket = await ticket_of(strict, "ann", PHONE)
    answer = await strict.post("/v1/register/mobile", registration_ticket=ticket, app_id="wxother")
    assert told(answer) == (400, "ticket_invalid")
    assert (await strict.by_mobile(None, registration_ticket=ticket)).status_code == 201


WRONG = {
    "a weak password": ({"username": "ann", "password": "short"}, "password_weak"),
    "a common password": ({"username": "ann", "password": "password1"}, "password_weak"),
    "its own number": ({"username": "ann", "password": "13800006666"}, "password_weak"),
    "its own name": ({"username": "longusername", "password": "longusername1"}, "password_weak"),
    "a name without a password": ({"username": "ann"}, "request_invalid"),
    "a number for a name": ({"username": "13900007777", "password": PASSWORD}, "request_invalid"),
    "a name of somebody": ({"username": "Taken", "password": PASSWORD}, "username_taken"),
    "a nickname of nothing": ({"nickname": "\u200b"}, "request_invalid"),
    "a context too large": ({"context": {"x": "y" * 1030}}, "request_invalid"),
    "a device that is none": ({"device": "phone"}, "request_invalid"),
    "an app that is none": ({"app_id": "wxunknown"}, "app_unknown"),
}


async def test_a_password_without_a_name_goes_with_the_proven_number(towns):
    town = towns()
    assert (await town.by_mobile(password=PASSWORD)).status_code == 201
    opened = await town.by_password(PHONE, PASSWORD)
    assert opened.status_code == 200


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_fails_validation_spends_neither_ticket_nor_code(towns, strict, wrong):
    """http-api.md §1. The very same ticket and code are good for the next try."""
    town = towns()
    await town.member(OTHER, "taken")
    body, code = WRONG[wrong]
    digits = await town.code(PHONE, "register")
    answer = await town.by_mobile(verification_code=digits, **body)
    assert answer.json()["code"] == code
    assert (await town.by_mobile(verification_code=digits)).status_code == 201

    third = "13700008888"
    ticket = await ticket_of(strict, "eve", third)
    answer = await strict.by_mobile(None, registration_ticket=ticket, **body)
    if code != "app_unknown" and wrong != "its own number":  # the ticket names app and number
        assert answer.json()["code"] == code
        assert (await strict.by_mobile(None, registration_ticket=ticket)).status_code == 201


async def test_a_phone_of_somebody_is_taken_and_the_code_is_not_spent(town):
    await town.member()
    digits = await town.code(PHONE, "register")
    for _ in range(2):
        answer = await town.by_mobile(verification_code=digits)
        assert told(answer) == (409, "phone_taken")


async def test_a_recycled_number_registers_anew_and_leaves_the_old_account(town):
    """A15: the number's new owner must be able to register; the old data stays where it was."""
    old = (await town.member())["account"]["id"]
    town.clock.advance(91 * 86400)
    answer = await town.by_mobile()
    assert answer.status_code == 201
    assert answer.json()["account"]["id"] != old
    assert (await town.wx.find(account_id=old)).phone is None
    assert await town.me(await town.by_password("ann")) == old


async def test_a_name_wanted_by_somebody_who_has_an_account_is_not_lost_in_silence(strict):
    """Two tickets of one person: the second would log in and set the password nowhere."""
    first, second = await ticket_of(strict), await ticket_of(strict)
    assert (await strict.by_mobile(registration_ticket=first)).status_code == 201
    answer = await strict.by_mobile(registration_ticket=second, username="ann", password=PASSWORD)
    assert told(answer) == (409, "identity_taken")
    assert (await strict.by_mobile(None, registration_ticket=second)).status_code in (201, 400)


async def test_one_name_wanted_by_many_at_once_is_one_persons(town, rows):
    phones = [f"1380000{number:04}" for number in range(8)]
    for phone in phones:
        await town.ask(phone, "register")
    digits = [town.inboxes.last(phone) for phone in phones]
    answers = await asyncio.gather(
        *(
            town.by_mobile(phone, verification_code=code, username="ann", password=PASSWORD)
            for phone, code in zip(phones, digits, strict=True)
        )
    )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [201] + [409] * 7
    assert rows("SELECT count(*) FROM wxlogin_account") == [(1,)]
    late = answers[[a.status_code for a in answers].index(409)]
    assert late.json()["code"] == "username_taken"


# As an enterprise


async def test_an_application_waits_and_no_door_opens_until_it_is_approved(town, rows):
    answer = await town.by_enterprise()
    assert answer.status_code == 202
    assert answer.headers["cache-control"] == "no-store"
    assert set(answer.json()) == {"application_id", "status"}
    application_id = answer.json()["application_id"]
    assert len(application_id) >= 43
    path = f"/v1/register/enterprise/{application_id}"
    assert (await town.house.get(path, None)).json() == {"status": "pending"}
    doors = (town.by_sms, lambda: town.by_password("company"), town.by_phone)
    for door in doors[:2]:
        assert told(await door()) == (403, "account_pending")
    assert rows("SELECT count(*) FROM wxlogin_session") == [(0,)]

    flow = await town.wx.flow()
    decided = await flow.applications.approve(application_id, actor=OPERATOR, why="papers seen")
    assert (decided.status, decided.decided_by) == ("approved", "li.lei")
    assert (await town.house.get(path, None)).json() == {"status": "approved"}
    assert await town.me(await town.by_sms()) == decided.account_id
    assert await town.me(await town.by_password("company")) == decided.account_id
    [line] = rows(
        "SELECT actor_kind, actor_id, reason FROM wxlogin_audit WHERE kind='application_approved'"
    )
    assert line == ("operator", "li.lei", "papers seen")


async def test_a_rejected_applicant_hears_the_reason_at_every_door_and_when_asking(town, rows):
    application_id = (await town.by_enterprise()).json()["application_id"]
    decided = await town.wx.reject(application_id, reason_for_user="营业执照已过期", why="x")
    assert decided.status == "rejected"
    path = f"/v1/register/enterprise/{application_id}"
    asked = await town.house.get(path, None)
    assert asked.json() == {"status": "rejected", "reason": "营业执照已过期"}
    for door in (town.by_sms, lambda: town.by_password("company")):
        answer = await door()
        assert told(answer) == (403, "account_rejected")
        assert answer.json()["reason"] == "营业执照已过期"
    assert rows("SELECT count(*) FROM wxlogin_audit WHERE kind='application_rejected'") == [(1,)]


async def test_an_application_is_decided_once_also_by_two_operators_at_once(town, rows):
    application_id = (await town.by_enterprise()).json()["application_id"]
    outcomes = await asyncio.gather(
        *(town.wx.approve(application_id) for _ in range(4)),
        *(town.wx.reject(application_id, reason_for_user="no") for _ in range(4)),
        return_exceptions=True,
    )
    assert sum(not isinstance(outcome, Exception) for outcome in outcomes) == 1
    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert {type(refusal) for refusal in refused} == {errors.RequestInvalid}
    lines = rows("SELECT kind FROM wxlogin_audit WHERE kind LIKE 'application%'")
    assert len(lines) == 1
    [(application, account)] = rows(
        "SELECT p.status, a.status FROM wxlogin_application p JOIN wxlogin_account a"
        " ON a.id = p.account_id"
    )
    assert (application, account) in {("approved", "active"), ("rejected", "rejected")}


async def test_an_application_that_nobody_made_is_not_found(town):
    for guess in ("1", "a" * 43, "019c9e21-7a40-7c3e-9d52-6b1f0a8e4c77"):
        answer = await town.house.get(f"/v1/register/enterprise/{guess}", None)
        assert told(answer) == (404, "not_found")
    with pytest.raises(errors.NotFound):
        await town.wx.approve("a" * 43)


async def test_an_applicant_with_a_ticket_comes_in_by_wechat_once_approved(strict):
    ticket = await ticket_of(strict)
    answer = await strict.by_enterprise(registration_ticket=ticket)
    assert answer.status_code == 202
    assert told(await strict.by_wechat()) == (403, "account_pending")
    await strict.wx.approve(answer.json()["application_id"])
    assert (await strict.by_wechat()).status_code == 200


async def test_who_applied_or_has_an_account_cannot_apply_again(town, strict, rows):
    ticket = await ticket_of(strict)
    assert (await strict.by_enterprise(registration_ticket=ticket)).status_code == 202
    again = await town.by_enterprise(username="company2")
    assert told(again) == (409, "phone_taken")
    await town.by_wechat("bob")
    refused = await strict.by_wechat("eve")
    ticket = refused.json()["registration_ticket"]
    await town.by_wechat("eve")  # meanwhile somebody
    late = await town.by_enterprise(OTHER, registration_ticket=ticket, username="company3")
    assert told(late) == (409, "identity_taken")
    assert rows("SELECT count(*) FROM wxlogin_application") == [(1,)]


async def test_the_hosts_hook_is_asked_once_the_applicant_comes_in(town):
    asked = []

    @town.wx.user_for
    def user_for(who):
        asked.append(who)
        return "42"

    application_id = (await town.by_enterprise()).json()["application_id"]
    assert asked == []
    await town.wx.approve(application_id)
    assert (await town.by_sms()).json()["account"]["user_id"] == "42"
    assert len(asked) == 1


WRONG_COMPANY = {
    "a check character": ({"credit_code": "91350100M000100Y44"}, (422, "credit_code_invalid")),
    "too short": ({"credit_code": "91350100M000100Y4"}, (422, "credit_code_invalid")),
    "a letter that none has": ({"credit_code": "91350100I000100Y43"}, (422, "credit_code_invalid")),
    "a weak password": ({"password": "12345678"}, (422, "password_weak")),
    "its own name as password": (
        {"company_name": "sunflower trading", "password": "sunflower trading"},
        (422, "password_weak"),
    ),
    "a company of nothing": ({"company_name": "\u200b"}, (400, "request_invalid")),
    "a company in two lines": ({"company_name": "a\nb"}, (400, "request_invalid")),
    "a contact of nothing": ({"contact_name": " "}, (400, "request_invalid")),
}


@pytest.mark.parametrize("wrong", WRONG_COMPANY)
async def test_a_wrong_application_spends_no_code(town, wrong):
    body, wanted = WRONG_COMPANY[wrong]
    digits = await town.code(PHONE, "register")
    answer = await town.by_enterprise(verification_code=digits, **body)
    assert told(answer) == wanted
    assert (await town.by_enterprise(verification_code=digits)).status_code == 202


@pytest.mark.parametrize("missing", ["company_name", "credit_code", "username", "password"])
async def test_every_field_of_an_application_is_needed(town, missing):
    answer = await town.by_enterprise(verification_code="123456", **{missing: None})
    assert told(answer) == (400, "request_invalid")


async def test_what_an_applicant_said_is_sealed_and_in_no_log(town, rows, caplog):
    with caplog.at_level("DEBUG"):
        await town.by_enterprise(contact_name="canary-contact", username="canary-username")
    assert "canary-contact" not in repr(rows("SELECT * FROM wxlogin_application"))
    for canary in ("canary-contact", "canary-username", PASSWORD, PHONE, CREDIT_CODE):
        assert canary not in caplog.text


# 统一社会信用代码

VALID = ("91350100M000100Y43", "91110000600037341L", "91440300708461136T")


@pytest.mark.parametrize("code", VALID)
def test_a_real_credit_code_holds_in_any_case(code):
    assert normal_credit_code(f" {code.lower()} ") == code


@pytest.mark.parametrize("code", VALID)
def test_no_character_of_a_credit_code_can_be_mistyped(code):
    """Every single character changed, and every two neighbours swapped, is found."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    mistyped = {
        code[:place] + other + code[place + 1 :]
        for place in range(18)
        for other in alphabet
        if other != code[place]
    }
    swapped = {
        code[:place] + code[place + 1] + code[place] + code[place + 2 :] for place in range(17)
    } - {code}
    for wrong in mistyped | swapped:
        with pytest.raises(errors.CreditCodeInvalid):
            normal_credit_code(wrong)


@pytest.mark.parametrize("text", ["", "9" * 18, "９１350100M000100Y43", VALID[0] + "\n1", "O" * 18])
def test_what_is_no_credit_code_is_refused(text):
    with pytest.raises(errors.CreditCodeInvalid):
        normal_credit_code(text)


async def test_a_ticket_asks_for_ten_names_in_an_hour_and_has_no_more_hashed(towns, wechat):
    """Else one ticket told which names are taken, and had passwords hashed, without end."""
    strict = towns(app={"registration": "required"}, wechat=wechat)
    await strict.member(OTHER, "taken")
    ticket = await ticket_of(strict, "ann", PHONE)
    wanted = {"username": "taken", "password": PASSWORD, "registration_ticket": ticket}
    answers = [told(await strict.by_mobile(None, **wanted)) for _ in range(12)]
    assert answers == [(409, "username_taken")] * 10 + [(429, "rate_limited")] * 2
