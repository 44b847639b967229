"""Logged-in users for a host's tests: no WeChat, no network.

# conftest.py
@pytest.fixture
def wx():
    return my_app.wx

# a test
def test_orders(client, wx_account):
    me = wx_account(user_id="42", claims={"role": "staff"})
    assert client.get("/orders", headers=me.headers).status_code == 200
"""

import asyncio
import base64
import os
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

if TYPE_CHECKING:
    from wxlogin.login.accounts import Account, Phone
    from wxlogin.login.sessions import Session
    from wxlogin.server import WxLogin

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A person with a live session. `headers` go into a request."""

    account: "Account"
    session: "Session"
    token: str = field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@pytest.fixture
def wx() -> "WxLogin":
    """The host's `WxLogin`: to be overridden in its conftest.py."""
    raise pytest.UsageError("wx_account needs a fixture `wx` in conftest.py that returns WxLogin")


@pytest.fixture
def wx_account(wx: "WxLogin") -> Callable[..., LoggedIn]:
    """Makes people who are logged in: `wx_account(user_id="42", claims={"role": "staff"})`.

    The same `user_id` or `openid` again is the same person on another phone.
    """

    def make(**wanted: Any) -> LoggedIn:
        return _run(log_in(wx, **wanted))

    return make


async def log_in(
    wx: "WxLogin",
    *,
    user_id: str | int | None = None,
    openid: str | None = None,
    unionid: str | None = None,
    app_id: str | None = None,
    claims: Mapping[str, Any] | None = None,
    nickname: str | None = None,
    phone: "Phone | None" = None,
) -> LoggedIn:
    """One login through the store's own door, as if WeChat had vouched for `openid`; `phone` is
    proven now, unless it says when."""
    from wxlogin.login import tokens
    from wxlogin.login.accounts import ProvenIdentity, SessionKey
    from wxlogin.login.policy import Door
    from wxlogin.login.ports import LoginCommit, NewAccount, NewSession
    from wxlogin.login.secret import Secret
    from wxlogin.login.sessions import Device

    store = await wx.open_store()
    now = wx.now()
    name = str(user_id) if user_id is not None else None
    app_id = app_id or next((app.app_id for app in wx.settings.apps), "wxtest")
    if openid is None and name is not None:
        openid = await _openid_of(wx, user_id=name, app_id=app_id)
    secret = os.urandom(32)
    session_id = tokens.new_id(now, os.urandom(10))
    token, secret_hash = tokens.mint(session_id, secret=secret, key=await wx.token_key())
    outcome = await store.commit_login(
        LoginCommit(
            at=now,
            door=Door.WECHAT,
            pool="default",
            app_id=app_id,
            identity=ProvenIdentity(
                openid or f"o-test-{name or session_id}"[:64],
                unionid,
                SessionKey(Secret(base64.b64encode(os.urandom(16)).decode()), 0, now),
            ),
            phone=phone and replace(phone, proven_at=phone.proven_at or now),
            session=NewSession(
                id=session_id,
                secret_hash=secret_hash,
                claims=dict(claims or {}),
                device=Device(),
                created_at=now,
                expires_at=now + wx.settings.session_ttl,
                idle_ttl=wx.settings.session_idle_ttl,
            ),
            max_sessions=wx.settings.max_sessions,
            idle_before=_long_ago(now),
            registration=NewAccount(
                id=tokens.new_id(now, os.urandom(10)),
                pseudonym=os.urandom(16).hex(),
                nickname=nickname,
            ),
            user_id=name,
        )
    )
    if outcome.account is None or outcome.session is None:
        raise AssertionError(f"the test person could not log in: {outcome.verdict}")
    return LoggedIn(outcome.account, outcome.session, token)


async def _openid_of(wx: "WxLogin", *, user_id: str, app_id: str) -> str | None:
    """The openid this user has in the app already, from a real login."""
    account = await (await wx.open_store()).find_account(user_id=user_id)
    identities = account.identities if account else ()
    return next((one.openid for one in identities if one.app_id == app_id), None)


def _long_ago(now: datetime) -> datetime:
    return now - timedelta(days=3650)


def _run(act: Coroutine[Any, Any, T]) -> T:
    """Run it in a thread of its own: the test may have an event loop already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, act).result()
