"""Service keys and operators, as an admin makes and ends them."""

import pytest

from tests.console.desk import WHY
from wxlogin.login.operator_sessions import Role


async def test_a_key_is_shown_once_and_works_until_it_is_revoked(admin, house, lines):
    token = await house.token("ann")
    account_id = (await house.get("/v1/me", token)).json()["id"]
    body = {"name": "orders", "scopes": ["accounts:read"], **WHY}
    made = await admin.post("/service-keys", body)
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    secret, key = made.json()["secret"], made.json()["key"]
    assert secret.startswith("wxk_")
    assert (key["created_by"], key["scopes"]) == ("li.lei", ["accounts:read"])
    listed = await admin.get("/service-keys")
    assert [one["id"] for one in listed.json()["items"]] == [key["id"]]
    assert secret not in listed.text
    path = f"/v1/service/accounts/{account_id}"
    assert (await house.get(path, secret)).status_code == 200
    revoked = await admin.post(f"/service-keys/{key['id']}/revoke", WHY)
    assert revoked.json()["revoked_at"] is not None
    assert (await house.get(path, secret)).json()["code"] == "service_key_invalid"
    assert (await admin.post("/service-keys/none/revoke", WHY)).status_code == 404
    assert [line.kind for line in await lines("service_key_made", "service_key_revoked")] == [
        "service_key_made",
        "service_key_revoked",
    ]


@pytest.mark.parametrize("scopes", [[], ["root"], "introspect", ["introspect", 7]])
async def test_a_key_has_scopes_that_there_are(admin, scopes):
    answer = await admin.post("/service-keys", {"name": "n", "scopes": scopes, **WHY})
    assert answer.status_code == 400


async def test_an_operator_is_made_and_signs_in_with_what_was_shown_once(
    admin, desks, browsers, lines
):
    body = {"name": "han.meimei", "role": "support", **WHY}
    made = await admin.post("/operators", body)
    assert made.status_code == 201
    shown = made.json()
    assert shown["operator"]["role"] == "support"
    assert shown["otpauth_url"].startswith("otpauth://totp/wxlogin:han.meimei?secret=")
    assert len(shown["password"]) >= 20
    assert "<svg" in shown["totp_qr_svg"]
    assert "style" not in shown["totp_qr_svg"]  # the page's CSP would not show it
    new = await desks("other", signs_in=False)
    new.name, new.password, new.url = "han.meimei", shown["password"], shown["otpauth_url"]
    assert (await new.sign_in()).json()["operator"]["role"] == "support"
    listed = await admin.get("/operators")
    assert shown["password"] not in listed.text
    item = next(one for one in listed.json()["items"] if one["name"] == "han.meimei")
    assert item["last_sign_in_at"] is not None
    (line,) = [one for one in await lines("operator_added") if one.actor_kind == "operator"]
    assert (line.actor_id, line.reason) == ("li.lei", "工单 1024")
    assert shown["password"] not in repr(await lines())


@pytest.mark.parametrize(
    "name", ["a", "x" * 65, "li lei", "li\nlei", "=cmd", "李雷\u202e", "<b>", "li.LEI"]
)
async def test_a_name_that_is_none_or_somebodys(admin, name):
    answer = await admin.post("/operators", {"name": name, "role": "admin", **WHY})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "name"


async def test_a_name_may_be_chinese(admin, desks):
    made = await admin.post("/operators", {"name": "李雷", "role": "admin", **WHY})
    assert made.status_code == 201
    desk = await desks("other", signs_in=False)
    desk.name, desk.password = "李雷", made.json()["password"]
    desk.url = made.json()["otpauth_url"]
    assert (await desk.sign_in()).status_code == 200


async def test_a_role_cannot_be_given_along(admin, support, desks):
    """Mass assignment: nothing in any body makes an admin out of a support."""
    body = {
        "language": "zh",
        "role": "admin",
        "is_disabled": False,
        "epoch": 0,
        "totp_step": None,
        "name": "li.lei",
        **WHY,
    }
    assert (await support.ask("PUT", "/me", body)).json()["role"] == "support"
    other = (await support.get("/me")).json()["operator"]["id"]
    await admin.post(f"/operators/{other}/disable", body)
    await admin.post(f"/operators/{other}/enable", body)
    items = (await admin.get("/operators")).json()["items"]
    assert next(one for one in items if one["id"] == other)["role"] == Role.SUPPORT.value
