"""The first tables.

Written out, and never changed again: a database that ran it must be what it says.

Revision ID: 0001
Revises:
"""

from typing import Any

import sqlalchemy as sa
from alembic import context, op

from wxlogin.stores.columns import (
    Instant,
    counter,
    digest,
    key,
    name,
    picture,
    sealed,
    where_there_is,
)

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
    _service_key(prefix)
    _outbox(prefix)
    _rate(prefix)
    _access_token(prefix)
    _secret_key(prefix)
    _verification_code(prefix)
    _quota(prefix)
    _avatar(prefix)
    _application(prefix)
    _audit(prefix)
    _erased(prefix)
    _audit_head(prefix)
    _operator(prefix)
    _operator_session(prefix)
    _sample(prefix)


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
    "verification_code",
    "quota",
    "avatar",
    "application",
    "audit",
    "erased",
    "audit_head",
    "operator",
    "operator_session",
    "sample",
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
        sa.Column("nickname_at", Instant),
        sa.Column("avatar_url", sa.String(2048)),
        sa.Column("avatar_id", key()),
        sa.Column("avatar_at", Instant),
        sa.Column("phone", sealed()),
        sa.Column("phone_hash", digest()),
        sa.Column("phone_proven_at", Instant),
        sa.Column("claims", sa.Text, nullable=False),
        sa.Column("disabled_until", Instant),
        sa.Column("reason", sa.String(1024)),
        sa.Column("erase_at", Instant),
        sa.Column("merged_ids", sa.Text),
        sa.Column("pseudonym", key(32), nullable=False),
        sa.Column("username", name()),
        sa.Column("username_key", name()),
        sa.Column("password", sealed()),
        sa.Column("password_changed_at", Instant),
        sa.Column("password_failures", sa.Integer, nullable=False),
        sa.UniqueConstraint("user_id", name=f"{prefix}account_user_id"),
        sa.UniqueConstraint("phone_hash", "pool", name=f"{prefix}account_phone"),
        sa.UniqueConstraint("username_key", "pool", name=f"{prefix}account_username"),
        sa.Index(f"{prefix}account_pseudonym", "pseudonym"),
        sa.Index(f"{prefix}account_status", "status", "id"),
        sa.Index(f"{prefix}account_nickname", "nickname", **where_there_is("nickname")),
        sa.Index(f"{prefix}account_erase_at", "erase_at", **where_there_is("erase_at")),
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
        sa.Column("session_key", sealed()),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("obtained_at", Instant),
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
        sa.Column("openid", key()),
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
        sa.Index(f"{prefix}login_event_at", "at", "is_new_account"),
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
        sa.Column("openid", key()),
        sa.Column("unionid", key()),
        sa.Column("session_key", sealed()),
        sa.Column("sequence", sa.BigInteger),
        sa.Column("obtained_at", Instant),
        sa.Column("phone", sealed()),
        sa.Column("phone_proven_at", Instant),
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
        sa.Column("old_secret", sealed()),
        sa.Column("cors_origins", sa.Text, nullable=False),
        sa.Column("is_disabled", sa.Boolean, nullable=False),
        **BY_KEY,
    )


