"""The service plane as its document says it is, and where a host's FastAPI has it."""

import asyncio

import hypothesis
import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck

from tests.endpoints.test_schema import CHECKS, client, document  # noqa: F401 - fixtures
from wxlogin.endpoints import openapi
from wxlogin.endpoints.route import Plane
from wxlogin.endpoints.routes import ROUTES
from wxlogin.fastapi import WxLogin
from wxlogin.login.ports import Actor, ActorKind, Scope
from wxlogin.testing.pytest_plugin import log_in

OPERATOR = Actor(ActorKind.OPERATOR, "ops")
SERVICE = [route for route in ROUTES if route.plane is Plane.SERVICE]
DOCUMENT = openapi.document(ROUTES, version="0")


async def made(settings, clock):
    """A key that may do all, and a person's account id, on the server's database."""
    async with WxLogin(settings, clock=clock) as wx:
        person = await log_in(wx, user_id="42")
        keys = (await wx.flow()).service_keys
        key = (await keys.make("test", Scope, actor=OPERATOR)).secret.reveal()
        return key, person


@pytest.mark.parametrize("route", SERVICE, ids=lambda route: route.name)
@pytest.mark.parametrize("has_key", [False, True], ids=["no key", "a key"])
def test_every_operation_keeps_to_its_description(
    client,  # noqa: F811
    document,  # noqa: F811
    house_settings,
    clock,
    route,
    has_key,
):
    key, person = asyncio.run(made(house_settings(), clock))
    operation = schemathesis.openapi.from_dict(document)[route.path][route.method]
    headers = {"Authorization": f"Bearer {key}"} if has_key else {}

    @hypothesis.given(case=operation.as_strategy())
    @hypothesis.settings(
        max_examples=40,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def holds(case):
        case.headers.pop("Authorization", None)
        if "account_id" in case.path_parameters and len(case.path_parameters["account_id"]) % 2:
            case.path_parameters["account_id"] = person.account.id  # some find somebody
        response = case.call(base_url=client.url, session=client, headers=headers)
        case.validate_response(response, checks=CHECKS)

    holds()


def test_the_document_says_which_key_opens_what():
    for route in SERVICE:
        operation = DOCUMENT["paths"][route.path][route.method.lower()]
        assert operation["security"] == [{"serviceKey": []}], route.name
        assert operation["tags"] == ["service"]
        assert f"`{route.scope}`" in operation["description"]
        assert {"401", "403"} <= set(operation["responses"])
    form = DOCUMENT["paths"]["/v1/introspect"]["post"]["requestBody"]["content"]
    assert set(form) == {"application/x-www-form-urlencoded"}


def paths_of(app):
    return {path for path in app.openapi()["paths"] if path.startswith("/")}


def test_a_hosts_router_has_no_door_for_other_servers_unless_it_opens_one(house_settings, clock):
    """D02: what is meant for the team's own network is not in the public router by accident."""
    wx = WxLogin(house_settings(), clock=clock)
    public, inside = FastAPI(), FastAPI(lifespan=wx.lifespan)
    public.include_router(wx.router)
    inside.include_router(wx.service_router, prefix="/inside")
    service = {route.path for route in SERVICE}
    assert not paths_of(public) & service
    assert paths_of(inside) == {f"/inside{path}" for path in service}
    shown = inside.openapi()["paths"]["/inside/v1/service/access-token"]["get"]
    assert shown["security"] == [{"serviceKey": []}]
    key, person = asyncio.run(made(house_settings(), clock))
    headers = {"Authorization": f"Bearer {key}"}
    with TestClient(inside) as http:
        told = http.get(f"/inside/v1/service/accounts/{person.account.id}", headers=headers)
        assert told.json()["user_id"] == "42"
        answer = http.post("/inside/v1/introspect", headers=headers, data={"token": person.token})
        assert answer.json()["sub"] == person.account.id
        assert http.get("/inside/v1/service/access-token").status_code == 401
        assert http.patch("/inside/v1/introspect").status_code == 405
    with TestClient(public) as http:
        assert http.post("/v1/introspect", headers=headers, data={"token": "x"}).status_code == 404
