"""Leaving: a copy of everything to take along, and the erasure of everything (PIPL art. 45, 47).

An erasure that the person asks for waits, for it may have been a stranger with the phone in
hand, or regret. Nobody is in meanwhile, and a code of `wx.login` takes it back
(`Flow.restore`). Who may not log in cannot take anything back: such an account waits for
nothing.
"""

import logging
from datetime import datetime

from wxlogin.login import errors
from wxlogin.login.accounts import Account, AccountStatus
from wxlogin.login.avatars import AvatarStorage
from wxlogin.login.core import Core
from wxlogin.login.own_account import OwnAccount
from wxlogin.login.policy import Door, may_log_in
from wxlogin.login.ports import (
    HOST,
    PERSON,
    SYSTEM,
    Actor,
    CodeSpend,
    DueErasure,
    ErasureStart,
    Kept,
    Verdict,
)
from wxlogin.login.proofs import Proof, Proofs
from wxlogin.login.sessions import EndCode, Ending, Session

log = logging.getLogger("wxlogin.leaving")

BATCH = 50
"""Erasures read at a time; each is a transaction of its own."""

ERASING = "account_erasing"


class Leaving:
    def __init__(self, core: Core, *, proofs: Proofs, avatars: AvatarStorage) -> None:
        self._core = core
        self._proofs = proofs
        self._avatars = avatars
        self._own_account = OwnAccount(core)
        self._failing: set[str] = set()

    async def export(self, session: Session, proof: Proof) -> Kept:
        """Everything kept about the session's person. Raises `ProofRequired`."""
        core = self._core
        account = await self._own_account.get(session)
        for spend in await self._proofs.demand(session, account, proof):
            if not await core.store.drop_verification_code(spend):
                raise errors.VerificationCodeInvalid
        kept = await core.store.find_kept(account.id)
        if kept is None:
            raise errors.SessionInvalid
        line = core.told("account_exported", actor=PERSON, account_id=account.id).audit
        if line is not None:
            await core.store.add_audit(line)
        return kept

    async def request(self, session: Session, proof: Proof) -> datetime:
        """End every session and let the account wait to be erased; when it will be.

        Raises `ProofRequired`, `VerificationCodeInvalid`.
        """
        account = await self._own_account.get(session)
        spends = await self._proofs.demand(session, account, proof)
        erase_at = self._core.now() + self._core.policy.cooling_off
        try:
            return await self._start(account, erase_at=erase_at, actor=PERSON, spends=spends)
        except errors.NotFound:
            raise errors.SessionInvalid from None

    async def erase(
        self, account: Account, *, now: bool = False, actor: Actor = HOST, why: str | None = None
    ) -> datetime:
        """What an operator or the host asks for: as `request`, or at once. Raises `NotFound`
        where the account is gone, or is in another state by now."""
        at = self._core.now()
        waits = not now and may_log_in(account, Door.RESTORE, at) is None
        erase_at = at + self._core.policy.cooling_off if waits else at
        return await self._start(account, erase_at=erase_at, actor=actor, why=why)

    async def restore(
        self, account: Account, *, actor: Actor = HOST, why: str | None = None
    ) -> Account:
        """The account, active again, or still disabled where somebody disabled it meanwhile.
        Raises `NotFound` where it does not wait to be erased."""
        core = self._core
        told = core.told("erasure_taken_back", actor=actor, account_id=account.id, reason=why)
        if not await core.store.stop_erasure(account.id, told=told):
            raise errors.NotFound
        restored = await core.store.find_account(account_id=account.id)
        if restored is None:
            raise errors.NotFound
        return restored

    async def carry_out_due(self) -> int:
        """Erase everybody whose time has come; how many this call erased. Any number of
        processes may try: the store lets one of them do it. What fails waits for the next
        call, and keeps nobody else waiting."""
        erased, last = 0, None
        while True:
            due = await self._core.store.list_due_erasures(
                now=self._core.now(), limit=BATCH, after=last
            )
            for erasure in due:
                erased += await self.carry_out(erasure)
                last = erasure
            if len(due) < BATCH:
                return erased

    async def carry_out(self, account: DueErasure) -> bool:
        """Erase this account if its time has come; whether this call did.

        Its picture goes first: should the rest fail, the next turn begins there again.
        """
        core = self._core
        if account.avatar_id is not None:
            try:
                await self._avatars.drop(account.avatar_id)
            except errors.StoreUnavailable:
                self._tell_failure(account.id)
                return False
            self._failing.discard(account.id)
        event = core.events.event("erased", account_id=account.id, user_id=account.user_id)
        told = core.told("account_erased", actor=SYSTEM, account_id=account.id, event=event)
        is_done = await core.store.erase_account(account.id, now=core.now(), told=told)
        if is_done:
            core.events.wake()
        return is_done

    def _tell_failure(self, account_id: str) -> None:
        """Once, though every turn fails: else the log is full of it by the morning."""
        if account_id not in self._failing:
            log.warning(
                "an erasure waits: the storage of pictures does not answer: account_id=%s",
                account_id,
            )
            self._failing.add(account_id)

    async def _start(
        self,
        account: Account,
        *,
        erase_at: datetime,
        actor: Actor,
        why: str | None = None,
        spends: tuple[CodeSpend, ...] = (),
    ) -> datetime:
        core = self._core
        if account.status is AccountStatus.ERASING and account.erase_at is not None:
            erase_at = min(erase_at, account.erase_at)
        verdict = await core.store.start_erasure(
            ErasureStart(
                account.id,
                was=account.status,
                erase_at=erase_at,
                ending=Ending(core.now(), EndCode.REVOKED, ERASING),
                spends=spends,
            ),
            told=core.told("erasure_requested", actor=actor, account_id=account.id, reason=why),
        )
        if verdict is Verdict.CODE_SPENT:
            raise errors.VerificationCodeInvalid
        if verdict is not Verdict.DONE:
            raise errors.NotFound
        if erase_at <= core.now():
            await self.carry_out(due_of(account, erase_at=erase_at))
        return erase_at


def due_of(account: Account, *, erase_at: datetime) -> DueErasure:
    """The erasure of an account that is at hand."""
    return DueErasure(account.id, account.user_id, account.avatar_id, erase_at)
