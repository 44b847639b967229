"""The demo's page in a browser: the phones on it, the ten steps, the levers."""

import re
from typing import Any

from wxlogin_demo.levers import LEVERS
from wxlogin_demo.stage import Stage

from .phone import HOME, Phone

LOGIN = "pages/login/login"
STARTS_ANEW = ("restart", "strategy", "reset")


class Desk:
    def __init__(self, page: Any, stage: Stage) -> None:
        self.page = page
        self.stage = stage
        self.phone = Phone(self, "ann/phone-1")

    async def open(self) -> None:
        await self.page.goto(self.stage.page_url)
        await self.phone.arrive(HOME)
        await self.phone.shows("正常")

    async def pull(self, lever: str, choice: str | None = None) -> None:
        """And wait until it is done."""
        if lever in STARTS_ANEW:
            await self._start_anew(lever, choice)
        elif LEVERS[lever].act is not None:
            await self._act(lever, choice)
        else:
            await self._click(lever, choice)

    async def _start_anew(self, lever: str, choice: str | None) -> None:
        phone = await self.chosen()
        frame = await (await phone.iframe.element_handle()).content_frame()
        await frame.evaluate("() => { window.isFormer = true; }")
        await self._click(lever, choice)
        await frame.wait_for_function("() => !window.isFormer && document.querySelector('wx-page')")

    async def _act(self, lever: str, choice: str | None) -> None:
        def is_answer(answer: Any) -> bool:
            return bool(answer.url.endswith(f"/demo/levers/{lever}"))

        async with self.page.expect_response(is_answer) as coming:
            await self._click(lever, choice)
        answer = await coming.value
        told = await answer.json()
        assert answer.ok, told
        await self.page.locator("#toast", has_text=told["told"]["zh"]).wait_for()

    async def _click(self, lever: str, choice: str | None) -> None:
        of_choice = "" if choice is None else f" [data-choice='{choice}']"
        await self.page.click(f"[data-lever='{lever}']{of_choice}")

    async def chosen(self) -> Phone:
        """The phone that levers act on."""
        told = await self.page.inner_text("#acts-on")
        user, device = re.findall(r"[\w-]+", told)[-2:]
        return Phone(self, f"{user}/{device}")

    async def another(self, lever: str) -> Phone:
        """The phone that a lever opens; it is then the one looked at."""
        opens = LEVERS[lever].opens
        assert opens is not None
        await self.pull(lever)
        phone = Phone(self, "/".join(opens))
        await phone.arrive(HOME)
        return phone

    async def look_at(self, phone: Phone) -> None:
        name = phone.name.replace("/", " · ")
        await self.page.locator("#tabs").get_by_role("button", name=name).click()

    # What it shows

    async def step(self, number: int, state: str = "ok") -> str:
        """What a step says, once it stands so."""
        step = self.page.locator(f"[data-step='{number}'][data-state={state}]")
        told: str = await step.inner_text()
        return told

    async def steps(self) -> list[str]:
        """How all ten stand."""
        states: list[str] = await self.page.locator("[data-step]").evaluate_all(
            "all => all.map((each) => each.dataset.state)"
        )
        return states

    async def wire(self, text: str) -> Any:
        """The newest line with this text in the list of what crossed."""
        line = self.page.locator("#wire details", has_text=text).first
        await line.wait_for()
        return line

    # What the server saw

    def requests(self, path: str, phone: Phone | None = None) -> list[dict[str, Any]]:
        """Requests to a path or below it since the world began, the oldest first."""
        return [
            fact
            for fact in self.stage.stream.kept()
            if fact["kind"] == "request"
            and re.fullmatch(f"{path}(/.*)?", fact["path"])
            and (phone is None or fact["phone"] == phone.name)
        ]

    def exchanges(self) -> int:
        """How often WeChat was asked about a code."""
        return len([c for c in self.stage.simulator.log() if c["path"].endswith("jscode2session")])

    def number(self, user: str) -> str:
        """Somebody's mobile number, as it is typed."""
        return str(self.stage.simulator.add_user(user).phone).removeprefix("+86")
