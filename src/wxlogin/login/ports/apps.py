"""Mini programs added at run time, as a store keeps them; their secrets are sealed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from wxlogin.login.policy import App, Registration
from wxlogin.login.ports.events import NOTHING, Told
from wxlogin.login.secret import Secret

_PLAIN = ("registration", "phone_conflict", "cors_origins", "is_disabled")
_REMOVABLE = ("push_token", "encoding_aes_key")


@dataclass(frozen=True, slots=True)
class AppChange:
    """Fields to set on an app; None leaves a field as it is, an empty Secret takes it away.

    With `secret` the one so far becomes `old_secret`; the same one again changes nothing, so
    that a rotation that is sent twice does not lose the secret before it.
    """

    registration: Registration | None = None
    phone_conflict: str | None = None
    push_token: Secret | None = None
    encoding_aes_key: Secret | None = None
    cors_origins: tuple[str, ...] | None = None
    is_disabled: bool | None = None
    secret: Secret | None = None
    drops_old_secret: bool = False

    def fields(self) -> list[str]:
        """The names of what is set, in the order above."""
        return [name for name in (*_PLAIN, *_REMOVABLE) if getattr(self, name) is not None]

    def apply_to(self, app: App) -> App:
        """The app as it will be."""
        changes: dict[str, Any] = {name: getattr(self, name) for name in self.fields()}
        changes |= {name: None for name in _REMOVABLE if changes.get(name) == Secret("")}
        if self.drops_old_secret:
            changes["old_secret"] = None
        if self.secret is not None and self.secret != app.secret:
            changes |= {"secret": self.secret, "old_secret": app.secret}
        return replace(app, **changes)


class Apps(Protocol):
    async def list_apps(self) -> Sequence[App]: ...

    async def find_app(self, app_id: str) -> App | None: ...

    async def add_app(self, app: App, *, told: Told = NOTHING) -> bool:
        """Add the app; False, and nothing written, where there is one of its app_id."""
        ...

    async def change_app(
        self, app_id: str, change: AppChange, *, told: Told = NOTHING
    ) -> App | None:
        """The changed app; None where there is none. Of two changes at once none is lost."""
        ...
