"""What the tests of the service plane share: keys, and a well-formed request of every route."""

import json

from wxlogin.login.accounts import Phone
from wxlogin.login.ports import Actor, ActorKind, Scope

NOBODY = "019c9e21-7a40-7c3e-9d52-6b1f0a8e4c77"
OPERATOR = Actor(ActorKind.OPERATOR, "ops")
PHONE = Phone("86", "13800006666")


async def new_key(house, *scopes):
    """The text of a new key that may do this."""
    keys = (await house.wx.flow()).service_keys
    return (await keys.make("test", scopes, actor=OPERATOR)).secret.reveal()


async def introspect(house, key, token, **how):
    return await house.ask("POST", "/v1/introspect", key, **({"data": {"token": token}} | how))


def audited(rows, kind):
    """(actor_kind, actor_id, data) of the lines of this kind."""
    found = rows("SELECT actor_kind, actor_id, data FROM wxlogin_audit WHERE kind = ?", kind)
    return [(*row[:2], json.loads(row[2])) for row in found]


ASKED = {
    "POST /v1/introspect": (Scope.INTROSPECT, {"data": {"token": "x"}}),
    "GET /v1/service/accounts?user_id=42": (Scope.ACCOUNTS_READ, {}),
    "GET /v1/service/accounts/{id}": (Scope.ACCOUNTS_READ, {}),
    "PUT /v1/service/accounts/{id}": (Scope.ACCOUNTS_WRITE, {"json": {"claims": {"a": 1}}}),
    "POST /v1/service/accounts/{id}/disable": (Scope.ACCOUNTS_WRITE, {"json": {}}),
    "POST /v1/service/accounts/{id}/enable": (Scope.ACCOUNTS_WRITE, {}),
    "POST /v1/service/sessions/revoke": (Scope.SESSIONS_REVOKE, {"json": {"user_id": "42"}}),
    "POST /v1/service/decrypt": (
        Scope.DECRYPT,
        {"json": {"account_id": "{id}", "encrypted_data": "eA==", "iv": "eA=="}},
    ),
    "GET /v1/service/access-token": (Scope.ACCESS_TOKEN, {}),
    "POST /v1/service/access-token/invalidate": (
        Scope.ACCESS_TOKEN,
        {"json": {"access_token": "x"}},
    ),
}
"""Every route of the service plane, its scope, and a request that is well-formed."""


async def send(house, name, bearer, *, account_id=NOBODY, **changes):
    method, path = name.replace("{id}", account_id).split(" ")
    how = json.loads(json.dumps(ASKED[name][1]).replace("{id}", account_id))
    return await house.ask(method, path, bearer, **{**how, **changes})


async def access_token(house, key, app_id=None):
    params = {} if app_id is None else {"app_id": app_id}
    return await house.ask("GET", "/v1/service/access-token", key, params=params)
