"""People of another system, brought along whole: their first login here is no registration."""

import asyncio
import base64
import csv
import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC

import pytest

from tests.flows.town import DAY, PASSWORD
from wxlogin.cli.import_sources import read_csv
from wxlogin.login.import_rows import RowRules, Why
from wxlogin.login.importing import BATCH, Importing
from wxlogin.login.ports import AuditQuery
from wxlogin.passwords.imported import is_supported

HEAD = ("openid", "unionid", "phone", "phone_proven_at", "user_id", "username", "password_hash")
KINDS = ("wechat", "phone", "sms", "password")
COUNTED = ("account", "identity", "unionid")


@pytest.fixture
def town(towns):
    """With the real hasher: what is compared here are hashes of another system."""
    return towns(password_hasher=None)


def django_hash(password: str) -> str:
    derived = hashlib.pbkdf2_hmac("sha256", password.encode(), b"salt", 1000)
    return f"pbkdf2_sha256$1000$salt${base64.b64encode(derived).decode()}"


HASH = django_hash(PASSWORD)


def row(n, wechat, proven_at):
    """The nth person: some with all there is, some with a phone alone, some without WeChat."""
    person = {
        "user_id": f"legacy-{n}",
        "openid": wechat.openid(f"u{n}") if n < 40 else f"oLegacy{n:020}",
        "phone": f"139{n:08}",
        "phone_proven_at": proven_at,
        "username": f"name{n}",
        "password_hash": HASH,
    }
    if n % 5 == 1:
        del person["openid"]
    if n % 5 == 2:
        del person["username"], person["password_hash"]
    if n % 5 == 3:
        person["unionid"] = f"union{n}"
    return person


def write_csv(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, HEAD)
        table.writeheader()
        table.writerows(rows)
    return path


async def bring(town, path, *, is_trial=False, **changes):
    """What `wxlogin import` does; the tally, and the remarks."""
    core = (await town.wx.flow()).core
    apps = {app.app_id: app for app in await core.apps.list_all()}
    rules = RowRules(
        now=core.now(),
        apps=apps,
        app=next(iter(apps.values())),
        pool=None,
        zone=UTC,
        is_supported=is_supported,
    )
    remarks = []
    run = Importing(core, rules, report=remarks.append, is_trial=is_trial)
    rows = read_csv(path, encoding="utf-8-sig", done=lambda done, total: None)
    tally = await run.run(rows)
    return tally, remarks


async def first_login(town, n, kind):
    if kind == "wechat":
        return await town.by_wechat(f"u{n}")
    if kind == "phone":
        return await town.by_phone(f"u{n}", f"139{n:08}")
    if kind == "sms":
        return await town.by_sms(f"139{n:08}")
    return await town.by_password(f"name{n}")


def has(n, kind):
    return not (kind in ("wechat", "phone") and n % 5 == 1) and not (
        kind == "password" and n % 5 == 2
    )


def proven(town):
    return (town.clock() - DAY).isoformat()


def count(rows):
    return {table: rows(f"SELECT count(*) FROM wxlogin_{table}")[0][0] for table in COUNTED}


@pytest.mark.parametrize(
    "size", [10_000, pytest.param(100_000, marks=pytest.mark.chaos)], ids=["10k", "100k"]
)
async def test_everybody_is_the_same_person_at_their_first_login(
    town, wechat, tmp_path, rows, size
):
    """Same account, same user_id, nobody registered twice; a second run changes nothing."""
    people = (row(n, wechat, proven(town)) for n in range(size))
    path = write_csv(tmp_path / "people.csv", people)
    began = time.perf_counter()
    tally, remarks = await bring(town, path)
    sys.stdout.write(f"{size / (time.perf_counter() - began):,.0f} rows/s\n")
    assert (tally.rows, tally.new, tally.refused, remarks) == (size, size, 0, [])
    before = count(rows)
    assert before["account"] == size
    for number, kind in enumerate(n for n in KINDS for _ in range(10)):
        if not has(number, kind):
            continue
        answer = await first_login(town, number, kind)
        assert answer.status_code == 200, (number, kind, answer.text)
        told = answer.json()
        assert told["is_new_account"] is False
        assert told["account"]["user_id"] == f"legacy-{number}"
    assert count(rows)["account"] == size
    kept = rows("SELECT * FROM wxlogin_account ORDER BY id")
    began = time.perf_counter()
    tally, remarks = await bring(town, path)
    sys.stdout.write(f"{size / (time.perf_counter() - began):,.0f} known rows/s\n")
    assert (tally.new, tally.here, remarks) == (0, size, [])
    assert rows("SELECT * FROM wxlogin_account ORDER BY id") == kept


