"""The phone number of whoever is signed in."""

from dataclasses import dataclass, field
from typing import Annotated

from msgspec import Meta

from wxlogin.endpoints.exchange import Reply, Request, json_reply
from wxlogin.endpoints.messages import Code, Password, PhoneCode, PhoneText, VerificationCodeText
from wxlogin.endpoints.route import CODE_FAULTS, Route
from wxlogin.endpoints.shown import session_of
from wxlogin.login import errors
from wxlogin.login.flow import Flow
from wxlogin.login.phones import GivenPhone
from wxlogin.login.proofs import Proof

EncryptedData = Annotated[
    str,
    Meta(min_length=1, max_length=8192, description="`encryptedData` of the event, as it came"),
]
Iv = Annotated[str, Meta(min_length=1, max_length=64, description="`iv` of the event, as it came")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneBody:
    """Exactly one way to prove the number: `code`; `encrypted_data` and `iv`; or `phone` and
    `verification_code`. The rest is a proof of who asks, for a number that is another one than
    before."""

    code: PhoneCode | None = field(default=None, repr=False)
    encrypted_data: EncryptedData | None = field(default=None, repr=False)
    iv: Iv | None = field(default=None, repr=False)
    phone: PhoneText | None = field(default=None, repr=False)
    verification_code: VerificationCodeText | None = field(default=None, repr=False)
    proof_code: Code | None = field(default=None, repr=False)
    current_password: Password | None = field(default=None, repr=False)
    proof_verification_code: Annotated[
        VerificationCodeText | None,
        Meta(
            description="the code of purpose `proof`, by SMS to the number so far, for an account "
            "without a WeChat identity: `verification_code` is here the new number's"
        ),
    ] = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class PhoneMessage:
    phone: Annotated[str, Meta(description="masked", examples=["138****6666"])]
    country_code: Annotated[str, Meta(description="without `+`", examples=["86"])]


async def put_phone(flow: Flow, request: Request) -> Reply:
    body: PhoneBody = request.body
    proof = Proof(
        body.proof_code,
        body.current_password,
        body.proof_verification_code,
        address=request.address,
    )
    given = GivenPhone(body.code, body.encrypted_data, body.iv, body.phone, body.verification_code)
    phone = await flow.own_phone.change(session_of(request), given, proof=proof)
    return json_reply(PhoneMessage(phone.masked, phone.country_code))


ROUTES = (
    Route(
        "POST",
        "/v1/me/phone",
        put_phone,
        "绑定或更换手机号 Give or change my phone number",
        body=PhoneBody,
        example='{"code":"PHONE_CODE"}',
        reply=PhoneMessage,
        with_session=True,
        fails=(
            *CODE_FAULTS,
            errors.AppUnknown,
            errors.PhoneCodeInvalid,
            errors.WrongCodeKind,
            errors.CiphertextInvalid,
            errors.VerificationCodeInvalid,
            errors.ProofRequired,
            errors.WeChatBlocked,
            errors.SessionKeyStale,
            errors.PhoneTaken,
            errors.PhoneNumberInvalid,
        ),
    ),
)
EXAMPLES: tuple[object, ...] = (
    PhoneBody(code="PHONE_CODE", proof_code="CODE"),
    PhoneMessage("138****6666", "86"),
)
