"""What an export looks like: everything kept about one person, in their own hands (PIPL art. 45).

The one answer of the public plane with openid and unionid in it: they are the person's data.
Of an audit line the operator's name and note are left out, which are about somebody else.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta

from wxlogin.endpoints.messages import Time
from wxlogin.login.accounts import Account
from wxlogin.login.ports import Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedAccount:
    id: str
    pool: str
    user_id: str | None
    status: str
    created_at: Time
    nickname: str | None
    avatar_url: str | None
    phone: Annotated[str | None, Meta(description="in full", examples=["+8613800006666"])]
    phone_proven_at: Time | None
    username: str | None
    has_password: bool
    password_changed_at: Time | None
    claims: Mapping[str, Any]
    unionids: list[str]


@dataclass(frozen=True, slots=True)
class ExportedIdentity:
    app_id: str
    openid: str
    unionid: str | None
    linked_at: Time


@dataclass(frozen=True, slots=True)
class ExportedAgreement:
    id: str
    version: str
    agreed_at: Time


@dataclass(frozen=True, slots=True)
class ExportedDevice:
    id: str | None
    name: str | None
    platform: str | None


@dataclass(frozen=True, slots=True)
class ExportedSession:
    session_id: str
    app_id: str
    device: ExportedDevice
    claims: Mapping[str, Any]
    created_at: Time
    last_seen_at: Time
    expires_at: Time
    ended_at: Time | None
    end_reason: str | None


@dataclass(frozen=True, slots=True)
class ExportedLogin:
    at: Time
    app_id: str
    session_id: str
    door: str
    is_new_account: bool
    device_name: str | None
    device_platform: str | None


@dataclass(frozen=True, slots=True)
class ExportedApplication:
    id: str
    app_id: str
    company_name: str
    credit_code: str
    contact_name: str
    status: str
    reason: str | None
    submitted_at: Time
    decided_at: Time | None


@dataclass(frozen=True, slots=True)
class ExportedAvatar:
    id: str
    media_type: str
    content: Annotated[str, Meta(description="base64")] = field(repr=False)
    created_at: Time


@dataclass(frozen=True, slots=True)
class ExportedAct:
    """What was done to the account, from the audit log."""

    at: Time
    kind: str
    actor: Annotated[
        str, Meta(description="`person`, `operator`, `service`, `host`, `wechat` or `system`")
    ]
    app_id: str | None
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ExportedEvent:
    """What the developer's own server has not heard of yet, with the `context` of the login."""

    at: Time
    kind: str
    app_id: str | None
    session_id: str | None
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportMessage:
    exported_at: Time
    account: ExportedAccount
    identities: list[ExportedIdentity]
    agreements: list[ExportedAgreement]
    sessions: list[ExportedSession]
    logins: list[ExportedLogin]
    applications: list[ExportedApplication]
    avatars: list[ExportedAvatar]
    history: list[ExportedAct]
    events: list[ExportedEvent]


def export_message(kept: Kept, *, at: datetime) -> ExportMessage:
    return ExportMessage(
        exported_at=at,
        account=_account(kept.account, kept),
        identities=[
            ExportedIdentity(each.app_id, each.openid, each.unionid, each.linked_at)
            for each in kept.account.identities
        ],
        agreements=[
            ExportedAgreement(each.id, each.version, each.agreed_at) for each in kept.agreements
        ],
        sessions=_sessions(kept),
        logins=[
            ExportedLogin(
                each.at,
                each.app_id,
                each.session_id,
                each.door,
                each.is_new_account,
                each.device_name,
                each.device_platform,
            )
            for each in kept.logins
        ],
        applications=_applications(kept),
        avatars=[
            ExportedAvatar(
                each.id,
                each.media_type,
                base64.b64encode(each.content).decode(),
                each.created_at,
            )
            for each in kept.avatars
        ],
        history=[
            ExportedAct(line.at, line.kind, str(line.actor.kind), line.app_id, line.data)
            for line in kept.history
        ],
        events=[
            ExportedEvent(each.at, each.kind, each.app_id, each.session_id, each.data)
            for each in kept.events
        ],
    )


def _account(account: Account, kept: Kept) -> ExportedAccount:
    phone = account.phone
    return ExportedAccount(
        id=account.id,
        pool=account.pool,
        user_id=account.user_id,
        status=account.status.value,
        created_at=account.created_at,
        nickname=account.nickname,
        avatar_url=account.avatar_url,
        phone=phone.e164 if phone else None,
        phone_proven_at=phone.proven_at if phone else None,
        username=account.username,
        has_password=account.has_password,
        password_changed_at=kept.password_changed_at,
        claims=account.claims,
        unionids=list(kept.unionids),
    )


def _sessions(kept: Kept) -> list[ExportedSession]:
    return [
        ExportedSession(
            each.id,
            each.app_id,
            ExportedDevice(each.device.id, each.device.name, each.device.platform),
            each.claims,
            each.created_at,
            each.last_seen_at,
            each.expires_at,
            each.ended_at,
            each.end_reason,
        )
        for each in kept.sessions
    ]


def _applications(kept: Kept) -> list[ExportedApplication]:
    return [
        ExportedApplication(
            each.id,
            each.app_id,
            each.company_name,
            each.credit_code,
            each.contact_name,
            each.status,
            each.reason,
            each.submitted_at,
            each.decided_at,
        )
        for each in kept.applications
    ]
