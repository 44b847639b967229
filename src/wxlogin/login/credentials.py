"""Passwords at the door: compared behind limits that stop a guesser and nobody else.

An unknown name and a wrong password cost the same, say the same and are counted alike
(security.md C01, C02). Tries are counted before they are compared (C03), by name and by
where they come from, so that strangers lock out strangers: a device that has been in
before has counters of its own, and a login with WeChat asks none of them (C05, C06).
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from wxlogin.login import errors
from wxlogin.login.accounts import Account
from wxlogin.login.core import Core
from wxlogin.login.passwords import PasswordHasher, normal_password, normal_username
from wxlogin.login.phone_numbers import normal_phone
from wxlogin.login.policy import App
from wxlogin.login.ports import Credential, PasswordEntry, Quota
from wxlogin.login.secret import Secret
from wxlogin.login.sources import network_of, source_of

security_log = logging.getLogger("wxlogin.security")

QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)

Windows = tuple[tuple[int, timedelta], ...]


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """How many wrong passwords are compared (http-api.md §9), and which are never taken.

    `failures`: for one name from one source in fifteen minutes; the delays grow, for in an
    hour there are only twice as many, and in a day four times.
    `failures_per_address`: from one source over all names in fifteen minutes, against
    spraying (C07), and so many in a day as ten such quarters; a network may have three times
    that. `failures_per_hour`: from all strange sources together; more of them are an alarm in
    the security log, for to refuse them would lock everybody out (C05).
    `failures_in_a_row`: for one account from all strange sources; then only a known device,
    WeChat or a reset lets in (NIST SP 800-63B-4 §3.2.2 allows 100 at most).
    `at_once`: comparisons under way in this process, about a second's work; who comes then is
    refused before the database is asked anything (C11).
    `is_common` is the block list; it may take its time once.
    """

    failures: int = 5
    failures_per_address: int = 30
    failures_per_hour: int = 1000
    failures_in_a_row: int = 100
    at_once: int = 32
    is_common: Callable[[str], bool] = field(default=lambda password: False)

    def per_name(self) -> Windows:
        return (
            (self.failures, QUARTER),
            (2 * self.failures, HOUR),
            (4 * self.failures, DAY),
        )

    def per_address(self, *, times: int = 1) -> Windows:
        limit = times * self.failures_per_address
        return ((limit, QUARTER), (10 * limit, DAY))


@dataclass(frozen=True, slots=True)
class _Try:
    """One comparison about to be made. `is_strange`: not from a device we know."""

    credential: Credential | None
    quotas: tuple[Quota, ...]
    is_strange: bool


class Credentials:
    """Compares passwords. Without a `hasher` there are none."""

    def __init__(
        self,
        core: Core,
        hasher: PasswordHasher | None,
        policy: PasswordPolicy | None = None,
    ) -> None:
        self._core = core
        self._hasher = hasher
        self._policy = policy or PasswordPolicy()
        self._under_way = 0

    @property
    def is_on(self) -> bool:
        """Whether passwords can be compared at all."""
        return self._hasher is not None

    async def enter(
        self,
        app: App,
        username: str,
        password: str,
        *,
        address: str | None,
        device_id: str | None,
    ) -> PasswordEntry:
        """The account that this name and password open. Raises `CredentialsInvalid`,
        `RateLimited`, `RequestInvalid`, `NotFound` where there are no passwords."""
        hasher = self._get_hasher()
        normal = normal_password(password)
        key, phone = normal_username(username), _phone_of(username)
        with self._place():
            credential = await self._core.store.find_credential(
                pool=app.pool, username_key=key, phone=phone
            )
            # By the number and not by its spelling: sixty ways to write it are one counter (C10).
            tried = await self._prepare(
                credential, f"{app.pool}:{phone or key}", address=address, device_id=device_id
            )
            is_right, needs_rehash = await self._compare(hasher, tried, normal)
            if credential is None or not is_right:
                raise errors.CredentialsInvalid
            rehashed = Secret(await hasher.hash(normal)) if needs_rehash else None
            return PasswordEntry(credential.account_id, credential.changed_at, rehashed)

    async def is_own(
        self,
        account: Account,
        password: str,
        *,
        address: str | None,
        device_id: str | None,
    ) -> bool:
        """Whether it is the account's own password: a proof of who asks. Raises as `enter`."""
        hasher = self._get_hasher()
        normal = normal_password(password, field="current_password")
        with self._place():
            credential = await self._core.store.find_credential_of(account.id)
            tried = await self._prepare(
                credential, f"own:{account.id}", address=address, device_id=device_id
            )
            is_right, _ = await self._compare(hasher, tried, normal)
            return is_right

    @contextmanager
    def _place(self) -> Iterator[None]:
        """Around a comparison. Raises `RateLimited` where too many are under way."""
        if self._under_way >= self._policy.at_once:
            raise errors.RateLimited(1)
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    async def _prepare(
        self,
        credential: Credential | None,
        name: str,
        *,
        address: str | None,
        device_id: str | None,
    ) -> _Try:
        """Where this try is counted. Nobody's name asks as many questions as somebody's."""
        account_id = credential.account_id if credential else ""
        policy = self._policy
        is_known = await self._core.store.is_known_device(account_id, device_id or "")
        if is_known:
            key = f"password:{account_id}:device:{device_id}"
            return _Try(credential, (Quota(key, policy.per_name()),), is_strange=False)
        source, network = source_of(address), network_of(address)
        return _Try(
            credential,
            (
                Quota(f"password:{name}:from:{source}", policy.per_name()),
                Quota(f"password:from:{source}", policy.per_address()),
                Quota(f"password:near:{network}", policy.per_address(times=3)),
            ),
            is_strange=True,
        )

    async def _compare(
        self, hasher: PasswordHasher, tried: _Try, password: str
    ) -> tuple[bool, bool]:
        """(is it right, does it need a rehash); counted first, given back where it is right."""
        core, credential, limit = self._core, tried.credential, self._policy.failures_in_a_row
        taken_at = await core.take_quotas(*tried.quotas)
        account_id = credential.account_id if credential else ""
        hashed = credential.password_hash.reveal() if credential else None
        if tried.is_strange:
            in_a_row = await core.store.count_failure(account_id)
            if in_a_row > limit:
                hashed = None  # the work is done all the same: nobody hears that it is locked
            if in_a_row == limit:
                security_log.warning("a password is closed to strange devices until it is reset")
        try:
            check = await hasher.verify(password, hashed)
        except errors.RateLimited:
            await core.give_back(tried.quotas, taken_at=taken_at)
            if tried.is_strange:
                await core.store.take_back_failure(account_id)  # nothing was compared
            raise
        if credential is None or not check.is_right:
            if tried.is_strange:
                await self._watch_everybody()
            return False, False
        await core.give_back(tried.quotas, taken_at=taken_at)
        await core.store.clear_failures(account_id)
        return True, check.needs_rehash

    async def _watch_everybody(self) -> None:
        """Note a failure of the whole deployment; over the limit an alarm, once an hour. No
        refusal: else whoever rents addresses could keep everybody out (security.md C05)."""
        core, limit = self._core, self._policy.failures_per_hour
        now = core.now()
        if not await core.store.take_quotas([Quota("password:all", ((limit, HOUR),))], now=now):
            return
        if not await core.store.take_quotas([Quota("password:alarm", ((1, HOUR),))], now=now):
            security_log.error("more than %d wrong passwords of strangers in an hour", limit)

    def _get_hasher(self) -> PasswordHasher:
        if self._hasher is None:
            raise errors.NotFound
        return self._hasher


def _phone_of(username: str) -> str | None:
    try:
        return normal_phone(username).e164
    except errors.PhoneNumberInvalid:
        return None
