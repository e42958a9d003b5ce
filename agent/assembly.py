"""The studio put together from its real parts, for whatever converses."""

from __future__ import annotations

import asyncio
import secrets as random_secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial

from accounts.service import Accounts, Idempotency
from agent import store
from agent.commissions import Commissions
from agent.context import Context
from agent.deeds import Deeds
from agent.embedded.planner import EmbeddedPlanner
from agent.ending import Ending
from agent.loop import TurnLoop
from agent.planning import Planner
from agent.protocols import Studio
from agent.service import ConversationService
from agent.spellbook import Spellbook
from agent.spending import ConversationBooks
from agent.taking_up import TakingUp
from agent.understanding import Understanding
from agent.watching import Watching
from base.clock import Clock, SystemClock
from base.ids import new_id
from base.log import get_logger
from base.periodic import Periodic
from base.settings import Settings, provider_environment
from executor.assembly import (
    Executor,
    Ground,
    open_catalogue,
    open_executor,
    open_ground,
    start_periodic,
)
from tools.embedding import MiniLmEncoder
from tools.model import Tool
from tools.protocols import Encoder
from tools.rules import anything_known
from tools.service import ToolCatalogue, build_graph
from tools.shelf.library import OwnTools
from tools.workflows.service import Workflows

log = get_logger(__name__)

MAX_SEED = 2**53 - 1  # what a JavaScript number still holds exactly
POOL_WAIT_S = 20.0  # how long a first message waits for the first instance to be met


@asynccontextmanager
async def open_studio(
    settings: Settings, *, clock: Clock | None = None, encoder: Encoder | None = None, work: bool = True,
    renderer: Sequence[str] | None = (), random: Callable[[], int] | None = None,
    tools: Sequence[Tool] = (),
) -> AsyncIterator[Studio]:  # fmt: skip
    """Open everything and keep it working until the end. Models warm up in the background.

    `encoder`, `random` and further `tools` are for tests; `work=False` leaves jobs to other processes, starts no renderer
    and meets no server; `renderer` are arguments of the embedded renderer, None for none.
    """
    async with AsyncExitStack() as stack:
        ground = await open_ground(settings, clock or SystemClock(), stack)
        encoder = encoder or _own_encoder(stack)
        catalogue = await open_catalogue(settings, encoder, OwnTools(ground.shelf, encoder), tools)
        opening = open_executor(
            settings, ground.db, ground.keys, ground.events, ground.bell, ground.clock, build_graph, catalogue,
            work=work, meet=work, renderer=renderer, link_key=ground.link_key, begins=lambda: _whole(ground, catalogue),
        )  # fmt: skip
        executor = await stack.enter_async_context(opening)
        embedded = EmbeddedPlanner(encoder)
        planners = await _planners(settings, ground, embedded, catalogue, stack)
        warming = asyncio.create_task(_warm(catalogue, embedded, planners))
        stack.callback(warming.cancel)

        async def ready() -> None:
            await ground.recognition.done()
            await asyncio.shield(warming)
            await _until(lambda: anything_known(executor.pool.capabilities()), ground.clock)

        def warm() -> bool:
            return warming.done() and not warming.cancelled()

        spellbook = Spellbook(ground.shelf, executor.assets, catalogue)
        loop = _turn_loop(ground, executor, catalogue, planners, spellbook, ready, warm, random or _any_seed)
        await loop.start()
        stack.push_async_callback(loop.stop)
        studio = _studio(ground, executor, catalogue, spellbook, warm)
        taking_up = TakingUp(ground.db, ground.keys, ground.events, ground.clock, executor.runs, ground.bell.ring)
        start_periodic(ground.periodic, (*executor.upkeep, *_upkeep(studio, taking_up, executor)), stack)
        yield studio


def _upkeep(studio: Studio, taking_up: TakingUp, executor: Executor) -> tuple[Periodic, ...]:
    """What comes round again where people are talked with."""
    return (
        Periodic("idempotency_keys", timedelta(hours=1), studio.idempotency.sweep),
        Periodic("restarted_runs", timedelta(seconds=10), taking_up.take_up),
        Periodic("run_events_trimmed", timedelta(days=1), partial(executor.retention.trim_events, store.read_on)),
        Periodic("runs_trimmed", timedelta(days=1), partial(executor.retention.trim_runs, store.named)),
    )


