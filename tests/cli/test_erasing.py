"""`wxlogin account erase|erased`: what an operator types, and after a restored backup again."""

import json
import shutil

import pytest

KEYS = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


@pytest.fixture
def environ(wechat, database):
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


async def test_an_erasure_waits_is_taken_back_and_is_done_at_once(typed, environ, openid, rows):
    chosen = ("account", "erase", "--openid", openid)
    assert "T" in typed(*chosen, "--why", "asked by letter", **environ).stdout
    assert rows("SELECT status FROM wxlogin_account") == [("erasing",)]
    assert typed(*chosen, "--undo", **environ).stdout.strip() == "active"
    typed(*chosen, "--now", **environ)
    assert rows("SELECT count(*) FROM wxlogin_account") == [(0,)]
    said = typed(*chosen, **environ, code=1).stderr
    assert "没有这个账号" in said
    assert rows("SELECT reason FROM wxlogin_audit LIMIT 1") == [("asked by letter",)]


async def test_after_a_restored_backup_the_ledger_erases_them_again(
    typed, environ, openid, rows, database, folder, house
):
    await house.wx.close()
    backup = shutil.copy(database, folder / "backup.db")
    typed("account", "erase", "--openid", openid, "--now", **environ)
    ledger = typed("account", "erased", **environ).stdout
    (line,) = [json.loads(text) for text in ledger.splitlines()]
    assert set(line) == {"account_id", "erased_at"}
    assert typed("account", "erased", "--since", "2999-01-01", **environ).stdout == ""
    (folder / "ledger.jsonl").write_text(ledger + "\n")
    restored = {**environ, "DATABASE_URL": f"sqlite:///{backup}"}
    said = typed("account", "erase", "--again", "ledger.jsonl", **restored).stdout
    assert "1 / 1" in said
    again = typed("account", "erase", "--again", "ledger.jsonl", **restored).stdout
    assert "0 / 1" in again


def test_a_file_that_is_no_ledger_is_said_to_be_none(typed, environ, folder):
    (folder / "x").write_text("not JSON")
    said = typed("account", "erase", "--again", "x", **environ, code=1).stderr
    assert "not what `wxlogin account erased` writes" in said
