"""The document and the page say what the doors do: facts, headers, times, addresses."""

import json
import re
import shlex
import time
import unicodedata
from collections.abc import Iterator
from datetime import timedelta

import httpx2
import jsonschema_rs
import msgspec
import pytest

from wxlogin.endpoints import docs_page, openapi
from wxlogin.endpoints.forms import FORM, read_form
from wxlogin.endpoints.problems import PROBLEMS, problem_body, problem_headers
from wxlogin.endpoints.public.login import LoginBody
from wxlogin.endpoints.public.profile import ProfileBody
from wxlogin.endpoints.routes import EXAMPLES, ROUTES
from wxlogin.login import errors
from wxlogin.server import WxLogin

DOCUMENT = openapi.document(ROUTES, version="0")
SCHEMAS = DOCUMENT["components"]["schemas"]
PROBLEM_JSON = "application/problem+json"
MADE = (
    errors.RequestInvalid(("code", "required")),
    errors.MethodNotAllowed(["GET", "HEAD"]),
    errors.BodyTooLarge(65536),
    errors.SessionRevoked("kicked"),
    errors.SessionReplaced({"name": None, "platform": "ios"}),
    errors.RegistrationRequired("ticket", expires_in=timedelta(minutes=10), methods=["mobile"]),
    errors.AccountDisabled(until=None, reason_for_user=None),
    errors.AccountRejected(None),
    errors.PhoneTaken(can_join=True),
    errors.PasswordWeak("too_short", minimum=8),
    errors.RateLimited(1),
    errors.AppMisconfigured(40013),
    errors.WeChatUnavailable(retry="new_code"),
    errors.StoreUnavailable(retry="new_code"),
)
"""The errors that are not made without arguments; what is optional in them is given."""


def leaves(kind: type[errors.WxLoginError] = errors.WxLoginError) -> Iterator[type]:
    if kind.__module__ == errors.__name__:
        if "code" in vars(kind):
            yield kind
        for below in kind.__subclasses__():
            yield from leaves(below)


def made(kind):
    return next((error for error in MADE if type(error) is kind), None) or kind()


def operations():
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def responses():
    """(name, status, response) of every response, those of no operation included."""
    for name, operation in operations():
        for status, response in operation["responses"].items():
            yield name, status, response
    for name, response in DOCUMENT["components"]["responses"].items():
        code = response["content"][PROBLEM_JSON]["schema"]["properties"]["code"]["enum"][0]
        yield name, str(PROBLEMS[code].status), response


def failures():
    """(response, error) of every error that is described."""
    kinds = {kind.code: kind for kind in leaves()}
    for _, _, response in responses():
        if PROBLEM_JSON in response.get("content", {}):
            schema = response["content"][PROBLEM_JSON]["schema"]
            for code in schema["properties"]["code"]["enum"]:
                yield response, made(kinds[code])


def is_valid(value, schema):
    whole = {**schema, "components": DOCUMENT["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True).is_valid(value)


@pytest.mark.parametrize("kind", list(leaves()), ids=lambda kind: kind.code)
def test_the_facts_of_each_error_are_described_and_no_others(kind):
    assert set(openapi.FACTS.get(kind.code, {})) == set(made(kind).facts())


def test_codes_of_one_status_agree_about_a_fact_they_share():
    seen = {}
    for code, facts in openapi.FACTS.items():
        for name, shape in facts.items():
            assert seen.setdefault((PROBLEMS[code].status, name), shape) == shape


def test_every_error_conforms_to_each_response_that_names_it_and_not_without_its_facts():
    """The twin: a document that lost a fact is refused, but for `retry`, which may be missing."""
    count = 0
    for response, error in failures():
        schema = response["content"][PROBLEM_JSON]["schema"]
        told = json.loads(problem_body(error, language="zh", request_id=b"r"))
        assert is_valid(told, schema), told
        assert set(error.facts()) <= set(schema["properties"])
        for name in set(error.facts()) - {"retry"}:
            assert not is_valid({k: v for k, v in told.items() if k != name}, schema)
            assert not is_valid({**told, name: {"not": "this"}}, schema)
            count += 1
    assert count > 30


def test_the_headers_of_every_error_are_described_as_they_are_sent():
    for response, error in failures():
        sent = {name.decode(): value.decode() for name, value in problem_headers(error)}
        described = {name.lower(): header for name, header in response["headers"].items()}
        assert set(sent) - {"content-type"} <= set(described), error.code
        needed = {name for name, header in described.items() if header.get("required")}
        assert needed <= {*sent, "x-request-id", "x-content-type-options"}, error.code


def test_every_answer_names_its_request_and_a_status_has_the_header_it_promises():
    promised = {"401": "WWW-Authenticate", "429": "Retry-After", "503": "Retry-After"}
    for name, status, response in responses():
        assert response["headers"]["X-Request-Id"]["required"], (name, status)
        if status in promised:
            assert response["headers"][promised[status]]["required"], (name, status)
    allow = DOCUMENT["components"]["responses"]["MethodNotAllowed"]["headers"]["Allow"]
    assert allow["required"]
    login = DOCUMENT["paths"]["/v1/login"]["post"]["responses"]
    assert login["200"]["headers"]["Cache-Control"]["required"]
    assert "Cache-Control" in login["403"]["headers"]


def test_times_say_that_they_are_times():
    fields = {name: part for kind in SCHEMAS.values() for name, part in kind["properties"].items()}
    times = {name for name in fields if name.endswith("_at")}
    assert times >= {"created_at", "last_seen_at", "linked_at", "erase_at"}
    for kind in SCHEMAS.values():
        for name in times & set(kind["properties"]):
            part = kind["properties"][name]
            formats = {option.get("format") for option in (part, *part.get("anyOf", ()))}
            assert "date-time" in formats, name


def test_no_body_that_is_never_read_is_too_large():
    for name, operation in operations():
        assert ("413" in operation["responses"]) != name.startswith(("GET ", "HEAD ")), name


def test_every_schema_and_every_reference_has_its_other_end():
    used = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(DOCUMENT)))
    assert used == set(SCHEMAS)
    assert DOCUMENT["servers"] == [{"url": "/"}]


