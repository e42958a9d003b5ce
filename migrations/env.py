"""Alembic's entry: runs on the connection that `base.schema` hands over, knowing the tables of every room."""

from __future__ import annotations

from alembic import context

import accounts.tables
import agent.tables
import base.tables
import executor.tables  # noqa: F401  the imports fill the metadata
from base.db import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
