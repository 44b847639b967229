"""What WeChat pushes about a person, and what our duty then is (contract §11.2, PIPL art. 47).

    event                            what happens
    user_info_modified               WeChat cleaned a nickname or a picture: ours go
    user_authorization_revoke        the data that it names go: 6 nickname and picture,
                                     19 nickname, 20 picture, 8 phone; of others nothing is kept
    user_authorization_cancellation  the WeChat account is closed: the identity goes with its
                                     session_key and sessions; where nothing else opens the
                                     account, all of it is erased, at once

The account closed at WeChat is why there is no cooling-off: nobody could take it back. In plain
mode there is one, for there the signature does not cover the message (security.md A18): whoever
forged it has erased nobody before the person can come back. And there every signature is good
for one message, whatever it was about: also the address check's, and that of a message which
leads to nothing.
"""

import hashlib
import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from wxlogin.login import errors
from wxlogin.login.accounts import Account
from wxlogin.login.avatars import AvatarStorage, drop_unshown
from wxlogin.login.core import Core
from wxlogin.login.leaving import Leaving, due_of
from wxlogin.login.policy import App
from wxlogin.login.ports import (
    WECHAT,
    Datum,
    Event,
    PushCommit,
    PushMessage,
    PushReader,
    PushResult,
)
from wxlogin.login.sessions import EndCode, Ending
from wxlogin.login.verification import Verification

log = logging.getLogger("wxlogin.push")

REMEMBERED = timedelta(days=1)
"""WeChat sends an event again within seconds, and its signature is good for minutes."""

CANCELLED = "wechat_account_cancelled"
KINDS: Mapping[str, str] = {
    "user_info_modified": "wechat_info_modified",
    "user_authorization_revoke": "wechat_authorization_revoked",
    "user_authorization_cancellation": CANCELLED,
}
REVOKED: Mapping[str, frozenset[Datum]] = {
    "6": frozenset({Datum.NICKNAME, Datum.AVATAR}),
    "8": frozenset({Datum.PHONE}),
    "19": frozenset({Datum.NICKNAME}),
    "20": frozenset({Datum.AVATAR}),
}
PROFILE = frozenset({Datum.NICKNAME, Datum.AVATAR})


class WeChatPushes:
    def __init__(
        self,
        core: Core,
        *,
        reader: PushReader,
        leaving: Leaving,
        verification: Verification,
        avatars: AvatarStorage,
    ) -> None:
        self._core = core
        self._reader = reader
        self._leaving = leaving
        self._verification = verification
        self._avatars = avatars

    async def answer_handshake(self, app_id: str, query: Mapping[str, str]) -> str:
        """What to answer to WeChat's check of the address. Raises as `take`."""
        app = await self._get_app(app_id)
        echo = self._reader.answer_handshake(app, query)
        await self._use_up(app, query.get("signature", ""))
        return echo

    async def take(self, app_id: str, query: Mapping[str, str], body: bytes) -> None:
        """Do what the message in `body` demands, once, however often it comes.

        Raises `AppUnknown`, `PushSignatureInvalid`, `StoreUnavailable` (WeChat sends again).
        """
        app = await self._get_app(app_id)
        message = self._reader.read_push(app, query, body)
        event = _text(message, "Event").lower()
        kind = KINDS.get(event)
        if kind is None:
            await self._use_up(app, message.replay_id)
            log.info("a push that leads to nothing: app_id=%s", app.app_id)
            return
        openid = _text(message, "OpenID")
        account = await self._find_account(app, openid)
        commit = self._commit_of(app, message, kind=kind, openid=openid, account=account)
        outcome = await self._core.store.commit_push(commit)
        self._core.events.wake()
        if outcome.avatar_id is not None:
            await drop_unshown(self._avatars, outcome.avatar_id)
        is_due = _covers_message(app)
        if outcome.result is PushResult.ERASING and account is not None and is_due:
            await self._leaving.carry_out(due_of(account, erase_at=commit.at))

    async def _use_up(self, app: App, signature: str) -> None:
        """Let no message come with this signature later, where it would cover none."""
        if not _covers_message(app):
            now = self._core.now()
            key = _key("delivery", signature)
            await self._core.store.claim_code(key, now=now, until=now + REMEMBERED)

    def _commit_of(
        self, app: App, message: PushMessage, *, kind: str, openid: str, account: Account | None
    ) -> PushCommit:
        core = self._core
        now = core.now()
        revoked = re.findall(r"[0-9]+", _text(message, "RevokeInfo"))[:16]
        account_id = account.id if account else None
        waits = timedelta(0) if _covers_message(app) else core.policy.cooling_off
        return PushCommit(
            keys=_keys_of(app, message),
            until=now + REMEMBERED,
            at=now,
            created_at=_created_at(message, now=now),
            app_id=app.app_id,
            openid=openid,
            account_id=account_id,
            told=core.told(
                kind,
                actor=WECHAT,
                account_id=account_id,
                app_id=app.app_id,
                revoked=[number for number in revoked if len(number) <= 3],
            ),
            ending=Ending(now, EndCode.REVOKED, kind),
            drops=_drops(kind, revoked),
            cuts=kind == CANCELLED,
            erase_at=now + waits,
            phone_opens=self._verification.is_on,
            phone_event=self._phone_event(app, account),
        )

    def _phone_event(self, app: App, account: Account | None) -> Event | None:
        if account is None:
            return None
        return self._core.events.event(
            "phone_changed", account_id=account.id, user_id=account.user_id, app_id=app.app_id
        )

    async def _get_app(self, app_id: str) -> App:
        """The app, disabled or not: a duty towards its people does not end with it."""
        app = await self._core.apps.find(app_id)
        if app is None:
            raise errors.AppUnknown
        return app

    async def _find_account(self, app: App, openid: str) -> Account | None:
        if not openid:
            return None
        return await self._core.store.find_account_of(
            pool=app.pool, app_id=app.app_id, openid=openid, unionid=None
        )


def _drops(kind: str, revoked: list[str]) -> frozenset[Datum]:
    if kind == "wechat_info_modified":
        return PROFILE
    if kind == "wechat_authorization_revoked":
        return frozenset().union(*(REVOKED.get(number, frozenset()) for number in revoked))
    return frozenset()


def _keys_of(app: App, message: PushMessage) -> tuple[bytes, ...]:
    """The delivery, and the event in it: WeChat may seal one event anew when it sends it again.

    In plain mode the signature does not cover the message: of a delivery that was seen none
    else is taken, also not at another app that has the same push_token.
    """
    named = ("FromUserName", "CreateTime", "OpenID", "Event", "RevokeInfo")
    event = (app.app_id, *(_text(message, name) for name in named))
    return _key("delivery", message.replay_id), _key("event", *event)


def _key(*parts: str) -> bytes:
    return hashlib.sha256("\0".join(("push", *parts)).encode("utf-8", "replace")).digest()


def _covers_message(app: App) -> bool:
    return app.encoding_aes_key is not None


def _created_at(message: PushMessage, *, now: datetime) -> datetime:
    """When it happened, to the second; now, where WeChat does not say or means the future."""
    text = _text(message, "CreateTime")
    if not re.fullmatch(r"[0-9]{1,10}", text):
        return now
    return min(datetime.fromtimestamp(int(text), UTC), now)


def _text(message: PushMessage, name: str) -> str:
    value: Any = message.fields.get(name)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
