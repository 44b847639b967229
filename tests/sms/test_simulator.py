"""The simulator's inbox, the real one: what is sent is there when `send` returns."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.sms.vendors import CODE, PHONE, message
from wechat_simulator import Simulator
from wxlogin.login.sms import SmsRefused, SmsUnknown
from wxlogin.sms.simulator import SimulatorSender, text_of


@pytest.fixture
def inbox() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


def read(simulator: Simulator) -> list[dict[str, str]]:
    answer = httpx2.get(f"{simulator.url}/sim/sms", params={"phone": f"+86{PHONE}"})
    items: list[dict[str, str]] = answer.json()["items"]
    return items


def script(simulator: Simulator, **fault: object) -> None:
    httpx2.post(f"{simulator.url}/sim/faults", json={"path": "/sim/sms", **fault})


async def test_a_message_is_in_the_inbox_when_it_is_sent(inbox: Simulator) -> None:
    sender = SimulatorSender(inbox.url)
    await sender.send(message())
    await sender.close()
    (item,) = read(inbox)
    assert item["phone"] == f"+86{PHONE}"
    assert item["verification_code"] == CODE
    assert item["text"] == f"【wxlogin】验证码 {CODE}，5 分钟内有效，请勿告知他人。"


@pytest.mark.parametrize("fault", [{"status": 503}, {"errcode": -1}, {"drop": "before"}])
async def test_a_fault_before_the_inbox_is_unknown_and_not_repeated(
    inbox: Simulator, fault: dict[str, object]
) -> None:
    script(inbox, **fault, times=1)
    sender = SimulatorSender(inbox.url)
    with pytest.raises(SmsUnknown):
        await sender.send(message())
    assert read(inbox) == []
    await sender.close()


async def test_a_line_cut_after_the_inbox_is_unknown_and_the_message_is_there(
    inbox: Simulator,
) -> None:
    script(inbox, drop="after", times=1)
    sender = SimulatorSender(inbox.url)
    with pytest.raises(SmsUnknown):
        await sender.send(message())
    assert len(read(inbox)) == 1
    await sender.close()


async def test_an_answer_that_is_late_is_not_waited_for(inbox: Simulator) -> None:
    script(inbox, delay_seconds=5, times=1)
    sender = SimulatorSender(inbox.url, seconds=0.2)
    with pytest.raises(SmsUnknown) as unknown:
        await sender.send(message())
    assert unknown.value.reason == "deadline"
    await sender.close()


async def test_what_the_gateway_refuses_was_not_sent(inbox: Simulator) -> None:
    sender = SimulatorSender(inbox.url + "/nowhere")
    with pytest.raises(SmsRefused) as refused:
        await sender.send(message())
    assert str(refused.value) == "other (HTTP 404)"
    await sender.close()


def test_the_text_speaks_the_language_of_the_person() -> None:
    assert text_of(message(minutes=10), sign_name="某某科技") == (
        f"【某某科技】验证码 {CODE}，10 分钟内有效，请勿告知他人。"
    )
    english = text_of(message(language="en"), sign_name="wxlogin")
    assert english.startswith(f"[wxlogin] Your verification code is {CODE}, valid for 5 minutes")
