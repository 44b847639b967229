"""One Chromium for all, a stage for each file; for each test a new world, at a desk of its own."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from wxlogin_demo.listener import take_port
from wxlogin_demo.stage import Stage

from .desk import Desk
from .pictures import SCALE
from .watching import Watch

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WINDOW = {"width": 1440, "height": 900}
PATIENCE_MS = 8_000


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
async def chrome(anyio_backend: str) -> AsyncIterator[Any]:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("Chromium is needed for this test: apt-get install chromium fonts-noto-cjk")
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        await browser.close()


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage(take_port(0)) as stage:
        yield stage


@pytest.fixture
async def make_desk(chrome: Any, stage: Stage) -> AsyncIterator[Callable[..., Any]]:
    """Opens the demo in a browser that has never seen it. Nothing may be amiss in it."""
    await asyncio.to_thread(stage.begin_anew)
    made: list[tuple[Desk, Watch]] = []

    async def make(*, watches: bool = True) -> Desk:
        context = await chrome.new_context(
            viewport=WINDOW,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            device_scale_factor=SCALE,
        )
        context.set_default_timeout(PATIENCE_MS)
        watch = Watch(stage.url)
        if watches:
            await watch.over(context)
        desk = Desk(await context.new_page(), stage)
        made.append((desk, watch))
        if watches:
            await desk.open()
        return desk

    yield make
    for desk, _ in made:
        await desk.page.context.close()
    assert [watch.amiss for _, watch in made] == [[] for _ in made]


@pytest.fixture
async def desk(make_desk: Callable[..., Any]) -> Desk:
    desk: Desk = await make_desk()
    return desk


@pytest.fixture
def phone(desk: Desk) -> Any:
    return desk.phone
