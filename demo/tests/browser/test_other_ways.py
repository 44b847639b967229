"""The phone button, passwords and messages."""

import pytest

from .desk import HOME, LOGIN
from .pictures import of_phone
from .ways import (
    PASSWORD,
    begin_by_phone,
    log_in,
    log_out,
    open_login,
    open_typed,
    set_password,
)

RESET = "pages/reset/reset"


async def test_one_tap_gives_login_and_number_together(desk, phone):
    await begin_by_phone(phone)
    await phone.answer("允许")
    await phone.arrive(HOME)
    await phone.shows("****", "1 台")
    assert len(desk.requests("/v1/login/phone")) == 1


async def test_each_refusal_of_the_number_is_told_and_leads_to_no_login(desk, phone):
    async def refused_with(why):
        await phone.shows(why)
        await phone.tap("其他登录方式")  # The note goes, so that the next one is a new one.
        await phone.tap("微信登录")
        await phone.shows_no(why)

    await begin_by_phone(phone)
    await phone.answer("拒绝")
    await refused_with("你没有允许使用手机号")
    await desk.pull("phone-answer", "deny")
    await phone.press("手机号一键登录")
    await refused_with("你没有允许使用手机号")
    await desk.pull("phone-answer", "no_quota")
    await phone.press("手机号一键登录")
    await phone.answer("确定")
    await refused_with("手机号验证的次数已用完")
    await desk.pull("phone-answer", "no_permission")
    await phone.press("手机号一键登录")
    await refused_with("没有手机号验证的权限")
    await desk.pull("phone-answer", "privacy_denied")
    await phone.press("手机号一键登录")
    await refused_with("你没有同意隐私保护指引")
    assert desk.requests("/v1/login") == []
    await desk.pull("phone-answer", "allow")
    await phone.press("手机号一键登录")
    await phone.arrive(HOME)
    await desk.pull("phone-answer", "ask")


async def test_a_password_is_set_and_opens_the_account_again(desk, phone):
    await log_in(phone)
    await set_password(phone, "ann")
    await phone.shows("密码已设置")
    await log_out(phone)
    await open_login(phone)
    await open_typed(phone, "账号密码")
    await of_phone(phone, "miniprogram/login-other")
    await phone.fill(用户名或手机号="ann", 密码="wrong-password")
    await phone.press("登录")
    await phone.shows("账号或密码错误")
    await phone.fill(密码=PASSWORD)
    await phone.press("登录")
    await phone.arrive(HOME)
    await phone.shows("1 台")
    assert len(desk.requests("/v1/login/password")) == 2


async def test_a_message_comes_as_a_banner_and_its_code_opens_the_account(desk, phone):
    await open_login(phone)
    await open_typed(phone, "短信验证码")
    await phone.fill(手机号=desk.number("ann"))
    await phone.take_sms()
    await phone.press("登录")
    await phone.agree()
    await phone.arrive(HOME)
    await phone.shows("****", "1 台")
    assert len(desk.requests("/v1/login/sms")) == 1


async def test_a_forgotten_password_is_set_anew(desk, phone):
    await begin_by_phone(phone)
    await phone.answer("允许")
    await phone.arrive(HOME)
    await log_out(phone)
    await open_login(phone)
    await open_typed(phone, "账号密码")
    await phone.tap("忘记密码")
    await phone.arrive(RESET)
    await of_phone(phone, "miniprogram/reset")
    number = desk.number("ann")
    await phone.fill(手机号=number)
    await phone.take_sms()
    await phone.fill(新密码=PASSWORD, 再次输入新密码=PASSWORD)
    await phone.press("重设密码")
    await phone.shows("密码已重设")
    await phone.press("去登录")
    await phone.arrive(LOGIN)
    await phone.fill(用户名或手机号=number, 密码=PASSWORD)
    await phone.press("登录")
    await phone.arrive(HOME)
    await phone.shows("1 台")


@pytest.mark.parametrize("name", ["用户协议", "隐私政策"])
async def test_what_one_agrees_to_can_be_read_first(phone, name):
    await open_login(phone)
    await phone.tap(f"《{name}》")
    await phone.arrive("pages/agreement/agreement")
    await phone.shows("1. ")
    if name == "用户协议":
        await of_phone(phone, "miniprogram/agreement")
    await phone.back()
    await phone.arrive(LOGIN)
