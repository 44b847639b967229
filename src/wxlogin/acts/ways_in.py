"""Every way in as a call: what `WxLogin` does where its public routes do it over HTTP.

`address` is the client's, for the limits; without one a host has to limit by itself.
"""

from collections.abc import Mapping
from typing import Any

from wxlogin.acts.acting import Acting
from wxlogin.login.accounts import Agreement
from wxlogin.login.entering import LoginResult, Origin
from wxlogin.login.new_passwords import Wanted
from wxlogin.login.ports import HOST
from wxlogin.login.proofs import Proof
from wxlogin.login.registering import Company, PhoneProof
from wxlogin.login.registration import Application, NewApplication
from wxlogin.login.sessions import Device, Session
from wxlogin.login.verification import Purpose

Agreements = tuple[Agreement, ...]


class WaysIn(Acting):
    async def login(
        self,
        code: str,
        *,
        app_id: str | None = None,
        device: Device | None = None,
        context: Mapping[str, Any] | None = None,
        agreements: Agreements = (),
    ) -> LoginResult:
        """`Flow.login`, for a host that keeps its own route and envelope."""
        origin = _origin(device, context, agreements)
        return await (await self.flow()).login(code, app_id=app_id, origin=origin)

    async def login_by_phone(
        self,
        code: str,
        phone_code: str,
        *,
        app_id: str | None = None,
        device: Device | None = None,
        context: Mapping[str, Any] | None = None,
        agreements: Agreements = (),
    ) -> LoginResult:
        """`Flow.login_by_phone`: one tap, login and phone together."""
        origin = _origin(device, context, agreements)
        flow = await self.flow()
        return await flow.login_by_phone(code, phone_code, app_id=app_id, origin=origin)

    async def login_by_password(
        self,
        username: str,
        password: str,
        *,
        app_id: str | None = None,
        code: str | None = None,
        address: str | None = None,
        device: Device | None = None,
        context: Mapping[str, Any] | None = None,
        agreements: Agreements = (),
    ) -> LoginResult:
        """`Flow.login_by_password`: a username, or a proven phone, and a password."""
        return await (await self.flow()).login_by_password(
            username,
            password,
            app_id=app_id,
            code=code,
            address=address,
            origin=_origin(device, context, agreements),
        )

    async def login_by_sms(
        self,
        phone: str,
        verification_code: str,
        *,
        app_id: str | None = None,
        code: str | None = None,
        device: Device | None = None,
        context: Mapping[str, Any] | None = None,
        agreements: Agreements = (),
    ) -> LoginResult:
        """`Flow.login_by_sms`: a phone and the code that came to it."""
        origin = _origin(device, context, agreements)
        return await (await self.flow()).login_by_sms(
            phone, verification_code, app_id=app_id, code=code, origin=origin
        )

    async def register(
        self,
        ticket: str,
        *,
        nickname: str | None = None,
        device: Device | None = None,
        context: Mapping[str, Any] | None = None,
        agreements: Agreements = (),
    ) -> LoginResult:
        """`Registering.by_ticket`: what a host's own registration page does with the ticket."""
        origin = _origin(device, context, agreements)
        flow = await self.flow()
        return await flow.registering.by_ticket(ticket, nickname=nickname, origin=origin)

    async def register_mobile(
        self,
        phone: str | None = None,
        verification_code: str | None = None,
        *,
        registration_ticket: str | None = None,
        app_id: str | None = None,
        username: str | None = None,
        password: str | None = None,
        nickname: str | None = None,
        device: Device | None = None,
        context: Mapping[str, Any] | None = None,
        agreements: Agreements = (),
    ) -> LoginResult:
        """`Registering.mobile`: a proven phone becomes an account."""
        return await (await self.flow()).registering.mobile(
            PhoneProof(registration_ticket, phone, verification_code),
            Wanted(nickname, username, password),
            app_id=app_id,
            origin=_origin(device, context, agreements),
        )

    async def register_enterprise(
        self,
        company: Company,
        *,
        username: str,
        password: str,
        phone: str | None = None,
        verification_code: str | None = None,
        registration_ticket: str | None = None,
        app_id: str | None = None,
        device: Device | None = None,
        context: Mapping[str, Any] | None = None,
        agreements: Agreements = (),
    ) -> NewApplication:
        """`Registering.enterprise`: the application, whose account waits for an operator."""
        return await (await self.flow()).registering.enterprise(
            company,
            PhoneProof(registration_ticket, phone, verification_code),
            Wanted(None, username, password),
            app_id=app_id,
            origin=_origin(device, context, agreements),
        )

    async def application(self, application_id: str) -> Application:
        """What became of an enterprise's application. Raises `NotFound`."""
        return await (await self.flow()).applications.get(application_id)

    async def approve(self, application_id: str, *, why: str | None = None) -> Application:
        """`Applications.approve`; `why` is for the audit log."""
        applications = (await self.flow()).applications
        return await applications.approve(application_id, actor=HOST, why=why)

    async def reject(
        self, application_id: str, *, reason_for_user: str, why: str | None = None
    ) -> Application:
        """`Applications.reject`; `reason_for_user` is told to the applicant."""
        applications = (await self.flow()).applications
        return await applications.reject(
            application_id, reason_for_user=reason_for_user, actor=HOST, why=why
        )

    async def send_verification_code(
        self,
        phone: str,
        purpose: Purpose | str,
        *,
        app_id: str | None = None,
        code: str | None = None,
        address: str | None = None,
    ) -> None:
        """`Flow.send_verification_code`: six digits by SMS, for one purpose."""
        await (await self.flow()).send_verification_code(
            phone, Purpose(purpose), app_id=app_id, code=code, address=address
        )

    async def reset_password(
        self, phone: str, verification_code: str, new_password: str, *, app_id: str | None = None
    ) -> None:
        """`OwnPassword.reset`: all sessions end."""
        own = (await self.flow()).own_password
        await own.reset(phone, verification_code, new_password, app_id=app_id)

    async def change_password(
        self, session: Session, new_password: str, *, proof: Proof, username: str | None = None
    ) -> None:
        """`OwnPassword.change`: every other session ends."""
        own = (await self.flow()).own_password
        await own.change(session, new_password=new_password, proof=proof, username=username)

    async def restore(
        self,
        code: str,
        *,
        app_id: str | None = None,
        device: Device | None = None,
        context: Mapping[str, Any] | None = None,
        agreements: Agreements = (),
    ) -> LoginResult:
        """`Flow.restore`: an erasure is taken back within its cooling-off."""
        origin = _origin(device, context, agreements)
        return await (await self.flow()).restore(code, app_id=app_id, origin=origin)


def _origin(
    device: Device | None, context: Mapping[str, Any] | None, agreements: Agreements
) -> Origin:
    return Origin(device or Device(), context or {}, agreements)
