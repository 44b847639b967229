"""Whatever comes in, the simulator answers: by WeChat's rules, or with a problem document."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wechat_simulator import Answer, Problem, Simulator
from wechat_simulator.platform_side import ENDPOINTS
from wechat_simulator.sim_side import CALLS

NAMES = st.sampled_from(
    [
        *("appid", "secret", "js_code", "grant_type", "access_token", "openid", "signature"),
        *("sig_method", "code", "encrypted_msg_hash", "touser", "template_id", "force_refresh"),
        *("app_id", "user_id", "phone", "name", "device", "scope", "answer", "advance_seconds"),
        *("path", "times", "errcode", "status", "body", "headers", "limit", "union_group"),
        *("rotation", "quotas", "session_key_ttl", "text", "verification_code", "delay_seconds"),
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2),
    max_leaves=4,
)
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=6)
QUERIES = st.dictionaries(NAMES, st.text(st.characters(codec="utf-8"), max_size=30), max_size=4)
BODIES = OBJECTS.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=40)


@settings(database=None, max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    path=st.sampled_from([*ENDPOINTS, *CALLS, "/", "/sim/", "/nothing"]),
    method=st.sampled_from(["GET", "POST", "DELETE"]),
    query=QUERIES,
    body=BODIES,
    has_token=st.booleans(),
)
def test_no_input_breaks_it(path, method, query, body, has_token):
    """Neither a crash nor half an answer; problem documents only under /sim."""
    wechat = Simulator(clock=lambda: datetime(2026, 1, 1, tzinfo=UTC))
    wechat.login("ann")
    if has_token:
        query = {**query, "access_token": token_of(wechat)}
    try:
        answer = wechat.call(method, path, params=query, body=body)
    except Problem as problem:
        assert path.startswith("/sim/")
        answer = problem.answer()
    assert isinstance(answer, Answer)
    answer.body.decode("utf-8")
    assert wechat.log(1) is not None
    json.dumps(wechat.log(1)).encode()


def token_of(wechat):
    credentials = {"grant_type": "client_credential"}
    credentials |= {"appid": wechat.app_id, "secret": wechat.secret}
    return wechat.call("GET", "/cgi-bin/token", params=credentials).json()["access_token"]
