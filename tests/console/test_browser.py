"""The console as an operator sees it: Chromium looks at a company with a day behind it.

With WXLOGIN_TEST_SCREENSHOTS=docs/images/console, the pictures of docs/console.md are made anew.
"""

import asyncio
import os
import random
import re
import shutil
import socket
from pathlib import Path

import pytest

from tests.conftest import MovedClock
from tests.console.browser import DESKTOP, PHONE, WATCH_CSP, WHY, Window, chromium
from tests.console.browser_pictures import save
from tests.console.browser_stage import SECOND_APP, set_up
from tests.console.desk import Desk
from tests.flows.town import Inboxes, Town
from wechat_simulator import Simulator
from wxlogin.cli.protocol import BoundedProtocol
from wxlogin.login.policy import App
from wxlogin.login.ports import SYSTEM
from wxlogin.login.secret import Secret
from wxlogin.settings import Settings

PICTURES = os.environ.get("WXLOGIN_TEST_SCREENSHOTS")
DOCS = Path(__file__).parents[2] / "docs"
NEW_PASSWORD = "六匹马 seven goats 2026"


@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="module")
async def chrome():
    async with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
async def stage(empty_database, keys, tmp_path_factory):
    """Made once; each test looks at a copy of its own."""
    path = Path(shutil.copy(empty_database, tmp_path_factory.mktemp("stage") / "wxlogin.db"))
    clock = MovedClock()
    with Simulator(clock=clock) as wechat:
        settings = Settings(
            env="development",
            apps=(App(wechat.app_id, Secret(wechat.secret)),),
            database_url=f"sqlite:///{path}",
            keys=keys,
            wechat_api_base=wechat.url,
        )
        yield await set_up(path, wechat=wechat, clock=clock, settings=settings)


@pytest.fixture
def wechat(stage):
    return stage.wechat


@pytest.fixture
def clock(stage):
    stage.clock.now = stage.ends
    return stage.clock


@pytest.fixture
def database(stage, tmp_path):
    return Path(shutil.copy(stage.path, tmp_path / "wxlogin.db"))


@pytest.fixture
async def house(houses):
    return houses(sms_sender=Inboxes(), random=random.Random(13).randbytes)


@pytest.fixture
async def url(console):
    """The console's address: served as `wxlogin console` serves it, on the test's own clock."""
    import uvicorn

    config = uvicorn.Config(
        console, http=BoundedProtocol, log_config=None, access_log=False, lifespan="off", ws="none"
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as sock:
        serving = asyncio.create_task(server.serve(sockets=[sock]))
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
        server.should_exit = server.force_exit = True
        await serving


@pytest.fixture
async def windows(chrome, url, clock):
    """Opens windows, each a browser with its own cookies. In none of them may anything be amiss."""
    opened = []

    async def open_window(size=DESKTOP):
        context = await chrome.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
        )
        context.set_default_timeout(20_000)
        await context.add_init_script(WATCH_CSP)
        await context.clock.install(time=clock())
        opened.append(Window(await context.new_page(), url))
        return opened[-1]

    yield open_window
    amiss = [await window.complaints() for window in opened]
    for window in opened:
        await window.page.context.close()
    assert amiss == [[] for _ in opened]


@pytest.fixture
async def window(windows):
    return await windows()


@pytest.fixture
async def admin(window, stage):
    """A window that an admin is signed in at."""
    await window.sign_in(stage.operators["li.lei"])
    return window


@pytest.fixture
async def support(window, stage):
    await window.sign_in(stage.operators["han.meimei"])
    return window


@pytest.fixture
def ids(house, stage):
    """Whose account it is: `await ids("wang.fang")`."""

    async def find(user, app_id=None):
        openid = stage.wechat.openid(user, app_id=app_id)
        return (await house.wx.find(openid=openid)).id

    return find


# Coming and going


async def test_a_wrong_code_is_refused_and_the_right_one_opens_the_overview(window, stage, clock):
    desk = stage.operators["li.lei"]
    clock.advance(30)
    await window.open("/")
    assert window.page.url.endswith("#/sign-in?to=/overview")
    await window.fill_sign_in(desk, totp="000000")
    assert await window.shows(
        "用户名、密码或动态验证码不正确", within=window.page.get_by_role("alert")
    )
    assert await window.page.get_by_label("动态验证码").input_value() == ""
    await window.fill_sign_in(desk)
    await window.page.get_by_role("heading", name="概览").wait_for()
    assert "管理员" in await window.text(".top-bar")
    assert window.refused == [("/me", 401), ("/sign-in", 401)]
    await window.reload()
    assert "概览" in await window.text("h1")
    await window.press("退出登录")
    await window.page.get_by_label("用户名").wait_for()
    await window.open("/accounts")
    assert window.page.url.endswith("#/sign-in?to=/accounts")


