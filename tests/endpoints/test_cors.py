"""Which pages in a browser may ask us."""

from dataclasses import replace

import pytest

from wxlogin.server import WxLogin
from wxlogin.setting_values import parse_app

PAGE = "https://h5.example.com"


@pytest.fixture
def house_settings_with_page(house_settings):
    settings = house_settings()
    return replace(
        settings, apps=tuple(replace(app, cors_origins=(PAGE,)) for app in settings.apps)
    )


@pytest.fixture
async def http(house_settings_with_page, clock):
    import httpx2

    async with WxLogin(house_settings_with_page, clock=clock) as wx:
        transport = httpx2.ASGITransport(app=wx.asgi)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            yield client


async def test_a_named_page_may_ask_and_read_the_answer(http, wechat):
    asked = await http.options(
        "/v1/login", headers={"Origin": PAGE, "Access-Control-Request-Method": "POST"}
    )
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == PAGE
    assert "POST" in asked.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in asked.headers
    told = await http.post("/v1/login", json={"code": wechat.login()}, headers={"Origin": PAGE})
    assert told.headers["access-control-allow-origin"] == PAGE
    assert told.headers["vary"] == "origin"
    headers = {"Authorization": f"Bearer {told.json()['token']}"}
    for _ in range(2):  # the second one is of a session kept near
        checked = await http.get("/v1/session", headers={**headers, "Origin": PAGE})
        assert checked.headers["access-control-allow-origin"] == PAGE


@pytest.mark.parametrize("origin", ["https://evil.example", "null", PAGE + ".evil.example", ""])
async def test_any_other_page_is_told_nothing(http, origin):
    asked = await http.options(
        "/v1/login", headers={"Origin": origin, "Access-Control-Request-Method": "POST"}
    )
    assert asked.status_code == 405
    told = await http.get("/v1/session", headers={"Origin": origin})
    for answer in (asked, told):
        assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("origin", ["*", "h5.example.com", PAGE + "/", PAGE + "/path", 5])
def test_an_origin_that_is_none_is_a_mistake(origin):
    with pytest.raises(ValueError, match="cors_origins"):
        parse_app({"app_id": "wx1", "secret": "s", "cors_origins": [origin]})
