"""A place of its own for each phone in the browser, and from there a way of its own to the server.

    /demo/phone/?user=ann&device=phone-1      leads to
    /demo/phone/ann/phone-1/?user=…           the phone's page and files
    /demo/phone/ann/phone-1/server/v1/login   what its mini program takes for /v1/login

A request of a mini program says nothing of the phone it comes from, so its way does.
"""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlencode

from wechat_simulator.phone import PhoneConfig
from wxlogin.endpoints.asgi import App, Receive, Scope, Send
from wxlogin_demo.replies import redirect, refuse
from wxlogin_demo.traffic import PHONE
from wxlogin_demo.words import Words

PREFIX = "/demo/phone/"
SERVER = "/server"
MINI_PROGRAM_CALLS = "http://127.0.0.1:8000"
"""What the compiled mini program takes for its server, whatever port the demo has got."""

MakeDoor = Callable[[PhoneConfig, str], App]
"""What answers for a phone below a prefix."""

_NAME = r"([A-Za-z0-9_-]{1,32})"
_OF_PHONE = re.compile(rf"{PREFIX}{_NAME}/{_NAME}(/.*)")
_HOLDER = re.compile(rf"{_NAME}/{_NAME}")


class PhoneDoors:
    """`server` is what stands behind the ways of all phones."""

    def __init__(self, make: MakeDoor, server: App, *, app_id: str, url: str) -> None:
        self._make = make
        self._server = server
        self._app_id = app_id
        self._url = url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = _OF_PHONE.fullmatch(scope["path"])
        if found is None:
            await _lead(scope, send)
            return
        user, device, rest = found.groups()
        place = f"{PREFIX}{user}/{device}"
        if rest.startswith(f"{SERVER}/"):
            path = rest.removeprefix(SERVER)
            led = {**scope, "path": path, "raw_path": path.encode(), PHONE: f"{user}/{device}"}
            await self._server(led, receive, send)
        else:
            door = self._make(self._config(place), f"{place}/")
            await door(scope, receive, send)

    def _config(self, place: str) -> PhoneConfig:
        way = f"{place}{SERVER}"
        return PhoneConfig(app_id=self._app_id, forward={MINI_PROGRAM_CALLS: way, self._url: way})


async def _lead(scope: Scope, send: Send) -> None:
    """To the place of the phone that the query names; ann's first one where it names none."""
    asked = parse_qs(scope["query_string"].decode("latin-1"))
    holder = {"user": "ann", "device": "phone-1"}
    holder |= {name: values[0] for name, values in asked.items()}
    place = f"{holder['user']}/{holder['device']}"
    if scope["path"] != PREFIX or not _HOLDER.fullmatch(place):
        await refuse(send, 404, "not_found", Words("没有这部手机", "there is no such phone"))
        return
    await redirect(send, f"{PREFIX}{place}/?{urlencode(holder)}")