async def test_who_leaves_the_desk_is_warned_and_then_signed_out(admin, clock):
    page = admin.page
    await admin.open("/accounts")
    await page.clock.fast_forward(28 * 60 * 1000 + 30_000)
    assert await admin.shows("即将退出登录")
    assert re.search(r"1:[0-3]\d", await admin.dialog.inner_text())
    clock.advance(28 * 60 + 30)
    await admin.press("继续使用")
    await admin.dialog.wait_for(state="detached")
    clock.advance(31 * 60)
    await page.clock.fast_forward(31 * 60 * 1000)
    assert await admin.shows("长时间未操作，已自动退出")
    assert await page.get_by_label("用户名").count() == 1


async def test_a_session_that_was_ended_elsewhere_ends_here_at_the_next_click(support, house):
    operators = (await house.wx.flow()).operators
    await operators.set_disabled(
        await operators.find_named("han.meimei"), is_disabled=True, actor=SYSTEM
    )
    await support.page.get_by_role("link", name="账号").first.click()
    assert await support.shows("此登录已被结束")


# The pages


async def test_the_overview_shows_a_day(support):
    page = support.page
    tiles = await support.text(".tiles")
    assert re.search(r"账号总数\s+14", tiles)
    assert re.search(r"待审企业申请\s+2", tiles)
    failures = await support.text(".legend")
    assert re.search(r"40029\s+code 无效或已过期\s+17", failures)
    assert re.search(r"45011\s+调用过于频繁\s+7", failures)
    assert await page.locator(".plot__line").count() == 3
    assert await page.locator(".plot__bar:visible").count() > 8
    await page.locator(".plot").first.hover()
    assert "登录次数" in await support.text(".plot__tip")
    for name in ("近 7 天", "近 30 天"):
        await page.get_by_text(name).click()
        await support.settle()
        assert "账号总数" in await support.text()


async def test_a_person_is_found_by_the_whole_number_which_no_address_holds(admin):
    page, asked = admin.page, []
    page.on("request", lambda request: asked.append(request.url))
    await admin.open("/accounts")
    await page.get_by_label("查询账号").fill("13800006666")
    await admin.press("查询")
    await admin.settle()
    rows = page.locator("tbody tr")
    assert await rows.count() == 1
    assert "王芳" in await rows.inner_text()
    assert "138****6666" in await rows.inner_text()
    await rows.get_by_role("link", name="王芳").click()
    await page.get_by_role("heading", name="王芳").wait_for()
    await admin.settle()
    assert "HUAWEI Mate 60" in await admin.text("[role=tabpanel]")
    await page.get_by_role("tab", name="登录记录").click()
    assert "微信手机号" in await admin.text("[role=tabpanel]")
    await page.go_back()
    await admin.settle()
    assert await rows.count() == 1
    assert not [each for each in asked if "13800006666" in each]


async def test_a_disabled_person_is_out_at_once_and_told_why(support, house, stage, ids):
    token = stage.tokens["li.na"]
    assert (await house.check(token)).status_code == 200
    await support.open(f"/accounts/{await ids('li.na')}")
    await support.press("停用账号")
    await support.press("停用账号", within=support.dialog)
    assert await support.shows("请填写操作原因")
    await support.page.get_by_text("直至手动启用").click()
    await support.dialog.get_by_label("告知用户的原因").fill("发布广告信息")
    await support.confirm("停用账号")
    assert "已停用，直至手动启用" in await support.text()
    assert "发布广告信息" in await support.text()
    over = await house.check(token)
    assert (over.status_code, over.json()["reason"]) == (401, "account_disabled")
    await support.page.get_by_role("tab", name="审计记录").click()
    line = await support.text("[role=tabpanel] tbody tr")
    assert "停用账号" in line
    assert "han.meimei" in line
    assert WHY in line
    await support.press("启用账号")
    await support.confirm("启用账号")
    assert "正常" in await support.text(".account-head")


