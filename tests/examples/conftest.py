"""The examples as their readers run them: settings from the environment, WeChat simulated."""

import base64
import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from fastapi.testclient import TestClient

from wechat_simulator import Simulator
from wxlogin.server import WxLogin

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wechat: Simulator) -> None:
    """What a reader would have in `.env`, with the simulator in WeChat's place."""
    for name in [name for name in os.environ if name.startswith(("WXLOGIN_", "SHOP_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(EXAMPLES))
    for name, value in {
        "WXLOGIN_ENV": "development",
        "WXLOGIN_APP_ID": wechat.app_id,
        "WXLOGIN_APP_SECRET": wechat.secret,
        "WXLOGIN_KEYS": f"test:{base64.b64encode(bytes(32)).decode()}",
        "WXLOGIN_WECHAT_API_BASE": wechat.url,
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def shop(settings: None) -> Iterator[ModuleType]:
    """`fastapi_app.main`, imported anew for every test."""
    yield importlib.import_module("fastapi_app.main")
    sys.modules["fastapi_app.users"].engine.dispose()
    for name in [name for name in sys.modules if name.split(".")[0] == "fastapi_app"]:
        del sys.modules[name]


@pytest.fixture
def wx(shop: ModuleType) -> WxLogin:
    """What `wx_account` makes people in."""
    found: WxLogin = shop.wx
    return found


@pytest.fixture
def client(shop: ModuleType) -> Iterator[TestClient]:
    with TestClient(shop.app) as client:
        yield client
