"""Three things to try with curl. Each stands alone in a shell, and the tests run them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from wxlogin_demo.words import Words

PERSON = "bob"


@dataclass(frozen=True, slots=True)
class Experiment:
    title: Words
    expected: Words
    commands: tuple[str, ...]


def three_experiments(
    server: str, wechat: str, environ: Mapping[str, str] = os.environ
) -> tuple[Experiment, Experiment, Experiment]:
    """The answer of wx.login is itself a good body for /v1/login: unknown fields have no effect."""
    curl = "curl -s" + _past_proxies(environ)
    phone = f"""{curl} {wechat}/sim/wx/login -d '{{"user_id":"{PERSON}"}}' |"""
    body = "    -H 'Content-Type: application/json' -d @-"
    pick_it = r"""sed 's/.*"token":"\([^"]*\)".*/\1/'"""
    fault = '{"path":"/sns/jscode2session","errcode":-1,"times":1}'
    return (
        Experiment(
            Words("登录：手机拿 code，交给服务器", "log in: the phone's code goes to the server"),
            Words("返回 token", "a token comes back"),
            (phone, f"  {curl} {server}/v1/login \\", f"{body}; echo"),
        ),
        Experiment(
            Words("带 token 验证会话", "check a session by its token"),
            Words("200 与账号；改动 token 再试：401", "200 and the account; change the token: 401"),
            (
                f"TOKEN=$({phone}",
                f"  {curl} {server}/v1/login \\",
                f"{body} |",
                f"  {pick_it})",
                f"{curl} -i {server}/v1/session \\",
                '  -H "Authorization: Bearer $TOKEN"; echo',
            ),
        ),
        Experiment(
            Words("让微信忙一次", "WeChat is busy once"),
            Words(
                '先 503，附 "retry":"new_code"；换新 code 就好：200',
                'first 503 with "retry":"new_code", then with a new code 200',
            ),
            (
                f"{curl} {wechat}/sim/faults \\",
                f"  -d '{fault}'; echo",
                "for n in 1 2; do",
                f"  {phone}",
                f"  {curl} -i {server}/v1/login \\",
                f"{body}; echo; done",
            ),
        ),
    )


def _past_proxies(environ: Mapping[str, str]) -> str:
    """curl obeys the proxy of the shell even on the way to this machine."""
    names = ("http_proxy", "all_proxy", "ALL_PROXY")
    return " --noproxy '*'" if any(environ.get(name) for name in names) else ""
