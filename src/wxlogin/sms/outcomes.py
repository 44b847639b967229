"""What a vendor's code, or an SDK's exception, says about a message."""

import re
import ssl
from collections.abc import Iterator, Sequence

from wxlogin.login.sms import RefusedReason, SmsRefused, SmsUnknown

# A name, and no place for a number: this goes into the operator's log.
_VENDOR_CODE = re.compile(r"[A-Za-z_.:-]{1,100}")

Refusals = Sequence[tuple[str, RefusedReason]]
"""How the names of a vendor's refusals begin, the more exact before the more general."""


def outcome_of_code(code: object, refusals: Refusals) -> SmsRefused | SmsUnknown:
    """What a vendor meant by `code`, which is not its word for success.

    A code that nobody knows is no refusal: a message more is counted, rather than one less.
    """
    if not isinstance(code, str) or not _VENDOR_CODE.fullmatch(code):
        return SmsUnknown("broken")
    for beginning, reason in refusals:
        if code.startswith(beginning):
            return SmsRefused(reason, vendor_code=code)
    return SmsUnknown("vendor", detail=code)


def outcome_of_fault(fault: BaseException) -> SmsRefused | SmsUnknown:
    """What an exception means that came out of an SDK on requests and urllib3.

    Refused only where a connection was never made. The texts are not looked at, and not
    kept: they hold the URL, and Alibaba's holds the number and the code.
    """
    from requests import exceptions as of_requests
    from urllib3 import exceptions as of_urllib3

    chain = list(_chain(fault))
    unmade = (
        of_requests.ConnectTimeout,
        of_urllib3.NewConnectionError,
        of_urllib3.ConnectTimeoutError,
        ssl.SSLCertVerificationError,
    )
    if any(isinstance(one, unmade) for one in chain):
        return SmsRefused("unreachable")
    if any(isinstance(one, of_requests.Timeout | of_urllib3.TimeoutError) for one in chain):
        return SmsUnknown("deadline")
    if any(isinstance(one, OSError | of_urllib3.HTTPError) for one in chain):
        return SmsUnknown("cut")
    return SmsUnknown("broken", detail=type(chain[-1]).__name__)


def _chain(fault: BaseException) -> Iterator[BaseException]:
    """`fault` and all behind it, the outermost first."""
    seen: set[int] = set()
    waiting: list[object] = [fault]
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        # `inner_exception` is Alibaba's, instead of a cause.
        waiting += [one.__cause__, one.__context__, getattr(one, "inner_exception", None)]