def _turn_loop(
    ground: Ground, executor: Executor, catalogue: ToolCatalogue, planners: Sequence[Planner], spellbook: Spellbook,
    ready: Callable[[], Awaitable[None]], warm: Callable[[], bool], random: Callable[[], int],
) -> TurnLoop:  # fmt: skip
    db, keys, events, clock, limits = (
        ground.db,
        ground.keys,
        ground.events,
        ground.clock,
        ground.settings.limits,
    )
    owner, ending = new_id(), Ending(keys, events, clock, ground.bell.ring)
    context = Context(db, keys, executor.runs, executor.assets, executor.pool, catalogue, ground.loras, random)
    understanding = Understanding(
        db, keys, events, clock, context, executor.runs, catalogue, planners, limits, ending,
        Deeds(spellbook, ground.shelf), owner,
    )
    watching = Watching(db, keys, events, executor.runs, ending, owner)
    return TurnLoop(
        db, ground.bell, clock, executor.runs, understanding, watching, ending, owner, ready, limits.lease_seconds, warm
    )


def _studio(
    ground: Ground, executor: Executor, catalogue: ToolCatalogue, spellbook: Spellbook, warm: Callable[[], bool]
) -> Studio:
    db, keys, clock = ground.db, ground.keys, ground.clock
    return Studio(
        settings=ground.settings, secrets=ground.secrets, clock=clock, db=db,
        accounts=Accounts(db, keys, clock, ground.secrets.cookie, ground.settings.limits),
        idempotency=Idempotency(db, keys, clock),
        conversations=ConversationService(
            db, keys, ground.events, clock, executor.runs, executor.assets, ground.settings.limits, ground.bell.ring,
            executor.forgotten,
        ),
        runs=executor.runs, assets=executor.assets, pool=executor.pool, catalogue=catalogue, shelf=ground.shelf,
        spellbook=spellbook, warm=warm, registrations=ground.registrations, loras=ground.loras,
        operations=executor.operations,
        workflows=Workflows(ground.shelf, executor.pool.facts, clock, ground.settings.allowed_nodes),
        commissions=Commissions(
            db, executor.runs, executor.assets, executor.pool, catalogue, ground.settings.limits, _any_seed
        ),
        dead_letters=executor.dead_letters,
    )  # fmt: skip


def _any_seed() -> int:
    return random_secrets.randbelow(MAX_SEED)


def _own_encoder(stack: AsyncExitStack) -> MiniLmEncoder:
    encoder = MiniLmEncoder()
    encoder.begin()
    stack.callback(encoder.close)
    return encoder


async def _planners(
    settings: Settings, ground: Ground, embedded: EmbeddedPlanner, catalogue: ToolCatalogue, stack: AsyncExitStack
) -> tuple[Planner, ...]:
    """The language model first where one is named; the embedded planner stands in for it, saying so."""
    if settings.model is None:
        return (embedded,)
    from agent.llm.assembly import open_llm_planner

    books = ConversationBooks(ground.db)
    opening = open_llm_planner(settings, provider_environment(), ground.clock, books, catalogue.search)
    llm = await stack.enter_async_context(opening)
    return (llm, embedded)


async def _whole(ground: Ground, catalogue: ToolCatalogue) -> None:
    """Before any job is taken: this process belongs here, and knows all tools that it will know."""
    await ground.recognition.done()
    await catalogue.whole()


async def _warm(catalogue: ToolCatalogue, embedded: EmbeddedPlanner, planners: Sequence[Planner]) -> None:
    await catalogue.prepare()
    await embedded.prepare()
    for planner in planners:
        if planner is not embedded:
            await planner.prepare()
    log.info("models_warm")


async def _until(condition: Callable[[], bool], clock: Clock) -> None:
    """Wait a bounded time; what is not there then is reported by whoever needs it."""
    deadline = clock.monotonic() + POOL_WAIT_S
    while not condition() and clock.monotonic() < deadline:
        await clock.sleep(0.1)
