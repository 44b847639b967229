"""`examples/smallest.py`: under ten lines of code, and a whole login."""

import runpy
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from wechat_simulator import Simulator

SMALLEST = Path(__file__).parents[2] / "examples" / "smallest.py"


def test_it_has_fewer_than_ten_lines_of_code() -> None:
    lines = [line for line in SMALLEST.read_text("utf-8").splitlines() if line.strip()]
    assert len(lines) < 10


@pytest.mark.usefixtures("settings")
def test_a_login_opens_the_hosts_own_route(wechat: Simulator) -> None:
    app = runpy.run_path(str(SMALLEST))["app"]
    with TestClient(app) as client:
        assert client.get("/orders").json()["code"] == "session_missing"
        login = client.post("/v1/login", json={"code": wechat.login("ann")}).json()
        headers = {"Authorization": f"Bearer {login['token']}"}
        orders = client.get("/orders", headers=headers).json()
    assert orders == {"account": login["account"]["id"], "user": None}
