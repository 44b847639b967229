"""Properties of codes and tokens under any order of calls and any movement of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wechat_simulator.codes import CodeBook
from wechat_simulator.people import App, openid_of, phone_parts, unionid_of
from wechat_simulator.session_keys import SessionKeys
from wechat_simulator.settings import ROTATIONS, Settings
from wechat_simulator.tokens import AccessTokens
from wechat_simulator.wire import Refused
from wechat_simulator.world import World

START = datetime(2026, 1, 1, tzinfo=UTC)
SECONDS = st.integers(0, 4000)
quick = settings(
    database=None, max_examples=60, deadline=None, suppress_health_check=list(HealthCheck)
)


def outcome(act):
    """What came of it: a value, or the errcode."""
    try:
        return act()
    except Refused as refused:
        return refused.errcode


@quick
@given(
    st.lists(st.tuples(st.sampled_from(["mint", "spend"]), st.integers(0, 9), SECONDS), max_size=40)
)
def test_a_login_code_succeeds_once_at_most_and_only_in_its_five_minutes(acts):
    """Contract §1 "Code semantics"."""
    book, now, minted, tried = CodeBook(Random(1).randbytes), START, [], set()
    for act, index, seconds in acts:
        now += timedelta(seconds=seconds % 400)
        if act == "mint":
            code = book.mint("login", app_id="wx", user_id="ann", device="d", now=now)
            minted.append(code)
        elif minted:
            code = minted[index % len(minted)]
            came = outcome(lambda c=code, at=now: book.spend_login(c.text, app_id="wx", now=at))
            if code.text in tried:
                assert came == 40163
            elif now - code.minted_at > timedelta(seconds=300):
                assert came == 40029
            else:
                assert came.user_id == "ann"
            tried.add(code.text)


@quick
@given(st.lists(st.tuples(st.sampled_from(["call", "force"]), SECONDS), max_size=30))
def test_a_stable_token_told_now_works_for_as_long_as_told(acts):
    """Contract §3.2: expires_in is at least 300 and true, unless a forced refresh kills it."""
    tokens, now = AccessTokens(Random(2).randbytes), START
    for act, seconds in acts:
        now += timedelta(seconds=seconds)
        token = tokens.stable("wx", force=act == "force", now=now)
        left = token.ends_at - now
        assert timedelta(seconds=300) <= left <= timedelta(seconds=7200)
        assert tokens.app_of(token.text, now=now) == "wx"
        assert tokens.app_of(token.text, now=token.ends_at - timedelta(seconds=1)) == "wx"
        assert outcome(lambda t=token: tokens.app_of(t.text, now=t.ends_at)) == 42001


@quick
@given(st.lists(SECONDS, min_size=1, max_size=30))
def test_of_the_plain_family_the_latest_and_those_of_five_minutes_work(waits):
    """Contract §3.1."""
    tokens, now, replaced = AccessTokens(Random(3).randbytes), START, {}
    latest = None
    for seconds in waits:
        now += timedelta(seconds=seconds)
        if latest is not None:
            replaced[latest.text] = (now, latest.ends_at)
        latest = tokens.issue("wx", now=now)
        for text, (at, ends_at) in replaced.items():
            works = outcome(lambda t=text, when=now: tokens.app_of(t, now=when)) == "wx"
            assert works == (now < at + timedelta(seconds=300) and now < ends_at)
        assert tokens.app_of(latest.text, now=now) == "wx"


@quick
@given(
    st.sampled_from(ROTATIONS),
    st.lists(st.tuples(st.sampled_from(["mint", "exchange", "rotate"]), SECONDS), max_size=40),
)
def test_at_any_moment_at_most_one_key_lives_and_an_exchange_tells_it(rotation, acts):
    """Contract §1: exactly one valid session_key per user and mini program."""
    keys, now, rules = SessionKeys(Random(4).randbytes), START, Settings(rotation=rotation)
    owner = ("wx", "ann")
    for act, seconds in acts:
        now += timedelta(seconds=seconds)
        if act == "mint":
            keys.mint(owner, device="d", now=now, settings=rules)
        elif act == "rotate":
            keys.rotate(owner, now=now)
        else:
            told = keys.exchange(owner, device="d", now=now, settings=rules)
            assert keys.find(owner, now=now, settings=rules) == told
            assert keys.is_session_alive(owner, device="d", now=now, settings=rules)
        if act != "rotate":
            assert keys.is_session_alive(owner, device=None, now=now, settings=rules)


@quick
@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_different_people_have_different_openids(app_a, user_a, app_b, user_b):
    """Contract §1: openid per (user, appid); shapes hold for any name."""
    one, other = openid_of(app_a, user_a), openid_of(app_b, user_b)
    assert (one == other) == ((app_a, user_a) == (app_b, user_b))
    unionid = unionid_of(App(app_a, "s", union_group=app_b), user_a)
    assert len(one) == len(unionid) == 28
    assert one[0] == unionid[0] == "o"


@quick
@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))
def test_a_split_phone_number_joins_again(phone):
    """Contract §4.1: country code and pure number make the whole."""
    parts = phone_parts(phone)
    assert f"+{parts.country_code}{parts.pure_phone_number}" == phone


@quick
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 400)), max_size=20))
def test_two_worlds_of_one_history_and_one_entropy_are_equal(acts):
    """The world has no time and no randomness of its own."""

    def history():
        world = World(
            [App("wx", "s", union_group="g")], clock=lambda: START, entropy=Random(5).randbytes
        )
        app = world.get_app("wx")
        for user, seconds in acts:
            code = world.login(app, user)
            world.advance(seconds)
            yield outcome(lambda c=code: world.exchange(app, c)), world.now()

    assert list(history()) == list(history())
