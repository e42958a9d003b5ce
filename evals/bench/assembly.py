"""An executor in front of one ComfyUI, put together from real parts, with an account to run things for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from sqlalchemy import text

from accounts.service import Accounts
from agent.llm.assembly import open_llm_planner
from agent.planning import Planner
from base import schema
from base.bell import LocalBell
from base.clock import SystemClock
from base.db import Database
from base.events import EventLog
from base.ids import new_id
from base.settings import Limits, Settings, load_settings
from base.testing import MemoryKeyStore
from executor.assembly import Executor, open_executor, open_ground
from executor.model import Cost, Owner
from executor.testing import Crowd, FaultyComfy
from executor.work import Work
from tools.embedding import MiniLmEncoder
from tools.index import ToolIndex
from tools.model import Capabilities, Plan, Tool
from tools.protocols import Encoder, Vectors
from tools.search.vectors import Matrix, Nearest, Qdrant
from tools.service import ToolCatalogue, build_graph, load_tools
from tools.testing import HashEncoder


class Bench:
    """An executor in front of one ComfyUI, and an account to run things for."""

    def __init__(self, executor: Executor, db: Database, events: EventLog, owner: Owner, tool: Tool) -> None:
        self.executor, self.tool, self._db, self._events, self._owner = executor, tool, db, events, owner

    async def capabilities(self) -> Capabilities:
        while True:
            for capabilities in self.executor.pool.capabilities():
                if not capabilities.unknown:
                    return capabilities
            await asyncio.sleep(0.05)

    async def render(self, plans: Sequence[Plan]) -> float:
        """Seconds from handing over all plans to the end of the last."""
        begun = time.monotonic()
        runs = [await self.start(plan) for plan in plans]
        await asyncio.gather(*map(self.ended, runs))
        return time.monotonic() - begun

    async def start(self, plan: Plan) -> str:
        """The id of its run."""
        async with self._db.write() as tx:
            return await self.executor.runs.start(tx, plan, self._owner, origin=None, correlation_id=new_id())

    async def active(self) -> int:
        """Runs that are not over. One question, where a thousand followers would be a load of their own."""
        async with self._db.read() as tx:
            return int(await tx.scalar(text("SELECT count(*) FROM jobs WHERE ended_at IS NULL")))

    async def ended(self, run: str) -> None:
        """Return when it is done."""
        async for event in self._events.follow(f"run:{run}"):
            if event.type == "run.completed":
                return
            if event.type in ("run.failed", "run.cancelled"):
                raise RuntimeError(f"a job ended as {event.type}: {event.data.get('code')}")


@asynccontextmanager
async def open_bench(
    data: Path, *urls: str, database: str | None = None, redis: str | None = None, do: type[Work] = Work, work: bool = True,
    fuse: bool = True,
) -> AsyncIterator[Bench]:
    """A bench with nothing in its database but the account. SQLite and no Redis where none is named; without
    `fuse` every step is a job of its own."""
    many = Limits(queued_jobs=1_000_000, line_seconds_low=1e9, line_seconds=1e9)
    settings = load_settings(data=data, comfy_urls=urls, database_url=database, redis_url=redis, limits=many)
    data.mkdir(parents=True)
    await schema.upgrade(settings.resolved_database_url)
    async with AsyncExitStack() as stack:
        ground = await open_ground(settings, SystemClock(), stack)
        account = await Accounts(ground.db, ground.keys, ground.clock, ground.secrets.cookie).create_anonymous()
        catalogue = ToolCatalogue(load_tools(), ToolIndex(HashEncoder(), data / "cache", None))
        opening = open_executor(
            settings, ground.db, ground.keys, ground.events, ground.bell, ground.clock, build_graph, catalogue,
            renderer=None, do=do, work=work, fuse=fuse,
        )  # fmt: skip
        executor = await stack.enter_async_context(opening)
        owner = Owner(account.id, account.tier, account.scope)
        yield Bench(executor, ground.db, ground.events, owner, catalogue.get("text_to_image"))


class _Nothing(Work):
    """A job that is done at once; what is written about it is what is written about any."""

    async def run(self) -> None:
        bench, claim = self._bench, self.claim
        async with bench.db.write() as tx:
            await bench.lifecycle.running(tx, claim, {})
        async with bench.db.write() as tx:
            await bench.lifecycle.collecting(tx, claim)
        async with bench.db.write() as tx:
            row = await bench.lifecycle.hold(tx, claim)
            await bench.lifecycle.complete(tx, claim, row, claim.step.id, {claim.step.id: Cost(0.0, 0.0)})


class QueueBench:
    """Accepts plans, then works on them."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    async def accept(self, plans: Sequence[Plan]) -> None:
        for plan in plans:
            await self._bench.start(plan)

    async def work(self) -> None:
        """Until all are done."""
        self._bench.executor.worker.start()
        while await self._bench.active():
            await asyncio.sleep(0.05)


