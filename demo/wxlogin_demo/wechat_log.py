"""WeChat's side of the story: what reached the simulator, and the messages it brought to phones."""

from collections.abc import Sequence
from typing import Any

from wechat_simulator import Simulator
from wxlogin_demo.masking import masked, masked_phone
from wxlogin_demo.shortening import MASK

CODE2SESSION = "/sns/jscode2session"
LOOKED_AT = 200

Call = dict[str, Any]


class WeChatLog:
    """Reads the simulator's log and its inbox: an independent witness, which masked its secrets
    before it wrote them down."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._last_call: Call | None = None
        self._last_message: Call | None = None

    def new_calls(self) -> list[Call]:
        """The platform calls since the last time, oldest first, fit to be shown."""
        found = _since(self._simulator.log(LOOKED_AT), self._last_call)
        if found:
            self._last_call = found[-1]
        return [_shown(call) for call in found]

    def new_messages(self) -> list[dict[str, Any]]:
        """The text messages since the last time, oldest first; `users` are those who have the
        number in this world, if anybody does."""
        found = _since(self._simulator.inbox()[:LOOKED_AT], self._last_message)
        if found:
            self._last_message = found[-1]
        people = list(self._simulator.world.users.values())
        return [
            {
                "to": masked_phone(message["phone"]),
                "text": message["text"],
                "users": [user.user_id for user in people if user.phone == message["phone"]],
            }
            for message in found
        ]


def _since(newest_first: Sequence[Call], last: Call | None) -> list[Call]:
    found: list[Call] = []
    for each in newest_first:
        if each == last:
            break
        found.append(each)
    return found[::-1]


def _shown(call: Call) -> Call:
    """What was sent and what came back, with a mask wherever WeChat told a secret."""
    shown = {name: call.get(name) for name in ("method", "path", "status", "errcode", "fault")}
    is_told = call["path"] == CODE2SESSION and call["errcode"] == 0
    told = ("openid", "session_key", "unionid") if is_told else ()
    return {
        **shown,
        "sent": masked(call["sent"]),
        "told": dict.fromkeys(told, MASK) or {"errcode": call["errcode"]},
    }
