"""What the core asks of whoever judges texts and pictures before others see them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from wxlogin.login import errors
from wxlogin.login.accounts import Account
from wxlogin.login.core import Core, refuse
from wxlogin.login.policy import App
from wxlogin.login.sessions import Session


class ContentCheck(Protocol):
    """A judge of what people write and show. Nobody is in between: a doubt is a no.

    Where the judge does not answer both raise, and nothing unjudged is kept:
    `WeChatUnavailable`, `RateLimited`, `AppMisconfigured`.
    """

    async def is_text_allowed(self, app: App, text: str, *, openid: str) -> bool:
        """Whether `text`, of a person's profile, may be shown. `openid`: who wrote it, in `app`."""
        ...

    async def is_picture_allowed(self, app: App, content: bytes, *, media_type: str) -> bool:
        """Whether the picture may be shown."""
        ...


@dataclass(frozen=True, slots=True)
class ContentPolicy:
    """`texts_per_hour` and account: one person must not use up the judge's 4,000 a minute."""

    texts_per_hour: int = 30


class Shown:
    """Lets through what may be shown; without a `judge`, everything."""

    def __init__(
        self, core: Core, judge: ContentCheck | None, policy: ContentPolicy | None = None
    ) -> None:
        self._core = core
        self._judge = judge
        self._policy = policy or ContentPolicy()

    async def check_text(self, session: Session, account: Account, text: str) -> None:
        """Return if `text` may be shown. Raises `ContentRejected`, `RateLimited`, and what the
        judge raises.

        WeChat judges texts of people it knows alone. Who came by a password has perhaps an
        identity besides; whoever has none at all is refused: else SMS were the way around.
        """
        if self._judge is None:
            return
        writer = _writer(session, account)
        if writer is None:
            raise errors.ContentRejected
        app_id, openid = writer
        await self._take_turn(account)
        app = await self._core.apps.get(app_id)
        if not await self._judge.is_text_allowed(app, text, openid=openid):
            raise errors.ContentRejected

    async def check_first_text(self, app: App, text: str, *, openid: str | None) -> None:
        """Return if the text of somebody who has no account yet may be shown; `openid` is whom
        WeChat has vouched for. Raises as `check_text`."""
        if self._judge is None:
            return
        if openid is None or not await self._judge.is_text_allowed(app, text, openid=openid):
            raise errors.ContentRejected

    async def check_picture(self, session: Session, content: bytes, *, media_type: str) -> None:
        """Return if the picture may be shown. Raises as `check_text`."""
        if self._judge is None:
            return
        app = await self._core.apps.get(session.app_id)
        if not await self._judge.is_picture_allowed(app, content, media_type=media_type):
            raise errors.ContentRejected

    async def _take_turn(self, account: Account) -> None:
        refuse(
            await self._core.store.take(
                f"text:{account.id}",
                limit=self._policy.texts_per_hour,
                window=timedelta(hours=1),
                now=self._core.now(),
            )
        )


def _writer(session: Session, account: Account) -> tuple[str, str] | None:
    """The app and openid of whoever writes, as far as WeChat knows them."""
    if session.openid is not None:
        return session.app_id, session.openid
    identities = [account.identity_in(session.app_id), *account.identities]
    return next(((one.app_id, one.openid) for one in identities if one is not None), None)
