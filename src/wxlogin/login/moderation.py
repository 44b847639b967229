"""What an operator or the host does to an account: end its sessions, keep it out, let it in."""

from datetime import datetime

from wxlogin.login import errors
from wxlogin.login.accounts import Account, AccountStatus
from wxlogin.login.announcing import Announcer
from wxlogin.login.asking import AskedHost
from wxlogin.login.ports import AccountChange, Clock, Store
from wxlogin.login.sessions import EndCode, Ending


class Moderation:
    """Acts on accounts; each ends or changes their sessions in every process."""

    def __init__(self, store: Store, host: AskedHost, events: Announcer, *, clock: Clock) -> None:
        self._store = store
        self._host = host
        self._events = events
        self._clock = clock

    async def kick(self, account: Account, *, reason: str) -> int:
        """End every session of the account; `reason` is told to the phone. How many ended."""
        ended = await self._store.end_sessions(
            account.id,
            ending=Ending(self._clock(), EndCode.REVOKED, reason),
            event=self._events.event("kicked", account_id=account.id, user_id=account.user_id),
        )
        self._events.wake()
        return ended

    async def disable(
        self, account: Account, *, until: datetime | None, reason_for_user: str | None
    ) -> Account:
        """Let nobody in as this account until then (None: until enabled), and end its sessions.

        The status is written first: what logs in between the two is caught by the epoch.
        """
        changed = await self._store.change_account(
            account.id,
            AccountChange(
                status=AccountStatus.DISABLED, disabled_until=until, reason=reason_for_user
            ),
        )
        if changed is None:
            raise errors.NotFound
        await self.kick(account, reason="account_disabled")
        return changed

    async def enable(self, account: Account) -> Account:
        changed = await self._store.change_account(
            account.id, AccountChange(status=AccountStatus.ACTIVE)
        )
        if changed is None:
            raise errors.NotFound
        return changed

    async def refresh_claims(self, account: Account) -> int:
        """Ask the host anew what it wants in this account's sessions; how many got it."""
        return await self._store.set_claims(account.id, await self._host.claims_for(account))
