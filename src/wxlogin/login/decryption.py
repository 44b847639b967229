"""Open data that another server hands in: whoever holds no session_key has it read here.

The blob has no MAC, so whoever may ask often enough reads it without the key (security.md A04).
A back end passes on what a phone sends it, so its tries are counted like a phone's.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from wxlogin.login import errors
from wxlogin.login.core import Core
from wxlogin.login.policy import App
from wxlogin.login.ports import OpenData, Quota, ServiceKey

HOUR = timedelta(hours=1)
FAILURES_OF_PERSON = ((10, HOUR),)
"""As many as a phone's own (http-api.md §9)."""
FAILURES_OF_KEY = ((100, HOUR),)
"""What whoever stole a key may fail with, over all people. A padding oracle needs some 128 tries
a byte, of one person's blob, while its session_key lives: three days."""
MAX_AGE = timedelta(days=3)
"""No session_key lives longer (contract §1). What a business may still do with old data is its
own to judge: the watermark's time is in the answer."""


class Decryption:
    """Reads open data with the session_key that we keep."""

    def __init__(self, core: Core, open_data: OpenData) -> None:
        self._core = core
        self._open_data = open_data

    async def read(
        self, app_id: str | None, account_id: str, *, encrypted_data: str, iv: str, by: ServiceKey
    ) -> Mapping[str, Any]:
        """The fields of the blob, whose watermark is the app's.

        Raises `AppUnknown`; `NotFound` where the account has no identity in this app;
        `RateLimited` after too many failures; `SessionKeyStale` where the session_key is dead,
        and `CiphertextInvalid` where it lives.
        """
        app = await self._core.apps.get(app_id)
        account = await self._core.store.find_account(account_id=account_id)
        identity = account.identity_in(app.app_id) if account else None
        if identity is None:
            raise errors.NotFound
        quotas = (
            Quota(f"decrypt-by-service:{by.id}", FAILURES_OF_KEY),
            Quota(f"decrypt-of-person:{app.app_id}:{identity.openid}", FAILURES_OF_PERSON),
        )
        # Taken before, and given back after a success: parallel tries are counted too.
        taken_at = await self._core.take_quotas(*quotas)
        fields = await self._read(app, identity.openid, encrypted_data=encrypted_data, iv=iv)
        await self._core.give_back(quotas, taken_at=taken_at)
        return fields

    async def _read(
        self, app: App, openid: str, *, encrypted_data: str, iv: str
    ) -> Mapping[str, Any]:
        core = self._core
        now = core.now()
        keys = await core.store.find_session_keys(
            app_id=app.app_id, openid=openid, previous_after=now - core.policy.previous_key_ttl
        )
        if keys is None:
            raise errors.SessionKeyStale  # an import brought the identity: nobody logged in yet
        try:
            fields = self._open_data.read(
                encrypted_data, iv, keys=keys, app_id=app.app_id, now=now, max_age=MAX_AGE
            )
            if fields.get("openId", openid) == openid:
                return fields
        except errors.CiphertextInvalid:
            pass
        if await core.wechat.is_session_key_valid(
            app, openid=openid, session_key=keys.current.value
        ):
            raise errors.CiphertextInvalid
        raise errors.SessionKeyStale
