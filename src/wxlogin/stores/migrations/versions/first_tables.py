"""The first tables.

Written out, and never changed again: a database that ran it must be what it says.

Revision ID: 0001
Revises:
"""

from typing import Any

import sqlalchemy as sa
from alembic import context, op

from wxlogin.stores.columns import Instant, counter, digest, key, name, sealed

revision = "0001"
down_revision = None

BY_KEY: dict[str, Any] = {
    "sqlite_with_rowid": False,
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
}
COUNTED: dict[str, Any] = {
    "sqlite_autoincrement": True,
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
}


def upgrade() -> None:
    prefix = context.config.attributes["prefix"]
    _account(prefix)
    _identity(prefix)
    _unionid(prefix)
    _session(prefix)
    _code_claim(prefix)
    _login_event(prefix)
    _agreement(prefix)
    _ticket(prefix)
    _app(prefix)
    _outbox(prefix)
    _rate(prefix)
    _access_token(prefix)
    _secret_key(prefix)


def downgrade() -> None:
    prefix = context.config.attributes["prefix"]
    for table in reversed(TABLES):
        op.drop_table(f"{prefix}{table}")


TABLES = (
    "account",
    "identity",
    "unionid",
    "session",
    "code_claim",
    "login_event",
    "agreement",
    "ticket",
    "app",
    "outbox",
    "rate",
    "access_token",
    "secret_key",
)


def _account(prefix: str) -> None:
    op.create_table(
        f"{prefix}account",
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
        sa.UniqueConstraint("phone_hash", "pool", name=f"{prefix}account_phone"),
        **BY_KEY,
    )


def _identity(prefix: str) -> None:
    op.create_table(
        f"{prefix}identity",
        sa.Column("openid", key(), primary_key=True),
        sa.Column("app_id", key(), primary_key=True),
        sa.Column("account_id", key(36), nullable=False),
        sa.Column("unionid", key()),
        sa.Column("linked_at", Instant, nullable=False),
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


def _unionid(prefix: str) -> None:
    op.create_table(
        f"{prefix}unionid",
        sa.Column("unionid", key(), primary_key=True),
        sa.Column("pool", key(), primary_key=True),
        sa.Column("account_id", key(36), nullable=False),
        sa.Column("linked_at", Instant, nullable=False),
        sa.Index(f"{prefix}unionid_account", "account_id"),
        **BY_KEY,
    )


def _session(prefix: str) -> None:
    op.create_table(
        f"{prefix}session",
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
        **BY_KEY,
    )


def _code_claim(prefix: str) -> None:
    op.create_table(
        f"{prefix}code_claim",
        sa.Column("sequence", counter(), primary_key=True, autoincrement=True),
        sa.Column("code_hash", digest(), nullable=False),
        sa.Column("until", Instant, nullable=False),
        sa.UniqueConstraint("code_hash", name=f"{prefix}code_claim_code"),
        sa.Index(f"{prefix}code_claim_until", "until"),
        **COUNTED,
    )


def _login_event(prefix: str) -> None:
    op.create_table(
        f"{prefix}login_event",
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


def _agreement(prefix: str) -> None:
    op.create_table(
        f"{prefix}agreement",
        sa.Column("account_id", key(36), primary_key=True),
        sa.Column("agreement_id", name(128), primary_key=True),
        sa.Column("version", name(128), primary_key=True),
        sa.Column("agreed_at", Instant, nullable=False),
        **BY_KEY,
    )


def _ticket(prefix: str) -> None:
    op.create_table(
        f"{prefix}ticket",
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


def _app(prefix: str) -> None:
    op.create_table(
        f"{prefix}app",
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


def _outbox(prefix: str) -> None:
    op.create_table(
        f"{prefix}outbox",
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


def _rate(prefix: str) -> None:
    op.create_table(
        f"{prefix}rate",
        sa.Column("key_hash", digest(), primary_key=True),
        sa.Column("full_until", sa.BigInteger, nullable=False),
        **BY_KEY,
    )


def _access_token(prefix: str) -> None:
    op.create_table(
        f"{prefix}access_token",
        sa.Column("app_id", key(), primary_key=True),
        sa.Column("value", sealed()),
        sa.Column("expires_at", Instant),
        sa.Column("fence", sa.BigInteger, nullable=False),
        sa.Column("leased_fence", sa.BigInteger, nullable=False),
        sa.Column("leased_until", Instant),
        **BY_KEY,
    )


def _secret_key(prefix: str) -> None:
    op.create_table(
        f"{prefix}secret_key",
        sa.Column("name", key(), primary_key=True),
        sa.Column("value", sealed(), nullable=False),
        **BY_KEY,
    )
