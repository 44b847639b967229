"""A person's own password: changed with a proof that it is them, or reset by their phone."""

from wxlogin.login import errors
from wxlogin.login.accounts import Account, Phone
from wxlogin.login.core import Core
from wxlogin.login.new_passwords import NewPasswords
from wxlogin.login.own_account import OwnAccount
from wxlogin.login.phone_numbers import normal_phone
from wxlogin.login.policy import App, Door, is_recycled, may_log_in
from wxlogin.login.proofs import Proof, Proofs
from wxlogin.login.sessions import Session
from wxlogin.login.verification import Purpose, Verification


class OwnPassword:
    def __init__(
        self,
        core: Core,
        *,
        new_passwords: NewPasswords,
        verification: Verification,
        proofs: Proofs,
        own_account: OwnAccount,
    ) -> None:
        self._core = core
        self._new_passwords = new_passwords
        self._verification = verification
        self._proofs = proofs
        self._own_account = own_account

    async def change(
        self, session: Session, *, new_password: str, proof: Proof, username: str | None = None
    ) -> None:
        """Set the own password, and the username where one is given; every other session ends.

        Raises `PasswordWeak` and `RequestInvalid` before the proof is looked at, `ProofRequired`
        and what else `Proofs.demand` raises, `UsernameTaken`, `NotFound` where there are no
        passwords.
        """
        account = await self._own_account.get(session)
        checked = self._new_passwords.check_change(
            account, username=username, new_password=new_password
        )
        spends = await self._proofs.demand(session, account, proof)
        await self._new_passwords.change(account, checked, keep_session=session.id, spends=spends)

    async def reset(
        self, phone: str, verification_code: str, new_password: str, *, app_id: str | None = None
    ) -> None:
        """Set a forgotten password with a code by SMS (purpose `reset`); all sessions end.

        A phone that nobody has, that nobody proved, or that was proven too long ago to be still
        the same person's, answers as a wrong code does (security.md C12, A15). Raises
        `VerificationCodeInvalid`, `PasswordWeak`, `PhoneNumberInvalid`, a `LoginRefused`,
        `NotFound` where there are no passwords, or no SMS.
        """
        self._verification.check_is_on()
        self._new_passwords.check_reset(new_password)
        app = await self._core.apps.get(app_id)
        number = normal_phone(phone)
        spend = await self._verification.try_code(
            verification_code, app=app, phone=number, purpose=Purpose.RESET
        )
        account = await self._get_owner(app, number)
        refusal = may_log_in(account, Door.PASSWORD, self._core.now())
        if refusal is not None:
            raise refusal
        checked = self._new_passwords.check_change(
            account, username=None, new_password=new_password
        )
        await self._new_passwords.change(
            account, checked, keep_session=None, spends=(spend,), phone=number.e164
        )

    async def _get_owner(self, app: App, phone: Phone) -> Account:
        core = self._core
        account = await core.store.find_account(phone=phone.e164, pool=app.pool)
        proven_at = account.phone.proven_at if account and account.phone else None
        if (
            account is None
            or proven_at is None
            or is_recycled(proven_at, now=core.now(), policy=core.policy)
        ):
            raise errors.VerificationCodeInvalid
        return account
