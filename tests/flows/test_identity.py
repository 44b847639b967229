"""Ways in by WeChat, added and taken away; unionids; two accounts that become one."""

import asyncio

import pytest

from wxlogin.login.policy import App
from wxlogin.login.ports import HOST, AvatarChange
from wxlogin.login.secret import Secret

OTHER = "wxother"


@pytest.fixture
def two(houses, wechat):
    """A server for two mini programs: `two(union_group=..., pools=...)`."""

    def make(*, union_group=None, pools=("default", "default"), **parts):
        wechat.add_app(wechat.app_id, union_group=union_group)
        other = wechat.add_app(OTHER, secret="s2", union_group=union_group)
        apps = (
            App(wechat.app_id, Secret(wechat.secret), pool=pools[0]),
            App(OTHER, Secret(other.secret), pool=pools[1]),
        )
        return houses(settings={"apps": apps, **parts.pop("settings", {})}, **parts)

    return make


async def logged_in(house, user, app_id=None):
    return (await house.login(user, app_id=app_id or house.wechat.app_id)).json()


async def link(house, token, **body):
    return await house.ask("POST", "/v1/me/identities", token, json={"app_id": OTHER, **body})


async def unlink(house, token, **body):
    return await house.ask("POST", "/v1/me/identities/unlink", token, json=body)


def refused(answer):
    return answer.status_code, answer.json()["code"]


# Linking


async def test_a_proven_person_links_the_identity_of_another_app(two, rows, audit):
    house = two()
    me = await logged_in(house, "ann")
    answer = await link(
        house,
        me["token"],
        code=house.wechat.login("ann", app_id=OTHER),
        proof_code=house.wechat.login("ann"),
    )
    assert answer.status_code == 200
    assert {one["app_id"] for one in answer.json()["identities"]} == {house.wechat.app_id, OTHER}
    there = await logged_in(house, "ann", OTHER)
    assert there["account"]["id"] == me["account"]["id"]
    assert there["is_new_account"] is False
    assert rows("SELECT kind, actor_kind, app_id FROM wxlogin_audit") == [
        ("identity_linked", "person", OTHER)
    ]
    assert audit(people=1) == []


async def test_without_a_proof_nothing_is_linked_and_the_code_is_still_good(two):
    """A11: a victim's phone that sends the attacker's code links nothing."""
    house = two()
    victim = await logged_in(house, "victim")
    code = house.wechat.login("mallory", app_id=OTHER)
    assert refused(await link(house, victim["token"], code=code)) == (403, "proof_required")
    mallorys = house.wechat.login("mallory")
    stolen = await link(house, victim["token"], code=code, proof_code=mallorys)
    assert refused(stolen) == (403, "proof_required")
    assert house.wechat.exchanges(code) == 0
    assert (await house.login(code=code, app_id=OTHER)).json()["is_new_account"] is True


async def test_one_code_is_not_both_the_proof_and_the_identity(two):
    house = two()
    me = await logged_in(house, "ann")
    code = house.wechat.login("ann")
    answer = await link(house, me["token"], app_id=house.wechat.app_id, code=code, proof_code=code)
    assert refused(answer) == (400, "code_used")


async def test_an_identity_of_another_account_is_taken_and_stays_where_it_is(two, rows):
    house = two()
    me, bob = await logged_in(house, "ann"), await logged_in(house, "bob", OTHER)
    answer = await link(
        house,
        me["token"],
        code=house.wechat.login("bob", app_id=OTHER),
        proof_code=house.wechat.login("ann"),
    )
    assert refused(answer) == (409, "identity_taken")
    assert (await logged_in(house, "bob", OTHER))["account"]["id"] == bob["account"]["id"]
    assert rows("SELECT count(*) FROM wxlogin_audit") == [(0,)]


async def test_a_second_identity_in_one_app_is_refused(two):
    house = two()
    me = await logged_in(house, "ann")
    answer = await link(
        house,
        me["token"],
        app_id=house.wechat.app_id,
        code=house.wechat.login("bob"),
        proof_code=house.wechat.login("ann"),
    )
    assert refused(answer) == (409, "identity_taken")


