"""Open data, read for a server that holds no session_key."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from msgspec import Meta

from wxlogin.endpoints.exchange import Reply, Request, json_reply
from wxlogin.endpoints.messages import ACCOUNT, AppId
from wxlogin.endpoints.route import WECHAT_FAULTS, Plane, Route
from wxlogin.endpoints.service.keys import key_of
from wxlogin.login import errors
from wxlogin.login.flow import Flow
from wxlogin.login.ports import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class DecryptionBody:
    account_id: Annotated[str, Meta(min_length=1, max_length=64)]
    encrypted_data: Annotated[
        str, Meta(min_length=1, max_length=8192, description="`encryptedData` as the phone got it")
    ] = field(repr=False)
    iv: Annotated[str, Meta(min_length=1, max_length=64)] = field(repr=False)
    app_id: AppId | None = None


@dataclass(frozen=True, slots=True)
class DecryptionMessage:
    data: Annotated[
        Mapping[str, Any], Meta(description="what was encrypted; its watermark is the app's")
    ] = field(repr=False)


async def decrypt_open_data(flow: Flow, request: Request) -> Reply:
    body: DecryptionBody = request.body
    data = await flow.decryption.read(
        body.app_id,
        body.account_id,
        encrypted_data=body.encrypted_data,
        iv=body.iv,
        by=key_of(request),
    )
    return json_reply(DecryptionMessage(data), no_store=True)


ROUTES = (
    Route(
        "POST",
        "/v1/service/decrypt",
        decrypt_open_data,
        "解密开放数据 Decrypt open data",
        body=DecryptionBody,
        example='{"account_id":"ACCOUNT_ID","encrypted_data":"DATA","iv":"IV"}',
        reply=DecryptionMessage,
        plane=Plane.SERVICE,
        scope=Scope.DECRYPT,
        fails=(
            errors.AppUnknown,
            errors.NotFound,
            errors.CiphertextInvalid,
            errors.SessionKeyStale,
            *WECHAT_FAULTS,
        ),
    ),
)
EXAMPLES: tuple[object, ...] = (
    DecryptionBody(
        account_id=ACCOUNT.id, encrypted_data="CiyLU1Aw2KjvrjMdj8YKliAjtP4gsMZM", iv="r7BXXKkLb8qr"
    ),
    DecryptionMessage(
        {
            "stepInfoList": [{"timestamp": 1772352000, "step": 8848}],
            "watermark": {"timestamp": 1772352000, "appid": "wx4f4bc4dec97d474b"},
        }
    ),
)
