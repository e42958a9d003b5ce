"""The registry for a command: what comes with the program, and what was added here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from accounts.keys import StandardKeyStore
from base import schema
from base.clock import SystemClock
from base.db import Database
from base.errors import SchemaBehind
from base.settings import Settings, load_secrets
from tools.registry.service import Registrations


@asynccontextmanager
async def open_registrations(settings: Settings) -> AsyncIterator[Registrations]:
    """The registrations of this installation. Raises SchemaBehind, WrongMasterKey, DatabaseUnreachable."""
    url = settings.resolved_database_url
    if settings.database_url is None:
        settings.data.mkdir(parents=True, exist_ok=True)
        await schema.upgrade(url)
    elif not await schema.is_current(url):
        raise SchemaBehind
    db, clock = Database(url), SystemClock()
    try:
        keys = StandardKeyStore(db, load_secrets(settings).master, clock)
        await keys.recognise()
        yield Registrations(db, keys, clock)
    finally:
        await db.close()
