"""What a door of the demo reads and answers: small JSON bodies, and the headers that go along."""

import json
from collections.abc import Mapping
from typing import Any

from wxlogin.endpoints.asgi import Receive, Send
from wxlogin_demo.words import Words

JSON = "application/json"
PROBLEM = "application/problem+json"

MAX_BODY_BYTES = 4096

GUARDED = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",
}
"""On all that is the demo's own: no other site may read it, not even as a picture or a script."""


async def answer(
    send: Send,
    status: int,
    content: bytes,
    *,
    content_type: str,
    headers: Mapping[str, str] | None = None,
    is_head: bool = False,
) -> None:
    told = {
        **GUARDED,
        "content-type": content_type,
        "content-length": str(len(content)),
        **(headers or {}),
    }
    await begin(send, status, told)
    await send({"type": "http.response.body", "body": b"" if is_head else content})


async def begin(send: Send, status: int, headers: Mapping[str, str]) -> None:
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})


async def answer_json(send: Send, told: Any, *, status: int = 200) -> None:
    await answer(send, status, compact(told), content_type=JSON)


async def refuse(
    send: Send, status: int, code: str, why: Words, *, headers: Mapping[str, str] | None = None
) -> None:
    """A problem document; `detail` in both languages, and each by itself for the page."""
    told = {
        "type": "about:blank",
        "title": "没有做 / not done",
        "status": status,
        "code": code,
        "detail": f"{why.zh} / {why.en}",
        "words": why._asdict(),
    }
    await answer(send, status, compact(told), content_type=PROBLEM, headers=headers)


async def redirect(send: Send, to: str) -> None:
    await answer(send, 307, b"", content_type="text/plain", headers={"location": to})


def compact(told: Any) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


async def read_object(receive: Receive) -> dict[str, Any] | None:
    """The JSON object of a body; None where it is none, or too long."""
    body = b""
    while len(body) <= MAX_BODY_BYTES:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    try:
        sent = json.loads(body) if len(body) <= MAX_BODY_BYTES else None
    except ValueError:
        return None
    return sent if isinstance(sent, dict) else None
