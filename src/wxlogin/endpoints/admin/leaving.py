"""An account goes, or two of them become one."""

from dataclasses import dataclass, field
from typing import Annotated

from msgspec import Meta

from wxlogin.endpoints.admin.account_acts import ReasonBody
from wxlogin.endpoints.admin.acts import Reason, acting
from wxlogin.endpoints.admin.admission import operator_in
from wxlogin.endpoints.admin.shown import (
    OperatorsAccount,
    OperatorsIdentity,
    identity_item,
    whole_account,
)
from wxlogin.endpoints.exchange import Reply, Request, json_reply
from wxlogin.endpoints.messages import Time
from wxlogin.login import errors
from wxlogin.login.flow import Flow
from wxlogin.login.operator_sessions import Role

AccountId = Annotated[str, Meta(min_length=1, max_length=64)]
SupportCode = Annotated[
    str, Meta(min_length=1, max_length=16, description="eight digits that the person reads out")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseBody:
    """`now`: without the cooling-off in which it can be taken back."""

    reason: Reason
    now: bool = False


@dataclass(frozen=True, slots=True)
class ErasureMessage:
    erase_at: Time


@dataclass(frozen=True, slots=True, kw_only=True)
class MergePreviewBody:
    keep_account_id: AccountId
    drop_account_id: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeBody(MergePreviewBody):
    keep_code: SupportCode = field(repr=False)
    drop_code: SupportCode = field(repr=False)
    reason: Reason


@dataclass(frozen=True, slots=True)
class MovesMessage:
    identities: list[OperatorsIdentity]
    phone: bool
    username: bool
    agreements: int


@dataclass(frozen=True, slots=True)
class ConflictMessage:
    """`identity_in_same_app` forbids the merge; of the others the kept account's stays."""

    kind: Annotated[
        str,
        Meta(
            extra_json_schema={
                "enum": ["identity_in_same_app", "user_id", "phone", "username", "password"]
            }
        ),
    ]
    app_id: str | None = None


@dataclass(frozen=True, slots=True)
class MergePreviewMessage:
    keep: OperatorsAccount
    drop: OperatorsAccount
    moves: MovesMessage
    conflicts: list[ConflictMessage]
    may_merge: bool


async def operator_erases(flow: Flow, request: Request) -> Reply:
    body: EraseBody = request.body
    account = await flow.account_desk.get(request.path_values["account_id"])
    erase_at = await flow.leaving.erase(
        account, now=body.now, actor=operator_in(request), why=body.reason
    )
    return json_reply(ErasureMessage(erase_at), status=202)


async def operator_restores(flow: Flow, request: Request) -> Reply:
    body: ReasonBody = request.body
    account = await flow.account_desk.get(request.path_values["account_id"])
    restored = await flow.leaving.restore(account, actor=operator_in(request), why=body.reason)
    last = await flow.account_desk.last_login_of(restored)
    return json_reply(whole_account(restored, last_login_at=last))


async def preview_merge(flow: Flow, request: Request) -> Reply:
    body: MergePreviewBody = request.body
    found = await flow.merging.preview(body.keep_account_id, body.drop_account_id)
    message = MergePreviewMessage(
        keep=whole_account(
            found.keep, last_login_at=await flow.account_desk.last_login_of(found.keep)
        ),
        drop=whole_account(
            found.drop, last_login_at=await flow.account_desk.last_login_of(found.drop)
        ),
        moves=MovesMessage(
            [identity_item(one) for one in found.identities],
            found.phone,
            found.username,
            found.agreements,
        ),
        conflicts=[ConflictMessage(one.kind, one.app_id) for one in found.conflicts],
        may_merge=found.may_merge,
    )
    return json_reply(message)


async def merge_accounts(flow: Flow, request: Request) -> Reply:
    body: MergeBody = request.body
    kept = await flow.merging.merge(
        body.keep_account_id,
        body.drop_account_id,
        keep_code=body.keep_code,
        drop_code=body.drop_code,
        actor=operator_in(request),
        reason=body.reason,
    )
    last = await flow.account_desk.last_login_of(kept)
    return json_reply(whole_account(kept, last_login_at=last))


ROUTES = (
    acting(
        "/v1/admin/accounts/{account_id}/erase",
        operator_erases,
        "注销账号 Erase an account, after its cooling-off or now",
        body=EraseBody,
        reply=ErasureMessage,
        status=202,
        role=Role.ADMIN,
        fails=(errors.NotFound,),
    ),
    acting(
        "/v1/admin/accounts/{account_id}/restore",
        operator_restores,
        "撤销注销 Take an erasure back",
        body=ReasonBody,
        reply=OperatorsAccount,
        role=Role.ADMIN,
        fails=(errors.NotFound,),
    ),
    acting(
        "/v1/admin/merges/preview",
        preview_merge,
        "合并预览 What a merge would do",
        body=MergePreviewBody,
        example='{"keep_account_id":"…","drop_account_id":"…"}',
        reply=MergePreviewMessage,
        fails=(errors.NotFound,),
    ),
    acting(
        "/v1/admin/merges",
        merge_accounts,
        "合并账号 Merge two accounts of one person, who proves both",
        body=MergeBody,
        example='{"keep_account_id":"…","drop_account_id":"…","keep_code":"12345678",'
        '"drop_code":"87654321","reason":"工单 1024"}',
        reply=OperatorsAccount,
        fails=(errors.NotFound, errors.VerificationCodeInvalid, errors.IdentityTaken),
    ),
)
