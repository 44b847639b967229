"""Chromium at the console, for tests: what it is asked to show, and what it complains of."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.console.desk import Desk

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
DESKTOP = (1440, 900)
PHONE = (390, 844)
WHY = "工单 1024"

WATCH_CSP = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sourceFile}`));
"""
# Answers a frame later, so that what was just clicked or answered has had its turn.
IS_SETTLED = """() => new Promise((tell) => requestAnimationFrame(() => setTimeout(() => tell(
  document.querySelector("h1") !== null &&
  document.querySelector("[aria-busy=true], .is-stale, .t-button--loading") === null
))))"""
WIDEST = """() => [document.documentElement.scrollWidth, window.innerWidth]"""


@asynccontextmanager
async def chromium() -> AsyncIterator[Any]:
    """The installed browser, headless. Skips the test where there is none."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("Chromium is needed for this test: apt-get install chromium fonts-noto-cjk")
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found)
        yield browser
        await browser.close()


class Window:
    """One operator's window. `refused` are the answers from 400 on, `amiss` all that no page of
    the console may do: an error on the console, a request to another address."""

    def __init__(self, page: Any, url: str) -> None:
        self.page = page
        self.url = url
        self.refused: list[tuple[str, int]] = []
        self.amiss: list[str] = []
        self._under_way = 0
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.amiss.append(f"thrown: {error.stack}"))
        page.on("request", self._asked)
        page.on("response", self._answered)
        page.on("requestfinished", self._over)
        page.on("requestfailed", self._over)

    def _heard(self, message: Any) -> None:
        # A refusal is told by `refused`; Chromium writes a line about it besides.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.amiss.append(f"{message.type}: {message.text}")

    def _over(self, _request: Any) -> None:
        self._under_way -= 1

    def _asked(self, request: Any) -> None:
        self._under_way += 1
        if not request.url.startswith((f"{self.url}/", "data:", "blob:")):
            self.amiss.append(f"asked elsewhere: {request.url}")

    def _answered(self, response: Any) -> None:
        if response.status >= 400:
            path = response.url.removeprefix(f"{self.url}/v1/admin")
            self.refused.append((path, response.status))

    # Going about

    async def open(self, place: str) -> None:
        """Go to a page, by what stands behind the `#`, and wait until it is there."""
        await self.page.goto(f"{self.url}/#{place}")
        await self.settle()

    async def settle(self) -> None:
        """Wait until nothing is asked any more, and what was answered is drawn. Raises
        `TimeoutError` after twenty seconds."""
        async with asyncio.timeout(20):
            while not await self.page.evaluate(IS_SETTLED) or self._under_way:
                pass

    async def reload(self) -> None:
        await self.page.reload()
        await self.settle()

    async def fill_sign_in(self, desk: Desk, *, totp: str | None = None) -> None:
        page = self.page
        await page.get_by_label("用户名").fill(desk.name)
        await page.get_by_label("密码", exact=True).fill(desk.password)
        await page.get_by_label("动态验证码").fill(totp or desk.code())
        await page.get_by_role("button", name="登录", exact=True).click()

    async def sign_in(self, desk: Desk) -> None:
        """With a code of the next half minute: one works once."""
        desk.clock.advance(30)
        await self.page.clock.set_system_time(desk.clock())
        await self.open("/sign-in")
        await self.fill_sign_in(desk)
        await self.page.get_by_role("heading", name="概览").wait_for()
        await self.settle()

    async def press(self, name: str, *, within: Any = None) -> None:
        await (within or self.page).get_by_role("button", name=name, exact=True).click()

    @property
    def dialog(self) -> Any:
        return self.page.get_by_role("dialog")

    async def confirm(self, name: str, *, reason: str = WHY) -> None:
        """Give a reason in the open dialog and press its button; the dialog goes."""
        await self.dialog.get_by_label(re.compile("操作原因")).fill(reason)
        await self.press(name, within=self.dialog)
        await self.page.get_by_label(re.compile("操作原因")).wait_for(state="detached")
        await self.settle()

    # Looking

    async def shows(self, text: str, *, within: Any = None) -> bool:
        await (within or self.page).get_by_text(text).first.wait_for()
        return True

    async def text(self, of: str = "main") -> str:
        told: str = await self.page.locator(of).first.inner_text()
        return told

    async def is_wider_than_itself(self) -> bool:
        """Whether somebody with this window has to scroll sideways."""
        content, window = await self.page.evaluate(WIDEST)
        return bool(content > window)

    async def complaints(self) -> list[str]:
        """What was amiss, with every breach of the Content-Security-Policy."""
        broken = await self.page.evaluate("() => window.violations")
        return [*self.amiss, *(f"CSP {each}" for each in broken)]
