"""The page in Chromium, beside a stand-in for the phone that tells the same facts."""

import json
import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from wechat_simulator.phone import PhoneConfig
from wxlogin.endpoints.asgi import App, Receive, Scope, Send
from wxlogin_demo.levers import LEVERS
from wxlogin_demo.listener import take_port
from wxlogin_demo.stage import APP_ID, Stage

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = ("--disable-gpu", "--disable-background-networking", "--disable-component-update")
RECORD = f"wxlogin:{APP_ID}:develop"

HTML = """<!doctype html><meta charset="utf-8"><script src="phone.js" defer></script>
<body><button id="login">login</button><button id="me">me</button><button id="sms">sms</button>
<button id="lost">lost</button>"""
SCRIPT = """
const holder = new URLSearchParams(location.search);
const user = holder.get("user"), device = holder.get("device");
const place = `phone:APP:${user}:${device}:RECORD`;
window.heard = [];
addEventListener("message", (event) => heard.push(event.data));
const tell = (fact) => parent.postMessage(
  { source: "wechat-simulator-phone", phone: device, at: Date.now(), ...fact }, location.origin);
let id = 0;
async function ask(method, path, body, token) {
  const mine = ++id;
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  tell({ kind: "request", id: mine, method, url: path, hasToken: !!token,
         header: token ? { authorization: "Bearer ●●●●" } : {} });
  const sent = body && JSON.stringify(body);
  const answer = await fetch(`server${path}`, { method, headers, ...(body ? { body: sent } : {}) });
  tell({ kind: "answer", id: mine, status: answer.status, ms: 1 });
  return answer.json();
}
async function login() {
  const body = JSON.stringify({ app_id: "APP", user_id: user, device });
  const { code } = await (await fetch("/sim/wx/login", { method: "POST", body })).json();
  tell({ kind: "wx", name: "login", ok: true, detail: { code: `${code.slice(0, 6)}…` } });
  const { token } = await ask("POST", "/v1/login", { code, device: { id: `${user}-${device}` } });
  if (!token) return;
  localStorage.setItem(place, token);
  tell({ kind: "storage", key: "RECORD", value: { session: { token: "wxl_…" } } });
}
const on = (name, act) => document.getElementById(name).addEventListener("click", act);
on("login", login);
on("me", () => ask("GET", "/v1/session", null, localStorage.getItem(place)));
on("sms", () => ask("POST", "/v1/verification-codes", { phone: "13800001111", purpose: "login" }));
on("lost", () => {
  tell({ kind: "request", id: ++id, method: "GET", url: "/", hasToken: true, header: {} });
  tell({ kind: "failed", id, errMsg: "request:fail <b>lost</b>" });
});
tell({ kind: "ready" });
""".replace("APP", APP_ID).replace("RECORD", RECORD)
FILES = {
    "": (HTML, "text/html; charset=utf-8"),
    "phone.js": (SCRIPT, "text/javascript; charset=utf-8"),
    "config.json": (json.dumps({"app_id": APP_ID}), "application/json"),
}


