"""The transport on pyreqwest keeps the promise; and what is its own."""

import pytest

pytest.importorskip("pyreqwest", reason="the extra [fast] is not installed")

from pyreqwest import exceptions

from wxlogin.login.ports import NothingSent
from wxlogin.testing.wechat import (
    Conversation,
    TransportConformance,
    exchange,
    loopback,
)
from wxlogin.wechat import pyreqwest_transport
from wxlogin.wechat.opening import make_transport
from wxlogin.wechat.pyreqwest_transport import PyreqwestTransport
from wxlogin.wechat.transport import (
    MAX_CONNECTIONS,
    OpenTransport,
    Unanswered,
)


class TestPyreqwestTransport(TransportConformance):
    def make(
        self,
        base_url: str,
        *,
        ca_pem: bytes | None = None,
        max_connections: int = MAX_CONNECTIONS,
    ) -> OpenTransport:
        return PyreqwestTransport(base_url, ca_pem=ca_pem, max_connections=max_connections)


async def _once(line: Conversation) -> None:
    await line.hear()
    line.reset()


async def test_fast_is_pyreqwest() -> None:
    transport = make_transport(fast=True)
    assert type(transport) is PyreqwestTransport
    await transport.close()


async def test_the_reason_is_told_for_the_log() -> None:
    async with loopback(_once) as server:
        transport = PyreqwestTransport(server.url)
        with pytest.raises(Unanswered) as raised:
            await transport.send(exchange())
        await transport.close()
    assert raised.value.reason == "cut"


async def test_twin_the_class_of_its_exception_would_call_a_spent_code_unspent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its ConnectError is raised for a line cut after the request, too."""

    def by_class(fault: Exception) -> list[str]:
        is_connect = isinstance(fault, exceptions.ConnectError)
        return [pyreqwest_transport.CONNECTING] if is_connect else []

    monkeypatch.setattr(pyreqwest_transport, "_causes", by_class)
    async with loopback(_once) as server:
        transport = PyreqwestTransport(server.url)
        with pytest.raises(NothingSent):
            await transport.send(exchange())
        await transport.close()
    assert len(server.requests) == 1
