"""Ways to become somebody: by a ticket, by a phone, as an enterprise that an operator looks at.

A ticket stands for what a door has proven already, so nothing is proven twice; where it
brings no phone, a code by SMS (purpose `register`) does. All that can be wrong with what was
typed is told before a code or a ticket is spent.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from wxlogin.login import errors, tokens
from wxlogin.login.accounts import Phone
from wxlogin.login.content import Shown
from wxlogin.login.core import Core
from wxlogin.login.entering import Entering, Entry, LoginResult, Origin, Profile
from wxlogin.login.exchanging import Exchanges
from wxlogin.login.limits import check_origin
from wxlogin.login.new_passwords import NewPasswords, Wanted
from wxlogin.login.phone_numbers import normal_phone
from wxlogin.login.policy import App, Door, Registration
from wxlogin.login.ports import Quota, Ticket
from wxlogin.login.registration import NewApplication, check_line, normal_credit_code
from wxlogin.login.verification import Purpose, Verification

NOWHERE = Origin()

TRIES, HOUR = 10, timedelta(hours=1)
"""How often one ticket may be tried in an hour."""


@dataclass(frozen=True, slots=True)
class PhoneProof:
    """What proves who registers: a ticket, a phone with its code, or the one beside the other."""

    ticket: str | None = None
    phone: str | None = None
    verification_code: str | None = None

    def __repr__(self) -> str:
        return "PhoneProof()"


@dataclass(frozen=True, slots=True)
class Company:
    """What an enterprise says of itself."""

    name: str
    credit_code: str
    contact_name: str


class Registering:
    def __init__(
        self,
        core: Core,
        *,
        exchanges: Exchanges,
        entering: Entering,
        verification: Verification,
        new_passwords: NewPasswords,
        shown: Shown,
    ) -> None:
        self._core = core
        self._exchanges = exchanges
        self._entering = entering
        self._verification = verification
        self._new_passwords = new_passwords
        self._shown = shown

    async def by_ticket(
        self, ticket: str, *, nickname: str | None = None, origin: Origin = NOWHERE
    ) -> LoginResult:
        """Make the account a registration ticket stands for, and log in: for a host that has
        a registration page of its own.

        Raises `TicketInvalid` where the ticket is unknown, spent or past its ten minutes,
        `RateLimited` where it was tried ten times within an hour.
        """
        check_origin(device=origin.device, context=origin.context)
        async with self._exchanges.in_time():
            kept = await self._get_ticket(ticket)
            app = await self._core.apps.get(kept.app_id)
            entry = _entry_of(kept, app, origin)
            return await self._entering.enter(replace(entry, profile=Profile(nickname)))

    async def mobile(
        self,
        proof: PhoneProof,
        wanted: Wanted,
        *,
        app_id: str | None = None,
        origin: Origin = NOWHERE,
    ) -> LoginResult:
        """Register with a proven phone, and log in.

        Raises `RequestInvalid`, `PasswordWeak`, `PhoneNumberInvalid`, `RegistrationClosed`,
        `TicketInvalid`, `VerificationCodeInvalid`, `PhoneTaken`, `UsernameTaken`,
        `IdentityTaken` where a name is wanted by somebody who has an account,
        `ContentRejected`, `NotFound` where an SMS would be needed and none is configured; else
        as a login.
        """
        check_origin(device=origin.device, context=origin.context)
        number = _number_of(proof)
        checked = self._new_passwords.check_registration(wanted, about=_about(number))
        async with self._exchanges.in_time():
            entry = await self._prove(proof, number, app_id=app_id, origin=origin)
            if wanted.nickname is not None:
                openid = entry.identity.openid if entry.identity else None
                await self._shown.check_first_text(entry.app, wanted.nickname, openid=openid)
            profile = await self._new_passwords.hash_registration(checked)
            return await self._entering.enter(replace(entry, profile=profile))

    async def enterprise(
        self,
        company: Company,
        proof: PhoneProof,
        wanted: Wanted,
        *,
        app_id: str | None = None,
        origin: Origin = NOWHERE,
    ) -> NewApplication:
        """Apply for an enterprise's account, which waits as `pending` for an operator.

        Raises as `mobile`, and `CreditCodeInvalid`; `IdentityTaken`, `PhoneTaken` where the
        applicant has an account already.
        """
        check_origin(device=origin.device, context=origin.context)
        self._new_passwords.check_is_on()
        check_line(company.name, field="company_name")
        check_line(company.contact_name, field="contact_name")
        credit_code = normal_credit_code(company.credit_code)
        number = _number_of(proof)
        about = (company.name, company.contact_name, *_about(number))
        checked = self._new_passwords.check_registration(wanted, about=about)
        async with self._exchanges.in_time():
            entry = await self._prove(proof, number, app_id=app_id, origin=origin)
            profile = await self._new_passwords.hash_registration(checked)
            core = self._core
            application = NewApplication(
                id=core.new_text(),
                company_name=company.name,
                credit_code=credit_code,
                contact_name=company.contact_name,
                submitted_at=core.now(),
            )
            await self._entering.apply(replace(entry, profile=profile, application=application))
            return application

    async def _prove(
        self, proof: PhoneProof, number: Phone | None, *, app_id: str | None, origin: Origin
    ) -> Entry:
        """The entry of a registration: its ticket's, with the phone proven here where that
        holds none, or another one."""
        kept = None if proof.ticket is None else await self._get_ticket(proof.ticket)
        if kept is not None and app_id not in (None, kept.app_id):
            raise errors.TicketInvalid
        app = await self._core.apps.get(kept.app_id if kept else app_id)
        if app.registration is Registration.CLOSED:
            raise errors.RegistrationClosed
        entry = Entry(app, Door.TICKET, origin) if kept is None else _entry_of(kept, app, origin)
        if entry.phone is not None and number in (None, replace(entry.phone, proven_at=None)):
            return entry
        self._verification.check_is_on()
        if number is None:
            raise errors.RequestInvalid(("phone", "required"))
        if proof.verification_code is None:
            raise errors.RequestInvalid(("verification_code", "required"))
        spend = await self._verification.try_code(
            proof.verification_code, app=app, phone=number, purpose=Purpose.REGISTER
        )
        proven = replace(number, proven_at=self._core.now())
        return replace(entry, phone=proven, spends=(spend,))

    async def _get_ticket(self, ticket: str) -> Ticket:
        """Each time is a try, before anything is hashed or judged: a ticket that a taken name
        does not spend would tell which names are taken, and have passwords hashed without end."""
        kept = await self._core.store.find_ticket(tokens.secret_hash(ticket), now=self._core.now())
        if kept is None:
            raise errors.TicketInvalid
        await self._core.take_quotas(Quota(f"ticket:{kept.hash.hex()}", ((TRIES, HOUR),)))
        return kept


def _entry_of(ticket: Ticket, app: App, origin: Origin) -> Entry:
    return Entry(
        app,
        Door.TICKET,
        origin,
        identity=ticket.identity,
        phone=ticket.phone,
        ticket_hash=ticket.hash,
    )


def _number_of(proof: PhoneProof) -> Phone | None:
    return None if proof.phone is None else normal_phone(proof.phone)


def _about(number: Phone | None) -> tuple[str, ...]:
    return () if number is None else (number.national,)
