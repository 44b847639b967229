"""People brought along from another system, a batch in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wxlogin.login.accounts import AccountStatus
from wxlogin.login.ports.imports import Arrival, Newcomer
from wxlogin.stores import accounts, phones
from wxlogin.stores.database import Outraced, Transaction
from wxlogin.stores.records import place_of_password, place_of_phone, seal_phone, seal_secret
from wxlogin.stores.schema import Tables
from wxlogin.stores.sealing import KeyRing
from wxlogin.stores.upserts import Upsert

NEVER = 0
"""The sequence of an identity that nobody has logged in with: any login's is larger."""


def import_people(
    tx: Transaction,
    people: Sequence[tuple[Newcomer, bytes | None]],
    *,
    at: datetime,
    is_trial: bool,
    keys: KeyRing,
) -> list[Arrival]:
    """`people` come with the lookup hash of their phone."""
    arrivals: list[Arrival] = []
    for person, phone_hash in people:
        owners = _owners(tx, person, phone_hash)
        known = {name: owner for name, owner in owners.items() if owner is not None}
        if not known:
            if not is_trial:
                _add(tx, person, phone_hash, at=at, keys=keys)
            arrivals.append(Arrival(is_new=True))
        elif len(known) == len(owners) and len(set(known.values())) == 1:
            arrivals.append(Arrival(is_new=False))
        else:
            arrivals.append(Arrival(is_new=False, taken=tuple(known)))
    return arrivals


def _owners(tx: Transaction, person: Newcomer, phone_hash: bytes | None) -> dict[str, str | None]:
    """The account behind everything given that could lead to one, None where it leads nowhere."""
    found: dict[str, str | None] = {}
    if person.user_id is not None:
        found["user_id"] = _owner(tx.row(accounts.of_user_id, user_id=person.user_id))
    if person.openid is not None:
        row = tx.row(accounts.of_identity, app_id=person.app_id, openid=person.openid)
        found["openid"] = _owner(row)
    if person.unionid is not None:
        row = tx.row(accounts.of_unionid, pool=person.pool, unionid=person.unionid)
        found["unionid"] = _owner(row)
    if phone_hash is not None:
        found["phone"] = phones.owner_of(tx, phone_hash, pool=person.pool)
    if person.username_key is not None:
        row = tx.row(accounts.of_username, pool=person.pool, username_key=person.username_key)
        found["username"] = _owner(row)
    return found


def _owner(row: tuple[Any, ...] | None) -> str | None:
    return None if row is None else row[0]


def _add(
    tx: Transaction, person: Newcomer, phone_hash: bytes | None, *, at: datetime, keys: KeyRing
) -> None:
    """Raises `UniqueBroken` or `Outraced` where a login took something of it just now."""
    phone, password = person.phone, person.password_hash
    tx.run(
        _add_account,
        id=person.id,
        pool=person.pool,
        user_id=person.user_id,
        status=str(AccountStatus.ACTIVE),
        epoch=0,
        created_at=person.created_at,
        nickname=person.nickname,
        phone=None if phone is None else seal_phone(phone, place_of_phone(person.id), keys=keys),
        phone_hash=phone_hash,
        phone_proven_at=None if phone is None else phone.proven_at,
        claims="{}",
        pseudonym=person.pseudonym,
        username=person.username,
        username_key=person.username_key,
        password=seal_secret(password, place_of_password(person.id), keys=keys),
        password_changed_at=None if password is None else at,
        password_failures=0,
    )
    if person.openid is not None and not tx.run(
        _add_identity,
        openid=person.openid,
        app_id=person.app_id,
        account_id=person.id,
        unionid=person.unionid,
        # As old as the account: what somebody ties to it later is told apart (security.md A14).
        linked_at=person.created_at,
        sequence=NEVER,
    ):
        raise Outraced
    if person.unionid is not None and not tx.run(
        _add_unionid,
        unionid=person.unionid,
        pool=person.pool,
        account_id=person.id,
        linked_at=at,
    ):
        raise Outraced


_ACCOUNT = (
    "id",
    "pool",
    "user_id",
    "status",
    "epoch",
    "created_at",
    "nickname",
    "phone",
    "phone_hash",
    "phone_proven_at",
    "claims",
    "pseudonym",
    "username",
    "username_key",
    "password",
    "password_changed_at",
    "password_failures",
)
_IDENTITY = ("openid", "app_id", "account_id", "unionid", "linked_at", "sequence")
_UNIONID = ("unionid", "pool", "account_id", "linked_at")


def _add_account(t: Tables) -> sa.Insert:
    return sa.insert(t.account).values({name: sa.bindparam(name) for name in _ACCOUNT})


def _add_identity(t: Tables) -> Upsert:
    return Upsert(t.identity, _IDENTITY, key=("openid", "app_id"))


def _add_unionid(t: Tables) -> Upsert:
    return Upsert(t.unionid, _UNIONID, key=("unionid", "pool"))
