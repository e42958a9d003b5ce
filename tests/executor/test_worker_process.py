"""`stationthis worker` as an operator runs it: apart from who asks, on one PostgreSQL and one Redis."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from accounts.tables import accounts
from base.clock import SystemClock
from base.ids import new_id
from base.settings import Settings
from evals.servers import redis_server
from executor.assembly import Executor, Ground, open_executor, open_ground
from executor.model import Owner, Tag
from executor.tables import jobs
from executor.testing import FaultyComfy
from tests.builds import seed
from tests.databases import PostgresTemplate
from tests.executor.conftest import create, eventually
from tests.patience import PATIENCE_S, STARTING_S
from tests.server import program_environment
from tools.index import ToolIndex
from tools.model import Plan
from tools.service import ToolCatalogue, build_graph, load_tools
from tools.testing import HashEncoder

ROOT = Path(__file__).resolve().parents[2]
OWNER = Owner("account-1", "standard", "conversation-1")


@dataclass
class House:
    """Whoever asks, and the settings that the processes share."""

    ground: Ground
    executor: Executor
    environment: dict[str, str]

    async def start(self, prompt: str) -> str:
        async with self.ground.db.write() as tx:
            plan = Plan(id=new_id(), summary="", steps=(create(prompt=prompt),))
            return await self.executor.runs.start(tx, plan, OWNER, origin="turn:1", correlation_id="c")

    async def until_over(self, run_id: str) -> str:
        async with asyncio.timeout(PATIENCE_S):
            async for event in self.ground.events.follow(f"run:{run_id}"):
                if event.type in ("run.completed", "run.failed", "run.cancelled"):
                    return event.type
        raise AssertionError("unreachable")

    async def command(self, *arguments: str) -> str:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "stationthis", "worker", *arguments, cwd=ROOT, env=self.environment,
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, _ = await process.communicate()
        assert process.returncode == 0
        return out.decode()

    @asynccontextmanager
    async def worker(self, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "stationthis", "worker", *arguments, cwd=ROOT, env=self.environment,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        assert process.stdout is not None
        try:
            async with asyncio.timeout(STARTING_S):
                assert b"works on" in await process.stdout.readline()
            yield process
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


@pytest.fixture
async def house(
    postgres_template: PostgresTemplate, tmp_path: Path, comfy: FaultyComfy
) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        url = stack.enter_context(postgres_template.copy())
        redis = stack.enter_context(redis_server(tmp_path / "redis"))
        settings = Settings(
            data=tmp_path / "data", database_url=url, redis_url=redis.url, comfy_urls=(comfy.url,), _env_file=None
        )
        seed(settings.data)
        ground = await open_ground(settings, SystemClock(), stack)
        async with ground.db.write() as tx:
            now = ground.clock.now()
            await tx.execute(insert(accounts).values(id=OWNER.account_id, tier=OWNER.tier, created_at=now, seen_at=now))
            await ground.keys.create(tx, OWNER.scope, OWNER.account_id, OWNER.tier)
        catalogue = ToolCatalogue(load_tools(), ToolIndex(HashEncoder(), None))
        opening = open_executor(
            settings, ground.db, ground.keys, ground.events, ground.bell, ground.clock, build_graph, catalogue,
            work=False, meet=False,
        )  # fmt: skip
        executor = await stack.enter_async_context(opening)
        environment = {
            **program_environment(settings.data), "STATIONTHIS_DATABASE_URL": url, "STATIONTHIS_REDIS_URL": redis.url,
            "STATIONTHIS_COMFY_URLS": comfy.url,
        }  # fmt: skip
        yield House(ground, executor, environment)


async def test_a_worker_that_is_told_to_go_hands_over_and_one_that_is_drained_ends(house: House, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with house.worker() as first:
        held = await house.start("an owl")
        await eventually(lambda: comfy.running is not None)
        [listed] = json.loads(await house.command("status", "--json"))["workers"]
        assert (listed["pid"], listed["wanted"], listed["jobs"]) == (first.pid, "active", 1)
        first.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(first.wait(), PATIENCE_S) == 0
    async with house.worker() as second:
        comfy.hold.set()
        assert await house.until_over(held) == "run.completed"
        await house.command("pause")
        late = await house.start("a late owl")
        assert [worker["wanted"] for worker in await house.executor.operations.workers()] == ["paused"]
        assert len(comfy.prompts) == 1
        await house.command("resume")
        assert await house.until_over(late) == "run.completed"
        await house.command("drain")
        assert await asyncio.wait_for(second.wait(), PATIENCE_S) == 0
    assert len(comfy.prompts) == 2


async def test_a_dead_letter_is_tried_again_from_the_command_line(house: House, comfy: FaultyComfy) -> None:
    comfy.raises = {"exception_type": "RuntimeError", "exception_message": "CUDA error: unknown\n"}
    async with house.worker():
        assert await house.until_over(await house.start("an owl")) == "run.failed"
        comfy.raises = None
        [letter] = json.loads(await house.command("dead", "list", "--json"))
        assert (letter["error_code"], letter["attempts"], letter["facts"]) == ("gpu_failed", 2, None)
        shown = await house.command("dead", "show", letter["id"])
        assert "gpu_failed" in shown
        assert "an owl" not in shown
        again = json.loads(await house.command("dead", "retry", letter["id"], "--json"))["run_id"]
        assert await house.until_over(again) == "run.completed"
        comfy.raises = {"exception_type": "RuntimeError", "exception_message": "CUDA error: unknown\n"}
        assert await house.until_over(await house.start("another owl")) == "run.failed"
        [other], _ = await house.executor.dead_letters.page(None, 2)
        assert await house.command("dead", "drop", other.id) == "Dropped.\n"
        assert json.loads(await house.command("dead", "list", "--json")) == []


async def test_a_worker_of_one_tag_leaves_other_jobs_alone(house: House) -> None:
    await house.start("an owl")
    own = await house.start("a film of an owl")
    async with house.ground.db.write() as tx:
        await tx.execute(update(jobs).where(jobs.c.run_id == own).values(tag=Tag.VIDEO))
    async with house.worker("--tag", "video"):
        assert await house.until_over(own) == "run.completed"
        [worker], queue = await house.executor.operations.workers(), await house.executor.operations.queue()
    assert worker["tags"] == ["video"]
    assert [(group["tag"], group["status"], group["jobs"]) for group in queue["groups"]] == [("default", "queued", 1)]
