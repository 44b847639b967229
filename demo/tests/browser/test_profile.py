"""What a person does with the account."""

import re

from .desk import HOME
from .pictures import of_phone
from .ways import log_in, open_profile

PROFILE = "pages/profile/index"
RESTORE = "pages/account/restore"


async def test_a_nickname_and_a_picture_are_filled_in(desk, phone):
    await log_in(phone)
    await open_profile(phone)
    await phone.fill_nickname("安安")
    await phone.press("保存")
    await phone.shows("昵称已保存")
    await phone.press("更换头像")
    await phone.press("用微信头像")
    await phone.shows("头像已更新")
    picture = phone.screen.locator("wx-page").filter(visible=True).locator("img").first
    await picture.wait_for()
    assert await picture.evaluate("(each) => each.decode().then(() => each.naturalWidth)") > 60
    await of_phone(phone, "miniprogram/profile")
    await phone.back()
    await phone.arrive(HOME)
    await phone.shows("安安")


async def test_a_number_is_bound_and_changed_for_another_one(desk, phone):
    await log_in(phone)
    await open_profile(phone)
    await phone.tap("手机号")
    await phone.arrive("pages/profile/phone")
    await of_phone(phone, "miniprogram/profile-phone")
    await phone.press("用微信手机号一键绑定")
    await phone.press("同意")
    await phone.answer("允许")
    await phone.arrive(PROFILE)
    await phone.shows("手机号已绑定")
    await phone.tap("手机号")
    await phone.shows("更换手机号")
    await phone.tap("用短信验证其他号码")
    await phone.fill(新的手机号="13900008888")
    await phone.take_sms()
    await phone.press("更换")
    await phone.arrive(PROFILE)
    await phone.shows("139****8888")


async def test_the_pages_of_password_devices_and_support_code(desk, phone):
    await log_in(phone)
    await open_profile(phone)
    await phone.tap("密码")
    await phone.arrive("pages/profile/password")
    await of_phone(phone, "miniprogram/profile-password")
    await phone.fill(新密码="short", 再次输入新密码="short")
    await phone.press("保存")
    await phone.shows("密码至少 8 个字符")
    await phone.back()
    await phone.arrive(PROFILE)
    await phone.tap("客服核验码")
    await phone.shows("只读给客服听")
    assert re.search(r"\b\d{8}\b", await phone.text())
    second = await desk.another("second-phone")
    await log_in(second)
    await phone.tap("登录设备")
    await phone.arrive("pages/profile/devices")
    await phone.shows("正在使用", "本机")
    await of_phone(phone, "miniprogram/profile-devices")
    await phone.tap("退出")
    await phone.answer("退出")
    await phone.shows_no("退出其他所有设备")
    await second.tap("登录设备")
    await second.arrive(HOME)
    await second.shows("你已在别处退出了这台设备的登录")


async def test_all_that_is_kept_is_carried_out(desk, phone):
    await log_in(phone)
    await open_profile(phone)
    await phone.tap("导出我的数据")
    await phone.arrive("pages/profile/export")
    await phone.press("导出")
    await phone.shows("保存为文件")
    await of_phone(phone, "miniprogram/profile-export")
    await phone.press("复制全部内容")
    await phone.privacy.click()
    await phone.shows("已复制")


async def test_a_closed_account_comes_back_within_its_days_of_grace(desk, phone):
    await log_in(phone)
    await open_profile(phone)
    await phone.tap("注销账号")
    await phone.arrive("pages/profile/close")
    await of_phone(phone, "miniprogram/profile-close")
    await phone.switch("我已了解注销的后果")
    await phone.press("注销账号")
    await phone.answer("继续")
    await phone.answer("确认注销")
    await phone.arrive(RESTORE)
    await phone.shows("账号正在注销")
    await phone.tap("不撤销，回首页")
    await phone.arrive(HOME)
    await desk.pull("restart")
    await phone.press("撤销注销")
    await phone.arrive(RESTORE)
    await phone.press("用微信撤销注销")
    await phone.arrive(HOME)
    await phone.shows("注销已撤销", "1 台")
    assert len(desk.requests("/v1/login")) == 1
