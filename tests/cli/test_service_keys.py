"""`wxlogin service-key` and `wxlogin app`: what an operator types, and what it does."""

import json
import sqlite3
from contextlib import closing

import pytest

KEYS = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
ADDED = "wxadded0000000001"


@pytest.fixture
def environ(wechat, database):
    """The variables of a server in development, and of its operator."""
    return {
        "ENV": "development",
        "APP_ID": wechat.app_id,
        "APP_SECRET": wechat.secret,
        "DATABASE_URL": f"sqlite:///{database}",
        "KEYS": KEYS,
        "WECHAT_API_BASE": wechat.url,
        "NEW_APP_SECRET": "one-canary-secret",
    }


@pytest.fixture
def lines(database):
    """(kind, actor, reason) of every line of the audit log."""

    def read():
        with closing(sqlite3.connect(database)) as connection:
            return connection.execute(
                "SELECT kind, actor_kind, actor_id, reason FROM wxlogin_audit ORDER BY id"
            ).fetchall()

    return read


async def test_a_key_is_shown_once_and_works_until_it_is_revoked(typed, environ, house, lines):
    scopes = ("--scope", "introspect", "--scope", "accounts:read")
    done = typed("service-key", "add", "订单服务", *scopes, "--reason", "new shop", **environ)
    key = done.stdout.strip()
    assert key.startswith("wxk_")
    assert key not in done.stderr
    listed = typed("service-key", "list", **environ).stdout
    assert key[4:40] in listed
    assert "订单服务" in listed
    assert "accounts:read,introspect" in listed
    assert key[41:] not in listed

    async def asked():
        answer = await house.ask("POST", "/v1/introspect", key, data={"token": "x"})
        return answer.status_code

    assert await asked() == 200
    typed("service-key", "revoke", key[4:40], **environ)
    assert await asked() == 401
    assert "已吊销" in typed("service-key", "list", **environ).stdout
    by = ("operator", "command line")
    assert lines() == [
        ("service_key_made", *by, "new shop"),
        ("service_key_revoked", *by, None),
    ]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("add", "x"), 2, "--scope"),
        (("add", "x", "--scope", "everything"), 2, "introspect"),
        (("add", "a\nb", "--scope", "introspect"), 1, "printable"),
        (("revoke", "nobody"), 1, "没有这把密钥"),
    ],
)
def test_what_is_wrong_with_a_key_is_told_in_words(typed, environ, words, code, told):
    assert told in typed("service-key", *words, **environ, code=code).stderr


async def test_an_app_is_added_rotated_disabled_and_enabled(typed, environ, house, lines, wechat):
    wechat.add_app(ADDED, secret="one-canary-secret")

    async def status():
        return (await house.login("ann", app_id=ADDED)).status_code

    said = typed("app", "add", ADDED, **environ).stdout
    assert await status() == 200
    wechat.add_app(ADDED, secret="two-canary-secret")
    assert await status() == 500
    new = environ | {"NEW_APP_SECRET": "two-canary-secret"}
    said += typed("app", "rotate-secret", ADDED, "--reason", "reset", **new).stdout
    assert await status() == 200
    said += typed("app", "list", **environ).stdout
    assert "两" in said or "two secrets" in said
    typed("app", "drop-old-secret", ADDED, **environ)
    assert "two secrets" not in typed("app", "list", **environ).stdout
    typed("app", "disable", ADDED, **environ)
    assert await status() == 404
    assert "已停用" in typed("app", "list", **environ).stdout
    typed("app", "enable", ADDED, **environ)
    assert await status() == 200
    assert "canary" not in said + json.dumps(lines())
    assert [line[0] for line in lines()] == [
        "app_added",
        "app_secret_rotated",
        "app_old_secret_dropped",
        "app_disabled",
        "app_enabled",
    ]


def test_an_app_that_is_there_is_not_added_over(typed, environ):
    typed("app", "add", ADDED, **environ)
    said = typed("app", "add", ADDED, **environ, code=1).stderr
    assert "already here" in said


@pytest.mark.parametrize("act", ["rotate-secret", "drop-old-secret", "disable", "enable", "add"])
def test_an_app_of_the_settings_is_left_to_them(typed, environ, act):
    said = typed("app", act, environ["APP_ID"], **environ, code=1).stderr
    assert "来自配置" in said
