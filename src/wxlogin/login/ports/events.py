"""What is told of an act, in the transaction of the act: to the host's hooks, and to the audit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol


class ActorKind(StrEnum):
    """Who did it."""

    PERSON = "person"
    OPERATOR = "operator"
    SERVICE = "service"
    HOST = "host"
    WECHAT = "wechat"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """`id`: an operator's name, a service key's id; None where the kind says it all, and for a
    person, who is the subject of their own acts."""

    kind: ActorKind
    id: str | None = None


PERSON = Actor(ActorKind.PERSON)
HOST = Actor(ActorKind.HOST)
WECHAT = Actor(ActorKind.WECHAT)
SYSTEM = Actor(ActorKind.SYSTEM)


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One security or operator act, for the audit log (append-only, ASVS 16.3).

    `kind` is a stable word like `phone_changed`. `account_id` is whom it was done to: the
    store writes that account's pseudonym in its place, so that what remains after an erasure
    names nobody (security.md §3.4). `data` holds no secret, no phone number, no openid.
    """

    at: datetime
    kind: str
    actor: Actor
    account_id: str | None = None
    app_id: str | None = None
    reason: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """Something the host's hooks are told at least once. `id` is the same at every telling."""

    id: str
    kind: str
    at: datetime
    account_id: str
    user_id: str | None
    app_id: str | None
    session_id: str | None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """Goes with an act into its transaction: nothing of it where the act changes nothing."""

    event: Event | None = None
    audit: AuditLine | None = None


NOTHING = Told()


class Outbox(Protocol):
    """Events between the commit that made them and the host that heard of them."""

    async def add_event(self, event: Event) -> None: ...

    async def lease_events(
        self, kinds: frozenset[str], *, now: datetime, until: datetime, limit: int
    ) -> Sequence[Event]:
        """Up to `limit` events of these kinds that nobody leases, oldest first, leased until
        `until`. Of other kinds another host hears, on the same database."""
        ...

    async def drop_event(self, event_id: str) -> None:
        """The host has heard it."""
        ...
