"""What is told of an act: with it and once, or not at all."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from wxlogin.login.accounts import AccountStatus
from wxlogin.login.policy import App
from wxlogin.login.ports import (
    PERSON,
    SYSTEM,
    AccountChange,
    Actor,
    ActorKind,
    AppChange,
    AuditLine,
    AvatarChange,
    LoginVerdict,
    PhoneChange,
    Store,
    Told,
    Verdict,
)
from wxlogin.login.ports.logins import AUDITED
from wxlogin.login.secret import Secret
from wxlogin.testing.stores.samples import (
    DAY,
    NOW,
    PHONE,
    SECOND,
    get_account,
    lease,
    list_live,
    log_in,
    login,
    made,
    named,
    new_code,
    new_id,
    new_link,
    new_password,
    new_phone,
    new_told,
    read_audit,
    revoked,
    spend_of,
)
from wxlogin.testing.stores.suite import Suite

Act = Callable[[Store, str, Told], Awaitable[Any]]


async def _unlink(store: Store, account_id: str, told: Told) -> Verdict:
    return await store.unlink_identity(
        account_id, app_id="wx-a", ending=revoked(), phone_opens=False, told=told
    )


async def _end_first(store: Store, account_id: str, told: Told) -> bool:
    [session, *_] = await list_live(store, account_id)
    return await store.end_session(session.id, account_id=account_id, ending=revoked(), told=told)


ACTS: dict[str, Act] = {
    "end_session": _end_first,
    "end_sessions": lambda store, account_id, told: store.end_sessions(
        account_id, ending=revoked(), told=told
    ),
    "change_account": lambda store, account_id, told: store.change_account(
        account_id, AccountChange(nickname="x"), told=told
    ),
    "change_phone": lambda store, account_id, told: store.change_phone(
        PhoneChange(account_id, new_phone()), told=told
    ),
    "change_password": lambda store, account_id, told: store.change_password(
        new_password(account_id), told=told
    ),
    "link_identity": lambda store, account_id, told: store.link_identity(
        new_link(account_id, app_id="wx-c"), told=told
    ),
    "unlink_identity": _unlink,
    "add_app": lambda store, account_id, told: store.add_app(App("wx-z", Secret("s")), told=told),
    "change_app": lambda store, account_id, told: store.change_app(
        "wx-a", AppChange(is_disabled=True), told=told
    ),
    "change_avatar": lambda store, account_id, told: store.change_avatar(
        AvatarChange(account_id, "https://example.com/a.png"), told=told
    ),
}
REFUSED: dict[str, Act] = {
    "end_session twice": lambda store, account_id, told: store.end_session(
        new_id(), account_id=account_id, ending=revoked(), told=told
    ),
    "change nobody": lambda store, account_id, told: store.change_account(
        new_id(), AccountChange(nickname="x"), told=told
    ),
    "another's user_id": lambda store, account_id, told: store.change_account(
        account_id, AccountChange(user_id="taken"), told=told
    ),
    "another's phone": lambda store, account_id, told: store.change_phone(
        PhoneChange(account_id, PHONE), told=told
    ),
    "nobody's phone": lambda store, account_id, told: store.change_phone(
        PhoneChange(new_id(), new_phone()), told=told
    ),
    "another's username": lambda store, account_id, told: store.change_password(
        new_password(account_id, username="x", username_key="xiaoming"), told=told
    ),
    "a spent code": lambda store, account_id, told: store.change_password(
        new_password(account_id, spends=(spend_of(new_code()),)), told=told
    ),
    "another's identity": lambda store, account_id, told: store.link_identity(
        new_link(account_id, openid="o-other"), told=told
    ),
    "a link that is there": lambda store, account_id, told: store.link_identity(
        new_link(account_id, openid="o-mine"), told=told
    ),
    "another number": lambda store, account_id, told: store.change_phone(
        PhoneChange(account_id, new_phone(), may_replace=False), told=told
    ),
    "an app that is there": lambda store, account_id, told: store.add_app(
        App("wx-a", Secret("s")), told=told
    ),
    "no app": lambda store, account_id, told: store.change_app(
        "wx-none", AppChange(is_disabled=True), told=told
    ),
    "nobody's avatar": lambda store, account_id, told: store.change_avatar(
        AvatarChange(new_id(), None), told=told
    ),
    "no identity": lambda store, account_id, told: store.unlink_identity(
        account_id, app_id="wx-none", ending=revoked(), phone_opens=False, told=told
    ),
}


class Telling(Suite):
    async def subject_of(self, store: Store, account_id: str) -> str:
        return (await get_account(store, account_id)).pseudonym

    @pytest.mark.parametrize("name", ACTS)
    async def test_an_act_is_told_with_it_and_once(self, store: Store, name: str) -> None:
        session = await log_in(store, "o-1")
        await store.link_identity(new_link(session.account_id))
        await store.add_app(App("wx-a", Secret("s")))
        told = new_told(session.account_id)
        await ACTS[name](store, session.account_id, told)
        assert await lease(store) == [told.event]
        assert told.audit is not None
        subject = await self.subject_of(store, session.account_id)
        expected = replace(told.audit, account_id=subject)
        assert await read_audit(store) == [expected]

    @pytest.mark.parametrize("name", REFUSED)
    async def test_what_changed_nothing_is_not_told(self, store: Store, name: str) -> None:
        await log_in(
            store, "o-other", app_id="wx-b", phone=PHONE, user_id="taken", registration=named()
        )
        session = await log_in(store, "o-mine", app_id="wx-b", phone=new_phone())
        await store.add_app(App("wx-a", Secret("s")))
        before = await get_account(store, session.account_id)
        await REFUSED[name](store, session.account_id, new_told(session.account_id))
        assert await lease(store) == []
        assert await read_audit(store) == []
        assert await get_account(store, session.account_id) == before

    async def test_an_equal_number_is_proven_anew_and_not_told(self, store: Store) -> None:
        account_id = (await log_in(store, phone=PHONE)).account_id
        change = PhoneChange(account_id, replace(PHONE, proven_at=NOW + DAY))
        assert await store.change_phone(change, told=new_told(account_id)) is Verdict.DONE
        assert await lease(store) == []
        assert await read_audit(store) == []

    async def test_the_last_method_that_stays_is_not_told(self, store: Store) -> None:
        account_id = (await log_in(store)).account_id
        assert await _unlink(store, account_id, new_told(account_id)) is Verdict.LAST_METHOD
        assert await lease(store) == []

    async def test_a_line_names_a_pseudonym_and_never_an_account(self, store: Store) -> None:
        account_id = (await log_in(store)).account_id
        actor = Actor(ActorKind.OPERATOR, "运维")
        lines = [
            AuditLine(NOW, "seen", actor, account_id, "wx-a", "原因", {"n": [1, None]}),
            AuditLine(NOW + SECOND, "tried", PERSON, new_id()),
            AuditLine(NOW, "started", SYSTEM),
        ]
        for line in lines:
            await store.add_audit(line)
        expected = [replace(lines[0], account_id=await self.subject_of(store, account_id))]
        expected += [replace(lines[1], account_id=None), lines[2]]
        assert await read_audit(store) == expected

    # What a login does to an account that was there

    @pytest.mark.parametrize("kind", AUDITED)
    async def test_what_a_login_did_to_an_account_is_a_line_and_no_more(
        self, store: Store, kind: str
    ) -> None:
        first = await log_in(store, "o-1", app_id="wx-a", user_id="user-1")
        account_id, subject = first.account_id, await self.subject_of(store, first.account_id)
        commits: dict[str, dict[str, Any]] = {
            "phone_changed": {"openid": "o-1", "phone": PHONE},
            "phone_left": {"identity": None, "phone": PHONE, "phone_leaves": account_id},
            "identity_linked": {"app_id": "wx-b", "user_id": "user-1"},
            "credentials_purged": {"identity": None, "phone": PHONE, "joins": account_id},
            "erasure_taken_back": {"openid": "o-1", "restores": True},
        }
        if kind in ("phone_left", "credentials_purged"):
            proven_at = None if kind == "credentials_purged" else NOW
            kept = replace(PHONE, proven_at=proven_at)
            await store.change_phone(PhoneChange(account_id, kept))
        if kind == "erasure_taken_back":
            await store.change_account(account_id, AccountChange(status=AccountStatus.ERASING))
        commit = login(**commits[kind])
        made(await store.commit_login(commit))
        [line] = await read_audit(store)
        assert (line.at, line.kind, line.actor) == (NOW, kind, PERSON)
        assert (line.account_id, line.app_id) == (subject, commit.app_id)
        openid = commit.identity.openid if commit.identity else account_id
        written = repr(line)
        assert not [text for text in (account_id, openid, PHONE.national) if text in written]

    async def test_several_things_that_one_login_did_are_a_line_each(self, store: Store) -> None:
        planted = await log_in(store, phone=replace(PHONE, proven_at=None))
        account_id = planted.account_id
        await store.change_account(account_id, AccountChange(status=AccountStatus.ERASING))
        await log_in(store, app_id="wx-b", phone=PHONE, joins=account_id, restores=True)
        kinds = [line.kind for line in await read_audit(store)]
        assert sorted(kinds) == ["credentials_purged", "erasure_taken_back", "identity_linked"]

    async def test_a_login_that_did_nothing_else_is_no_line(self, store: Store) -> None:
        for phone in (None, PHONE, replace(PHONE, proven_at=NOW + DAY)):
            for _ in range(2):
                await log_in(store, "o-1", phone=phone, unionid="u-1")
        await log_in(store, registration=named(), restores=True)
        lines = await read_audit(store)
        assert [line.kind for line in lines] == ["phone_changed"]

    async def test_a_refused_login_is_no_line(self, store: Store) -> None:
        first = await log_in(store, "o-1")
        await store.change_account(first.account_id, AccountChange(status=AccountStatus.DISABLED))
        commit = login("o-1", phone=PHONE)
        assert (await store.commit_login(commit)).verdict is LoginVerdict.NOT_ACTIVE
        assert await read_audit(store) == []
