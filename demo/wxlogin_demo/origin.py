"""The one origin of the demo: its page, the phones, WeChat as phones see it, and the server.

/demo/                   the page; its files are under /demo/static/
/demo/phone/…            the phones in the browser, each with its way to the server
/demo/events             what happens, as it happens
/demo/levers             what can be done to the world
/sim/wx/…, /sim/users    the simulator's side for phones; no stage direction, no secret
everything else          the developer's server: wxlogin
"""

from wechat_simulator import Simulator
from wxlogin.endpoints.asgi import App, Receive, Scope, Send
from wxlogin_demo.back_end import BackEnd
from wxlogin_demo.gate import refusal_of, values_of
from wxlogin_demo.holders import HolderDoor
from wxlogin_demo.lever_door import PATH as LEVERS
from wxlogin_demo.lever_door import LeverDoor
from wxlogin_demo.page_files import PageFiles
from wxlogin_demo.phone_doors import PREFIX as PHONE_PAGES
from wxlogin_demo.phone_doors import PhoneDoors
from wxlogin_demo.replies import redirect, refuse
from wxlogin_demo.stream import Stream
from wxlogin_demo.traffic import Traffic

PAGE = "/demo/"
STATIC = "/demo/static/"
EVENTS = "/demo/events"
PHONES = "/sim/wx/"
HOLDERS = "/sim/users"


class Origin:
    """An ASGI application; the server's life is its own."""

    def __init__(
        self,
        back_end: BackEnd,
        simulator: Simulator,
        *,
        phones: PhoneDoors,
        levers: LeverDoor,
        stream: Stream,
        traffic: Traffic,
    ) -> None:
        self._back_end = back_end
        self._simulator = simulator
        self._phones = phones
        self._levers = levers
        self._stream = stream
        self._traffic = traffic
        self._page = PageFiles(PAGE, STATIC)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["type"] == "http" and (why := refusal_of(scope["headers"])) is not None:
            await refuse(send, 403, "remote_refused", why)
            return
        await self._side(scope["path"])(scope, receive, send)

    def _side(self, path: str) -> App:
        if path.startswith(PHONE_PAGES):
            return self._phones
        if path == EVENTS:
            return self._tell
        if path == LEVERS or path.startswith(f"{LEVERS}/"):
            return self._levers
        if path in ("/", PAGE[:-1]):
            return _to_page
        if path.startswith(PAGE):
            return self._page
        if path.startswith(PHONES):
            return self._simulator.app
        if path == HOLDERS:
            return HolderDoor(self._simulator)
        return self._traffic

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self._back_end.start()
        except Exception as fault:
            await send({"type": "lifespan.startup.failed", "message": str(fault)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._back_end.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _tell(self, scope: Scope, receive: Receive, send: Send) -> None:
        after = values_of(scope["headers"], b"last-event-id")
        await self._stream.tell(receive, send, after=after[0] if after else "")


async def _to_page(scope: Scope, receive: Receive, send: Send) -> None:
    await redirect(send, PAGE)
