"""What the tests of the simulator share: a server's way to call the platform, and real sockets."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from wechat_simulator import Simulator

Told = dict[str, Any]

START = datetime(2026, 1, 1, tzinfo=UTC)


class Server:
    """A server as WeChat sees it: it knows the app's secret and calls the platform."""

    def __init__(self, wechat: Simulator) -> None:
        self.wechat = wechat

    def exchange(self, code: str, **changed: str | None) -> Told:
        """jscode2session; a parameter changed to None is left out."""
        params = {
            "appid": self.wechat.app_id,
            "secret": self.wechat.secret,
            "js_code": code,
            "grant_type": "authorization_code",
        }
        return self.get("/sns/jscode2session", **{**params, **changed})

    def token(self) -> str:
        """A stable access_token of the default app."""
        token = self.post("/cgi-bin/stable_token", self.credentials())["access_token"]
        assert isinstance(token, str)
        return token

    def credentials(self, **changed: Any) -> Told:
        """The JSON body, or query, that a token costs."""
        body = {
            "grant_type": "client_credential",
            "appid": self.wechat.app_id,
            "secret": self.wechat.secret,
        }
        return {k: v for k, v in {**body, **changed}.items() if v is not None}

    def get(self, path: str, **params: Any) -> Told:
        given = {name: str(value) for name, value in params.items() if value is not None}
        return told(self.wechat.call("GET", path, params=given).body)

    def post(self, path: str, body: Any, **params: str) -> Told:
        return told(self.wechat.call("POST", path, params=params, json_body=body).body)


def told(body: bytes) -> Told:
    parsed = json.loads(body)
    assert isinstance(parsed, dict)
    return parsed


@pytest.fixture
def wechat() -> Iterator[Simulator]:
    """The plugin's fixture with a clock that stands still until a test moves it."""
    with Simulator(clock=lambda: START) as simulator:
        yield simulator


@pytest.fixture
def server(wechat: Simulator) -> Server:
    return Server(wechat)


@pytest.fixture
def http(wechat: Simulator) -> Iterator[httpx2.Client]:
    """A client of the simulator's real port."""
    with httpx2.Client(base_url=wechat.url, trust_env=False, verify=False) as client:
        yield client


@pytest.fixture
def words() -> Callable[[Told], tuple[int, str]]:
    """errcode and errmsg without hint and rid, as a careful caller reads them."""

    def read(answer: Told) -> tuple[int, str]:
        text = re.sub(r"[, ]*(hint: \[[^]]*\] )?rid: [0-9a-f-]{26}$", "", answer["errmsg"])
        return int(answer["errcode"]), text

    return read
