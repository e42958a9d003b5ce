"""Tables of the shelf. Titles, slugs, tools and sources are sealed with the owner's account key; versions are never changed."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from base.crypto import Sealed
from base.db import Moment, metadata

shelf_items = Table(
    "shelf_items",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account_id", String(36), ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("tier", String(16), nullable=False),
    Column("short", String(8), nullable=False, unique=True),  # the end of the id, by which tool names mean it
    Column("kind", String(16), nullable=False),
    Column("visibility", String(16), nullable=False),
    Column("version", Integer, nullable=False),  # the newest
    Column("origin", String(80), unique=True),  # what asked for it, so that asking again makes no second one
    Column("link_hash", String(64), unique=True),
    Column("link", Sealed),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index("ix_shelf_items_owner", "account_id", "kind", "id"),
    Index("ix_shelf_items_visibility", "visibility", "updated_at"),
)

shelf_versions = Table(
    "shelf_versions",
    metadata,
    Column("item_id", String(36), ForeignKey("shelf_items.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("content", Sealed, nullable=False),  # {title, slug, tool, body, note}
    Column("created_at", Moment, nullable=False),
)
