"""The phone number of a signed-in person: three ways to prove it, one way to keep it.

    way       proves it                                          costs
    code      the phone button's code, asked for with the        money, so: budgets
              session's openid (security.md A16)
    blob      the button's encryptedData, once (A05)             tries, so: few failures
    sms       a verification code of purpose `link`              tries, so: five a code

A first number, and one the account has already, need nothing more: whoever asks has shown
that it is theirs. Another number needs a proof of who asks (http-api.md §1), or a stolen
session would be enough to take the account's way back in. An unproven number is never kept.
"""

from dataclasses import dataclass, field, replace

from wxlogin.login import errors
from wxlogin.login.accounts import Account, Phone
from wxlogin.login.core import Core
from wxlogin.login.exchanging import Exchanges
from wxlogin.login.limits import check_code
from wxlogin.login.open_data import Blob, OwnOpenData, openid_of
from wxlogin.login.own_account import OwnAccount
from wxlogin.login.phone_codes import PhoneCodes, as_normal
from wxlogin.login.phone_numbers import normal_phone
from wxlogin.login.ports import PERSON, CodeSpend, PhoneChange, Told, Verdict
from wxlogin.login.proofs import Proof, Proofs
from wxlogin.login.sessions import Session
from wxlogin.login.verification import Purpose, Verification

NO_PROOF = Proof()


@dataclass(frozen=True, slots=True)
class GivenPhone:
    """What the request brought to prove the number: exactly one of the three ways, whole."""

    code: str | None = field(default=None, repr=False)
    encrypted_data: str | None = field(default=None, repr=False)
    iv: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    verification_code: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who asks, by which way, and with what proof of themself."""

    session: Session
    account: Account
    way: str
    proof: Proof
    spends: tuple[CodeSpend, ...] = field(default=(), repr=False)


class OwnPhone:
    """All raise `PhoneTaken`, `PhoneNumberInvalid`, what `Proofs.demand` raises where the number
    is another one than before, and `SessionInvalid` where the account is gone."""

    def __init__(
        self,
        core: Core,
        *,
        open_data: OwnOpenData,
        phone_codes: PhoneCodes,
        verification: Verification,
        proofs: Proofs,
        exchanges: Exchanges,
    ) -> None:
        self._core = core
        self._own_account = OwnAccount(core)
        self._open_data = open_data
        self._phone_codes = phone_codes
        self._verification = verification
        self._proofs = proofs
        self._exchanges = exchanges

    async def change(
        self, session: Session, given: GivenPhone, *, proof: Proof = NO_PROOF
    ) -> Phone:
        """By whichever way `given` is of. Raises as that one, and `RequestInvalid` where it is
        of none, of two, or of half a one."""
        match (
            given.code,
            given.encrypted_data,
            given.iv,
            given.phone,
            given.verification_code,
        ):
            case (str(code), None, None, None, None):
                return await self.change_by_code(session, code, proof=proof)
            case (None, str(sealed), str(iv), None, None):
                return await self.change_by_blob(session, Blob(sealed, iv), proof=proof)
            case (None, None, None, str(phone), str(digits)):
                return await self.change_by_sms(session, phone, digits, proof=proof)
        raise errors.RequestInvalid(
            ("body", "one of code; encrypted_data and iv; phone and verification_code")
        )

    async def change_by_code(
        self, session: Session, code: str, *, proof: Proof = NO_PROOF
    ) -> Phone:
        """The number behind the phone button's code, kept. It is paid for before it is known
        whether it is another one, so a missing proof costs the code: it takes a new tap.

        Raises `PhoneCodeInvalid`, `WrongCodeKind`, `RequestInvalid` for a session without
        WeChat, `RateLimited`, `AppMisconfigured`, `WeChatUnavailable`.
        """
        check_code(code)
        openid = openid_of(session, field="code")
        account = await self._own_account.get(session)
        async with self._exchanges.in_time() as spending:
            app = await self._core.apps.get(session.app_id)
            phone = await self._phone_codes.exchange(
                app, code, openid=openid, account_id=account.id
            )
            spending.is_spent = True
            return await self._keep(phone, _Asked(session, account, "code", proof))

    async def change_by_blob(
        self, session: Session, blob: Blob, *, proof: Proof = NO_PROOF
    ) -> Phone:
        """The number in the phone button's encryptedData, kept. A blob that only lacked a proof
        may come again with one.

        Raises `CiphertextInvalid`, `SessionKeyStale`, `RequestInvalid` for a session without
        WeChat, `RateLimited`, `AppMisconfigured`, `WeChatUnavailable`.
        """
        openid_of(session, field="encrypted_data")
        account = await self._own_account.get(session)
        async with self._exchanges.in_time():
            phone = as_normal(await self._open_data.read_phone(session, blob))
            asked = await self._prove(phone, _Asked(session, account, "open_data", proof))
            await self._open_data.remember(session, blob)
            return await self._write(phone, asked)

    async def change_by_sms(
        self, session: Session, phone: str, verification_code: str, *, proof: Proof = NO_PROOF
    ) -> Phone:
        """The number that a verification code of purpose `link` proves, kept. What is missing of
        a proof is said before the code is tried.

        Raises `VerificationCodeInvalid`.
        """
        number = replace(normal_phone(phone), proven_at=self._core.now())
        account = await self._own_account.get(session)
        async with self._exchanges.in_time():
            asked = await self._prove(number, _Asked(session, account, "sms", proof))
            spend = await self._verification.try_code(
                verification_code,
                app=await self._core.apps.get(session.app_id),
                phone=number,
                purpose=Purpose.LINK,
            )
            return await self._write(number, replace(asked, spends=(*asked.spends, spend)))

    async def _keep(self, phone: Phone, asked: _Asked) -> Phone:
        return await self._write(phone, await self._prove(phone, asked))

    async def _prove(self, phone: Phone, asked: _Asked) -> _Asked:
        """`asked`, once its person has shown that they ask, where another number is to go."""
        if not _is_another(phone, asked.account):
            return asked
        spends = await self._proofs.demand(asked.session, asked.account, asked.proof)
        return replace(asked, spends=spends)

    async def _write(self, phone: Phone, asked: _Asked) -> Phone:
        verdict = await self._core.store.change_phone(
            PhoneChange(
                account_id=asked.account.id,
                phone=phone,
                spends=asked.spends,
                # Of two first numbers at once the second one is another number.
                may_replace=_is_another(phone, asked.account),
                ends_unproven=True,
                keep_session=asked.session.id,
            ),
            told=self._told(asked),
        )
        refusal = _REFUSALS.get(verdict)
        if refusal is not None:
            raise refusal()
        self._core.events.wake()
        return phone

    def _told(self, asked: _Asked) -> Told:
        session = asked.session
        event = self._core.events.event(
            "phone_changed",
            account_id=asked.account.id,
            user_id=asked.account.user_id,
            app_id=session.app_id,
            session_id=session.id,
        )
        return self._core.told(
            "phone_changed",
            actor=PERSON,
            account_id=asked.account.id,
            app_id=session.app_id,
            event=event,
            way=asked.way,
        )


def _is_another(phone: Phone, account: Account) -> bool:
    return account.phone is not None and account.phone.e164 != phone.e164


_REFUSALS: dict[Verdict, type[errors.WxLoginError]] = {
    Verdict.GONE: errors.SessionInvalid,
    Verdict.CODE_SPENT: errors.VerificationCodeInvalid,
    Verdict.PHONE_TAKEN: errors.PhoneTaken,
    Verdict.HAS_PHONE: errors.ProofRequired,
}
