"""Tables of the base: numbered event streams."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table

from base.crypto import Sealed
from base.db import Moment, metadata

streams = Table(
    "streams",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("scope", String(80), nullable=False),  # whose data key seals the payloads
    Column("last", BigInteger, nullable=False, default=0),
)

events = Table(
    "events",
    metadata,
    Column("stream", String(80), ForeignKey("streams.id", ondelete="CASCADE"), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("type", String(40), nullable=False),
    Column("at", Moment, nullable=False),
    Column("payload", Sealed, nullable=False),
    Index("ix_events_at", "at"),
)
