"""What a transport to WeChat must keep to, as tests; and the servers that attack it.

    class TestMyTransport(TransportConformance):
        def make(self, base_url, **options):
            return MyTransport(base_url, **options)

The servers speak TCP by hand, on the loopback interface, because the faults that matter
(a line cut after the request, a body that ends early) are below what HTTP libraries serve.
"""

import asyncio
import contextlib
import datetime
import gzip
import ipaddress
import socket
import ssl
import struct
import tempfile
import traceback
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from wxlogin.login.ports import NothingSent
from wxlogin.wechat.transport import (
    MAX_ANSWER,
    OpenTransport,
    Unanswered,
    WeChatRequest,
    WeChatResponse,
)

APPSECRET = "canary-appsecret-5d1f"
ANSWER = b'{"openid":"oVBkZ0aYgDMDIywRdgPW8-joxXc4"}'

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


class Conversation:
    """One connection, as the server sees it."""

    def __init__(
        self, server: "Loopback", reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._server = server
        self._reader = reader
        self._writer = writer

    async def hear(self) -> bytes:
        """Read one whole request and keep it; b"" if the line ended first."""
        try:
            heard = await self._reader.readuntil(b"\r\n\r\n")
            for line in heard.lower().split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    heard += await self._reader.readexactly(int(line.split(b":")[1]))
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""
        self._server.requests.append(heard)
        return heard

    async def say(self, *parts: bytes) -> None:
        self._writer.write(b"".join(parts))
        await self._writer.drain()

    async def answer(
        self, body: bytes = ANSWER, *, status: str = "200 OK", headers: bytes = b""
    ) -> None:
        await self.say(_spelled(body, status=status, headers=headers))

    def reset(self) -> None:
        """Cut the line so that the peer sees a reset, not an end."""
        raw = self._writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


def _spelled(body: bytes, *, status: str = "200 OK", headers: bytes = b"") -> bytes:
    length = b"Content-Length: %d\r\n\r\n" % len(body)
    return b"".join((b"HTTP/1.1 ", status.encode(), b"\r\n", headers, length, body))


Script = Callable[[Conversation], Awaitable[None]]


class Loopback:
    """What arrived at a server."""

    def __init__(self) -> None:
        self.url = ""
        self.connections = 0
        self.requests: list[bytes] = []


@contextlib.asynccontextmanager
async def loopback(script: Script, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Loopback]:
    """A server that treats each connection as `script` says, then closes it."""
    server = Loopback()
    running: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        task = asyncio.current_task()
        assert task is not None
        running[task] = writer
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await script(Conversation(server, reader, writer))
        running.pop(task)
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    port = listening.sockets[0].getsockname()[1]
    server.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    try:
        yield server
    finally:
        listening.close()
        await asyncio.sleep(0.001)  # whoever is being accepted is then among the running
        for task, writer in running.items():
            # Not closed: what still waits to be written would hold the line open.
            writer.transport.abort()
            task.cancel()
        if running:
            await asyncio.wait(running)
        await asyncio.sleep(0.001)


def certificate(host: str = "127.0.0.1") -> tuple[bytes, ssl.SSLContext]:
    """The PEM of an authority, and a server's TLS with a certificate of its for `host`."""
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    alternative: x509.GeneralName = x509.DNSName(host)
    with contextlib.suppress(ValueError):
        alternative = x509.IPAddress(ipaddress.ip_address(host))
    authority = (
        _certificate("authority", key=authority_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    leaf = (
        _certificate("server", key=key)
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        both = Path(folder, "both.pem")
        both.write_bytes(leaf.public_bytes(serialization.Encoding.PEM) + private)
        context.load_cert_chain(both)
    return authority.public_bytes(serialization.Encoding.PEM), context


def _certificate(name: str, *, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named("authority"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
    )


def closed_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def exchange(*, seconds: float = 2.0) -> WeChatRequest:
    """A code exchange whose secret must be seen nowhere but on the wire."""
    query = {"appid": "wx1", "secret": APPSECRET, "js_code": "0code"}
    return WeChatRequest("GET", "/sns/jscode2session", query, seconds=seconds)


def everything_said(fault: BaseException) -> str:
    """All that a log or an error report could make of `fault`, its chain and its frames."""
    told: list[str] = []
    seen: set[int] = set()
    waiting: list[BaseException | None] = [fault]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        told += [str(one), repr(one), repr(one.args), repr(vars(one))]
        told += traceback.format_exception(one)
        report = traceback.TracebackException.from_exception(one, capture_locals=True)
        for frame in report.stack:
            told += [f"{name}={value}" for name, value in (frame.locals or {}).items()]
        waiting += [one.__cause__, one.__context__]
    return "\n".join(told)


class TransportConformance(ABC):
    """Inherit it under a name that begins with Test."""

    @abstractmethod
    def make(
        self, base_url: str, *, ca_pem: bytes | None = None, max_connections: int = 100
    ) -> OpenTransport: ...

    @contextlib.asynccontextmanager
    async def _to(self, base_url: str, **options: Any) -> AsyncIterator[OpenTransport]:
        transport = self.make(base_url, **options)
        try:
            yield transport
        finally:
            await transport.close()

    async def _send_to(self, script: Script, *, seconds: float = 2.0) -> WeChatResponse:
        async with loopback(script) as server, self._to(server.url) as transport:
            return await transport.send(exchange(seconds=seconds))

    async def _fails_with(
        self, kind: type[Exception], script: Script, *, seconds: float = 2.0
    ) -> Exception:
        """Send once to such a server: `kind` is raised, the request arrived once at most,
        and nothing of the secret can be read out of the exception."""
        async with loopback(script) as server, self._to(server.url) as transport:
            with pytest.raises(kind) as raised:
                await transport.send(exchange(seconds=seconds))
            await asyncio.sleep(0.02)
            assert len(server.requests) <= 1
        assert raised.value.__cause__ is None
        assert raised.value.__context__ is None
        assert APPSECRET not in everything_said(raised.value)
        return raised.value

    async def test_an_answer_of_any_status_and_type_is_handed_over(self) -> None:
        async def script(line: Conversation) -> None:
            await line.hear()
            await line.answer(status="412 No", headers=b"Content-Type: text/plain\r\n")

        response = await self._send_to(script)
        assert (response.status, response.body) == (412, ANSWER)

    async def test_the_request_arrives_as_written(self) -> None:
        async def script(line: Conversation) -> None:
            await line.hear()
            await line.answer()

        async with loopback(script) as server, self._to(server.url) as transport:
            await transport.send(WeChatRequest("GET", "/a/b", {"c": "d e&", "f": "手"}))
            await transport.send(WeChatRequest("POST", "/p", {"t": "1"}, b'{"x":"\xe6\x89\x8b"}'))
        get, post = server.requests
        assert get.startswith(b"GET /a/b?c=d+e%26&f=%E6%89%8B HTTP/1.1\r\n")
        assert b"accept-encoding: identity\r\n" in get.lower()
        assert post.startswith(b"POST /p?t=1 HTTP/1.1\r\n")
        assert b"content-type: application/json\r\n" in post.lower()
        assert post.endswith(b'\r\n\r\n{"x":"\xe6\x89\x8b"}')
        for name in (b"cookie", b"authorization", b"referer", b"transfer-encoding"):
            assert name + b":" not in (get + post).lower()

    async def test_a_body_of_another_type_arrives_to_the_byte(self) -> None:
        """Also one that is larger than what a socket takes at once; its length is said first,
        for WeChat refuses chunks (412)."""

        async def script(line: Conversation) -> None:
            await line.hear()
            await line.answer()

        body = bytes(range(256)) * 4096
        typed = WeChatRequest(
            "POST", "/p", {}, body, content_type="multipart/form-data; boundary=b"
        )
        async with loopback(script) as server, self._to(server.url) as transport:
            await transport.send(typed)
        head, _, arrived = server.requests[0].partition(b"\r\n\r\n")
        assert arrived == body
        lines = head.lower().split(b"\r\n")
        assert b"content-type: multipart/form-data; boundary=b" in lines
        assert b"content-length: 1048576" in lines
        assert sum(line.startswith(b"content-type:") for line in lines) == 1

    async def test_a_line_cut_after_the_request_is_unanswered_and_not_repeated(self) -> None:
        async def ends(line: Conversation) -> None:
            await line.hear()

        async def resets(line: Conversation) -> None:
            await line.hear()
            line.reset()

        for script in (ends, resets):
            await self._fails_with(Unanswered, script)

    async def test_a_pooled_line_cut_after_the_request_is_not_repeated_either(self) -> None:
        """aiohttp repeats here, and spends the code twice."""

        async def script(line: Conversation) -> None:
            await line.hear()
            await line.answer()
            await line.hear()
            line.reset()

        async with loopback(script) as server, self._to(server.url) as transport:
            await transport.send(exchange())
            with pytest.raises(Unanswered) as raised:
                await transport.send(exchange())
            await asyncio.sleep(0.05)
        assert (server.connections, len(server.requests)) == (1, 2)
        assert APPSECRET not in everything_said(raised.value)

    async def test_a_line_closed_between_requests_costs_nothing(self) -> None:
        """The peer has closed the pooled line: the next request goes out on a new one, once."""

        async def script(line: Conversation) -> None:
            await line.hear()
            await line.answer()

        pem, tls = certificate()
        for context in (None, tls):
            async with (
                loopback(script, tls=context) as server,
                self._to(server.url, ca_pem=pem if context else None) as transport,
            ):
                for _ in range(3):
                    assert (await transport.send(exchange())).status == 200
                    await asyncio.sleep(0.02)
            assert (server.connections, len(server.requests)) == (3, 3)

    async def test_lines_are_kept(self) -> None:
        async def script(line: Conversation) -> None:
            while await line.hear():
                await line.answer()

        async with loopback(script) as server, self._to(server.url) as transport:
            for _ in range(3):
                await transport.send(exchange())
        assert (server.connections, len(server.requests)) == (1, 3)

    async def test_an_answer_nobody_asked_for_is_given_to_nobody(self) -> None:
        """Else one person would be logged in with the answer about another."""

        async def at_once(line: Conversation) -> None:
            while heard := await line.hear():
                path = heard.split(b" ")[1]
                await line.say(_spelled(path), _spelled(b"surplus"))

        async def one_by_one(line: Conversation) -> None:
            while heard := await line.hear():
                await line.answer(heard.split(b" ")[1])
                await line.answer(b"surplus")

        pem, tls = certificate()
        for script in (at_once, one_by_one):
            for context in (None, tls):
                async with (
                    loopback(script, tls=context) as server,
                    self._to(server.url, ca_pem=pem if context else None) as transport,
                ):
                    for path in ("/1", "/2", "/3"):
                        with contextlib.suppress(Unanswered):
                            response = await transport.send(WeChatRequest("GET", path))
                            assert response.body == path.encode()
                        await asyncio.sleep(0.01)

    async def test_a_cancelled_call_leaves_its_answer_to_nobody(self) -> None:
        async def script(line: Conversation) -> None:
            while heard := await line.hear():
                path = heard.split(b" ")[1]
                await asyncio.sleep(0.05 if path == b"/slow" else 0)
                await line.answer(path)

        async with loopback(script) as server, self._to(server.url) as transport:
            slow = asyncio.create_task(transport.send(WeChatRequest("GET", "/slow")))
            await asyncio.sleep(0.02)
            slow.cancel()
            for path in ("/1", "/2"):
                response = await transport.send(WeChatRequest("GET", path))
                assert response.body == path.encode()
                await asyncio.sleep(0.04)

    async def test_under_cancellation_everybody_gets_his_own_answer(self) -> None:
        """redis-py 4.5 gave 606 of 1,030 readers the answer of another here."""

        async def script(line: Conversation) -> None:
            while heard := await line.hear():
                path = heard.split(b" ")[1]
                await asyncio.sleep(len(path) % 3 / 1000)
                await line.answer(path)

        async def ask(transport: OpenTransport, n: int) -> bool:
            path = f"/{'x' * (n % 7)}{n}"
            try:
                async with asyncio.timeout(0.001 + n % 5 / 500):
                    response = await transport.send(WeChatRequest("GET", path))
            except (TimeoutError, Unanswered, NothingSent):
                return False
            assert response.body == path.encode()
            return True

        async with (
            loopback(script) as server,
            self._to(server.url, max_connections=8) as transport,
        ):
            for start in range(0, 240, 16):
                turns = (ask(transport, n) for n in range(start, start + 16))
                await asyncio.gather(*turns)
            assert (await transport.send(WeChatRequest("GET", "/last"))).body == b"/last"

    async def test_the_deadline_is_of_the_whole_call(self) -> None:
        async def silent(line: Conversation) -> None:
            await line.hear()
            await asyncio.sleep(10)

        async def drips(line: Conversation) -> None:
            await line.hear()
            await line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
            while True:
                await line.say(b"x")
                await asyncio.sleep(0.01)

        async def drips_headers(line: Conversation) -> None:
            await line.hear()
            await line.say(b"HTTP/1.1 200 OK\r\nX: ")
            while True:
                await line.say(b"x")
                await asyncio.sleep(0.01)

        for script in (silent, drips, drips_headers):
            started = asyncio.get_running_loop().time()
            await self._fails_with(Unanswered, script, seconds=0.3)
            assert asyncio.get_running_loop().time() - started < 1.5

    async def test_an_answer_beyond_the_cap_is_not_read(self) -> None:
        async def announced(line: Conversation) -> None:
            await line.hear()
            await line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
            while True:
                await line.say(b" " * MAX_ANSWER)

        async def chunked(line: Conversation) -> None:
            await line.hear()
            await line.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while True:
                await line.say(b"8000\r\n", b" " * 0x8000, b"\r\n")

        async def headers(line: Conversation) -> None:
            await line.hear()
            await line.say(b"HTTP/1.1 200 OK\r\n")
            while True:
                await line.say(b"X: ", b"x" * MAX_ANSWER, b"\r\n")

        for script in (announced, chunked, headers):
            await self._fails_with(Unanswered, script)

    async def test_the_largest_answer_allowed_is_read(self) -> None:
        async def script(line: Conversation) -> None:
            await line.hear()
            await line.answer(b" " * MAX_ANSWER)

        assert len((await self._send_to(script)).body) == MAX_ANSWER

    async def test_a_compressed_answer_is_refused_unread(self) -> None:
        bomb = gzip.compress(b" " * 10_000_000)

        async def script(line: Conversation) -> None:
            await line.hear()
            await line.answer(bomb, headers=b"Content-Encoding: gzip\r\n")

        fault = await self._fails_with(Unanswered, script)
        assert str(fault) == "encoding"

    async def test_an_answer_cut_or_broken_is_no_answer(self) -> None:
        broken = (
            b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Le",
            b"HTTP/1.1 abc\r\n\r\n",
            b"\x00\x01\x02\x03\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
        )
        for what in broken:

            async def script(line: Conversation, what: bytes = what) -> None:
                await line.hear()
                await line.say(what)

            await self._fails_with(Unanswered, script)

    async def test_a_redirect_is_an_answer_and_is_not_followed(self) -> None:
        async def canary(line: Conversation) -> None:
            await line.hear()

        async with loopback(canary) as elsewhere:
            for status in ("301 Moved", "302 Found", "307 Temporary", "308 Permanent"):

                async def script(line: Conversation, status: str = status) -> None:
                    await line.hear()
                    where = f"Location: {elsewhere.url}/stolen\r\n".encode()
                    await line.answer(b"", status=status, headers=where)

                assert (await self._send_to(script)).status == int(status[:3])
            await asyncio.sleep(0.02)
            assert elsewhere.connections == 0

    async def test_proxies_of_the_environment_are_not_used(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def canary(line: Conversation) -> None:
            await line.hear()

        async def script(line: Conversation) -> None:
            await line.hear()
            await line.answer()

        async with loopback(canary) as proxy:
            for name in PROXIES:
                monkeypatch.setenv(name, proxy.url)
            assert (await self._send_to(script)).status == 200
            assert proxy.connections == 0

    async def test_a_refused_connection_has_sent_nothing(self) -> None:
        async with self._to(f"http://127.0.0.1:{closed_port()}") as transport:
            with pytest.raises(NothingSent) as raised:
                await transport.send(exchange())
        assert raised.value.__context__ is None
        assert APPSECRET not in everything_said(raised.value)

    async def test_a_wrong_certificate_has_sent_nothing(self) -> None:
        async def script(line: Conversation) -> None:
            await line.hear()
            await line.answer()

        _, stranger = certificate()
        other_host_pem, other_host = certificate("api.example")
        for tls, ca_pem in ((stranger, None), (other_host, other_host_pem)):
            async with (
                loopback(script, tls=tls) as server,
                self._to(server.url, ca_pem=ca_pem) as transport,
            ):
                with pytest.raises(NothingSent) as raised:
                    await transport.send(exchange())
                assert server.requests == []
                assert raised.value.__context__ is None
                assert APPSECRET not in everything_said(raised.value)

    async def test_a_broken_handshake_has_sent_nothing(self) -> None:
        async def script(line: Conversation) -> None:
            line.reset()

        pem, _ = certificate()
        async with loopback(script) as server:
            transport = self.make(server.url.replace("http:", "https:"), ca_pem=pem)
            with pytest.raises(NothingSent):
                await transport.send(exchange())
            await transport.close()

    async def test_a_trusted_certificate_is_accepted(self) -> None:
        async def script(line: Conversation) -> None:
            await line.hear()
            await line.answer()

        pem, tls = certificate()
        async with (
            loopback(script, tls=tls) as server,
            self._to(server.url, ca_pem=pem) as transport,
        ):
            assert (await transport.send(exchange())).body == ANSWER

    async def test_a_full_pool_has_sent_nothing(self) -> None:
        async def script(line: Conversation) -> None:
            await line.hear()
            await asyncio.sleep(10)

        async with (
            loopback(script) as server,
            self._to(server.url, max_connections=1) as transport,
        ):
            first = asyncio.create_task(transport.send(exchange(seconds=0.8)))
            await asyncio.sleep(0.05)
            with pytest.raises(NothingSent):
                await transport.send(exchange(seconds=0.8))
            with pytest.raises(Unanswered):
                await first
            assert len(server.requests) == 1
