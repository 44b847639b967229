"""Enterprises' applications, as a store keeps them; a `LoginCommit` adds one."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from wxlogin.login.ports.events import NOTHING, Told
from wxlogin.login.registration import Application, ApplicationStatus


@dataclass(frozen=True, slots=True)
class Decision:
    """What an operator says to an application. `reason` is for the applicant; `by` a name."""

    application_id: str = field(repr=False)
    status: ApplicationStatus
    at: datetime
    reason: str | None
    by: str


class DecisionVerdict(StrEnum):
    """How a decision went. After all but DONE nothing at all was written."""

    DONE = "done"
    DECIDED_BEFORE = "decided_before"
    """Somebody decided it already, or there is none."""


class Applications(Protocol):
    async def find_application(self, application_id: str) -> Application | None: ...

    async def decide_application(
        self, decision: Decision, *, told: Told = NOTHING
    ) -> DecisionVerdict:
        """Decide an application that is `pending`; of two at once one does.

        In the same transaction its account, if that is `pending` still, becomes `active` by an
        approval, and `rejected` with `reason` by a rejection; and `told` is written.
        """
        ...
