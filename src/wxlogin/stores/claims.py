"""Claims of codes: the insert that wins the code also gives its sequence number."""

from datetime import datetime

import sqlalchemy as sa

from wxlogin.stores.database import Transaction
from wxlogin.stores.schema import Tables
from wxlogin.stores.upserts import Upsert


def claim_code(tx: Transaction, code_hash: bytes, *, until: datetime) -> int | None:
    if not tx.run(_claim, code_hash=code_hash, until=until):
        return None
    row = tx.row(_find, code_hash=code_hash)
    return None if row is None else int(row[0])


def release_code(tx: Transaction, code_hash: bytes) -> None:
    tx.run(_release, code_hash=code_hash)


def is_claimed(tx: Transaction, code_hash: bytes) -> bool:
    return tx.row(_find, code_hash=code_hash) is not None


def _claim(t: Tables) -> Upsert:
    return Upsert(t.code_claim, ("code_hash", "until"), key=("code_hash",))


def _find(t: Tables) -> sa.Select[int]:
    return sa.select(t.code_claim.c.sequence).where(
        t.code_claim.c.code_hash == sa.bindparam("code_hash")
    )


def _release(t: Tables) -> sa.Delete:
    return sa.delete(t.code_claim).where(t.code_claim.c.code_hash == sa.bindparam("code_hash"))
