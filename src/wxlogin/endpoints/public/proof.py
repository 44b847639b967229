"""The proof that a sensitive act needs in its body beside its own fields (http-api.md §1)."""

from dataclasses import dataclass, field
from typing import Annotated

from msgspec import Meta

from wxlogin.endpoints.exchange import Request
from wxlogin.endpoints.messages import Code, Password, VerificationCodeText
from wxlogin.login.proofs import Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofBody:
    """One of the three: `proof_code`, a fresh code of `wx.login` in the session's app;
    `current_password`; `verification_code` (purpose `proof`), for an account without a WeChat
    identity."""

    proof_code: Code | None = field(default=None, repr=False)
    current_password: Password | None = field(default=None, repr=False)
    verification_code: Annotated[
        VerificationCodeText | None,
        Meta(description="of purpose `proof`, for an account without a WeChat identity"),
    ] = field(default=None, repr=False)


def proof_of(body: ProofBody, request: Request) -> Proof:
    return Proof(
        body.proof_code,
        body.current_password,
        body.verification_code,
        address=request.address,
    )
