"""What a person does with their own account: look at it."""

from wxlogin.login import errors
from wxlogin.login.accounts import Account
from wxlogin.login.core import Core
from wxlogin.login.sessions import Session


class OwnAccount:
    def __init__(self, core: Core) -> None:
        self._core = core

    async def get(self, session: Session) -> Account:
        """The session's account. Raises `SessionInvalid` where it is gone."""
        account = await self._core.store.find_account(account_id=session.account_id)
        if account is None:
            raise errors.SessionInvalid
        return account
