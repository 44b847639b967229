"""A console in process beside a server in process, both on one database and one moved clock."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from typing import Any

import httpx2
import pytest

from tests.console.desk import Desk
from tests.console.people import People
from wechat_simulator import Simulator
from wxlogin.console.door import console_of
from wxlogin.login.accounts import AccountStatus
from wxlogin.login.operator_sessions import Role
from wxlogin.login.ports import SYSTEM
from wxlogin.testing.stores import samples


@pytest.fixture
def wechat(clock: Callable[[], datetime]) -> Iterator[Simulator]:
    """WeChat, on the clock of the test."""
    with Simulator(clock=clock) as simulator:
        yield simulator


@pytest.fixture
def console(house: Any) -> Any:
    """The console's application, on the house's own core."""
    return console_of(house.wx)


@pytest.fixture
async def browsers(console: Any) -> AsyncIterator[Callable[..., httpx2.AsyncClient]]:
    """Makes browsers that look at the console, each with its own cookies."""
    made: list[httpx2.AsyncClient] = []

    def open_browser(address: str = "127.0.0.1") -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=console, client=(address, 5000))
        made.append(httpx2.AsyncClient(transport=transport, base_url="http://console", timeout=30))
        return made[-1]

    yield open_browser
    for browser in made:
        await browser.aclose()


@pytest.fixture
def desks(house: Any, clock: Any, browsers: Any) -> Callable[..., Any]:
    """Makes operators: `await desks("li.lei", Role.ADMIN)`, signed in unless said otherwise."""

    async def make(
        name: str = "li.lei", role: Role = Role.ADMIN, *, signs_in: bool = True, **how: Any
    ) -> Desk:
        flow = await house.wx.flow()
        secrets = await flow.operators.add(name, role, actor=SYSTEM)
        desk = Desk(
            browsers(**how),
            clock,
            name=name,
            password=secrets.password.reveal(),
            url=secrets.otpauth_url.reveal(),
        )
        if signs_in:
            answer = await desk.sign_in()
            assert answer.status_code == 200, answer.text
        return desk

    return make


@pytest.fixture
async def admin(desks: Any) -> Any:
    return await desks("li.lei", Role.ADMIN)


@pytest.fixture
async def support(desks: Any) -> Any:
    return await desks("han.meimei", Role.SUPPORT)


@pytest.fixture
def lines(house: Any) -> Callable[..., Any]:
    """The audit log's lines of a kind, oldest first."""

    async def read(*kinds: str) -> list[Any]:
        log = await house.wx.audit_log()
        return [line async for line in log.lines() if not kinds or line.kind in kinds]

    return read


@pytest.fixture
def people(house: Any, clock: Any) -> People:
    return People(house, clock)


@pytest.fixture
def apply(house: Any, clock: Any) -> Callable[..., Any]:
    """Has an enterprise apply: `application, account = await apply("某公司")`."""

    async def make(company: str = "某某有限公司", **changes: Any) -> Any:
        application = samples.new_application(company_name=company, submitted_at=clock(), **changes)
        store = await house.wx.open_store()
        outcome = await store.commit_login(
            samples.login(
                at=clock(),
                session=None,
                phone=samples.new_phone(clock()),
                application=application,
                registration=samples.new_account(status=AccountStatus.PENDING),
            )
        )
        return application, outcome.account

    return make
