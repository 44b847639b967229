"""WeChat's credential of each app, shared by all processes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from wxlogin.login.secret import Secret


@dataclass(frozen=True, slots=True)
class AccessToken:
    """WeChat's credential of an app. `fence` rises with every fetch."""

    value: Secret
    expires_at: datetime
    fence: int


class AccessTokens(Protocol):
    """The shared access_token of each app, one fetch per expiry over all processes."""

    async def find_access_token(self, app_id: str) -> AccessToken | None: ...

    async def lease_access_token(
        self, app_id: str, *, now: datetime, until: datetime
    ) -> int | None:
        """The right to fetch, as a fence number above all before it; None while another
        holds it. It ends at `until` (its holder may be paused: hence the fence)."""
        ...

    async def keep_access_token(self, app_id: str, token: AccessToken) -> bool:
        """Keep what was fetched if its fence is above the kept one's, and end the lease;
        say whether it was kept. A token without an end to its lease is lost, not wrong."""
        ...

    async def end_lease(self, app_id: str, *, fence: int) -> None:
        """End the lease that gave `fence`, if it is still the one in force: its fetch failed."""
        ...

    async def drop_access_token(self, app_id: str, value: Secret) -> bool:
        """Forget the token if it is still `value`; say whether it was."""
        ...
