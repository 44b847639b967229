"""Whom an openid, a phone or a password lead to, and what happens where they name two people.

    the openid's account    the phone's account    leads to
    none                    none                   nobody yet
    A                       none, or A             A
    none                    B                      B where the app joins, else `PhoneTaken`
    A                       B                      `PhoneTaken`
    (no openid)             B                      B, unless the number may be another's by now

This is http-api.md §4's table; the commit holds to it (`LoginCommit`). A number that nobody
has proven is a claim: A gets it and B loses it, and without A it leads to B as if it came
alone (security.md A14).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wxlogin.login import errors
from wxlogin.login.accounts import Account, Who
from wxlogin.login.core import Core
from wxlogin.login.policy import Door, can_join, is_recycled, is_somebodys, may_join
from wxlogin.login.ports import PasswordEntry

if TYPE_CHECKING:
    from wxlogin.login.entering import Entry


@dataclass(frozen=True, slots=True)
class Met:
    """Whom they lead to. See `LoginCommit` for `joins` and `phone_leaves`."""

    account: Account | None
    joins: str | None = None
    phone_leaves: str | None = None


class Meeting:
    def __init__(self, core: Core) -> None:
        self._core = core

    async def meet(self, entry: "Entry") -> Met:
        """Raises `PhoneTaken` where the table says so; `CredentialsInvalid` where the account that
        a password opened is gone."""
        if entry.password is not None:
            return Met(await self._get_opened(entry.password))
        by_identity = await self.find_by_identity(entry)
        by_phone = await self._find_by_phone(entry)
        if by_phone is None or (by_identity is not None and by_identity.id == by_phone.id):
            return Met(by_identity or by_phone)
        is_proven = by_phone.phone is not None and by_phone.phone.proven_at is not None
        if by_identity is not None:
            if is_proven:
                raise errors.PhoneTaken
            return Met(by_identity, phone_leaves=by_phone.id)  # proven here, and there never
        if entry.identity is None or not is_proven:
            return await self._meet_by_phone_alone(entry, by_phone)
        return await self._join(entry, by_phone)

    async def is_linkable(self, entry: "Entry", met: Met) -> bool:
        """Whether the identity beside a password is free, or its account's own; else the login
        goes on without it (http-api.md §4). At every other door it is whom it leads to."""
        account, identity = met.account, entry.identity
        if entry.password is None or account is None or identity is None:
            return True
        own = account.identity_in(entry.app.app_id)
        if own is not None:
            return own.openid == identity.openid
        owner = await self.find_by_identity(entry)
        return owner is None or owner.id == account.id

    async def _get_opened(self, password: PasswordEntry) -> Account:
        account = await self._core.store.find_account(account_id=password.account_id)
        if account is None:
            raise errors.CredentialsInvalid  # erased since it was compared
        return account

    async def _meet_by_phone_alone(self, entry: "Entry", account: Account) -> Met:
        """A number last proven long ago may be another person's by now (security.md A15), and
        one that nobody proved was perhaps never its account's (A14)."""
        core = self._core
        proven_at = account.phone.proven_at if account.phone else None
        device_id = entry.origin.device.id
        is_old = is_recycled(proven_at, now=core.now(), policy=core.policy) and not (
            device_id and await core.store.is_known_device(account.id, device_id)
        )
        if is_old or (proven_at is None and is_somebodys(account)):
            return Met(None, phone_leaves=account.id)
        if entry.door is Door.TICKET:
            raise self._taken(entry, account)
        return Met(account, joins=account.id)

    async def _join(self, entry: "Entry", account: Account) -> Met:
        core = self._core
        may = may_join(account, entry.app, now=core.now(), policy=core.policy)
        if not may or not await core.host.may_join(account, who_of(entry)):
            raise self._taken(entry, account)
        return Met(account, joins=account.id)

    def _taken(self, entry: "Entry", account: Account) -> errors.PhoneTaken:
        core = self._core
        could = can_join(account, entry.app, now=core.now(), policy=core.policy)
        return errors.PhoneTaken(can_join=could)

    async def find_by_identity(self, entry: "Entry") -> Account | None:
        """The account that the entry's identity leads to."""
        if entry.identity is None:
            return None
        return await self._core.store.find_account_of(
            pool=entry.app.pool,
            app_id=entry.app.app_id,
            openid=entry.identity.openid,
            unionid=entry.identity.unionid,
        )

    async def _find_by_phone(self, entry: "Entry") -> Account | None:
        if entry.phone is None:
            return None
        return await self._core.store.find_account(phone=entry.phone.e164, pool=entry.app.pool)


def who_of(entry: "Entry") -> Who:
    """What the host is told of whoever stands at the door."""
    identity = entry.identity
    return Who(
        entry.app.app_id,
        identity.openid if identity else None,
        identity.unionid if identity else None,
        entry.phone,
        entry.origin.context,
    )
