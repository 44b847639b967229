"""`wxlogin import`: what an operator hands it, well-formed or not, is answered in plain words."""

import csv
import sqlite3
from contextlib import closing

import click
import pytest

from tests.cli.conftest import KEYS
from wxlogin.cli.import_sources import LINE_LIMIT, read_csv, read_sql

OPENID = "oAbcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def environ(wechat, database):
    return {
        "ENV": "development",
        "APP_ID": wechat.app_id,
        "APP_SECRET": wechat.secret,
        "DATABASE_URL": f"sqlite:///{database}",
        "KEYS": KEYS,
    }


@pytest.fixture
def given(folder):
    """A file of these bytes."""

    def write(content):
        path = folder / "people.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def nothing(done, total):
    """Nobody watches."""


def rows_of(path, encoding="utf-8-sig"):
    return list(read_csv(path, encoding=encoding, done=nothing))


def refused(path, encoding="utf-8-sig"):
    with pytest.raises(click.ClickException) as fault:
        rows_of(path, encoding)
    return fault.value.message


def test_people_come_in_and_who_is_not_taken_is_reported(typed, environ, given, folder, rows):
    given(f"openid,user_id,phone\n{OPENID}1,1,13800000001\n{OPENID}2,2,13800000001\n")
    said = typed("import", "people.csv", **environ, code=1).stdout
    assert "new: 1\n" in said
    assert "not taken: 1\n" in said
    report = (folder / "wxlogin-import-report.csv").read_bytes().decode("utf-8-sig")
    assert list(csv.reader(report.splitlines())) == [
        ["line", "column", "kind", "other_line"],
        ["3", "phone", "duplicate", "2"],
    ]
    assert rows("SELECT user_id FROM wxlogin_account") == [("1",)]


def test_a_trial_writes_nothing(typed, environ, given, folder, rows):
    given(f"openid,user_id\n{OPENID},1\n")
    assert "nothing was written" in typed("import", "people.csv", "--dry-run", **environ).stdout
    assert rows("SELECT count(*) FROM wxlogin_account") == [(0,)]
    assert not (folder / "wxlogin-import-report.csv").exists()


def test_people_come_from_another_database(typed, environ, folder, rows):
    with closing(sqlite3.connect(folder / "old.db")) as connection, connection:
        connection.execute("CREATE TABLE users (id INTEGER, open_id TEXT, mobile TEXT, since TEXT)")
        connection.execute(
            "INSERT INTO users VALUES (7, ?, '138-0000-0001', '2024-01-01 08:00:00')", (OPENID,)
        )
    query = (
        "SELECT id AS user_id, open_id AS openid, mobile AS phone, since AS created_at FROM users"
    )
    words = ("import", "--sql", "sqlite:///old.db", "--query", query, "--utc-offset", "+08:00")
    assert "new: 1\n" in typed(*words, **environ).stdout
    assert rows("SELECT user_id, created_at, phone_proven_at FROM wxlogin_account") == [
        ("7", "2024-01-01T00:00:00.000000+00:00", None)
    ]
    assert "here already: 1\n" in typed(*words, **environ).stdout


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("people.csv", "--sql", "sqlite://", "--query", "SELECT 1"),
        ("--sql", "sqlite://"),
        ("people.csv", "--encoding", "klingon"),
        ("people.csv", "--encoding", "base64"),
        ("people.csv", "--utc-offset", "Shanghai"),
    ],
)
def test_words_that_make_no_sense_are_refused(typed, environ, given, words):
    given("openid\n")
    typed("import", *words, **environ, code=2)


def test_an_app_nobody_knows_is_refused(typed, environ, given):
    given(f"openid\n{OPENID}\n")
    said = typed("import", "people.csv", "--app", "wx-x", **environ, code=1).stderr
    assert "there is no such app" in said


def test_a_database_that_does_not_answer_is_told_without_its_password(typed, environ):
    url = "postgresql://ann:canary@127.0.0.1:1/old"
    done = typed("import", "--sql", url, "--query", "SELECT 1", **environ, code=1)
    assert "canary" not in done.stdout + done.stderr


# Hostile files


def test_a_byte_order_mark_and_capitals_do_no_harm(given):
    path = given("\ufeffOpenID , user_id\r\no1,1\r\n\r\no2,2\r\n")
    assert rows_of(path) == [
        (2, {"openid": "o1", "user_id": "1"}),
        (4, {"openid": "o2", "user_id": "2"}),
    ]


def test_quotes_hold_commas_and_formulas_are_text(given):
    path = given('openid,nickname\no1,"a,""b"""\no2,"=HYPERLINK(""x"")"\n')
    assert [cells["nickname"] for _, cells in rows_of(path)] == ['a,"b"', '=HYPERLINK("x")']


def test_a_row_of_another_width_is_one_bad_row(given):
    assert rows_of(given("openid,user_id\no1\no2,2,3\no3,3\n")) == [
        (2, None),
        (3, None),
        (4, {"openid": "o3", "user_id": "3"}),
    ]


def test_another_encoding_is_named_or_asked_for(given):
    path = given("openid,nickname\no1,小明\n".encode("gb18030"))
    assert "--encoding gb18030" in refused(path)
    assert rows_of(path, "gb18030") == [(2, {"openid": "o1", "nickname": "小明"})]
    sixteen = given("openid\no1\n".encode("utf-16"))
    assert "--encoding" in refused(sixteen)
    assert rows_of(sixteen, "utf-16") == [(2, {"openid": "o1"})]


def test_a_huge_field_is_refused_before_it_is_read(given):
    path = given(b"openid,nickname\no1," + b"x" * 10_000_000 + b"\n")
    assert "line 2 is too long" in refused(path)


def test_an_open_quote_does_not_swallow_the_file(given):
    lines = "".join(f"o{n},y\n" for n in range(50_000))
    assert "is no CSV" in refused(given(f'openid,nickname\no1,"x\n{lines}'))


def test_a_nul_is_a_character_that_no_field_may_have(given, typed, environ, folder):
    given(f"openid,user_id\n{OPENID},a\0b\n")
    typed("import", "people.csv", **environ, code=1)
    report = (folder / "wxlogin-import-report.csv").read_text("utf-8-sig")
    assert "2,user_id,control_character," in report


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("", "empty"),
        ("openid,opneid\n", "did you mean openid?"),
        ("open_id;phone\n", "there is no column"),
        ("openid,openid\n", "a column stands twice"),
        ("openid\tphone\n", "there is no column"),
    ],
)
def test_a_head_that_is_not_ours_is_told_with_what_is(given, head, expected):
    assert expected in refused(given(head))


def test_rows_of_a_query_become_texts():
    query = "SELECT 7 AS user_id, NULL AS phone, x'6f31' AS openid"
    found = list(read_sql("sqlite://", query, done=nothing))
    assert found == [(1, {"user_id": "7", "phone": "", "openid": "o1"})]


def test_a_query_that_fails_is_told_with_what_the_database_says():
    with pytest.raises(click.ClickException, match="no such table"):
        list(read_sql("sqlite://", "SELECT * FROM nowhere", done=nothing))


def test_the_longest_line_that_is_read_is_longer_than_any_row():
    assert LINE_LIMIT > 10 * 512
