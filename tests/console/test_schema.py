"""schemathesis over the operators' document: no 5xx, no undocumented status, all as described."""

import asyncio
import threading

import hypothesis
import pyotp
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
)

from tests.console.desk import MARK
from wxlogin.console.door import console_of
from wxlogin.endpoints.admin.routes import ADMIN_AREAS, ADMIN_ROUTES
from wxlogin.login.operator_sessions import Role
from wxlogin.login.ports import SYSTEM
from wxlogin.server import WxLogin

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


class Browser(requests.Session):
    """An admin's, on the console's port."""

    def __init__(self, url, clock, *, secrets):
        super().__init__()
        self.url, self.clock, self.secrets, self.trust_env = url, clock, secrets, False

    def sign_in(self):
        self.clock.advance(30)
        address = self.secrets.otpauth_url.reveal()
        body = {
            "name": "li.lei",
            "password": self.secrets.password.reveal(),
            "totp": pyotp.parse_uri(address).at(int(self.clock().timestamp())),
        }
        answer = self.post(f"{self.url}/v1/admin/sign-in", json=body, headers=MARK, timeout=10)
        assert answer.status_code == 200, answer.text

    def is_signed_in(self):
        return self.get(f"{self.url}/v1/admin/me", timeout=10).status_code == 200


async def _operator(settings, clock):
    async with WxLogin(settings, clock=clock) as wx:
        return await (await wx.flow()).operators.add("li.lei", Role.ADMIN, actor=SYSTEM)


@pytest.fixture
def browser(house_settings, clock):
    secrets = asyncio.run(_operator(house_settings(), clock))
    door = console_of(WxLogin(house_settings(), clock=clock))
    server = uvicorn.Server(
        uvicorn.Config(door, port=0, log_config=None, access_log=False, ws="none")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        threading.Event().wait(0.005)
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    with Browser(url, clock, secrets=secrets) as made:
        yield made
    server.should_exit = True
    thread.join()


def run(browser, route, *, signed_in, examples):
    document = browser.get(f"{browser.url}/v1/admin/openapi.json", timeout=10).json()
    operation = schemathesis.openapi.from_dict(document)[route.path][route.method]

    @hypothesis.given(case=operation.as_strategy())
    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def holds(case):
        case.cookies.clear()
        if signed_in and not browser.is_signed_in():
            browser.sign_in()
        response = case.call(base_url=browser.url, session=browser)
        case.validate_response(response, checks=CHECKS)

    holds()


@pytest.mark.parametrize("area", ADMIN_AREAS, ids=lambda area: area.__name__.split(".")[-1])
def test_every_operation_keeps_to_its_description(browser, area):
    for route in area.ROUTES:
        run(browser, route, signed_in=True, examples=8)


def test_a_stranger_meets_what_is_described(browser):
    for route in ADMIN_ROUTES:
        run(browser, route, signed_in=False, examples=2)


@pytest.mark.chaos
@pytest.mark.parametrize("route", ADMIN_ROUTES, ids=lambda route: route.name)
def test_every_operation_keeps_to_its_description_at_length(browser, route):
    run(browser, route, signed_in=False, examples=100)
    if route.role is not None:  # made-up sign-ins use up the limits of this address
        run(browser, route, signed_in=True, examples=500)
