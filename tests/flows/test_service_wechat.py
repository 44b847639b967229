"""What the team's other servers have of WeChat: its access_token, and its open data."""

import asyncio

import pytest

from tests.flows.service_calls import access_token, new_key
from wxlogin.login import errors
from wxlogin.login.decryption import Decryption
from wxlogin.login.policy import App
from wxlogin.login.ports import Scope
from wxlogin.login.secret import Secret
from wxlogin.wechat.open_data import OpenDataReader

STABLE_TOKEN = "/cgi-bin/stable_token"


# WeChat's access_token


def fetches(wechat):
    return [call["app_id"] for call in wechat.log() if call["path"] == STABLE_TOKEN]


async def invalidate(house, key, token, **body):
    body = {"access_token": token, **body}
    return await house.ask("POST", "/v1/service/access-token/invalidate", key, json=body)


async def test_all_services_get_one_access_token_from_one_fetch(houses, wechat):
    one, two = houses(), houses()
    keys = [await new_key(one, Scope.ACCESS_TOKEN) for _ in range(2)]
    answers = await asyncio.gather(
        *(access_token(house, key) for house in (one, two) for key in keys for _ in range(8))
    )
    assert len({answer.json()["access_token"] for answer in answers}) == 1
    assert len(fetches(wechat)) == 1
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}


async def test_how_long_it_lives_is_told_as_it_is(house):
    key = await new_key(house, Scope.ACCESS_TOKEN)
    first = (await access_token(house, key)).json()
    assert first["expires_in"] == 7200
    house.clock.advance(1000.5)
    later = (await access_token(house, key)).json()
    assert later == {"access_token": first["access_token"], "expires_in": 6199}
    house.clock.advance(6198)
    last = (await access_token(house, key)).json()
    assert last["access_token"] != first["access_token"]
    assert last["expires_in"] == 7200


async def test_a_dead_token_is_fetched_anew_once_for_all_who_find_it_dead(house, wechat):
    key = await new_key(house, Scope.ACCESS_TOKEN)
    dead = (await access_token(house, key)).json()["access_token"]
    wechat.revoke_access_tokens()
    fresh = [(await invalidate(house, key, dead)).json() for _ in range(5)]
    assert len({told["access_token"] for told in fresh}) == 1
    assert fresh[0]["access_token"] != dead
    assert fresh[0]["expires_in"] == 7200
    assert len(fetches(wechat)) == 2
    assert (await access_token(house, key)).json() == fresh[0]


async def test_who_reports_an_old_token_does_not_take_the_new_one_away(house, wechat):
    key = await new_key(house, Scope.ACCESS_TOKEN)
    kept = (await access_token(house, key)).json()
    for other in ("made-up", kept["access_token"][:-1], kept["access_token"] + "x"):
        assert (await invalidate(house, key, other)).json() == kept
    assert len(fetches(wechat)) == 1


async def test_a_service_that_takes_every_fault_for_a_dead_token_is_slowed_down(house, wechat):
    """WeChat keeps the token stable, so it is "still that one" for ever."""
    key = await new_key(house, Scope.ACCESS_TOKEN)
    token = (await access_token(house, key)).json()["access_token"]
    answers = [await invalidate(house, key, token) for _ in range(25)]
    assert [a.status_code for a in answers] == [200] * 20 + [429] * 5
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60
    assert len(fetches(wechat)) == 21
    assert (await access_token(house, key)).json()["access_token"] == token


async def test_two_apps_do_not_cross(houses, wechat):
    """D11: neither the token nor the word that one is dead."""
    apps = tuple(
        App(wechat.add_app(name).app_id, Secret(wechat.add_app(name).secret))
        for name in ("wxone", "wxtwo")
    )
    house = houses(settings={"apps": apps})
    key = await new_key(house, *Scope)
    one = (await access_token(house, key, "wxone")).json()
    two = (await access_token(house, key, "wxtwo")).json()
    assert one["access_token"] != two["access_token"]
    crossed = await invalidate(house, key, one["access_token"], app_id="wxtwo")
    assert crossed.json() == two
    assert (await access_token(house, key, "wxone")).json() == one
    assert sorted(fetches(wechat)) == ["wxone", "wxtwo"]
    assert (await access_token(house, key)).status_code == 400
    for unknown in ("wxthree", "", "a b", "%00"):
        answer = await access_token(house, key, unknown)
        assert (answer.status_code, answer.json()["code"]) == (404, "app_unknown")
    ann = (await house.login("ann", app_id="wxone")).json()
    info = wechat.user_info("ann", app_id="wxone")
    body = {"account_id": ann["account"]["id"], "app_id": "wxtwo"}
    body |= {"encrypted_data": info["encryptedData"], "iv": info["iv"]}
    assert (await house.ask("POST", "/v1/service/decrypt", key, json=body)).status_code == 404


