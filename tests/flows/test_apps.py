"""Mini programs that are added and changed while the server runs, their secrets rotated."""

import asyncio
import json
import logging

import pytest

from wxlogin.login import errors
from wxlogin.login.policy import App, Registration
from wxlogin.login.ports import Actor, ActorKind, AppChange
from wxlogin.login.secret import Secret

OPERATOR = Actor(ActorKind.OPERATOR, "ops")
EXCHANGE = "/sns/jscode2session"
STABLE_TOKEN = "/cgi-bin/stable_token"


async def acts_of(house):
    return (await house.wx.flow()).running_apps


async def add(house, wechat, app_id="wxadded", *, secret="one", **fields):
    """The app at WeChat and here."""
    wechat.add_app(app_id, secret=secret)
    return await (await acts_of(house)).add(
        App(app_id, Secret(secret), **fields), actor=OPERATOR, why="a second shop"
    )


def lines(rows, app_id="wxadded"):
    """(kind, actor's id, reason, data) of the audit lines of the app, oldest first."""
    found = rows(
        "SELECT kind, actor_id, reason, data FROM wxlogin_audit WHERE app_id = ? ORDER BY id",
        app_id,
    )
    return [(*row[:3], json.loads(row[3])) for row in found]


async def test_an_app_is_in_force_everywhere_at_the_next_request(houses, wechat, rows):
    """Added, changed, disabled, enabled in one process: the other hears it from the store."""
    one, two = houses(), houses()
    wechat.add_app("wxadded", secret="one")

    async def told():
        answer = await two.login("new", app_id="wxadded")
        return answer.status_code, answer.json().get("code")

    assert await told() == (404, "app_unknown")
    await add(one, wechat)
    acts = await acts_of(one)
    await acts.change(
        "wxadded", AppChange(registration=Registration.CLOSED), actor=OPERATOR, why="full"
    )
    assert await told() == (403, "registration_closed")
    await acts.change("wxadded", AppChange(registration=Registration.AUTO), actor=OPERATOR)
    assert await told() == (200, None)
    await acts.disable("wxadded", actor=OPERATOR)
    assert await told() == (404, "app_unknown")
    await acts.enable("wxadded", actor=OPERATOR)
    assert await told() == (200, None)
    assert lines(rows) == [
        ("app_added", "ops", "a second shop", {}),
        ("app_changed", "ops", "full", {"fields": ["registration"]}),
        ("app_changed", "ops", None, {"fields": ["registration"]}),
        ("app_disabled", "ops", None, {}),
        ("app_enabled", "ops", None, {}),
    ]


async def test_an_app_of_the_settings_is_changed_there(house, wechat, rows):
    acts = await acts_of(house)
    fixed, by = wechat.app_id, {"actor": OPERATOR}
    for act in (
        acts.add(App(fixed, Secret("x")), **by),
        acts.change(fixed, AppChange(phone_conflict="join"), **by),
        acts.rotate_secret(fixed, Secret("x"), **by),
        acts.drop_old_secret(fixed, **by),
        acts.disable(fixed, **by),
        acts.enable(fixed, **by),
    ):
        with pytest.raises(errors.RequestInvalid) as refused:
            await act
        told = [{"field": "app_id", "reason": "comes from the settings"}]
        assert refused.value.errors == told
    assert rows("SELECT count(*) FROM wxlogin_audit") == [(0,)]
    assert (await house.login()).status_code == 200


async def test_an_app_is_added_once_and_what_is_not_there_is_not_changed(house, wechat, rows):
    await add(house, wechat)
    with pytest.raises(errors.RequestInvalid):
        await add(house, wechat, secret="one")
    acts = await acts_of(house)
    for act in (
        acts.change("wxnone", AppChange(is_disabled=True), actor=OPERATOR),
        acts.rotate_secret("wxnone", Secret("x"), actor=OPERATOR),
        acts.disable("wxnone", actor=OPERATOR),
    ):
        with pytest.raises(errors.AppUnknown):
            await act
    assert [line[0] for line in lines(rows)] == ["app_added"]
    assert lines(rows, "wxnone") == []


# Rotation


