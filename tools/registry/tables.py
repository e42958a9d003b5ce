"""Tables of what people add to the registry: models and LoRAs, private, proposed or public."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from base.crypto import Sealed
from base.db import Moment, metadata

registrations = Table(
    "registrations",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("kind", String(16), nullable=False),  # model or lora
    Column("account_id", String(36), ForeignKey("accounts.id", ondelete="CASCADE")),  # none: the operator's
    Column("tier", String(16), nullable=False),
    Column("state", String(16), nullable=False),  # private, proposed or public
    Column("content", Sealed),  # under the account's key, for as long as it is the account's alone
    Column("facts", Text),  # the same in plain JSON once it is public, or when it is the operator's
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Index("ix_registrations_kind_state", "kind", "state"),
    Index("ix_registrations_account_id", "account_id"),
)

registry_versions = Table(
    "registry_versions",
    metadata,
    Column("scope", String(80), primary_key=True),  # `public`, or an account's
    Column("number", Integer, nullable=False),  # moves with every change, so that caches of all processes notice
)
