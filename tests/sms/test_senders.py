"""What every sender holds: one message, at most once, and a word on how it ended."""

import asyncio
import logging
import re
import time
from typing import Any

import pytest

from tests.sms.vendors import (
    SENDERS,
    WELL,
    cut_in_the_answer,
    hits,
    message,
    nobody,
    reset,
    saying,
    silent,
    vendor,
)
from wxlogin.login.accounts import Phone
from wxlogin.login.secret import Secret
from wxlogin.login.sms import SmsMessage, SmsRefused, SmsUnknown
from wxlogin.sms import quiet, threads
from wxlogin.testing.wechat import everything_said

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcfromtimestamp")

each_sender = pytest.mark.parametrize("name", SENDERS)


@each_sender
async def test_a_message_that_is_accepted_is_sent_once_and_no_more_is_said(name: str) -> None:
    async with vendor(name, saying(WELL[name])) as (sender, server):
        assert await sender.send(message()) is None
    assert len(server.requests) == 1


@each_sender
async def test_where_nobody_listens_nothing_was_sent_and_the_message_does_not_count(
    name: str,
) -> None:
    async with nobody(name) as sender:
        with pytest.raises(SmsRefused) as refused:
            await sender.send(message())
    assert refused.value.reason == "unreachable"


@each_sender
@pytest.mark.parametrize(
    ("script", "reason"),
    [(silent, "deadline"), (reset, "cut"), (cut_in_the_answer, "cut")],
    ids=["silent", "reset", "cut in the answer"],
)
async def test_a_message_whose_fate_is_unknown_counts_and_is_never_sent_again(
    name: str, script: Any, reason: str
) -> None:
    """security.md F36."""
    async with vendor(name, script, seconds=0.5) as (sender, server):
        began = time.monotonic()
        with pytest.raises(SmsUnknown) as unknown:
            await sender.send(message())
        took = time.monotonic() - began
        # A retry would come now, for the libraries wait before they try again.
        await asyncio.sleep(0.3)
    assert unknown.value.reason == reason
    assert took < 3
    assert len(server.requests) == 1


@each_sender
@pytest.mark.parametrize(
    "script",
    [
        saying(b"<html>504 Gateway Timeout</html>", status="504 Gateway Timeout"),
        saying({"Code": "ServiceUnavailable"}, status="503 Service Unavailable"),
        saying(b"<html>a portal</html>"),
        saying(b"[]"),
        saying(b"null"),
        saying(b"", status="500 Internal Server Error"),
        saying({"Response": {"SendStatusSet": [], "RequestId": "r"}, "errcode": -1}),
        saying({"Response": {"SendStatusSet": [{"Code": None}]}, "Code": 17, "errcode": 1}),
    ],
)
async def test_an_answer_that_is_none_is_unknown(name: str, script: Any) -> None:
    async with vendor(name, script) as (sender, server):
        with pytest.raises(SmsUnknown):
            await sender.send(message())
    assert len(server.requests) == 1


ENDS = {
    "well": None,
    "silent": silent,
    "reset": reset,
    "cut": cut_in_the_answer,
    "500": saying(b"no", status="500 Internal Server Error"),
    "html": saying(b"<html>"),
    "echo": saying(
        {
            "Response": {
                "Error": {"Code": "FailedOperation.Nº13877426913", "Message": "804157"},
                "RequestId": "13877426913",
            },
            "Code": "13877426913",
            "Message": "804157 13877426913",
            "errcode": 804157,
        }
    ),
}


@each_sender
@pytest.mark.parametrize("end", [*ENDS, "nobody"])
async def test_no_end_of_a_message_shows_number_code_or_key(
    name: str, end: str, logged: list[str]
) -> None:
    if end == "nobody":
        async with nobody(name) as sender:
            fault = await _fault_of(sender)
    else:
        script = ENDS[end] or saying(WELL[name])
        async with vendor(name, script, seconds=0.5) as (sender, _):
            fault = await _fault_of(sender)
    assert (fault is None) == (end == "well")
    assert hits(logged) == []
    if fault is not None:
        assert fault.__cause__ is fault.__context__ is None
        # What our caller holds it holds wrapped; nothing else comes along.
        assert hits(everything_said(fault).splitlines()) == []


@pytest.mark.parametrize("name", ["tencent", "alibaba"])
async def test_twin_without_the_filter_the_sdk_shows_them(
    name: str, logged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads.quiet, "mark_thread", lambda: None)
    async with vendor(name, saying(WELL[name])) as (sender, _):
        await sender.send(message())
    assert hits(logged)


@pytest.mark.parametrize("name", ["tencent", "alibaba"])
async def test_twin_what_an_sdk_raises_shows_them(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sender that lets the SDK's exception come along, as a cause or as a context."""
    raised: list[BaseException] = []
    module = __import__(f"wxlogin.sms.{name}", fromlist=["x"])
    judged = module.outcome_of_fault

    def keeping(fault: BaseException) -> Any:
        raised.append(fault)
        return judged(fault)

    monkeypatch.setattr(module, "outcome_of_fault", keeping)
    async with vendor(name, reset) as (sender, _):
        with pytest.raises(SmsUnknown):
            await sender.send(message())
    assert hits(everything_said(raised[0]).splitlines())


async def test_the_hosts_own_calls_are_still_logged(logged: list[str]) -> None:
    async with vendor("tencent", saying(WELL["tencent"])) as (sender, _):
        await sender.send(message())
        for name in quiet.LOGGERS:
            logging.getLogger(name).debug("of the host, by %s", name)
    assert sum("of the host" in line for line in logged) == len(quiet.LOGGERS)


@pytest.mark.parametrize("name", ["tencent", "alibaba"])
async def test_the_loop_goes_on_while_a_vendor_thinks(name: str) -> None:
    async with vendor(name, silent, seconds=0.5) as (sender, _):
        sending = asyncio.create_task(_fault_of(sender))
        beats = 0
        while not sending.done():
            await asyncio.sleep(0.01)
            beats += 1
    assert isinstance(sending.result(), SmsUnknown)
    assert beats > 10


@pytest.mark.parametrize("name", ["tencent", "alibaba"])
async def test_many_messages_at_once_do_not_mix(name: str) -> None:
    """Each request holds one number and its own code, though threads share what they share."""
    async with vendor(name, saying(WELL[name]), seconds=20) as (sender, server):
        many = [
            SmsMessage(Phone("86", f"138000{n:05}"), Secret(f"7{n:05}"), "login") for n in range(40)
        ]
        await asyncio.gather(*map(sender.send, many))
    heard = [request.decode() for request in server.requests]
    pairs = sorted(
        (re.findall(r"138000(\d{5})", one)[0], re.findall(r"(?:\"|%22)7(\d{5})(?:\"|%22)", one)[0])
        for one in heard
    )
    assert pairs == [(f"{n:05}", f"{n:05}") for n in range(40)]


async def _fault_of(sender: Any) -> BaseException | None:
    try:
        await sender.send(message())
    except (SmsRefused, SmsUnknown) as fault:
        return fault
    return None
