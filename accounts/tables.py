"""Tables of the accounts: people, their API tokens, data keys, answers kept for repeated requests."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table

from base.crypto import Sealed
from base.db import Moment, metadata

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("tier", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("made_from", String(64)),  # keyed hash of the network address that it was made from; none on this machine
    Index("ix_accounts_made_from_created_at", "made_from", "created_at"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account_id", String(36), ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("tier", String(16), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("name", Sealed, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment),
    Column("revoked_at", Moment),
    Index("ix_api_tokens_account_id", "account_id"),
)

data_keys = Table(
    "data_keys",
    metadata,
    Column("scope", String(80), primary_key=True),
    Column("account_id", String(36), ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("tier", String(16), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),  # the data key under the master key
    Column("created_at", Moment, nullable=False),
    Index("ix_data_keys_account_id", "account_id"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("account_id", String(36), ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("route", String(200), primary_key=True),
    Column("key_hash", String(64), primary_key=True),
    Column("tier", String(16), nullable=False),
    Column("body_sha256", String(64)),  # unknown until the end for a body that streams
    Column("status", Integer),  # none while the first request is at work
    Column("answer", Sealed),
    Column("lease", String(36), nullable=False),
    Column("lapses_at", Moment, nullable=False),  # then the row may go
    Index("ix_idempotency_keys_lapses_at", "lapses_at"),
)
