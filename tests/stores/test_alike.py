"""The model and SQL answer any story alike: each is the other's witness."""

import os
import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.stores.model import ModelStore
from wxlogin.login.accounts import AccountStatus
from wxlogin.login.ports import AccountChange, LoginOutcome
from wxlogin.login.sessions import Device
from wxlogin.stores.sealing import Key, KeyRing
from wxlogin.stores.sql import SqlStore
from wxlogin.stores.sqlite import SqliteDatabase
from wxlogin.testing.stores.samples import (
    EVERY_KIND,
    NOW,
    new_account,
    new_id,
    new_key,
    new_session,
    new_ticket,
    openid_of,
    revoked,
)
from wxlogin.testing.stores.samples import login as new_login

two = st.integers(0, 1)
maybe = st.sampled_from([None, None, 0, 1])
seldom = st.sampled_from([None] * 5 + [0, 1])
LOGIN = st.fixed_dictionaries(
    {
        "act": st.just("login"),
        "openid": two,
        "app": two,
        "pool": st.sampled_from([0] * 5 + [1]),
        "unionid": maybe,
        "user_id": seldom,
        "device": maybe,
        "sequence": st.integers(1, 5),
        "registers": st.sampled_from([True] * 5 + [False]),
        "limit": st.integers(1, 3),
        "ticket_ttl": st.sampled_from([None] * 5 + [0, 1]),
    }
)
CHANGE = st.fixed_dictionaries(
    {
        "act": st.just("change"),
        "who": two,
        "user_id": seldom,
        "status": st.sampled_from([None, AccountStatus.ACTIVE, *AccountStatus]),
        "until": st.sampled_from([None, 0, 1, 2]),
    }
)
OTHERS = st.one_of(
    CHANGE,
    st.fixed_dictionaries({"act": st.just("end"), "who": two, "nth": two}),
    st.fixed_dictionaries({"act": st.just("end all"), "who": two, "keeps": st.booleans()}),
    st.fixed_dictionaries({"act": st.just("seen"), "nth": st.integers(0, 3)}),
    st.fixed_dictionaries({"act": st.just("claims"), "who": two}),
    st.fixed_dictionaries({"act": st.just("take"), "who": two}),
    st.fixed_dictionaries({"act": st.just("prune"), "days": st.sampled_from([0, 6, 8, 30])}),
)
STEPS = st.integers(0, 9).flatmap(lambda n: LOGIN if n < 6 else OTHERS)


class Story:
    """One sequence of acts, told to both stores; every answer is compared."""

    def __init__(self, first: ModelStore, second: SqlStore, salt: str) -> None:
        self._stores = (first, second)
        self._salt = salt
        self._accounts: list[str] = []
        self._sessions: list[str] = []
        self._now = NOW

    async def tell(self, step: dict[str, Any]) -> None:
        self._now += timedelta(seconds=1)
        await getattr(self, "_" + step["act"].replace(" ", "_"))(step)
        for session_id in self._sessions[-6:]:
            await self._ask("find_session", session_id)
        for account_id in self._accounts[-3:]:
            await self._ask("find_account", account_id=account_id)
            await self._ask(
                "list_sessions",
                account_id,
                now=self._now,
                idle_before=self._now - timedelta(days=7),
            )

    async def _ask(self, method: str, *args: Any, **kwargs: Any) -> Any:
        answers = [await getattr(store, method)(*args, **kwargs) for store in self._stores]
        assert answers[0] == answers[1], method
        return answers[0]

    def _named(self, kind: str, n: int | None) -> str | None:
        return None if n is None else f"{kind}-{self._salt}-{n}"

    def _account(self, n: int) -> str:
        return self._accounts[n % len(self._accounts)] if self._accounts else new_id()

    def _session(self, n: int) -> str:
        return self._sessions[-1 - n % len(self._sessions)] if self._sessions else new_id()

    async def _login(self, step: dict[str, Any]) -> None:
        ttl = step["ticket_ttl"]
        ticket = new_ticket(expires_at=self._now + timedelta(seconds=ttl or 0))
        if ttl is not None:
            await self._ask("keep_ticket", ticket)
        device = Device(self._named("device", step["device"]))
        commit = new_login(
            self._named("openid", step["openid"]),
            at=self._now,
            app_id=f"wx-{step['app']}",
            pool=f"pool-{self._salt}-{step['pool']}",
            unionid=self._named("unionid", step["unionid"]),
            user_id=self._named("user", step["user_id"]),
            session_key=new_key(step["sequence"], self._now),
            session=new_session(self._now, device=device),
            max_sessions=step["limit"],
            registration=new_account() if step["registers"] else None,
            ticket_hash=None if ttl is None else ticket.hash,
            announce=("registered", "login"),
            event_ids=(new_id(), new_id()),
        )
        outcome: LoginOutcome = await self._ask("commit_login", commit)
        if outcome.account is not None and outcome.account.id not in self._accounts:
            self._accounts.append(outcome.account.id)
        if outcome.session is not None:
            self._sessions.append(outcome.session.id)
        await self._ask("find_ticket", ticket.hash, now=self._now)
        await self._ask(
            "find_session_keys",
            app_id=commit.app_id,
            openid=openid_of(commit),
            previous_after=self._now - timedelta(seconds=3),
        )
        await self._ask("lease_events", EVERY_KIND, now=self._now, until=self._now, limit=3)

    async def _change(self, step: dict[str, Any]) -> None:
        change = AccountChange(user_id=self._named("user", step["user_id"]))
        if step["status"] is not None:
            until = step["until"]
            change = replace(
                change,
                status=step["status"],
                disabled_until=None if until is None else self._now + timedelta(seconds=until),
            )
        await self._ask("change_account", self._account(step["who"]), change)

    async def _end(self, step: dict[str, Any]) -> None:
        await self._ask(
            "end_session",
            self._session(step["nth"]),
            account_id=self._account(step["who"]),
            ending=revoked(at=self._now),
        )

    async def _end_all(self, step: dict[str, Any]) -> None:
        keep = self._session(0) if step["keeps"] else None
        await self._ask(
            "end_sessions",
            self._account(step["who"]),
            ending=revoked(at=self._now),
            keep=keep,
        )

    async def _seen(self, step: dict[str, Any]) -> None:
        await self._ask("seen", {self._session(step["nth"]): self._now})

    async def _claims(self, step: dict[str, Any]) -> None:
        await self._ask("set_claims", self._account(step["who"]), {"at": str(self._now)})

    async def _take(self, step: dict[str, Any]) -> None:
        key = self._named("key", step["who"])
        window = timedelta(seconds=5)
        await self._ask("take", key, limit=2, window=window, now=self._now)

    async def _prune(self, step: dict[str, Any]) -> None:
        self._now += timedelta(days=step["days"])
        await self._ask("prune", now=self._now, limit=10**6)


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def both() -> AsyncIterator[tuple[ModelStore, SqlStore]]:
    with tempfile.TemporaryDirectory() as folder:
        keyring = KeyRing([Key("k1", os.urandom(32))])
        model = ModelStore()
        sql = SqlStore(SqliteDatabase(Path(folder) / "alike.db"), keyring)
        await model.open()
        await sql.open()
        yield model, sql
        await sql.close()
        await model.close()


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=6, max_size=24))
async def test_any_story_is_answered_alike(
    both: tuple[ModelStore, SqlStore], steps: list[dict[str, Any]]
) -> None:
    story = Story(*both, salt=os.urandom(6).hex())
    for step in steps:
        await story.tell(step)