async def test_a_trial_reports_the_same_and_writes_nothing(town, wechat, tmp_path, rows):
    people = [row(n, wechat, proven(town)) for n in range(20)]
    people[7]["phone"] = people[3]["phone"]
    people[9]["password_hash"] = "md5"
    path = write_csv(tmp_path / "people.csv", people)
    trial, said = await bring(town, path, is_trial=True)
    assert count(rows) == dict.fromkeys(COUNTED, 0)
    assert rows("SELECT count(*) FROM wxlogin_audit") == [(0,)]
    real, remarks = await bring(town, path)
    assert (trial, said) == (real, remarks)
    assert [(each.line, each.column, each.why, each.other_line) for each in said] == [
        (9, "phone", Why.DUPLICATE, 5),
        (11, "password_hash", Why.NOT_SUPPORTED, None),
    ]


async def test_two_rows_of_one_person_are_reported_and_not_merged(town, wechat, tmp_path, rows):
    pieces = [
        {"user_id": "7", "openid": wechat.openid("ann")},
        {"user_id": "7", "phone": "13800006666"},
        {"phone": "13800006666", "username": "ann"},
    ]
    path = write_csv(tmp_path / "people.csv", pieces)
    tally, remarks = await bring(town, path)
    assert (tally.new, tally.refused) == (1, 2)
    assert [(each.line, each.column, each.other_line) for each in remarks] == [
        (3, "user_id", 2),
        (4, "phone", 3),
    ]
    assert count(rows)["account"] == 1


async def test_somebody_who_lives_here_already_is_reported_and_not_merged(
    town, wechat, tmp_path, rows
):
    answer = await town.by_wechat("ann")
    path = write_csv(tmp_path / "people.csv", [{"user_id": "7", "openid": wechat.openid("ann")}])
    tally, remarks = await bring(town, path)
    assert tally.refused == 1
    assert [(each.column, each.why) for each in remarks] == [("openid", Why.TAKEN)]
    account = await town.wx.find(account_id=answer.json()["account"]["id"])
    assert account.user_id is None


async def test_an_imported_password_and_phone_are_no_way_to_wait_for_a_victim(
    town, tmp_path, wechat
):
    """A14: an unproven number opens nothing, and its proof ends the password beside it."""
    trojan = {"phone": "13800006666", "username": "trojan", "password_hash": HASH}
    path = write_csv(tmp_path / "people.csv", [trojan])
    await bring(town, path)
    by_number = await town.by_password("13800006666")
    assert by_number.json()["code"] == "credentials_invalid"
    waiting = (await town.by_password("trojan")).json()["token"]
    assert (await town.by_sms("13800006666")).status_code == 200
    assert not await town.is_live(waiting)
    assert (await town.by_password("trojan")).status_code == 401


async def test_a_run_leaves_one_line_with_its_counts(town, wechat, tmp_path):
    path = write_csv(tmp_path / "people.csv", [row(n, wechat, proven(town)) for n in range(3)])
    await bring(town, path)
    log = await town.wx.audit_log()
    (line,) = await log.search(AuditQuery(kind="accounts_imported"))
    assert (line.actor_kind, line.data) == ("operator", '{"rows":3,"new":3,"here":0,"refused":0}')
    (begun,) = await log.search(AuditQuery(kind="accounts_import_begun"))
    assert begun.id < line.id


async def test_nothing_secret_of_a_row_is_left_in_the_database(town, wechat, tmp_path, database):
    path = write_csv(tmp_path / "people.csv", [row(n, wechat, proven(town)) for n in range(3)])
    await bring(town, path)
    with closing(sqlite3.connect(database)) as connection:
        dump = "\n".join(connection.iterdump())
    for canary in ("13900000000", HASH, HASH.rpartition("$")[2]):
        assert canary not in dump
        assert canary.encode().hex() not in dump.lower()


