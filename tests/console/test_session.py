"""How long an operator's session lives, and what ends it."""

import pytest

from tests.console.desk import MARK, WHY
from wxlogin.console.door import console_of

HOUR = 3600
IDLE = 1800


async def code_of(desk, **how):
    answer = await desk.get("/me", **how)
    return answer.json().get("code", answer.status_code)


async def test_half_an_hour_unused_ends_it(admin, clock):
    clock.advance(IDLE - 1)
    assert await code_of(admin) == 200
    clock.advance(IDLE - 1)
    assert await code_of(admin) == 200
    clock.advance(IDLE)
    assert await code_of(admin) == "session_idle"


async def test_twelve_hours_end_it_however_busy_it_was(admin, clock):
    for _ in range(12 * 4 - 1):
        clock.advance(HOUR / 4)
        assert (await admin.get("/me")).status_code == 200
    left = (await admin.get("/me")).json()
    assert left["expires_in"] == HOUR / 4
    assert left["idle_expires_in"] == HOUR / 4
    clock.advance(HOUR / 4)
    assert await code_of(admin) == "session_expired"


async def test_signing_out_ends_it_and_takes_the_cookie_away(admin):
    token = admin.http.cookies["wxlogin_operator"]
    answer = await admin.post("/sign-out")
    assert answer.status_code == 204
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert await code_of(admin) == "session_missing"
    header = {"Cookie": f"wxlogin_operator={token}"}
    assert await code_of(admin, headers=header) == "session_revoked"


@pytest.mark.parametrize(
    "cookie",
    ["", "x", "wxl_" + "0" * 88, "a.b", "\u00e9" * 92, 'wxlogin_operator="'],
)
async def test_a_cookie_that_is_none_of_ours(admin, browsers, cookie):
    header = {"Cookie": f"wxlogin_operator={cookie}".encode("latin-1")}
    answer = await browsers().get("/v1/admin/me", headers=header)
    assert answer.status_code == 401
    assert answer.json()["code"] in ("session_missing", "session_invalid")


async def test_a_changed_secret_of_a_live_session_is_no_session(admin, browsers):
    token = admin.http.cookies["wxlogin_operator"]
    other = token[:50] + ("A" if token[50] != "A" else "B") + token[51:]
    answer = await browsers().get("/v1/admin/me", headers={"Cookie": f"wxlogin_operator={other}"})
    assert answer.json()["code"] == "session_invalid"


async def test_each_sign_in_makes_a_session_of_its_own(admin, clock):
    """A cookie that was there before is not taken over (fixation, B01)."""
    first = admin.http.cookies["wxlogin_operator"]
    clock.advance(30)
    await admin.sign_in()
    assert admin.http.cookies["wxlogin_operator"] != first


async def test_another_password_ends_every_other_session(desks, clock, browsers):
    desk, code = await desks(), "/me/password"
    clock.advance(30)
    elsewhere = browsers()
    body = {"name": desk.name, "password": desk.password, "totp": desk.code()}
    assert (await elsewhere.post("/v1/admin/sign-in", json=body, headers=MARK)).status_code == 200
    clock.advance(30)
    new = "a longer sentence of mine"
    change = {"current_password": desk.password, "new_password": new}
    wrong = await desk.post(code, {**change, "totp": "000000"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "credentials_invalid")
    weak = await desk.post(code, {**change, "totp": desk.code(), "new_password": "short"})
    assert (weak.status_code, weak.json()["minimum"]) == (422, 15)
    assert (await desk.post(code, {**change, "totp": desk.code()})).status_code == 204
    assert await code_of(desk) == 200
    assert (await elsewhere.get("/v1/admin/me")).json()["code"] == "session_revoked"
    clock.advance(30)
    assert (await desk.sign_in()).status_code == 401
    clock.advance(30)
    assert (await desk.sign_in(password=new)).status_code == 200


async def test_a_code_spent_on_a_password_signs_nobody_in(desks, clock):
    desk = await desks()
    clock.advance(30)
    totp = desk.code()
    body = {"current_password": desk.password, "new_password": "a longer sentence of mine"}
    assert (await desk.post("/me/password", {**body, "totp": totp})).status_code == 204
    signed = await desk.sign_in(password="a longer sentence of mine", totp=totp)
    assert signed.status_code == 401


async def test_disabling_ends_sessions_at_once_and_enabling_brings_none_back(admin, support):
    other = (await support.get("/me")).json()["operator"]["id"]
    await admin.post(f"/operators/{other}/disable", WHY)
    assert await code_of(support) == "session_revoked"
    await admin.post(f"/operators/{other}/enable", WHY)
    assert await code_of(support) == "session_revoked"


async def test_nobody_disables_themselves(admin):
    own = (await admin.get("/me")).json()["operator"]["id"]
    answer = await admin.post(f"/operators/{own}/disable", WHY)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "id")


async def test_a_reset_ends_sessions_and_makes_the_old_telephone_worthless(admin, support, clock):
    other = (await support.get("/me")).json()["operator"]["id"]
    secrets = (await admin.post(f"/operators/{other}/reset", WHY)).json()
    assert await code_of(support) == "session_revoked"
    clock.advance(30)
    assert (await support.sign_in()).status_code == 401
    support.password = secrets["password"]
    assert (await support.sign_in()).status_code == 401  # the old authenticator
    support.url = secrets["otpauth_url"]
    assert (await support.sign_in()).status_code == 200
    assert secrets["totp_qr_svg"].startswith("<svg")


async def test_the_language_is_kept(admin):
    told = await admin.ask("PUT", "/me", {"language": "en"})
    assert told.json()["language"] == "en"
    assert (await admin.get("/me")).json()["operator"]["language"] == "en"
    assert (await admin.ask("PUT", "/me", {"language": "fr"})).status_code == 400


@pytest.mark.parametrize(
    ("proxies", "behind_tls", "proto", "is_secure"),
    [
        (0, False, "https", False),
        (1, False, "https", True),
        (1, False, "http", False),
        (0, True, "http", True),
    ],
)
async def test_over_tls_the_cookie_travels_over_nothing_else(
    houses, desks, proxies, behind_tls, proto, is_secure
):
    import httpx2

    desk = await desks(signs_in=False)
    other = houses(settings={"trusted_proxies": proxies})
    door = console_of(other.wx, behind_tls=behind_tls)
    transport = httpx2.ASGITransport(app=door, client=("127.0.0.1", 5000))
    async with httpx2.AsyncClient(transport=transport, base_url="http://console") as browser:
        body = {"name": desk.name, "password": desk.password, "totp": desk.code()}
        answer = await browser.post(
            "/v1/admin/sign-in", json=body, headers={**MARK, "X-Forwarded-Proto": proto}
        )
    assert answer.status_code == 200
    assert ("Secure" in answer.headers["set-cookie"].split("; ")) is is_secure
