"""Mini programs while the server runs: added, changed, disabled, their secrets rotated.

Each request asks the store for its app, so every act is in force at the next one, in every
process. Apps of the settings are the settings' own: they are changed there.
"""

from wxlogin.login import errors
from wxlogin.login.core import Core
from wxlogin.login.policy import App
from wxlogin.login.ports import Actor, AppChange, Told
from wxlogin.login.secret import Secret


class RunningApps:
    """Acts on apps. All raise `RequestInvalid` for an app of the settings, and all but `add`
    `AppUnknown` for one that is not there."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def add(self, app: App, *, actor: Actor, why: str | None = None) -> App:
        """Raises `RequestInvalid` where there is one of this app_id already."""
        self._refuse_fixed(app.app_id)
        told = self._core.told("app_added", actor=actor, app_id=app.app_id, reason=why)
        if not await self._core.store.add_app(app, told=told):
            raise errors.RequestInvalid(("app_id", "already here"))
        return app

    async def change(
        self, app_id: str, change: AppChange, *, actor: Actor, why: str | None = None
    ) -> App:
        """Change what the app allows; its audit line names the fields, never their values."""
        told = self._core.told(
            "app_changed", actor=actor, app_id=app_id, reason=why, fields=change.fields()
        )
        return await self._do(app_id, change, told=told)

    async def rotate_secret(
        self, app_id: str, secret: Secret, *, actor: Actor, why: str | None = None
    ) -> App:
        """Both secrets live from now on: the new one is tried first, the old one once where
        WeChat refuses the new (security.md §5.7)."""
        told = self._core.told("app_secret_rotated", actor=actor, app_id=app_id, reason=why)
        return await self._do(app_id, AppChange(secret=secret), told=told)

    async def drop_old_secret(self, app_id: str, *, actor: Actor, why: str | None = None) -> App:
        """End a rotation: the new secret alone lives."""
        told = self._core.told("app_old_secret_dropped", actor=actor, app_id=app_id, reason=why)
        return await self._do(app_id, AppChange(drops_old_secret=True), told=told)

    async def disable(self, app_id: str, *, actor: Actor, why: str | None = None) -> App:
        """Nobody logs in through it; the sessions it made live on."""
        told = self._core.told("app_disabled", actor=actor, app_id=app_id, reason=why)
        return await self._do(app_id, AppChange(is_disabled=True), told=told)

    async def enable(self, app_id: str, *, actor: Actor, why: str | None = None) -> App:
        told = self._core.told("app_enabled", actor=actor, app_id=app_id, reason=why)
        return await self._do(app_id, AppChange(is_disabled=False), told=told)

    async def _do(self, app_id: str, change: AppChange, *, told: Told) -> App:
        self._refuse_fixed(app_id)
        changed = await self._core.store.change_app(app_id, change, told=told)
        if changed is None:
            raise errors.AppUnknown
        return changed

    def _refuse_fixed(self, app_id: str) -> None:
        if self._core.apps.is_fixed(app_id):
            raise errors.RequestInvalid(("app_id", "comes from the settings"))
