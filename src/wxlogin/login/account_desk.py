"""What an operator sees of a person, and the small acts of that desk."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime

from wxlogin.login import errors
from wxlogin.login.accounts import Account, AccountStatus
from wxlogin.login.core import Core
from wxlogin.login.phone_numbers import normal_phone
from wxlogin.login.ports import (
    AccountQuery,
    AccountRow,
    Actor,
    AgreementRow,
    ApplicationRow,
    LoginRow,
)
from wxlogin.login.registration import ApplicationStatus
from wxlogin.login.sessions import EndCode, Ending, Session

LATEST = 50
"""How many of a person's logins are shown."""

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OPENID = re.compile(r"[A-Za-z0-9_-]{6,64}")


@dataclass(frozen=True, slots=True)
class Person:
    """All that is shown of one account. The phone is whole in it: mask it."""

    account: Account
    last_login_at: datetime | None
    sessions: tuple[Session, ...] = field(repr=False)
    logins: tuple[LoginRow, ...]
    agreements: tuple[AgreementRow, ...]
    applications: tuple[ApplicationRow, ...]


class AccountDesk:
    def __init__(self, core: Core) -> None:
        self._core = core

    async def search(
        self,
        text: str = "",
        *,
        status: AccountStatus | None = None,
        before: str | None = None,
        limit: int,
    ) -> list[AccountRow]:
        """Newest first: the accounts that `text` names exactly (an id, the host's id, an openid,
        a full phone number), else those whose nickname begins so; all, where it is empty."""
        store, text = self._core.store, text.strip()
        page = AccountQuery(status=status, before=before, limit=limit)
        if not text:
            return list(await store.search_accounts(page))
        exact = replace(
            page,
            account_id=text.lower() if _ID.fullmatch(text.lower()) else None,
            user_id=text,
            openid=text if _OPENID.fullmatch(text) else None,
            phone=_phone_in(text),
        )
        found = await store.search_accounts(exact)
        # Somebody found exactly, but left out by the status, is no reason to show others.
        if found or await store.search_accounts(replace(exact, status=None, before=None, limit=1)):
            return list(found)
        return list(await store.search_accounts(replace(page, nickname=text)))

    async def look(self, account_id: str) -> Person:
        """Raises `NotFound`."""
        account = await self.get(account_id)
        store, now = self._core.store, self._core.now()
        sessions = await store.list_sessions(
            account.id, now=now, idle_before=self._core.idle_before(now)
        )
        logins = await store.list_logins(account.id, limit=LATEST)
        return Person(
            account=account,
            last_login_at=logins[0].at if logins else None,
            sessions=tuple(sessions),
            logins=tuple(logins),
            agreements=tuple(await store.list_agreements(account.id)),
            applications=tuple(await store.list_applications(account_id=account.id)),
        )

    async def get(self, account_id: str) -> Account:
        """Raises `NotFound`."""
        account = await self._core.store.find_account(account_id=account_id)
        if account is None:
            raise errors.NotFound
        return account

    async def last_login_of(self, account: Account) -> datetime | None:
        logins = await self._core.store.list_logins(account.id, limit=1)
        return logins[0].at if logins else None

    async def reveal_phone(self, account: Account, *, actor: Actor, why: str) -> str:
        """The whole number, in E.164, to an operator whose reason is on record first.

        Raises `NotFound` where there is none.
        """
        if account.phone is None:
            raise errors.NotFound
        told = self._core.told("phone_revealed", actor=actor, account_id=account.id, reason=why)
        if told.audit is not None:
            await self._core.store.add_audit(told.audit)
        return account.phone.e164

    async def end_session(
        self, account: Account, session_id: str, *, actor: Actor, why: str
    ) -> int:
        """End one session of the account; how many ended: none, where it is over already."""
        core = self._core
        event = core.events.event(
            "kicked", account_id=account.id, user_id=account.user_id, session_id=session_id
        )
        told = core.told(
            "sessions_ended",
            actor=actor,
            account_id=account.id,
            reason=why,
            event=event,
            session_id=session_id,
        )
        ended = await core.store.end_session(
            session_id,
            account_id=account.id,
            ending=Ending(core.now(), EndCode.REVOKED, "kicked"),
            told=told,
        )
        core.events.wake()
        return int(ended)

    async def list_applications(
        self,
        *,
        status: ApplicationStatus | None,
        before: tuple[datetime, str] | None,
        limit: int,
    ) -> list[ApplicationRow]:
        """Applications, latest first."""
        return list(
            await self._core.store.list_applications(status=status, before=before, limit=limit)
        )

    async def get_application(self, application_id: str) -> ApplicationRow:
        """Raises `NotFound`."""
        found = await self._core.store.find_application_row(application_id)
        if found is None:
            raise errors.NotFound
        return found


def _phone_in(text: str) -> str | None:
    """The number that `text` is, in E.164; None where it is no number."""
    try:
        return normal_phone(text).e164
    except errors.PhoneNumberInvalid:
        return None
