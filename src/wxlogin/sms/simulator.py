"""The inbox of the simulator: `POST /sim/sms` of http-api.md §11."""

import asyncio

import httpx2

from wxlogin.login.sms import SmsMessage, SmsRefused, SmsUnknown
from wxlogin.sms.threads import Outcome

NOT_REACHED = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


class SimulatorSender:
    """Posts to the simulator at `base_url`, and waits for its answer: the message is then in.

    Never for production: number and code go out in the clear. Bound to one event loop.
    """

    def __init__(self, base_url: str, *, sign_name: str = "wxlogin", seconds: float = 3.0) -> None:
        self._client = httpx2.AsyncClient(
            base_url=base_url, trust_env=False, follow_redirects=False, timeout=seconds
        )
        self._sign_name = sign_name
        self._seconds = seconds

    async def send(self, message: SmsMessage) -> None:
        # Raised here, outside of every `except`: the library's exception holds the request.
        outcome = await self._outcome(message)
        if outcome is not None:
            raise outcome

    async def close(self) -> None:
        await self._client.aclose()

    async def _outcome(self, message: SmsMessage) -> Outcome:
        body = {
            "phone": message.phone.e164,
            "text": text_of(message, sign_name=self._sign_name),
            "verification_code": message.verification_code.reveal(),
        }
        try:
            async with asyncio.timeout(self._seconds):
                response = await self._client.post("/sim/sms", json=body)
            return _judged(response)
        except NOT_REACHED:
            return SmsRefused("unreachable")
        except (TimeoutError, httpx2.TimeoutException):
            return SmsUnknown("deadline")
        except httpx2.HTTPError:
            return SmsUnknown("cut")


def text_of(message: SmsMessage, *, sign_name: str) -> str:
    """What the person reads."""
    code = message.verification_code.reveal()
    if message.language == "en":
        return (
            f"[{sign_name}] Your verification code is {code}, valid for "
            f"{message.minutes} minutes. Tell it to nobody."
        )
    return f"【{sign_name}】验证码 {code}，{message.minutes} 分钟内有效，请勿告知他人。"


def _judged(response: httpx2.Response) -> Outcome:
    if 400 <= response.status_code < 500:
        return SmsRefused("other", vendor_code=f"HTTP {response.status_code}")
    try:
        answer = response.json()
    except ValueError:
        answer = None
    # A scripted errcode comes with 200.
    if response.status_code == 200 and isinstance(answer, dict) and "errcode" not in answer:
        return None
    return SmsUnknown("vendor", detail=f"HTTP {response.status_code}")
