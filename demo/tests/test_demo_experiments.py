"""The three things to try, copied from the screen into sh, against the demo that printed them."""

import json
import os
import re
import shutil
import subprocess
from typing import Any

import pytest

from wxlogin_demo.experiments import three_experiments

pytestmark = pytest.mark.skipif(
    os.name == "nt" or shutil.which("curl") is None, reason="needs sh and curl"
)


def printed_commands(printed: str) -> list[str]:
    """What stands under [1], [2] and [3], without the line that says what to expect."""
    blocks = re.findall(r"^\[\d\] .*\n {4}→ .*\n((?: {4}.*\n)+)", printed, re.MULTILINE)
    return list(blocks)


def pasted(commands: str) -> str:
    environ = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()}
    done = subprocess.run(
        ["sh", "-c", commands],
        capture_output=True,
        encoding="utf-8",
        env=environ,
        timeout=20,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout


def test_each_works_alone_as_it_is_printed(running: Any) -> None:
    login, check, busy = printed_commands(running.printed)

    told = json.loads(pasted(login))
    assert told["token"].startswith("wxl_")
    assert told["is_new_account"] is True

    answer = pasted(check)
    assert answer.startswith("HTTP/1.1 200")
    assert told["account"]["id"] in answer

    answer = pasted(busy)
    assert re.findall(r"^HTTP/1.1 (\d+)", answer, re.MULTILINE) == ["503", "200"]
    refused = json.loads(answer.splitlines()[answer.splitlines().index("") + 1])
    assert (refused["code"], refused["retry"]) == ("wechat_unavailable", "new_code")


def test_a_shell_with_a_proxy_gets_commands_that_pass_it_by() -> None:
    with_proxy = three_experiments("http://a", "http://b", {"http_proxy": "http://127.0.0.1:1"})
    without = three_experiments("http://a", "http://b", {})
    assert "--noproxy '*'" in with_proxy[0].commands[0]
    assert "noproxy" not in without[0].commands[0]