async def test_a_whole_number_is_shown_for_a_reason_and_for_a_minute(support, ids):
    await support.open(f"/accounts/{await ids('li.na')}")
    assert "139****7777" in await support.text(".facts")
    assert "13900007777" not in await support.page.content()
    await support.press("查看完整号码")
    await support.confirm("查看完整号码")
    assert "+8613900007777" in await support.text(".facts")
    await support.page.get_by_role("button", name=re.compile("隐藏（")).click()
    assert "13900007777" not in await support.text(".facts")
    await support.page.get_by_role("tab", name="审计记录").click()
    assert "查看完整手机号" in await support.text("[role=tabpanel] tbody tr")


async def test_two_accounts_are_merged_with_the_codes_that_both_read_out(
    support, house, stage, ids
):
    page = support.page
    keep, drop = await ids("wang.fang"), await ids("wang.fang", SECOND_APP)
    codes = [
        (await house.ask("POST", "/v1/me/support-code", stage.tokens[who])).json()["code"]
        for who in ("wang.fang", "wang.fang elsewhere")
    ]
    await support.open(f"/accounts/{keep}")
    await support.press("合并账号")
    await page.get_by_label("另一个账号").fill(drop)
    await support.press("查询")
    await support.press("选择")
    await support.settle()
    preview = await support.text()
    assert f"微信身份（{SECOND_APP}）" in preview
    assert "没有冲突" in preview
    await support.press("下一步")
    await page.get_by_label("保留方支持码").fill(codes[0])
    await page.get_by_label("并入方支持码").fill("00000000")
    await support.press("合并账号")
    await support.dialog.get_by_label(re.compile("操作原因")).fill(WHY)
    await support.press("合并账号", within=support.dialog)
    assert await support.shows("验证码", within=support.dialog.get_by_role("alert"))
    await support.press("取消", within=support.dialog)
    await page.get_by_label("并入方支持码").fill(codes[1])
    await support.press("合并账号")
    await support.confirm("合并账号")
    await page.get_by_role("heading", name="王芳").wait_for()
    await support.settle()
    await page.get_by_role("tab", name="微信身份").click()
    assert SECOND_APP in await support.text("[role=tabpanel]")
    assert support.refused == [("/merges", 400)]
    assert await ids("wang.fang", SECOND_APP) == keep


async def test_one_enterprise_is_let_in_and_another_is_told_why_not(support, house):
    page = support.page
    await support.open("/applications")
    for company, act in (("上海云雀科技有限公司", "通过"), ("厦门鹭江餐饮管理有限公司", "驳回")):
        row = page.get_by_role("row").filter(has_text=company)
        await support.press(act, within=row)
        assert company in await support.dialog.inner_text()
        if act == "驳回":
            await support.dialog.get_by_label("告知申请人的原因").fill("请补充食品经营许可证")
        await support.confirm(act)
        await row.wait_for(state="detached")
    assert "没有待审核的申请" in await support.text()
    await page.get_by_role("tab", name="已驳回").click()
    await support.settle()
    rejected = page.get_by_role("row").filter(has_text="厦门鹭江")
    assert "请补充食品经营许可证" in await rejected.inner_text()
    assert "han.meimei" in await rejected.inner_text()
    town = Town(house, Inboxes())
    app_id = house.wechat.app_id
    login = await town.by_password("yunque", app_id=app_id)
    assert login.status_code == 200, login.text
    refused = (await town.by_password("lujiang", app_id=app_id)).json()
    assert (refused["code"], refused["reason"]) == ("account_rejected", "请补充食品经营许可证")


async def test_a_mini_program_is_added_checked_and_given_a_new_secret(admin, house, wechat):
    page, app_id = admin.page, "wx00aa11bb22cc33dd"
    wechat.add_app(app_id, secret="first-secret")
    await admin.open("/apps")
    assert "此小程序来自服务的配置" in await admin.text()
    await admin.press("添加小程序")
    await admin.dialog.get_by_label("AppID").fill(app_id)
    await admin.dialog.get_by_label("AppSecret").fill("first-secret")
    await admin.confirm("添加小程序")
    card = page.get_by_role("article", name=app_id)
    await admin.press("向微信验证", within=card)
    assert await admin.shows("AppID 与 AppSecret 有效", within=card)
    login = await house.login("li.na", app_id=app_id)
    assert login.status_code == 200, login.text
    await admin.press("更换密钥", within=card)
    await admin.dialog.get_by_label("新的 AppSecret").fill("second-secret")
    await admin.confirm("更换密钥")
    assert "双密钥生效" in await card.inner_text()
    wechat.add_app(app_id, secret="second-secret")
    await admin.press("向微信验证", within=card)
    assert await admin.shows("AppID 与 AppSecret 有效", within=card)
    await admin.press("删除旧密钥", within=card)
    await admin.confirm("删除旧密钥")
    assert "双密钥生效" not in await card.inner_text()
    assert not {"first-secret", "second-secret"} & set((await page.content()).split('"'))


