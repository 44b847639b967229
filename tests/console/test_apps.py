"""Mini programs, changed at run time: in force at the next request, their secrets never shown."""

import pytest

from tests.console.desk import WHY

NEW = {"app_id": "wxnewapp", "secret": "canary-appsecret-1", "push_token": "canaryToken"}


async def apps_of(desk):
    return {item["app_id"]: item for item in (await desk.get("/apps")).json()["items"]}


async def test_an_app_is_added_and_its_people_log_in_at_once(admin, house, wechat):
    wechat.add_app("wxsecond", secret="second-secret")
    body = {"app_id": "wxsecond", "secret": "second-secret", **WHY}
    answer = await admin.post("/apps", body)
    assert answer.status_code == 201
    assert answer.json() == (await apps_of(admin))["wxsecond"]
    assert answer.json()["is_read_only"] is False
    login = await house.login("ann", app_id="wxsecond")
    assert login.status_code == 200, login.text


async def test_what_is_done_is_in_force_at_the_next_request(admin, house, wechat):
    wechat.add_app("wxsecond", secret="second-secret")
    await admin.post("/apps", {"app_id": "wxsecond", "secret": "second-secret", **WHY})
    path = "/apps/wxsecond"
    closed = await admin.ask("PUT", path, {"registration": "closed", **WHY})
    assert closed.json()["registration"] == "closed"
    refused = await house.login("bob", app_id="wxsecond")
    assert refused.json()["code"] == "registration_closed"
    assert (await admin.post(f"{path}/disable", WHY)).json()["is_disabled"] is True
    assert (await house.login("ann", app_id="wxsecond")).json()["code"] == "app_unknown"
    await admin.post(f"{path}/enable", WHY)
    await admin.ask("PUT", path, {"registration": "auto", **WHY})
    assert (await house.login("ann", app_id="wxsecond")).status_code == 200


async def test_a_rotation_has_two_secrets_and_ends_with_one(admin, wechat):
    wechat.add_app("wxsecond", secret="old-secret")
    await admin.post("/apps", {"app_id": "wxsecond", "secret": "old-secret", **WHY})
    path = "/apps/wxsecond"
    rotated = await admin.post(f"{path}/rotate-secret", {"secret": "new-secret", **WHY})
    assert rotated.json()["has_next_secret"] is True
    assert (await admin.post(f"{path}/check")).json() == {"ok": False, "code": "app_misconfigured"}
    wechat.add_app("wxsecond", secret="new-secret")
    assert (await admin.post(f"{path}/check")).json() == {"ok": True, "code": None}
    dropped = await admin.post(f"{path}/drop-old-secret", WHY)
    assert dropped.json()["has_next_secret"] is False


async def test_an_app_of_the_settings_is_read_only(admin, wechat):
    path = f"/apps/{wechat.app_id}"
    assert (await apps_of(admin))[wechat.app_id]["is_read_only"] is True
    for method, place, more in (
        ("PUT", path, {"registration": "closed"}),
        ("POST", f"{path}/rotate-secret", {"secret": "s"}),
        ("POST", f"{path}/disable", {}),
        ("POST", "/apps", {"app_id": wechat.app_id, "secret": "s"}),
    ):
        answer = await admin.ask(method, place, {**WHY, **more})
        assert answer.status_code == 400
        assert answer.json()["errors"] == [{"field": "app_id", "reason": "comes from the settings"}]


async def test_an_app_that_is_there_is_not_added_again(admin):
    assert (await admin.post("/apps", {**NEW, **WHY})).status_code == 201
    answer = await admin.post("/apps", {**NEW, "secret": "other", **WHY})
    assert answer.json()["errors"] == [{"field": "app_id", "reason": "already here"}]
    assert (await admin.ask("PUT", "/apps/wxnone", WHY)).json()["code"] == "app_unknown"
    assert (await admin.post("/apps/wxnone/check")).json()["code"] == "app_unknown"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("app_id", "../x"),
        ("secret", ""),
        ("secret", "with blank"),
        ("registration", "open"),
        ("phone_conflict", "merge"),
        ("kind", "web"),
        ("pool", "a b"),
        ("push_token", "a&b"),
        ("encoding_aes_key", "short"),
        ("cors_origins", ["javascript:alert(1)"]),
        ("cors_origins", ["*"]),
    ],
)
async def test_a_field_that_cannot_be(admin, field, value):
    answer = await admin.post("/apps", {**NEW, **WHY, field: value})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"].startswith(field)


async def test_no_secret_of_an_app_comes_out_again(admin, lines):
    key = "a" * 43
    said = [await admin.post("/apps", {**NEW, "encoding_aes_key": key, **WHY})]
    path = f"/apps/{NEW['app_id']}"
    said.append(await admin.post(f"{path}/rotate-secret", {"secret": "canary-appsecret-2", **WHY}))
    said.append(await admin.ask("PUT", path, {"push_token": "canaryOther", **WHY}))
    said.append(await admin.get("/apps"))
    assert [answer.status_code for answer in said] == [201, 200, 200, 200]
    whole = "".join(answer.text for answer in said) + repr(await lines())
    for canary in ("canary-appsecret", "canaryToken", "canaryOther", key):
        assert canary not in whole
    item = (await apps_of(admin))[NEW["app_id"]]
    assert item["has_push_token"]
    assert item["has_encoding_aes_key"]
    gone = await admin.ask("PUT", path, {"push_token": "", **WHY})
    assert gone.json()["has_push_token"] is False