async def test_linking_what_is_linked_changes_nothing(two, rows):
    house = two()
    me = await logged_in(house, "ann")
    answer = await link(
        house,
        me["token"],
        app_id=house.wechat.app_id,
        code=house.wechat.login("ann"),
        proof_code=house.wechat.login("ann"),
    )
    assert answer.status_code == 200
    assert len(answer.json()["identities"]) == 1
    assert rows("SELECT count(*) FROM wxlogin_audit") == [(0,)]


async def test_an_app_of_another_pool_is_no_app_to_link(two):
    house = two(pools=("one", "two"))
    me = await logged_in(house, "ann")
    code = house.wechat.login("ann", app_id=OTHER)
    answer = await link(house, me["token"], code=code, proof_code=house.wechat.login("ann"))
    assert refused(answer) == (404, "app_unknown")
    assert house.wechat.exchanges(code) == 0


async def test_fields_that_are_not_asked_for_have_no_effect(two):
    """D01, A06: whose account it is comes from the session alone."""
    house = two()
    victim, me = await logged_in(house, "victim"), await logged_in(house, "ann")
    answer = await link(
        house,
        me["token"],
        code=house.wechat.login("ann", app_id=OTHER),
        proof_code=house.wechat.login("ann"),
        account_id=victim["account"]["id"],
        openid=house.wechat.openid("victim"),
        unionid="oUnion",
        pool="other",
    )
    assert answer.json()["id"] == me["account"]["id"]
    seen = await house.get("/v1/me", victim["token"])
    assert len(seen.json()["identities"]) == 1


# Unlinking


async def test_an_identity_beside_another_is_cut_with_its_sessions(two, rows, audit):
    house = two()
    me = await logged_in(house, "ann")
    await link(
        house,
        me["token"],
        code=house.wechat.login("ann", app_id=OTHER),
        proof_code=house.wechat.login("ann"),
    )
    there = await logged_in(house, "ann", OTHER)
    answer = await unlink(house, me["token"], app_id=OTHER, proof_code=house.wechat.login("ann"))
    assert answer.status_code == 204
    over = await house.check(there["token"])
    assert (over.status_code, over.json()["code"]) == (401, "session_revoked")
    assert over.json()["reason"] == "identity_unlinked"
    assert (await house.check(me["token"])).status_code == 200
    assert (await logged_in(house, "ann", OTHER))["is_new_account"] is True
    kinds = [row[0] for row in rows("SELECT kind FROM wxlogin_audit ORDER BY id")]
    assert kinds == ["identity_linked", "identity_unlinked"]
    found = [one for one in audit() if "session without identity" not in one]
    assert found == []


async def test_the_last_way_in_is_not_cut(two):
    house = two()
    me = await logged_in(house, "ann")
    answer = await unlink(
        house, me["token"], app_id=house.wechat.app_id, proof_code=house.wechat.login("ann")
    )
    assert refused(answer) == (409, "last_login_method")
    assert (await house.check(me["token"])).status_code == 200


async def test_unlinking_needs_a_proof_and_an_identity_there(two):
    house = two()
    me = await logged_in(house, "ann")
    assert refused(await unlink(house, me["token"], app_id=OTHER)) == (403, "proof_required")
    gone = await unlink(house, me["token"], app_id=OTHER, proof_code=house.wechat.login("ann"))
    assert refused(gone) == (404, "not_found")


async def test_of_two_unlinkings_at_once_one_way_in_is_left(two, rows):
    house = two(union_group="company")
    me, _ = await logged_in(house, "ann"), await logged_in(house, "ann", OTHER)
    answers = await asyncio.gather(
        unlink(house, me["token"], app_id=OTHER, proof_code=house.wechat.login("ann")),
        unlink(
            house, me["token"], app_id=house.wechat.app_id, proof_code=house.wechat.login("ann")
        ),
    )
    assert rows("SELECT count(*) FROM wxlogin_identity") == [(1,)]
    assert sorted(answer.status_code for answer in answers)[0] == 204


# unionid


async def test_a_unionid_that_appears_later_ties_the_second_app_to_the_same_account(two, audit):
    """The app was bound to the open platform after the first login."""
    house = two()
    first = await logged_in(house, "ann")
    for app_id in (house.wechat.app_id, OTHER):
        house.wechat.add_app(app_id, union_group="company")
    again = await logged_in(house, "ann")
    there = await logged_in(house, "ann", OTHER)
    ids = {one["account"]["id"] for one in (first, again, there)}
    assert len(ids) == 1
    assert audit(people=1) == []


