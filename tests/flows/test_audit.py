"""Every security act leaves exactly one line, and no line holds what it should not."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.flows.town import CREDIT_CODE, DAY, NEW_PASSWORD, OTHER, PASSWORD, PHONE
from wxlogin.login import errors
from wxlogin.login.operators import Role
from wxlogin.login.policy import App
from wxlogin.login.ports import Actor, ActorKind, AppChange
from wxlogin.login.secret import Secret

OPERATOR = Actor(ActorKind.OPERATOR, "wang")
SECRET = "canary-of-an-appsecret-0123456789"


@dataclass
class Stage:
    """A server, and Ann: a WeChat identity, a proven phone, a name and a password."""

    town: Any
    flow: Any
    token: str
    account_id: str

    async def account(self):
        return await self.town.wx.find(account_id=self.account_id)

    async def post(self, path, **body):
        answer = await self.town.post(path, self.token, **body)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    async def kinds(self):
        log = await self.town.wx.audit_log()
        return [line.kind async for line in log.lines()]


@pytest.fixture
async def stage(town):
    told = await town.member()
    linked = await town.by_password(user="ann")
    assert linked.status_code == 200, linked.text
    flow = await town.wx.flow()
    return Stage(town, flow, linked.json()["token"], told["account"]["id"])


async def kick(stage):
    await stage.town.wx.kick(account_id=stage.account_id)


async def disable(stage):
    await stage.town.wx.disable(account_id=stage.account_id, reason_for_user="spam")


async def disable_and_enable(stage):
    await disable(stage)
    await stage.town.wx.enable(account_id=stage.account_id)


async def change_phone(stage):
    digits = await stage.town.code(OTHER, "link")
    proof = {"current_password": PASSWORD}
    await stage.post("/v1/me/phone", phone=OTHER, verification_code=digits, **proof)


async def change_password(stage):
    proof = {"current_password": PASSWORD}
    await stage.post("/v1/me/password", new_password=NEW_PASSWORD, **proof)


async def reset_password(stage):
    digits = await stage.town.code(PHONE, "reset")
    body = {"phone": PHONE, "verification_code": digits, "new_password": NEW_PASSWORD}
    await stage.post("/v1/password/reset", **body)


async def unlink(stage):
    await stage.post("/v1/me/identities/unlink", current_password=PASSWORD)


async def unlink_and_link(stage):
    await unlink(stage)
    answer = await stage.town.by_password(user="ann")
    assert answer.status_code == 200


async def bring_a_number(stage):
    assert (await stage.town.by_phone("bob", OTHER)).status_code == 200
    await stage.town.by_wechat("carl")
    assert (await stage.town.by_phone("carl", "13600009999")).status_code == 200


async def lose_a_recycled_number(stage):
    stage.town.clock.advance(DAY.total_seconds() * 91)
    answer = await stage.town.by_sms(PHONE)
    assert answer.json()["is_new_account"]


async def prove_an_imported_number(stage):
    await stage.town.imported(OTHER, "bob")
    assert (await stage.town.by_sms(OTHER)).status_code == 200


async def take_along(stage):
    await stage.post("/v1/me/export", current_password=PASSWORD)


async def ask_to_be_erased(stage):
    await stage.post("/v1/me/erase", current_password=PASSWORD)


async def be_erased_and_come_back(stage):
    await ask_to_be_erased(stage)
    assert (await stage.town.by_restore("ann")).status_code == 200


async def be_erased(stage):
    await ask_to_be_erased(stage)
    stage.town.clock.advance(DAY.total_seconds() * 8)
    assert await stage.flow.leaving.carry_out_due() == 1


async def merge(stage):
    other = (await stage.town.by_wechat("bob")).json()
    await unlink(stage)
    codes = [
        (await stage.town.post("/v1/me/support-code", token)).json()["code"]
        for token in ((await stage.town.by_password()).json()["token"], other["token"])
    ]
    await stage.flow.merging.merge(
        stage.account_id,
        other["account"]["id"],
        keep_code=codes[0],
        drop_code=codes[1],
        actor=OPERATOR,
        reason="asked at the counter",
    )


async def decide(stage):
    body = {"registration_ticket": None, "credit_code": CREDIT_CODE}
    applied = await stage.town.by_enterprise(OTHER, credit_code=body["credit_code"])
    assert applied.status_code == 202, applied.text
    await stage.flow.applications.approve(
        applied.json()["application_id"], actor=OPERATOR, why="papers seen"
    )


async def run_an_app(stage):
    apps, how = stage.flow.running_apps, {"actor": OPERATOR, "why": "a new customer"}
    await apps.add(App("wx-new", Secret(SECRET)), **how)
    await apps.change("wx-new", AppChange(phone_conflict="join"), **how)
    await apps.rotate_secret("wx-new", Secret(f"{SECRET}-2"), **how)
    await apps.drop_old_secret("wx-new", **how)
    await apps.disable("wx-new", **how)
    await apps.enable("wx-new", **how)


async def have_a_service_key(stage):
    made = await stage.flow.service_keys.make("orders", ["introspect"], actor=OPERATOR)
    await stage.flow.service_keys.revoke(made.key.id, actor=OPERATOR)


async def have_an_operator(stage):
    desk = stage.flow.operators
    await desk.add("li", Role.SUPPORT, actor=OPERATOR)
    added = await desk.find_named("li")
    await desk.reset(added, actor=OPERATOR)
    with pytest.raises(errors.CredentialsInvalid):
        await desk.sign_in("li", NEW_PASSWORD, "000000", address="192.0.2.1")
    await desk.set_disabled(added, is_disabled=True, actor=OPERATOR)
    await desk.set_disabled(added, is_disabled=False, actor=OPERATOR)


async def reveal(stage):
    await stage.flow.account_desk.reveal_phone(
        await stage.account(), actor=OPERATOR, why="called back"
    )


ACTS = {
    kick: ["sessions_ended"],
    disable: ["account_disabled"],
    disable_and_enable: ["account_disabled", "account_enabled"],
    change_phone: ["phone_changed"],
    change_password: ["password_changed"],
    reset_password: ["password_reset"],
    unlink: ["identity_unlinked"],
    unlink_and_link: ["identity_unlinked", "identity_linked"],
    bring_a_number: ["phone_changed"],
    lose_a_recycled_number: ["phone_left"],
    prove_an_imported_number: ["sessions_ended", "credentials_purged"],
    take_along: ["account_exported"],
    ask_to_be_erased: ["erasure_requested"],
    be_erased_and_come_back: ["erasure_requested", "erasure_taken_back"],
    be_erased: ["erasure_requested", "account_erased"],
    merge: ["identity_unlinked", "accounts_merged"],
    decide: ["application_approved"],
    run_an_app: [
        "app_added",
        "app_changed",
        "app_secret_rotated",
        "app_old_secret_dropped",
        "app_disabled",
        "app_enabled",
    ],
    have_a_service_key: ["service_key_made", "service_key_revoked"],
    have_an_operator: [
        "operator_added",
        "operator_reset",
        "operator_sign_in_failed",
        "operator_disabled",
        "operator_enabled",
    ],
    reveal: ["phone_revealed"],
}


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
async def test_every_security_act_leaves_exactly_one_line(stage, act):
    """I10: one line for each act, and none for what leads up to it."""
    before = await stage.kinds()
    await act(stage)
    assert (await stage.kinds())[len(before) :] == ACTS[act]
    log = await stage.town.wx.audit_log()
    await log.seal()
    assert (await log.verify()).is_ok


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
async def test_no_line_holds_a_secret_a_number_or_an_openid(stage, act):
    await act(stage)
    log = await stage.town.wx.audit_log()
    lines = "\n".join([repr(line) async for line in log.lines()])
    wechat = stage.town.wechat
    canaries = [
        *(PHONE, OTHER, PASSWORD, NEW_PASSWORD, SECRET, stage.token),
        *(wechat.openid(user) for user in ("ann", "bob", "carl")),
        *(message.verification_code.reveal() for message in stage.town.inboxes.sent),
    ]
    assert [canary for canary in canaries if canary in lines.replace("-", "")] == []
    assert [canary for canary in canaries if canary in lines] == []


async def test_what_was_refused_leaves_no_line(stage):
    before = await stage.kinds()
    wrong = {"new_password": NEW_PASSWORD, "current_password": "wrong horse 电池 staple"}
    assert (await stage.town.post("/v1/me/password", stage.token, **wrong)).status_code == 403
    for act in (stage.flow.running_apps.disable, stage.flow.service_keys.revoke):
        with pytest.raises(errors.WxLoginError):
            await act("unknown", actor=OPERATOR)
    assert await stage.kinds() == before


async def test_a_line_names_its_person_by_a_pseudonym_that_goes_with_the_account(stage, rows):
    await be_erased(stage)
    log = await stage.town.wx.audit_log()
    lines = [line async for line in log.lines()]
    assert {line.account_id for line in lines} == {None}
    (subject,) = {line.subject for line in lines}
    for table, column in rows(
        "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c"
        " WHERE m.type = 'table' AND m.name LIKE 'wxlogin%' AND m.name <> 'wxlogin_audit'"
    ):
        assert rows(f"SELECT count(*) FROM {table} WHERE {column} = ?", subject) == [(0,)]
