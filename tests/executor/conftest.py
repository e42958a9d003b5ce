"""A studio floor for the executor's tests: a database, keys, the catalogue, and an executor that is opened on demand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from base.bell import Bell, LocalBell
from base.clock import SystemClock
from base.db import Database
from base.events import Event, EventLog
from base.ids import new_id
from base.redis import open_client
from base.redis_bell import open_bell
from base.settings import Limits, Settings
from base.testing import MemoryKeyStore
from evals.servers import redis_server
from executor.assembly import Executor, open_executor
from executor.model import Owner, Tag
from executor.pace import Pace
from executor.testing import QUICK, FaultyComfy
from executor.work import Work
from tests.databases import PostgresTemplate
from tests.patience import PATIENCE_S
from tools.index import ToolIndex
from tools.model import Estimate, MediaKind, Plan, Step, Tool
from tools.service import ToolCatalogue, build_graph, load_tools
from tools.testing import HashEncoder

ENDS = ("run.completed", "run.failed", "run.cancelled")
OWNER = Owner("account-1", "standard", "conversation-1")
SECRET = "a lighthouse called Wilhelmina"


@dataclass
class Floor:
    """What one executor needs, and short ways to use it."""

    db: Database
    data: Path
    keys: MemoryKeyStore = field(default_factory=MemoryKeyStore)
    bell: Bell = field(default_factory=LocalBell)
    redis_url: str | None = None
    clock: SystemClock = field(default_factory=SystemClock)

    async def person(self, name: str) -> Owner:
        """Somebody else, with a conversation of their own."""
        owner = Owner(name, "standard", f"conversation-of-{name}")
        async with self.db.write() as tx:
            await self.keys.create(tx, owner.scope, owner.account_id, owner.tier)
        return owner

    @property
    def events(self) -> EventLog:
        return EventLog(self.db, self.keys, self.bell, self.clock)

    @asynccontextmanager
    async def open(
        self, *urls: str, pace: Pace = QUICK, work: bool = True, limits: Limits | None = None, renderer: Any = None,
        tools: Sequence[Tool] = (), fuse: bool = True, do: type[Work] = Work, meet: bool = True,
        tags: Sequence[Tag] = (), **more: Any,
    ) -> AsyncIterator[Executor]:  # fmt: skip
        more = {"redis_url": self.redis_url, **more}
        settings = Settings(data=self.data, comfy_urls=urls, limits=limits or Limits(), _env_file=None, **more)
        catalogue = ToolCatalogue((*load_tools(), *tools), ToolIndex(HashEncoder(), None))
        async with self.db.write() as tx:
            await self.keys.create(tx, OWNER.scope, OWNER.account_id, OWNER.tier)
        async with open_executor(
            settings, self.db, self.keys, self.events, self.bell, self.clock, build_graph, catalogue,
            pace=pace, work=work, renderer=renderer, fuse=fuse, do=do, meet=meet, tags=tags,
        ) as executor:  # fmt: skip
            yield executor

    async def start(self, executor: Executor, *steps: Step, owner: Owner = OWNER, waiting: bool = False) -> str:
        async with self.db.write() as tx:
            plan = Plan(id=new_id(), summary=SECRET, steps=steps, estimate=Estimate(seconds=(1, 3)))
            return await executor.runs.start(
                tx, plan, owner, origin="turn:1", correlation_id="corr-1", waiting=waiting
            )

    async def until(self, run_id: str, *types: str) -> list[Event]:
        """Stored events of a run, up to and with the first of these types."""
        seen: list[Event] = []
        async with asyncio.timeout(PATIENCE_S):
            async for event in self.events.follow(f"run:{run_id}"):
                if event.number is not None:
                    seen.append(event)
                if event.type in (types or ENDS):
                    return seen
        raise AssertionError("unreachable")


def create(id: str = "s1", prompt: str = SECRET, **more: Any) -> Step:
    """A step that samples."""
    return Step(
        id=id, tool="text_to_image", title="Create", params={"prompt": prompt, "steps": 2, "seed": 7},
        outputs={"image": MediaKind.IMAGE}, **more,
    )  # fmt: skip


def resize(id: str, *source: Any, **more: Any) -> Step:
    """A step that halves a picture."""
    return Step(
        id=id, tool="resize_image", title="Resize", params={"factor": 0.5}, inputs={"image": source},
        outputs={"image": MediaKind.IMAGE}, **more,
    )  # fmt: skip


async def eventually(condition: Callable[[], bool], bound_s: float = PATIENCE_S) -> None:
    """Poll until it holds."""
    async with asyncio.timeout(bound_s):
        while not condition():
            await asyncio.sleep(0.005)


@pytest.fixture
async def floor(sqlite: Database, tmp_path: Path) -> Floor:
    """On SQLite."""
    return Floor(sqlite, tmp_path)


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis of this process."""
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server.url


@asynccontextmanager
async def with_redis(database: Database, data: Path, url: str) -> AsyncIterator[Floor]:
    """A floor whose bells ring through an empty Redis."""
    client = open_client(url)
    await client.flushall()
    await client.aclose()
    async with open_bell(url, b"m" * 32, SystemClock()) as bell:
        yield Floor(database, data, bell=bell, redis_url=url)


@pytest.fixture
async def both(database: Database, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Floor]:
    """As a house is run: on SQLite alone, and on PostgreSQL with Redis."""
    if database.is_sqlite:
        yield Floor(database, tmp_path)
        return
    async with with_redis(database, tmp_path, request.getfixturevalue("redis_url")) as floor:
        yield floor


@pytest.fixture
async def ringing(postgres_template: PostgresTemplate, tmp_path: Path, redis_url: str) -> AsyncIterator[Floor]:
    """On PostgreSQL and Redis, where several workers hear of jobs by turns."""
    with postgres_template.copy() as url:
        database = Database(url)
        async with with_redis(database, tmp_path, redis_url) as floor:
            yield floor
        await database.close()


@pytest.fixture
async def shared(postgres_template: PostgresTemplate, tmp_path: Path) -> AsyncIterator[Floor]:
    """On PostgreSQL, where several workers may be that look by themselves: a bell reaches no other process."""
    with postgres_template.copy() as url:
        database = Database(url)
        yield Floor(database, tmp_path)
        await database.close()


@pytest.fixture
async def comfy() -> AsyncIterator[FaultyComfy]:
    """A ComfyUI that behaves until it is told not to."""
    async with FaultyComfy() as server:
        yield server


Opener = Callable[..., AbstractAsyncContextManager[Executor]]
