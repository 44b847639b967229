"""`wxlogin check` is red for what is wrong, and for nothing else; and says where to look."""

import socket

import pytest

KEYS = "k1:" + "A" * 43 + "="
OTHER_KEYS = "k2:" + "B" * 42 + "A="


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


def test_what_is_right_is_green(typed, environ):
    said = typed("check", **environ).stdout
    assert "✘" not in said
    assert "!" not in said


def test_an_app_disabled_on_purpose_is_not_wrong(typed, environ):
    typed("app", "add", "wx00000000000000aa", **environ, NEW_APP_SECRET="of-nobody")
    assert "✘" in typed("check", **environ, code=1).stdout  # WeChat does not know its secret
    typed("app", "disable", "wx00000000000000aa", **environ)
    said = typed("check", **environ).stdout
    assert "wx00000000000000aa: 已停用 disabled" in said
    assert "✘" not in said


def test_a_wechat_out_of_reach_is_named_with_the_reason(typed, environ):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        base = f"http://127.0.0.1:{taken.getsockname()[1]}"
    done = typed("check", **{**environ, "WECHAT_API_BASE": base}, code=1)
    assert base in done.stdout
    assert "没有正常应答" in done.stdout
    assert "refused" in done.stderr
    assert environ["APP_SECRET"] not in done.stdout + done.stderr


def test_a_variable_without_effect_is_warned_of(typed, environ):
    said = typed("check", "--offline", **environ, SESION_TTL="1d", REDIS_URL="redis://").stdout
    assert "WXLOGIN_SESION_TTL" in said
    assert "did you mean WXLOGIN_SESSION_TTL?" in said
    assert "后续版本支持" in said


def test_mistakes_are_listed_with_what_production_forbids(typed):
    said = typed("check", SESSION_TTL="soon", code=2).stderr
    assert "WXLOGIN_SESSION_TTL" in said
    assert "WXLOGIN_KEYS" in said


@pytest.mark.parametrize("changes", [{}, {"SESSION_TTL": "soon"}])
def test_what_is_missing_may_be_mistyped_and_both_are_shown(typed, changes):
    said = typed("check", KEYZ=KEYS, **changes, code=2).stderr
    assert "did you mean WXLOGIN_KEYS?" in said
    assert KEYS[3:] not in said


def test_a_key_that_is_gone_is_named_and_where_it_belongs(typed, environ):
    typed("check", "--offline", **environ)
    said = typed("check", "--offline", **{**environ, "KEYS": OTHER_KEYS}, code=1).stderr
    assert "'k1'" in said
    assert "WXLOGIN_KEYS" in said
    assert "behind the newest" in said
    typed("check", "--offline", **{**environ, "KEYS": f"{OTHER_KEYS},{KEYS}"})


def test_a_database_in_a_folder_that_is_not_there_is_told_so(typed, environ, tmp_path):
    path = tmp_path / "none" / "wxlogin.db"
    said = typed("check", **{**environ, "DATABASE_URL": f"sqlite:///{path}"}, code=1).stderr
    assert str(path) in said
    assert "目录不存在" in said


def test_a_file_that_is_no_database_is_told_so(typed, environ, tmp_path):
    path = tmp_path / "text.db"
    path.write_text("this is a text, and it is long enough to be read as a header " * 20)
    said = typed("check", **{**environ, "DATABASE_URL": f"sqlite:///{path}"}, code=1).stderr
    assert "不是 SQLite 数据库" in said


def test_tables_of_nobody_are_told_in_both_languages(typed, environ, tmp_path):
    url = f"sqlite:///{tmp_path / 'new.db'}"
    changed = {**environ, "DATABASE_URL": url, "AUTO_MIGRATE": "off"}
    said = typed("check", **changed, code=1).stderr
    assert "请运行 `wxlogin migrate`" in said
    assert "run `wxlogin migrate`" in said
