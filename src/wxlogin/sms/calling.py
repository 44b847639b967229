"""A function of the host that sends, with whatever gateway the host has."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

from wxlogin.login.sms import SmsMessage, SmsRefused, SmsUnknown
from wxlogin.sms.threads import SECONDS, Outcome


class CallingSender:
    """Calls `function(message)`, in a thread where it is sync; its answer is not looked at.

    It may raise `SmsRefused` where nothing was sent. Whatever else it raises is an unknown,
    of which the name of the class is kept and not the text: that may hold the number.
    """

    def __init__(self, function: Callable[[SmsMessage], Any], *, seconds: float = SECONDS) -> None:
        self._function = function
        self._seconds = seconds

    async def send(self, message: SmsMessage) -> None:
        outcome = await self._outcome(message)
        if outcome is not None:
            raise outcome

    async def close(self) -> None:
        """Nothing is held."""

    async def _outcome(self, message: SmsMessage) -> Outcome:
        try:
            async with asyncio.timeout(self._seconds):
                await self._call(message)
        except SmsRefused as refused:
            return SmsRefused(refused.reason, vendor_code=refused.vendor_code)
        except SmsUnknown as unknown:
            return SmsUnknown(unknown.reason, detail=unknown.detail)
        except TimeoutError:
            return SmsUnknown("deadline")
        except Exception as fault:
            return SmsUnknown("host", detail=type(fault).__name__)
        return None

    async def _call(self, message: SmsMessage) -> None:
        if inspect.iscoroutinefunction(self._function):
            await self._function(message)
            return
        answer = await asyncio.to_thread(self._function, message)
        if inspect.isawaitable(answer):
            await answer
