"""The stage: one clock for all, nothing read from the environment, nothing left behind."""

from datetime import timedelta

import httpx2
import pytest

from wxlogin_demo.journey import USER
from wxlogin_demo.listener import take_port
from wxlogin_demo.phone import Phone
from wxlogin_demo.stage import Stage


def phone_of(stage: Stage) -> Phone:
    app_id, wechat = stage.simulator.app_id, stage.simulator.url
    return Phone(USER, app_id=app_id, server=stage.url, wechat=wechat)


def test_curl_to_the_simulators_clock_moves_the_server_too(stage: Stage) -> None:
    with phone_of(stage) as phone:
        token = phone.send_code(str(phone.wx_login().body["code"])).body["token"]
        assert phone.get_session(token).status == 200
        body = {"advance_seconds": timedelta(days=31).total_seconds()}
        httpx2.post(f"{stage.simulator.url}/sim/clock", json=body, trust_env=False)
        assert phone.get_session(token).body["code"] == "session_expired"


def test_the_docs_page_it_points_to_is_there(stage: Stage) -> None:
    assert httpx2.get(f"{stage.url}/docs", trust_env=False).status_code == 200


def test_the_folder_and_both_ports_are_gone_afterwards() -> None:
    with Stage(take_port(0)) as stage:
        folder, urls = stage.folder, (stage.url, stage.simulator.url)
        assert folder.is_dir()
    assert not folder.exists()
    for url in urls:
        with pytest.raises(httpx2.ConnectError):
            httpx2.get(url, trust_env=False)


def test_two_stages_share_no_secret() -> None:
    with Stage(take_port(0)) as one, Stage(take_port(0)) as other:
        assert one.simulator.secret != other.simulator.secret
        assert one.sealing_key != other.sealing_key


def test_the_search_for_secrets_does_find_what_is_there(stage: Stage) -> None:
    """Without this, `not holds(...)` and `not has_met(...)` would prove nothing."""
    with phone_of(stage) as phone:
        code = str(phone.wx_login().body["code"])
        phone.send_code(code)
        assert phone.has_met(code)
        assert phone.has_met("phone-of-ann")
        assert stage.database.holds(stage.simulator.openid(USER).encode())