@asynccontextmanager
async def open_queue(data: Path, count: int, *, database: str | None, redis: str | None) -> AsyncIterator[QueueBench]:
    """So many servers that are there, and a worker that does nothing with them."""
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(FaultyComfy()) for _ in range(count)]
        opening = open_bench(
            data, *(server.url for server in servers), database=database, redis=redis, do=_Nothing, work=False
        )
        bench = await stack.enter_async_context(opening)
        while not all(instance.up for instance in bench.executor.pool.instances()):
            await asyncio.sleep(0.05)
        yield QueueBench(bench)


@asynccontextmanager
async def open_line(url: str, data: Path, count: int) -> AsyncIterator[tuple[Crowd, Executor]]:
    """Servers that are there, and a worker that only decides."""
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(FaultyComfy()) for _ in range(count)]
        settings = load_settings(data=data, comfy_urls=tuple(server.url for server in servers), database_url=None)
        db, keys, clock, bell = Database(url), MemoryKeyStore(), SystemClock(), LocalBell()
        stack.push_async_callback(db.close)
        owner = Owner("crowd", "standard", "crowd")
        async with db.write() as tx:
            await keys.create(tx, owner.scope, owner.account_id, owner.tier)
        catalogue = ToolCatalogue(load_tools(), ToolIndex(HashEncoder(), None))
        opening = open_executor(
            settings, db, keys, EventLog(db, keys, bell, clock), bell, clock, build_graph, catalogue, renderer=None, work=False
        )
        executor = await stack.enter_async_context(opening)
        while not all(instance.up for instance in executor.pool.instances()):
            await asyncio.sleep(0.02)
        yield Crowd(db, keys, clock, owner), executor


@asynccontextmanager
async def open_catalogue(tools: Sequence[Tool], cache: Path) -> AsyncIterator[ToolCatalogue]:
    """These tools behind the real encoder, indexed."""
    encoder = MiniLmEncoder()
    try:
        catalogue = ToolCatalogue(tuple(tools), ToolIndex(encoder, cache, None))
        await catalogue.prepare()
        yield catalogue
    finally:
        encoder.close()


@asynccontextmanager
async def open_index(tools: Sequence[Tool], around: Callable[[Encoder], Encoder]) -> AsyncIterator[ToolIndex]:
    """These tools indexed, nothing kept; `around` may answer for the encoder."""
    encoder = MiniLmEncoder()
    try:
        index = ToolIndex(around(encoder), None)
        await index.build(tools)
        yield index
    finally:
        encoder.close()


@asynccontextmanager
async def open_model_planner(settings: Settings) -> AsyncIterator[Planner]:
    """The planner of the model that the settings name, without any provider's key."""
    async with open_llm_planner(settings, {}, SystemClock()) as planner:
        yield planner


def near_in_memory(vectors: Vectors) -> dict[str, Nearest]:
    """The stores that need no server, filled with these."""
    from qdrant_client import QdrantClient

    return {"matrix": Matrix(vectors), "qdrant's local mode": Qdrant(QdrantClient(":memory:"), vectors)}
