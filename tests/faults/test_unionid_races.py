"""One person, two apps of one company, at the same moment, over processes: one account (F25)."""

import asyncio
from collections import Counter

import pytest

from tests.faults.test_races import send_all

PROCESSES = 4
OTHER = ["wxother", "secret-of-the-other"]


@pytest.fixture
def four(servers, wechat):
    """Four processes that serve both apps."""
    wechat.add_app(wechat.app_id, union_group="company")
    wechat.add_app(OTHER[0], secret=OTHER[1], union_group="company")

    def start(**options):
        return [servers(apps=[OTHER], **options) for _ in range(PROCESSES)]

    return start


async def meet(processes, wechat, audit, *, rounds):
    """What is wrong after so many people came to both apps at once; empty if nothing.

    A login that a busy machine turned away (503) comes again with a fresh code.
    """
    found = []
    apps = (wechat.app_id, OTHER[0])
    for number in range(rounds):
        user, accounts, waiting = f"person-{number}", set(), list(apps)
        for _ in range(8):
            sent = [
                (
                    processes[(number + place) % PROCESSES].url,
                    {"code": wechat.login(user, app_id=app_id), "app_id": app_id},
                )
                for place, app_id in enumerate(waiting)
            ]
            answers = await send_all(sent)
            accounts |= {a.json()["account"]["id"] for a in answers if a.status_code == 200}
            told = Counter(a.json()["code"] for a in answers if a.status_code not in (200, 503))
            if told:
                found.append(f"round {number}: {dict(told)}")
            waiting = [
                app_id
                for app_id, answer in zip(waiting, answers, strict=True)
                if answer.status_code == 503
            ]
            if not waiting:
                break
            await asyncio.sleep(1)
        if waiting or len(accounts) != 1:
            found.append(f"round {number}: {len(accounts)} accounts, {waiting} found no way in")
    return found + audit(people=rounds)


async def test_one_person_in_two_apps_at_once_is_one_account(four, wechat, audit):
    """F25, a tenth of it."""
    assert await meet(four(), wechat, audit, rounds=20) == []


async def test_with_the_unionid_written_afterwards_the_same_check_is_red(four, wechat, audit):
    found = await meet(four(twin="unionid afterwards"), wechat, audit, rounds=20)
    assert any("2 accounts" in one for one in found), found


@pytest.mark.chaos
async def test_two_hundred_people_in_two_apps_at_once_are_200_accounts(four, wechat, audit):
    """F25 in full."""
    assert await meet(four(), wechat, audit, rounds=200) == []
