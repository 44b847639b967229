"""What is spent once: codes, tickets, verification codes."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from wxlogin.login.accounts import Phone, ProvenIdentity


class CodeClaims(Protocol):
    """Who may exchange a code. A claim must be exclusive; it need not be durable."""

    async def claim_code(self, code_hash: bytes, *, now: datetime, until: datetime) -> int | None:
        """Claim the code; the first caller gets a sequence number, every other one None.

        Sequence numbers are positive and rise with the order of claims over all processes
        and restarts. A claim may be forgotten after `until`, never before.
        """
        ...

    async def release_code(self, code_hash: bytes) -> None:
        """Take a claim back: no byte of the exchange left, so the code is unspent."""
        ...

    async def is_code_claimed(self, code_hash: bytes) -> bool:
        """Whether somebody claimed the code; to tell one kind of code from another."""
        ...


@dataclass(frozen=True, slots=True)
class Ticket:
    """A proven identity, or a proven phone, on its way to a registration. Kept under the hash
    of its text; the phone is sealed."""

    hash: bytes = field(repr=False)
    app_id: str
    identity: ProvenIdentity | None
    phone: Phone | None
    expires_at: datetime


class Tickets(Protocol):
    """Registration tickets; `LoginCommit.ticket_hash` spends one."""

    async def keep_ticket(self, ticket: Ticket) -> None: ...

    async def find_ticket(self, ticket_hash: bytes, *, now: datetime) -> Ticket | None:
        """The unspent ticket, None past its time."""
        ...


@dataclass(frozen=True, slots=True)
class VerificationCode:
    """A code on its way to a phone. `slot` is the keyed hash of what it is bound to (app,
    purpose, number), `code_hash` the keyed hash of slot and digits."""

    slot: bytes = field(repr=False)
    code_hash: bytes = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CodeSpend:
    """The verification code that an act spends: the act happens only if this spends it."""

    slot: bytes = field(repr=False)
    code_hash: bytes = field(repr=False)


class VerificationCodes(Protocol):
    """Codes by SMS, one a slot: a new one takes the old one's place."""

    async def keep_verification_code(self, code: VerificationCode) -> None: ...

    async def try_verification_code(self, spend: CodeSpend, *, limit: int, now: datetime) -> bool:
        """Count a try, then compare: whether the slot's live code is this one.

        At most `limit` tries of a code are ever compared, however many come at once
        (security.md C03). It is not spent: the commit of the act does that.
        """
        ...

    async def drop_verification_code(self, spend: CodeSpend) -> bool:
        """Spend it outside of any other commit; whether this call did."""
        ...
