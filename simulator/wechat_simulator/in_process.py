"""The simulator as a transport of httpx2: no port, and a cut line is a connection error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2

from wechat_simulator.handling import LineCut

if TYPE_CHECKING:
    from wechat_simulator.simulator import Simulator


class InProcessTransport(httpx2.AsyncBaseTransport):
    """Give it to `httpx2.AsyncClient(transport=...)`; the host of the URL does not matter."""

    def __init__(self, simulator: Simulator) -> None:
        self._inner = httpx2.ASGITransport(app=simulator.app)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The simulator's answer; for a cut line the error that a socket would lead to."""
        try:
            return await self._inner.handle_async_request(request)
        except LineCut as cut:
            if cut.is_reset:
                raise httpx2.ReadError("Connection reset by peer", request=request) from None
            # from None: nothing of the request, which carries the appsecret, shall be shown.
            raise httpx2.RemoteProtocolError(
                "Server disconnected without sending a response.", request=request
            ) from None
