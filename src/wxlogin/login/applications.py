"""What becomes of an enterprise's application: asked by who has its id, decided by an operator.

The account waits beside its application (`pending`: no door opens), and the decision changes
both in one transaction. A rejected company applies anew once its account is erased.
"""

from wxlogin.login import errors
from wxlogin.login.core import Core
from wxlogin.login.ports import Actor, Decision, DecisionVerdict
from wxlogin.login.registration import Application, ApplicationStatus


class Applications:
    def __init__(self, core: Core) -> None:
        self._core = core

    async def get(self, application_id: str) -> Application:
        """The application with this unguessable id. Raises `NotFound`."""
        found = await self._core.store.find_application(application_id)
        if found is None:
            raise errors.NotFound
        return found

    async def approve(
        self, application_id: str, *, actor: Actor, why: str | None = None
    ) -> Application:
        """Let the applicant in from now on; no session is made. `why` is for the audit log.

        Raises `NotFound`; `RequestInvalid` where it was decided before.
        """
        return await self._decide(
            application_id, ApplicationStatus.APPROVED, reason=None, actor=actor, why=why
        )

    async def reject(
        self, application_id: str, *, reason_for_user: str, actor: Actor, why: str | None = None
    ) -> Application:
        """Say no; `reason_for_user` is told to the applicant. Raises as `approve`."""
        return await self._decide(
            application_id,
            ApplicationStatus.REJECTED,
            reason=reason_for_user,
            actor=actor,
            why=why,
        )

    async def _decide(
        self,
        application_id: str,
        status: ApplicationStatus,
        *,
        reason: str | None,
        actor: Actor,
        why: str | None,
    ) -> Application:
        core, found = self._core, await self.get(application_id)
        kind = f"application_{status}"
        told = core.told(
            kind, actor=actor, account_id=found.account_id, app_id=found.app_id, reason=why
        )
        decision = Decision(
            application_id=application_id,
            status=status,
            at=core.now(),
            reason=reason,
            by=actor.id or str(actor.kind),
        )
        verdict = await core.store.decide_application(decision, told=told)
        if verdict is DecisionVerdict.DECIDED_BEFORE:
            raise errors.RequestInvalid(("status", "already decided"))
        return await self.get(application_id)
