"""code2Session: what is accepted, what each errcode becomes, and how often it is sent."""

import json
import logging
import resource
from collections.abc import Callable
from typing import Any

import pytest

from wxlogin.login import errors
from wxlogin.login.policy import App
from wxlogin.login.ports import NothingSent
from wxlogin.login.secret import Secret
from wxlogin.wechat import calls
from wxlogin.wechat.client import WeChatClient
from wxlogin.wechat.errcodes import ERRCODES, Meaning, WeChatApiError
from wxlogin.wechat.transport import NotReached, Unanswered, WeChatRequest, WeChatResponse

OPENID = "oVBkZ0aYgDMDIywRdgPW8-joxXc4"
KEY = "nzoqhc3OnwHzeTxJs+inbQ=="
UNIONID = "ocMvos6NjeKLIBqg5Mr9QjxrP1FA"
PATH = "/sns/jscode2session"

OF_HTTP_API = {
    -1: errors.WeChatUnavailable,
    40029: errors.CodeInvalid,
    40163: errors.CodeUsed,
    40226: errors.WeChatBlocked,
    45011: errors.RateLimited,
    45009: errors.RateLimited,
    40013: errors.AppMisconfigured,
    40125: errors.AppMisconfigured,
    40164: errors.AppMisconfigured,
    40243: errors.AppMisconfigured,
    41002: errors.AppMisconfigured,
    41004: errors.AppMisconfigured,
    48001: errors.AppMisconfigured,
    41008: errors.CodeInvalid,
    40002: WeChatApiError,
    12345678: WeChatApiError,
}


async def test_a_code_is_exchanged_by_a_get_with_everything_in_the_query(
    client: WeChatClient, canned: Any, app: App, session: dict[str, Any]
) -> None:
    canned.will({**session, "unionid": UNIONID, "expires_in": 7200})
    found = await client.exchange_code(app, "0code")
    assert (found.openid, found.unionid) == (OPENID, UNIONID)
    assert found.session_key == Secret(KEY)
    (request,) = canned.requests
    assert (request.method, request.path, request.body) == ("GET", PATH, b"")
    assert request.query == {
        "appid": app.app_id,
        "secret": app.secret.reveal(),
        "js_code": "0code",
        "grant_type": "authorization_code",
    }
    assert request.seconds == 3.0


@pytest.mark.parametrize(
    "more",
    [{}, {"errcode": 0, "errmsg": "ok"}, {"errcode": "0"}, {"unionid": ""}, {"unionid": None}],
)
async def test_success_is_said_in_several_ways(
    client: WeChatClient, canned: Any, app: App, session: dict[str, Any], more: dict[str, Any]
) -> None:
    canned.will({**session, **more})
    assert (await client.exchange_code(app, "0code")).unionid is None


async def test_each_app_sends_its_own_secret(
    client: WeChatClient, canned: Any, app: App, session: dict[str, Any]
) -> None:
    other = App("wx0000000000000002", Secret("appsecret-of-the-second"))
    canned.will(session)
    for one in (app, other, app):
        await client.exchange_code(one, "0code")
    sent = [(request.query["appid"], request.query["secret"]) for request in canned.requests]
    assert sent == [(one.app_id, one.secret.reveal()) for one in (app, other, app)]


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize(("errcode", "expected"), OF_HTTP_API.items())
async def test_an_errcode_becomes_the_error_of_http_api(
    client: WeChatClient,
    canned: Any,
    app: App,
    errcode: int,
    expected: type[errors.WxLoginError],
    as_text: bool,
) -> None:
    canned.will({"errcode": str(errcode) if as_text else errcode, "errmsg": "whatever"})
    with pytest.raises(expected) as raised:
        await client.exchange_code(app, "0code")
    assert type(raised.value) is expected
    assert len(canned.requests) == 1
    if isinstance(raised.value, errors.WeChatUnavailable):
        assert raised.value.retry == "new_code"
    if isinstance(raised.value, errors.AppMisconfigured):
        assert raised.value.errcode == errcode
        assert "errcode" not in raised.value.facts()


