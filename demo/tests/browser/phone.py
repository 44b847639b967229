"""A phone on the desk, in the hands of a person."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .desk import Desk

HOME = "pages/home/home"
WIDTHS = (320, 375)
"""Pixels: the narrowest phone that is still about, and the usual one."""
TOO_WIDE = """() => [document.documentElement, ...document.querySelectorAll(".host-scroller")]
  .filter((each) => each.scrollWidth > each.clientWidth)
  .map((each) => `${each.className}: ${each.scrollWidth} > ${each.clientWidth}`)"""
SET_WIDTH = "(frame, width) => { frame.style.width = width ? `${width}px` : ''; }"


class Phone:
    def __init__(self, desk: "Desk", name: str) -> None:
        self.desk = desk
        self.name = name
        self.iframe = desk.page.locator(f"iframe[data-phone='{name}']")
        self.screen = desk.page.frame_locator(f"iframe[data-phone='{name}']")

    # What a person sees

    async def arrive(self, route: str) -> None:
        """Wait for the page, and see that nobody has to scroll it sideways."""
        await self._page(route).wait_for()
        await self.fits()

    @property
    def dialog(self) -> Any:
        """What WeChat asks over the page."""
        return self.screen.locator("dialog[open]")

    @property
    def privacy(self) -> Any:
        """The yes of the page's sheet about privacy; it comes before the first personal datum."""
        return self._role("button", "同意")

    async def route(self) -> str:
        page = self.screen.locator("[data-page]").filter(visible=True)
        told: str = await page.get_attribute("data-page")
        return told

    async def fits(self) -> None:
        for width in WIDTHS:
            await self.iframe.evaluate(SET_WIDTH, width)
            too_wide = await self.screen.locator("html").evaluate(TOO_WIDE)
            assert too_wide == [], (self.name, width, too_wide)
        await self.iframe.evaluate(SET_WIDTH, 0)

    async def shows(self, *texts: str) -> None:
        for text in texts:
            await self._text(text).wait_for()

    async def shows_no(self, text: str) -> None:
        await self._text(text).wait_for(state="detached")

    async def text(self) -> str:
        told: str = await self.screen.locator("wx-page").filter(visible=True).inner_text()
        return told

    # What a person does

    async def press(self, name: str) -> None:
        """A button, by the name that a screen reader tells."""
        await self._role("button", name).click()

    async def tap(self, text: str) -> None:
        await self.screen.get_by_text(text, exact=True).filter(visible=True).last.click()

    async def fill_nickname(self, nickname: str) -> None:
        """The first personal datum: WeChat asks about privacy first."""
        await self.field("昵称").click()
        await self.privacy.click()
        await self.fill(昵称=nickname)

    async def switch(self, name: str) -> None:
        await self._role("switch", name).click()

    async def fill(self, **fields: str) -> None:
        """By label."""
        for label, value in fields.items():
            await self.field(label).fill(value)

    def field(self, label: str) -> Any:
        return self.screen.get_by_label(label, exact=True).filter(visible=True).last

    async def back(self) -> None:
        await self.press("返回")

    async def answer(self, button: str) -> None:
        """To what WeChat asks over the page."""
        asked = await self.dialog.get_attribute("aria-label")
        await self.dialog.get_by_role("button", name=button, exact=True).click()
        await self.screen.locator(f"dialog[aria-label='{asked}']").wait_for(state="detached")

    async def agree(self, *, then: Any = None) -> None:
        """In the page's sheet that asks for consent, where it comes before what comes `then`."""
        await self._say_yes(self._role("button", "同意并继续"), then or self._page(HOME))

    async def agree_to_privacy(self, *, then: Any) -> None:
        await self._say_yes(self.privacy, then)

    async def _say_yes(self, yes: Any, then: Any) -> None:
        await yes.or_(then).first.wait_for()
        if not await then.is_visible():
            await yes.click()

    async def take_sms(self, label: str = "短信验证码") -> None:
        """Ask for a code, and tap the message that comes while the field waits for it."""
        await self.press("获取验证码")
        await self.field(label).click()
        await self.screen.locator(".phone-banner").click()

    # What it told

    async def facts(self, kind: str) -> list[dict[str, Any]]:
        of_device = self.name.partition("/")[2]
        heard: list[dict[str, Any]] = await self.desk.page.evaluate("() => heard")
        return [fact for fact in heard if fact["kind"] == kind and fact["phone"] == of_device]

    def _page(self, route: str) -> Any:
        return self.screen.locator(f"[data-page='{route}']").filter(visible=True)

    def _text(self, text: str) -> Any:
        return self.screen.get_by_text(text).filter(visible=True).first

    def _role(self, role: Any, name: str) -> Any:
        return self.screen.get_by_role(role, name=name, exact=True).last
