"""What operators look at: lists, a person's past, numbers."""

import asyncio
from typing import Any

from wxlogin.login.accounts import AccountStatus, Agreement
from wxlogin.login.ports import (
    AccountChange,
    AccountQuery,
    AgreementRow,
    LoginRow,
    Sample,
    Store,
)
from wxlogin.login.registration import ApplicationStatus
from wxlogin.login.sessions import Device
from wxlogin.testing.stores.samples import (
    DAY,
    MINUTE,
    NOW,
    PHONE,
    SECOND,
    log_in,
    login,
    new_account,
    new_application,
    new_openid,
    revoked,
)
from wxlogin.testing.stores.suite import Suite


async def found(store: Store, **asked: Any) -> list[str]:
    return [row.id for row in await store.search_accounts(AccountQuery(**asked))]


class Overview(Suite):
    async def test_accounts_are_listed_newest_first_and_page_by_page(self, store: Store) -> None:
        ids = [(await log_in(store)).account_id for _ in range(5)]
        assert await found(store) == ids[::-1]
        assert await found(store, limit=2) == ids[:2:-1]
        assert await found(store, before=ids[3], limit=2) == [ids[2], ids[1]]
        assert await found(store, before=ids[0]) == []

    async def test_any_exact_name_finds_and_a_part_of_one_does_not(self, store: Store) -> None:
        openid = new_openid()
        ann = await log_in(store, openid, phone=PHONE, user_id="42")
        await log_in(store, registration=new_account(nickname="42"))
        for named in (
            {"account_id": ann.account_id},
            {"user_id": "42"},
            {"openid": openid},
            {"phone": PHONE.e164},
            {"user_id": PHONE.e164, "phone": PHONE.e164, "openid": "none"},
        ):
            assert await found(store, **named) == [ann.account_id]
        assert await found(store, phone=PHONE.e164[:-1]) == []
        assert await found(store, openid=openid.lower()) == []
        assert await found(store, openid="") == []

    async def test_a_nickname_is_found_by_its_beginning(self, store: Store) -> None:
        names = ["王芳", "王小芳", "芳芳", "100%", "1000", "_x"]
        ids = {}
        for name in names:
            session = await log_in(store, registration=new_account(nickname=name))
            ids[name] = session.account_id
        assert await found(store, nickname="王") == [ids["王小芳"], ids["王芳"]]
        assert await found(store, nickname="100%") == [ids["100%"]]
        assert await found(store, nickname="_") == [ids["_x"]]
        assert await found(store, nickname="") == [ids[name] for name in names[::-1]]

    async def test_a_status_and_what_a_row_says(self, store: Store) -> None:
        openid = new_openid()
        ann = await log_in(store, openid, phone=PHONE)
        await log_in(store, openid, at=NOW + MINUTE)
        change = AccountChange(nickname="王芳", status=AccountStatus.DISABLED)
        await store.change_account(ann.account_id, change)
        await log_in(store)
        (row,) = await store.search_accounts(AccountQuery(status=AccountStatus.DISABLED))
        assert (row.id, row.nickname, row.status) == (
            ann.account_id,
            "王芳",
            AccountStatus.DISABLED,
        )
        assert row.phone == PHONE
        assert (row.created_at, row.last_login_at) == (NOW, NOW + MINUTE)
        assert await store.count_accounts() == {
            AccountStatus.ACTIVE: 1,
            AccountStatus.DISABLED: 1,
        }

    async def test_a_persons_logins_and_agreements(self, store: Store) -> None:
        openid = new_openid()
        device = Device("d", "Mate 60", "android")
        agreed = (Agreement("terms", "1"), Agreement("privacy", "2"))
        ann = await log_in(store, openid, device=device, agreements=agreed)
        await log_in(store, openid, at=NOW + SECOND, agreements=agreed[:1])
        await log_in(store)
        assert list(await store.list_logins(ann.account_id, limit=10)) == [
            LoginRow(NOW + SECOND, "wx-a", "wechat", None, None, False),
            LoginRow(NOW, "wx-a", "wechat", "Mate 60", "android", True),
        ]
        assert len(await store.list_logins(ann.account_id, limit=1)) == 1
        assert set(await store.list_agreements(ann.account_id)) == {
            AgreementRow("privacy", "2", NOW),
            AgreementRow("terms", "1", NOW),
        }

    async def test_applications_are_listed_latest_first(self, store: Store) -> None:
        made = []
        for n in range(4):
            application = new_application(submitted_at=NOW + n // 2 * SECOND)
            outcome = await store.commit_login(
                login(
                    session=None,
                    application=application,
                    registration=new_account(status=AccountStatus.PENDING),
                )
            )
            assert outcome.account is not None
            made.append((application, outcome.account.id))
        rows = list(await store.list_applications())
        assert [row.submitted_at for row in rows] == [NOW + SECOND] * 2 + [NOW] * 2
        assert {row.id for row in rows} == {application.id for application, _ in made}
        last = rows[1]
        rest = await store.list_applications(before=(last.submitted_at, last.id))
        assert list(rest) == rows[2:]
        assert len(await store.list_applications(limit=3)) == 3
        assert await store.list_applications(status=ApplicationStatus.APPROVED) == []
        application, account_id = made[0]
        (row,) = await store.list_applications(account_id=account_id)
        assert row == await store.find_application_row(application.id)
        assert (row.contact_name, row.company_name) == (
            application.contact_name,
            application.company_name,
        )
        assert await store.find_application_row("none") is None
        assert await store.count_applications(ApplicationStatus.PENDING) == 4

    async def test_live_sessions_are_those_that_would_be_let_in(self, store: Store) -> None:
        live = await log_in(store)
        ended = await log_in(store)
        await store.end_session(ended.id, account_id=ended.account_id, ending=revoked())
        await log_in(store, at=NOW - 31 * DAY)
        await log_in(store, at=NOW - 8 * DAY)

        async def count(at: Any) -> int:
            return await store.count_live_sessions(now=at, idle_before=at - 7 * DAY)

        assert await count(NOW) == 1
        assert await count(live.expires_at) == 0

    async def test_logins_are_counted_from_edge_to_edge(self, store: Store) -> None:
        openid = new_openid()
        for at in (NOW, NOW + SECOND, NOW + MINUTE):
            await log_in(store, openid, at=at)
        edges = [NOW - MINUTE, NOW, NOW + MINUTE, NOW + 2 * MINUTE]
        assert list(await store.count_logins(edges)) == [(0, 0), (2, 1), (1, 0)]

    async def test_a_sample_is_set_once_and_added_to_by_all(self, store: Store) -> None:
        assert not await store.has_sample("live", NOW)
        await store.set_sample(Sample("live", NOW, 5))
        await store.set_sample(Sample("live", NOW, 9))
        assert await store.has_sample("live", NOW)
        more = [Sample("errcode:1", NOW, 2), Sample("errcode:2", NOW + MINUTE, 1)]
        await asyncio.gather(*(store.add_samples(more) for _ in range(4)))
        assert list(await store.list_samples("live", since=NOW)) == [Sample("live", NOW, 5)]
        assert list(await store.list_samples("errcode:", since=NOW)) == [
            Sample("errcode:1", NOW, 8),
            Sample("errcode:2", NOW + MINUTE, 4),
        ]
        assert len(await store.list_samples("errcode:", since=NOW + SECOND)) == 1
