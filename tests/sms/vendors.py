"""Senders, what they speak to on loopback, and the canaries that nothing may show."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from wxlogin.login.accounts import Phone
from wxlogin.login.secret import Secret
from wxlogin.login.sms import SmsMessage
from wxlogin.sms.alibaba import AlibabaSender
from wxlogin.sms.simulator import SimulatorSender
from wxlogin.sms.tencent import TencentSender
from wxlogin.testing.wechat import Conversation, Loopback, closed_port, loopback

PHONE = "13877426913"
CODE = "804157"
SECRET_KEY = "canary-secret-key-5a1e"
CANARIES = (PHONE, CODE, SECRET_KEY)

WELL = {
    "tencent": {
        "Response": {
            "SendStatusSet": [
                {
                    "SerialNo": "5000:1045710669157053657849499619",
                    "PhoneNumber": f"+86{PHONE}",
                    "Fee": 1,
                    "SessionContext": "",
                    "Code": "Ok",
                    "Message": "send success",
                    "IsoCode": "CN",
                }
            ],
            "RequestId": "a0aabda6-cf91-4f3e-a81f-9198114a2279",
        }
    },
    "alibaba": {
        "Message": "OK",
        "RequestId": "873043AC-BCDA-44DB-9052-2E204C6ED20F",
        "Code": "OK",
        "BizId": "607300000000000000^0",
    },
    "simulator": {},
}
"""What each answers to a message it takes, as its pages show it."""

SENDERS = tuple(WELL)


def message(**fields: Any) -> SmsMessage:
    return SmsMessage(Phone("86", PHONE), Secret(CODE), **{"purpose": "login", **fields})


def sender_to(name: str, url: str, *, seconds: float = 2.0) -> Any:
    """The sender of that name, as it is, but for the address and the time it has."""
    host = url.removeprefix("http://")
    if name == "simulator":
        return SimulatorSender(url, seconds=seconds)
    if name == "tencent":
        return TencentSender(
            secret_id="AKID-of-nobody",
            secret_key=Secret(SECRET_KEY),
            sdk_app_id="1400006666",
            sign_name="某某科技",
            template_id="449739",
            endpoint=host,
            scheme="http",
            seconds=seconds,
        )
    return AlibabaSender(
        access_key_id="LTAI-of-nobody",
        access_key_secret=Secret(SECRET_KEY),
        sign_name="某某科技",
        template_code="SMS_154950909",
        endpoint=host,
        scheme="http",
        seconds=seconds,
    )


def saying(body: object, *, status: str = "200 OK") -> Callable[[Conversation], Any]:
    """A server that answers with `body`, bytes as they are and anything else as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()

    async def script(line: Conversation) -> None:
        while await line.hear():
            await line.answer(raw, status=status, headers=b"Content-Type: application/json\r\n")

    return script


async def silent(line: Conversation) -> None:
    await line.hear()
    await asyncio.sleep(10)


async def reset(line: Conversation) -> None:
    await line.hear()
    line.reset()


async def cut_in_the_answer(line: Conversation) -> None:
    await line.hear()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 400\r\n\r\n"
    await line.say(head, b'{"Response": {"Send')


@contextlib.asynccontextmanager
async def vendor(
    name: str, script: Callable[[Conversation], Any], *, seconds: float = 2.0
) -> AsyncIterator[tuple[Any, Loopback]]:
    """A sender of that name, and the server it speaks to."""
    async with loopback(script) as server:
        sender = sender_to(name, server.url, seconds=seconds)
        try:
            yield sender, server
        finally:
            await sender.close()


@contextlib.asynccontextmanager
async def nobody(name: str) -> AsyncIterator[Any]:
    """A sender of that name, to a port where nobody listens."""
    sender = sender_to(name, f"http://127.0.0.1:{closed_port()}")
    yield sender
    await sender.close()


def hits(lines: list[str]) -> list[str]:
    """The lines that show a canary."""
    return [line for line in lines if any(canary in line for canary in CANARIES)]
