"""The tables. What must be unique is unique here: no code checks it and then writes.

There are no foreign keys. Whatever belongs together is written in one transaction;
the databases that spread tables over machines restrict or lack them, and in MySQL
each one locks the parent row in an order that two logins can cross.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from wxlogin.stores.columns import Instant, counter, digest, key, name, sealed

PREFIX = "wxlogin_"

# A row found by its text key then lies in the key's own tree: one descent, not two.
BY_KEY: dict[str, Any] = {
    "sqlite_with_rowid": False,
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
}
# AUTOINCREMENT: numbers rise over deletions and restarts, as the order of session_keys needs.
COUNTED: dict[str, Any] = {
    "sqlite_autoincrement": True,
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
}


CHECKED = "checked"
"""In a table's `info`: the columns that the check of a session judges by or answers with."""


@dataclass(frozen=True, slots=True)
class Tables:
    """All tables under one prefix, in a MetaData that is ours alone."""

    prefix: str
    metadata: sa.MetaData
    account: sa.Table
    identity: sa.Table
    unionid: sa.Table
    session: sa.Table
    code_claim: sa.Table
    login_event: sa.Table
    agreement: sa.Table
    ticket: sa.Table
    app: sa.Table
    outbox: sa.Table
    rate: sa.Table
    access_token: sa.Table
    secret_key: sa.Table


@lru_cache(maxsize=8)
def tables(prefix: str = PREFIX) -> Tables:
    """The tables under `prefix`."""
    metadata = sa.MetaData()
    return Tables(
        prefix=prefix,
        metadata=metadata,
        account=_account(metadata, prefix),
        identity=_identity(metadata, prefix),
        unionid=_unionid(metadata, prefix),
        session=_session(metadata, prefix),
        code_claim=_code_claim(metadata, prefix),
        login_event=_login_event(metadata, prefix),
        agreement=_agreement(metadata, prefix),
        ticket=_ticket(metadata, prefix),
        app=_app(metadata, prefix),
        outbox=_outbox(metadata, prefix),
        rate=_rate(metadata, prefix),
        access_token=_access_token(metadata, prefix),
        secret_key=_secret_key(metadata, prefix),
    )


