"""`wxlogin dev` around a server of its own, with the repository's mini program on its desk."""

import asyncio
import socket
import sys
import time
from pathlib import Path

from ..test_dev_command import NEEDS_COMPILER, staying
from .conftest import PATIENCE_MS
from .pictures import of_page
from .watching import Watch

ROOT = Path(__file__).parents[3]
SERVE = [sys.executable, "-c", "from wxlogin.cli import main; main()", "serve", "--port"]
CALLED = "http://127.0.0.1:8000"
"""What the mini program takes for its server."""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as line:
        return str(line.getsockname()[1])


@NEEDS_COMPILER
async def test_a_login_through_the_developers_own_server(chrome, tmp_path):
    project = tmp_path / "project"
    project.mkdir()
    port = free_port()
    server = ["--server", f"http://127.0.0.1:{port}", "--domain", CALLED]
    ours = ["--miniprogram", str(ROOT / "miniprogram"), "--no-watch"]
    database = f"sqlite:///{tmp_path / 'wxlogin.db'}"
    command = [*server, *ours, "--", *SERVE, port]
    with staying(project, *command, WXLOGIN_DATABASE_URL=database) as running:
        await asyncio.to_thread(running.wait_for, "✓ 小程序已编译")
        await asyncio.to_thread(is_served, port)
        context = await chrome.new_context(viewport={"width": 1200, "height": 840}, locale="zh-CN")
        context.set_default_timeout(PATIENCE_MS)
        watch = Watch(running.url)
        await watch.over(context)
        page = await context.new_page()
        await page.goto(f"{running.url}/desk/?user=ann")
        phone = page.frame_locator("#phone")
        for name in ("登录 / 注册", "微信一键登录", "同意并继续"):
            await phone.get_by_role("button", name=name, exact=True).click()
        await phone.get_by_text("1 台").wait_for()
        await page.locator("#facts").get_by_text("/v1/login").first.wait_for()
        await of_page(page, "dev")
        await context.close()
    assert watch.amiss == []


def is_served(port):
    """Wait until somebody listens."""
    for _ in range(200):
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", int(port))) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the developer's server does not listen")
