"""Every way a request can fail, as one tree.

    WxLoginError
    ├── RequestRefused        the request itself is wrong
    │   ├── RequestInvalid            request_invalid          (errors)
    │   ├── MethodNotAllowed          method_not_allowed       (allow)
    │   ├── BodyTooLarge              body_too_large           (limit)
    │   ├── MediaTypeUnsupported      media_type_unsupported
    │   ├── NotFound                  not_found
    │   └── AppUnknown                app_unknown
    ├── ProofRefused          WeChat's proof, or ours, does not hold
    │   ├── CodeInvalid               code_invalid
    │   ├── CodeUsed                  code_used
    │   ├── PhoneCodeInvalid          phone_code_invalid
    │   ├── WrongCodeKind             wrong_code_kind
    │   ├── VerificationCodeInvalid   verification_code_invalid
    │   ├── TicketInvalid             ticket_invalid
    │   ├── CiphertextInvalid         ciphertext_invalid
    │   ├── SignatureInvalid          signature_invalid
    │   ├── SessionKeyStale           session_key_stale
    │   ├── PushSignatureInvalid      push_signature_invalid
    │   └── ProofRequired             proof_required
    ├── CredentialsRefused    who asks is not who they say they are
    │   ├── CredentialsInvalid        credentials_invalid
    │   └── ServiceKeyInvalid         service_key_invalid
    ├── SessionOver           there is no live session
    │   ├── SessionMissing            session_missing
    │   ├── SessionInvalid            session_invalid
    │   ├── SessionExpired            session_expired
    │   ├── SessionIdle               session_idle
    │   ├── SessionRevoked            session_revoked          (reason)
    │   └── SessionReplaced           session_replaced         (device)
    ├── LoginRefused          we know who it is, and the answer is no
    │   ├── RegistrationRequired      registration_required    (registration_ticket,
    │   │                                                       ticket_expires_in, methods)
    │   ├── RegistrationClosed        registration_closed
    │   ├── AccountDisabled           account_disabled         (until, reason_for_user)
    │   ├── AccountPending            account_pending
    │   ├── AccountRejected           account_rejected         (reason)
    │   ├── AccountErasing            account_erasing          (erase_at)
    │   ├── WeChatBlocked             wechat_blocked
    │   ├── PhoneRequired             phone_required
    │   └── ScopeMissing              scope_missing
    ├── Conflict              somebody else already has it, or it is the last of its kind
    │   ├── PhoneTaken                phone_taken              (can_join)
    │   ├── UsernameTaken             username_taken
    │   ├── IdentityTaken             identity_taken
    │   └── LastLoginMethod           last_login_method
    ├── ValueRefused          well-formed, and not acceptable
    │   ├── PasswordWeak              password_weak            (reason, minimum)
    │   ├── CreditCodeInvalid         credit_code_invalid
    │   ├── PhoneNumberInvalid        phone_number_invalid
    │   └── ContentRejected           content_rejected
    ├── RateLimited                   rate_limited             (retry_after)
    ├── AppMisconfigured              app_misconfigured        (errcode: for the log only)
    ├── InternalError                 internal_error
    └── Unavailable           something we stand on does not answer
        ├── WeChatUnavailable         wechat_unavailable       (retry, retry_after)
        └── StoreUnavailable          store_unavailable        (retry, retry_after, failing)

An error carries facts, not prose: `code` is the stable symbol that clients act
on, `facts()` are the fields of the problem document. Texts, in Chinese and in
English, and statuses belong to `endpoints/problems.py`. Nothing here ever holds
a secret: an error may be logged as it is.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar, Literal

Retry = Literal["new_code"]


class WxLoginError(Exception):
    """The root. `code` is the stable symbol of the leaf."""

    code: ClassVar[str]

    def facts(self) -> Mapping[str, object]:
        """The fields that go out beside `code`; values are JSON-ready or aware datetimes."""
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value!r}" for name, value in self.facts().items())
        return f"{self.code}({facts})" if facts else self.code


class RequestRefused(WxLoginError):
    """The request itself is wrong; nothing one-time was spent."""


class RequestInvalid(RequestRefused):
    code = "request_invalid"

    def __init__(self, *errors: tuple[str, str]) -> None:
        """`errors` are (field, reason) pairs; a reason never repeats the value sent."""
        super().__init__()
        self.errors = [{"field": field, "reason": reason} for field, reason in errors]


class MethodNotAllowed(RequestRefused):
    code = "method_not_allowed"

    def __init__(self, allow: Sequence[str]) -> None:
        super().__init__()
        self.allow = list(allow)


class BodyTooLarge(RequestRefused):
    code = "body_too_large"

    def __init__(self, limit: int) -> None:
        """`limit` in bytes."""
        super().__init__()
        self.limit = limit


class MediaTypeUnsupported(RequestRefused):
    code = "media_type_unsupported"


class NotFound(RequestRefused):
    code = "not_found"


class AppUnknown(RequestRefused):
    code = "app_unknown"


class ProofRefused(WxLoginError):
    """A code, ticket, ciphertext or signature does not prove what it should."""


class CodeInvalid(ProofRefused):
    """WeChat's 40029: wrong, expired, or another app's."""

    code = "code_invalid"


class CodeUsed(ProofRefused):
    """Known here, or WeChat's 40163: a code is spent once."""

    code = "code_used"


