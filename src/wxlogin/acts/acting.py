"""What every part of `WxLogin` asks of the whole."""

from abc import ABC, abstractmethod
from typing import Any

from wxlogin.login.accounts import Account
from wxlogin.login.flow import Flow


class Acting(ABC):
    @abstractmethod
    async def flow(self) -> Flow:
        """The core, made ready on first use."""

    @abstractmethod
    async def _get(self, **named: Any) -> Account:
        """The account that `find(**named)` names. Raises `NotFound`."""
