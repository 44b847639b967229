"""One call to the platform from arrival to answer: count it, let the scripted fault act, log it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wechat_simulator.call_log import masked
from wechat_simulator.faults import Fault, changed_answer, replaced_answer
from wechat_simulator.platform_side import ENDPOINTS, answer_platform, code_in, sent_by
from wechat_simulator.wire import Answer, Request
from wechat_simulator.world import World


class LineCut(ConnectionResetError):
    """The line was cut before a byte of an answer went out; `is_reset`: by a TCP reset."""

    def __init__(self, *, is_reset: bool = False) -> None:
        super().__init__("the simulator cut the line")
        self.is_reset = is_reset


@dataclass(frozen=True)
class Handling:
    """What shall happen to a request: an answer, or None for a cut line, after a delay."""

    answer: Answer | None
    delay_seconds: float = 0.0
    is_reset: bool = False

    def outcome(self) -> Answer:
        """The answer; raises LineCut where there shall be none."""
        if self.answer is None:
            raise LineCut(is_reset=self.is_reset)
        return self.answer


def handle_platform(world: World, request: Request) -> Handling:
    """Lets the platform act on a request that was fully read."""
    code = code_in(request)
    if code is not None:
        # Counted before any fault, so that a test can prove that a code was never sent twice.
        world.codes.note_arrival(code)
    fault = world.faults.take(request.path)
    answer = _act(world, request, fault, code)
    world.log.add(_record(world, request, fault, answer))
    if fault is None:
        return Handling(answer)
    is_cut = fault.drop is not None
    return Handling(None if is_cut else answer, fault.delay_seconds, fault.reset)


def _act(world: World, request: Request, fault: Fault | None, code: str | None) -> Answer | None:
    if fault is None:
        return answer_platform(world, request)
    if fault.drop == "before":
        return None
    if fault.is_replacing and fault.drop is None:
        if code is not None and fault.is_consuming:
            world.codes.burn(code)
        return replaced_answer(fault, path=request.path, now=world.now(), entropy=world.entropy)
    answer = answer_platform(world, request)
    if fault.duplicate:
        answer = answer_platform(world, request)
    return changed_answer(fault, answer) if request.path in ENDPOINTS else answer


def _record(
    world: World, request: Request, fault: Fault | None, answer: Answer | None
) -> dict[str, Any]:
    sent = sent_by(request)
    told = _told(answer)
    record: dict[str, Any] = {
        "at": rfc3339(world),
        "method": request.method,
        "path": request.path,
        "app_id": _app_id(world, request, sent),
        "status": None if answer is None else answer.status,
        "errcode": told.get("errcode", 0) if answer is not None else None,
        "sent": masked(sent),
    }
    openid = told.get("openid") or sent.get("openid")
    if isinstance(openid, str):
        record["openid"] = openid
    if fault is not None:
        record["fault"] = fault.describe()
    return record


def rfc3339(world: World) -> str:
    """The world's time as RFC 3339 in UTC."""
    return world.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _app_id(world: World, request: Request, sent: dict[str, Any]) -> str | None:
    token = world.tokens.find(request.query.get("access_token", ""))
    if token is not None:
        return token.app_id
    app_id = sent.get("appid")
    return app_id if isinstance(app_id, str) else None


def _told(answer: Answer | None) -> dict[str, Any]:
    if answer is None:
        return {}
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
