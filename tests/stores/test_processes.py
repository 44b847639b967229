"""Several processes on one file: what each is told holds for all of them."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from wxlogin.login import errors
from wxlogin.login.ports import VerificationCode
from wxlogin.stores.sealing import Key, KeyRing
from wxlogin.stores.sql import SqlStore
from wxlogin.stores.sqlite import SqliteDatabase
from wxlogin.testing.stores.samples import (
    MINUTE,
    NOW,
    get_session,
    log_in,
    login,
    revoked,
)

WORKER = Path(__file__).with_name("worker.py")
KEYRING = KeyRing([Key("k1", b"k" * 32)])


def start(job: str, path: Path, size: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(WORKER), job, str(path), str(size)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(workers: list[subprocess.Popen[str]]) -> list[str]:
    answers = []
    for worker in workers:
        out, err = worker.communicate(timeout=60)
        assert worker.returncode == 0, err
        answers.append(out)
    return answers


def test_four_processes_that_start_at_once_claim_each_code_once(path: Path) -> None:
    """They all find no file, and make its tables at once."""
    answers = finish([start("claim", path, 50) for _ in range(4)])
    numbers = [int(number) for answer in answers for number in answer.split()]
    assert len(numbers) == 50
    assert len(set(numbers)) == 50


def test_first_logins_in_four_processes_make_one_account_each(path: Path) -> None:
    answers = finish([start("log_in", path, 200) for _ in range(4)])
    assert sum(int(answer) for answer in answers) == 200
    with sqlite3.connect(path) as connection:
        [(accounts, identities, sessions)] = connection.execute(
            "SELECT (SELECT count(*) FROM wxlogin_account),"
            " (SELECT count(*) FROM wxlogin_identity),"
            " (SELECT count(*) FROM wxlogin_session)"
        )
    connection.close()
    assert (accounts, identities, sessions) == (200, 200, 200 * 16)


def test_a_secret_key_asked_for_by_four_processes_is_one(path: Path) -> None:
    answers = finish([start("secret", path) for _ in range(4)])
    assert len(set(answers)) == 1


async def test_codes_tried_in_four_processes_are_spent_once_each(path: Path) -> None:
    store = SqlStore(SqliteDatabase(path), KEYRING)
    await store.open()
    for code in range(50):
        kept = code.to_bytes(32, "big")
        await store.keep_verification_code(VerificationCode(kept, kept, NOW + MINUTE))
    await store.close()
    answers = finish([start("spend", path, 50) for _ in range(4)])
    assert sum(int(answer) for answer in answers) == 50


def test_a_quota_taken_in_four_processes_is_never_overrun(path: Path) -> None:
    answers = finish([start("take", path, 16) for _ in range(4)])
    assert sum(int(answer) for answer in answers) == 5


async def test_a_killed_process_loses_no_acknowledged_login_and_leaves_no_half(
    path: Path,
) -> None:
    acknowledged: list[list[str]] = []
    for start_at in range(2):
        worker = start("endless", path, start_at)
        assert worker.stdout is not None
        # Until it has answered some, so that the kill meets it in the middle of its work.
        lines = [worker.stdout.readline() for _ in range(200)]
        worker.kill()
        lines += worker.communicate(timeout=60)[0].splitlines()
        acknowledged += [line.split() for line in lines if len(line.split()) == 2]
    store = SqlStore(SqliteDatabase(path), KEYRING)
    await store.open()
    assert len(acknowledged) >= 400
    for openid, session_id in acknowledged:
        if len(session_id) == 36:  # the last line may be cut by the kill
            assert (await get_session(store, session_id)).openid == openid
    await store.close()
    assert orphans(path) == (0, 0, 0)


def orphans(path: Path) -> tuple[int, int, int]:
    """Accounts without identity, identities without account, sessions without account."""
    connection = sqlite3.connect(path)
    [counts] = connection.execute(
        "SELECT (SELECT count(*) FROM wxlogin_account WHERE id NOT IN"
        "   (SELECT account_id FROM wxlogin_identity)),"
        " (SELECT count(*) FROM wxlogin_identity WHERE account_id NOT IN"
        "   (SELECT id FROM wxlogin_account)),"
        " (SELECT count(*) FROM wxlogin_session WHERE account_id NOT IN"
        "   (SELECT id FROM wxlogin_account))"
    )
    connection.close()
    result: tuple[int, int, int] = counts
    return result


async def test_a_read_sees_what_another_process_was_told(path: Path) -> None:
    """Two stores stand for two processes: they share nothing but the file."""
    here, there = (SqlStore(SqliteDatabase(path), KEYRING) for _ in range(2))
    await here.open()
    await there.open()
    for n in range(20):
        session = await log_in(here, f"o-{n}")
        assert await there.find_session(session.id) == session
        await there.end_sessions(session.account_id, ending=revoked())
        assert (await get_session(here, session.id)).ending == revoked()
    await here.close()
    await there.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a platform without fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
async def test_a_forked_child_opens_the_file_anew(path: Path) -> None:
    """Servers that load the application first and fork workers then."""
    store = SqlStore(SqliteDatabase(path), KEYRING)
    await store.open()
    session = await log_in(store)
    child = os.fork()
    if child == 0:
        os._exit(await_in_child(store, session.id))
    _, status = await asyncio.to_thread(os.waitpid, child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert await store.find_account(openid="o-child") is not None
    await log_in(store)
    await store.close()


def await_in_child(store: SqlStore, session_id: str) -> int:
    asyncio._set_running_loop(None)
    loop = asyncio.new_event_loop()
    try:
        assert loop.run_until_complete(store.find_session(session_id)) is not None
        loop.run_until_complete(store.commit_login(login("o-child")))
        loop.run_until_complete(store.close())
    except BaseException:
        return 1
    return 0


async def test_a_private_store_leaves_nothing_behind() -> None:
    database = SqliteDatabase(None)
    store = SqlStore(database, KEYRING)
    await store.open()
    await log_in(store)
    folder = database._path.parent if database._path else Path()
    assert folder.exists()
    await store.close()
    assert not folder.exists()
    with pytest.raises(errors.StoreUnavailable):
        await store.ping()