@pytest.mark.parametrize("errcode", sorted(ERRCODES))
async def test_every_listed_errcode_is_refused_and_logged_once_with_advice(
    client: WeChatClient, canned: Any, app: App, errcode: int, caplog: pytest.LogCaptureFixture
) -> None:
    canned.will({"errcode": errcode, "errmsg": "x", "openid": OPENID, "session_key": KEY})
    caplog.set_level(logging.DEBUG)
    with pytest.raises(errors.WxLoginError):
        await client.exchange_code(app, "0code")
    (record,) = caplog.records
    row = ERRCODES[errcode]
    for part in (f"errcode={errcode} ", row.cause, row.advice, row.advice_zh, app.app_id):
        assert part in record.getMessage()
    assert OPENID not in caplog.text


def test_the_table_is_whole() -> None:
    """Every number of the contract §1-§4 that a server can meet is listed, with its advice."""
    assert set(OF_HTTP_API) - {12345678} <= set(ERRCODES)
    assert {40001, 40003, 40014, 40097, 41001, 42001, 43002, 47001} <= set(ERRCODES)
    assert {87007, 87008, 87009, 400081, 44002, 89002, 89300, 76001} <= set(ERRCODES)
    assert all(row.cause and row.advice and row.advice_zh for row in ERRCODES.values())
    tokens = {row.number for row in ERRCODES.values() if row.meaning is Meaning.TOKEN}
    assert tokens == {40001, 40014, 42001}
    assert [row.number for row in ERRCODES.values() if row.is_fault_of_wechat] == [-1]


