"""The planner that the settings name, put together from its real parts and nothing besides: no conversation, no job."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from agent.compose import compose
from agent.embedded.planner import EmbeddedPlanner
from agent.planning import Planner
from base import schema
from base.bell import LocalBell
from base.clock import Clock, SystemClock
from base.db import Database
from base.events import EventLog
from base.ids import new_id
from base.settings import Settings, provider_environment
from base.testing import MemoryKeyStore
from evals.errors import NothingToPlanFor
from evals.subject import PlannerSubject
from executor.assembly import open_executor
from executor.protocols import Pool
from tools.embedding import MiniLmEncoder
from tools.index import ToolIndex
from tools.model import Capabilities
from tools.service import ToolCatalogue, build_graph, load_tools

POOL_WAIT_S = 30.0


@asynccontextmanager
async def open_subject(settings: Settings) -> AsyncIterator[PlannerSubject]:
    """The language model where one is named, else the embedded planner, planning for the pool that the settings name."""
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        encoder = MiniLmEncoder()
        stack.callback(encoder.close)
        catalogue = ToolCatalogue(load_tools(), ToolIndex(encoder, settings.data / "cache", settings.qdrant_url))
        pool = await stack.enter_async_context(_pool(settings, catalogue, clock))
        planner = await _planner(settings, encoder, clock, stack)
        await catalogue.prepare()
        yield PlannerSubject(
            planner,
            catalogue,
            await _capabilities(pool, clock),
            lambda draft, request: compose(draft, request, catalogue, new_id()),
        )


@asynccontextmanager
async def _pool(settings: Settings, catalogue: ToolCatalogue, clock: Clock) -> AsyncIterator[Pool]:
    """The instances alone, with a scratch database: no worker takes a job."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = settings.model_copy(update={"data": Path(folder), "database_url": None})
        await schema.upgrade(scratch.resolved_database_url)
        db, keys, bell = Database(scratch.resolved_database_url), MemoryKeyStore(), LocalBell()
        events = EventLog(db, keys, bell, clock)
        opening = open_executor(scratch, db, keys, events, bell, clock, build_graph, catalogue, work=False)
        async with opening as executor:
            yield executor.pool
        await db.close()


async def _planner(settings: Settings, encoder: MiniLmEncoder, clock: Clock, stack: AsyncExitStack) -> Planner:
    if settings.model is None:
        embedded = EmbeddedPlanner(encoder)
        await embedded.prepare()
        return embedded
    from agent.llm.assembly import open_llm_planner

    return await stack.enter_async_context(open_llm_planner(settings, provider_environment(), clock))


async def _capabilities(pool: Pool, clock: Clock) -> Sequence[Capabilities]:
    deadline = clock.monotonic() + POOL_WAIT_S
    while not pool.capabilities() or any(capabilities.unknown for capabilities in pool.capabilities()):
        if clock.monotonic() > deadline:
            raise NothingToPlanFor
        await clock.sleep(0.1)
    return pool.capabilities()
