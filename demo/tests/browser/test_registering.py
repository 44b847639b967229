"""Strangers, where the rule is not to take everybody."""

from .desk import HOME, LOGIN
from .pictures import of_phone
from .ways import PASSWORD, log_out, open_login, open_typed, register

ENTERPRISE = "pages/register/enterprise"
STATUS = "pages/register/status"
COMPANY = {
    "企业名称": "厦门鹭江贸易有限公司",
    "统一社会信用代码": "91350100M000100Y43",
    "联系人姓名": "王芳",
    "密码": PASSWORD,
    "再次输入密码": PASSWORD,
}


async def test_where_registration_is_required_a_stranger_registers_by_mobile(desk, phone):
    await desk.pull("registration", "required")
    await open_login(phone)
    await phone.press("微信一键登录")
    await phone.press("同意并继续")
    await phone.arrive("pages/register/mobile")
    await of_phone(phone, "miniprogram/register-mobile")
    await phone.fill(手机号=desk.number("ann"))
    await phone.take_sms()
    await phone.fill_nickname("安安")
    await phone.switch("同时设置用户名和密码")
    await phone.fill(用户名="anan", 密码=PASSWORD, 再次输入密码=PASSWORD)
    await phone.press("注册")
    await phone.arrive(HOME)
    await phone.shows("安安", "****")
    await desk.pull("registration", "auto")
    await phone.tap("登录设备")
    await phone.shows("正在使用")


async def test_where_registration_is_closed_a_stranger_is_told_so(desk, phone):
    await desk.pull("registration", "closed")
    await open_login(phone)
    await phone.press("微信一键登录")
    await phone.press("同意并继续")
    await phone.arrive("pages/notice/notice")
    await phone.shows("联系客服")
    assert "registration_closed" in await desk.page.inner_text("#wire")
    await phone.press("返回")
    await phone.arrive(LOGIN)


async def apply(phone, number, username):
    await phone.arrive(ENTERPRISE)
    await phone.fill(**COMPANY, 手机号=number, 用户名=username)
    await phone.take_sms()
    await phone.press("提交申请")


async def test_an_enterprise_waits_is_rejected_applies_again_and_logs_in(desk, phone):
    await open_login(phone)
    await phone.tap("企业注册")
    await phone.arrive(ENTERPRISE)
    await of_phone(phone, "miniprogram/register-enterprise")
    await apply(phone, desk.number("ann"), "lujiang")
    await phone.press("同意并继续")
    await phone.arrive(STATUS)
    await phone.shows("审核中")
    await of_phone(phone, "miniprogram/register-status-pending")
    await desk.pull("reject")
    await phone.press("刷新")
    await phone.shows("营业执照照片不清晰")
    await of_phone(phone, "miniprogram/register-status-rejected")
    await desk.pull("hour")
    await phone.press("重新申请")
    await apply(phone, "13900008888", "lujiang-2")
    await phone.arrive(STATUS)
    await phone.shows("审核中")
    await desk.pull("restart")
    await phone.shows("企业申请审核中")
    await phone.press("查看")
    await phone.arrive(STATUS)
    await desk.pull("approve")
    await phone.press("刷新")
    await phone.shows("审核已通过")
    await phone.press("去登录")
    await phone.arrive(LOGIN)
    await open_typed(phone, "账号密码")
    await phone.fill(用户名或手机号="lujiang-2", 密码=PASSWORD)
    await phone.press("登录")
    await phone.arrive(HOME)
    await phone.shows("****", "1 台")


async def test_by_mobile_without_wechat_and_then_wechat_is_linked_and_unlinked(desk, phone):
    await register(phone, nickname="安安", username="anan", password=PASSWORD)
    await phone.press("个人资料")
    await phone.tap("微信")
    await phone.arrive("pages/profile/wechat")
    await phone.shows("还没有绑定微信")
    await phone.fill(登录密码=PASSWORD)
    await phone.press("绑定这个微信")
    await phone.shows("当前小程序")
    await phone.back()
    await log_out(phone)
