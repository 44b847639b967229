"""What an operator gets wrong is told in one plain line, in both languages, with exit code 1."""

import os
import re
import socket

import pytest

AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
KEYS = "k1:" + "A" * 43 + "="


@pytest.fixture
def environ(wechat, database):
    """The variables of a server in development that has all it needs."""
    return {
        "ENV": "development",
        "APP_ID": wechat.app_id,
        "APP_SECRET": wechat.secret,
        "DATABASE_URL": f"sqlite:///{database}",
        "KEYS": KEYS,
        "WECHAT_API_BASE": wechat.url,
    }


@pytest.fixture
async def openid(house, wechat):
    await house.token("ann")
    return wechat.openid("ann")


def test_migrate_into_a_folder_that_is_not_there(typed, environ, tmp_path):
    url = f"sqlite:///{tmp_path / 'none' / 'a.db'}"
    said = typed("migrate", **{**environ, "DATABASE_URL": url}, code=1).stderr
    assert "目录不存在 there is no such directory" in said


def test_migrate_of_a_file_that_is_no_database(typed, environ, tmp_path):
    (tmp_path / "a.db").write_text("no database at all, and rather long a text " * 30)
    url = f"sqlite:///{tmp_path / 'a.db'}"
    said = typed("migrate", **{**environ, "DATABASE_URL": url}, code=1).stderr
    assert "不是 SQLite 数据库" in said


def test_migrate_of_a_folder(typed, environ, tmp_path):
    url = f"sqlite:///{tmp_path}"
    said = typed("migrate", **{**environ, "DATABASE_URL": url}, code=1).stderr
    assert "这是目录，不是文件" in said


if not AS_ROOT:  # nothing is read-only to root

    def test_migrate_in_a_folder_that_is_read_only(typed, environ, tmp_path):
        locked = tmp_path / "locked"
        locked.mkdir(mode=0o500)
        url = f"sqlite:///{locked / 'a.db'}"
        said = typed("migrate", **{**environ, "DATABASE_URL": url}, code=1).stderr
        assert "目录不可写" in said


@pytest.mark.parametrize("words", [["migrate"], ["migrate", "--sql"]])
@pytest.mark.parametrize("url", ["sqlite://"])
def test_migrate_of_a_database_in_memory(typed, folder, environ, words, url):
    assert "内存数据库" in typed(*words, **{**environ, "DATABASE_URL": url}, code=1).stderr
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("listen", ["nonsense", "127.0.0.1:0", "127.0.0.1:99999", ":²", "a b:1"])
def test_an_operators_port_that_is_none(typed, environ, listen):
    said = typed("serve", "--operator-listen", listen, **environ, code=1).stderr
    assert "1 到 65535" in said


def test_an_operators_port_that_is_taken(typed, environ):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = typed("serve", "--operator-listen", port, **environ, code=1).stderr
    assert f"127.0.0.1:{port} 无法监听 cannot be listened on" in said


@pytest.mark.parametrize("act", ["kick", "disable", "find"])
def test_an_account_that_is_nobodys(typed, environ, act):
    said = typed("account", act, "--user-id", "42", **environ, code=1).stderr
    assert "没有这个账号 there is no such account" in said


def test_an_app_of_the_settings_is_not_disabled_here(typed, environ):
    said = typed("app", "disable", environ["APP_ID"], **environ, code=1).stderr
    assert "来自配置" in said
    assert "comes from the settings" in said


def test_an_app_nobody_knows(typed, environ):
    said = typed("app", "disable", "wx1", **environ, code=1).stderr
    assert "没有这个小程序" in said


@pytest.mark.parametrize("act", ["kick", "disable"])
@pytest.mark.parametrize("reason", ["x" * 201, "a\nb", "a\x1b[31m", "a\u2028b"])
def test_a_reason_is_one_short_line(typed, environ, act, reason):
    said = typed("account", act, "--user-id", "42", "--reason", reason, **environ, code=2).stderr
    assert "200" in said


async def test_the_reason_of_a_disabling_is_shown(typed, environ, openid):
    chosen = ("--openid", openid)
    # The server of this test keeps its database under a key of its own.
    environ = {**environ, "KEYS": "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}
    typed("account", "disable", *chosen, "--reason", "广告 " + "x" * 197, **environ)
    said = typed("account", "find", *chosen, **environ).stdout
    assert re.search(r"^reason +广告 x{197}$", said, re.MULTILINE)
    typed("account", "disable", *chosen, "--undo", **environ)