async def test_a_service_key_is_shown_once_and_works(admin, house, stage):
    page = admin.page
    await admin.open("/service-keys")
    await admin.press("创建密钥")
    await admin.dialog.get_by_label("名称").fill("结算服务")
    await admin.confirm("创建密钥")
    key = await admin.dialog.locator("code").first.inner_text()
    assert key.startswith("wxk_")
    await page.keyboard.press("Escape")
    assert await admin.dialog.count() == 1
    form = {"token": stage.tokens["wang.fang"]}
    assert (await house.ask("POST", "/v1/introspect", key, data=form)).json()["active"] is True
    await admin.press("已保存，关闭")
    assert key not in await page.content()
    await admin.reload()
    assert key not in await page.content()
    row = page.get_by_role("row").filter(has_text="结算服务")
    assert "introspect" in await row.inner_text()
    await admin.press("吊销", within=row)
    await admin.confirm("吊销")
    assert "已吊销" in await row.inner_text()
    assert (await house.ask("POST", "/v1/introspect", key, data=form)).status_code == 401


async def test_a_new_operator_scans_a_picture_signs_in_and_is_sent_away(admin, windows, clock):
    page = admin.page
    await admin.open("/operators")
    await admin.press("添加操作员")
    await admin.dialog.get_by_label("用户名").fill("wu.ting")
    await admin.confirm("添加操作员")
    picture = admin.dialog.get_by_role("img", name="动态验证码二维码")
    assert await picture.evaluate("each => each.complete && each.naturalWidth > 30")
    password, address = await admin.dialog.locator("code").all_inner_texts()
    await admin.press("已保存，关闭")
    assert password not in await page.content()
    other = await windows()
    await other.sign_in(Desk(None, clock, name="wu.ting", password=password, url=address))
    row = page.get_by_role("row").filter(has_text="wu.ting")
    await admin.press("停用", within=row)
    await admin.confirm("停用")
    assert "已停用" in await row.inner_text()
    await other.press("刷新")
    assert await other.shows("此登录已被结束")


async def test_the_audit_log_is_searched_opened_verified_and_carried_out(admin):
    page = admin.page
    await admin.open("/audit")
    await page.get_by_placeholder("执行者").fill("han.meimei")
    await admin.press("查询")
    await admin.settle()
    table = await admin.text("tbody")
    assert "停用账号" in table
    assert "li.lei" not in table
    await page.get_by_role("button", name="驳回企业申请").click()
    drawer = await admin.dialog.inner_text()
    assert "执照与名称不符" in drawer
    assert "待封存" in drawer
    await admin.press("关闭", within=admin.dialog)
    await admin.press("校验日志")
    assert await admin.shows("日志完整，未发现篡改。", within=admin.dialog)
    assert re.search(r"共 \d+ 条，其中 \d+ 条已封存", await admin.dialog.inner_text())
    await admin.dialog.locator(".modal__foot").get_by_role("button").click()
    await admin.press("导出")
    async with page.expect_download() as coming:
        await admin.press("CSV", within=admin.dialog)
    downloaded = Path(await (await coming.value).path())
    carried = (await asyncio.to_thread(downloaded.read_bytes)).decode()
    assert carried.startswith("\ufeffid,")
    assert "account_disabled" in carried


