"""Keys of the team's other servers: `wxk_` + id + `.` + 256 secret bits.

Only the SHA-256 of the secret is kept, and the key is shown once. The store is asked at every
request, by primary key: a key that was revoked in one process is refused by all at once.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from wxlogin.login import errors, tokens
from wxlogin.login.core import Core
from wxlogin.login.ports import Actor, Scope, ServiceKey
from wxlogin.login.secret import Secret

PREFIX = "wxk_"
NAME_LIMIT = 64
USED_EVERY = timedelta(minutes=1)
"""`last_used_at` is written at most this often: it is for people, and no rule reads it."""

_ID = slice(4, 40)
_DOT = 40
_SECRET = slice(41, 84)
LENGTH = 84


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A new key, and its text, which nobody can ask for again."""

    key: ServiceKey
    secret: Secret


class ServiceKeys:
    """Makes, knows and revokes them."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._used: dict[str, datetime] = {}

    async def make(
        self, name: str, scopes: Iterable[str], *, actor: Actor, why: str | None = None
    ) -> MadeKey:
        """A key that may do `scopes`. Raises `RequestInvalid`."""
        core = self._core
        key_id, text = core.new_id(), core.new_text()
        key = ServiceKey(
            id=key_id,
            name=_checked_name(name),
            scopes=_checked_scopes(scopes),
            secret_hash=tokens.secret_hash(text),
            created_at=core.now(),
            created_by=actor.id or str(actor.kind),
        )
        told = core.told(
            "service_key_made",
            actor=actor,
            reason=why,
            key_id=key_id,
            name=key.name,
            scopes=sorted(key.scopes),
        )
        await core.store.add_service_key(key, told=told)
        return MadeKey(key, Secret(f"{PREFIX}{key_id}.{text}"))

    async def authenticate(self, text: str | None) -> ServiceKey:
        """The live key that `text` is. Raises `ServiceKeyInvalid`: unknown, malformed and
        revoked are one answer."""
        if text is None or len(text) != LENGTH or not text.isascii():
            raise errors.ServiceKeyInvalid
        if not text.startswith(PREFIX) or text[_DOT] != ".":
            raise errors.ServiceKeyInvalid
        key = await self._core.store.find_service_key(text[_ID])
        if key is None or key.revoked_at is not None or not _is_proven(text[_SECRET], key):
            raise errors.ServiceKeyInvalid
        now = self._core.now()
        if key.last_used_at is None or now - key.last_used_at >= USED_EVERY:
            self._used[key.id] = now
        return key

    async def revoke(self, key_id: str, *, actor: Actor, why: str | None = None) -> ServiceKey:
        """The key, dead in every process from now on. Raises `NotFound`."""
        told = self._core.told("service_key_revoked", actor=actor, reason=why, key_id=key_id)
        key = await self._core.store.revoke_service_key(key_id, at=self._core.now(), told=told)
        if key is None:
            raise errors.NotFound
        return key

    async def list_all(self) -> list[ServiceKey]:
        """All keys, revoked ones too, oldest first."""
        return list(await self._core.store.list_service_keys())

    async def write_used(self) -> None:
        """Write when the keys were last used; to be called every few seconds."""
        used, self._used = self._used, {}
        if used:
            await self._core.store.use_service_keys(used)


def _is_proven(secret: str, key: ServiceKey) -> bool:
    """The one comparison, in constant time (security.md B03)."""
    return hmac.compare_digest(tokens.secret_hash(secret), key.secret_hash)


def _checked_name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= NAME_LIMIT or not name.isprintable():
        raise errors.RequestInvalid(("name", f"1 to {NAME_LIMIT} printable characters"))
    return name


def _checked_scopes(scopes: Iterable[str]) -> frozenset[Scope]:
    try:
        chosen = frozenset(Scope(one) for one in scopes)
    except ValueError:
        chosen = frozenset()
    if not chosen:
        raise errors.RequestInvalid(("scopes", f"one or more of {', '.join(Scope)}"))
    return chosen
