"""Which mini programs there are: those of the settings, and those added at run time."""

from collections.abc import Mapping

from wxlogin.login import errors
from wxlogin.login.policy import App
from wxlogin.login.ports import Apps


class AppDirectory:
    """Finds apps. The store is asked each time, so a change is in force at the next request."""

    def __init__(self, fixed: Mapping[str, App], kept: Apps) -> None:
        """`fixed` are those of the settings, by app_id: they win, and nobody changes them."""
        self._fixed = fixed
        self._kept = kept

    async def list_all(self) -> list[App]:
        kept = {app.app_id: app for app in await self._kept.list_apps()}
        return list({**kept, **self._fixed}.values())

    def is_fixed(self, app_id: str) -> bool:
        """Whether it is one of the settings."""
        return app_id in self._fixed

    async def find(self, app_id: str) -> App | None:
        """The app, disabled or not."""
        return self._fixed.get(app_id) or await self._kept.find_app(app_id)

    async def get(self, app_id: str | None) -> App:
        """The enabled app; without `app_id`, the only one. Raises `AppUnknown`."""
        if app_id is None:
            enabled = [app for app in await self.list_all() if not app.is_disabled]
            if len(enabled) != 1:
                raise errors.RequestInvalid(("app_id", f"required: {len(enabled)} apps are here"))
            return enabled[0]
        app = await self.find(app_id)
        if app is None or app.is_disabled:
            raise errors.AppUnknown
        return app
