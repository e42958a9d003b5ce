"""What is measured, put together from its real parts and nothing besides: a planner, and where wanted an executor."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from accounts.keys import StandardKeyStore
from accounts.service import Accounts
from agent.compose import compose
from agent.embedded.planner import EmbeddedPlanner
from agent.planning import Check, Planner
from agent.testing import ScriptedModel
from base import schema
from base.bell import LocalBell
from base.clock import Clock, SystemClock
from base.db import Database
from base.events import EventLog
from base.ids import new_id
from base.settings import Settings, load_secrets, provider_environment
from evals.darkroom import ExecutorDarkroom
from evals.errors import ModelNotNamed, NothingToPlanFor
from evals.protocols import Darkroom, Subject
from evals.scripted import ScriptedSubject, settings_for
from evals.subject import PlannerSubject
from executor.assembly import open_executor
from executor.model import Owner
from executor.protocols import Pool
from tools.embedding import MiniLmEncoder
from tools.index import ToolIndex
from tools.model import Capabilities
from tools.protocols import Catalogue, Encoder
from tools.service import ToolCatalogue, all_tools, build_graph

POOL_WAIT_S = 30.0


@dataclass(frozen=True)
class Lab:
    """Who is asked, and where plans are run."""

    subject: Subject
    darkroom: Darkroom | None


@asynccontextmanager
async def open_lab(
    settings: Settings, planner: str = "embedded", *, outcome: bool = False, scripted: bool = False,
    encoder: Encoder | None = None,
) -> AsyncIterator[Lab]:
    """A planner (`embedded` or `llm`) that plans for the pool of the settings. `encoder` is for tests that have one.

    `scripted` gives the llm planner a server on this machine that answers as the cases expect.

    Raises ModelNotNamed, NothingToPlanFor.
    """
    if planner == "llm" and settings.model is None and not scripted:
        raise ModelNotNamed
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        script = await stack.enter_async_context(ScriptedModel()) if scripted else None
        settings = settings if script is None else settings_for(settings, script)
        encoder = encoder or _own_encoder(stack)
        tools = await asyncio.to_thread(all_tools, settings.data / "cache")
        catalogue = ToolCatalogue(tools, ToolIndex(encoder, settings.data / "cache", settings.qdrant_url))
        pool, darkroom = await stack.enter_async_context(_executor(settings, catalogue, clock, outcome))
        asked = await _planner(planner, settings, encoder, clock, catalogue, stack)
        await catalogue.prepare()
        subject = PlannerSubject(asked, catalogue, await _capabilities(pool, clock), _checks, clock)
        yield Lab(subject if script is None else ScriptedSubject(subject, script), darkroom)


def _checks(catalogue: Catalogue) -> Check:
    return lambda draft, wanted: compose(draft, wanted, catalogue, new_id())


def _own_encoder(stack: AsyncExitStack) -> MiniLmEncoder:
    encoder = MiniLmEncoder()
    stack.callback(encoder.close)
    return encoder


@asynccontextmanager
async def _executor(
    settings: Settings, catalogue: ToolCatalogue, clock: Clock, outcome: bool
) -> AsyncIterator[tuple[Pool, Darkroom | None]]:
    """The instances with a scratch database; jobs are taken only where plans are to be run."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = settings.model_copy(update={"data": Path(folder), "database_url": None})
        await schema.upgrade(scratch.resolved_database_url)
        db, bell, secrets = Database(scratch.resolved_database_url), LocalBell(), load_secrets(scratch)
        keys = StandardKeyStore(db, secrets.master, clock)
        events = EventLog(db, keys, bell, clock)
        account = await Accounts(db, keys, clock, secrets.cookie).create_anonymous()
        owner = Owner(account.id, account.tier, account.scope)
        opening = open_executor(scratch, db, keys, events, bell, clock, build_graph, catalogue, work=outcome)
        async with opening as executor:
            darkroom = ExecutorDarkroom(executor.runs, executor.assets, db, events, owner) if outcome else None
            yield executor.pool, darkroom
        await db.close()


async def _planner(
    name: str, settings: Settings, encoder: Encoder, clock: Clock, catalogue: Catalogue, stack: AsyncExitStack
) -> Planner:
    if name == "embedded":
        embedded = EmbeddedPlanner(encoder)
        await embedded.prepare()
        return embedded
    from agent.llm.assembly import open_llm_planner

    opening = open_llm_planner(settings, provider_environment(), clock, tools=catalogue.search)
    llm = await stack.enter_async_context(opening)
    await llm.prepare()
    return llm


async def _capabilities(pool: Pool, clock: Clock) -> Sequence[Capabilities]:
    deadline = clock.monotonic() + POOL_WAIT_S
    while not pool.capabilities() or any(capabilities.unknown for capabilities in pool.capabilities()):
        if clock.monotonic() > deadline:
            raise NothingToPlanFor
        await clock.sleep(0.1)
    return pool.capabilities()
