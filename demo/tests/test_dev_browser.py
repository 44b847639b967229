"""`wxlogin dev` in Chromium: the desk, the developer's pages on it, and what a change does."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from .test_dev_command import NEEDS_COMPILER, Running, mini_program, project, staying

__all__ = ["mini_program", "project"]

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
ASKS = """
Page({
  data: { word: "nothing yet" },
  ask() {
    wx.request({
      url: "https://api.example.com/sim/clock",
      success: ({ statusCode }) => this.setData({ word: `answered ${statusCode}` }),
      fail: ({ errMsg }) => this.setData({ word: errMsg }),
    });
  },
});
"""
WXML = '<view>{{word}}</view><button bindtap="ask">ask it</button><input placeholder="code" />'

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="signals that can be caught"),
    NEEDS_COMPILER,
]


@pytest.fixture
def page() -> Iterator[Any]:
    """A tab of the installed browser, in which nothing goes amiss."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("Chromium is needed for this test: apt-get install chromium fonts-noto-cjk")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        page = browser.new_page(viewport={"width": 1200, "height": 860})
        amiss: list[str] = []
        page.on("pageerror", lambda error: amiss.append(str(error)))
        page.on("console", lambda said: amiss.append(said.text) if is_amiss(said) else None)
        yield page
        browser.close()
        assert amiss == []


def is_amiss(said: Any) -> bool:
    # Chromium writes a line about every answer from 400 on, and the test asks for one.
    return said.type == "error" and "Failed to load resource" not in said.text


def test_a_phone_on_the_desk(page: Any, project: Path, mini_program: Path) -> None:
    """A call reaches the server, a mistake covers the page, its mending runs the new one, and a
    text message comes in where it can be tapped into the field one is in."""
    (mini_program / "pages/home/home.js").write_text(ASKS)
    wxml = mini_program / "pages/home/home.wxml"
    wxml.write_text(WXML)
    with httpx2.Client(trust_env=False) as client, staying(project, *SERVER) as running:
        running.wait_for("✓ 小程序已编译")
        page.goto(f"{running.url}/desk/?user=ann")
        phone = page.frame_locator("#phone")
        phone.get_by_text("ask it").click()
        # Nobody listens at the developer's server: that too is an answer, and it is listed.
        phone.get_by_text("answered 502").wait_for()
        page.locator("#facts").get_by_text("GET https://api.example.com/sim/clock").wait_for()

        wxml.write_text("<view>{{word}}")
        complaint = phone.get_by_text("home.wxml:1:")
        complaint.wait_for()
        wxml.write_text(WXML.replace("ask it", "ask again"))
        phone.get_by_text("ask again").wait_for()
        assert complaint.count() == 0

        field = phone.get_by_placeholder("code")
        field.click()
        send_sms(client, running)
        phone.get_by_text("code is 135790").click()
        assert field.input_value() == "135790"


SERVER = ["--server", "http://127.0.0.1:1", "--domain", "https://api.example.com"]


def send_sms(client: httpx2.Client, running: Running) -> None:
    ann = client.post(f"{running.url}/sim/users", json={"user_id": "ann"}).json()
    message = {"text": "Your code is 135790.", "verification_code": "135790"}
    sent = client.post(f"{running.url}/sim/sms", json={"phone": ann["phone"], **message})
    assert sent.status_code == 200
