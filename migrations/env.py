"""Alembic's entry: runs on the connection that `base.schema` hands over, knowing the tables of every room."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

import accounts.tables  # noqa: F401  these imports fill the metadata
import agent.tables  # noqa: F401
import base.tables  # noqa: F401
import executor.tables  # noqa: F401
import tools.registry.tables
import tools.shelf.tables  # noqa: F401
from base.crypto import Sealed
from base.db import Moment, metadata


def render_item(type_: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our own column types into a revision as what they are in the database: a migration must not follow the code."""
    if type_ == "type" and isinstance(item, Sealed):
        return "sa.LargeBinary()"
    if type_ == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=metadata, render_as_batch=True, render_item=render_item
)
with context.begin_transaction():
    context.run_migrations()
