"""`wxlogin audit`: an operator learns whether the log holds, and takes a copy along."""

import asyncio
import csv
import io
import json
import sqlite3
from contextlib import closing

import pytest

from tests.cli.conftest import KEYS
from wxlogin.login.ports import HOST, AuditLine
from wxlogin.server import WxLogin
from wxlogin.settings import Settings


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
def write(environ, clock):
    """Writes lines with these reasons, and seals them."""

    async def act(reasons):
        named = {f"WXLOGIN_{name}": value for name, value in environ.items()}
        async with WxLogin(Settings.load(environ=named, env_file=None), clock=clock) as wx:
            store = await wx.open_store()
            for reason in reasons:
                await store.add_audit(AuditLine(clock(), "sessions_ended", HOST, reason=reason))
            await (await wx.audit_log()).seal()

    return lambda *reasons: asyncio.run(act(reasons))


@pytest.fixture
def tamper(database):
    def run(statement):
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute(statement)

    return run


def anchor_of(said):
    return said.split("anchor: ")[1].split()[0]


def test_an_intact_log_is_told_with_its_counts_and_an_anchor(typed, environ, write):
    write("a", "b")
    said = typed("audit", "verify", **environ).stdout
    assert "sealed: 2\n" in said
    assert "unsealed: 0\n" in said
    assert "from 2026-03-01T08:00:00Z to 2026-03-01T08:00:00Z" in said
    anchor = anchor_of(said)
    assert anchor.startswith("2:")
    write("c")
    assert "intact" in typed("audit", "verify", "--anchor", anchor, **environ).stdout


@pytest.mark.parametrize(
    ("attack", "expected"),
    [
        ("UPDATE wxlogin_audit SET reason = 'x' WHERE id = 2", "line 2 was altered"),
        ("DELETE FROM wxlogin_audit WHERE id = 2", "before line 3 were removed"),
        ("DELETE FROM wxlogin_audit WHERE id = 3", "after line 2 were cut off"),
        (
            "UPDATE wxlogin_audit SET reason = CASE id WHEN 1 THEN 'b' ELSE 'a' END WHERE id < 3",
            "line 1 was altered",
        ),
        ("DELETE FROM wxlogin_audit_head", "head of the chain is gone"),
    ],
)
def test_a_log_that_was_touched_ends_with_code_one_and_names_the_line(
    typed, environ, write, tamper, attack, expected
):
    write("a", "b", "c")
    tamper(attack)
    assert expected in typed("audit", "verify", **environ, code=1).stderr


def test_another_anchor_than_the_logs_is_told(typed, environ, write):
    write("a", "b")
    words = ("audit", "verify", "--anchor")
    assert "anchor" in typed(*words, f"2:{'0' * 64}", **environ, code=1).stderr
    assert "anchor" in typed(*words, f"9:{'0' * 64}", **environ, code=1).stderr
    assert "POSITION:LINK" in typed(*words, "2", **environ, code=2).stderr


def test_an_export_is_json_lines_oldest_first(typed, environ, write):
    write("a", "原因\n2")
    lines = [json.loads(line) for line in typed("audit", "export", **environ).stdout.splitlines()]
    assert [line["reason"] for line in lines] == ["a", "原因\n2"]
    assert lines[0]["at"] == "2026-03-01T08:00:00.000000Z"
    assert lines[0]["data"] == {}
    assert len(lines[0]["link"]) == 64


def test_no_cell_of_an_exported_table_is_a_formula(typed, environ, write, folder):
    evil = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", 'a"b,c']
    write(*evil)
    typed("audit", "export", "--format", "csv", "--output", "log.csv", **environ)
    text = (folder / "log.csv").read_bytes().decode("utf-8-sig")
    reasons = [line["reason"] for line in csv.DictReader(io.StringIO(text, newline=""))]
    assert reasons == [*(f"'{reason}" for reason in evil[:-1]), evil[-1]]


def test_an_export_is_of_the_time_asked_for(typed, environ, write):
    write("a")
    words = ("audit", "export", "--from")
    assert typed(*words, "2026-03-01", "--to", "2026-03-02", **environ).stdout.count("\n") == 1
    assert typed(*words, "2026-03-02", **environ).stdout == ""
    assert "2026-01-31" in typed(*words, "yesterday", **environ, code=2).stderr


def test_a_line_cannot_be_kept_shorter_than_the_law_asks(typed, environ):
    said = typed("audit", "verify", **{**environ, "AUDIT_TTL": "179d"}, code=2).stderr
    assert "180d" in said
