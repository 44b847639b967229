"""Times that a caller gives."""

from datetime import UTC, datetime

from wxlogin.login import errors


def in_utc(at: datetime, *, name: str) -> datetime:
    """The same moment in UTC. Raises `RequestInvalid` for one outside of the years 1 to 9999,
    which a zone at the edge of them leads to."""
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise errors.RequestInvalid((name, "outside of the years 1 to 9999")) from None