def stand_in(config: PhoneConfig, prefix: str) -> App:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        text, kind = FILES[scope["path"].removeprefix(prefix)]
        headers = [(b"content-type", kind.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": text.encode()})

    return answer


class Window:
    """The page in a browser; `amiss` is all that may not happen there."""

    def __init__(self, page: Any, stage: Stage) -> None:
        self.page = page
        self.stage = stage
        self.amiss: list[str] = []
        page.on("pageerror", lambda error: self.amiss.append(str(error)))
        page.on("console", self._heard)
        page.on("request", self._asked)

    def _heard(self, message: Any) -> None:
        # A refusal of the server is what is shown here; Chromium writes a line about it besides.
        if message.type in ("error", "warning") and "Failed to load" not in message.text:
            self.amiss.append(message.text)

    def _asked(self, request: Any) -> None:
        if not request.url.startswith(f"{self.stage.url}/"):
            self.amiss.append(f"asked elsewhere: {request.url}")

    def open(self) -> None:
        self.page.goto(self.stage.page_url)
        self.page.wait_for_selector("[data-lever=kick]")

    def phone(self, name: str = "ann/phone-1") -> Any:
        return self.page.frame_locator(f"iframe[data-phone='{name}']")

    def tap(self, button: str, phone: str = "ann/phone-1") -> None:
        self.phone(phone).locator(f"#{button}").click()

    def await_step(self, number: int, state: str) -> str:
        """What the step says, once it stands so."""
        step = self.page.wait_for_selector(f"[data-step='{number}'][data-state={state}]")
        return str(step.inner_text())

    def pull(self, lever: str, choice: str | None = None) -> None:
        of_choice = "" if choice is None else f" [data-choice='{choice}']"
        self.page.click(f"[data-lever={lever}]{of_choice}")

    def turn(self, *, hidden: bool) -> None:
        """Another tab comes before this one, or goes: without a screen Chromium hides none."""
        script = """(hidden) => {
          Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
          document.dispatchEvent(new Event("visibilitychange"));
        }"""
        self.page.evaluate(script, hidden)

    def wire(self) -> list[str]:
        lines: list[str] = self.page.locator("#wire details .what").all_inner_texts()
        return lines

    def heard(self, phone: str = "ann/phone-1") -> list[dict[str, Any]]:
        """What the page directed the phone to do."""
        told: list[dict[str, Any]] = self.phone(phone).locator("body").evaluate("() => heard")
        return told

    def await_direction(self, direction: dict[str, Any], phone: str = "ann/phone-1") -> None:
        wanted = {"target": "wechat-simulator-phone", **direction}
        for _ in range(50):
            if wanted in self.heard(phone):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(self.heard(phone))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("Chromium is needed for this test: apt-get install chromium fonts-noto-cjk")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def window(browser: Any) -> Iterator[Window]:
    with Stage(take_port(0), make_phone=stand_in) as stage:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        context.set_default_timeout(8000)
        window = Window(context.new_page(), stage)
        window.open()
        yield window
        context.close()
        assert window.amiss == []


def test_the_ten_steps_light_up_with_what_crossed_the_wire(window: Window) -> None:
    window.tap("login")
    window.await_step(8, "ok")
    window.tap("me")
    window.await_step(10, "ok")
    shown = {number: window.await_step(number, "ok") for number in range(1, 11)}
    assert "secret=●●●●●●●●" in shown[3]
    assert "appsecret 从不离开服务器 never leaves the server" in shown[3]
    assert "session_key=●●●●●●●●" in shown[4]
    assert "Bearer ●●●●" in shown[9]
    text = window.page.inner_text("body")
    key = window.stage.simulator.session_key("ann")
    assert key
    assert [secret for secret in (window.stage.simulator.secret, key) if secret in text] == []


def test_a_failed_step_says_why_and_the_next_login_begins_anew(window: Window) -> None:
    window.tap("login")
    window.await_step(8, "ok")
    window.pull("busy")
    window.page.wait_for_selector("#toast:not([hidden])")
    window.tap("login")
    assert "wechat_unavailable" in window.await_step(4, "failed")
    assert window.page.get_attribute("[data-step='5']", "data-state") == "idle"
    window.tap("login")
    window.await_step(8, "ok")


def test_a_session_that_is_over_is_told_at_step_10_and_at_the_next_step_1(window: Window) -> None:
    window.tap("login")
    window.await_step(8, "ok")
    window.pull("idle")
    window.page.wait_for_selector("#toast:not([hidden])")
    window.tap("me")
    assert "session_idle" in window.await_step(10, "failed")
    window.tap("login")
    window.await_step(8, "ok")
    assert "401 session_idle" in window.await_step(1, "ok")


def test_what_failed_on_the_phone_is_shown_as_text_and_never_as_markup(window: Window) -> None:
    window.tap("lost")
    assert "request:fail <b>lost</b>" in window.await_step(9, "failed")
    assert window.page.locator("main b").count() == 0


def test_every_lever_of_the_table_has_its_button(window: Window) -> None:
    for name, lever in LEVERS.items():
        assert window.page.locator(f"[data-lever={name}]").count() == 1, name
        for choice in lever.choices:
            value = json.dumps(choice.value).strip('"')
            found = window.page.locator(f"[data-lever={name}] [data-choice='{value}']")
            assert found.count() == 1, (name, value)


def test_a_kick_is_for_whoever_is_looked_at(window: Window) -> None:
    window.pull("another-person")
    window.tap("login", "bob/phone-1")
    window.await_step(8, "ok")
    window.pull("kick")
    window.page.wait_for_selector("#toast:not([hidden])")
    window.tap("me", "bob/phone-1")
    assert "session_revoked" in window.await_step(10, "failed")


def test_a_second_phone_has_steps_of_its_own(window: Window) -> None:
    window.tap("login")
    window.await_step(8, "ok")
    window.pull("second-phone")
    window.page.wait_for_selector("[data-step='8'][data-state=idle]")
    window.tap("login", "ann/phone-2")
    window.await_step(8, "ok")
    window.page.click("#tabs button:first-child")
    window.await_step(8, "ok")
    colours = window.page.locator("#wire .dot").evaluate_all(
        "all => all.map(x => x.dataset.colour)"
    )
    assert {"green", "blue"} <= set(colours)


def test_the_phones_own_levers_are_directions_and_outlive_its_restart(window: Window) -> None:
    window.pull("offline", "true")
    window.await_direction({"do": "offline", "on": True})
    window.pull("phone-answer", "deny")
    window.await_direction({"do": "phoneAnswer", "answer": "deny"})
    for lever, what in (("repeat-code", "repeatCode"), ("restart", "restart")):
        window.pull(lever)
        window.await_direction({"do": what})
    window.phone().locator("body").evaluate("() => location.reload()")
    window.await_direction({"do": "offline", "on": True})


def test_the_strategy_is_left_where_the_mini_program_reads_it(window: Window) -> None:
    window.pull("strategy", "checkSession")
    window.page.wait_for_selector("[data-choice=checkSession][aria-pressed=true]")
    place = f"phone:{APP_ID}:ann:phone-1:wxlogin-demo-strategy"
    window.page.wait_for_function("place => localStorage.getItem(place) !== null", arg=place)
    kept = window.page.evaluate("place => localStorage.getItem(place)", place)
    assert json.loads(kept) == {"type": "value", "value": "checkSession"}


def test_a_message_comes_to_the_phone_as_a_banner(window: Window) -> None:
    window.tap("sms")
    window.page.wait_for_selector("#wire >> text=138****1111")
    told = [each for each in window.heard() if each.get("do") == "sms"]
    assert len(told) == 1
    assert re.search(r"\d{6}", told[0]["text"])


def test_start_all_over_empties_the_phones_too(window: Window) -> None:
    window.tap("login")
    window.await_step(8, "ok")
    window.pull("sessions", "1")
    window.page.wait_for_selector("[data-lever=sessions] [data-choice='1'][aria-pressed=true]")
    window.pull("reset")
    window.page.wait_for_selector("[data-step='8'][data-state=idle]")
    window.page.wait_for_selector("[data-lever=sessions] [data-choice='10'][aria-pressed=true]")
    assert window.page.evaluate("Object.keys(localStorage).filter(k => /^phone/.test(k))") == []
    window.tap("login")
    window.await_step(8, "ok")


def test_a_reload_shows_what_the_server_did_and_leaves_the_phone_logged_in(window: Window) -> None:
    window.tap("login")
    window.await_step(8, "ok")
    window.page.reload()
    window.await_step(7, "ok")
    window.tap("me")
    window.await_step(10, "ok")


def test_a_page_that_nobody_sees_holds_no_line_and_is_told_later_what_it_missed(
    window: Window,
) -> None:
    window.tap("login")
    window.await_step(8, "ok")
    before = window.wire()
    with window.page.expect_event("requestfailed", lambda r: r.url.endswith("/demo/events")):
        window.turn(hidden=True)
    with window.page.expect_event("requestfinished", lambda r: "verification" in r.url):
        window.tap("sms")
    assert window.wire() == before
    window.turn(hidden=False)
    window.page.wait_for_selector("#wire >> text=138****1111")
    window.tap("me")
    window.await_step(10, "ok")
    after = window.wire()
    assert after[-len(before) :] == before
    assert after.count("POST /v1/login") == 1
    assert after.count("POST /v1/verification-codes") == 1


def test_a_world_that_began_while_nobody_saw_the_page_is_entered_by_it(window: Window) -> None:
    window.tap("login")
    window.await_step(8, "ok")
    window.turn(hidden=True)
    world = window.page.evaluate("localStorage['wxlogin-demo:world']")
    other = window.page.context.new_page()
    other.goto(window.stage.page_url)
    other.click("[data-lever=reset]")
    other.wait_for_function("former => localStorage['wxlogin-demo:world'] !== former", arg=world)
    window.turn(hidden=False)
    window.page.wait_for_selector("[data-step='8'][data-state=idle]")


def test_the_steps_stay_beside_a_row_of_three_phones(window: Window) -> None:
    window.pull("second-phone")
    window.pull("another-person")
    places = window.page.locator(".phone").evaluate_all(
        "all => all.map(x => x.getBoundingClientRect().top)"
    )
    assert len(places) == 3
    assert len(set(places)) == 1
    row = window.page.locator("#phones").bounding_box()
    steps = window.page.locator("#steps").bounding_box()
    assert row["x"] + row["width"] <= steps["x"]
    assert steps["y"] < 200


def test_a_line_of_the_list_opens_to_all_that_may_be_shown(window: Window) -> None:
    window.tap("login")
    window.await_step(8, "ok")
    window.page.click("#wire details:has-text('POST /v1/login') summary")
    shown = window.page.inner_text("#wire details[open]")
    assert '"token": "wxl_' in shown
    assert "●●●●●●●●" in shown


def test_both_languages_are_there_and_the_choice_is_remembered(window: Window) -> None:
    assert window.page.inner_text("#steps-title") == "登录十步"
    window.page.click("#language")
    assert window.page.inner_text("#steps-title") == "The ten steps"
    assert "Kick" in window.page.inner_text("#levers")
    left = re.findall(r"[\u4e00-\u9fff]+", window.page.inner_text("main"))
    assert left == ["登录"], "the button on the phone alone"
    window.page.reload()
    window.page.wait_for_selector("text=The ten steps")


@pytest.mark.parametrize("size", [(1440, 900), (1240, 800), (1024, 768), (390, 844), (320, 640)])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_nothing_is_wider_than_the_window(
    window: Window, size: tuple[int, int], count: int
) -> None:
    window.page.set_viewport_size({"width": size[0], "height": size[1]})
    for lever in ("second-phone", "another-person")[: count - 1]:
        window.pull(lever)
    window.tap("login")
    window.page.wait_for_selector("[data-step='8'][data-state=ok]")
    width = window.page.evaluate("document.documentElement.scrollWidth")
    assert width <= size[0]


def test_without_the_server_the_page_says_so(window: Window) -> None:
    window.stage.__exit__()
    window.page.wait_for_selector("#gone:not([hidden])")
