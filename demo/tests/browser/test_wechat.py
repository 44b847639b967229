"""WeChat has a bad day, a code is spoilt, or a key is another one."""

import pytest

from .desk import HOME
from .ways import log_in, open_login, open_profile


async def tap_wechat(phone):
    await open_login(phone)
    await phone.press("微信一键登录")
    await phone.press("同意并继续")


@pytest.mark.parametrize("fault", ["busy", "cut"])
async def test_one_fault_is_mended_by_a_fresh_code_that_nobody_notices(desk, phone, fault):
    if fault == "busy":
        await desk.pull("busy")
    else:
        await desk.pull("cut")
    await tap_wechat(phone)
    await phone.arrive(HOME)
    await phone.shows("微信用户", "1 台")
    assert len(desk.requests("/v1/login")) == 2
    assert "503 wechat_unavailable" in await desk.page.inner_text("#wire")


async def test_a_wechat_that_stays_busy_is_tried_twice_and_no_more(desk, phone):
    await desk.pull("down")
    await tap_wechat(phone)
    await phone.shows("微信暂时不可用")
    assert len(desk.requests("/v1/login")) == 2
    await desk.pull("calm")
    await phone.press("微信一键登录")
    await phone.arrive(HOME)
    await phone.shows("1 台")
    await desk.pull("down")
    await phone.tap("登录设备")
    await phone.arrive("pages/profile/devices")
    await phone.shows("正在使用")
    assert len(desk.requests("/v1/login")) == 3


async def test_a_slow_wechat_is_waited_for(desk, phone):
    await desk.pull("slow")
    await tap_wechat(phone)
    await phone.arrive(HOME)
    await phone.shows("1 台")
    assert len(desk.requests("/v1/login")) == 1


async def test_whom_wechat_blocks_is_told_so(desk, phone):
    await desk.pull("blocked")
    await tap_wechat(phone)
    await phone.arrive("pages/notice/notice")
    await phone.shows("联系客服")
    assert "wechat_blocked" in await desk.page.inner_text("#wire")
    assert len(desk.requests("/v1/login")) == 1


async def test_the_same_code_twice_never_reaches_wechat_a_second_time(desk, phone):
    await log_in(phone)
    await open_profile(phone)
    await phone.press("退出登录")
    await phone.answer("退出")
    await phone.arrive(HOME)
    asked = desk.exchanges()
    await desk.pull("repeat-code")
    await log_in(phone)
    assert len(desk.requests("/v1/login")) == 3
    assert desk.exchanges() == asked + 1
    assert "400 code_used" in await desk.page.inner_text("#wire")


async def test_a_number_sealed_with_the_former_key_is_refused_and_the_next_tap_brings_it(
    desk, phone
):
    async def as_an_old_wechat(route):
        """One that gives no code with the number, but the number itself, sealed."""
        answer = await route.fetch()
        told = await answer.json()
        told.pop("code")
        await route.fulfill(response=answer, json=told)

    await desk.page.route("**/sim/wx/getPhoneNumber", as_an_old_wechat)
    await log_in(phone)
    await open_profile(phone)
    await phone.tap("手机号")
    await phone.arrive("pages/profile/phone")
    await desk.pull("rotate")
    await phone.press("用微信手机号一键绑定")
    await phone.press("同意")
    await phone.answer("允许")
    await phone.shows("登录已自动更新，请再点一次")
    assert len(desk.requests("/v1/login")) == 2
    assert "409 session_key_stale" in await desk.page.inner_text("#wire")
    await phone.press("用微信手机号一键绑定")
    await phone.answer("允许")
    await phone.arrive("pages/profile/index")
    await phone.shows("****")
