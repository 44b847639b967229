"""The keys of the team's other servers, as a store keeps them: hashed, never whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from wxlogin.login.ports.events import NOTHING, Told


class Scope(StrEnum):
    """What a service key may do (http-api.md §5)."""

    INTROSPECT = "introspect"
    ACCOUNTS_READ = "accounts:read"
    PHONE_READ = "phone:read"
    ACCOUNTS_WRITE = "accounts:write"
    SESSIONS_REVOKE = "sessions:revoke"
    DECRYPT = "decrypt"
    ACCESS_TOKEN = "access-token"  # noqa: S105 - the name of a right


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """A key of another server. `id` is no secret: the audit log names the key by it."""

    id: str
    name: str
    scopes: frozenset[Scope]
    secret_hash: bytes = field(repr=False)
    created_at: datetime
    created_by: str | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


class ServiceKeys(Protocol):
    """Every read sees every acknowledged write of every process."""

    async def add_service_key(self, key: ServiceKey, *, told: Told = NOTHING) -> None: ...

    async def find_service_key(self, key_id: str) -> ServiceKey | None:
        """The key, revoked or not, in one read by primary key: asked at every request."""
        ...

    async def list_service_keys(self) -> Sequence[ServiceKey]:
        """All of them, revoked ones too, oldest first."""
        ...

    async def revoke_service_key(
        self, key_id: str, *, at: datetime, told: Told = NOTHING
    ) -> ServiceKey | None:
        """The key as it now is, revoked for good; None where there is none. Of one that was
        revoked before, the moment stays, and `told` is not written."""
        ...

    async def use_service_keys(self, used: Mapping[str, datetime]) -> None:
        """Move `last_used_at` of these keys forward, never back. It need not be durable."""
        ...
