"""People for the console to look at, put into the store as logins put them."""

from typing import Any

from wxlogin.login import tokens
from wxlogin.login.accounts import Agreement, Phone
from wxlogin.login.sessions import Device
from wxlogin.testing.stores import samples


class People:
    def __init__(self, house: Any, clock: Any) -> None:
        self._house = house
        self._clock = clock
        self._count = 0

    async def add(
        self,
        nickname: str | None = None,
        *,
        phone: str | None = None,
        openid: str | None = None,
        **changes: Any,
    ) -> Any:
        """The session of somebody who has just registered. `phone` is a mobile of China's."""
        self._count += 1
        now = self._clock()
        account_id = tokens.new_id(now, self._count.to_bytes(10, "big"))
        commit = samples.login(
            openid,
            at=now,
            app_id=changes.pop("app_id", "wx-a"),
            device=changes.pop("device", Device("d-1", "Mate 60", "android")),
            phone=None if phone is None else Phone("86", phone, now),
            registration=samples.new_account(
                id=account_id, nickname=nickname, **changes.pop("of_account", {})
            ),
            agreements=(Agreement("terms", "3"),),
            **changes,
        )
        return samples.made(await (await self._house.wx.open_store()).commit_login(commit))
