"""Sessions kept near: they let in, at once, and never a moment too long."""

from datetime import timedelta

from tests.login.test_sessions import START, session
from wxlogin.login.near import MAX_AGE, NearSessions

SECOND = timedelta(seconds=1)


class Versions:
    """A store's version that the test sets."""

    def __init__(self) -> None:
        self.now: bytes | None = b"1"

    def __call__(self) -> bytes | None:
        return self.now


def kept(versions: Versions, **changed: object) -> NearSessions:
    near = NearSessions(versions)
    near.keep("token", session(**changed), version=near.version(), now=START)
    return near


def test_it_is_found_while_nothing_changed() -> None:
    near = kept(Versions())
    assert near.find("token", START) is not None
    assert near.find("token", START + MAX_AGE - SECOND) is not None


def test_any_change_of_any_session_has_it_looked_up_again() -> None:
    versions = Versions()
    near = kept(versions)
    versions.now = b"2"
    assert near.find("token", START) is None
    versions.now = b"1"
    assert near.find("token", START) is None


def test_nothing_is_found_while_the_store_cannot_tell() -> None:
    versions = Versions()
    near = kept(versions)
    versions.now = None
    assert near.find("token", START) is None


def test_what_was_read_while_the_store_could_not_tell_is_not_kept() -> None:
    near = NearSessions(Versions())
    near.keep("token", session(), version=None, now=START)
    assert near.find("token", START) is None


def test_a_change_between_version_and_read_is_seen() -> None:
    versions = Versions()
    near = NearSessions(versions)
    before = near.version()
    versions.now = b"2"  # somebody committed while we read
    near.keep("token", session(), version=before, now=START)
    assert near.find("token", START) is None


def test_it_is_looked_up_again_after_a_while_whatever_the_counters_say() -> None:
    """For hands in the database that are not ours."""
    assert kept(Versions()).find("token", START + MAX_AGE) is None


def test_no_limit_is_overstepped() -> None:
    assert kept(Versions(), expires_at=START + SECOND).find("token", START + SECOND) is None
    assert kept(Versions(), idle_ttl=SECOND).find("token", START + SECOND) is None


def test_memory_is_bounded_and_the_oldest_go_first() -> None:
    near = NearSessions(Versions(), limit=3)
    for number in range(5):
        near.keep(f"token-{number}", session(), version=near.version(), now=START)
    found = [near.find(f"token-{number}", START) is not None for number in range(5)]
    assert found == [False, False, True, True, True]
