"""The answer of `GET /v1/session`: what every business request of every user pays for.

`shown_of` makes the part that is the same from one check to the next, once for as long as
the session is kept near. `InstantAnswers` answers such a check, and a flood of junk, without
the general way of a request, which costs twice as much; whatever is not as usual it leaves
to that way. Both give the same answer, and one list of exchanges holds them to it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

import msgspec

from wxlogin.endpoints.exchange import JSON, HttpObserver, Reply, RequestIds, finish
from wxlogin.endpoints.messages import SessionMessage, encode
from wxlogin.endpoints.problems import language_of, problem_body, problem_headers
from wxlogin.login import errors
from wxlogin.login.flow import Flow
from wxlogin.login.sessions import Session, expires_in

Headers = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class ShownSession:
    """A session's answer with gaps for expires_in and idle_expires_in, and its headers."""

    template: bytes
    headers: Headers
    idle_seconds: int

    def content_at(self, session: Session, now: datetime) -> bytes:
        left = expires_in(session, now)
        return self.template % (left, min(self.idle_seconds, left))


def shown_of(session: Session) -> ShownSession:
    """What is shown of `session`, made once and left with it."""
    shown: ShownSession | None = session.shown
    if shown is None:
        shown = session.shown = _show(session)
    return shown


def _show(session: Session) -> ShownSession:
    message = SessionMessage(
        session_id=session.id,
        account_id=session.account_id,
        user_id=session.user_id,
        app_id=session.app_id,
        expires_in=0,
        idle_expires_in=0,
        created_at=session.created_at,
        last_seen_at=session.last_seen_at,
        claims=session.claims,
    )
    fixed = msgspec.to_builtins(message)
    del fixed["expires_in"], fixed["idle_expires_in"]
    gaps = b',"expires_in":%d,"idle_expires_in":%d}'
    headers = [
        JSON,
        (b"x-wxlogin-account-id", session.account_id.encode()),
        (b"x-wxlogin-app-id", session.app_id.encode()),
        (b"x-wxlogin-session-id", session.id.encode()),
    ]
    if session.user_id is not None:
        headers.append((b"x-wxlogin-user-id", quote(session.user_id).encode()))
    return ShownSession(
        encode(fixed).replace(b"%", b"%%")[:-1] + gaps,
        headers,
        int(session.idle_ttl.total_seconds()),
    )


class InstantAnswers:
    """Answers checks that need no store: of sessions that are near, and of made-up tokens."""

    def __init__(
        self,
        running_flow: Callable[[], Flow | None],
        *,
        request_ids: RequestIds,
        observer: HttpObserver,
        route_name: str,
    ) -> None:
        self._running_flow = running_flow
        self._request_ids = request_ids
        self._observer = observer
        self._route_name = route_name

    def find(self, headers: Iterable[tuple[bytes, bytes]]) -> Reply | None:
        """The whole reply, or None where the general way must be gone."""
        authorization = incoming_id = None
        language = b""
        for name, value in headers:
            if name == b"authorization":
                authorization = value
            elif name == b"x-request-id":
                incoming_id = value
            elif name == b"accept-language":
                language = value
            elif name == b"origin":
                return None
        flow = self._running_flow()
        if flow is None or authorization is None or authorization[:7] != b"Bearer ":
            return None
        token = authorization[7:].decode("latin-1").strip()
        if not token:
            return None
        now = flow.now()
        session = flow.checks.find_near(token, now)
        if session is not None:
            shown = shown_of(session)
            reply = Reply(200, shown.content_at(session, now), shown.headers.copy())
            request_id = self._request_ids.of(incoming_id)
        elif flow.checks.is_made_up(token):
            request_id = self._request_ids.of(incoming_id)
            reply = Reply(
                401,
                problem_body(
                    _MADE_UP,
                    language=language_of(language.decode("latin-1")),
                    request_id=request_id,
                ),
                problem_headers(_MADE_UP),
            )
        else:
            return None
        self._observer.answered(self._route_name, reply.status)
        return finish(reply, request_id)


_MADE_UP = errors.SessionInvalid()
