"""The phone in Chromium, under the policy it is served with: what jsdom cannot tell."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from wechat_simulator import Simulator
from wechat_simulator.phone.compiling import compile_app
from wechat_simulator.phone.gateway import Gateway
from wechat_simulator.server import Listener

SMALL = Path(__file__).parents[1] / "phone/tests/fixtures/small"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
WATCH_POLICY = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.sourceFile}`));
"""
STYLED = {
    "app.json": json.dumps({"pages": ["pages/a"], "darkmode": True}),
    "app.js": "App({})",
    "pages/a.js": "Page({ data: { width: 375, rows: Array.from({ length: 60 }, (_, i) => i) } })",
    "pages/a.wxml": """
<view id="top">top</view>
<view id="inline" style="width: {{width}}rpx; height: 20px">inline</view>
<view id="half">half</view>
<view wx:for="{{rows}}" wx:key="*this">row {{item}}</view>
""",
    "pages/a.wxss": """
#top { position: fixed; top: 0; left: 0; right: 0; height: 75rpx; background: rgb(1, 2, 3) }
#half { height: 50vh }
@media (prefers-color-scheme: dark) { #top { background: rgb(4, 5, 6) } }
""",
}
CHOOSING = {
    "app.json": json.dumps({"pages": ["pages/a"]}),
    "app.js": "App({})",
    "pages/a.js": "Page({ data: { range: ['甲', '乙'] } })",
    "pages/a.wxml": """
<view style="height: 600rpx"></view>
<picker id="picker" range="{{range}}"><view style="height: 500rpx">choose</view></picker>
""",
}
BOX = "(selector) => document.querySelector(selector).getBoundingClientRect().toJSON()"
BACKGROUND = "(selector) => getComputedStyle(document.querySelector(selector)).backgroundColor"


@pytest.fixture(scope="module")
def browser():
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("Chromium is needed for this test: apt-get install chromium fonts-noto-cjk")
    if shutil.which("node") is None:
        pytest.skip("Node is needed to compile a mini program")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_phone(browser, tmp_path):
    """Opens a mini program's folder; at the end nothing may have gone amiss."""
    amiss, pages, listeners = [], [], []

    def open_phone(folder, *, query="", **how):
        compile_app(folder, tmp_path / "compiled")
        listener = Listener(Gateway(Simulator(), tmp_path / "compiled"))
        listener.start()
        listeners.append(listener)
        page = browser.new_page(viewport={"width": 375, "height": 700}, **how)
        page.add_init_script(WATCH_POLICY)
        page.on("pageerror", lambda error: amiss.append(str(error)))
        page.on("console", lambda said: amiss.append(said.text) if said.type == "error" else None)
        page.goto(f"{listener.url}/phone/?user=ann{query}")
        page.wait_for_function("window.phoneFacts.some((fact) => fact.kind === 'ready')")
        pages.append(page)
        return page

    yield open_phone
    for page in pages:
        amiss.extend(page.evaluate("window.violations"))
        page.close()
    for listener in listeners:
        listener.stop()
    assert amiss == []


@pytest.fixture
def styled(tmp_path):
    return written(tmp_path / "styled", STYLED)


def written(folder, sources):
    for path, text in sources.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def test_the_tap_that_opens_a_sheet_does_not_press_what_lies_in_it(open_phone, tmp_path):
    page = open_phone(written(tmp_path / "source", CHOOSING), has_touch=True)
    page.tap("#picker", position={"x": 180, "y": 235})
    page.wait_for_function("document.querySelector('dialog[open]')")
    # A finger's own click comes after its tap, at the same place, where the sheet now is.
    page.evaluate("() => new Promise((tell) => setTimeout(tell, 400))")
    assert page.locator("dialog[open]").count() == 1


@pytest.mark.parametrize("touch", [False, True], ids=["mouse", "finger"])
def test_pages_work_by_mouse_and_by_finger(open_phone, touch):
    page = open_phone(SMALL, has_touch=touch)
    press = page.tap if touch else page.click
    page.fill("#name input", "bob")
    assert page.inner_text(".title >> nth=0") == "hello, bob"
    press("#caught")
    assert page.inner_text("#log") == "caught"
    press("#more")
    assert page.inner_text("#log") == "count 4"
    press("#go")
    assert page.inner_text(".host-frame:not([hidden]) .title") == "from home"
    press("#back")
    assert page.inner_text("#log") == "count 4 show"


def test_by_keyboard_too(open_phone):
    page = open_phone(SMALL)
    page.focus("#more")
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    assert page.inner_text("#log") == "count 5"


def test_a_page_is_seen_through_its_frame(open_phone, styled):
    """Fixed means fixed to the page, below the bar above it, and `vh` is a part of its height."""
    page = open_phone(styled)
    frame = page.evaluate(BOX, ".host-frame")
    assert frame["top"] > 0
    assert page.evaluate(BOX, "#inline")["width"] == 187.5
    assert page.evaluate(BOX, "#half")["height"] == pytest.approx(frame["height"] / 2, abs=0.1)
    page.evaluate("document.querySelector('.host-scroller').scrollTop = 500")
    top = page.evaluate(BOX, "#top")
    assert (top["top"], top["width"], top["height"]) == (frame["top"], 375, 37.5)
    assert page.evaluate("document.scrollingElement.scrollTop") == 0


@pytest.mark.parametrize(
    ("query", "color"), [("", "rgb(1, 2, 3)"), ("&dark=1", "rgb(4, 5, 6)")], ids=["light", "dark"]
)
def test_the_dark_is_the_phones_own_switch(open_phone, styled, query, color):
    """Not the browser's: that one is set to the other theme here."""
    page = open_phone(styled, query=query, color_scheme="light" if query else "dark")
    assert page.evaluate(BACKGROUND, "#top") == color