async def test_a_unionid_of_one_pool_says_nothing_in_another(two, audit):
    house = two(union_group="agency", pools=("one", "two"))
    one, other = await logged_in(house, "ann"), await logged_in(house, "ann", OTHER)
    assert one["account"]["id"] != other["account"]["id"]
    assert audit(people=2) == []


async def test_a_changed_unionid_is_told_and_moves_nothing(two, rows, caplog):
    """A13."""
    house = two(union_group="company")
    one = await logged_in(house, "ann")
    bob = await logged_in(house, "bob")
    before = rows("SELECT unionid, account_id FROM wxlogin_unionid ORDER BY unionid")
    bobs = house.wechat.unionid("bob")
    house.wechat.fail("/sns/jscode2session", times=1, patch={"unionid": bobs})
    again = await logged_in(house, "ann")
    assert again["account"]["id"] == one["account"]["id"] != bob["account"]["id"]
    assert rows("SELECT unionid, account_id FROM wxlogin_unionid ORDER BY unionid") == before
    alarms = [r for r in caplog.records if "unionid that is another account's" in r.getMessage()]
    assert len(alarms) == 1


async def test_a_unionid_that_is_another_accounts_is_not_linked(two):
    house = two(union_group="company")
    me = await logged_in(house, "ann")
    await logged_in(house, "bob")
    answer = await link(  # bob was never in the other app, but his unionid is known
        house,
        me["token"],
        code=house.wechat.login("bob", app_id=OTHER),
        proof_code=house.wechat.login("ann"),
    )
    assert refused(answer) == (409, "identity_taken")


# Merging


async def support_code(house, token):
    answer = await house.ask("POST", "/v1/me/support-code", token)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["expires_in"] == 600
    code = answer.json()["code"]
    assert len(code) == 8
    assert code.isdigit()
    return code


async def test_two_proven_accounts_become_one_and_both_sides_log_in_anew(two, rows, audit):
    house = two()
    heard = []
    house.wx.on_merged(lambda event: heard.append(event))
    keep, drop = await logged_in(house, "ann"), await logged_in(house, "ann2", OTHER)
    codes = [await support_code(house, one["token"]) for one in (keep, drop)]
    merged = await house.wx.merge(
        keep["account"]["id"], drop["account"]["id"], keep_code=codes[0], drop_code=codes[1]
    )
    assert {one.app_id for one in merged.identities} == {house.wechat.app_id, OTHER}
    for one in (keep, drop):
        over = await house.check(one["token"])
        assert (over.json()["code"], over.json()["reason"]) == ("session_revoked", "account_merged")
    for user, app_id in (("ann", house.wechat.app_id), ("ann2", OTHER)):
        again = await logged_in(house, user, app_id)
        assert again["account"]["id"] == keep["account"]["id"]
        assert again["is_new_account"] is False
    assert rows("SELECT count(*) FROM wxlogin_account") == [(1,)]
    assert audit(people=1) == []
    lines = rows("SELECT kind, actor_kind FROM wxlogin_audit")
    assert lines == [("accounts_merged", "host")]
    flow = await house.wx.flow()
    async with asyncio.timeout(10):
        while not heard:
            flow.core.events.wake()
            await asyncio.sleep(0.01)
    assert heard[0].account_id == keep["account"]["id"]
    assert heard[0].data == {"from_account_id": drop["account"]["id"], "from_user_id": None}


async def test_the_picture_that_nobody_shows_any_more_is_dropped(two, rows):
    house = two()
    keep, drop = await logged_in(house, "ann"), await logged_in(house, "bob", OTHER)
    store = await house.wx.open_store()
    for one, avatar_id in ((keep, "k" * 24), (drop, "d" * 24)):
        account_id = one["account"]["id"]
        await store.keep_avatar(
            avatar_id,
            b"picture",
            media_type="image/jpeg",
            account_id=account_id,
            at=house.clock.now,
        )
        await store.change_avatar(AvatarChange(account_id, f"/v1/avatars/{avatar_id}", avatar_id))
    codes = [await support_code(house, one["token"]) for one in (keep, drop)]
    await house.wx.merge(
        keep["account"]["id"], drop["account"]["id"], keep_code=codes[0], drop_code=codes[1]
    )
    assert rows("SELECT id FROM wxlogin_avatar") == [("k" * 24,)]