async def test_logins_go_on_while_people_are_brought_along(town, wechat, tmp_path, rows):
    people = [row(n, wechat, proven(town)) for n in range(2 * BATCH)]
    path = write_csv(tmp_path / "people.csv", people)
    waits = []

    async def log_in():
        for n in range(0, 40, 5):
            began = time.perf_counter()
            answer = await town.by_wechat(f"u{n}")
            waits.append(time.perf_counter() - began)
            assert answer.status_code == 200
            await asyncio.sleep(0.01)

    (tally, remarks), _ = await asyncio.gather(bring(town, path), log_in())
    assert tally.new + tally.refused == len(people)
    assert {each.why for each in remarks} <= {Why.TAKEN}
    assert max(waits) < 2
    opened = "SELECT count(*), count(DISTINCT openid) FROM wxlogin_identity"
    ((all_of_them, different),) = rows(opened)
    assert all_of_them == different


# The command itself, killed


def environ(town, database):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("WXLOGIN_")}
    return {
        **kept,
        "PYTHONUTF8": "1",
        "WXLOGIN_ENV": "development",
        "WXLOGIN_APP_ID": town.wechat.app_id,
        "WXLOGIN_APP_SECRET": town.wechat.secret,
        "WXLOGIN_DATABASE_URL": f"sqlite:///{database}",
        "WXLOGIN_KEYS": "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    }


def killed_when(is_time, words, **how):
    """Start the command, and kill it once it is time."""
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, **how)
    give_up_at = time.monotonic() + 60
    while not is_time() and time.monotonic() < give_up_at:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def run(words, **how):
    done = subprocess.run(words, stdout=subprocess.PIPE, check=False, timeout=120, **how)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


async def test_a_run_that_is_killed_is_run_again(town, wechat, tmp_path, rows, database):
    size = 8 * BATCH
    path = write_csv(tmp_path / "people.csv", [row(n, wechat, proven(town)) for n in range(size)])
    words = [sys.executable, "-c", "from wxlogin.cli import main; main()", "import", str(path)]
    how = {"env": environ(town, database), "cwd": tmp_path, "stderr": subprocess.PIPE}
    killed_when(lambda: count(rows)["account"] > 0, words, **how)
    kept = count(rows)["account"]
    assert 0 < kept < size
    assert kept % BATCH == 0, "a batch is there whole or not at all"
    said = run(words, **how)
    assert f"new: {size - kept}\n" in said
    assert f"here already: {kept}\n" in said
    assert count(rows)["account"] == size
    kinds = [kind for (kind,) in rows("SELECT kind FROM wxlogin_audit ORDER BY id")]
    assert kinds == ["accounts_import_begun", "accounts_import_begun", "accounts_imported"]


async def test_the_owner_who_comes_by_one_tap_ends_the_password_that_came_along(
    town, tmp_path, wechat
):
    """A14, where the openid was imported too: the first proof of the number ends the password,
    its sessions and what they tied to the account; the identity at hand stays."""
    person = {
        "openid": wechat.openid("ann"),
        "phone": "13800006666",
        "username": "trojan",
        "password_hash": HASH,
    }
    await bring(town, write_csv(tmp_path / "people.csv", [person]))
    waiting = await town.by_password("trojan")
    account_id = waiting.json()["account"]["id"]
    town.clock.advance(60)
    opened = await town.by_phone("ann", "13800006666")
    assert await town.me(opened) == account_id
    assert len(opened.json()["account"]["identities"]) == 1
    assert not await town.is_live(waiting.json()["token"])
    assert (await town.by_password("trojan")).status_code == 401
    assert await town.me(await town.by_wechat("ann")) == account_id
    await town.by_phone("ann", "13800006666")
    assert await town.is_live(opened.json()["token"])  # it is the first proof that ends them


async def test_a_code_by_sms_proves_somebody_whose_wechat_never_came_in(town, tmp_path, wechat):
    """An imported openid is only what an old database said: it takes nobody's other proof away."""
    person = {
        "openid": wechat.openid("ann"),
        "phone": "13800006666",
        "phone_proven_at": proven(town),
        "username": "ann",
        "password_hash": HASH,
    }
    await bring(town, write_csv(tmp_path / "people.csv", [person]))
    token = (await town.by_password("ann")).json()["token"]
    digits = await town.code("13800006666", "proof")
    changed = await town.post(
        "/v1/me/password", token, new_password="another horse 电池", verification_code=digits
    )
    assert changed.status_code == 204
