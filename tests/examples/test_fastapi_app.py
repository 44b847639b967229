"""`examples/fastapi_app`: the snippets of the documentation, in an application that runs."""

import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from wechat_simulator import Simulator
from wxlogin.login.accounts import Phone
from wxlogin.testing.pytest_plugin import LoggedIn

People = Callable[..., LoggedIn]


def log_in(client: TestClient, code: str, **fields: Any) -> dict[str, Any]:
    answer = client.post("/v1/login", json={"code": code, **fields})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def bearer(login: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {login['token']}"}


def rows(shop: ModuleType, table: str) -> list[Any]:
    with Session(shop.users.engine) as db:
        return list(db.scalars(select(getattr(shop.users, table))))


def test_a_first_login_makes_one_user_of_the_shops_own(
    shop: ModuleType, client: TestClient, wechat: Simulator
) -> None:
    first = log_in(client, wechat.login("ann"))
    again = log_in(client, wechat.login("ann"))
    (user,) = rows(shop, "User")
    assert (user.app_id, user.openid) == (wechat.app_id, wechat.openid("ann"))
    assert first["account"]["user_id"] == again["account"]["user_id"] == str(user.id)
    assert (first["is_new_account"], again["is_new_account"]) == (True, False)


def test_guests_are_welcome_where_the_user_is_optional(
    client: TestClient, wechat: Simulator
) -> None:
    assert client.get("/").json() == {"hello": "guest"}
    login = log_in(client, wechat.login("ann"))
    assert client.get("/", headers=bearer(login)).json() == {
        "hello": f"user {login['account']['user_id']}"
    }


def test_without_a_token_the_401_says_why(client: TestClient) -> None:
    answer = client.get("/me/coupons")
    assert answer.status_code == 401
    assert answer.json()["code"] == "session_missing"
    assert answer.headers["www-authenticate"] == (
        'Bearer error="invalid_token", code="session_missing"'
    )


def test_an_invited_user_remembers_an_inviter_that_exists(
    shop: ModuleType, client: TestClient, wechat: Simulator
) -> None:
    ann = log_in(client, wechat.login("ann"))
    log_in(client, wechat.login("bob"), context={"inviter": int(ann["account"]["user_id"])})
    log_in(client, wechat.login("eve"), context={"inviter": 999})
    assert [user.invited_by for user in rows(shop, "User")] == [None, 1, None]


def test_a_new_user_gets_one_coupon(client: TestClient, wechat: Simulator) -> None:
    headers = bearer(log_in(client, wechat.login("ann")))
    log_in(client, wechat.login("ann"))
    give_up = time.monotonic() + 10
    while not (got := client.get("/me/coupons", headers=headers).json()["coupons"]):
        assert time.monotonic() < give_up, "the hook runs after the commit, but it does run"
        time.sleep(0.02)
    assert got == 1


def test_an_event_told_twice_gives_one_coupon(shop: ModuleType, settings: None) -> None:
    user_id = shop.users.find_or_add("wx1", "o1", invited_by=None)
    for _ in range(2):
        shop.users.give_coupon("event-1", user_id)
    assert len(rows(shop, "Coupon")) == 1


def test_an_order_is_paid_by_the_openid_of_the_session(
    shop: ModuleType, client: TestClient, wechat: Simulator
) -> None:
    headers = bearer(log_in(client, wechat.login("ann")))
    answer = client.post("/orders", headers=headers, json={"openid": wechat.openid("bob")})
    assert answer.status_code == 201
    assert wechat.openid("ann") not in answer.text
    assert [order.payer_openid for order in rows(shop, "Order")] == [wechat.openid("ann")]


def test_staff_only(client: TestClient, shop: ModuleType, wx_account: People) -> None:
    user_id = shop.users.find_or_add("wx1", "o-boss", invited_by=None)
    staff = wx_account(user_id=user_id, claims={"role": "staff"})
    guest_id = shop.users.find_or_add("wx1", "o-guest", invited_by=None)
    guest = wx_account(user_id=guest_id, claims={"role": "customer"})
    refused = client.post(f"/staff/users/{user_id}/kick", headers=guest.headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    kicked = client.post(f"/staff/users/{guest_id}/kick", headers=staff.headers)
    assert kicked.json() == {"sessions_ended": 1}
    over = client.get("/me/coupons", headers=guest.headers).json()
    assert (over["code"], over["reason"]) == ("session_revoked", "kicked_by_shop")


def test_a_phone_is_needed_where_the_route_says_so(
    client: TestClient, shop: ModuleType, wx_account: People
) -> None:
    first, second = (shop.users.find_or_add("wx1", o, invited_by=None) for o in ("o1", "o2"))
    without = client.post("/orders/1/delivery", headers=wx_account(user_id=first).headers)
    assert (without.status_code, without.json()["code"]) == (403, "phone_required")
    reachable = wx_account(user_id=second, phone=Phone("86", "13800006666"))
    assert client.post("/orders/1/delivery", headers=reachable.headers).status_code == 200


def test_the_old_login_keeps_its_envelope(client: TestClient, wechat: Simulator) -> None:
    code = wechat.login("ann")
    answer = client.post("/api/wx/login", json={"js_code": code}).json()
    headers = {"Authorization": f"Bearer {answer['data']['token']}"}
    assert answer["errno"] == 0
    assert client.get("/", headers=headers).json() != {"hello": "guest"}
    used = client.post("/api/wx/login", json={"js_code": code}).json()
    assert used == {"errno": 1, "errmsg": "code_used", "data": None}
    assert wechat.exchanges(code) == 1


def test_while_wechat_is_busy_the_phone_is_told_to_try_a_new_code(
    client: TestClient, wechat: Simulator
) -> None:
    wechat.fail("/sns/jscode2session", errcode=-1)
    answer = client.post("/v1/login", json={"code": wechat.login("ann")})
    assert (answer.status_code, answer.json()["code"]) == (503, "wechat_unavailable")
    assert answer.json()["retry"] == "new_code"


def test_a_user_for_that_fails_lets_nobody_in_and_leaves_nothing(
    shop: ModuleType, client: TestClient, wechat: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(who: object) -> int:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(shop.wx.hooks, "user_for_function", broken)
        answer = client.post("/v1/login", json={"code": wechat.login("ann")})
    assert (answer.status_code, answer.json()["retry"]) == (503, "new_code")
    assert rows(shop, "User") == []
    assert log_in(client, wechat.login("ann"))["is_new_account"] is True
