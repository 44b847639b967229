"""Every act of an operator is one line of the audit log: who, what, and why."""

import pytest

from tests.console.desk import WHY
from wxlogin.login.sessions import Device

NEW_APP = {"app_id": "wxnewapp", "secret": "appsecret-1"}


@pytest.fixture
async def acts(people, house, wechat, admin, apply, support):
    """Each act that there is, in an order in which each can be done: kind, path, body."""
    ann = await people.add("王芳", phone="13800006666", openid="o-ann-12345")
    await people.add(openid="o-ann-12345", device=Device("d-2"))  # for the second end
    one = await people.add("甲", openid="o-one-12345")
    two = await people.add("乙", openid="o-two-12345", app_id="wx-b")
    merging = (await house.wx.flow()).merging
    codes = {
        "keep_account_id": one.account_id,
        "drop_account_id": two.account_id,
        "keep_code": await merging.make_code(one),
        "drop_code": await merging.make_code(two),
    }
    first, second = (await apply())[0].id, (await apply("另一家"))[0].id
    key = await admin.post("/service-keys", {"name": "n", "scopes": ["introspect"], **WHY})
    other = (await support.get("/me")).json()["operator"]["id"]
    person, app = f"/accounts/{ann.account_id}", "/apps/wxnewapp"
    return [
        ("phone_revealed", f"{person}/reveal-phone", {}),
        ("sessions_ended", f"{person}/end-sessions", {"session_id": ann.id}),
        ("sessions_ended", f"{person}/end-sessions", {}),
        ("account_disabled", f"{person}/disable", {"reason_for_user": "广告"}),
        ("account_enabled", f"{person}/enable", {}),
        ("erasure_requested", f"{person}/erase", {}),
        ("erasure_taken_back", f"{person}/restore", {}),
        ("accounts_merged", "/merges", codes),
        ("application_approved", f"/applications/{first}/approve", {}),
        ("application_rejected", f"/applications/{second}/reject", {"reason_for_user": "不符"}),
        ("app_added", "/apps", NEW_APP),
        ("app_changed", app, {"registration": "closed"}),
        ("app_secret_rotated", f"{app}/rotate-secret", {"secret": "appsecret-2"}),
        ("app_old_secret_dropped", f"{app}/drop-old-secret", {}),
        ("app_disabled", f"{app}/disable", {}),
        ("app_enabled", f"{app}/enable", {}),
        ("service_key_made", "/service-keys", {"name": "m", "scopes": ["introspect"]}),
        ("service_key_revoked", f"/service-keys/{key.json()['key']['id']}/revoke", {}),
        ("operator_added", "/operators", {"name": "wang.wu", "role": "support"}),
        ("operator_disabled", f"/operators/{other}/disable", {}),
        ("operator_enabled", f"/operators/{other}/enable", {}),
        ("operator_reset", f"/operators/{other}/reset", {}),
    ]


async def test_every_act_is_one_line_with_its_operator_and_its_reason(admin, acts, lines):
    for number, (kind, path, body) in enumerate(acts):
        before = len(await lines())
        why = f"工单 {number}"
        method = "PUT" if kind == "app_changed" else "POST"
        answer = await admin.ask(method, path, {**body, "reason": why})
        assert answer.status_code < 300, (kind, answer.text)
        written = (await lines())[before:]
        assert [(line.kind, line.actor_kind, line.actor_id, line.reason) for line in written] == [
            (kind, "operator", "li.lei", why)
        ]


async def test_what_is_refused_is_no_line(admin, acts, lines):
    for kind, path, body in acts:
        before = len(await lines())
        method = "PUT" if kind == "app_changed" else "POST"
        gone = path.replace(path.split("/")[2], "0") if path.count("/") > 1 else path
        if gone == path:
            continue
        answer = await admin.ask(method, gone, {**body, **WHY})
        assert answer.status_code in (400, 404), (kind, answer.text)
        assert len(await lines()) == before, kind


async def test_an_act_that_cannot_be_written_down_does_not_happen(
    admin, people, database, monkeypatch
):
    """F37: the log is full, and nobody is disabled, shown or merged meanwhile."""
    from wxlogin.stores import telling

    def full(tx, line):
        raise OSError("no room")

    ann = await people.add("王芳", phone="13800006666")
    monkeypatch.setattr(telling, "write_line", full)
    for act in ("disable", "reveal-phone", "erase"):
        answer = await admin.post(f"/accounts/{ann.account_id}/{act}", WHY)
        assert answer.status_code >= 500
        assert "13800006666" not in answer.text
    monkeypatch.undo()
    account = (await admin.get(f"/accounts/{ann.account_id}")).json()["account"]
    assert account["status"] == "active"
