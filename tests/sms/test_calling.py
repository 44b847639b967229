"""A function of the host as a sender, sync or async, however it fails."""

import asyncio
import threading
import time
from functools import partial

import pytest

from tests.sms.vendors import CODE, PHONE, hits, message
from wxlogin.login.sms import SmsMessage, SmsRefused, SmsUnknown
from wxlogin.sms.calling import CallingSender
from wxlogin.testing.wechat import everything_said


async def test_an_async_function_is_given_the_message() -> None:
    given: list[SmsMessage] = []

    async def send(message: SmsMessage) -> None:
        given.append(message)

    await CallingSender(send).send(message())
    assert given == [message()]
    assert given[0].phone.e164 == f"+86{PHONE}"
    assert given[0].verification_code.reveal() == CODE


async def test_a_sync_function_runs_in_a_thread() -> None:
    threads: list[int] = []

    def send(message: SmsMessage) -> None:
        threads.append(threading.get_ident())

    await CallingSender(send).send(message())
    assert threads != [threading.get_ident()]


async def test_what_a_wrapped_async_function_gives_back_is_awaited() -> None:
    sent: list[str] = []

    async def send(prefix: str, message: SmsMessage) -> None:
        sent.append(prefix + message.purpose)

    await CallingSender(lambda message: send("a ", message)).send(message())
    await CallingSender(partial(send, "b ")).send(message())
    assert sent == ["a login", "b login"]


async def test_a_refusal_of_the_host_stays_one() -> None:
    async def send(message: SmsMessage) -> None:
        raise SmsRefused("balance", vendor_code="E17") from ValueError(CODE)

    with pytest.raises(SmsRefused) as refused:
        await CallingSender(send).send(message())
    assert str(refused.value) == "balance (E17)"
    assert hits([everything_said(refused.value)]) == []


async def test_whatever_else_it_raises_is_unknown_and_shows_nothing() -> None:
    def send(message: SmsMessage) -> None:
        raise RuntimeError(f"POST https://gateway/?to={PHONE}&code={CODE} failed")

    with pytest.raises(SmsUnknown) as unknown:
        await CallingSender(send).send(message())
    assert str(unknown.value) == "host (RuntimeError)"
    assert hits([everything_said(unknown.value)]) == []


async def test_one_that_takes_too_long_is_unknown() -> None:
    async def send(message: SmsMessage) -> None:
        await asyncio.sleep(10)

    began = time.monotonic()
    with pytest.raises(SmsUnknown) as unknown:
        await CallingSender(send, seconds=0.05).send(message())
    assert unknown.value.reason == "deadline"
    assert time.monotonic() - began < 2


async def test_whoever_stops_waiting_is_let_go() -> None:
    async def send(message: SmsMessage) -> None:
        await asyncio.sleep(10)

    sending = asyncio.create_task(CallingSender(send).send(message()))
    await asyncio.sleep(0)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
