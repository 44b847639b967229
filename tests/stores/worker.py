"""A process of its own against one file, for `test_processes.py`: its job is its first argument."""

import asyncio
import os
import sys
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from wxlogin.login.accounts import ProvenIdentity, SessionKey
from wxlogin.login.policy import Door
from wxlogin.login.ports import (
    CodeSpend,
    LoginCommit,
    LoginVerdict,
    NewAccount,
    NewSession,
    Quota,
    Store,
)
from wxlogin.login.secret import Secret
from wxlogin.login.sessions import Device
from wxlogin.stores.opening import open_store
from wxlogin.stores.sealing import Key, KeyRing

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
KEYRING = KeyRing([Key("k1", b"k" * 32)])


def login(openid: str) -> LoginCommit:
    return LoginCommit(
        at=NOW,
        door=Door.WECHAT,
        pool="default",
        app_id="wx-a",
        identity=ProvenIdentity(openid, None, SessionKey(Secret("k"), 1, NOW)),
        session=NewSession(
            id=str(uuid4()),
            secret_hash=os.urandom(32),
            claims={},
            device=Device(),
            created_at=NOW,
            expires_at=NOW + 30 * DAY,
            idle_ttl=7 * DAY,
        ),
        max_sessions=10,
        idle_before=NOW - 7 * DAY,
        registration=NewAccount(id=str(uuid4()), pseudonym=uuid4().hex),
    )


async def claim(store: Store, codes: int) -> None:
    won = await asyncio.gather(
        *(
            store.claim_code(code.to_bytes(32, "big"), now=NOW, until=NOW + MINUTE)
            for code in range(codes)
            for _ in range(4)
        )
    )
    say(" ".join(str(number) for number in won if number is not None))


async def log_in(store: Store, openids: int) -> None:
    outcomes = await asyncio.gather(
        *(store.commit_login(login(f"o-{n}")) for n in range(openids) for _ in range(4))
    )
    assert all(each.verdict is LoginVerdict.DONE for each in outcomes)
    say(str(sum(each.is_new_account for each in outcomes)))


async def endless(store: Store, start: int) -> None:
    async def one_after_the_other(lane: int) -> None:
        n = 0
        while True:
            openid = f"o-{start}-{lane}-{n}"
            outcome = await store.commit_login(login(openid))
            say(f"{openid} {outcome.session.id if outcome.session else None}")
            n += 1

    await asyncio.gather(*(one_after_the_other(lane) for lane in range(8)))


async def secret(store: Store, _: int) -> None:
    say((await store.secret_key("shared", os.urandom(32))).hex())


async def spend(store: Store, codes: int) -> None:
    kept = [code.to_bytes(32, "big") for code in range(codes)]
    spent = await asyncio.gather(
        *(store.drop_verification_code(CodeSpend(each, each)) for each in kept for _ in range(4))
    )
    say(str(spent.count(True)))


async def take(store: Store, takes: int) -> None:
    quotas = [Quota("all", ((5, MINUTE),))]
    waits = await asyncio.gather(*(store.take_quotas(quotas, now=NOW) for _ in range(takes)))
    say(str(waits.count(timedelta(0))))


JOBS = {
    "claim": claim,
    "log_in": log_in,
    "endless": endless,
    "secret": secret,
    "spend": spend,
    "take": take,
}


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def main(job: str, path: str, size: int) -> None:
    store = open_store(f"sqlite:///{path}", keyring=KEYRING)
    await store.open()
    await JOBS[job](store, size)
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
