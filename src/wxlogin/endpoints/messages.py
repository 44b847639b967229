"""The bodies that cross the wire, as types: validation and OpenAPI both read them.

Fields that a body has beyond these have no effect (http-api.md §1): a client that
sends an openid gets exactly as far as one that does not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

encode = msgspec.json.Encoder().encode
"""A message as JSON; one encoder for all of them."""

# `$` would let a trailing newline pass in Python; `(?![\s\S])` is "the very end" everywhere.
AppId = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_-]{1,64}(?![\s\S])",
        description="AppID of the mini program; may be left out where one app is configured",
        examples=["wx4f4bc4dec97d474b"],
    ),
]
Code = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=256,
        pattern=r"^[!-~]+(?![\s\S])",
        description="a fresh code of `wx.login`: opaque, five minutes, one use",
    ),
]
ShortText = Annotated[str, Meta(max_length=64)]
# Control characters, line separators, and what turns the direction of the text around it.
_UNSEEN = r"\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069"
Nickname = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=32,
        pattern=rf"^[^{_UNSEEN}]*[^\s{_UNSEEN}][^{_UNSEEN}]*(?![\s\S])",
        description="1 to 32 characters, no control characters, not blank",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceBody:
    """The phone, as the mini program describes it. The same `id` again ends its former session."""

    id: ShortText | None = None
    name: ShortText | None = None
    platform: ShortText | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementBody:
    """A text the person agreed to."""

    id: Annotated[str, Meta(min_length=1, max_length=64)]
    version: Annotated[str, Meta(min_length=1, max_length=64)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginBody:
    code: Code
    app_id: AppId | None = None
    device: DeviceBody | None = None
    context: Annotated[
        dict[str, Any],
        Meta(description="at most 1 KiB of JSON (inviter, channel, scene) for the host's hooks"),
    ] = field(default_factory=dict)
    agreements: Annotated[list[AgreementBody], Meta(max_length=20)] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileBody:
    nickname: Nickname


@dataclass(frozen=True, slots=True)
class IdentityMessage:
    """That the account has a WeChat identity in this app; the openid itself never goes out."""

    app_id: str
    linked_at: datetime


@dataclass(frozen=True, slots=True)
class AccountMessage:
    id: str
    user_id: Annotated[str | None, Meta(description="the host's own key for this person")]
    nickname: str | None
    avatar_url: str | None
    phone: Annotated[str | None, Meta(description="masked", examples=["138****6666"])]
    status: Literal["active", "pending", "rejected", "disabled", "erasing"]
    created_at: datetime
    identities: list[IdentityMessage]


@dataclass(frozen=True, slots=True)
class LoginMessage:
    """The login result. `token` goes into storage and into `Authorization: Bearer`."""

    token: str
    token_type: Literal["Bearer"]
    expires_in: Annotated[int, Meta(description="seconds to the absolute limit")]
    idle_expires_in: Annotated[int, Meta(description="seconds until it ends if it is not used")]
    session_id: str
    is_new_account: bool
    account: AccountMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionMessage:
    session_id: str
    account_id: str
    user_id: str | None
    app_id: str
    expires_in: int
    idle_expires_in: int
    created_at: datetime
    last_seen_at: Annotated[datetime, Meta(description="as recorded, up to a minute behind")]
    claims: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DeviceMessage:
    id: str | None
    name: str | None
    platform: str | None


@dataclass(frozen=True, slots=True)
class SessionItem:
    session_id: str
    device: DeviceMessage
    created_at: datetime
    last_seen_at: datetime
    current: bool


@dataclass(frozen=True, slots=True)
class SessionList:
    items: list[SessionItem]


@dataclass(frozen=True, slots=True)
class WeChatCheckMessage:
    wechat_session: Literal["valid", "expired"]


@dataclass(frozen=True, slots=True)
class HealthMessage:
    status: Literal["ok"]


@dataclass(frozen=True, slots=True)
class ReadyMessage:
    status: Literal["ready"]


@dataclass(frozen=True, slots=True)
class FieldProblem:
    field: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemMessage:
    """An RFC 9457 problem document. `code` is stable; texts follow `Accept-Language`."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
