"""The operators and their sessions, as a store keeps them; and the codes of their telephones."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from wxlogin.login.operator_sessions import Operator, OperatorSession
from wxlogin.login.ports.events import NOTHING, Told
from wxlogin.login.secret import Secret


@dataclass(frozen=True, slots=True)
class OperatorCredential:
    """What an operator signs in with. Both secrets are sealed as they are kept."""

    operator: Operator
    password_hash: Secret
    totp_secret: Secret


@dataclass(frozen=True, slots=True)
class CredentialChange:
    """New secrets for an operator; None leaves one as it is. The epoch rises.

    `keep_session` lives on under the new epoch. `totp_step` is the code that proved it, and is
    spent; the act does not happen where it was spent before.
    """

    operator_id: str
    password_hash: Secret
    totp_secret: Secret | None = None
    totp_step: int | None = None
    keep_session: str | None = None


@dataclass(frozen=True, slots=True)
class NewOperatorSession:
    """The session a sign-in asks for, and the step of the code that it spends."""

    id: str
    secret_hash: bytes = field(repr=False)
    operator_id: str
    epoch: int
    at: datetime
    expires_at: datetime
    totp_step: int


class Operators(Protocol):
    async def add_operator(
        self, credential: OperatorCredential, *, name_key: str, told: Told = NOTHING
    ) -> bool:
        """Whether it was added: not where somebody has the name."""
        ...

    async def list_operators(self) -> Sequence[Operator]:
        """All of them, oldest first."""
        ...

    async def find_operator(self, operator_id: str) -> Operator | None: ...

    async def find_operator_credential(self, name_key: str) -> OperatorCredential | None: ...

    async def set_operator_disabled(
        self, operator_id: str, *, is_disabled: bool, told: Told = NOTHING
    ) -> Operator | None:
        """The operator as they now are. To disable one raises their epoch."""
        ...

    async def set_operator_language(self, operator_id: str, language: str) -> None: ...

    async def change_operator_credential(
        self, change: CredentialChange, *, told: Told = NOTHING
    ) -> bool:
        """Whether it was changed: not where there is no such operator, or the code was spent."""
        ...

    async def begin_operator_session(
        self, session: NewOperatorSession, *, told: Told = NOTHING
    ) -> bool:
        """Whether it began: only for an enabled operator of this epoch, and only where no code
        of this step or a later one was spent before, however many come at once."""
        ...

    async def find_operator_session(self, session_id: str) -> OperatorSession | None:
        """The session with its operator, ended or not."""
        ...

    async def operator_seen(self, session_id: str, at: datetime) -> None:
        """Move `last_seen_at` forward, never back. It need not be durable."""
        ...

    async def end_operator_session(
        self, session_id: str, *, at: datetime, told: Told = NOTHING
    ) -> bool:
        """Whether this call ended it."""
        ...


class OneTimeCodes(Protocol):
    """Time-based one-time codes of six digits, thirty seconds each (RFC 6238)."""

    def new_secret(self, random: bytes) -> Secret:
        """A secret of these bytes (20 at least), as authenticator apps write it: in base32."""
        ...

    def find_step(self, code: str, secret: Secret, *, at: datetime) -> int | None:
        """The number of the step that `code` is of: the one `at` falls into, or a neighbour;
        None where it is of none of them. Takes the same time whatever the code."""
        ...

    def url(self, secret: Secret, *, name: str) -> Secret:
        """The `otpauth://` address that an authenticator app scans."""
        ...
