"""What a signed-in person's phone hands over under the session_key, and how it can fail.

A blob carries no MAC, so tries are few and every failure is one answer (security.md A04).
A failure may be nobody's fault: a login between the encryption and here may have put another
session_key in force (contract §1). So WeChat is asked, once a failure, whether ours lives:

    ours is dead        session_key_stale         log in, then a new tap
    ours lives          ciphertext_invalid, or signature_invalid: always the same bytes

A try is counted before all that, or a stranger's guesses would use up WeChat's quota too.
"""

import base64
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from wxlogin.login import errors
from wxlogin.login.accounts import Phone, SessionKeys
from wxlogin.login.core import Core
from wxlogin.login.ports import OpenData, Quota
from wxlogin.login.sessions import Session

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class OpenDataPolicy:
    """`max_age`: a phone code lives five minutes (contract §4.1), and a blob of the same tap
    need not live longer. `failures` a session and hour (http-api.md §9). `memory`: a
    session_key, and what is under it, lives three days (contract §1).
    """

    max_age: timedelta = timedelta(minutes=5)
    failures: int = 10
    memory: timedelta = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Blob:
    """encryptedData and iv, both base64 text, as the phone gave them."""

    encrypted_data: str = field(repr=False)
    iv: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedData:
    """rawData and its signature, as the phone gave them."""

    raw_data: str = field(repr=False)
    signature: str = field(repr=False)


class OwnOpenData:
    """The open data of the person behind a session. All but `remember` raise `RateLimited` after
    too many failures, `SessionKeyStale`, and what asking WeChat can raise."""

    def __init__(self, core: Core, reader: OpenData, policy: OpenDataPolicy | None = None) -> None:
        self._core = core
        self._reader = reader
        self._policy = policy or OpenDataPolicy()

    async def read_phone(self, session: Session, blob: Blob) -> Phone:
        """The number in `blob`. Raises `CiphertextInvalid`."""
        async with self._trying(session) as keys:
            return self._reader.read_phone(
                blob.encrypted_data,
                blob.iv,
                keys=keys,
                app_id=session.app_id,
                now=self._core.now(),
                max_age=self._policy.max_age,
            )

    async def read_signed(
        self, session: Session, signed: SignedData, blob: Blob | None
    ) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The fields of `signed`, and those of `blob`, which is of the session's person; none
        without one.

        Raises `SignatureInvalid` where WeChat has not signed `signed`, `CiphertextInvalid`.
        """
        async with self._trying(session) as keys:
            if not self._reader.is_signed(signed.raw_data, signed.signature, keys=keys):
                raise errors.SignatureInvalid
            fields = _fields_of(signed.raw_data)
            if blob is None:
                return fields, {}
            sealed = self._read(session, blob, keys)
            if not _is_own(sealed, beside=fields, openid=session.openid):
                raise errors.CiphertextInvalid
            return fields, sealed

    async def remember(self, session: Session, blob: Blob) -> None:
        """Return if `blob`, which was read, never came before, in this session or another.

        Raises `CiphertextInvalid` (security.md A05). What is remembered is the ciphertext and
        not its base64, whose last character has four bits that say nothing.
        """
        core = self._core
        sealed = hashlib.sha256(base64.b64decode(blob.encrypted_data)).hexdigest()
        now = core.now()
        claimed = await core.store.claim_code(
            core.keyed("open data", session.app_id, sealed),
            now=now,
            until=now + self._policy.memory,
        )
        if claimed is None:
            raise errors.CiphertextInvalid

    def _read(self, session: Session, blob: Blob, keys: SessionKeys) -> Mapping[str, Any]:
        return self._reader.read(
            blob.encrypted_data,
            blob.iv,
            keys=keys,
            app_id=session.app_id,
            now=self._core.now(),
            max_age=self._policy.max_age,
        )

    @asynccontextmanager
    async def _trying(self, session: Session) -> AsyncIterator[SessionKeys]:
        """The person's session_keys, for one try."""
        core = self._core
        openid = openid_of(session)
        quota = Quota(f"open data:{session.id}", ((self._policy.failures, HOUR),))
        taken_at = await core.take_quotas(quota)
        keys = await core.store.find_session_keys(
            app_id=session.app_id,
            openid=openid,
            previous_after=core.now() - core.policy.previous_key_ttl,
        )
        if keys is None:
            raise errors.SessionKeyStale
        try:
            yield keys
        except (errors.CiphertextInvalid, errors.SignatureInvalid):
            app = await core.apps.get(session.app_id)
            if await core.wechat.is_session_key_valid(
                app, openid=openid, session_key=keys.current.value
            ):
                raise
            raise errors.SessionKeyStale from None
        await core.give_back([quota], taken_at=taken_at)


def _fields_of(raw_data: str) -> Mapping[str, Any]:
    """The fields of what WeChat has signed; none of what is no JSON object."""
    try:
        fields = json.loads(raw_data)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _is_own(fields: Mapping[str, Any], *, beside: Mapping[str, Any], openid: str | None) -> bool:
    """Whether the blob names the session's person, or is of the kind that names nobody.

    That kind begins with a field of rawData. What else stands first is an openId that somebody
    renamed: the first sixteen bytes are the client's to change, by the iv.
    """
    if "openId" in fields:
        return bool(fields["openId"] == openid)
    return next(iter(fields)) in beside


def openid_of(session: Session, *, field: str = "body") -> str:
    """Whom WeChat knows behind the session. Raises `RequestInvalid` where nobody: it was opened
    by a password or by SMS alone, and no data of WeChat's can be shown to be its person's."""
    if session.openid is None:
        raise errors.RequestInvalid((field, "this session was not opened with WeChat"))
    return session.openid
