"""Ways in by WeChat, added and taken away by the person themself (security.md A11, A13).

A code proves who somebody is in an app, not who sent it: whoever gets a victim's phone to
send the attacker's code would own the victim's account. So both acts need a fresh proof of
the account's own person.
"""

from wxlogin.login import errors
from wxlogin.login.accounts import Account
from wxlogin.login.core import Core
from wxlogin.login.exchanging import Exchanges
from wxlogin.login.own_account import OwnAccount
from wxlogin.login.ports import PERSON, IdentityLink, Verdict
from wxlogin.login.proofs import Proof, Proofs
from wxlogin.login.sessions import EndCode, Ending, Session
from wxlogin.login.verification import Verification

UNLINKED = "identity_unlinked"


class OwnIdentities:
    def __init__(
        self, core: Core, *, exchanges: Exchanges, proofs: Proofs, verification: Verification
    ) -> None:
        self._core = core
        self._exchanges = exchanges
        self._proofs = proofs
        self._verification = verification
        self._own_account = OwnAccount(core)

    async def link(
        self, session: Session, code: str, *, proof: Proof, app_id: str | None = None
    ) -> Account:
        """The account, with the identity behind `code`, a fresh one of the app named.

        Raises `ProofRequired`, `IdentityTaken` (it is another account's, or this one has
        another identity there), `AppUnknown` (also of another pool), and what an exchange
        raises.
        """
        core = self._core
        account = await self._own_account.get(session)
        app = await core.apps.get(app_id)
        if app.pool != account.pool:
            raise errors.AppUnknown
        spends = await self._proofs.demand(session, account, proof)
        async with self._exchanges.in_time() as spending:
            identity = await self._exchanges.exchange(app, code)
            spending.is_spent = True
            verdict = await core.store.link_identity(
                IdentityLink(account.id, app.pool, app.app_id, identity, core.now(), spends),
                told=core.told(
                    "identity_linked", actor=PERSON, account_id=account.id, app_id=app.app_id
                ),
            )
        _check(verdict)
        return await self._own_account.get(session)

    async def unlink(self, session: Session, *, proof: Proof, app_id: str | None = None) -> None:
        """Cut the account's identity in the app; the sessions that came by it end.

        Raises `ProofRequired`, `NotFound` (it has none there), `LastLoginMethod`. The app
        need not be one of ours any more.
        """
        core = self._core
        account = await self._own_account.get(session)
        app_id = app_id or (await core.apps.get(None)).app_id
        await self._proofs.demand(session, account, proof)
        verdict = await core.store.unlink_identity(
            account.id,
            app_id=app_id,
            ending=Ending(core.now(), EndCode.REVOKED, UNLINKED),
            phone_opens=self._verification.is_on,
            told=core.told(UNLINKED, actor=PERSON, account_id=account.id, app_id=app_id),
        )
        if verdict is Verdict.GONE:
            raise errors.NotFound
        _check(verdict)


def _check(verdict: Verdict) -> None:
    if verdict is not Verdict.DONE:
        raise _REFUSALS[verdict]()


_REFUSALS: dict[Verdict, type[errors.WxLoginError]] = {
    Verdict.GONE: errors.SessionInvalid,
    Verdict.CODE_SPENT: errors.VerificationCodeInvalid,
    Verdict.IDENTITY_TAKEN: errors.IdentityTaken,
    Verdict.LAST_METHOD: errors.LastLoginMethod,
}