async def test_an_operator_changes_language_and_password(support, stage, windows, clock):
    page, desk = support.page, stage.operators["han.meimei"]
    await support.open("/me")
    clock.advance(30)
    await page.get_by_label("当前密码").fill(desk.password)
    await page.get_by_label("动态验证码").fill(desk.code())
    await page.get_by_label(re.compile("^新密码")).fill(NEW_PASSWORD)
    await page.get_by_label("再次输入新密码").fill("another")
    assert "两次输入的新密码不一致" in await support.text()
    await page.get_by_label("再次输入新密码").fill(NEW_PASSWORD)
    await support.press("修改密码")
    assert await support.shows("密码已修改")
    await page.get_by_text("English", exact=True).last.click()
    await page.get_by_role("heading", name="My settings").wait_for()
    again = await windows()
    changed = Desk(None, clock, name=desk.name, password=NEW_PASSWORD, url=desk.url)
    clock.advance(30)
    await again.open("/sign-in")
    await again.fill_sign_in(changed)
    await again.page.get_by_role("heading", name="Overview").wait_for()


async def test_support_sees_less(support, ids):
    menu = await support.text(".side-menu")
    assert "服务密钥" not in menu
    assert "操作员" not in menu
    for closed in ("/operators", "/service-keys"):
        await support.open(closed)
        assert support.page.url.endswith("#/overview")
    for place, missing in (
        ("/apps", ("添加小程序", "更换密钥", "修改策略")),
        ("/audit", ("导出",)),
        (f"/accounts/{await ids('li.na')}", ("注销账号",)),
    ):
        await support.open(place)
        names = await support.page.get_by_role("button").all_inner_texts()
        assert not set(missing) & {name.strip() for name in names}, place
    assert support.refused == []


# Every page, at a desk and on a phone


PAGES = {
    "overview": "/overview",
    "accounts": "/accounts",
    "account": "/accounts/{id}",
    "merge": "/accounts/{id}/merge",
    "applications": "/applications",
    "apps": "/apps",
    "service-keys": "/service-keys",
    "operators": "/operators",
    "audit": "/audit",
    "me": "/me",
}


async def look(window, name, size, ids):
    """Nobody scrolls sideways, and a picture is taken where one is wanted."""
    if name == "merge":
        await window.page.get_by_label("另一个账号").fill(await ids("wang.fang", SECOND_APP))
        await window.press("查询")
        await window.press("选择")
        await window.settle()
    assert not await window.is_wider_than_itself(), (name, size)
    if PICTURES:
        of_phone = "-phone" if size is PHONE else ""
        await save(window.page, Path(PICTURES) / f"{name}{of_phone}.png")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_every_page_fits_into_the_window(windows, stage, size, ids):
    window = await windows(size)
    await window.open("/sign-in")
    await look(window, "sign-in", size, ids)
    await window.sign_in(stage.operators["li.lei"])
    for name, place in PAGES.items():
        await window.open(place.format(id=await ids("wang.fang")))
        await look(window, name, size, ids)
    assert window.refused == []


async def test_in_english_too_every_page_fits_onto_a_phone(windows, stage, ids):
    window = await windows(PHONE)
    await window.sign_in(stage.operators["li.lei"])
    await window.press("English")
    for name, place in PAGES.items():
        await window.open(place.format(id=await ids("wang.fang")))
        assert not await window.is_wider_than_itself(), name
        assert not re.search("[一-鿿]", await window.text("h1")) or name == "account"


@pytest.mark.parametrize("page", ["console.md", "console.zh-CN.md"])
def test_the_documents_show_every_page_of_the_console(page):
    text = (DOCS / page).read_text("utf-8")
    wanted = {f"{name}{shape}.png" for name in ("sign-in", *PAGES) for shape in ("", "-phone")}
    assert {path.name for path in (DOCS / "images" / "console").iterdir()} == wanted
    assert set(re.findall(r"\]\(images/console/([\w.-]+)\)", text)) == wanted


async def test_what_a_page_may_not_do_is_noticed(windows):
    """The red twin: a page that breaks the rules has complaints."""
    window = await windows(PHONE)
    await window.open("/sign-in")
    page = window.page
    await page.evaluate("document.head.append(document.createElement('style'))")
    await page.evaluate("document.head.lastChild.textContent = 'main { width: 500px }'")
    await page.evaluate("fetch('http://127.0.0.1:9/').catch(() => 0)")
    await page.evaluate("document.querySelector('main').style.minWidth = '500px'")
    assert await window.is_wider_than_itself()
    complaints = await window.complaints()
    for each in ("CSP style-src", "CSP connect-src", "error: "):
        assert [one for one in complaints if one.startswith(each)], (each, complaints)
    window.amiss.clear()
    await page.evaluate("window.violations = []")
