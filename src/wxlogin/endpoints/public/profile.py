"""What people show of themselves: a nickname, a picture, or what WeChat has of both."""

from dataclasses import dataclass, field
from typing import Annotated

from msgspec import Meta

from wxlogin.endpoints.exchange import Reply, Request, json_reply
from wxlogin.endpoints.messages import AccountMessage, Nickname
from wxlogin.endpoints.multipart import read_file
from wxlogin.endpoints.public.phone import EncryptedData, Iv
from wxlogin.endpoints.route import BODY_FAULTS, WECHAT_FAULTS, Route
from wxlogin.endpoints.shown import account_message, session_of
from wxlogin.login import errors
from wxlogin.login.flow import Flow
from wxlogin.login.open_data import Blob, SignedData

AVATAR_LIMIT = 2 * 1024 * 1024
"""Bytes of an uploaded picture (http-api.md §1)."""

FORM = 64 * 1024
"""Bytes for what `wx.uploadFile` puts around it."""

# What is under an id never changes, and is nothing but a picture, whatever a browser is told.
PICTURE_HEADERS = [
    (b"cache-control", b"public, max-age=31536000, immutable"),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
    (b"cross-origin-resource-policy", b"cross-origin"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileBody:
    nickname: Nickname


@dataclass(frozen=True, slots=True, kw_only=True)
class WeChatProfileBody:
    """What `wx.getUserInfo` or `wx.getUserProfile` gave, as it came; `encrypted_data` with `iv`."""

    raw_data: Annotated[str, Meta(max_length=8192)] = field(repr=False)
    signature: Annotated[str, Meta(max_length=128)] = field(repr=False)
    encrypted_data: EncryptedData | None = field(default=None, repr=False)
    iv: Iv | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class AvatarMessage:
    avatar_url: Annotated[
        str,
        Meta(description="absolute where `WXLOGIN_PUBLIC_URL` is set, else a path of this server"),
    ]


async def put_profile(flow: Flow, request: Request) -> Reply:
    body: ProfileBody = request.body
    account = await flow.own_profile.change_nickname(session_of(request), body.nickname)
    return json_reply(account_message(account))


async def put_wechat_profile(flow: Flow, request: Request) -> Reply:
    body: WeChatProfileBody = request.body
    blob = None
    if body.encrypted_data is not None and body.iv is not None:
        blob = Blob(body.encrypted_data, body.iv)
    elif body.encrypted_data is not None or body.iv is not None:
        missing = "iv" if body.iv is None else "encrypted_data"
        raise errors.RequestInvalid((missing, "required beside the other"))
    account = await flow.own_profile.take_from_wechat(
        session_of(request), SignedData(body.raw_data, body.signature), blob
    )
    return json_reply(account_message(account))


async def put_avatar(flow: Flow, request: Request) -> Reply:
    if not isinstance(request.content, bytes):
        raise AssertionError("a request without a whole body was answered before")
    content = read_file(request.headers.get(b"content-type"), request.content)
    if len(content) > AVATAR_LIMIT:
        raise errors.BodyTooLarge(AVATAR_LIMIT)
    account = await flow.own_profile.put_avatar(session_of(request), content)
    return json_reply(AvatarMessage(account.avatar_url or ""))


async def get_avatar(flow: Flow, request: Request) -> Reply:
    avatar_id = request.path_values["id"]
    found = await flow.own_profile.find_avatar(avatar_id)
    if found is None:
        raise errors.NotFound
    content, media_type = found
    tag = f'"{avatar_id}"'.encode()
    headers = [(b"etag", tag), *PICTURE_HEADERS]
    if tag in request.headers.get(b"if-none-match", b""):
        return Reply(304, headers=headers)
    return Reply(200, content, [(b"content-type", media_type.encode()), *headers])


ROUTES = (
    Route(
        "PUT",
        "/v1/me/profile",
        put_profile,
        "修改资料 Change my profile",
        body=ProfileBody,
        example='{"nickname":"小明"}',
        reply=AccountMessage,
        with_session=True,
        fails=(errors.AppUnknown, errors.ContentRejected, *WECHAT_FAULTS),
    ),
    Route(
        "POST",
        "/v1/me/wechat-profile",
        put_wechat_profile,
        "使用微信的昵称与头像 Take nickname and picture from WeChat",
        body=WeChatProfileBody,
        example='{"raw_data":"RAW_DATA","signature":"SIGNATURE"}',
        reply=AccountMessage,
        with_session=True,
        fails=(
            errors.AppUnknown,
            errors.SignatureInvalid,
            errors.CiphertextInvalid,
            errors.SessionKeyStale,
            errors.ContentRejected,
            *WECHAT_FAULTS,
        ),
    ),
    Route(
        "POST",
        "/v1/me/avatar",
        put_avatar,
        "上传头像（至多 2 MiB） Upload my picture (PNG, JPEG, WebP; at most 2 MiB)",
        reply=AvatarMessage,
        with_session=True,
        media_type="multipart/form-data",
        body_limit=AVATAR_LIMIT + FORM,
        fails=(
            *BODY_FAULTS,
            errors.AppUnknown,
            errors.NotFound,
            errors.ContentRejected,
            *WECHAT_FAULTS,
        ),
    ),
    Route(
        "GET",
        "/v1/avatars/{id}",
        get_avatar,
        "头像图片 A picture",
        reply_as="image/jpeg",
        fails=(errors.NotFound,),
    ),
)
EXAMPLES: tuple[object, ...] = (
    ProfileBody(nickname="小明"),
    WeChatProfileBody(
        raw_data='{"nickName":"小明","avatarUrl":"https://thirdwx.qlogo.cn/mmopen/1/132"}',
        signature="75e81ceda165f4ffa64f4068af58c64b8f54b88c",
    ),
    AvatarMessage("https://login.example.com/v1/avatars/Qm9nP1xkS2tRb0tXc2VkYXRh"),
)
