"""schemathesis over our own document: no 5xx, no undocumented status, every answer conforms."""

import json
import re
import threading

import hypothesis
import pytest
import requests
import schemathesis
import uvicorn
from hypothesis import HealthCheck
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from wxlogin.endpoints import openapi
from wxlogin.endpoints.route import Plane
from wxlogin.endpoints.routes import ROUTES
from wxlogin.server import WxLogin

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    unsupported_method,
]
PROMISED = """
POST /v1/login  POST /v1/login/phone  POST /v1/login/password  POST /v1/login/sms
POST /v1/verification-codes  POST /v1/password/reset
POST /v1/register/mobile  POST /v1/register/enterprise
GET /v1/register/enterprise/{application_id}
GET /v1/session  HEAD /v1/session  DELETE /v1/session  POST /v1/session/wechat-check
GET /v1/sessions  DELETE /v1/sessions  DELETE /v1/sessions/{session_id}
GET /v1/me  PUT /v1/me/profile  POST /v1/me/avatar  GET /v1/avatars/{id}  POST /v1/me/phone
POST /v1/me/wechat-profile  POST /v1/me/password  POST /v1/me/identities
POST /v1/me/identities/unlink  POST /v1/me/export  POST /v1/me/erase  POST /v1/me/restore
POST /v1/me/support-code
POST /v1/introspect  GET /v1/service/accounts  GET /v1/service/accounts/{account_id}
PUT /v1/service/accounts/{account_id}  POST /v1/service/accounts/{account_id}/disable
POST /v1/service/accounts/{account_id}/enable  POST /v1/service/sessions/revoke
POST /v1/service/decrypt  GET /v1/service/access-token
POST /v1/service/access-token/invalidate
GET /v1/wechat/push/{app_id}  POST /v1/wechat/push/{app_id}
GET /healthz  GET /readyz
"""
"""What http-api.md promises, written out: a route that is lost fails here."""

OPERATIONS = tuple(
    (method, route.path)
    for route in ROUTES
    if route.plane in (Plane.PUBLIC, Plane.WATCH)
    for method in ((route.method, "HEAD") if route.method == "GET" else (route.method,))
)
"""What a mini program and a watcher may call; the other planes have tests of their own."""

WITH_SESSION = {route.path for route in ROUTES if route.with_session}

SHOWN_TO_THEIR_PERSON = "/v1/me/export"
"""The one answer of this plane with an openid in it: everything kept about the person."""


class Client(requests.Session):
    """A session on the server's port."""

    def __init__(self, url):
        super().__init__()
        self.url, self.trust_env = url, False

    def ask(self, method, path, **how):
        return self.request(method, self.url + path, timeout=10, **how)


@pytest.fixture
def client(house_settings, clock):
    """A real port: what is sent is what arrives."""
    wx = WxLogin(house_settings(), clock=clock)
    config = uvicorn.Config(wx.asgi, port=0, log_config=None, access_log=False, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        threading.Event().wait(0.005)
    with Client(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}") as made:
        yield made
    server.should_exit = True
    thread.join()


@pytest.fixture
def document(client):
    answer = client.ask("GET", "/openapi.json")
    assert answer.status_code == 200
    return answer.json()


def test_the_document_has_every_operation_and_none_of_the_operators(document):
    described = {
        f"{method.upper()} {path}"
        for path, operations in document["paths"].items()
        for method in operations
    }
    promised = set(re.findall(r"[A-Z]+ /\S+", PROMISED))
    assert described - {name for name in described if name.startswith("HEAD ")} == promised - {
        "HEAD /v1/session"
    }
    assert promised <= described
    assert document["openapi"].startswith("3.1")
    assert "/v1/admin" not in json.dumps(document)
    for operations in document["paths"].values():
        for operation in operations.values():
            assert {"operationId", "summary", "responses"} <= set(operation)


def test_nothing_of_wechats_is_asked_of_a_client_or_told_to_it(document):
    schemas = document["components"]["schemas"]
    for method, path in OPERATIONS:
        if path == SHOWN_TO_THEIR_PERSON:
            continue
        described = document["paths"][path][method.lower()]
        text = json.dumps(openapi.inlined(described, schemas))
        for word in ("openid", "session_key", "unionid", "X-WX-"):
            assert f'"{word}"' not in text, (method, path)


def run(client, document, wechat, *, method, path, signed_in, examples):
    schema = schemathesis.openapi.from_dict(document)
    operation = schema[path][method]
    tokens = []

    def headers():
        if not signed_in:
            return {}
        if not tokens or client.ask("GET", "/v1/session", headers=tokens[-1]).status_code != 200:
            answer = client.ask("POST", "/v1/login", json={"code": wechat.login(f"u{len(tokens)}")})
            tokens.append({"Authorization": f"Bearer {answer.json()['token']}"})
        return tokens[-1]

    @hypothesis.given(case=operation.as_strategy())
    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def holds(case):
        case.headers.pop("Authorization", None)
        has_code = isinstance(case.body, dict) and "code" in case.body
        if path == "/v1/login" and has_code and len(case.body) % 2:
            case.body["code"] = wechat.login("ann")  # some get past the door
            case.body.pop("app_id", None)
        response = case.call(base_url=client.url, session=client, headers=headers())
        case.validate_response(response, checks=CHECKS)

    holds()


@pytest.mark.parametrize("signed_in", [False, True], ids=["stranger", "signed in"])
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_operation_keeps_to_its_description(
    client, document, wechat, clock, method, path, signed_in
):
    if signed_in and path not in WITH_SESSION:
        signed_in = False
    run(client, document, wechat, method=method, path=path, signed_in=signed_in, examples=12)


@pytest.mark.chaos
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_operation_keeps_to_its_description_at_length(client, document, wechat, method, path):
    for signed_in in (False, True):
        run(client, document, wechat, method=method, path=path, signed_in=signed_in, examples=1000)


async def test_in_production_the_document_is_not_shown(house_settings, clock):
    import httpx2

    wx = WxLogin(house_settings(public_docs=False), clock=clock)
    transport = httpx2.ASGITransport(app=wx.asgi)
    async with wx, httpx2.AsyncClient(transport=transport, base_url="http://wx") as http:
        for path in ("/openapi.json", "/docs"):
            answer = await http.get(path)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
