"""The ASGI door: bytes in, bytes out. Two sides behind it: what servers call, and /sim.

Cutting the line: where the server gives the scope the extension `wechat_simulator.cut` (as ours
does), it is used and not a byte goes out. Elsewhere LineCut is raised, for a transport in process
to turn into its own kind of connection error.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from wechat_simulator.handling import LineCut
from wechat_simulator.outbound import is_loopback
from wechat_simulator.problems import Problem
from wechat_simulator.wire import Answer, Request

if TYPE_CHECKING:
    from wechat_simulator.simulator import Simulator

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

CUT = "wechat_simulator.cut"
MAX_BODY_BYTES = 2 * 1024 * 1024
"""Room for a picture that is too large for the platform, which shall say so itself."""


class Door:
    """An ASGI application around one simulator."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, or cuts its line."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["type"] != "http":
            raise RuntimeError(f"the simulator speaks HTTP only, not {scope['type']}")
        try:
            request = await _read(scope, receive)
            if request is None:
                return
            if not self._simulator.allow_remote and CUT in scope.get("extensions", {}):
                refuse_strangers(request.headers)
            answer = await self._simulator.answer(request)
        except Problem as problem:
            answer = problem.answer()
        except LineCut as cut:
            await cut_line(cut, scope, receive)
            return
        answered_at = format_datetime(self._simulator.now(), usegmt=True)
        await send_answer(send, answer, date=answered_at)


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _read(scope: Scope, receive: Receive) -> Request | None:
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            limit = f"{MAX_BODY_BYTES} B"
            raise Problem(413, "body_too_large", f"请求体不能超过 {limit} / the limit is {limit}")
        if not message.get("more_body", False):
            break
    query = scope.get("query_string", b"").decode("latin-1")
    return Request(
        method=scope["method"],
        path=scope["path"],
        # The first of several equal names counts, hence the reversed order.
        query=dict(reversed(parse_qsl(query, keep_blank_values=True))),
        body=body,
        headers=headers_of(scope),
    )


def headers_of(scope: Scope) -> dict[str, str]:
    """The headers by name in lower case; of several equal names the last."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def refuse_strangers(headers: Mapping[str, str]) -> None:
    """Raises Problem where a call comes for another host, or from another's web page.

    Such a page can reach a port on this machine through the developer's browser (by DNS
    rebinding even read the answer), and /sim/wx/callContainer would go on from there.
    """
    origin = headers.get("origin")
    host = f"//{headers.get('host', '')}"
    if not is_loopback(host) or (origin is not None and not is_loopback(origin)):
        name = urlsplit(host).hostname
        text = f"只接受本机访问；要开放请加 --allow-remote / local calls only, not {name}"
        raise Problem(403, "remote_refused", text)


async def cut_line(cut: LineCut, scope: Scope, receive: Receive) -> None:
    """Ends the connection without a further byte; raises LineCut where the server cannot."""
    cutters = scope.get("extensions", {}).get(CUT)
    if cutters is None:
        raise cut
    cutters["reset" if cut.is_reset else "end"]()
    # Returning before the server has seen the end of the line would make it write an answer.
    while (await receive())["type"] != "http.disconnect":
        pass


async def send_answer(send: Send, answer: Answer, *, date: str | None = None) -> None:
    """Writes a whole answer."""
    headers = {
        **({} if date is None else {"date": date}),
        "content-type": answer.content_type,
        "content-length": str(len(answer.body)),
        **{name.lower(): value for name, value in answer.extra_headers.items()},
    }
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    await send({"type": "http.response.body", "body": answer.body})
