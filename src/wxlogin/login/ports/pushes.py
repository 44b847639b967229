"""What WeChat says of its own accord, and what it leads to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from wxlogin.login.policy import App
from wxlogin.login.ports.events import Event, Told
from wxlogin.login.sessions import Ending


@dataclass(frozen=True, slots=True)
class PushMessage:
    """A message that is WeChat's. `replay_id` is the same each time it is sent again."""

    fields: Mapping[str, Any] = field(repr=False)
    is_xml: bool
    replay_id: str


class PushReader(Protocol):
    """Tells WeChat's messages from everybody else's (contract §11.1).

    Each raises `PushSignatureInvalid`, whatever is wrong, also for an app without a push_token.
    """

    def answer_handshake(self, app: App, query: Mapping[str, str]) -> str:
        """What to answer to WeChat's check of the address."""
        ...

    def read_push(self, app: App, query: Mapping[str, str], body: bytes) -> PushMessage: ...


class Datum(StrEnum):
    """What a person can take back from a mini program, as far as we keep it."""

    NICKNAME = "nickname"
    AVATAR = "avatar"
    PHONE = "phone"


class PushResult(StrEnum):
    SEEN = "seen"
    """This message, or this event in another one, was here before: nothing was written."""
    DONE = "done"
    ERASING = "erasing"
    """The account had no other way in: it waits to be erased, as of `erase_at`."""


@dataclass(frozen=True, slots=True)
class PushOutcome:
    """`avatar_id`: of a picture that went, where our storage has it."""

    result: PushResult
    avatar_id: str | None = None


@dataclass(frozen=True, slots=True)
class PushCommit:
    """All that one event leads to, in one transaction with the note that it was here.

    `keys` are hashes: if any of them was noted before, nothing happens. `drops` go from the
    account, each unless the person gave it after `created_at` was over (whole seconds,
    WeChat's clock). `cuts` takes the identity itself, with the sessions that came by it;
    where nothing else opens the account (`phone_opens`: a proven phone does), the account
    waits to be erased at `erase_at` (None: `at`), or earlier if it did already; one that is
    neither active nor waiting does not wait for a time ahead, and stays. `phone_event` is
    told only if a phone went.
    """

    keys: tuple[bytes, ...] = field(repr=False)
    until: datetime
    at: datetime
    created_at: datetime
    app_id: str
    openid: str = field(repr=False)
    account_id: str | None
    told: Told
    ending: Ending
    drops: frozenset[Datum] = frozenset()
    cuts: bool = False
    erase_at: datetime | None = None
    phone_opens: bool = False
    phone_event: Event | None = None


class Pushes(Protocol):
    async def commit_push(self, commit: PushCommit) -> PushOutcome:
        """Make it true, once. The audit line's data also gets `dropped`, what went."""
        ...
