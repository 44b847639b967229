"""The bodies that cross the wire, as types: validation and OpenAPI both read them.

Fields that a body has beyond these have no effect (http-api.md §1): a client that
sends an openid gets exactly as far as one that does not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from wxlogin.login import nicknames

encode = msgspec.json.Encoder().encode
"""A message as JSON; one encoder for all of them."""

# `$` would let a trailing newline pass in Python; `(?![\s\S])` is "the very end" everywhere.
AppId = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_-]{1,64}(?![\s\S])",
        description="AppID of the mini program, 1 to 64 letters, digits, `_` or `-`; "
        "may be left out where one app is configured",
        examples=["wx4f4bc4dec97d474b"],
    ),
]
Code = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=256,
        pattern=r"^[!-~]+(?![\s\S])",
        description="a fresh code of `wx.login`, 1 to 256 visible ASCII characters; "
        "opaque, five minutes, one use",
    ),
]
PhoneCode = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=256,
        pattern=r"^[!-~]+(?![\s\S])",
        description="the code of the phone button's event, 1 to 256 visible ASCII characters; "
        "opaque, five minutes, one use, and another one than `wx.login`'s",
    ),
]
VerificationCodeText = Annotated[
    str, Meta(min_length=1, max_length=16, description="the six digits that came by SMS")
]
PhoneText = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        description="a phone number, in any usual spelling; without `+` it is one of +86",
        examples=["13800006666", "+8613800006666"],
    ),
]
Username = Annotated[
    str, Meta(min_length=1, max_length=256, description="2 to 64 characters, or a phone number")
]
Password = Annotated[
    str, Meta(min_length=1, description="at most 128 characters, every one of them counts")
]
ShortText = Annotated[str, Meta(max_length=64)]
Nickname = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=nicknames.LONGEST,
        pattern=nicknames.PATTERN,
        description=nicknames.DESCRIPTION,
    ),
]
Time = Annotated[
    datetime,
    Meta(extra_json_schema={"format": "date-time"}, description="RFC 3339, UTC, ends in `Z`"),
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
class Entrance:
    """What every login and registration door takes beside its own fields (http-api.md §1)."""

    app_id: AppId | None = None
    device: DeviceBody | None = None
    context: Annotated[
        dict[str, Any] | None,
        Meta(description="at most 1 KiB of JSON (inviter, channel, scene) for the host's hooks"),
    ] = None
    agreements: Annotated[list[AgreementBody], Meta(max_length=20)] | None = None


@dataclass(frozen=True, slots=True)
class IdentityMessage:
    """That the account has a WeChat identity in this app; the openid itself never goes out."""

    app_id: str
    linked_at: Time


@dataclass(frozen=True, slots=True)
class AccountMessage:
    id: str
    user_id: Annotated[str | None, Meta(description="the host's own key for this person")]
    nickname: str | None
    avatar_url: str | None
    phone: Annotated[str | None, Meta(description="masked", examples=["138****6666"])]
    status: Literal["active", "pending", "rejected", "disabled", "erasing"]
    created_at: Time
    identities: list[IdentityMessage]


@dataclass(frozen=True, slots=True)
class LoginMessage:
    """The login result. `token` goes into storage and into `Authorization: Bearer`."""

    token: str = field(repr=False)
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
    created_at: Time
    last_seen_at: Annotated[
        datetime,
        Meta(
            extra_json_schema={"format": "date-time"},
            description="as recorded, up to a minute behind",
        ),
    ]
    claims: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One field that is wrong, and why; the value sent is never repeated."""

    field: Annotated[str, Meta(description="as `device.name`; `body` for the whole")]
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


# What the messages that several routes share look like, for the OpenAPI document and its page

ACCOUNT = AccountMessage(
    id="019c9e21-7a40-7c3e-9d52-6b1f0a8e4c77",
    user_id=None,
    nickname="小明",
    avatar_url=None,
    phone=None,
    status="active",
    created_at=datetime(2026, 3, 1, 8, 0, tzinfo=UTC),
    identities=[IdentityMessage("wx4f4bc4dec97d474b", datetime(2026, 3, 1, 8, 0, tzinfo=UTC))],
)
SESSION_ID = "019c9e21-7a41-7f06-8a13-2c5d9be07f31"
EXAMPLES: tuple[object, ...] = (
    ACCOUNT,
    LoginMessage(
        token="TOKEN",  # noqa: S106
        token_type="Bearer",  # noqa: S106
        expires_in=2592000,
        idle_expires_in=604800,
        session_id=SESSION_ID,
        is_new_account=True,
        account=ACCOUNT,
    ),
    ProblemMessage(
        type="urn:wxlogin:problem:session_expired",
        title="登录已过期",
        status=401,
        detail="登录已到期，请重新登录。",
        code="session_expired",
        request_id="8f14e45fceea-2a",
    ),
)
