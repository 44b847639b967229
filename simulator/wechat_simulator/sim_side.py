"""Everything under /sim: which call is which function, and the two that go out to a server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import httpx2

from wechat_simulator import phone_side, stage
from wechat_simulator.container import METHODS, call_container, container_headers
from wechat_simulator.faults import replaced_answer
from wechat_simulator.handling import Handling
from wechat_simulator.outbound import PUSH_TIMEOUT_SECONDS, deliver_push, is_loopback
from wechat_simulator.problems import SIM_TYPE, Fields, Problem, fields_of, wrong_field
from wechat_simulator.push_messages import (
    FORMATS,
    MODES,
    TAMPERS,
    Format,
    Mode,
    NoPushKeys,
    Tamper,
    event_message,
    push_call,
)
from wechat_simulator.wire import Answer, Request, compact
from wechat_simulator.world import World

SMS_PATH = "/sim/sms"

C = TypeVar("C")
SimCall = Callable[[World, Fields], dict[str, Any]]

CALLS: dict[str, dict[str, SimCall]] = {
    "/sim/apps": {"POST": stage.put_app, "GET": stage.list_apps},
    "/sim/users": {"POST": stage.put_user},
    "/sim/wx/login": {"POST": phone_side.login},
    "/sim/wx/checkSession": {"POST": phone_side.check_session},
    "/sim/wx/getSetting": {"POST": phone_side.get_setting},
    "/sim/wx/authorize": {"POST": phone_side.authorize},
    "/sim/wx/getPhoneNumber": {"POST": phone_side.get_phone_number},
    "/sim/wx/getUserInfo": {"POST": phone_side.get_user_info},
    "/sim/session-key/rotate": {"POST": stage.rotate_session_key},
    "/sim/access-token/revoke": {"POST": stage.revoke_access_tokens},
    "/sim/clock": {"POST": stage.advance_clock, "GET": stage.tell_clock},
    "/sim/settings": {"POST": stage.change_settings, "GET": stage.tell_settings},
    "/sim/faults": {
        "POST": stage.add_fault,
        "GET": stage.list_faults,
        "DELETE": stage.clear_faults,
    },
    SMS_PATH: {"POST": stage.receive_sms, "GET": stage.read_inbox},
    "/sim/log": {"GET": stage.read_log},
    "/sim/exchanges": {"GET": stage.count_exchanges},
    "/sim/reset": {"POST": stage.reset},
}


@dataclass(frozen=True)
class Outside:
    """What a call that goes out needs: the world and its lock, and where it may go.

    `transport` reaches an ASGI application in process instead of the network.
    """

    world: World
    lock: AbstractContextManager[Any]
    allow_remote: bool
    transport: httpx2.AsyncBaseTransport | None = None

    def checked(self, url: str) -> str:
        """The URL, if a call may go there."""
        if not url.startswith(("http://", "https://")):
            raise wrong_field("url", "应以 http:// 或 https:// 开头", "must be http:// or https://")
        if not (self.allow_remote or self.transport is not None or is_loopback(url)):
            raise wrong_field("url", "只能指向本机（127.0.0.1）", "must lead to this machine")
        return url


def answer_sim(world: World, request: Request) -> Answer:
    """The answer of a call that stays inside; raises Problem."""
    call = find_call(request, CALLS)
    return Answer(200, SIM_TYPE, compact(call(world, fields_of(request))))


def answer_sms(world: World, request: Request) -> Handling:
    """POST /sim/sms, the one call of this side that faults may hit: a gateway can fail too."""
    fault = world.faults.take(SMS_PATH)
    if fault is not None and fault.drop == "before":
        return Handling(None, fault.delay_seconds, fault.reset)
    if fault is not None and fault.is_replacing:
        answer = replaced_answer(fault, path=SMS_PATH, now=world.now(), entropy=world.entropy)
        return Handling(answer, fault.delay_seconds)
    answer = answer_sim(world, request)
    if fault is None:
        return Handling(answer)
    return Handling(None if fault.drop else answer, fault.delay_seconds, fault.reset)


def find_call(request: Request, calls: Mapping[str, Mapping[str, C]]) -> C:
    """The function of a path and method; raises Problem 404 or 405."""
    methods = calls.get(request.path)
    if methods is None:
        text = f"没有这个接口：{request.path} / no such call: {request.path}"
        raise Problem(404, "not_found", text)
    call = methods.get(request.method)
    if call is None:
        allowed = ", ".join(methods)
        text = f"此接口只接受 {allowed} / this call takes {allowed} only"
        raise Problem(405, "method_not_allowed", text, allow=allowed)
    return call


async def push(outside: Outside, fields: Fields) -> dict[str, Any]:
    """POST /sim/push: sends an event to a server; tells what it answered, after re-sends."""
    url = outside.checked(fields.get_text("url", longest=2000))
    timeout = fields.find_seconds("timeout_seconds", most=60.0) or PUSH_TIMEOUT_SECONDS
    with outside.lock:
        world = outside.world
        app, event = phone_side.get_app(world, fields), fields.get_text("event")
        openid = world.openid(app, fields.get_text("user_id"))
        message = event_message(
            app, event, openid=openid, now=world.now(), fields=fields.find_object("fields") or {}
        )
        try:
            call = push_call(
                app,
                message,
                mode=cast("Mode | None", fields.find_choice("mode", MODES)),
                format_=cast("Format", fields.find_choice("format", FORMATS) or "json"),
                tamper=cast("Tamper | None", fields.find_choice("tamper", TAMPERS)),
                now=world.now(),
                entropy=world.entropy,
            )
        except NoPushKeys:
            raise wrong_field(
                "app_id",
                "的小程序还没有 push_token / encoding_aes_key，请先 POST /sim/apps",
                "has no push_token or encoding_aes_key yet: POST /sim/apps first",
            ) from None
    return await deliver_push(call, url, timeout_seconds=timeout, transport=outside.transport)


async def container(outside: Outside, fields: Fields) -> dict[str, Any]:
    """POST /sim/wx/callContainer: calls a server with the X-WX-* headers of the user."""
    url = outside.checked(fields.get_text("url", longest=2000))
    method = fields.find_choice("method", METHODS) or "GET"
    sent = fields.find_object("header") or {}
    with outside.lock:
        app, user_id = phone_side.visitor(outside.world, fields)
        texts = {name: str(value) for name, value in sent.items()}
        headers = container_headers(outside.world, app, user_id, texts)
    return await call_container(
        url, method=method, headers=headers, data=fields.any("data"), transport=outside.transport
    )


OUTGOING: dict[str, dict[str, Callable[[Outside, Fields], Awaitable[dict[str, Any]]]]] = {
    "/sim/push": {"POST": push},
    "/sim/wx/callContainer": {"POST": container},
}
