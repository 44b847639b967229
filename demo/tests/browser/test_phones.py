"""Several phones, and what becomes of a number that two people bring."""

from .desk import HOME, LOGIN
from .pictures import of_page
from .ways import begin_by_phone, log_in, log_out, open_profile, register


async def test_two_phones_of_one_person_have_a_session_each(desk, phone):
    await log_in(phone)
    second = await desk.another("second-phone")
    await log_in(second)
    await second.shows("2 台")
    await phone.tap("登录设备")
    await phone.arrive("pages/profile/devices")
    await phone.press("退出其他所有设备")
    await phone.answer("全部退出")
    await phone.shows_no("退出其他所有设备")
    await second.tap("登录设备")
    await second.arrive(HOME)
    await second.shows("你已在别处退出了这台设备的登录")
    assert len(desk.requests("/v1/login")) == 2


async def test_at_a_limit_of_one_two_phones_do_not_evict_each_other_for_ever(desk, phone):
    await desk.pull("sessions", "1")
    await log_in(phone)
    second = await desk.another("second-phone")
    await log_in(second)
    for round_ in range(3):
        await phone.tap("登录态是怎么过期的")
        await phone.arrive("pages/strategy/strategy")
        await phone.press("同时发 10 个")
        if round_ == 0:
            await phone.arrive(HOME)
        else:
            await phone.shows("0 个成功")
            await phone.back()
        await phone.shows("你的账号已在")
        await second.tap("登录设备")
        await second.arrive("pages/profile/devices")
        await second.shows("正在使用")
        await second.back()
    assert len(desk.requests("/v1/login")) == 2
    await of_page(desk.page, "demo-levers")
    await desk.look_at(phone)
    assert "session_replaced" in await desk.step(10, "failed")
    await desk.pull("sessions", "10")
    await phone.press("重新登录")
    await phone.arrive(LOGIN)
    await phone.press("微信一键登录")
    await phone.shows("2 台")


async def test_another_person_is_another_account(desk, phone):
    await log_in(phone)
    other = await desk.another("another-person")
    await log_in(other)
    await desk.pull("kick")
    await other.tap("登录设备")
    await other.arrive(HOME)
    await other.shows("管理员已让这台设备退出登录")
    await phone.tap("登录设备")
    await phone.arrive("pages/profile/devices")
    await phone.shows("正在使用")
    await desk.page.get_by_role("button", name="收起这部手机").last.click()
    await other.iframe.wait_for(state="detached")


async def test_a_number_of_another_account_is_refused_or_joins_it(desk, phone):
    """An account that a number alone made; then its owner comes by WeChat with that number."""
    await register(phone, nickname="安安")
    await phone.shows("安安")
    await log_out(phone)
    await desk.pull("phone-conflict", "reject")
    await begin_by_phone(phone)
    await phone.answer("允许")
    await phone.shows("这个手机号属于另一个账号")
    assert "409 phone_taken" in await desk.page.inner_text("#wire")
    await desk.pull("phone-conflict", "join")
    await phone.press("手机号一键登录")
    await phone.answer("允许")
    await phone.arrive(HOME)
    await phone.shows("安安", "1 台")
    await open_profile(phone)
    await phone.tap("微信")
    await phone.arrive("pages/profile/wechat")
    await phone.shows("当前小程序")
