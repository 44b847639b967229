"""The story of a login, one method per way in, in the order people meet them.

    step  where                   here
    1, 2  mini program            gets a code, sends it                 login()
    3, 4  server ↔ WeChat         claim the code, exchange it once      exchanging.py
    5     server ↔ database       find the openid, or register it       entering.py
    6     server                  keep session_key, sealed              entering.py
    7     server → mini program   make a session, answer its token      LoginResult
    8, 9  mini program            keeps the token, sends it along
    10    server                  find, compare, judge                  checks.py

Steps 5 to 7 are one transaction: a process killed anywhere in a login leaves either
all of it or nothing, and the next login of the same person works.
"""

from dataclasses import replace
from datetime import datetime

from wxlogin.login import errors
from wxlogin.login.account_desk import AccountDesk
from wxlogin.login.accounts import Phone, ProvenIdentity
from wxlogin.login.applications import Applications
from wxlogin.login.audit_log import AuditLog
from wxlogin.login.avatars import AvatarStorage
from wxlogin.login.checks import Checks
from wxlogin.login.content import Shown
from wxlogin.login.core import Core
from wxlogin.login.credentials import Credentials
from wxlogin.login.decryption import Decryption
from wxlogin.login.entering import Entering, Entry, LoginResult, Origin
from wxlogin.login.exchanging import Exchanges
from wxlogin.login.figures import Figures
from wxlogin.login.identities import OwnIdentities
from wxlogin.login.leaving import Leaving
from wxlogin.login.limits import check_code, check_origin
from wxlogin.login.merging import Merging
from wxlogin.login.moderation import Moderation
from wxlogin.login.new_passwords import NewPasswords
from wxlogin.login.open_data import OwnOpenData
from wxlogin.login.operators import OperatorDesk
from wxlogin.login.own_account import OwnAccount
from wxlogin.login.own_password import OwnPassword
from wxlogin.login.own_sessions import OwnSessions
from wxlogin.login.phone_codes import PhoneCodes
from wxlogin.login.phone_numbers import normal_phone
from wxlogin.login.phones import OwnPhone
from wxlogin.login.policy import App, Door
from wxlogin.login.ports import PushReader
from wxlogin.login.profiles import OwnProfile
from wxlogin.login.proofs import Proofs
from wxlogin.login.pushes import WeChatPushes
from wxlogin.login.registering import Registering
from wxlogin.login.running_apps import RunningApps
from wxlogin.login.service import Service
from wxlogin.login.service_keys import ServiceKeys
from wxlogin.login.verification import Purpose, Verification

NOWHERE = Origin()


