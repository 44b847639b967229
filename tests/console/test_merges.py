"""Two accounts become one: seen before, proven by both, told once."""

import pytest

from tests.console.desk import WHY


@pytest.fixture
async def two(people):
    keep = await people.add("王芳", openid="o-keep-1234", user_id="u-1")
    drop = await people.add("王芳二号", openid="o-drop-1234", app_id="wx-b", phone="13800006666")
    return keep, drop


async def codes(house, *sessions):
    merging = (await house.wx.flow()).merging
    return [await merging.make_code(session) for session in sessions]


def both(keep, drop, **more):
    return {"keep_account_id": keep.account_id, "drop_account_id": drop.account_id, **more}


async def test_what_a_merge_would_do_is_seen_and_nothing_is_done(support, two, lines):
    before = len(await lines())
    seen = (await support.post("/merges/preview", both(*two))).json()
    assert seen["may_merge"] is True
    assert [one["openid"] for one in seen["moves"]["identities"]] == ["o-drop-1234"]
    assert seen["moves"]["phone"] is True
    assert seen["drop"]["phone"] == "138****6666"
    assert seen["conflicts"] == []
    assert len(await lines()) == before


async def test_two_codes_merge_and_one_does_not(support, house, two, lines):
    keep, drop = two
    keep_code, drop_code = await codes(house, keep, drop)
    asked = both(keep, drop, **WHY)
    for wrong in ((keep_code, keep_code), ("00000000", drop_code), (keep_code, "")):
        answer = await support.post(
            "/merges", {**asked, "keep_code": wrong[0], "drop_code": wrong[1] or "0"}
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "verification_code_invalid")
    answer = await support.post(
        "/merges", {**asked, "keep_code": keep_code, "drop_code": drop_code}
    )
    assert answer.status_code == 200
    assert answer.json()["id"] == keep.account_id
    assert answer.json()["phone"] == "138****6666"
    assert (await support.get(f"/accounts/{drop.account_id}")).status_code == 404
    (line,) = await lines("accounts_merged")
    assert (line.actor_id, line.reason) == ("han.meimei", "工单 1024")
    assert keep_code not in repr(await lines())


async def test_two_people_of_one_app_are_never_merged(support, people, house):
    one = await people.add("甲", openid="o-one-12345")
    two = await people.add("乙", openid="o-two-12345")
    seen = (await support.post("/merges/preview", both(one, two))).json()
    assert seen["may_merge"] is False
    assert seen["conflicts"] == [{"kind": "identity_in_same_app", "app_id": "wx-a"}]
    keep_code, drop_code = await codes(house, one, two)
    answer = await support.post(
        "/merges", both(one, two, keep_code=keep_code, drop_code=drop_code, **WHY)
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "identity_taken")
