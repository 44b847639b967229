"""What an operator or the host does to an account: end its sessions, keep it out, let it in."""

from datetime import datetime

from wxlogin.login import errors
from wxlogin.login.accounts import Account, AccountStatus
from wxlogin.login.core import Core
from wxlogin.login.policy import refusal_of
from wxlogin.login.ports import HOST, AccountChange, Actor, Told
from wxlogin.login.sessions import EndCode, Ending

BANNABLE = (AccountStatus.ACTIVE, AccountStatus.DISABLED, AccountStatus.ERASING)
"""Whoever asked for the erasure could else take it back, and be let in."""


class Moderation:
    """Acts on accounts; each ends or changes their sessions in every process."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def kick(
        self,
        account: Account,
        *,
        reason: str,
        actor: Actor = HOST,
        why: str | None = None,
    ) -> int:
        """End every session of the account; how many ended. `reason` is told to the phone,
        `why` to the audit log alone."""
        return await self._end_all(account, reason, kind="sessions_ended", actor=actor, why=why)

    async def disable(
        self,
        account: Account,
        *,
        until: datetime | None,
        reason_for_user: str | None,
        actor: Actor = HOST,
        why: str | None = None,
    ) -> Account:
        """Let nobody in as this account until then (None: until enabled), and end its sessions.

        One that waits to be erased is disabled without an end, and erased at its time.
        The status is written first: what logs in between the two is caught by the epoch.
        """
        changed = await self._change_status(
            account,
            AccountChange(
                status=AccountStatus.DISABLED,
                status_from=BANNABLE,
                disabled_until=until,
                reason=reason_for_user,
            ),
            kind="account_disabled",
            actor=actor,
            why=why,
        )
        await self._end_all(account, "account_disabled", kind=None, actor=actor, why=None)
        return changed

    async def enable(
        self, account: Account, *, actor: Actor = HOST, why: str | None = None
    ) -> Account:
        """Let the account's person in again; one that waits to be erased goes on waiting, and
        an active account stays as it is."""
        if account.status is AccountStatus.ACTIVE:
            return account
        return await self._change_status(
            account,
            AccountChange(status=AccountStatus.ACTIVE),
            kind="account_enabled",
            actor=actor,
            why=why,
        )

    async def refresh_claims(self, account: Account) -> int:
        """Ask the host anew what it wants in this account's sessions; how many got it."""
        claims = await self._core.host.claims_for(account)
        return await self._core.store.set_claims(account.id, claims)

    async def _change_status(
        self, account: Account, change: AccountChange, *, kind: str, actor: Actor, why: str | None
    ) -> Account:
        if account.status not in change.status_from:
            raise refusal_of(account)
        told = self._core.told(kind, actor=actor, account_id=account.id, reason=why)
        changed = await self._core.store.change_account(account.id, change, told=told)
        if changed is None:
            raise errors.NotFound
        return changed

    async def _end_all(
        self, account: Account, reason: str, *, kind: str | None, actor: Actor, why: str | None
    ) -> int:
        core = self._core
        event = core.events.event("kicked", account_id=account.id, user_id=account.user_id)
        told = Told(event=event)
        if kind is not None:
            told = core.told(kind, actor=actor, account_id=account.id, reason=why, event=event)
        ended = await core.store.end_sessions(
            account.id, ending=Ending(core.now(), EndCode.REVOKED, reason), told=told
        )
        core.events.wake()
        return ended
