"""Any other interface of WeChat's, as a host calls it: `wx.wechat(app_id).post(path, json=…)`."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from wxlogin.wechat.client import Caller


class AppApi:
    """WeChat's other interfaces for one app, with the shared access_token.

    Errors are those of `wxlogin.wechat.client.Caller`.
    """

    def __init__(self, caller: Callable[[], Awaitable[Caller]]) -> None:
        """`caller` gives the calls of the app, in the running event loop."""
        self._caller = caller

    async def get(self, path: str, *, params: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        """The answer's fields; `path` like "/wxa/getwxadevinfo"."""
        return await (await self._caller()).get(path, params=params)

    async def post(
        self, path: str, *, params: Mapping[str, str] | None = None, json: Any = None
    ) -> Mapping[str, Any]:
        """The same by POST, with a JSON body."""
        return await (await self._caller()).post(path, params=params, json=json)
