"""How a phone learns that its login is over: from the server, or from wx.checkSession first."""

import pytest

from .desk import HOME
from .pictures import of_phone
from .ways import log_in

STRATEGY = "pages/strategy/strategy"
BOTH = pytest.mark.parametrize("strategy", ["server", "checkSession"])


async def begin(desk, phone, strategy):
    if strategy == "checkSession":
        await desk.pull("strategy", "checkSession")
        await phone.arrive(HOME)
        await phone.shows("正常")
    await log_in(phone)


async def open_strategy(phone):
    await phone.tap("登录态是怎么过期的")
    await phone.arrive(STRATEGY)


@BOTH
async def test_time_ends_a_login_and_one_silent_login_follows(desk, phone, strategy):
    await begin(desk, phone, strategy)
    await open_strategy(phone)
    if strategy == "server":
        await of_phone(phone, "miniprogram/strategy")
    await desk.pull("hour")
    await phone.press("问服务器")
    await phone.shows("登录有效，闲置期限已顺延")
    assert len(desk.requests("/v1/login")) == 1
    await desk.pull("idle")
    await phone.press("同时发 10 个")
    await phone.shows("10 个成功，其间登录 1 次")
    assert len(desk.requests("/v1/login")) == 2
    assert "401 session_idle" in await desk.step(1)
    await desk.pull("absolute")
    await phone.press("发一个请求")
    await phone.shows("回答了，账号")
    assert len(desk.requests("/v1/login")) == 3
    assert "401 session_expired" in await desk.step(1)


@BOTH
async def test_another_session_key_is_seen_by_one_strategy_alone(desk, phone, strategy):
    await begin(desk, phone, strategy)
    await open_strategy(phone)
    await phone.press("wx.checkSession")
    await phone.shows("微信登录态有效")
    await phone.press("让服务器问微信")
    await phone.shows("服务器上的 session_key 有效")
    await desk.pull("rotate")
    await phone.press("wx.checkSession")
    await phone.shows("微信登录态已失效")
    await phone.press("让服务器问微信")
    await phone.shows("服务器上的 session_key 已失效")
    assert len(desk.requests("/v1/login")) == 1
    await desk.pull("restart")
    await phone.arrive(HOME)
    await phone.shows("1 台")
    asks_phone_first = strategy == "checkSession"
    assert len(desk.requests("/v1/login")) == 1 + asks_phone_first


async def test_the_page_itself_turns_one_strategy_into_the_other(desk, phone):
    await log_in(phone)
    await open_strategy(phone)
    await phone.tap("跟随微信登录态")
    await phone.answer("切换")
    await phone.arrive(STRATEGY)
    tab = phone.screen.get_by_role("tab", selected=True)
    await tab.wait_for()
    assert await tab.inner_text() == "跟随微信登录态"
    await desk.pull("strategy", "server")
    await phone.arrive(HOME)
    await phone.shows("1 台")
    await open_strategy(phone)
    assert await tab.inner_text() == "服务器定期限"
    assert len(desk.requests("/v1/login")) == 1
