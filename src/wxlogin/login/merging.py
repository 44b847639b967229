"""Two accounts of one person become one: an operator's act, which both sides prove (A13).

Each side's signed-in person gets a support code and reads it out. Without both codes nothing
is merged, whatever the accounts have in common; and it is told: one audit line, one event.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

from wxlogin.login import errors
from wxlogin.login.accounts import Account, Identity
from wxlogin.login.avatars import AvatarStorage, drop_unshown
from wxlogin.login.core import Core
from wxlogin.login.ports import Actor, CodeSpend, Merge, Quota, Verdict, VerificationCode
from wxlogin.login.sessions import EndCode, Ending, Session

log = logging.getLogger("wxlogin.merging")

DIGITS = 8
TTL = timedelta(minutes=10)
"""A call with the support takes about that long."""

TRIES = 5
PER_HOUR = 10
"""New codes an hour: with TRIES, fifty guesses in a hundred million."""

MERGED = "account_merged"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both have one: `identity_in_same_app` forbids the merge, of the others the kept
    account's stays."""

    kind: str
    app_id: str | None = None


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What a merge would do: `identities`, `phone`, `username` and `agreements` that move."""

    keep: Account
    drop: Account
    identities: tuple[Identity, ...]
    phone: bool
    username: bool
    agreements: int
    conflicts: tuple[Conflict, ...]
    may_merge: bool


class Merging:
    def __init__(self, core: Core, *, avatars: AvatarStorage) -> None:
        self._core = core
        self._avatars = avatars

    async def make_code(self, session: Session) -> str:
        """A support code of the session's account; it takes an older one's place.

        Raises `RateLimited`.
        """
        core = self._core
        quota = Quota(f"support:{session.account_id}", ((PER_HOUR, timedelta(hours=1)),))
        await core.take_quotas(quota)
        # 64 bits into 10^8: no digit is likelier than another by more than one in 10^11.
        digits = f"{int.from_bytes(core.random(8), 'big') % 10**DIGITS:0{DIGITS}}"
        spend = self._spend(session.account_id, digits)
        await core.store.keep_verification_code(
            VerificationCode(spend.slot, spend.code_hash, core.now() + TTL)
        )
        return digits

    async def preview(self, keep_id: str, drop_id: str) -> MergePreview:
        """What `merge` would do. Raises `NotFound`, `RequestInvalid`."""
        keep, drop = await self._both(keep_id, drop_id)
        kept, dropped = (
            await self._core.store.find_kept(keep.id),
            await self._core.store.find_kept(drop.id),
        )
        if kept is None or dropped is None:
            raise errors.NotFound
        agreed = {(each.id, each.version) for each in kept.agreements}
        conflicts = tuple(_conflicts(keep, drop))
        return MergePreview(
            keep=keep,
            drop=drop,
            identities=drop.identities,
            phone=keep.phone is None and drop.phone is not None,
            username=keep.username is None and drop.username is not None,
            agreements=len({(one.id, one.version) for one in dropped.agreements} - agreed),
            conflicts=conflicts,
            may_merge=all(each.kind != "identity_in_same_app" for each in conflicts),
        )

    async def merge(
        self,
        keep_id: str,
        drop_id: str,
        *,
        keep_code: str,
        drop_code: str,
        actor: Actor,
        reason: str | None,
    ) -> Account:
        """The kept account, with what was the dropped one's; both sides' sessions end.

        Raises `VerificationCodeInvalid`, `IdentityTaken` (both have an identity in one app),
        `NotFound` (one is gone or not active), `RequestInvalid`.
        """
        core = self._core
        keep, drop = await self._both(keep_id, drop_id)
        spends = (await self._try(keep.id, keep_code), await self._try(drop.id, drop_code))
        event = core.events.event(
            "merged",
            account_id=keep.id,
            user_id=keep.user_id or drop.user_id,
            data={"from_account_id": drop.id, "from_user_id": drop.user_id},
        )
        verdict = await core.store.merge_accounts(
            Merge(keep.id, drop.id, core.now(), _ending(core), spends),
            told=core.told(
                "accounts_merged",
                actor=actor,
                account_id=keep.id,
                reason=reason,
                event=event,
                from_subject=drop.pseudonym,
            ),
        )
        if verdict is not Verdict.DONE:
            raise _REFUSALS[verdict]()
        core.events.wake()
        if keep.avatar_url is not None and drop.avatar_id is not None:
            await drop_unshown(self._avatars, drop.avatar_id)
        merged = await core.store.find_account(account_id=keep.id)
        if merged is None:
            raise errors.NotFound
        return merged

    async def _both(self, keep_id: str, drop_id: str) -> tuple[Account, Account]:
        if keep_id == drop_id:
            raise errors.RequestInvalid(("drop_account_id", "is the account to keep"))
        store = self._core.store
        keep = await store.find_account(account_id=keep_id)
        drop = await store.find_account(account_id=drop_id)
        if keep is None or drop is None:
            raise errors.NotFound
        if keep.pool != drop.pool:
            raise errors.RequestInvalid(("drop_account_id", "is of another pool"))
        return keep, drop

    async def _try(self, account_id: str, digits: str) -> CodeSpend:
        """The try is counted before it is compared (security.md C03)."""
        spend = self._spend(account_id, digits)
        now = self._core.now()
        if not await self._core.store.try_verification_code(spend, limit=TRIES, now=now):
            raise errors.VerificationCodeInvalid
        return spend

    def _spend(self, account_id: str, digits: str) -> CodeSpend:
        slot = self._core.keyed("support slot", account_id)
        return CodeSpend(slot, self._core.keyed("support code", slot.hex(), digits))


def _conflicts(keep: Account, drop: Account) -> list[Conflict]:
    found = [
        Conflict("identity_in_same_app", each.app_id)
        for each in drop.identities
        if keep.identity_in(each.app_id) is not None
    ]
    both = {
        "user_id": keep.user_id is not None and drop.user_id is not None,
        "phone": keep.phone is not None and drop.phone is not None,
        "username": keep.username is not None and drop.username is not None,
        "password": keep.has_password and drop.has_password,
    }
    return found + [Conflict(kind) for kind, is_so in both.items() if is_so]


def _ending(core: Core) -> Ending:
    return Ending(core.now(), EndCode.REVOKED, MERGED)


_REFUSALS: dict[Verdict, type[errors.WxLoginError]] = {
    Verdict.CODE_SPENT: errors.VerificationCodeInvalid,
    Verdict.GONE: errors.NotFound,
    Verdict.IDENTITY_TAKEN: errors.IdentityTaken,
}