async def test_a_merge_that_one_side_has_not_proven_changes_nothing(two, rows):
    """A13: wrong, spent, late, the other's, or no code at all."""
    house = two()
    keep, drop = await logged_in(house, "ann"), await logged_in(house, "bob", OTHER)
    keep_code = await support_code(house, keep["token"])
    drop_code = await support_code(house, drop["token"])
    flow = await house.wx.flow()
    ids = (keep["account"]["id"], drop["account"]["id"])
    for given in (
        {"keep_code": keep_code, "drop_code": keep_code},
        {"keep_code": drop_code, "drop_code": drop_code},
        {"keep_code": keep_code, "drop_code": ""},
        {"keep_code": "", "drop_code": drop_code},
    ):
        with pytest.raises(Exception, match="verification_code_invalid"):
            await flow.merging.merge(*ids, **given, actor=HOST, reason=None)
    house.clock.advance(601)
    with pytest.raises(Exception, match="verification_code_invalid"):
        await flow.merging.merge(
            *ids, keep_code=keep_code, drop_code=drop_code, actor=HOST, reason=None
        )
    assert rows("SELECT count(*) FROM wxlogin_account") == [(2,)]
    assert (await house.check(keep["token"])).status_code == 200
    assert rows("SELECT count(*) FROM wxlogin_audit") == [(0,)]


async def test_a_support_code_is_guessed_five_times_and_then_worth_nothing(two):
    """C03, with the right code as the sixth try."""
    house = two()
    keep, drop = await logged_in(house, "ann"), await logged_in(house, "bob", OTHER)
    keep_code = await support_code(house, keep["token"])
    drop_code = await support_code(house, drop["token"])
    flow = await house.wx.flow()
    ids = (keep["account"]["id"], drop["account"]["id"])
    wrong = f"{(int(keep_code) + 1) % 10**8:08}"
    results = await asyncio.gather(
        *(
            flow.merging.merge(*ids, keep_code=wrong, drop_code="x", actor=HOST, reason=None)
            for _ in range(5)
        ),
        return_exceptions=True,
    )
    assert {str(one) for one in results} == {"verification_code_invalid"}
    with pytest.raises(Exception, match="verification_code_invalid"):
        await flow.merging.merge(
            *ids, keep_code=keep_code, drop_code=drop_code, actor=HOST, reason=None
        )


async def test_two_people_of_one_app_are_never_merged(house, rows):
    keep, drop = (await house.login("ann")).json(), (await house.login("bob")).json()
    codes = [await support_code(house, one["token"]) for one in (keep, drop)]
    ids = (keep["account"]["id"], drop["account"]["id"])
    preview = await house.wx.preview_merge(*ids)
    assert preview.may_merge is False
    assert [(one.kind, one.app_id) for one in preview.conflicts] == [
        ("identity_in_same_app", house.wechat.app_id)
    ]
    with pytest.raises(Exception, match="identity_taken"):
        await house.wx.merge(*ids, keep_code=codes[0], drop_code=codes[1])
    assert rows("SELECT count(*) FROM wxlogin_account") == [(2,)]
    with pytest.raises(Exception, match="request_invalid"):
        await house.wx.preview_merge(ids[0], ids[0])


async def test_a_merge_of_two_pools_is_refused(two):
    house = two(pools=("one", "two"))
    keep, drop = await logged_in(house, "ann"), await logged_in(house, "ann", OTHER)
    with pytest.raises(Exception, match="request_invalid"):
        await house.wx.preview_merge(keep["account"]["id"], drop["account"]["id"])


async def test_of_four_merges_at_once_one_happens(two, rows):
    house = two()
    keep, drop = await logged_in(house, "ann"), await logged_in(house, "bob", OTHER)
    keep_code = await support_code(house, keep["token"])
    drop_code = await support_code(house, drop["token"])
    results = await asyncio.gather(
        *(
            house.wx.merge(
                keep["account"]["id"],
                drop["account"]["id"],
                keep_code=keep_code,
                drop_code=drop_code,
            )
            for _ in range(4)
        ),
        return_exceptions=True,
    )
    assert len([one for one in results if not isinstance(one, Exception)]) == 1
    assert rows("SELECT kind FROM wxlogin_audit") == [("accounts_merged",)]