def _account(metadata: sa.MetaData, prefix: str) -> sa.Table:
    return sa.Table(
        f"{prefix}account",
        metadata,
        sa.Column("id", key(36), primary_key=True),
        sa.Column("pool", key(), nullable=False),
        sa.Column("user_id", name()),
        sa.Column("status", key(16), nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("epoch_reason", sa.String(255)),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("nickname", sa.String(255)),
        sa.Column("avatar_url", sa.String(2048)),
        sa.Column("phone", sealed()),
        sa.Column("phone_hash", digest()),
        sa.Column("phone_proven_at", Instant),
        sa.Column("claims", sa.Text, nullable=False),
        sa.Column("disabled_until", Instant),
        sa.Column("reason", sa.String(1024)),
        sa.UniqueConstraint("user_id", name=f"{prefix}account_user_id"),
        # The hash leads, so that a search through all pools has an index too.
        sa.UniqueConstraint("phone_hash", "pool", name=f"{prefix}account_phone"),
        info={
            CHECKED: frozenset({"id", "user_id", "status", "disabled_until", "epoch"})
            | {"epoch_reason"}
        },
        **BY_KEY,
    )


def _identity(metadata: sa.MetaData, prefix: str) -> sa.Table:
    return sa.Table(
        f"{prefix}identity",
        metadata,
        # The openid leads, so that a search through all apps has an index too.
        sa.Column("openid", key(), primary_key=True),
        sa.Column("app_id", key(), primary_key=True),
        sa.Column("account_id", key(36), nullable=False),
        sa.Column("unionid", key()),
        sa.Column("linked_at", Instant, nullable=False),
        # MySQL sets columns from left to right: the previous key must come before the key.
        sa.Column("previous_key", sealed()),
        sa.Column("previous_sequence", sa.BigInteger),
        sa.Column("previous_obtained_at", Instant),
        sa.Column("displaced_at", Instant),
        sa.Column("session_key", sealed(), nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("obtained_at", Instant, nullable=False),
        sa.Index(f"{prefix}identity_account", "account_id"),
        **BY_KEY,
    )


def _unionid(metadata: sa.MetaData, prefix: str) -> sa.Table:
    return sa.Table(
        f"{prefix}unionid",
        metadata,
        sa.Column("unionid", key(), primary_key=True),
        sa.Column("pool", key(), primary_key=True),
        sa.Column("account_id", key(36), nullable=False),
        sa.Column("linked_at", Instant, nullable=False),
        sa.Index(f"{prefix}unionid_account", "account_id"),
        **BY_KEY,
    )


def _session(metadata: sa.MetaData, prefix: str) -> sa.Table:
    return sa.Table(
        f"{prefix}session",
        metadata,
        sa.Column("id", key(36), primary_key=True),
        sa.Column("secret_hash", digest(), nullable=False),
        sa.Column("account_id", key(36), nullable=False),
        sa.Column("app_id", key(), nullable=False),
        sa.Column("openid", key(), nullable=False),
        sa.Column("unionid", key()),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("claims", sa.Text, nullable=False),
        sa.Column("device_id", name()),
        sa.Column("device_name", sa.String(255)),
        sa.Column("device_platform", sa.String(255)),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("last_seen_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("idle_ttl", sa.BigInteger, nullable=False),
        sa.Column("ended_at", Instant),
        sa.Column("end_code", key(16)),
        sa.Column("end_reason", sa.String(255)),
        sa.Column("end_device", sa.Text),
        sa.Index(f"{prefix}session_account", "account_id", "ended_at"),
        sa.Index(f"{prefix}session_expires", "expires_at"),
        info={
            CHECKED: frozenset({"secret_hash", "account_id", "app_id", "openid", "unionid"})
            | {"epoch", "claims", "expires_at", "idle_ttl", "ended_at"}
        },
        **BY_KEY,
    )


def _code_claim(metadata: sa.MetaData, prefix: str) -> sa.Table:
    return sa.Table(
        f"{prefix}code_claim",
        metadata,
        sa.Column("sequence", counter(), primary_key=True, autoincrement=True),
        sa.Column("code_hash", digest(), nullable=False),
        sa.Column("until", Instant, nullable=False),
        sa.UniqueConstraint("code_hash", name=f"{prefix}code_claim_code"),
        sa.Index(f"{prefix}code_claim_until", "until"),
        **COUNTED,
    )


def _login_event(metadata: sa.MetaData, prefix: str) -> sa.Table:
    return sa.Table(
        f"{prefix}login_event",
        metadata,
        sa.Column("id", counter(), primary_key=True, autoincrement=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("account_id", key(36), nullable=False),
        sa.Column("app_id", key(), nullable=False),
        sa.Column("session_id", key(36), nullable=False),
        sa.Column("door", key(16), nullable=False),
        sa.Column("is_new_account", sa.Boolean, nullable=False),
        sa.Column("device_name", sa.String(255)),
        sa.Column("device_platform", sa.String(255)),
        sa.Index(f"{prefix}login_event_account", "account_id", "at"),
        **COUNTED,
    )


def _agreement(metadata: sa.MetaData, prefix: str) -> sa.Table:
    return sa.Table(
        f"{prefix}agreement",
        metadata,
        sa.Column("account_id", key(36), primary_key=True),
        sa.Column("agreement_id", name(128), primary_key=True),
        sa.Column("version", name(128), primary_key=True),
        sa.Column("agreed_at", Instant, nullable=False),
        **BY_KEY,
    )


def _ticket(metadata: sa.MetaData, prefix: str) -> sa.Table:
    return sa.Table(
        f"{prefix}ticket",
        metadata,
        sa.Column("hash", digest(), primary_key=True),
        sa.Column("app_id", key(), nullable=False),
        sa.Column("openid", key(), nullable=False),
        sa.Column("unionid", key()),
        sa.Column("session_key", sealed(), nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("obtained_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Index(f"{prefix}ticket_expires", "expires_at"),
        **BY_KEY,
    )


def _app(metadata: sa.MetaData, prefix: str) -> sa.Table:
    return sa.Table(
        f"{prefix}app",
        metadata,
        sa.Column("app_id", key(), primary_key=True),
        sa.Column("secret", sealed(), nullable=False),
        sa.Column("kind", key(32), nullable=False),
        sa.Column("registration", key(16), nullable=False),
        sa.Column("phone_conflict", key(16), nullable=False),
        sa.Column("pool", key(), nullable=False),
        sa.Column("push_token", sealed()),
        sa.Column("encoding_aes_key", sealed()),
        sa.Column("cors_origins", sa.Text, nullable=False),
        sa.Column("is_disabled", sa.Boolean, nullable=False),
        **BY_KEY,
    )


def _outbox(metadata: sa.MetaData, prefix: str) -> sa.Table:
    return sa.Table(
        f"{prefix}outbox",
        metadata,
        sa.Column("id", key(), primary_key=True),
        sa.Column("kind", key(32), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("account_id", key(36), nullable=False),
        sa.Column("user_id", name()),
        sa.Column("app_id", key()),
        sa.Column("session_id", key(36)),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("leased_until", Instant),
        sa.Index(f"{prefix}outbox_at", "at", "id"),
        **BY_KEY,
    )


def _rate(metadata: sa.MetaData, prefix: str) -> sa.Table:
    return sa.Table(
        f"{prefix}rate",
        metadata,
        sa.Column("key_hash", digest(), primary_key=True),
        # Microseconds since 1970, not an Instant: the one statement of `take` adds to it.
        sa.Column("full_until", sa.BigInteger, nullable=False),
        **BY_KEY,
    )


def _access_token(metadata: sa.MetaData, prefix: str) -> sa.Table:
    return sa.Table(
        f"{prefix}access_token",
        metadata,
        sa.Column("app_id", key(), primary_key=True),
        sa.Column("value", sealed()),
        sa.Column("expires_at", Instant),
        sa.Column("fence", sa.BigInteger, nullable=False),
        sa.Column("leased_fence", sa.BigInteger, nullable=False),
        sa.Column("leased_until", Instant),
        **BY_KEY,
    )


def _secret_key(metadata: sa.MetaData, prefix: str) -> sa.Table:
    return sa.Table(
        f"{prefix}secret_key",
        metadata,
        sa.Column("name", key(), primary_key=True),
        sa.Column("value", sealed(), nullable=False),
        **BY_KEY,
    )
