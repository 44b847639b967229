"""Leaving: everything to take along, and everything erased. Taking it back is a login
(`login.restore`)."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from wxlogin.endpoints.exchange import Reply, Request, json_reply
from wxlogin.endpoints.messages import ACCOUNT, Time
from wxlogin.endpoints.public.exported import ExportedAccount, ExportMessage, export_message
from wxlogin.endpoints.public.identities import PROOF_FAULTS
from wxlogin.endpoints.public.proof import ProofBody, proof_of
from wxlogin.endpoints.route import Route
from wxlogin.endpoints.shown import session_of
from wxlogin.login.flow import Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportBody(ProofBody):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseBody(ProofBody):
    pass


@dataclass(frozen=True, slots=True)
class ErasureMessage:
    erase_at: Annotated[Time, Meta(description="until then `POST /v1/me/restore` takes it back")]


async def export_account(flow: Flow, request: Request) -> Reply:
    body: ExportBody = request.body
    kept = await flow.leaving.export(session_of(request), proof_of(body, request))
    return json_reply(export_message(kept, at=flow.now()), no_store=True)


async def erase_account(flow: Flow, request: Request) -> Reply:
    body: EraseBody = request.body
    erase_at = await flow.leaving.request(session_of(request), proof_of(body, request))
    return json_reply(ErasureMessage(erase_at), status=202)


ROUTES = (
    Route(
        "POST",
        "/v1/me/export",
        export_account,
        "导出我的全部数据 Everything kept about me",
        body=ExportBody,
        example='{"proof_code":"CODE"}',
        reply=ExportMessage,
        with_session=True,
        fails=PROOF_FAULTS,
    ),
    Route(
        "POST",
        "/v1/me/erase",
        erase_account,
        "注销账号 Erase my account",
        body=EraseBody,
        example='{"proof_code":"CODE"}',
        reply=ErasureMessage,
        status=202,
        with_session=True,
        fails=PROOF_FAULTS,
    ),
)
EXAMPLES: tuple[object, ...] = (
    ExportBody(proof_code="CODE"),
    EraseBody(proof_code="CODE"),
    ErasureMessage(ACCOUNT.created_at),
    ExportMessage(
        exported_at=ACCOUNT.created_at,
        account=ExportedAccount(
            id=ACCOUNT.id,
            pool="default",
            user_id=None,
            status="active",
            created_at=ACCOUNT.created_at,
            nickname=ACCOUNT.nickname,
            avatar_url=None,
            phone="+8613800006666",
            phone_proven_at=ACCOUNT.created_at,
            username=None,
            has_password=False,
            password_changed_at=None,
            claims={},
            unionids=[],
        ),
        identities=[],
        agreements=[],
        sessions=[],
        logins=[],
        applications=[],
        avatars=[],
        history=[],
        events=[],
    ),
)
