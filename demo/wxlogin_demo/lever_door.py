"""`/demo/levers`: what levers there are, and pulling one."""

import re
from collections.abc import Callable
from typing import Any

from wxlogin.endpoints.asgi import Receive, Scope, Send
from wxlogin_demo.gate import is_our_pages
from wxlogin_demo.lever import Act, Lever, LeverStuck, Pull
from wxlogin_demo.levers import GROUPS, LEVERS
from wxlogin_demo.replies import answer_json, read_object, refuse
from wxlogin_demo.stream import Stream
from wxlogin_demo.words import Words

PATH = "/demo/levers"

_USER = re.compile(r"[A-Za-z0-9_-]{1,32}")

NO_SUCH = Words("没有这个操作", "there is no such lever")
NOT_OURS = Words(
    "只接受本页面以 JSON 发起的操作", "only this page's own requests, as JSON, pull a lever"
)
WRONG = Words("请求有误", "the request is wrong")
WRONG_METHOD = Words("请求方法不对", "wrong method")


class LeverDoor:
    """`chosen` is how the levers that have choices stand."""

    def __init__(self, stream: Stream, pull_for: Callable[[str, str], Pull]) -> None:
        """`pull_for(user, choice)` hands over what a lever acts on."""
        self._stream = stream
        self._pull_for = pull_for
        self._chosen: dict[str, str] = {}

    def forget(self) -> None:
        """Every lever stands as at the beginning."""
        self._chosen = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path"].removeprefix(PATH).removeprefix("/")
        allowed = "POST" if name else "GET"
        if scope["method"] != allowed:
            await refuse(send, 405, "method_not_allowed", WRONG_METHOD, headers={"allow": allowed})
        elif not name:
            await answer_json(send, self._listed())
        elif not is_our_pages(scope["headers"]):
            await refuse(send, 403, "not_our_page", NOT_OURS)
        elif (lever := LEVERS.get(name)) is None or lever.act is None:
            await refuse(send, 404, "not_found", NO_SUCH)
        else:
            await self._pull(lever, lever.act, await read_object(receive), send)

    def _listed(self) -> dict[str, Any]:
        first = {name: lever.choices[0].value for name, lever in LEVERS.items() if lever.choices}
        return {
            "groups": [group.described() for group in GROUPS],
            "chosen": {**first, **self._chosen},
            "now": self._pull_for("", "").clock().isoformat(timespec="seconds"),
        }

    async def _pull(self, lever: Lever, act: Act, sent: dict[str, Any] | None, send: Send) -> None:
        if sent is None or not _is_meant(lever, sent):
            await refuse(send, 400, "request_invalid", WRONG)
            return
        user, choice = sent.get("user", "ann"), sent.get("choice", "")
        try:
            told = await act(self._pull_for(user, choice))
        except LeverStuck as stuck:
            await refuse(send, 409, "stuck", stuck.words)
            return
        if lever.choices:
            self._chosen[lever.name] = choice
        now = self._pull_for(user, "").clock().isoformat(timespec="seconds")
        self._stream.add(
            "lever", name=lever.name, user=user, choice=choice, told=told._asdict(), now=now
        )
        await answer_json(send, {"told": told._asdict(), "now": now})


def _is_meant(lever: Lever, sent: dict[str, Any]) -> bool:
    user, choice = sent.get("user", "ann"), sent.get("choice", "")
    choices = [each.value for each in lever.choices] or [""]
    return choice in choices and isinstance(user, str) and _USER.fullmatch(user) is not None