@pytest.mark.parametrize(
    ("errmsg", "rid"),
    [
        ("invalid code, rid: 66c69111-4157f271-729ca238", "66c69111-4157f271-729ca238"),
        ("invalid code rid: 671b9ddb-6ce940c8-7d5bcaf9", "671b9ddb-6ce940c8-7d5bcaf9"),
        (
            "x hint: [mGhbWV0sf-LxnVma] rid: 65f3e9f7-77cf1a1c-0dd74a0e",
            "65f3e9f7-77cf1a1c-0dd74a0e",
        ),
        (" rid: 6374a31a-00000000-00000001", "6374a31a-00000000-00000001"),
        ("invalid code, hints: [ req_id: uhJDVZyFe-YZguHA ]", None),
        ("rid: not-a-rid\nforged log line", None),
        (17, None),
        (None, None),
    ],
)
async def test_the_rid_is_logged_in_each_of_its_forms_and_nothing_else_of_errmsg(
    client: WeChatClient,
    canned: Any,
    app: App,
    errmsg: Any,
    rid: str | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    canned.will({"errcode": 40029, "errmsg": errmsg})
    caplog.set_level(logging.INFO)
    with pytest.raises(errors.CodeInvalid):
        await client.exchange_code(app, "0code")
    assert f"rid={rid};" in caplog.text
    assert "forged" not in caplog.text


async def test_the_address_to_put_on_the_whitelist_is_logged(
    client: WeChatClient, canned: Any, app: App, caplog: pytest.LogCaptureFixture
) -> None:
    said = (
        "invalid ip 1.2.3.4 ipv6 ::ffff:1.2.3.4, not in whitelist rid: 66c69111-4157f271-729ca238"
    )
    canned.will({"errcode": 40164, "errmsg": said})
    with pytest.raises(errors.AppMisconfigured):
        await client.exchange_code(app, "0code")
    assert "our_ip=1.2.3.4;" in caplog.text
    assert caplog.records[0].levelno == logging.ERROR


def _good(**changes: Any) -> bytes:
    fields = {"session_key": KEY, "openid": OPENID, **changes}
    return json.dumps({name: value for name, value in fields.items() if value is not ...}).encode()


MUTANTS: dict[str, bytes] = {
    "empty": b"",
    "blank": b"   ",
    "null": b"null",
    "true": b"true",
    "number": b"7",
    "text": b'"openid"',
    "list": b"[" + _good() + b"]",
    "empty object": b"{}",
    "empty list": b"[]",
    "html": b"<html><body>502 Bad Gateway</body></html>",
    "two answers": _good() + _good(),
    "cut": _good()[:-5],
    "trailing comma": _good()[:-1] + b",}",
    "byte order mark": b"\xef\xbb\xbf" + _good(),
    "utf-16": _good().decode().encode("utf-16"),
    "not utf-8": _good(unionid="u").replace(b'"u"', b'"\xff\xfe"'),
    "nul": _good() + b"\x00",
    "single quotes": _good().replace(b'"', b"'"),
    "NaN": _good()[:-1] + b',"expires_in":NaN}',
    "Infinity": _good()[:-1] + b',"expires_in":-Infinity}',
    "deep list": b"[" * 60_000,
    "deep inside": _good()[:-1] + b',"x":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "long number": _good()[:-1] + b',"x":' + b"9" * 60_000 + b"}",
    "openid twice": _good()[:-1] + b',"openid":"oANOTHER"}',
    "openid escaped twice": _good()[:-1] + b',"\\u006fpenid":"oANOTHER"}',
    "session_key twice": _good()[:-1] + b',"session_key":"AAAAAAAAAAAAAAAAAAAAAA=="}',
    "no openid": _good(openid=...),
    "null openid": _good(openid=None),
    "empty openid": _good(openid=""),
    "number as openid": _good(openid=1234567),
    "list as openid": _good(openid=[OPENID]),
    "object as openid": _good(openid={"openid": OPENID}),
    "true as openid": _good(openid=True),
    "long openid": _good(openid="o" * 65),
    "openid with a blank": _good(openid=OPENID + " "),
    "openid with a line end": _good(openid=OPENID + "\n"),
    "openid with a quote": _good(openid="o'; drop table"),
    "openid in full width": _good(openid="ｏＶＢ"),
    "openid with a surrogate": _good().replace(b'"oVB', b'"\\ud800'),
    "no session_key": _good(session_key=...),
    "null session_key": _good(session_key=None),
    "empty session_key": _good(session_key=""),
    "number as session_key": _good(session_key=16),
    "short session_key": _good(session_key="AAAAAAAAAAAAAAAAAAAA"),
    "long session_key": _good(session_key="A" * 43 + "="),
    "url-safe session_key": _good(session_key="nzoqhc3OnwHzeTxJs-inbQ=="),
    "session_key with a line end": _good(session_key=KEY + "\n"),
    "number as unionid": _good(unionid=5),
    "list as unionid": _good(unionid=[]).replace(b"[]", b"[1]"),
    "bad unionid": _good(unionid="u v"),
    "errcode is a word": _good(errcode="ok"),
    "errcode is null": _good(errcode=None),
    "errcode is a list": _good(errcode=[0]),
    "errcode is true": _good(errcode=True),
    "errcode is a fraction": _good(errcode=0.0),
    "errcode is huge": _good(errcode=10**30),
    "errcode twice": b'{"errcode":0,"errcode":40029,"openid":"' + OPENID.encode() + b'"}',
}


@pytest.mark.parametrize("name", MUTANTS)
async def test_no_mutant_of_an_answer_is_accepted(
    client: WeChatClient, canned: Any, app: App, name: str
) -> None:
    canned.will(MUTANTS[name])
    with pytest.raises(errors.WeChatUnavailable) as raised:
        await client.exchange_code(app, "0code")
    assert type(raised.value) is errors.WeChatUnavailable
    assert raised.value.retry == "new_code"
    assert raised.value.__context__ is None
    assert len(canned.requests) == 1


@pytest.mark.parametrize("status", [100, 201, 204, 301, 302, 400, 404, 429, 500, 502, 503])
async def test_only_status_200_speaks(
    client: WeChatClient, canned: Any, app: App, status: int
) -> None:
    canned.will(WeChatResponse(status, _good()))
    with pytest.raises(errors.WeChatUnavailable) as raised:
        await client.exchange_code(app, "0code")
    assert raised.value.retry == "new_code"


async def test_hostile_answers_cost_no_memory(canned: Any, app: App, time: Any, shelf: Any) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(3):
        for body in MUTANTS.values():
            client = WeChatClient(canned, shelf, clock=time.clock)
            canned.will(body)
            with pytest.raises(errors.WeChatUnavailable):
                await client.exchange_code(app, "0code")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20 * 1024


async def test_where_nothing_was_sent_the_same_code_is_sent_once_more(
    client: WeChatClient, canned: Any, app: App, session: dict[str, Any], time: Any
) -> None:
    canned.will(NotReached("refused"), session)
    assert (await client.exchange_code(app, "0code")).openid == OPENID
    assert len(canned.requests) == 2
    assert time.slept == [pytest.approx(0.125)]
    assert canned.requests[1].seconds == pytest.approx(3.0 - 0.125)


async def test_and_not_a_third_time(client: WeChatClient, canned: Any, app: App) -> None:
    canned.will(NotReached("refused"))
    with pytest.raises(NothingSent) as raised:
        await client.exchange_code(app, "0code")
    assert not raised.value.from_breaker
    assert len(canned.requests) == 2


async def test_a_full_pool_is_not_tried_again(client: WeChatClient, canned: Any, app: App) -> None:
    canned.will(NotReached("pool"))
    with pytest.raises(NothingSent):
        await client.exchange_code(app, "0code")
    assert len(canned.requests) == 1


async def test_a_repeat_stays_inside_the_deadline(
    client: WeChatClient, canned: Any, app: App, time: Any
) -> None:
    def late(request: WeChatRequest) -> Exception:
        time.pass_(2.85)
        return NotReached("connect_timeout")

    canned.will(late)
    with pytest.raises(NothingSent):
        await client.exchange_code(app, "0code")
    assert len(canned.requests) == 1


async def test_repeats_are_a_tenth_of_the_calls_in_a_storm(
    canned: Any, app: App, time: Any, shelf: Any
) -> None:
    class NeverOpen(calls.Breaker):
        def _is_enough(self) -> bool:
            return False

    client = WeChatClient(
        canned,
        shelf,
        clock=time.clock,
        sleep=time.sleep,
        monotonic=time.monotonic,
        breaker=NeverOpen(clock=time.monotonic),
    )
    canned.will(NotReached("refused"))
    for _ in range(200):
        with pytest.raises(NothingSent):
            await client.exchange_code(app, "0code")
    assert 200 < len(canned.requests) <= 200 + 10 + 20


@pytest.mark.parametrize("reason", ["cut", "deadline", "too_large", "encoding", "protocol"])
async def test_after_the_first_byte_a_code_is_never_sent_again(
    client: WeChatClient, canned: Any, app: App, session: dict[str, Any], reason: Any
) -> None:
    canned.will(Unanswered(reason), session)
    with pytest.raises(errors.WeChatUnavailable) as raised:
        await client.exchange_code(app, "0code")
    assert raised.value.retry == "new_code"
    assert len(canned.requests) == 1


async def test_twin_a_client_that_repeats_what_was_not_answered_spends_a_code_twice(
    client: WeChatClient,
    canned: Any,
    app: App,
    session: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The defence removed: the test above must go red, and does."""
    once: Callable[..., Any] = calls.Calls._try

    async def twice(self: calls.Calls, request: WeChatRequest, shape: Any) -> Any:
        try:
            return await once(self, request, shape)
        except Unanswered:
            return await once(self, request, shape)

    monkeypatch.setattr(calls.Calls, "_try", twice)
    with pytest.raises(pytest.fail.Exception):
        await test_after_the_first_byte_a_code_is_never_sent_again(
            client, canned, app, session, "cut"
        )
    assert len(canned.requests) == 2


async def test_45011_sheds_nobody_else_for_it_is_counted_per_user(
    client: WeChatClient, canned: Any, app: App, session: dict[str, Any]
) -> None:
    canned.will({"errcode": 45011, "errmsg": "quota"}, session)
    with pytest.raises(errors.RateLimited) as raised:
        await client.exchange_code(app, "of-the-one-who-loops")
    assert raised.value.retry_after == 45  # it is 15 seconds past the minute
    assert (await client.exchange_code(app, "of-somebody-else")).openid == OPENID


async def test_45009_is_the_apps_and_is_not_tried_before_the_next_minute(
    client: WeChatClient, canned: Any, app: App, session: dict[str, Any], time: Any
) -> None:
    other = App("wx0000000000000002", Secret("s"))
    canned.will({"errcode": 45009, "errmsg": "quota"}, session)
    with pytest.raises(errors.RateLimited) as raised:
        await client.exchange_code(app, "0code")
    assert raised.value.retry_after == 45
    for wait in (45, 44):
        time.pass_(0.5)
        with pytest.raises(NothingSent) as nothing:  # so the claim of this code is given back
            await client.exchange_code(app, "0other")
        told = nothing.value.told()
        assert isinstance(told, errors.RateLimited)
        assert told.retry_after == wait
    assert len(canned.requests) == 1
    assert (await client.exchange_code(other, "0code")).openid == OPENID
    time.pass_(45)
    assert (await client.exchange_code(app, "0code")).openid == OPENID


async def test_every_call_is_counted_by_its_outcome(
    client: WeChatClient, canned: Any, app: App, session: dict[str, Any], counter: Any
) -> None:
    canned.will(session, {"errcode": 40029}, Unanswered("cut"), NotReached("pool"), b"<html>")
    for _ in range(5):
        try:
            await client.exchange_code(app, "0code")
        except (errors.WxLoginError, NothingSent):
            continue
    outcomes = ["ok", "40029", "unanswered", "nothing_sent", "unanswered"]
    assert counter.calls == [(PATH, outcome) for outcome in outcomes]


async def test_while_wechat_is_down_nothing_is_tried(
    client: WeChatClient, canned: Any, app: App, counter: Any, time: Any, session: dict[str, Any]
) -> None:
    canned.will(Unanswered("cut"))
    for _ in range(10):
        with pytest.raises(errors.WeChatUnavailable):
            await client.exchange_code(app, "0code")
    for _ in range(100):
        with pytest.raises(NothingSent) as raised:
            await client.exchange_code(app, "0code")
        assert raised.value.from_breaker
        assert raised.value.retry_after == 5
    assert len(canned.requests) == 10
    assert counter.calls[-1] == (PATH, "breaker_open")
    time.pass_(5)
    canned.will(session)
    await client.exchange_code(app, "0code")


@pytest.mark.parametrize("errcode", [40029, 40163, 45011, 40125, 40226, 999])
async def test_business_errcodes_never_open_the_breaker(
    client: WeChatClient, canned: Any, app: App, errcode: int
) -> None:
    canned.will({"errcode": errcode})
    for _ in range(50):
        with pytest.raises(errors.WxLoginError):
            await client.exchange_code(app, "0code")
    assert len(canned.requests) == 50


async def test_errcode_minus_one_does(client: WeChatClient, canned: Any, app: App) -> None:
    canned.will({"errcode": -1})
    for _ in range(50):
        with pytest.raises((errors.WeChatUnavailable, NothingSent)):
            await client.exchange_code(app, "0code")
    assert len(canned.requests) == 10
