"""A fresh proof of who asks, before a sensitive act (http-api.md §1; ASVS 7.5.1).

A session alone may be in stolen hands. Any of these shows that its person is there: a code
of `wx.login` that leads to the same account, the password, or, where no WeChat identity of the
account has ever come in (an import's is only what an old database said), a code by SMS to its
phone.
"""

from dataclasses import dataclass, field

from wxlogin.login import errors
from wxlogin.login.accounts import Account
from wxlogin.login.core import Core
from wxlogin.login.credentials import Credentials
from wxlogin.login.exchanging import Exchanges
from wxlogin.login.ports import CodeSpend
from wxlogin.login.sessions import Session
from wxlogin.login.verification import Purpose, Verification


@dataclass(frozen=True, slots=True)
class Proof:
    """What the request brought; one of them is enough. `address` is the client's."""

    proof_code: str | None = field(default=None, repr=False)
    current_password: str | None = field(default=None, repr=False)
    verification_code: str | None = field(default=None, repr=False)
    address: str | None = None


class Proofs:
    def __init__(
        self,
        core: Core,
        *,
        exchanges: Exchanges,
        credentials: Credentials,
        verification: Verification,
    ) -> None:
        self._core = core
        self._exchanges = exchanges
        self._credentials = credentials
        self._verification = verification

    async def demand(
        self, session: Session, account: Account, proof: Proof
    ) -> tuple[CodeSpend, ...]:
        """Return if `proof` shows that the account's person asks; what the act must spend.

        Raises `ProofRequired` where there is none, or it is no good: spent, wrong, or somebody
        else's; `RateLimited`; and where WeChat does not answer, what a login would raise.
        """
        try:
            return await self._look_at(proof, session=session, account=account)
        except (errors.CodeInvalid, errors.CodeUsed, errors.VerificationCodeInvalid):
            raise errors.ProofRequired from None

    async def _look_at(
        self, proof: Proof, *, session: Session, account: Account
    ) -> tuple[CodeSpend, ...]:
        if proof.proof_code is not None:
            await self._demand_identity(session, account, proof.proof_code)
            return ()
        if proof.current_password is not None and self._credentials.is_on:
            is_own = await self._credentials.is_own(
                account,
                proof.current_password,
                address=proof.address,
                device_id=session.device.id,
            )
            if not is_own:
                raise errors.ProofRequired
            return ()
        has_wechat = any(each.is_proven for each in account.identities)
        if proof.verification_code is not None and not has_wechat:
            return (await self._demand_code(session, account, proof.verification_code),)
        raise errors.ProofRequired

    async def _demand_identity(self, session: Session, account: Account, code: str) -> None:
        core = self._core
        app = await core.apps.get(session.app_id)
        async with self._exchanges.in_time() as spending:
            identity = await self._exchanges.exchange(app, code)
            spending.is_spent = True
            known = account.identity_in(app.app_id)
            if known is None or known.openid != identity.openid:
                raise errors.ProofRequired
            await core.store.replace_session_key(
                app_id=app.app_id, openid=identity.openid, key=identity.session_key
            )

    async def _demand_code(self, session: Session, account: Account, digits: str) -> CodeSpend:
        phone = account.phone
        if phone is None or phone.proven_at is None:
            raise errors.ProofRequired
        return await self._verification.try_code(
            digits,
            app=await self._core.apps.get(session.app_id),
            phone=phone,
            purpose=Purpose.PROOF,
        )
