"""WeChat identities of whoever is signed in, and the code that the support asks for."""

from dataclasses import dataclass, field
from typing import Annotated

from msgspec import Meta

from wxlogin.endpoints.exchange import Reply, Request, json_reply
from wxlogin.endpoints.messages import AccountMessage, AppId, Code
from wxlogin.endpoints.public.proof import ProofBody, proof_of
from wxlogin.endpoints.route import CODE_FAULTS, Route
from wxlogin.endpoints.shown import account_message, session_of
from wxlogin.login import errors
from wxlogin.login.flow import Flow
from wxlogin.login.merging import TTL


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkBody(ProofBody):
    """`code` is of the app to link, `proof_code` of the session's."""

    code: Code = field(repr=False)
    app_id: AppId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlinkBody(ProofBody):
    app_id: AppId | None = None


@dataclass(frozen=True, slots=True)
class SupportCodeMessage:
    """To be read out to the operator, and to nobody else."""

    code: Annotated[str, Meta(description="eight digits", examples=["01234567"])] = field(
        repr=False
    )
    expires_in: Annotated[int, Meta(description="seconds")]


async def link_identity(flow: Flow, request: Request) -> Reply:
    body: LinkBody = request.body
    account = await flow.own_identities.link(
        session_of(request), body.code, proof=proof_of(body, request), app_id=body.app_id
    )
    return json_reply(account_message(account))


async def unlink_identity(flow: Flow, request: Request) -> Reply:
    body: UnlinkBody = request.body
    await flow.own_identities.unlink(
        session_of(request), proof=proof_of(body, request), app_id=body.app_id
    )
    return Reply(204)


async def make_support_code(flow: Flow, request: Request) -> Reply:
    digits = await flow.merging.make_code(session_of(request))
    return json_reply(SupportCodeMessage(digits, int(TTL.total_seconds())), no_store=True)


PROOF_FAULTS: tuple[type[errors.WxLoginError], ...] = (
    *CODE_FAULTS,
    errors.WeChatBlocked,
    errors.ProofRequired,
    errors.VerificationCodeInvalid,
    errors.AppUnknown,
)
"""What every route can answer that demands a proof."""

ROUTES = (
    Route(
        "POST",
        "/v1/me/identities",
        link_identity,
        "绑定微信身份 Link a WeChat identity",
        body=LinkBody,
        example='{"app_id":"wx4f4bc4dec97d474b","code":"CODE","proof_code":"CODE"}',
        reply=AccountMessage,
        with_session=True,
        fails=(*PROOF_FAULTS, errors.IdentityTaken),
    ),
    Route(
        "POST",
        "/v1/me/identities/unlink",
        unlink_identity,
        "解绑微信身份 Unlink a WeChat identity",
        body=UnlinkBody,
        example='{"app_id":"wx4f4bc4dec97d474b","proof_code":"CODE"}',
        status=204,
        with_session=True,
        fails=(*PROOF_FAULTS, errors.NotFound, errors.LastLoginMethod),
    ),
    Route(
        "POST",
        "/v1/me/support-code",
        make_support_code,
        "客服核验码 A code to read out to the support",
        reply=SupportCodeMessage,
        with_session=True,
        fails=(errors.RateLimited,),
    ),
)
EXAMPLES: tuple[object, ...] = (
    LinkBody(code="CODE", app_id="wx4f4bc4dec97d474b", proof_code="CODE"),
    UnlinkBody(app_id="wx4f4bc4dec97d474b", proof_code="CODE"),
    SupportCodeMessage("01234567", 600),
)