class PhoneCodeInvalid(ProofRefused):
    code = "phone_code_invalid"


class WrongCodeKind(ProofRefused):
    code = "wrong_code_kind"


class VerificationCodeInvalid(ProofRefused):
    """Wrong, expired, spent, for something else, or never sent: nobody hears which."""

    code = "verification_code_invalid"


class TicketInvalid(ProofRefused):
    code = "ticket_invalid"


class CiphertextInvalid(ProofRefused):
    """One error for every way a decryption can fail: a second one would be an oracle."""

    code = "ciphertext_invalid"


class SignatureInvalid(ProofRefused):
    code = "signature_invalid"


class SessionKeyStale(ProofRefused):
    code = "session_key_stale"


class PushSignatureInvalid(ProofRefused):
    code = "push_signature_invalid"


class ProofRequired(ProofRefused):
    """A sensitive act without a fresh proof of who asks (http-api.md §1)."""

    code = "proof_required"


class CredentialsRefused(WxLoginError):
    """Who asks is not who they say they are."""


class CredentialsInvalid(CredentialsRefused):
    """Unknown name or wrong password; which of the two is nobody's business."""

    code = "credentials_invalid"


class ServiceKeyInvalid(CredentialsRefused):
    """Unknown, malformed or revoked."""

    code = "service_key_invalid"


class SessionOver(WxLoginError):
    """There is no live session behind this request; the leaf says why."""


class SessionMissing(SessionOver):
    code = "session_missing"


class SessionInvalid(SessionOver):
    """Unknown or malformed; which of the two is nobody's business."""

    code = "session_invalid"


class SessionExpired(SessionOver):
    """Past the absolute limit."""

    code = "session_expired"


class SessionIdle(SessionOver):
    """Unused for longer than the idle limit."""

    code = "session_idle"


class SessionRevoked(SessionOver):
    """Logged out, kicked, or the account's epoch was raised."""

    code = "session_revoked"

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


class SessionReplaced(SessionOver):
    """Another login took this session's place; `device` describes that login's phone."""

    code = "session_replaced"

    def __init__(self, device: Mapping[str, str | None]) -> None:
        super().__init__()
        self.device = dict(device)


class LoginRefused(WxLoginError):
    """We know who it is, and the answer is no."""


class RegistrationRequired(LoginRefused):
    code = "registration_required"

    def __init__(self, ticket: str, *, expires_in: timedelta, methods: Sequence[str]) -> None:
        super().__init__()
        self.registration_ticket = ticket
        self.ticket_expires_in = int(expires_in.total_seconds())
        self.methods = list(methods)

    def __str__(self) -> str:
        return self.code  # the ticket is a secret: it goes to the phone, never into a log


