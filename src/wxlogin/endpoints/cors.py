"""Pages in a browser that may ask us: the H5 side of a mini program (Fetch standard, CORS).

Only origins an app names, letter by letter, and never with credentials: there is no cookie
here, and a token is put into its header by the page that holds it.
"""

from collections.abc import Iterable

from wxlogin.endpoints.exchange import Reply, Request

_METHODS = b"GET, POST, PUT, DELETE"
_HEADERS = b"authorization, content-type, x-request-id"
_EXPOSED = b"retry-after, www-authenticate, x-request-id"
_MAX_AGE = b"600"
"""Seconds a browser may remember a preflight."""


class Cors:
    """Marks answers for the browser that asked."""

    def __init__(self, origins: Iterable[str]) -> None:
        self._origins = frozenset(origin.encode() for origin in origins)

    def preflight(self, request: Request) -> Reply | None:
        """The answer to a browser's question beforehand; None where this is none of an
        allowed origin's."""
        if request.method != "OPTIONS" or not self._allows(request):
            return None
        if b"access-control-request-method" not in request.headers:
            return None
        return Reply(
            204,
            headers=[
                (b"access-control-allow-methods", _METHODS),
                (b"access-control-allow-headers", _HEADERS),
                (b"access-control-max-age", _MAX_AGE),
            ],
        )

    def mark(self, request: Request, reply: Reply) -> None:
        """Tell the browser that this page may read the answer."""
        if self._allows(request):
            reply.headers += (
                (b"access-control-allow-origin", request.headers[b"origin"]),
                (b"access-control-expose-headers", _EXPOSED),
                (b"vary", b"origin"),
            )

    def _allows(self, request: Request) -> bool:
        return request.headers.get(b"origin") in self._origins
