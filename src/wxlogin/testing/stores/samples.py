"""Records to hand to a store, each a new one and whole, and short ways to ask for one back."""

import itertools
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings

from wxlogin.login import tokens
from wxlogin.login.accounts import Account, Phone, ProvenIdentity, SessionKey
from wxlogin.login.policy import Door
from wxlogin.login.ports import (
    HOST,
    Actor,
    ActorKind,
    AuditLine,
    CodeSpend,
    Credential,
    Event,
    IdentityLink,
    LoginCommit,
    LoginOutcome,
    LoginVerdict,
    NewAccount,
    NewSession,
    PasswordChange,
    Store,
    Ticket,
    Told,
    VerificationCode,
)
from wxlogin.login.registration import NewApplication
from wxlogin.login.secret import Secret
from wxlogin.login.sessions import Device, EndCode, Ending, Session

NOW = datetime(2026, 1, 15, 12, 30, 45, 123456, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
PHONE = Phone("86", "13800006666", NOW)
EVERY_KIND = frozenset({"registered", "login", "phone_changed", "kicked"})

_numbers = itertools.count(1)
many = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)


def new_number() -> int:
    """A number that nobody has got before."""
    return next(_numbers)


def new_id() -> str:
    """An id of the form that ids have, told apart by its number."""
    return tokens.new_id(NOW, next(_numbers).to_bytes(10, "big"))


def new_openid() -> str:
    return f"oConformance{next(_numbers):08}"


def new_hash() -> bytes:
    return next(_numbers).to_bytes(32, "big")


def new_phone(proven_at: datetime | None = NOW) -> Phone:
    return Phone("86", f"139{next(_numbers):08}", proven_at)


def new_session(at: datetime = NOW, **changes: Any) -> NewSession:
    fields: dict[str, Any] = {
        "id": new_id(),
        "secret_hash": new_hash(),
        "claims": {},
        "device": Device(),
        "created_at": at,
        "expires_at": at + 30 * DAY,
        "idle_ttl": 7 * DAY,
    }
    return NewSession(**fields | changes)


def new_key(sequence: int = 1, at: datetime = NOW) -> SessionKey:
    return SessionKey(Secret(f"session-key-{sequence}"), sequence, at)


def new_identity(openid: str | None = None, **changes: Any) -> ProvenIdentity:
    fields: dict[str, Any] = {"unionid": None, "session_key": new_key()}
    return ProvenIdentity(openid or new_openid(), **fields | changes)


def new_account(**changes: Any) -> NewAccount:
    number = next(_numbers)
    return NewAccount(**{"id": new_id(), "pseudonym": f"{number:032x}"} | changes)


def named(username: str = "xiaoming", **changes: Any) -> NewAccount:
    """A new account with a username and a password."""
    return new_account(
        username=username, username_key=username.lower(), password_hash=Secret("hash-1"), **changes
    )


def new_application(**changes: Any) -> NewApplication:
    fields: dict[str, Any] = {
        "id": f"application-{next(_numbers)}",
        "company_name": "某某有限公司",
        "credit_code": "91350100M000100Y43",
        "contact_name": "王小明",
        "submitted_at": NOW,
    }
    return NewApplication(**fields | changes)


def login(openid: str | None = None, **changes: Any) -> LoginCommit:
    """A login that registers where nobody is known.

    `device` and `claims` are the session's, `unionid` and `session_key` the identity's;
    `identity=None` is somebody who came without WeChat.
    """
    at = changes.get("at", NOW)
    of_session = {name: changes.pop(name) for name in ("device", "claims") if name in changes}
    of_identity = {"session_key": new_key(at=at)}
    of_identity |= {name: changes.pop(name) for name in _OF_IDENTITY if name in changes}
    fields: dict[str, Any] = {
        "at": at,
        "door": Door.WECHAT,
        "pool": "default",
        "app_id": "wx-a",
        "identity": new_identity(openid, **of_identity),
        "session": new_session(at, **of_session),
        "max_sessions": 10,
        "idle_before": at - 7 * DAY,
        "registration": new_account(),
    }
    return LoginCommit(**fields | changes)


_OF_IDENTITY = ("unionid", "session_key")


def openid_of(commit: LoginCommit) -> str:
    assert commit.identity is not None
    return commit.identity.openid


def asked(commit: LoginCommit) -> NewSession:
    """The session that the login asks for."""
    assert commit.session is not None
    return commit.session


