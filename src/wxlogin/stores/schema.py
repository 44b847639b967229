"""The tables. What must be unique is unique here: no code checks it and then writes.

There are no foreign keys. Whatever belongs together is written in one transaction;
the databases that spread tables over machines restrict or lack them, and in MySQL
each one locks the parent row in an order that two logins can cross.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

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
    service_key: sa.Table
    outbox: sa.Table
    rate: sa.Table
    access_token: sa.Table
    secret_key: sa.Table
    verification_code: sa.Table
    quota: sa.Table
    avatar: sa.Table
    application: sa.Table
    audit: sa.Table
    erased: sa.Table
    audit_head: sa.Table
    operator: sa.Table
    operator_session: sa.Table
    sample: sa.Table


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
        service_key=_service_key(metadata, prefix),
        outbox=_outbox(metadata, prefix),
        rate=_rate(metadata, prefix),
        access_token=_access_token(metadata, prefix),
        secret_key=_secret_key(metadata, prefix),
        verification_code=_verification_code(metadata, prefix),
        quota=_quota(metadata, prefix),
        avatar=_avatar(metadata, prefix),
        application=_application(metadata, prefix),
        audit=_audit(metadata, prefix),
        erased=_erased(metadata, prefix),
        audit_head=_audit_head(metadata, prefix),
        operator=_operator(metadata, prefix),
        operator_session=_operator_session(metadata, prefix),
        sample=_sample(metadata, prefix),
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
        # The hash leads, so that a search through all pools has an index too.
        sa.UniqueConstraint("phone_hash", "pool", name=f"{prefix}account_phone"),
        sa.UniqueConstraint("username_key", "pool", name=f"{prefix}account_username"),
        sa.Index(f"{prefix}account_pseudonym", "pseudonym"),
        sa.Index(f"{prefix}account_status", "status", "id"),
        sa.Index(f"{prefix}account_nickname", "nickname", **where_there_is("nickname")),
        sa.Index(f"{prefix}account_erase_at", "erase_at", **where_there_is("erase_at")),
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
        sa.Column("session_key", sealed()),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("obtained_at", Instant),
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
        # Whole enough to count by: pruning and the console's plots ask no row.
        sa.Index(f"{prefix}login_event_at", "at", "is_new_account"),
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
        sa.Column("old_secret", sealed()),
        sa.Column("cors_origins", sa.Text, nullable=False),
        sa.Column("is_disabled", sa.Boolean, nullable=False),
        **BY_KEY,
    )


def _service_key(metadata: sa.MetaData, prefix: str) -> sa.Table:
    return sa.Table(
        f"{prefix}service_key",
        metadata,
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


def _verification_code(metadata: sa.MetaData, prefix: str) -> sa.Table:
    return sa.Table(
        f"{prefix}verification_code",
        metadata,
        sa.Column("slot", digest(), primary_key=True),
        sa.Column("code_hash", digest(), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Index(f"{prefix}verification_code_expires", "expires_at"),
        **BY_KEY,
    )


def _quota(metadata: sa.MetaData, prefix: str) -> sa.Table:
    return sa.Table(
        f"{prefix}quota",
        metadata,
        sa.Column("key_hash", digest(), primary_key=True),
        # Microseconds since 1970 of every take that still counts, oldest first, as JSON.
        sa.Column("takes", sa.Text, nullable=False),
        sa.Column("until", Instant, nullable=False),
        sa.Index(f"{prefix}quota_until", "until"),
        **BY_KEY,
    )


def _avatar(metadata: sa.MetaData, prefix: str) -> sa.Table:
    return sa.Table(
        f"{prefix}avatar",
        metadata,
        sa.Column("id", key(64), primary_key=True),
        sa.Column("account_id", key(36), nullable=False),
        sa.Column("content", picture(), nullable=False),
        sa.Column("media_type", key(32), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Index(f"{prefix}avatar_account", "account_id"),
        **BY_KEY,
    )


def _application(metadata: sa.MetaData, prefix: str) -> sa.Table:
    return sa.Table(
        f"{prefix}application",
        metadata,
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


def _erased(metadata: sa.MetaData, prefix: str) -> sa.Table:
    return sa.Table(
        f"{prefix}erased",
        metadata,
        sa.Column("account_id", key(36), primary_key=True),
        sa.Column("erased_at", Instant, nullable=False),
        **BY_KEY,
    )


def _audit(metadata: sa.MetaData, prefix: str) -> sa.Table:
    return sa.Table(
        f"{prefix}audit",
        metadata,
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


def _audit_head(metadata: sa.MetaData, prefix: str) -> sa.Table:
    return sa.Table(
        f"{prefix}audit_head",
        metadata,
        # One row: where the chain of the audit lines ends, and after which it begins.
        sa.Column("id", key(16), primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("link", digest(), nullable=False),
        sa.Column("base_position", sa.BigInteger, nullable=False),
        sa.Column("base_link", digest(), nullable=False),
        sa.Column("mac", digest(), nullable=False),
        **BY_KEY,
    )


def _operator(metadata: sa.MetaData, prefix: str) -> sa.Table:
    return sa.Table(
        f"{prefix}operator",
        metadata,
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
        # The last step whose code was spent: it and those before it are worth nothing.
        sa.Column("totp_step", sa.BigInteger),
        sa.UniqueConstraint("name_key", name=f"{prefix}operator_name"),
        **BY_KEY,
    )


def _operator_session(metadata: sa.MetaData, prefix: str) -> sa.Table:
    return sa.Table(
        f"{prefix}operator_session",
        metadata,
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


def _sample(metadata: sa.MetaData, prefix: str) -> sa.Table:
    return sa.Table(
        f"{prefix}sample",
        metadata,
        sa.Column("name", key(), primary_key=True),
        sa.Column("at", Instant, primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.Index(f"{prefix}sample_at", "at"),
        **BY_KEY,
    )
