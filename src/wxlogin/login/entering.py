"""Steps 5 to 7: from whom a door has proven to a session, in one transaction.

Every way in ends here, so every way in asks the same questions (security.md C06): whom do
the openid and the phone lead to, may that account log in, may an unknown person register,
what does the host say. Where openid and phone name two people, `meeting.py` decides, and
the commit holds it to what is true by then.
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from wxlogin.login import errors, tokens
from wxlogin.login.accounts import (
    Account,
    AccountStatus,
    Agreement,
    Phone,
    ProvenIdentity,
)
from wxlogin.login.core import Core, refuse
from wxlogin.login.meeting import Meeting, Met, who_of
from wxlogin.login.policy import App, Door, Registration, may_log_in
from wxlogin.login.ports import (
    CodeSpend,
    LoginCommit,
    LoginOutcome,
    LoginVerdict,
    NewAccount,
    NewSession,
    PasswordEntry,
    Ticket,
)
from wxlogin.login.registration import NewApplication
from wxlogin.login.secret import Secret
from wxlogin.login.sessions import Device, Session

log = logging.getLogger("wxlogin.login")
security_log = logging.getLogger("wxlogin.security")

ANNOUNCED = ("registered", "login", "phone_changed")


@dataclass(frozen=True, slots=True)
class LoginResult:
    """What a login gives back. `token` is for the phone alone, and is not kept here."""

    token: str = field(repr=False)
    session: Session
    account: Account
    is_new_account: bool


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a login comes from, in the mini program's own words: shown and handed on, never
    believed."""

    device: Device = field(default_factory=Device)
    context: Mapping[str, Any] = field(default_factory=dict)
    agreements: tuple[Agreement, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """What a registration says of the new account, checked before."""

    nickname: str | None = None
    username: str | None = None
    username_key: str | None = None
    password_hash: Secret | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody at a door, with what they have proven there."""

    app: App
    door: Door
    origin: Origin
    identity: ProvenIdentity | None = None
    phone: Phone | None = None
    password: PasswordEntry | None = None
    ticket_hash: bytes | None = field(default=None, repr=False)
    spends: tuple[CodeSpend, ...] = ()
    profile: Profile = field(default_factory=Profile)
    application: NewApplication | None = None


class Entering:
    """Lets people in, or says why not."""

    def __init__(self, core: Core, *, has_sms: bool = False, has_passwords: bool = False) -> None:
        """`has_sms`, `has_passwords`: by which ways to register a refused stranger is helped."""
        self._core = core
        self._meeting = Meeting(core)
        self._has_sms = has_sms
        self._has_passwords = has_passwords

    async def enter(self, entry: Entry) -> LoginResult:
        """A session for `entry`. Raises a `LoginRefused`, `PhoneTaken`, `IdentityTaken`,
        `TicketInvalid`, `VerificationCodeInvalid`, `CredentialsInvalid`, `UsernameTaken`,
        `RateLimited`, `StoreUnavailable`."""
        core = self._core
        await self._take_turn(entry)
        met = await self._recognise(entry)
        if not await self._meeting.is_linkable(entry, met):
            entry = replace(entry, identity=None)  # the host would name its person's user_id
        now = core.now()
        session_id = core.new_id()
        token, secret_hash = tokens.mint(
            session_id, secret=core.random(tokens.SECRET_BYTES), key=core.token_key
        )
        commit = await self._commit_of(entry, met)
        claims = await core.host.claims_for(met.account, user_id=commit.user_id)
        session = NewSession(
            id=session_id,
            secret_hash=secret_hash,
            claims=claims,
            device=entry.origin.device,
            created_at=now,
            expires_at=now + core.sessions.ttl,
            idle_ttl=core.sessions.idle_ttl,
        )
        outcome = await self._commit(replace(commit, at=now, session=session))
        account = self._admit(outcome, entry=entry)
        if outcome.session is None:
            raise AssertionError("a store answered DONE without the session that was asked for")
        core.events.wake()
        return LoginResult(token, outcome.session, account, outcome.is_new_account)

    async def apply(self, entry: Entry) -> Account:
        """The account of `entry.application`, which waits: nobody is let in yet. Raises as
        `enter`, and `PhoneTaken`, `IdentityTaken` where the applicant has an account."""
        await self._take_turn(entry)
        met = await self._recognise(entry)
        if met.account is not None:
            raise errors.IdentityTaken
        outcome = await self._commit(await self._commit_of(entry, met))
        self._core.events.wake()
        return self._admit(outcome, entry=entry)

    async def find_known(self, entry: Entry) -> Account | None:
        """The account of the entry's identity, before anything is paid for. Raises where it may
        not log in, or where nobody may register nor join."""
        known = await self._meeting.find_by_identity(entry)
        if known is not None:
            refusal = may_log_in(known, entry.door, self._core.now())
            if refusal is not None:
                raise refusal
        elif entry.app.registration is Registration.CLOSED and entry.app.phone_conflict != "join":
            raise errors.RegistrationClosed
        return known

    # Who they are

    async def _recognise(self, entry: Entry) -> Met:
        """Step 5: the account we know, or None where a new one may be made."""
        started = time.perf_counter()
        met = await self._meeting.meet(entry)
        outcome = "known" if met.account else "unknown"
        self._core.step(5, "recognise", outcome=outcome, started=started)
        if met.account is not None:
            refusal = may_log_in(met.account, entry.door, self._core.now())
            if refusal is not None:
                raise refusal
            if entry.profile.username is not None:
                raise errors.IdentityTaken  # their password would be set nowhere
        elif entry.door is Door.RESTORE:
            raise errors.NotFound
        elif entry.door is not Door.TICKET:
            await self._ask_policy(entry)
        return met

    # Those we do not know

    async def _ask_policy(self, entry: Entry) -> None:
        """Nothing where an unknown person becomes an account by logging in, else the refusal."""
        app, core = entry.app, self._core
        if app.registration is Registration.AUTO:
            return
        if app.registration is Registration.CLOSED:
            raise errors.RegistrationClosed
        for spend in entry.spends:
            # What the ticket stands for from now on; else one code would make many.
            if not await core.store.drop_verification_code(spend):
                raise errors.VerificationCodeInvalid
        ticket = core.new_text()
        await core.store.keep_ticket(
            Ticket(
                hash=tokens.secret_hash(ticket),
                app_id=app.app_id,
                identity=entry.identity,
                phone=entry.phone,
                expires_at=core.now() + core.policy.ticket_ttl,
            )
        )
        raise errors.RegistrationRequired(
            ticket, expires_in=core.policy.ticket_ttl, methods=self._methods_for(entry)
        )

    def _methods_for(self, entry: Entry) -> list[str]:
        """What this person could register by: a phone that is proven already needs no SMS."""
        if not self._has_sms and entry.phone is None:
            return []
        return ["mobile", "enterprise"] if self._has_passwords else ["mobile"]

    async def _take_turn(self, entry: Entry) -> None:
        if entry.identity is None:
            return
        refuse(
            await self._core.store.take(
                f"login:{entry.app.app_id}:{entry.identity.openid}",
                limit=self._core.policy.logins_per_minute,
                window=timedelta(minutes=1),
                now=self._core.now(),
            )
        )

    # The transaction

    async def _commit_of(self, entry: Entry, met: Met) -> LoginCommit:
        """All of the commit but the session."""
        core, app = self._core, entry.app
        now = core.now()
        user_id = None
        # A user_id that the account has stays out of the commit: it must not lead an identity
        # back that is being cut at this moment.
        if not (met.account and met.account.user_id) and entry.application is None:
            user_id = await core.host.user_for(who_of(entry))
        announce = tuple(kind for kind in ANNOUNCED if kind in core.events.kinds)
        return LoginCommit(
            at=now,
            door=entry.door,
            pool=app.pool,
            app_id=app.app_id,
            max_sessions=core.sessions.max_sessions,
            idle_before=core.idle_before(now),
            identity=entry.identity,
            phone=entry.phone,
            password=entry.password,
            joins=met.joins,
            phone_leaves=met.phone_leaves,
            registration=self._registration(entry) if met.account is None else None,
            application=entry.application,
            user_id=user_id,
            restores=entry.door is Door.RESTORE,
            ticket_hash=entry.ticket_hash,
            spends=entry.spends,
            agreements=entry.origin.agreements,
            announce=announce,
            event_ids=tuple(core.new_id() for _ in announce),
            context=entry.origin.context,
        )

    def _registration(self, entry: Entry) -> NewAccount | None:
        is_open = entry.door is Door.TICKET or entry.app.registration is Registration.AUTO
        if not is_open or entry.password is not None or entry.door is Door.RESTORE:
            return None
        return new_account(self._core, entry.profile, waits=entry.application is not None)

    async def _commit(self, commit: LoginCommit) -> LoginOutcome:
        started = time.perf_counter()
        outcome = await self._core.store.commit_login(commit)
        self._core.step(6, "commit", outcome=str(outcome.verdict), started=started)
        if outcome.unionid_clash:
            security_log.warning(
                "WeChat named a unionid that is another account's; nothing was moved: app_id=%s",
                commit.app_id,
            )
        return outcome

    def _admit(self, outcome: LoginOutcome, *, entry: Entry) -> Account:
        """Step 7: the account, or the reason why the transaction wrote nothing."""
        if outcome.verdict is LoginVerdict.DONE and outcome.account is not None:
            return outcome.account
        if outcome.verdict is LoginVerdict.USER_ID_TAKEN:
            log.error("user_for named a user_id that is another account's; see docs/errors.md")
        refusal = _REFUSALS.get(outcome.verdict)
        if refusal is not None:
            raise refusal()
        if outcome.verdict is LoginVerdict.UNKNOWN and entry.password is not None:
            raise errors.CredentialsInvalid  # erased since it was compared
        if outcome.account is not None:
            why_not = may_log_in(outcome.account, entry.door, self._core.now())
            if why_not is not None:
                raise why_not
        raise errors.StoreUnavailable(retry="new_code")  # erased, or opened, since step 5


def new_account(core: Core, profile: Profile, *, waits: bool = False) -> NewAccount:
    """What an account made now begins with; `waits`: an operator has to approve it first."""
    return NewAccount(
        id=core.new_id(),
        pseudonym=core.random(16).hex(),
        status=AccountStatus.PENDING if waits else AccountStatus.ACTIVE,
        nickname=profile.nickname,
        username=profile.username,
        username_key=profile.username_key,
        password_hash=profile.password_hash,
    )


_REFUSALS: Mapping[LoginVerdict, type[errors.WxLoginError]] = {
    LoginVerdict.TICKET_SPENT: errors.TicketInvalid,
    LoginVerdict.CODE_SPENT: errors.VerificationCodeInvalid,
    LoginVerdict.NOT_PROVEN: errors.CredentialsInvalid,
    LoginVerdict.USER_ID_TAKEN: errors.IdentityTaken,
    LoginVerdict.PHONE_TAKEN: errors.PhoneTaken,
    LoginVerdict.USERNAME_TAKEN: errors.UsernameTaken,
    LoginVerdict.KNOWN: errors.IdentityTaken,
}
