"""Applications of enterprises: what one says of itself, and whether its number can be right."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from wxlogin.login import errors, nicknames

LONGEST_LINE = 128
"""Characters."""

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_CODE = re.compile(rf"[0-9A-HJ-NP-RTUWXY]{{2}}[0-9]{{6}}[{_ALPHABET}]{{10}}", re.ASCII)


class ApplicationStatus(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Application:
    """An application as it is kept. `reason` is what the applicant is told of a rejection;
    `decided_by` the operator's name."""

    id: str = field(repr=False)
    account_id: str
    app_id: str
    company_name: str
    credit_code: str
    contact_name: str = field(repr=False)
    status: ApplicationStatus
    submitted_at: datetime
    reason: str | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None


@dataclass(frozen=True, slots=True)
class NewApplication:
    """An enterprise asks for an account; the account itself waits as `pending`.

    `id` is unguessable: whoever has it may ask what became of the application.
    """

    id: str = field(repr=False)
    company_name: str
    credit_code: str
    contact_name: str = field(repr=False)
    submitted_at: datetime


def check_line(text: str, *, field: str) -> None:
    """Return if `text` may be a company's name, or a person's. Raises `RequestInvalid`."""
    if len(text) > LONGEST_LINE or not nicknames.is_line(text):
        raise errors.RequestInvalid(
            (field, f"1 to {LONGEST_LINE} characters, at least one visible, no control characters")
        )


def normal_credit_code(text: str) -> str:
    """`text` in capitals, if it can be a 统一社会信用代码: form and check character hold.

    GB 32100-2015: eighteen characters of 31 (no I, O, Z, S, V); the last one makes the sum, each
    of the others weighted with 3 to the power of its place, a multiple of 31. Raises
    `CreditCodeInvalid`.
    """
    code = text.strip().upper()
    if not _CREDIT_CODE.fullmatch(code):
        raise errors.CreditCodeInvalid
    total = sum(_ALPHABET.index(character) * 3**place for place, character in enumerate(code[:17]))
    if (total + _ALPHABET.index(code[17])) % 31:
        raise errors.CreditCodeInvalid
    return code
