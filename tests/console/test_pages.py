"""The console's pages and headers, and that no answer of it says too much."""

import json
import re

import pytest

from tests.console.desk import MARK, WHY
from tests.console.test_roles import ask
from wxlogin.console import door
from wxlogin.console.pages import File
from wxlogin.endpoints.admin.routes import ADMIN_ROUTES
from wxlogin.login.accounts import Phone

PHONE = "13800006666"


@pytest.fixture
def console(house, monkeypatch):
    """The door with two files of its own: the built ones are the front end's."""
    made = {
        "/": File(
            b"<!doctype html>",
            ((b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-cache")),
            b'"1"',
        ),
        "/assets/a-1.js": File(b"1", ((b"content-type", b"text/javascript"),), b'"2"'),
    }
    monkeypatch.setattr(door, "read_pages", lambda: made)
    return door.console_of(house.wx)


async def test_every_answer_keeps_a_browser_from_doing_more_than_show_it(browsers, admin):
    for path in ("/", "/assets/a-1.js", "/nothing", "/v1/admin/me", "/v1/admin/nothing"):
        headers = (await browsers().get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert "access-control-allow-origin" not in headers
    assert (await admin.get("/me")).headers["cache-control"] == "no-store"


async def test_a_page_is_read_and_nothing_else(browsers):
    browser = browsers()
    first = await browser.get("/")
    assert (first.status_code, first.text) == (200, "<!doctype html>")
    assert (await browser.head("/")).content == b""
    again = await browser.get("/", headers={"If-None-Match": '"1"'})
    assert (again.status_code, again.content) == (304, b"")
    wrong = await browser.post("/", json={})
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, HEAD")
    for path in ("/../pyproject.toml", "/assets/../door.py", "/assets/", "/index.html.bak"):
        assert (await browser.get(path)).status_code == 404


def test_the_built_pages_carry_no_script_or_style_of_their_own():
    """Or the policy would leave the page blank."""
    from wxlogin.console.pages import read_pages

    pages = read_pages()
    if "/" not in pages:
        pytest.skip("the front end is not built here")
    html = pages["/"].content.decode()
    assert "<style" not in html
    assert " style=" not in html
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert not re.search(r"(src|href)=\"?(https?:)?//", html)
    for path in re.findall(r"(?:src|href)=\"\.?(/[^\"]+)\"", html):
        assert path in pages
        kept = dict(pages[path].headers)[b"cache-control"]
        assert b"immutable" in kept or not path.startswith("/assets/")


async def test_cross_site_pages_are_told_nothing(admin):
    """No CORS here: a preflight of another site is a route that is not there."""
    answer = await admin.http.request(
        "OPTIONS",
        "/v1/admin/operators",
        headers={
            "Origin": "https://evil.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "x-wxlogin-console",
        },
    )
    assert answer.status_code == 405
    assert "access-control-allow-origin" not in answer.headers


async def test_the_document_describes_every_route_and_no_public_one(browsers):
    document = (await browsers().get("/v1/admin/openapi.json")).json()
    described = {
        f"{method.upper()} {path}"
        for path, methods in document["paths"].items()
        for method in methods
        if method != "head"
    }
    assert described == {route.name for route in ADMIN_ROUTES}
    for route in ADMIN_ROUTES:
        operation = document["paths"][route.path][route.method.lower()]
        assert str(route.status) in operation["responses"]
        assert ("security" in operation) is (route.role is not None)
        named = [one["name"] for one in operation.get("parameters", ())]
        assert ("X-Wxlogin-Console" in named) is (route.method != "GET")
    page = await browsers().get("/v1/admin/docs")
    assert page.status_code == 200
    assert "/v1/admin/merges" in page.text
    assert "/v1/login" not in json.dumps(document)


@pytest.fixture
async def canaries(house, people, wechat, admin, desks):
    """Everything secret there is, in one database."""
    token = await house.token("ann")
    session = await people.add("王芳", phone=PHONE, openid="oCanaryOpenid")
    made = await admin.post("/service-keys", {"name": "orders", "scopes": ["introspect"], **WHY})
    await admin.post("/apps", {"app_id": "wxcanary", "secret": "canary-appsecret", **WHY})
    other = await desks("han.meimei")
    return {
        "account": session.account_id,
        "secrets": [
            token,
            token.split(".")[1],
            wechat.secret,
            wechat.session_key("ann"),
            "canary-appsecret",
            "session-key-1",
            made.json()["secret"],
            made.json()["secret"].split(".")[1],
            other.password,
            other.totp_secret,
            admin.password,
            admin.totp_secret,
            admin.http.cookies["wxlogin_operator"],
            PHONE,
            "argon2",
        ],
    }


async def told_of(admin, account):
    """What every answer says that may be had of this account."""
    said = []
    for route in ADMIN_ROUTES:
        if route.method != "GET":
            continue
        path = route.path.removeprefix("/v1/admin").replace("{account_id}", account)
        said.append((route.name, (await admin.get(path)).text))
    for act, more in (
        ("disable", {"reason_for_user": "停用"}),
        ("enable", {}),
        ("end-sessions", {}),
        ("erase", {}),
        ("restore", {}),
    ):
        answer = await admin.post(f"/accounts/{account}/{act}", {**WHY, **more})
        assert answer.status_code < 300, answer.text
        said.append((act, answer.text))
    said.append(("search", (await admin.post("/accounts/search", {"q": PHONE})).text))
    said.append(("wrong", (await admin.post("/accounts/search", {"q": 7, "cursor": PHONE})).text))
    return said


async def test_no_answer_holds_a_secret_or_a_whole_number(admin, canaries):
    for name, text in await told_of(admin, canaries["account"]):
        assert [one for one in canaries["secrets"] if one in text] == [], name
    revealed = await admin.post(f"/accounts/{canaries['account']}/reveal-phone", WHY)
    assert revealed.json()["phone"] == f"+86{PHONE}"


async def test_twin_a_number_that_nobody_masks_is_found(admin, canaries, monkeypatch):
    monkeypatch.setattr(Phone, "masked", property(lambda phone: phone.e164))
    told = await told_of(admin, canaries["account"])
    assert {name for name, text in told if PHONE in text} >= {
        "GET /v1/admin/accounts",
        "GET /v1/admin/accounts/{account_id}",
        "search",
        "disable",
    }


async def test_what_is_searched_for_is_in_no_log(admin, canaries, caplog):
    caplog.set_level("DEBUG", logger="wxlogin")
    await admin.post("/accounts/search", {"q": PHONE})
    await admin.get("/accounts", params={"q": PHONE})
    await ask(admin.http, "POST /v1/admin/sign-in", json={"name": "x", "password": PHONE})
    await admin.http.post(
        "/v1/admin/sign-in",
        json={"name": PHONE, "password": admin.password, "totp": admin.code()},
        headers=MARK,
    )
    said = "\n".join(one.getMessage() for one in caplog.records if one.name.startswith("wxlogin"))
    assert "POST /v1/admin/accounts/search 200" in said
    for secret in canaries["secrets"]:
        assert secret not in said
