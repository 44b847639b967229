"""Reads what is pushed to any of our apps: the core's port `PushReader`."""

from collections.abc import Mapping

from wxlogin.login import errors
from wxlogin.login.policy import App
from wxlogin.login.ports import Clock, PushMessage
from wxlogin.wechat.push import MessagePush


class WeChatPushReader:
    """The app's own keys decide, as they are now: an operator may have changed them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def answer_handshake(self, app: App, query: Mapping[str, str]) -> str:
        return self._push_of(app).answer_handshake(query)

    def read_push(self, app: App, query: Mapping[str, str], body: bytes) -> PushMessage:
        return self._push_of(app).open(query, body)

    def _push_of(self, app: App) -> MessagePush:
        if app.push_token is None:
            raise errors.PushSignatureInvalid
        return MessagePush(
            app.app_id,
            token=app.push_token,
            encoding_aes_key=app.encoding_aes_key,
            clock=self._clock,
        )
