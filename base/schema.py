"""Bring the database schema up to date, or tell that it is not.

`serve` does it for SQLite by itself. On PostgreSQL an operator does it with `stationthis db upgrade`, under an advisory
lock, so that two of them cannot meet.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from base.db import reaching
from base.errors import DatabaseUnreachable

_LOCK = 0x57A7104  # any constant of our own
MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


async def upgrade(url: str) -> str:
    """Apply every missing migration; returns the revision reached."""
    async with _connected(url) as connection:
        await connection.run_sync(_upgrade)
        await connection.commit()
        return str(await connection.run_sync(_current))


async def is_current(url: str) -> bool:
    """Whether the database has the newest revision."""
    async with _connected(url) as connection:
        return bool(await connection.run_sync(_current) == head())


async def is_empty(url: str) -> bool:
    """Whether no migration was ever applied."""
    async with _connected(url) as connection:
        return await connection.run_sync(_current) is None


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[AsyncConnection]:
    """A connection of its own. Raises DatabaseUnreachable, without the URL's user and password."""
    engine = create_async_engine(url)
    try:
        try:
            connection = await engine.connect()
        except (OSError, SQLAlchemyError):
            raise DatabaseUnreachable from None
        try:
            with reaching():
                yield connection
        finally:
            await connection.close()
    finally:
        await engine.dispose()


def head() -> str | None:
    """The newest revision this program knows."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _current(connection: Connection) -> Any:
    return MigrationContext.configure(connection).get_current_revision()
