"""What a login writes that no port of the core reads, and what only the database can arrange."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest

from wxlogin.login.accounts import AccountStatus, Agreement
from wxlogin.login.policy import Door
from wxlogin.stores.applications import place_of_contact
from wxlogin.stores.sealing import KeyRing
from wxlogin.stores.sql import SqlStore
from wxlogin.stores.sqlite import SqliteDatabase
from wxlogin.testing.stores.samples import (
    DAY,
    MINUTE,
    NOW,
    asked,
    get_account,
    get_session,
    log_in,
    login,
    named,
    new_application,
    new_key,
    new_phone,
)


def rows(path: Path, sql: str, *params: Any) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql, params).fetchall()


def write(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


# What a login leaves behind


async def test_agreements_are_kept_with_the_time_of_the_first(store: SqlStore, path: Path) -> None:
    for at, version in ((NOW, "3"), (NOW + MINUTE, "3"), (NOW + DAY, "4")):
        await log_in(store, "o-1", at=at, agreements=(Agreement("privacy", version),))
    kept = rows(path, "SELECT agreement_id, version, agreed_at FROM wxlogin_agreement")
    assert kept == [
        ("privacy", "3", NOW.isoformat()),
        ("privacy", "4", (NOW + DAY).isoformat()),
    ]


async def test_a_session_is_one_login_event_and_none_without_it(
    store: SqlStore, path: Path
) -> None:
    session = await log_in(store, door=Door.SMS)
    await store.commit_login(login(session=None))
    await store.commit_login(login(registration=None))
    found = rows(
        path, "SELECT account_id, session_id, door, is_new_account FROM wxlogin_login_event"
    )
    assert found == [(session.account_id, session.id, "sms", 1)]


async def test_an_application_is_kept_with_its_account(
    store: SqlStore, path: Path, keyring: KeyRing
) -> None:
    new = new_application()
    commit = login(session=None, registration=named(status=AccountStatus.PENDING), application=new)
    await store.commit_login(commit)
    [(account_id, status, credit_code, sealed)] = rows(
        path, "SELECT account_id, status, credit_code, contact_name FROM wxlogin_application"
    )
    assert commit.registration is not None
    assert account_id == commit.registration.id
    assert (status, credit_code) == ("pending", new.credit_code)
    assert keyring.open(sealed, place_of_contact(new.id)).decode() == new.contact_name


# Identities that nobody has logged in with: an import leaves such


async def test_an_identity_that_never_logged_in_has_no_session_key(
    store: SqlStore, path: Path
) -> None:
    await log_in(store, "o-1")
    write(path, NEVER_LOGGED_IN.format("o-1"))
    ask = partial(store.find_session_keys, app_id="wx-a", openid="o-1", previous_after=NOW - DAY)
    assert await ask() is None
    await log_in(store, "o-1", session_key=new_key(3))
    keys = await ask()
    assert keys is not None
    assert (keys.current, keys.previous) == (new_key(3), None)


NEVER_LOGGED_IN = (
    "UPDATE wxlogin_identity SET session_key = NULL, sequence = 0, obtained_at = NULL"
    " WHERE openid = '{}'"
)


async def test_the_first_proof_of_a_number_ends_identities_that_never_logged_in(
    store: SqlStore, path: Path
) -> None:
    """A trojan identity (security.md A14), whose unionid is forgotten with it."""
    phone = new_phone(proven_at=None)
    planted = await log_in(store, "o-trojan", unionid="u-trojan", phone=phone)
    await log_in(store, "o-real", app_id="wx-b", user_id="42")
    account_id = planted.account_id
    write(
        path,
        NEVER_LOGGED_IN.format("o-trojan"),
        f"UPDATE wxlogin_identity SET account_id = '{account_id}' WHERE openid = 'o-real'",
    )
    proven = replace(phone, proven_at=NOW)
    session = await log_in(store, identity=None, phone=proven, joins=account_id)
    assert session.account_id == account_id
    identities = (await get_account(store, account_id)).identities
    assert [each.openid for each in identities] == ["o-real"]
    assert (await log_in(store, "o-trojan")).account_id != account_id
    assert (await log_in(store, app_id="wx-c", unionid="u-trojan")).account_id != account_id
    assert (await get_session(store, planted.id)).ending is not None


# What an answer costs says nothing about it (security.md C02)


class Counted(sqlite3.Connection):
    """Notes the first word of whatever it is asked."""

    said: ClassVar[list[str]] = []

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        Counted.said.append(sql.partition(" ")[0])
        return super().execute(sql, *parameters)


@pytest.fixture
def said() -> Iterator[list[str]]:
    Counted.said = []
    yield Counted.said
    Counted.said = []


@pytest.fixture
async def counted(path: Path, keyring: KeyRing) -> Any:
    connect = partial(sqlite3.connect, factory=Counted)
    store = SqlStore(SqliteDatabase(path, connect=connect), keyring)
    await store.open()
    yield store
    await store.close()


async def test_finding_a_credential_asks_as_much_where_there_is_none(
    counted: SqlStore, said: list[str]
) -> None:
    phone, only_phone = new_phone(), new_phone()
    await log_in(counted, registration=named(), phone=phone)
    await log_in(counted, phone=only_phone)
    asked_for = [
        {"username_key": "xiaoming", "phone": None},
        {"username_key": "nobody", "phone": None},
        {"username_key": "13900000000", "phone": phone.e164},
        {"username_key": "13900000000", "phone": only_phone.e164},
        {"username_key": "13900000000", "phone": "+8613100000000"},
    ]
    counts = []
    for each in asked_for:
        del said[:]
        await counted.find_credential(pool="default", **each)
        counts.append(list(said))
    assert all(count == counts[0] for count in counts)


async def test_counting_a_failure_writes_as_much_where_there_is_nobody(
    store: SqlStore, path: Path
) -> None:
    """A commit that changed nothing is not synced to the disk, and is told by its speed."""
    account_id = (await log_in(store, registration=named())).account_id
    log = path.with_name(f"{path.name}-wal")
    grown = []
    for each in (account_id, "", account_id, "nobody"):
        before = log.stat().st_size
        assert await store.count_failure(each) >= 0
        grown.append(log.stat().st_size > before)
    assert all(grown)


async def test_a_commit_in_many_callers_hands_is_whole_or_nothing(
    store: SqlStore, path: Path
) -> None:
    """Whatever of it was refused, nothing of it is left in any table."""
    await log_in(store, registration=named())
    tables = [name for (name,) in rows(path, "SELECT name FROM sqlite_master WHERE type='table'")]

    def counts() -> dict[str, int]:
        ours = [name for name in tables if name.startswith("wxlogin_")]
        return {name: rows(path, f"SELECT count(*) FROM {name}")[0][0] for name in ours}

    before = counts()
    refused = [
        login(
            registration=named(),
            application=new_application(),
            agreements=(Agreement("privacy", "3"),),
            announce=("registered", "login"),
            event_ids=(f"a-{n}", f"b-{n}"),
        )
        for n in range(8)
    ]
    outcomes = await asyncio.gather(*(store.commit_login(each) for each in refused))
    assert {str(each.verdict) for each in outcomes} == {"username_taken"}
    assert counts() == before
    assert await store.find_session(asked(refused[0]).id) is None