@pytest.mark.parametrize(
    ("errcode", "status", "code"),
    [(40125, 500, "app_misconfigured"), (45009, 429, "rate_limited")],
)
async def test_where_wechat_gives_none_the_service_hears_why(house, wechat, errcode, status, code):
    wechat.fail(STABLE_TOKEN, errcode=errcode)
    answer = await access_token(house, await new_key(house, Scope.ACCESS_TOKEN))
    assert (answer.status_code, answer.json()["code"]) == (status, code)


# Open data


async def decrypt(house, key, account_id, info, **changes):
    body = {"account_id": account_id, "encrypted_data": info["encryptedData"], "iv": info["iv"]}
    return await house.ask("POST", "/v1/service/decrypt", key, json=body | changes)


async def test_open_data_is_read_for_a_server_that_holds_no_key(house, wechat):
    key = await new_key(house, Scope.DECRYPT)
    told = (await house.login()).json()
    answer = await decrypt(house, key, told["account"]["id"], wechat.user_info())
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["data"]["watermark"]["appid"] == wechat.app_id
    session_key = wechat.session_key()
    assert session_key not in answer.text


async def test_open_data_of_another_person_or_another_app_is_no_data(house, wechat):
    key = await new_key(house, Scope.DECRYPT)
    ann, bob = [(await house.login(name)).json()["account"]["id"] for name in ("ann", "bob")]
    good = wechat.user_info("ann")
    for account_id, info in (
        (bob, good),
        (ann, good | {"iv": wechat.user_info("bob")["iv"]}),
        (ann, good | {"encryptedData": good["encryptedData"][:-4] + "AAA="}),
        (ann, good | {"encryptedData": "not base64"}),
    ):
        answer = await decrypt(house, key, account_id, info)
        assert (answer.status_code, answer.json()["code"]) == (400, "ciphertext_invalid")
    assert (await decrypt(house, key, ann, good)).status_code == 200


async def test_where_the_session_key_is_dead_the_service_hears_it(house, wechat):
    key = await new_key(house, Scope.DECRYPT)
    account_id = (await house.login()).json()["account"]["id"]
    wechat.rotate_session_key()
    answer = await decrypt(house, key, account_id, wechat.user_info())
    assert (answer.status_code, answer.json()["code"]) == (409, "session_key_stale")


async def test_failures_are_few_and_successes_free(house, wechat):
    """A04: a padding oracle needs thousands; here are ten an hour, counted before they run."""
    key = await new_key(house, Scope.DECRYPT)
    account_id = (await house.login()).json()["account"]["id"]
    good = wechat.user_info()
    for _ in range(15):
        assert (await decrypt(house, key, account_id, good)).status_code == 200
    bad = good | {"iv": "A" * 22 + "=="}
    answers = await asyncio.gather(*(decrypt(house, key, account_id, bad) for _ in range(15)))
    assert sorted(a.status_code for a in answers) == [400] * 10 + [429] * 5
    other = await new_key(house, Scope.DECRYPT)  # a second key is no second budget
    assert (await decrypt(house, other, account_id, good)).status_code == 429
    house.clock.advance(3601)
    assert (await decrypt(house, key, account_id, good)).status_code == 200


async def test_counted_after_they_ran_the_same_tries_all_run(house, wechat):
    """The twin: ask, fail, then count. Whoever sends them at once has as many as they like."""

    class CountsAfterwards(Decryption):
        failed = 0

        async def read(self, app_id, account_id, *, encrypted_data, iv, by):
            if self.failed >= 10:
                raise errors.RateLimited(3600)
            app = await self._core.apps.get(app_id)
            try:
                return await self._read(app, wechat.openid(), encrypted_data=encrypted_data, iv=iv)
            except errors.CiphertextInvalid:
                self.failed += 1
                raise

    flow = await house.wx.flow()
    flow.decryption = CountsAfterwards(flow.core, OpenDataReader())
    key = await new_key(house, Scope.DECRYPT)
    account_id = (await house.login()).json()["account"]["id"]
    bad = wechat.user_info() | {"iv": "A" * 22 + "=="}
    answers = await asyncio.gather(*(decrypt(house, key, account_id, bad) for _ in range(15)))
    assert [a.status_code for a in answers] == [400] * 15


async def test_one_key_fails_a_hundred_times_an_hour_over_all_people(house, wechat):
    key, other = [await new_key(house, Scope.DECRYPT) for _ in range(2)]
    info = {"encryptedData": "A" * 43 + "=", "iv": "A" * 22 + "=="}
    statuses = []
    for n in range(11):
        account_id = (await house.login(f"p{n}")).json()["account"]["id"]
        statuses += [(await decrypt(house, key, account_id, info)).status_code for _ in range(10)]
    assert statuses == [400] * 100 + [429] * 10
    assert (await decrypt(house, other, account_id, info)).status_code == 400
