"""Makes the core and all it stands on, for one event loop: what `server.py` starts and ends."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import Protocol

from wxlogin.avatars.opening import open_avatars
from wxlogin.hooks import Delivery, HostHooks
from wxlogin.login.announcing import Announcer
from wxlogin.login.apps import AppDirectory
from wxlogin.login.asking import AskedHost
from wxlogin.login.audit_log import AuditLog
from wxlogin.login.avatars import AvatarStorage
from wxlogin.login.content import Shown
from wxlogin.login.core import Core
from wxlogin.login.credentials import Credentials, PasswordPolicy
from wxlogin.login.decryption import Decryption
from wxlogin.login.figures import Figures
from wxlogin.login.flow import Flow
from wxlogin.login.new_passwords import NewPasswords
from wxlogin.login.open_data import OwnOpenData
from wxlogin.login.operators import OperatorDesk
from wxlogin.login.passwords import PasswordHasher
from wxlogin.login.phone_codes import PhoneCodePolicy, PhoneCodes
from wxlogin.login.policy import LoginPolicy
from wxlogin.login.ports import Clock, Observer, Random, Store
from wxlogin.login.profiles import OwnProfile, Pictures
from wxlogin.login.sessions import SessionPolicy
from wxlogin.login.sms import SmsSender
from wxlogin.login.verification import Verification
from wxlogin.passwords.totp import Totp
from wxlogin.settings import Settings
from wxlogin.sms.opening import make_sender
from wxlogin.stores.avatars import SqlAvatarStorage
from wxlogin.wechat.calls import CallObserver
from wxlogin.wechat.client import WeChatClient
from wxlogin.wechat.errcodes import find_errcode
from wxlogin.wechat.open_data import OpenDataReader
from wxlogin.wechat.opening import make_transport
from wxlogin.wechat.push_reader import WeChatPushReader
from wxlogin.wechat.transport import OpenTransport


class _Closing(Protocol):
    async def close(self) -> None: ...


@dataclass(slots=True)
class Parts:
    """What runs in one event loop. `close` lets go of what the loop's end would leave open."""

    client: WeChatClient
    flow: Flow
    delivery: Delivery
    closing: list[_Closing] = field(default_factory=list)

    async def close(self) -> None:
        """Every one of them, also where one fails."""
        async with AsyncExitStack() as stack:
            for part in self.closing:
                stack.push_async_callback(part.close)


@dataclass(frozen=True, slots=True)
class Given:
    """What the application, a test or the demo puts in the place of the usual."""

    hooks: HostHooks
    clock: Clock
    random: Random
    observer: Observer
    calls: CallObserver
    transport: OpenTransport | None = None
    sms_sender: SmsSender | None = None
    passwords: tuple[PasswordHasher, PasswordPolicy] | None = None
    avatar_storage: AvatarStorage | None = None


def assemble(
    settings: Settings, store: Store, *, token_key: bytes, audit_log: AuditLog, given: Given
) -> Parts:
    """The parts, none of which has done anything yet."""
    transport = given.transport or make_transport(
        settings.wechat_api_base, fast=settings.http_client == "pyreqwest"
    )
    client = WeChatClient(transport, store, clock=given.clock, observer=given.calls)
    delivery = Delivery(given.hooks, clock=given.clock)
    core = _core(settings, store, client, delivery, token_key=token_key, given=given)
    made = (
        None if given.sms_sender else make_sender(settings.sms, base_url=settings.wechat_api_base)
    )
    reader = OpenDataReader()
    passwords = given.passwords or (None, None)
    shown = Shown(core, client if settings.content_check == "wechat" else None)
    open_data = OwnOpenData(core, reader)
    avatars = open_avatars(settings.avatars, given.avatar_storage, sql=SqlAvatarStorage(store))
    flow = Flow(
        core,
        verification=_verification(core, settings, given.sms_sender or made),
        credentials=Credentials(core, *passwords),
        new_passwords=NewPasswords(core, *passwords),
        shown=shown,
        phone_codes=_phone_codes(core, settings),
        operators=_operators(core, given),
        audit_log=audit_log,
        figures=Figures(core, meaning_of=lambda errcode: find_errcode(errcode).cause),
        open_data=open_data,
        decryption=Decryption(core, reader),
        push_reader=WeChatPushReader(given.clock),
        avatars=avatars.storage,
        own_profile=OwnProfile(
            core,
            open_data=open_data,
            shown=shown,
            pictures=Pictures(
                avatars.storage,
                avatars.encoder.encode if avatars.encoder else None,
                public_url=settings.public_url or "",
            ),
        ),
    )
    closing: list[_Closing] = [transport, avatars]
    if made is not None:
        closing.append(made)
    return Parts(client, flow, delivery, closing)


def _core(
    settings: Settings,
    store: Store,
    client: WeChatClient,
    delivery: Delivery,
    *,
    token_key: bytes,
    given: Given,
) -> Core:
    policy = LoginPolicy(
        logins_per_minute=settings.logins_per_minute, cooling_off=settings.erasure_cooling_off
    )
    return Core(
        store=store,
        wechat=client,
        host=AskedHost(given.hooks, deadline=policy.hook_deadline, observer=given.observer),
        events=Announcer(delivery, clock=given.clock, random=given.random),
        apps=AppDirectory({app.app_id: app for app in settings.apps}, store),
        token_key=token_key,
        clock=given.clock,
        random=given.random,
        observer=given.observer,
        sessions=SessionPolicy(
            ttl=settings.session_ttl,
            idle_ttl=settings.session_idle_ttl,
            max_sessions=settings.max_sessions,
        ),
        policy=policy,
    )


def _phone_codes(core: Core, settings: Settings) -> PhoneCodes:
    policy = PhoneCodePolicy(
        per_account=settings.phone_calls_per_account, per_app=settings.phone_calls_per_day
    )
    return PhoneCodes(core, policy)


def _operators(core: Core, given: Given) -> OperatorDesk:
    hasher, policy = given.passwords or (None, PasswordPolicy())
    return OperatorDesk(core, hasher=hasher, codes=Totp(), is_common=policy.is_common)


def _verification(core: Core, settings: Settings, sender: SmsSender | None) -> Verification:
    policy = replace(
        settings.verification,
        hourly_budget=settings.sms.hourly_budget,
        countries=settings.sms.countries,
        needs_caller=settings.is_production,
    )
    return Verification(core, sender, policy)