@pytest.mark.parametrize("at_wechat", ["one", "two"])
async def test_both_secrets_live_from_the_rotation_to_its_end(house, wechat, at_wechat):
    """Whichever of the two WeChat takes, logins and access_tokens go on."""
    await add(house, wechat)
    acts = await acts_of(house)
    await acts.rotate_secret("wxadded", Secret("two"), actor=OPERATOR)
    wechat.add_app("wxadded", secret=at_wechat)
    assert (await house.login("ann", app_id="wxadded")).status_code == 200
    service = (await house.wx.flow()).service
    assert (await service.get_access_token("wxadded")).value
    calls = [(c["path"], c["errcode"]) for c in reversed(wechat.log())]
    refused = [] if at_wechat == "two" else [40125]
    for path in (EXCHANGE, STABLE_TOKEN):
        assert [code for called, code in calls if called == path] == [*refused, 0]
    await acts.drop_old_secret("wxadded", actor=OPERATOR)
    answer = await house.login("ann", app_id="wxadded")
    expected = {"two": (200, None), "one": (500, "app_misconfigured")}[at_wechat]
    assert (answer.status_code, answer.json().get("code")) == expected
    assert len([c for c in wechat.log() if c["path"] == EXCHANGE]) == len(refused) + 2


async def test_a_code_is_exchanged_once_also_in_a_rotation(house, wechat, audit):
    """The call under the refused secret was none: the second one finds the code unspent."""
    await add(house, wechat)
    await (await acts_of(house)).rotate_secret("wxadded", Secret("two"), actor=OPERATOR)
    code = wechat.login("ann", app_id="wxadded")
    answers = await asyncio.gather(*(house.login(code=code, app_id="wxadded") for _ in range(8)))
    told = sorted(a.json().get("code", "200") for a in answers)
    assert told == ["200"] + ["code_used"] * 7
    calls = [c["errcode"] for c in wechat.log() if c["path"] == EXCHANGE]
    assert sorted(calls) == [0, 40125]


async def test_neither_secret_is_right_and_the_operator_hears_it(house, wechat):
    await add(house, wechat)
    await (await acts_of(house)).rotate_secret("wxadded", Secret("two"), actor=OPERATOR)
    wechat.add_app("wxadded", secret="three")
    answer = await house.login("ann", app_id="wxadded")
    assert (answer.status_code, answer.json()["code"]) == (500, "app_misconfigured")
    assert [c["errcode"] for c in wechat.log()] == [40125, 40125]


async def test_a_check_of_the_app_asks_for_the_new_secret_alone(house, wechat):
    await add(house, wechat)
    await (await acts_of(house)).rotate_secret("wxadded", Secret("two"), actor=OPERATOR)
    with pytest.raises(errors.AppMisconfigured):
        await house.wx.check_app("wxadded")
    wechat.add_app("wxadded", secret="two")
    await house.wx.check_app("wxadded")


async def test_no_secret_is_in_the_audit_log_or_any_other(house, wechat, rows, caplog, database):
    caplog.set_level(logging.DEBUG)
    secrets = [f"{name}-canary-5f0e" for name in ("first", "second", "push", "aes")]
    await add(house, wechat, secret=secrets[0])
    acts = await acts_of(house)
    await acts.rotate_secret("wxadded", Secret(secrets[1]), actor=OPERATOR)
    change = AppChange(push_token=Secret(secrets[2]), encoding_aes_key=Secret(secrets[3]))
    await acts.change("wxadded", change, actor=OPERATOR)
    await house.login("ann", app_id="wxadded")
    kept = b"".join(path.read_bytes() for path in database.parent.glob(database.name + "*"))
    said = caplog.text + str(rows("SELECT * FROM wxlogin_audit")) + repr(change)
    said += repr(await (await house.wx.open_store()).list_apps())
    for secret in secrets:
        assert secret not in said
        assert secret.encode() not in kept
    assert lines(rows)[-1][3] == {"fields": ["push_token", "encoding_aes_key"]}


# Pages in a browser


async def test_pages_of_an_app_added_at_run_time_may_ask(house, wechat):
    origin = "https://h5.example.com"

    async def may_ask():
        await house.wx._read_apps(await house.wx.flow())  # what is done every few seconds
        answer = await house.http.get("/healthz", headers={"Origin": origin})
        return answer.headers.get("access-control-allow-origin") == origin

    assert not await may_ask()
    await add(house, wechat, cors_origins=(origin,))
    assert await may_ask()
    acts = await acts_of(house)
    await acts.disable("wxadded", actor=OPERATOR)
    assert not await may_ask()
    await acts.enable("wxadded", actor=OPERATOR)
    await acts.change("wxadded", AppChange(cors_origins=()), actor=OPERATOR)
    assert not await may_ask()
