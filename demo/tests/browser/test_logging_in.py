"""The ten steps, and coming and going."""

import re

from .desk import HOME, LOGIN
from .pictures import of_page, of_phone
from .ways import log_in, log_out


async def test_one_tap_lights_all_ten_steps_in_their_order(desk, phone):
    await of_phone(phone, "miniprogram/home")
    await phone.press("登录 / 注册")
    await phone.arrive(LOGIN)
    await of_phone(phone, "miniprogram/login")
    await phone.press("微信一键登录")
    await phone.press("同意并继续")
    await phone.arrive(HOME)
    await phone.shows("微信用户", "1 台")
    for number in range(1, 11):
        await desk.step(number)
    told = [fact["step"] for fact in desk.stage.stream.kept() if fact["kind"] == "step"]
    assert told[:7] == [2, 3, 4, 5, 6, 7, 10]
    (login,) = [fact for fact in await phone.facts("wx") if fact["name"] == "login"]
    stored = [fact for fact in await phone.facts("storage") if '"token"' in str(fact)]
    carried = [fact for fact in await phone.facts("request") if fact["hasToken"]]
    assert login["at"] <= min(fact["at"] for fact in carried)
    assert stored == [] or stored[0]["at"] <= carried[0]["at"]
    await of_phone(phone, "miniprogram/home-signed-in")
    await of_page(desk.page, "demo")


async def test_no_secret_is_on_the_page_or_on_the_phone(desk, phone):
    await log_in(phone)
    line = await desk.wire("/sns/jscode2session")
    await line.locator("summary").click()
    wechat = desk.stage.simulator
    openid, key = wechat.openid("ann"), wechat.session_key("ann")
    assert key
    seen = await desk.page.inner_text("body") + await phone.text()
    kept = await desk.page.evaluate("() => JSON.stringify(localStorage)")
    crossed = [await desk.page.content(), str(await desk.page.evaluate("() => heard"))]
    for secret in (wechat.secret, openid, key):
        assert not [each for each in (seen, kept, *crossed) if secret in each]
    assert '"token"' in kept.replace("\\", "")


async def test_who_logged_out_stays_out_until_a_tap(desk, phone):
    await log_in(phone)
    await log_out(phone)
    await phone.shows("欢迎使用")
    await desk.pull("restart")
    await phone.shows("欢迎使用", "正常")
    assert len(desk.requests("/v1/login")) == 1
    await log_in(phone)
    assert len(desk.requests("/v1/login")) == 2


async def test_a_kick_is_told_and_outlives_a_restart(desk, phone):
    await log_in(phone)
    await desk.pull("kick")
    await phone.tap("登录态是怎么过期的")
    await phone.arrive("pages/strategy/strategy")
    await phone.press("同时发 10 个")
    await phone.arrive(HOME)
    await phone.shows("管理员已让这台设备退出登录", "正常")
    await of_phone(phone, "miniprogram/home-kicked")
    assert "session_revoked" in await desk.step(10, "failed")
    await desk.pull("restart")
    await phone.shows("管理员已让这台设备退出登录", "正常")
    assert len(desk.requests("/v1/login")) == 1
    await phone.press("重新登录")
    await phone.arrive(LOGIN)
    await phone.press("微信一键登录")
    await phone.shows("微信用户", "1 台")
    assert len(desk.requests("/v1/login")) == 2


async def test_who_is_disabled_is_told_until_when_and_why(desk, phone):
    await log_in(phone)
    await desk.pull("disable")
    await phone.tap("登录设备")
    await phone.arrive(HOME)
    await phone.shows("账号已被停用")
    await phone.press("重新登录")
    await phone.arrive(LOGIN)
    await phone.press("微信一键登录")
    await phone.arrive("pages/notice/notice")
    await phone.shows("停用至", "账号存在异常，请明天再试")
    await phone.press("返回")
    await desk.pull("enable")
    await phone.press("微信一键登录")
    await phone.arrive(HOME)
    await phone.shows("微信用户", "1 台")


async def test_offline_nobody_is_signed_out_and_it_goes_on_afterwards(desk, phone):
    await log_in(phone)
    await desk.pull("offline", "true")
    await phone.tap("登录设备")
    await phone.arrive("pages/profile/devices")
    await phone.shows("请检查网络")
    await phone.back()
    await phone.arrive(HOME)
    await phone.shows("请检查网络")
    await of_phone(phone, "miniprogram/home-offline")
    await desk.pull("restart")
    await phone.arrive(HOME)
    await phone.shows("微信用户", "请检查网络")
    await desk.pull("offline", "false")
    await phone.press("重试")
    await phone.shows("1 台")
    assert len(desk.requests("/v1/login")) == 1


async def test_without_its_storage_the_phone_is_a_guests(desk, phone):
    await log_in(phone)
    await desk.pull("clear-storage")
    await desk.pull("restart")
    await phone.shows("欢迎使用", "正常")
    await log_in(phone)
    assert len(desk.requests("/v1/login")) == 2


async def test_out_of_the_background_the_page_is_shown_anew(desk, phone):
    await log_in(phone)
    before = len(desk.requests("/v1/me"))
    await desk.pull("background", "true")
    await phone.shows("小程序在后台")
    await desk.pull("background", "false")
    await phone.arrive(HOME)
    await desk.wire("GET /v1/me")
    await phone.shows("1 台")
    assert len(desk.requests("/v1/me")) == before + 1


async def test_dark_is_dark(desk, phone):
    def ground():
        return phone.screen.locator("wx-page").last.evaluate(
            "(page) => getComputedStyle(page).backgroundColor"
        )

    await log_in(phone)
    light = await ground()
    await desk.pull("dark", "true")
    assert max(map(int, re.findall(r"\d+", await ground())[:3])) < 60
    await of_phone(phone, "miniprogram/home-dark")
    await desk.pull("dark", "false")
    assert await ground() == light


async def test_start_all_over_is_a_new_world(desk, phone):
    await log_in(phone)
    await desk.pull("sessions", "1")
    await desk.pull("reset")
    await phone.arrive(HOME)
    await phone.shows("欢迎使用", "正常")
    assert set(await desk.steps()) == {"idle"}
    await log_in(phone)
    assert "openid" in await desk.step(4)
