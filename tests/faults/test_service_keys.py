"""A key revoked in one process is refused in all others, at the very next request."""

from datetime import UTC, datetime

from wxlogin.login.ports import Actor, ActorKind, Scope
from wxlogin.server import WxLogin

OPERATOR = Actor(ActorKind.OPERATOR, "ops")
PROCESSES = 3


def asked(server, key):
    """The status of an introspection under this key."""
    headers = {"Authorization": f"Bearer {key}"}
    answer = server.post("/v1/introspect", data={"token": "x"}, headers=headers)
    return answer.status_code


async def served_after_revocation(servers, house_settings, **twin):
    """How many requests a revoked key still got through, over several processes."""
    many = [servers(**twin) for _ in range(PROCESSES)]
    through = 0
    async with WxLogin(house_settings(), clock=lambda: datetime.now(UTC)) as wx:
        keys = (await wx.flow()).service_keys
        for _ in range(5):
            made = await keys.make("test", [Scope.INTROSPECT], actor=OPERATOR)
            text = made.secret.reveal()
            assert {asked(server, text) for server in many} == {200}
            await keys.revoke(made.key.id, actor=OPERATOR)
            through += [asked(server, text) for server in many].count(200)
    return through


async def test_a_revoked_key_is_refused_by_every_process_at_once(servers, house_settings):
    assert await served_after_revocation(servers, house_settings) == 0


async def test_a_server_that_remembers_keys_lets_it_through(servers, house_settings):
    """The twin: what a cache without a word of the revocation would do."""
    assert await served_after_revocation(servers, house_settings, twin="remembers keys") > 0