class Flow:
    """Every way in, on top of the ports. One a process and event loop.

    `checks` is step 10; `registering` is how somebody becomes somebody, `applications` what an
    operator says to enterprises; `own_sessions`, `own_account`, `own_phone`, `own_profile` and
    `own_password` are what a person does with theirs, `moderation` what others do to an account;
    `own_identities`, `leaving` and `merging` are ways in and out, `pushes` what WeChat says;
    `service` and `decryption` what the team's other servers ask for, under `service_keys`;
    `running_apps` what an operator does to mini programs; `operators`, `figures`,
    `account_desk` and `audit_log` are the console's.
    """

    def __init__(
        self,
        core: Core,
        *,
        verification: Verification,
        credentials: Credentials,
        new_passwords: NewPasswords,
        shown: Shown,
        phone_codes: PhoneCodes,
        open_data: OwnOpenData,
        own_profile: OwnProfile,
        decryption: Decryption,
        operators: OperatorDesk,
        audit_log: AuditLog,
        figures: Figures,
        push_reader: PushReader,
        avatars: AvatarStorage,
    ) -> None:
        self.core = core
        self.verification = verification
        self.credentials = credentials
        self.phone_codes = phone_codes
        self.exchanges = Exchanges(core)
        self.entering = Entering(core, has_sms=verification.is_on, has_passwords=credentials.is_on)
        self.registering = Registering(
            core,
            exchanges=self.exchanges,
            entering=self.entering,
            verification=verification,
            new_passwords=new_passwords,
            shown=shown,
        )
        self.applications = Applications(core)
        self.proofs = Proofs(
            core,
            exchanges=self.exchanges,
            credentials=credentials,
            verification=verification,
        )
        self.checks = Checks(
            core.store, token_key=core.token_key, clock=core.clock, observer=core.observer
        )
        self.own_sessions = OwnSessions(core)
        self.own_account = OwnAccount(core)
        self.own_password = OwnPassword(
            core,
            new_passwords=new_passwords,
            verification=verification,
            proofs=self.proofs,
            own_account=self.own_account,
        )
        self.own_phone = OwnPhone(
            core,
            open_data=open_data,
            phone_codes=phone_codes,
            verification=verification,
            proofs=self.proofs,
            exchanges=self.exchanges,
        )
        self.own_profile = own_profile
        self.own_identities = OwnIdentities(
            core, exchanges=self.exchanges, proofs=self.proofs, verification=verification
        )
        self.leaving = Leaving(core, proofs=self.proofs, avatars=avatars)
        self.merging = Merging(core, avatars=avatars)
        self.pushes = WeChatPushes(
            core,
            reader=push_reader,
            leaving=self.leaving,
            verification=verification,
            avatars=avatars,
        )
        self.moderation = Moderation(core)
        self.service_keys = ServiceKeys(core)
        self.service = Service(core, checks=self.checks, moderation=self.moderation)
        self.decryption = decryption
        self.running_apps = RunningApps(core)
        self.operators = operators
        self.audit_log = audit_log
        self.figures = figures
        self.account_desk = AccountDesk(core)

    def now(self) -> datetime:
        """The one clock all is judged by."""
        return self.core.clock()

    async def ping(self) -> None:
        """Return if logins and checks would be answered now; else `StoreUnavailable`."""
        await self.core.store.ping()

    # Ways in

    async def login(
        self, code: str, *, app_id: str | None = None, origin: Origin = NOWHERE
    ) -> LoginResult:
        """Log in with a fresh code of `wx.login`.

        `code` is opaque, 1 to 256 visible ASCII characters; `app_id` may be left out where
        one app is configured. Raises `RequestInvalid`, `AppUnknown`, `CodeUsed`,
        `CodeInvalid`, a `LoginRefused`, `RateLimited`, `IdentityTaken`,
        `AppMisconfigured`, `WeChatUnavailable`, `StoreUnavailable`.
        """
        check_origin(device=origin.device, context=origin.context)
        app = await self.core.apps.get(app_id)
        async with self.exchanges.in_time() as spending:
            identity = await self.exchanges.exchange(app, code)
            spending.is_spent = True
            return await self.entering.enter(Entry(app, Door.WECHAT, origin, identity=identity))

    async def login_by_phone(
        self, code: str, phone_code: str, *, app_id: str | None = None, origin: Origin = NOWHERE
    ) -> LoginResult:
        """Log in and bring the phone number along, in one tap.

        `phone_code` is the phone button's. No paid call is made for somebody who may not
        come in. Raises as `login`, and `PhoneCodeInvalid`, `WrongCodeKind`, `PhoneTaken`.
        """
        check_origin(device=origin.device, context=origin.context)
        app = await self.core.apps.get(app_id)
        self.phone_codes.check(phone_code, login_code=code)
        async with self.exchanges.in_time() as spending:
            identity = await self.exchanges.exchange(app, code)
            spending.is_spent = True
            entry = Entry(app, Door.PHONE, origin, identity=identity)
            known = await self.entering.find_known(entry)
            if (
                known is not None
                and known.phone is not None
                and await self.phone_codes.is_paid_for(app, phone_code, openid=identity.openid)
            ):
                return await self.entering.enter(entry)
            phone = await self.phone_codes.exchange(
                app,
                phone_code,
                openid=identity.openid,
                account_id=known.id if known else None,
            )
            return await self.entering.enter(replace(entry, phone=phone))

    async def login_by_password(
        self,
        username: str,
        password: str,
        *,
        app_id: str | None = None,
        code: str | None = None,
        address: str | None = None,
        origin: Origin = NOWHERE,
    ) -> LoginResult:
        """Log in with a username, or a proven phone number, and a password.

        With `code` the WeChat identity is linked if it is free. `address` is the client's,
        for the limits. Raises `CredentialsInvalid` for an unknown name and a wrong password
        alike; states are told only after the right one.
        """
        check_origin(device=origin.device, context=origin.context)
        if code is not None:
            check_code(code)
        app = await self.core.apps.get(app_id)
        entry = await self.credentials.enter(
            app, username, password, address=address, device_id=origin.device.id
        )
        async with self.exchanges.in_time() as spending:
            identity = await self._find_identity(app, code)
            spending.is_spent = identity is not None
            return await self.entering.enter(
                Entry(app, Door.PASSWORD, origin, identity=identity, password=entry)
            )

    async def login_by_sms(
        self,
        phone: str,
        verification_code: str,
        *,
        app_id: str | None = None,
        code: str | None = None,
        origin: Origin = NOWHERE,
    ) -> LoginResult:
        """Log in with a code by SMS (purpose `login`); an unknown phone registers by policy.

        Raises `VerificationCodeInvalid`, `PhoneNumberInvalid`, `PhoneTaken`, `NotFound` where
        no SMS is configured, and as `login`.
        """
        check_origin(device=origin.device, context=origin.context)
        self.verification.check_is_on()
        if code is not None:
            check_code(code)
        app = await self.core.apps.get(app_id)
        number = normal_phone(phone)
        async with self.exchanges.in_time() as spending:
            spend = await self.verification.try_code(
                verification_code, app=app, phone=number, purpose=Purpose.LOGIN
            )
            identity = await self._find_identity(app, code)
            spending.is_spent = identity is not None
            return await self.entering.enter(
                Entry(
                    app,
                    Door.SMS,
                    origin,
                    identity=identity,
                    phone=self._proven(number),
                    spends=(spend,),
                )
            )

    async def restore(
        self,
        code: str | None = None,
        *,
        username: str | None = None,
        password: str | None = None,
        phone: str | None = None,
        verification_code: str | None = None,
        app_id: str | None = None,
        address: str | None = None,
        origin: Origin = NOWHERE,
    ) -> LoginResult:
        """Take an erasure back within its cooling-off, and log in (http-api.md §3).

        By any of the ways in: a code of `wx.login`, a name and its password, or a phone and a
        code by SMS (purpose `login`). Raises as that way does.
        """
        check_origin(device=origin.device, context=origin.context)
        app = await self.core.apps.get(app_id)
        entry = Entry(app, Door.RESTORE, origin)
        if code is not None:
            check_code(code)
        elif username is not None and password is not None:
            opened = await self.credentials.enter(
                app, username, password, address=address, device_id=origin.device.id
            )
            return await self.entering.enter(replace(entry, password=opened))
        elif phone is not None and verification_code is not None:
            number = normal_phone(phone)
            spend = await self.verification.try_code(
                verification_code, app=app, phone=number, purpose=Purpose.LOGIN
            )
            proven = self._proven(number)
            return await self.entering.enter(replace(entry, phone=proven, spends=(spend,)))
        else:
            raise errors.RequestInvalid(("code", "required, or a password, or a code by SMS"))
        async with self.exchanges.in_time() as spending:
            identity = await self.exchanges.exchange(app, code)
            spending.is_spent = True
            return await self.entering.enter(replace(entry, identity=identity))

    # What proves a phone before

    async def send_verification_code(
        self,
        phone: str,
        purpose: Purpose,
        *,
        app_id: str | None = None,
        code: str | None = None,
        address: str | None = None,
    ) -> None:
        """Send a code by SMS; the same for known and unknown phones. `code`, a fresh one of
        `wx.login`, names who asks; `address` is the client's.

        Raises `PhoneNumberInvalid` and `ProofRequired` before the code is spent, `RateLimited`,
        `NotFound` where no SMS is configured, and what a code of `wx.login` can raise.
        """
        number = normal_phone(phone)
        self.verification.check_may_ask(number, has_caller=code is not None)
        app = await self.core.apps.get(app_id)
        async with self.exchanges.in_time() as spending:
            identity = await self._find_identity(app, code)
            spending.is_spent = identity is not None
            if identity is not None:
                # The exchange may have put a new key in the old one's place at WeChat.
                await self.core.store.replace_session_key(
                    app_id=app.app_id, openid=identity.openid, key=identity.session_key
                )
        await self.verification.send(
            app=app,
            phone=number,
            purpose=purpose,
            openid=identity.openid if identity else None,
            address=address,
        )

    # What several ways in share

    async def _find_identity(self, app: App, code: str | None) -> ProvenIdentity | None:
        return None if code is None else await self.exchanges.exchange(app, code)

    def _proven(self, phone: Phone) -> Phone:
        return replace(phone, proven_at=self.core.now())