def test_every_example_conforms():
    shown = [
        media
        for _, operation in operations()
        for part in (operation.get("requestBody", {}), *operation["responses"].values())
        for kind, media in part.get("content", {}).items()
        if kind in ("application/json", FORM)
    ]
    kinds = [kind for route in ROUTES for kind in (route.body, route.reply)]
    assert len(shown) == len([kind for kind in kinds if kind not in (None, str)])
    for media in shown:
        assert is_valid(media["example"], media["schema"])
    msgspec.convert(EXAMPLES[LoginBody], LoginBody)


async def test_the_lines_of_the_page_are_for_the_host_that_was_asked(house_settings, clock):
    wx = WxLogin(house_settings(), clock=clock)
    transport = httpx2.ASGITransport(app=wx.asgi)
    async with wx, httpx2.AsyncClient(transport=transport, base_url="http://wx:81") as http:

        async def urls(**headers):
            text = (await http.get("/docs", headers=headers)).text
            assert docs_page.ORIGIN not in text
            return set(re.findall(r"'(\w+://.*?)/(?:v1|healthz|readyz)", text))

        assert await urls() == {"http://wx:81"}
        assert await urls(**{"X-Forwarded-Proto": "https", "Host": "a.cn"}) == {"https://a.cn"}
        assert await urls(**{"X-Forwarded-Proto": "javascript"}) == {"http://wx:81"}
        assert await urls(Host="[::1]:8000") == {"http://[::1]:8000"}
        for insane in ("a'b", "<script>", "a&b", "$(id)", "a/b", "x" * 256, "a b", "a\\"):
            assert await urls(Host=insane) == {"http://127.0.0.1:8000"}, insane


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_a_line_of_the_page_is_one_that_a_shell_and_curl_read_as_meant(route):
    words = shlex.split(docs_page.curl(route))
    assert words[0] == "curl"
    assert not re.search(r"[{}\[\]]", words[words.index("-X") + 2] if "-X" in words else words[1])
    if route.body is not None and route.media_type == FORM:
        msgspec.convert(read_form(words[-1].encode()), type=route.body)
    elif route.body is not None:
        msgspec.json.decode(words[-1], type=route.body)


NAMES = {
    "小明": True,
    "Ann Lee": True,
    "👨\u200d👩\u200d👧": True,
    "❤\ufe0f": True,
    "\u200bn": True,
    "می\u200cخواهم": True,
    "": False,
    "   ": False,
    "\u3000": False,
    "\u200b": False,
    "\u200d" * 3: False,
    " \u200b \ufeff": False,
    "\u3164": False,
    "\u2800": False,
    "a\u202eb": False,
    "a\nb": False,
    "a\n": False,
    "\u2028": False,
    "a" * 33: False,
}


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_nickname_shows_something(name):
    schema = {"$ref": "#/components/schemas/ProfileBody"}
    assert is_valid({"nickname": name}, schema) is NAMES[name]  # another engine than Python's
    if NAMES[name]:
        assert msgspec.convert({"nickname": name}, ProfileBody).nickname == name
    else:
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({"nickname": name}, ProfileBody)


def test_no_format_character_or_space_is_a_name_alone():
    pattern = re.compile(SCHEMAS["ProfileBody"]["properties"]["nickname"]["pattern"])
    for number in range(0x10000):
        if unicodedata.category(chr(number)) in ("Cf", "Cc", "Zs", "Zl", "Zp"):
            assert not pattern.search(chr(number)), hex(number)


@pytest.mark.parametrize("text", ["a", " ", "\u200b", "a ", "\u200da"], ids=ascii)
def test_a_long_name_is_judged_at_once(text):
    pattern = re.compile(SCHEMAS["ProfileBody"]["properties"]["nickname"]["pattern"])
    started = time.perf_counter()
    assert not pattern.search(text * 10_000 + "\n")
    assert time.perf_counter() - started < 0.5
