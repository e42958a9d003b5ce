"""Read a recorded turn as the agent's own context gives it, beside whatever serves from this data folder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from accounts.keys import StandardKeyStore
from agent import shapes, store
from agent.context import Context
from base import schema
from base.bell import LocalBell
from base.clock import SystemClock
from base.db import Database
from base.errors import SchemaBehind
from base.events import EventLog
from base.settings import Settings, load_secrets
from evals.errors import TurnIsPrivate, TurnNotRecorded
from evals.recording.writing import as_yaml
from executor.assembly import open_executor
from tools.index import ToolIndex
from tools.loras.shelf import LoraShelf
from tools.model import Capabilities
from tools.protocols import Found
from tools.registry.service import Registrations
from tools.service import ToolCatalogue, build_graph, load_tools
from tools.testing import HashEncoder


async def recorded(settings: Settings, turn_id: str) -> str:
    """A turn as the YAML of a case. Raises TurnNotRecorded, and TurnIsPrivate before anything is unsealed."""
    if settings.database_url is None and not (settings.data / "stationthis.db").exists():
        raise TurnNotRecorded
    if not await schema.is_current(settings.resolved_database_url):
        raise SchemaBehind
    clock, db, bell = SystemClock(), Database(settings.resolved_database_url), LocalBell()
    try:
        async with db.read() as tx:
            turn = await store.turn(tx, turn_id)
        if turn is None:
            raise TurnNotRecorded
        if turn["tier"] != "standard":
            raise TurnIsPrivate
        keys = StandardKeyStore(db, load_secrets(settings).master, clock)
        await keys.recognise()
        key = await keys.key(shapes.scope(turn["conversation_id"]))
        planned = key.open(turn["planned"])
        if planned is None:
            raise TurnNotRecorded("This turn ended before it was understood.")
        async with _context(settings, db, keys, EventLog(db, keys, bell, clock), bell, clock) as context:
            request = await context.request(turn)
        return as_yaml(turn_id, request, key.open(turn["message"]), planned)
    finally:
        await db.close()


@asynccontextmanager
async def _context(settings: Settings, *ground: Any) -> AsyncIterator[Context]:
    """The agent's context with no instance and no search: neither belongs to a case."""
    db, keys, events, bell, clock = ground
    alone = settings.model_copy(update={"comfy_urls": ()})
    catalogue = _Unsearched(load_tools(), ToolIndex(HashEncoder(), settings.data / "cache", None))
    opening = open_executor(
        alone, db, keys, events, bell, clock, build_graph, catalogue, work=False, renderer=None
    )
    loras = LoraShelf(Registrations(db, keys, clock), clock)
    async with opening as executor:
        yield Context(db, keys, executor.runs, executor.assets, executor.pool, catalogue, loras, lambda: 0)


class _Unsearched(ToolCatalogue):
    async def search(
        self, query: str, capabilities: Sequence[Capabilities], limit: int, account_id: str | None = None
    ) -> list[Found]:
        return []
