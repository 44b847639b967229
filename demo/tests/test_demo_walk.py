"""The walk: ten steps in order, every claim checked, and red where a claim does not hold."""

import io
import re
import threading

import pytest

from wxlogin_demo.command import show
from wxlogin_demo.journey import USER
from wxlogin_demo.stage import Stage
from wxlogin_demo.terminal import Terminal
from wxlogin_demo.words import Tongue

TEN = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]


def shown(stage: Stage, lang: str = "zh") -> tuple[int, str]:
    """The exit code and the text of one walk."""
    out = io.StringIO()
    terminal = Terminal(Tongue(lang), out)
    code = show(stage, terminal, once=True, stopping=threading.Event())
    return code, out.getvalue()


def signs(text: str) -> list[str]:
    return re.findall(r"^ {1,2}(\d+|\+)  \S", text, re.MULTILINE)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_ten_steps_in_order_then_three_consequences(stage: Stage, lang: str) -> None:
    code, text = shown(stage, lang)
    assert code == 0
    assert signs(text) == [*TEN, "+", "+", "+"]
    assert "✗" not in text


def test_no_secret_of_the_run_is_on_the_screen(
    stage: Stage, capfd: pytest.CaptureFixture[str]
) -> None:
    keys: set[str] = set()
    stage.watcher.checked = lambda outcome: keys.add(stage.simulator.session_key(USER) or "")  # type: ignore[method-assign]
    _, text = shown(stage)
    text += "".join(capfd.readouterr())
    secrets = {stage.simulator.secret, stage.sealing_key, *keys}
    assert all(secrets)
    assert not [secret for secret in secrets if secret in text]
    assert stage.simulator.openid(USER) not in text
    assert not re.search(r"wxl_[0-9a-f-]{36}", text)


def test_a_busy_wechat_makes_step_4_red(stage: Stage) -> None:
    stage.simulator.fail("/sns/jscode2session", errcode=-1)
    code, text = shown(stage, "en")
    assert code == 1
    assert signs(text) == TEN[:4]
    assert "✗  expected: WeChat accepts the code" in text
    assert "found: errcode -1, POST /v1/login → 503 wechat_unavailable" in text
    assert "✗ failed: 4 openid, session_key, unionid come back" in text


def test_a_wrong_appsecret_makes_step_4_red(stage: Stage) -> None:
    stage.simulator.add_app(stage.simulator.app_id, secret="f" * 32)
    code, text = shown(stage)
    assert code == 1
    assert "未通过：4" in text
    assert "40125" in text


def test_a_wechat_that_the_server_cannot_reach_makes_step_3_red(stage: Stage) -> None:
    stage.simulator.close()
    stage.simulator.start()
    code, text = shown(stage, "en")
    assert code == 1
    assert signs(text) == TEN[:3]
    assert "found: LookupError: no code2Session reached WeChat" in text


def test_a_session_key_in_the_clear_makes_step_6_red(stage: Stage) -> None:
    stage.simulator.login(USER)
    key = stage.simulator.session_key(USER)
    assert key is not None
    (stage.folder / "forgotten.log").write_text(key)
    code, text = shown(stage, "en")
    assert code == 1
    assert "✗ failed: 6" in text
    assert key not in text


def test_a_server_on_a_clock_of_its_own_is_found_out(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage.clock, "advance", lambda by: None)
    code, text = shown(stage, "en")
    assert code == 1
    assert "✗  expected: the session is over, and the 401 says why: session_idle" in text


def test_a_walk_cut_short_does_not_count_as_passed(stage: Stage) -> None:
    stopping = threading.Event()
    stopping.set()
    terminal = Terminal(Tongue("zh"), io.StringIO())
    assert show(stage, terminal, once=True, stopping=stopping) == 1
    assert show(stage, terminal, once=False, stopping=stopping) == 0
