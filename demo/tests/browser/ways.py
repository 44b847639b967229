"""Ways that many tests go."""

from .desk import HOME, LOGIN
from .phone import Phone

PASSWORD = "六匹马 seven goats 2026"
PROFILE = "pages/profile/index"


async def open_login(phone: Phone) -> None:
    await phone.press("登录 / 注册")
    await phone.arrive(LOGIN)


async def log_in(phone: Phone) -> None:
    """By WeChat in one tap, with consent where it was not given."""
    await open_login(phone)
    await phone.press("微信一键登录")
    await phone.agree()
    await phone.arrive(HOME)
    await phone.shows(" 台")


async def open_profile(phone: Phone) -> None:
    await phone.press("个人资料")
    await phone.arrive(PROFILE)


async def log_out(phone: Phone) -> None:
    """From the home page or the profile."""
    if await phone.route() != PROFILE:
        await open_profile(phone)
    await phone.press("退出登录")
    await phone.answer("退出")
    await phone.arrive(HOME)
    await phone.shows("欢迎使用")


async def open_typed(phone: Phone, way: str) -> None:
    """The ways of the login page for which something is typed."""
    await phone.tap("其他登录方式")
    await phone.tap(way)


async def begin_by_phone(phone: Phone) -> None:
    """Up to WeChat's own question for the number."""
    await open_login(phone)
    await phone.press("手机号一键登录")
    await phone.agree(then=phone.privacy.or_(phone.dialog))
    await phone.agree_to_privacy(then=phone.dialog)


async def register(phone: Phone, nickname: str, **account: str) -> None:
    """By mobile, from the login page: an account without WeChat."""
    await open_login(phone)
    await phone.tap("注册账号")
    await phone.arrive("pages/register/mobile")
    user = phone.name.partition("/")[0]
    await phone.fill(手机号=phone.desk.number(user))
    await phone.take_sms()
    await phone.fill_nickname(nickname)
    if account:
        await phone.switch("同时设置用户名和密码")
        await phone.fill(
            用户名=account["username"], 密码=account["password"], 再次输入密码=account["password"]
        )
    await phone.press("注册")
    await phone.agree()
    await phone.arrive(HOME)
    await phone.shows(" 台")


async def set_password(phone: Phone, username: str) -> None:
    await open_profile(phone)
    await phone.tap("密码")
    await phone.arrive("pages/profile/password")
    await phone.fill(
        **{"用户名，不填则保持不变": username, "新密码": PASSWORD, "再次输入新密码": PASSWORD}
    )
    await phone.press("保存")
    await phone.arrive(PROFILE)