class RegistrationClosed(LoginRefused):
    code = "registration_closed"


class AccountDisabled(LoginRefused):
    code = "account_disabled"

    def __init__(self, *, until: datetime | None, reason_for_user: str | None) -> None:
        super().__init__()
        self.until = until
        self.reason_for_user = reason_for_user


class AccountPending(LoginRefused):
    code = "account_pending"


class AccountRejected(LoginRefused):
    code = "account_rejected"

    def __init__(self, reason: str | None) -> None:
        super().__init__()
        self.reason = reason


class AccountErasing(LoginRefused):
    """`erase_at`: until then it can be taken back."""

    code = "account_erasing"

    def __init__(self, erase_at: datetime | None = None) -> None:
        super().__init__()
        self.erase_at = erase_at


class WeChatBlocked(LoginRefused):
    """WeChat's 40226: it holds this user for a risk."""

    code = "wechat_blocked"


class PhoneRequired(LoginRefused):
    code = "phone_required"


class ScopeMissing(LoginRefused):
    code = "scope_missing"


class Conflict(WxLoginError):
    """Somebody else already has what was asked for, or it is the last of its kind."""


class PhoneTaken(Conflict):
    """Another account has the number; `can_join`: a login with a phone code may join it."""

    code = "phone_taken"

    def __init__(self, *, can_join: bool = False) -> None:
        super().__init__()
        self.can_join = can_join


class UsernameTaken(Conflict):
    code = "username_taken"


class IdentityTaken(Conflict):
    code = "identity_taken"


class LastLoginMethod(Conflict):
    """Without it nobody could log in as this account any more."""

    code = "last_login_method"


class ValueRefused(WxLoginError):
    """Well-formed, and not acceptable."""


class PasswordWeak(ValueRefused):
    code = "password_weak"

    def __init__(self, reason: str, *, minimum: int) -> None:
        """`reason`: too_short, too_long, common or contains_name; `minimum` in characters."""
        super().__init__()
        self.reason = reason
        self.minimum = minimum


class CreditCodeInvalid(ValueRefused):
    """No 统一社会信用代码: GB 32100-2015's form or its check character does not hold."""

    code = "credit_code_invalid"


class PhoneNumberInvalid(ValueRefused):
    code = "phone_number_invalid"


class ContentRejected(ValueRefused):
    """WeChat's content check refused a nickname or a picture."""

    code = "content_rejected"


class RateLimited(WxLoginError):
    code = "rate_limited"

    def __init__(self, retry_after: int) -> None:
        """`retry_after` in whole seconds."""
        super().__init__()
        self.retry_after = retry_after


class AppMisconfigured(WxLoginError):
    """WeChat refuses the app itself: the operator must act, the person cannot."""

    code = "app_misconfigured"

    def __init__(self, errcode: int) -> None:
        super().__init__()
        self._errcode = errcode

    @property
    def errcode(self) -> int:
        """WeChat's number; for the operator's log, never for the answer."""
        return self._errcode


class InternalError(WxLoginError):
    code = "internal_error"


class Unavailable(WxLoginError):
    """Something we stand on does not answer; nobody is let in because of it."""

    def __init__(self, *, retry: Retry | None = None, retry_after: int = 1) -> None:
        """`retry` is "new_code" where the code may be spent; `retry_after` in seconds."""
        super().__init__()
        self.retry = retry
        self.retry_after = retry_after

    def facts(self) -> Mapping[str, object]:
        return {name: value for name, value in super().facts().items() if value is not None}


class WeChatUnavailable(Unavailable):
    code = "wechat_unavailable"


class StoreUnavailable(Unavailable):
    """`failing` names what does not answer, where somebody asked just that (`/readyz`)."""

    code = "store_unavailable"

    def __init__(
        self,
        *,
        retry: Retry | None = None,
        retry_after: int = 1,
        failing: Sequence[str] | None = None,
    ) -> None:
        super().__init__(retry=retry, retry_after=retry_after)
        self.failing = None if failing is None else list(failing)