def _service_key(prefix: str) -> None:
    op.create_table(
        f"{prefix}service_key",
        sa.Column("id", key(36), primary_key=True),
        sa.Column("name", name(), nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("secret_hash", digest(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("created_by", name()),
        sa.Column("last_used_at", Instant),
        sa.Column("revoked_at", Instant),
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


def _verification_code(prefix: str) -> None:
    op.create_table(
        f"{prefix}verification_code",
        sa.Column("slot", digest(), primary_key=True),
        sa.Column("code_hash", digest(), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Index(f"{prefix}verification_code_expires", "expires_at"),
        **BY_KEY,
    )


def _quota(prefix: str) -> None:
    op.create_table(
        f"{prefix}quota",
        sa.Column("key_hash", digest(), primary_key=True),
        # Microseconds since 1970 of every take that still counts, oldest first, as JSON.
        sa.Column("takes", sa.Text, nullable=False),
        sa.Column("until", Instant, nullable=False),
        sa.Index(f"{prefix}quota_until", "until"),
        **BY_KEY,
    )


def _avatar(prefix: str) -> None:
    op.create_table(
        f"{prefix}avatar",
        sa.Column("id", key(64), primary_key=True),
        sa.Column("account_id", key(36), nullable=False),
        sa.Column("content", picture(), nullable=False),
        sa.Column("media_type", key(32), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Index(f"{prefix}avatar_account", "account_id"),
        **BY_KEY,
    )


def _application(prefix: str) -> None:
    op.create_table(
        f"{prefix}application",
        sa.Column("id", key(64), primary_key=True),
        sa.Column("account_id", key(36), nullable=False),
        sa.Column("app_id", key(), nullable=False),
        sa.Column("company_name", sa.String(255), nullable=False),
        sa.Column("credit_code", key(18), nullable=False),
        sa.Column("contact_name", sealed(), nullable=False),
        sa.Column("status", key(16), nullable=False),
        sa.Column("reason", sa.String(1024)),
        sa.Column("submitted_at", Instant, nullable=False),
        sa.Column("decided_at", Instant),
        sa.Column("decided_by", name()),
        sa.Index(f"{prefix}application_status", "status", "submitted_at", "id"),
        sa.Index(f"{prefix}application_account", "account_id"),
        **BY_KEY,
    )


def _erased(prefix: str) -> None:
    op.create_table(
        f"{prefix}erased",
        sa.Column("account_id", key(36), primary_key=True),
        sa.Column("erased_at", Instant, nullable=False),
        **BY_KEY,
    )


def _audit(prefix: str) -> None:
    op.create_table(
        f"{prefix}audit",
        sa.Column("id", counter(), primary_key=True, autoincrement=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("kind", key(64), nullable=False),
        sa.Column("actor_kind", key(16), nullable=False),
        sa.Column("actor_id", name()),
        # The account's pseudonym: the row that ties it to a person goes with the account.
        sa.Column("subject", key(32)),
        sa.Column("app_id", key()),
        sa.Column("reason", sa.String(1024)),
        sa.Column("data", sa.Text, nullable=False),
        # Set once, when the line is sealed into the chain.
        sa.Column("position", sa.BigInteger),
        sa.Column("link", digest()),
        sa.UniqueConstraint("position", name=f"{prefix}audit_position"),
        sa.Index(f"{prefix}audit_at", "at", "id"),
        sa.Index(f"{prefix}audit_subject", "subject", "id"),
        sa.Index(f"{prefix}audit_kind", "kind", "id"),
        **COUNTED,
    )


def _audit_head(prefix: str) -> None:
    op.create_table(
        f"{prefix}audit_head",
        sa.Column("id", key(16), primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("link", digest(), nullable=False),
        sa.Column("base_position", sa.BigInteger, nullable=False),
        sa.Column("base_link", digest(), nullable=False),
        sa.Column("mac", digest(), nullable=False),
        **BY_KEY,
    )


def _operator(prefix: str) -> None:
    op.create_table(
        f"{prefix}operator",
        sa.Column("id", key(36), primary_key=True),
        sa.Column("name", name(), nullable=False),
        sa.Column("name_key", name(), nullable=False),
        sa.Column("role", key(16), nullable=False),
        sa.Column("language", key(8), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("last_sign_in_at", Instant),
        sa.Column("is_disabled", sa.Boolean, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("password", sealed(), nullable=False),
        sa.Column("totp_secret", sealed(), nullable=False),
        sa.Column("totp_step", sa.BigInteger),
        sa.UniqueConstraint("name_key", name=f"{prefix}operator_name"),
        **BY_KEY,
    )


def _operator_session(prefix: str) -> None:
    op.create_table(
        f"{prefix}operator_session",
        sa.Column("id", key(36), primary_key=True),
        sa.Column("secret_hash", digest(), nullable=False),
        sa.Column("operator_id", key(36), nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("last_seen_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("ended_at", Instant),
        sa.Index(f"{prefix}operator_session_expires", "expires_at"),
        **BY_KEY,
    )


def _sample(prefix: str) -> None:
    op.create_table(
        f"{prefix}sample",
        sa.Column("name", key(), primary_key=True),
        sa.Column("at", Instant, primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.Index(f"{prefix}sample_at", "at"),
        **BY_KEY,
    )