def new_event(at: datetime = NOW, **changes: Any) -> Event:
    fields: dict[str, Any] = {
        "id": new_id(),
        "kind": "kicked",
        "at": at,
        "account_id": new_id(),
        "user_id": "42",
        "app_id": "wx-a",
        "session_id": None,
    }
    return Event(**fields | changes)


def new_told(account_id: str | None = None, *, kind: str = "kicked") -> Told:
    """An event and an audit line of one act."""
    line = AuditLine(NOW, kind, HOST, account_id, "wx-a", "a reason", {"n": 1})
    return Told(new_event(kind=kind), line)


def new_ticket(**changes: Any) -> Ticket:
    """`openid`, `unionid` and `session_key` are its identity's."""
    of_identity = {name: changes.pop(name) for name in _OF_IDENTITY if name in changes}
    fields: dict[str, Any] = {
        "hash": new_hash(),
        "app_id": "wx-a",
        "identity": new_identity(changes.pop("openid", None), **of_identity),
        "phone": None,
        "expires_at": NOW + 10 * MINUTE,
    }
    return Ticket(**fields | changes)


def new_code(**changes: Any) -> VerificationCode:
    fields: dict[str, Any] = {
        "slot": new_hash(),
        "code_hash": new_hash(),
        "expires_at": NOW + 5 * MINUTE,
    }
    return VerificationCode(**fields | changes)


def spend_of(code: VerificationCode) -> CodeSpend:
    return CodeSpend(code.slot, code.code_hash)


async def sent(store: Store, **changes: Any) -> CodeSpend:
    """What spends a verification code that was kept just now."""
    code = new_code(**changes)
    await store.keep_verification_code(code)
    return spend_of(code)


def new_password(account_id: str, **changes: Any) -> PasswordChange:
    number = next(_numbers)
    fields: dict[str, Any] = {
        "at": NOW + number * MICROSECOND,
        "password_hash": Secret(f"hash-{number}"),
        "ending": revoked("password_changed"),
    }
    return PasswordChange(account_id, **fields | changes)


def new_link(account_id: str, **changes: Any) -> IdentityLink:
    """`openid`, `unionid` and `session_key` are the identity's."""
    of_identity = {name: changes.pop(name) for name in _OF_IDENTITY if name in changes}
    fields: dict[str, Any] = {
        "pool": "default",
        "app_id": "wx-b",
        "identity": new_identity(changes.pop("openid", None), **of_identity),
        "at": NOW,
    }
    return IdentityLink(account_id, **fields | changes)


def revoked(reason: str = "kicked", at: datetime = NOW) -> Ending:
    return Ending(at, EndCode.REVOKED, reason)


async def log_in(store: Store, openid: str | None = None, **changes: Any) -> Session:
    """The session of a login that must succeed."""
    outcome = await store.commit_login(login(openid, **changes))
    return made(outcome)


def made(outcome: LoginOutcome) -> Session:
    assert outcome.verdict is LoginVerdict.DONE
    assert outcome.session is not None
    return outcome.session


async def get_session(store: Store, session_id: str) -> Session:
    session = await store.find_session(session_id)
    assert session is not None
    return session


async def get_account(store: Store, account_id: str) -> Account:
    account = await store.find_account(account_id=account_id)
    assert account is not None
    return account


async def get_credential(store: Store, account_id: str) -> Credential:
    credential = await store.find_credential_of(account_id)
    assert credential is not None
    return credential


async def list_live(store: Store, account_id: str, at: datetime = NOW) -> Sequence[Session]:
    return await store.list_sessions(account_id, now=at, idle_before=at - 7 * DAY)


async def lease(store: Store, **changes: Any) -> list[Event]:
    """Up to ten events of every kind that these tests know."""
    fields: dict[str, Any] = {"now": NOW, "until": NOW + MINUTE, "limit": 10}
    kinds = changes.pop("kinds", EVERY_KIND)
    return list(await store.lease_events(kinds, **fields | changes))


async def read_audit(store: Store) -> list[AuditLine]:
    """All lines, oldest first, each with its pseudonym in the account's place."""
    lines = await store.list_audit(after=0, since=None, until=None, limit=100)
    return [
        AuditLine(
            each.at,
            each.kind,
            Actor(ActorKind(each.actor_kind), each.actor_id),
            each.subject,
            each.app_id,
            each.reason,
            json.loads(each.data),
        )
        for each in lines
    ]
