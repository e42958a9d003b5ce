"""Tables of the base: numbered event streams, what comes round again, and what an installation is known by."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, String, Table

from base.crypto import Sealed
from base.db import Moment, metadata

streams = Table(
    "streams",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("scope", String(80), nullable=False),  # whose data key seals the payloads
    Column("last", BigInteger, nullable=False, default=0),
    Index("ix_streams_scope_id", "scope", "id"),
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

periodic = Table(  # tasks that come round again, and when
    "periodic",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("every_s", Float, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("ticket", String(36)),  # of the start under way
    Column("lease_until", Moment),
    Column("started_at", Moment),
    Column("ended_at", Moment),
    Column("failures", Integer, nullable=False),  # in a row
    Column("failed_at", Moment),
    Column("error_code", String(80)),
)

marks = Table(  # what an installation is known by
    "marks",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", String(64), nullable=False),  # a keyed hash or an id
)
